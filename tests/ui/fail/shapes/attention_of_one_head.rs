use net_runtime::prelude::*;

network! {
    network Reader(x: [6, 8], other: [7, 4], same: [7, 8], seen: [7]) -> (a: [6, 4], b: [6, 8]) {
        let a = (x, other) -> AdditiveAttention;
        let b = (x, same, mask = seen, query_mask = seen) -> Attention(scale = true);
    }
}

fn main() {}
