//! A loss that is wrong still makes a network that can be trained.

use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let class = image -> Dense(10) -> softmax;
        loss class: CrossEntropy;
    }
}

fn main() -> Result<(), Error> {
    let samples = DigitsSamples { image: Batch::zeros(3), class: Batch::zeros(3) };
    let mut trainer = Trainer::new(Digits::new(42), Adam::new(1e-3));
    trainer.fit(&samples).run()?;
    Ok(())
}
