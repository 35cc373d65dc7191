use net_runtime::prelude::*;

network! {
    network Reader(steps: [6, 5], h: [7], c: [7], mask: [6]) -> (last: [7], other: [7]) {
        let last = (steps, h) -> Lstm(7);
        let most = (steps, h, c, c, c) -> Lstm(7);
        let unknown = (steps, state = h) -> Lstm(7);
        let twice = (x = steps, steps) -> Lstm(7);
        let nothing = (h = h, c = c) -> Lstm(7);
        let masked = (steps, mask = mask) -> Dense(7);
        let other = (last, most, unknown, twice, nothing, masked) -> Concat;
    }
}

fn main() {}
