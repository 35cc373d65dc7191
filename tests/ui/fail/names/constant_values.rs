use net_runtime::prelude::*;

network! {
    const HALF: usize = 7 / 2;
    const BIG: usize = 9223372036854775807 * 2;
    const NONE: usize = 3 - 3;
    const BY: usize = 1 / (2 - 2);
    const HUGE: usize = 99999999999999999999;
    const LARGE: usize = 3_000_000_000;
    const PART: usize = 0.5;
    const CHAIN: usize = relu -> tanh;
    const OTHER: usize = config::OTHER;
    const PAIR: usize = (2, 2);

    network Digits(image: [HALF, BIG, NONE]) -> (class: [BY]) {
        let class = image -> Flatten -> Dense(HUGE) -> Dense(LARGE) -> Dense(PART) -> Dense(CHAIN) -> Dense(OTHER) -> Dense(PAIR);
    }
}

fn main() {}
