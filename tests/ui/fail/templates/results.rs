use net_runtime::prelude::*;

network! {
    block both(x) { (x -> Dense(3), x -> Dense(2)) }
    block swap(a, b) { (b, a) }
    block merge(a, b) { (a, b) -> Add }

    network Net(image: [3], other: [4]) -> (class: [4], rest: [3]) {
        let one = image -> both;
        let (first, second) = image -> both -> both;
        let three = (a = image, c = other) -> merge;
        let (class, rest) = (image, other) -> swap;
        let four = (one, first, second, three) -> Concat;
    }
}

fn main() {}
