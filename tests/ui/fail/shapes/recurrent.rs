use net_runtime::prelude::*;

network! {
    network Reader(row: [8], steps: [6, 5], h: [7], c: [9]) -> (last: [7], other: [7], masked: [7]) {
        let last = row -> Lstm(7);
        let other = (steps, h, c) -> Lstm(7);
        let masked = (steps, mask = h) -> Gru(7);
    }

    network Stacked(steps: [6, 5]) -> (last: [7]) {
        let last = steps -> Lstm(16) -> Lstm(7);
    }
}

fn main() {}
