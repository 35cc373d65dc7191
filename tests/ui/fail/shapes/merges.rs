use net_runtime::prelude::*;

network! {
    network Three(image: [8, 6, 3]) -> (class: [10]) {
        let small = image -> MaxPool2d(2);
        let flat = image -> Flatten;
        let a = (image, image, small) -> Average;
        let b = (image, flat) -> Maximum;
        let c = (image, small) -> Minimum;
        let class = (a, b, c) -> Sub -> Flatten -> Dense(10);
    }
}

fn main() {}
