use net_runtime::prelude::*;

network! {
    network Echo(text: u32[8]) -> (same: [8]) {
        let same = text -> Flatten;
    }
}

fn main() {}
