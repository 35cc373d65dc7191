use net_runtime::prelude::*;

network! {
    network Digits(image: [28, 28, 1]) -> (class: [10]) {
        let features = image -> Conv2d(4, 3, data_format = channels_last, padding_mode = zeros, kernel_initializer = "he_normal");
        let class = features -> Flatten(start_dim = 1) -> Dense(10) -> softmax(dim = 1);
        loss class: CategoricalCrossentropy(from_logits = true);
    }
}

fn main() {}
