use net_runtime::ndarray::{Array1, Array3};
use net_runtime::prelude::*;

network! {
    network Digits(image: [28, 28, 1]) -> (class: [10]) {
        let class = image -> Flatten -> Dense(10) -> softmax;
        loss class: SparseCategoricalCrossentropy;
    }
}

fn main() -> Result<(), Error> {
    let net = Digits::new(1);
    let image = Array3::<f32>::zeros((28, 28, 1));
    net.predict(View::<Shape3<28, 28, 1>>::try_from(&image)?)?;
    net.predict(View::try_from(&image)?)?;
    let row = Array1::<f32>::zeros(784);
    let _ = Batch::<Shape3<28, 28, 1>>::try_from(&row)?;
    Ok(())
}
