use net_runtime::prelude::*;

network! {
    pub network Detector(image: [64, 64, 3]) -> (class: [10], location: [5]) {
        let features = image
            -> Conv2d(128, 3) -> relu -> MaxPool2d(2)
            -> Conv2d(256, 3) -> relu -> MaxPool2d(2)
            -> Flatten;

        let class = features -> Dense(64) -> relu -> Dense(10) -> softmax;
        let location = features -> Dense(64) -> relu -> Dense(4) -> sigmoid;

        loss class: CategoricalCrossentropy;
        loss location: 2.0 * MeanSquaredError;
        metric class: Accuracy;
    }
}

fn main() {
    println!("{}", Detector::summary());
    let net = Detector::new(1);
    let _ = net.predict(&Batch::zeros(3)).unwrap().class;
}
