use net_runtime::prelude::*;

network! {
    network Stereo(left: [64], right: [64]) -> (distance: [1]) {
        let distance = (left, right) -> Concat -> Dense(1);
    }

    network Reader(row: [32]) -> (value: [1]) {
        let value = row -> Dense(1);
    }

    network Robot(front: [64], back: [64], small: [32]) -> (all: [8]) {
        let a = front -> Stereo;
        let b = (front, back, small) -> Stereo;
        let c = (front, small) -> Stereo;
        let d = (left = front, rigth = back) -> Stereo;
        let e = (left = front, left = back) -> Stereo;
        let f = (left = front, back) -> Stereo;
        let g = (front, back -> Dense(32)) -> Stereo;
        let h = small -> relu -> Dense(16) -> Reader;
        let all = (a, b, c, d, e, f, g, h) -> Concat;
    }
}

fn main() {}
