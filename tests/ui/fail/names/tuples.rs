use net_runtime::prelude::*;

network! {
    network Joined(left: [8], right: [8]) -> (both: [24]) {
        let nothing = () -> Concat;
        let nested = ((left, right), left) -> Concat;
        let named = (left = left, right = right) -> Concat;
        let both = (nothing, nested, named) -> Concat;
    }
}

fn main() {}
