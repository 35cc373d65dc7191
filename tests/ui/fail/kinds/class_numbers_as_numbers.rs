use net_runtime::prelude::*;

network! {
    network Reader(text: u32[40]) -> (positive: [1]) {
        let hidden = text -> Dense(32) -> relu;
        let positive = hidden -> Dense(1) -> sigmoid;
    }

    network Activated(text: u32[40], metadata: [40]) -> (positive: [1]) {
        let both = (metadata, text) -> Concat;
        let positive = both -> Dense(1) -> sigmoid;
    }
}

fn main() {}
