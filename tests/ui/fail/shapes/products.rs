use net_runtime::prelude::*;

network! {
    network Twins(a: [8], b: [7], m: [3, 8]) -> (c: [1], d: [3, 3], e: [1], f: [1]) {
        let c = (a, b) -> Dot;
        let d = (m, a) -> Matmul;
        let e = (a, b) -> Distance;
        let f = (a, a) -> Dot(axes = (0, 0, 0));
    }
}

fn main() {}
