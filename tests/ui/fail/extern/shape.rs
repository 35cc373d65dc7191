//! Inputs and outputs that are announced with other shapes, names or elements than they have.

mod models {
    net_runtime::network! {
        pub network Encoder(image: [32, 32, 3]) -> (code: [8], map: [16, 16, 4]) {
            let map = image -> Conv2d(4, 3, padding = same) -> MaxPool2d(2);
            let code = map -> GlobalAvgPool2d -> Dense(8);
        }

        pub network Stereo(left: [4], right: [4], _text: u32[40]) -> (distance: [1]) {
            let distance = (left, right) -> Sub -> Dense(1);
        }
    }
}

net_runtime::network! {
    const CLASSES: usize = 10;

    extern network models::Encoder(image: [64, 64, 3]) -> (code: [CLASSES], map: [256, 4]);
    extern network crate::models::Stereo as Eyes(right: [4], left: [4], _text: [40]) -> (depth: [1]);

    network Outer(image: [64, 64, 3], a: [4], b: [4], words: [40]) -> (y: [2], code: [10], map: [256, 4]) {
        let (code, map) = image -> Encoder;
        let y = (code, (a, b, words) -> Eyes) -> Concat -> Dense(2);
    }
}

fn main() -> Result<(), net_runtime::Error> {
    println!("{}", Outer::summary());
    Outer::new(1).save("outer.safetensors")
}
