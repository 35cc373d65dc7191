use net_runtime::prelude::*;

network! {
    network Film(film: [6, 8, 8, 5], rows: [6, 8, 5], h: [8, 8, 4], c: [6, 6, 4])
        -> (a: [6, 6, 4], b: [6, 4], last: [6, 6, 4], more: [6, 6, 8]) {
        let a = rows -> ConvLstm2d(4, 3);
        let b = film -> ConvLstm1d(4, 3);
        let last = (film, h, c) -> ConvLstm2d(4, 3);
        let more = (film, c, c) -> ConvLstm2d(8, 3);
    }
}

fn main() {}
