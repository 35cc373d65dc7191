//! tract, which runs ONNX files, with threads for its products.

use rivals::{Mode, Network, Step, onnx_file};
use tract_linalg::multithread::{Executor, set_default_executor};
use tract_onnx::prelude::*;

fn main() {
    set_default_executor(Executor::multithread(rivals::threads()));
    rivals::time("tract", |network, mode, batch| {
        (mode == Mode::Infer).then(|| step(network, batch).expect("the file's layers are known"))
    });
}

fn step(network: Network, batch: usize) -> TractResult<Step> {
    let model = tract_onnx::onnx().model_for_path(onnx_file(network, batch))?.into_optimized()?.into_runnable()?;
    let inputs = network.inputs(batch).into_iter().map(|shape| {
        let values: Vec<f32> =
            (0..shape.iter().product::<usize>()).map(|index| (index % 1009) as f32 / 1009.0).collect();
        Ok(Tensor::from_shape(&shape, &values)?.into_tvalue())
    });
    let inputs: TVec<TValue> = inputs.collect::<TractResult<_>>()?;
    Ok(Box::new(move || drop(model.run(inputs.clone()).expect("shapes fit"))))
}
