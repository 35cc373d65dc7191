use net_runtime::prelude::*;

network! {
    network Digits(image: [28, 28, 1]) -> (class: [10]) {
        let class = image -> Conv2d(filters = 4.5, kernel_size = (3, 0), strides = 0.5, padding = "SAME", color = 3)
            -> Flatten -> Dense(10);
    }
}

fn main() {}
