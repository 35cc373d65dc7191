use net_runtime::prelude::*;

network! {
    network Reader(x: [3, 8], h: [5], few: [4]) -> (y: [2]) {
        layer shared = Lstm(5);
        let a = x -> Bidirectional(Dense(5));
        let b = x -> shared;
        let c = x -> Bidirectional(shared);
        let d = x -> Bidirectional(Lstm(5) -> relu);
        let e = x -> Bidirectional(Lstm(5, reverse = true));
        let f = x -> Bidirectional(Lstm(5), backward = Gru(5));
        let g = x -> Bidirectional(Lstm(5), merge = average);
        let i = x -> Bidirectional(Lstm(5), backward = Lstm(6), merge = sum);
        let j = (x, h) -> Bidirectional(Gru(5));
        let k = (x, state = h) -> Bidirectional(Gru(5));
        let l = (x, forward_h = h) -> Bidirectional(Lstm(5));
        let m = (x, mask = few) -> Bidirectional(Lstm(5));
        let y = (a, b, c, d, e, f, g, i, j, k, l, m) -> Concat -> Dense(2);
    }
}

fn main() {}
