use net_runtime::prelude::*;

network! {
    network Net(x: [8]) -> (fit: [2], val_fit: [2]) {
        let fit = x -> Dense(2);
        let val_fit = x -> Dense(2);
        loss fit: MeanSquaredError;
        loss val_fit: MeanSquaredError;
    }
}

fn main() {
    // Nothing is said of what uses it.
    let _ = NetSamples::default();
}
