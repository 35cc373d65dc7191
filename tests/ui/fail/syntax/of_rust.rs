use net_runtime::prelude::*;

network! {
    use crate::Something;
    static SIZE: usize = 8;
    pub const WIDTH: usize = 3;

    network Digits(image: [SIZE, WIDTH]) -> (class: [10]) {
        const CLASSES: usize = 10;
        let flat = image -> Flatten;
        let class = if true { flat } else { flat };
        var last = flat -> Dense(CLASSES);
        flat -> Dense(10);
        last
    };
}

fn main() {}
