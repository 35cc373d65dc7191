//! rten, which runs ONNX files, with its weights packed when they are loaded. The environment variable `ONNX_FILES` names the
//! folder into which `in_onnx.py` has written them.

use std::path::Path;

use rivals::{Mode, Step};
use rten::{DataType, Dimension, ModelOptions, Value, ValueOrView, ValueType};

fn main() {
    rivals::time("rten", |network, mode, batch| (mode == Mode::Infer).then(|| step(network, batch)));
}

fn step(network: &str, batch: usize) -> Step {
    let folder = std::env::var_os("ONNX_FILES").expect("ONNX_FILES names the folder that in_onnx.py has written");
    let path = Path::new(&folder).join(format!("{network}-{batch}.onnx"));
    let mut options = ModelOptions::with_all_ops();
    let model = options.prepack_weights(true).load_file(&path);
    let model = model.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let inputs: Vec<Value> = model
        .input_ids()
        .iter()
        .map(|&id| {
            let input = model.node_info(id).expect("an input is a node");
            let length = |dimension| match dimension {
                Dimension::Fixed(length) => length,
                Dimension::Symbolic(name) => panic!("the length of `{name}` is not fixed"),
            };
            let shape: Vec<usize> = input.shape().expect("files tell shapes").into_iter().map(length).collect();
            let indices = 0..shape.iter().product::<usize>();
            match input.dtype() {
                Some(ValueType::Tensor(DataType::Int32)) => {
                    Value::from_shape::<i32>(&shape, indices.map(|index| (index % 1009) as i32).collect()).ok()
                }
                _ => Value::from_shape::<f32>(&shape, indices.map(|index| (index % 1009) as f32 / 1009.0).collect()).ok(),
            }
            .expect("whole samples")
        })
        .collect();
    Box::new(move || {
        let inputs = model.input_ids().iter().copied().zip(inputs.iter().map(ValueOrView::from)).collect();
        drop(model.run(inputs, model.output_ids(), None).expect("shapes fit"));
    })
}
