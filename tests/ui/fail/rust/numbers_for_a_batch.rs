use net_runtime::ndarray::Array3;
use net_runtime::prelude::*;

network! {
    network Digits(image: [28, 28, 1]) -> (class: [10]) {
        let class = image -> Flatten -> Dense(10) -> softmax;
        loss class: SparseCategoricalCrossentropy;
    }
}

fn main() -> Result<(), Error> {
    let digits = Digits::new(42);
    let pixels = vec![0.0_f32; 784];
    let _ = digits.predict(&pixels)?;
    let _ = digits.predict(&pixels[..])?;
    let image = Array3::<f32>::zeros((28, 28, 1));
    let _ = digits.predict(&image)?;
    let mut workspace = DigitsWorkspace::new(1);
    let _ = digits.predict_into(pixels, &mut workspace)?;
    let _ = digits.forward([0.0; 784], Mode::Training, &mut workspace)?;
    let mut gradients = DigitsGradients::zeros();
    digits.backward(&image, [0.0; 10], &mut workspace, &mut gradients)
}
