use net_runtime::prelude::*;

network! {
    pub network Detector(image: [64, 64, 3]) -> (class: [10], location: [4]) {
        layer eye = Conv2d(8, 3) -> relu -> Conv2D(16, 3);
        let features = image -> Conv2d(32, 3) -> relu -> Frobnicate(2) -> Conv2d(64, 3) -> Flatten;
        let class = features -> Dense(64) -> relu -> Dense(10) -> softmax;
        let location = (features -> Dense(64, name = own), image -> eye) -> Concat -> Dense(4);
        loss class: CategoricalCrossentropy;
        loss location: MeanSquaredError;
    }
}

fn main() -> Result<(), Error> {
    let mut net = Detector::new(42);
    let _ = net.features_conv2d.kernel.values();
    let _ = net.features_conv2d_2.kernel.values();
    let _ = net.class_dense.bias.values();
    let _ = net.class_dense_2.kernel.values();
    net.own.kernel.values_mut().fill(0.0);
    net.location_dense.bias.values_mut().fill(0.0);
    Ok(())
}
