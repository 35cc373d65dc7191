use net_runtime::prelude::*;

network! {
    network Detector(image: [64]) -> (class: [10], location: [4]) {
        let class = image -> Dense(10) -> softmax;
        let location = image -> Dense(4) -> sigmoid;
    }
}

fn main() -> Result<(), Error> {
    let net = Detector::new(42);
    let found = net.predict(&Batch::zeros(3))?;
    let _ = found.klass;
    let location: Batch<Shape1<2>> = found.location;
    let _ = location;
    let _ = net.class_conv2d;
    let _ = net.class_dense.weights;
    Ok(())
}
