//! Announcements with too few and too many inputs and outputs.

mod models {
    net_runtime::network! {
        pub network Encoder(image: [8, 8, 3]) -> (code: [8], map: [4, 4, 4]) {
            let map = image -> Conv2d(4, 3, padding = same) -> MaxPool2d(2);
            let code = map -> GlobalAvgPool2d -> Dense(8);
        }

        pub network Double(x: [4]) -> (y: [4]) {
            let y = (x, x) -> Add;
        }
    }
}

net_runtime::network! {
    extern network models::Encoder(image: [8, 8, 3]) -> (code: [8]);
    extern network models::Double(x: [4], factor: [1]) -> (y: [4]);

    network Outer(image: [8, 8, 3], x: [4], two: [1]) -> (y: [3]) {
        let y = (image -> Encoder, (x, two) -> Double) -> Concat -> Dense(3);
    }
}

fn main() {
    println!("{}", Outer::summary());
}
