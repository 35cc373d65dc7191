use net_runtime::prelude::*;

network! {
    network Line(x: [1]) -> (y: [1]) {
        let y = x -> Dense(1);
        loss y: MeanSquaredError;
    }
}

fn main() -> Result<(), Error> {
    let mut net = Line::new(1);
    let gradients = LineGradients::zeros();
    let mut adam = Adam::new(1e-3);
    adam.step(&mut net, &gradients)?;
    Sgd::new(1e-3).step(&mut net, &gradients)
}
