//! Every layer, with its arguments by place and by name.

#![deny(warnings)]

use net_runtime::prelude::*;

network! {
    const SIDE: usize = 12;

    /// Every layer over images.
    network Images(image: [SIDE, SIDE + 2, 3], _ids: u32[4]) -> (pooled: [16], map: [SIDE, SIDE + 2, 4]) {
        let small = image -> Conv2d(4, 3) -> relu -> MaxPool2d -> AvgPool2d(size = 2, stride = (1, 1), padding = same);
        let wide = image
            -> ZeroPad2d(1)
            -> ZeroPad2d((0, 1))
            -> ZeroPad2d(((1, 0), (0, 1)))
            -> Conv2d(filters = 4, kernel = (3, 2), stride = 1, padding = valid, dilation = 2, bias = false)
            -> leaky_relu(0.1);
        let pooled = (
            small -> GlobalAvgPool2d,
            small -> GlobalMaxPool2d,
            wide -> GlobalAvgPool2d -> Dropout(0.5),
            small -> Flatten -> Dense(4, bias = false),
        ) -> Concat;
        let map = image -> Conv2d(4, 1, name = last);
    }

    /// Every merge and every function.
    network Vectors(x: [6], y: [6]) -> (z: [3, 2], w: [6], row: [2, 6]) {
        let a = (x, y) -> Add -> elu(0.5) -> selu;
        let b = (x, y) -> Sub -> hard_sigmoid;
        let c = (x -> silu, y -> softplus, a) -> Mul;
        let d = (x -> tanh, y -> gelu(approximate = true), b) -> Average;
        let e = ((x, y) -> Maximum, (c, d) -> Minimum) -> Add -> sigmoid;
        let z = e -> Reshape(2, -1) -> Permute(features, steps) -> Permute(1, 0) -> Permute((-1, 0));
        let w: [6] = (e) -> softmax;
        let row = (x -> Reshape(1, 6), y -> Reshape((1, 6))) -> Concat(axis = steps);
    }
}

pub fn main() -> Result<(), Error> {
    let (image, ids) = (Batch::zeros(2), Batch::zeros(2));
    let images = ImagesInputs { image: image.view(), _ids: ids.view() };
    assert_eq!(Images::new(1).predict(images)?.map.len(), 2);
    let (x, y) = (Batch::zeros(2), Batch::zeros(2));
    let vectors = VectorsInputs { x: x.view(), y: y.view() };
    assert_eq!(Vectors::new(1).predict(vectors)?.row.len(), 2);
    Ok(())
}
