use net_runtime::prelude::*;

network! {
    network Film(pictures: [16, 32, 32, 3], row: [8], few: [4, 8]) -> (kind: [5]) {
        let numbers = pictures -> TimeDistributed(3);
        let dense = pictures -> TimeDistributed(Dense(4));
        let one = row -> TimeDistributed(Dense(4));
        let joined = (pictures -> Reshape(16, 3072), few) -> TimeDistributed(Concat);
        let after = row -> Dense(4) -> TimeDistributed(relu);
        let named = pictures -> TimeDistributed(Flatten, name = 3);
        let large = pictures -> TimeDistributed(Conv2d(8, 33));
        let unlike = few -> Bidirectional(Lstm(5, sequences = true), backward = Lstm(5));
        let kind = (numbers, dense, one, joined, after, named, large, unlike) -> Concat -> Dense(5);
    }
}

fn main() {}
