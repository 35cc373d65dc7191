use net_runtime::prelude::*;

network! {
    /// How many classes there are.
    #[cfg(feature = "large")]
    const CLASSES: usize = 10;
    const WIDTH: u32 = 3;
    const HEIGHT: usize = ;
    const CHANNELS: usize 3;
    const FILTERS = 32;
    static UNITS: usize = 64;

    network Digits(image: [WIDTH, HEIGHT, CHANNELS]) -> (class: [CLASSES]) {
        let class = image -> Conv2d(FILTERS, 3) -> Flatten -> Dense(CLASSES);
    }
}

fn main() {}
