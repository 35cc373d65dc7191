use net_runtime::prelude::*;

network! {
    network Detector(image: [64]) -> (class: [10], location: [4]) {
        let class = image -> Dense(10);
        let location = image -> Dense(4);
    }

    network Tracker(image: [64]) -> (path: [2], other: [11]) {
        let seen = image -> Detector;
        let (a, b, c) = image -> Detector;
        let d = (image -> Detector, image) -> Concat;
        let e = image -> Detector -> Dense(4);
        let (class, _) = image -> Detector;
        let path = (seen, a, b, c, d, e) -> Concat -> Dense(2);
        let other = (class, class) -> Average;
    }
}

fn main() {}
