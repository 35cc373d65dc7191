use net_runtime::prelude::*;

network! {
    network Digits(left: [8, 3], right: [7, 3]) -> (class: [10], both: [45]) {
        let class = left -> Dense(10);
        let both = (left, right) -> Concat -> Flatten;
    }
}

fn main() {}
