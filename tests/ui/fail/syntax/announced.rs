use net_runtime::prelude::*;

network! {
    extern const config::CLASSES = 10;
    extern network vision::Encoder as Eye(image: [64, 64, 3]) -> (code: [32]);
    extern fn helper();

    block twice(x, const UNITS) {
        let first = x -> Dense(UNITS);
        first -> Dense(UNITS)
    }

    network Digits(image: [64, 64, 3]) -> (class: [CLASSES]) {
        let class = image -> Eye -> twice(CLASSES);
    }
}

fn main() {}
