//! rten, which runs ONNX files, with its weights packed when they are loaded.

use rivals::{Mode, Network, Step, onnx_file};
use rten::{ModelOptions, Value, ValueOrView};

fn main() {
    rivals::time("rten", |network, mode, batch| (mode == Mode::Infer).then(|| step(network, batch)));
}

fn step(network: Network, batch: usize) -> Step {
    let path = onnx_file(network, batch);
    let mut options = ModelOptions::with_all_ops();
    let model = options.prepack_weights(true).load_file(&path);
    let model = model.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let inputs: Vec<Value> = network
        .inputs(batch)
        .iter()
        .map(|shape| {
            let values = (0..shape.iter().product::<usize>()).map(|index| (index % 1009) as f32 / 1009.0).collect();
            Value::from_shape::<f32>(shape, values).expect("whole samples")
        })
        .collect();
    Box::new(move || {
        let inputs = model.input_ids().iter().copied().zip(inputs.iter().map(ValueOrView::from)).collect();
        drop(model.run(inputs, model.output_ids(), None).expect("shapes fit"));
    })
}
