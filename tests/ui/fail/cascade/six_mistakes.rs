//! Six independent mistakes: six errors, none about what is generated.

use net_runtime::prelude::*;

network! {
    pub network Detector(image: [64, 64, 3]) -> (class: [10], location: [4], count: [1]) {
        let features = image
            -> Conv2d(128, 3, strides = 2) -> relu -> MaxPool2d(2)
            -> Flatten;
        let skip = image -> Conv2D(128, 3) -> relu;
        let main = image -> Conv2d(128, 3) -> relu;
        let short = image -> Conv2d(64, 3) -> relu;
        let sum = (main, short) -> Add -> Flatten;

        let class = (features, skip) -> Concat -> Dense(64) => Dense(10);
        let location = (sum, featurs) -> Concat -> Dense(4) -> sigmoid;
        let count = image -> Flatten -> Dense(2);

        loss class: CategoricalCrossentropy;
        loss location: 2.0 * MeanSquaredError;
        loss count: MeanSquaredError;
    }
}

fn main() -> Result<(), Error> {
    println!("{}", Detector::summary());
    let samples = DetectorSamples::default();
    let mut trainer = Trainer::new(Detector::new(42), Adam::new(1e-3));
    trainer.fit(&samples).run()?;
    let found = trainer.into_network().predict(&samples.image)?;
    println!("{:?}, {:?}", found.class, found.location);
    Ok(())
}
