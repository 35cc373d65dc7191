use net_runtime::prelude::*;

network! {
    pub network Net(x: [8, 6, 3]) -> (y: [3]) {
        let (a, _) = x -> Split(2);
        let (b, _) = x -> Split((4, 1), axis = height);
        let c = x -> Split(3);
        let (d, _) = x -> Split(300);
        let y = (a, b, c, d) -> Concat -> GlobalAvgPool2d;
    }
}

fn main() {}
