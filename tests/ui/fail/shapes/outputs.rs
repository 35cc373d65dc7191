use net_runtime::prelude::*;

network! {
    network Segmenter(image: [64, 48, 3]) -> (mask: [64, 48, 1], class: [10], code: [8]) {
        let seen = image -> Conv2d(32, 3) -> relu;
        let mask = seen -> Conv2d(1, 3) -> sigmoid;
        let class = seen -> GlobalAvgPool2d -> Dense(10) -> softmax -> Reshape(1, 10);
        let code = seen -> GlobalMaxPool2d;
    }
}

fn main() {}
