use net_runtime::prelude::*;

network! {
    network Inception(image: [8, 6, 3]) -> (class: [10]) {
        let small = image -> MaxPool2d(2);
        let flat = image -> Flatten;
        let a = (image, small) -> Concat;
        let b = (image, flat) -> Concat;
        let c = (image, small) -> Concat(axis = height);
        let d = (image, image) -> Concat(axis = 3);
        let e = (image, image) -> Concat(axis = steps);
        let class = (a, b, c, d, e) -> Concat -> Flatten -> Dense(10);
    }
}

fn main() {}
