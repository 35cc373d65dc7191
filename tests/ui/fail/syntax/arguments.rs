use net_runtime::prelude::*;

network! {
    network Digits(image: [28, 28, 1]) -> (class: [10]) {
        let a = image -> Conv2d(32 3);
        let b = a -> Conv2d[32, 3];
        let c = b -> Conv2d(32u32, 3);
        let d = c -> Conv2d('a', 3);
        let e = d -> Conv2d(32, [3, 3]);
        let f = e -> Conv2d(filters: 32, kernel: 3);
        let g = f -> Conv2d(32, 3, -> relu);
        let h = g -> Dropout(0.5f32);
        let i = h -> Conv2d(-, 3);
        let class = i -> Flatten -> Dense(10) -> softmax;
    }
}

fn main() {}
