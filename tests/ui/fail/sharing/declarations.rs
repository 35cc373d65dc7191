use net_runtime::prelude::*;

network! {
    network Stereo(left: [64], right: [64]) -> (distance: [1]) {
        layer eye = Dens(16) -> relu;
        layer pair = Dense(16) -> Concat;
        layer base = Dense(16);
        layer more = base -> relu;
        let a = left -> eye;
        let b = right -> pair;
        let c = right -> base(3) -> more;
        let distance = (a, b, c) -> Concat -> Dense(1);
    }

    network Valued(left: [64]) -> (distance: [1]) {
        layer eye = left -> Dense(1);
        let distance = left -> eye;
    }
}

fn main() {}
