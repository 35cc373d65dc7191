use net_runtime::prelude::*;

network! {
    extern layer crate::Two(x: [8]) -> (y: [8], z: [8]);
    extern layer crate::Many(a: [1], b: [1], c: [1], d: [1], e: [1], f: [1], g: [1]) -> (y: [8]);
    extern layer crate::Unused(x: [8]) -> (y: [8]);
    extern layer crate::Scale(x: [8]) -> (y: [8]);
    extern layer crate::Merge(a: [8], b: [8]) -> (y: [8]);
    extern loss crate::Dice(x: [8]);

    network Net(x: [8], wide: [9]) -> (y: [8], z: [8]) {
        let y = x -> crate::Scale;
        let a = wide -> Scale;
        let b = x -> Scale(2);
        let c = x -> Merge;
        let d = (x, a = x) -> Merge;
        let (e, f) = x -> Scale;
        let z = (a, b, c, d, e, f) -> Add -> Scael;
    }
}

fn main() {}
