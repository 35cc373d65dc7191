use net_runtime::prelude::*;

network! {
    network Begun(image: [8, 8, 3]) -> (y: [4]) {
        layer eye = Conv2d(4, 3, init = identity);
        let y = image -> eye -> Flatten -> Dense(4, bias_init = orthogonal);
    }
}

fn main() {}
