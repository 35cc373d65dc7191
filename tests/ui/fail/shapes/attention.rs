use net_runtime::prelude::*;

network! {
    network Reader(x: [6, 8], other: [7, 4], row: [8], seen: [6]) -> (a: [6, 8], b: [6, 8], c: [6, 8], d: [6, 8], e: [6, 8]) {
        let a = (x, row) -> MultiHeadAttention(heads = 2, key_dim = 4);
        let b = (x, other, x) -> MultiHeadAttention(heads = 2, key_dim = 4);
        let c = (x, other, mask = seen) -> MultiHeadAttention(heads = 2, key_dim = 4);
        let d = x -> GroupQueryAttention(heads = 4, key_heads = 3, key_dim = 4);
        let e = x -> MultiHeadAttention(4, 16);
    }
}

fn main() {}
