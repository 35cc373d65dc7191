use net_runtime::prelude::*;

network! {
    pub network Net(x: [8, 6], image: [8, 6, 3], row: [6]) -> (y: [2]) {
        let a = x -> Slice(2, 9) -> Flatten;
        let b = x -> Slice(5, 2, axis = steps) -> Flatten;
        let c = x -> Repeat(3) -> Flatten;
        let d = (x, row) -> Stack -> Flatten;
        let e = (x, x) -> Stack(axis = 3) -> Flatten;
        let f = image -> SpaceToDepth(4) -> Flatten;
        let g = image -> DepthToSpace(2) -> Flatten;
        let h = image -> Rescaling((1.0, 0.5)) -> Flatten;
        let i = row -> Sum(0);
        let j = image -> Resize(4, 4, interpolation = area) -> Flatten;
        let y = (a, b, c, d, e, f, g, h, i, j) -> Concat -> Dense(2);
    }

    pub network Masked(x: [8, 6], other: [6]) -> (y: [6]) {
        let y = (x, mask = other) -> GlobalAvgPool1d;
    }

    pub network Words(text: u32[4]) -> (y: [2]) {
        let y = text -> CategoryEncoding(5, mode = int) -> Dense(2);
    }
}

fn main() {}
