use net_runtime::prelude::*;

network! {
    const WIDTH: usize = 2 * HEIGHT;
    const HEIGHT: usize = WIDTH / 2;
    const CLASSES: usize = KINDS + 1;
    const KINDS: usize = 9;

    network Net(image: [HEIGHT, WIDTH, 1]) -> (class: [CLASSES]) {
        let class = image -> Flatten -> Dense(CLASSES) -> softmax;
    }
}

fn main() {}
