use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let class = image -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }
}

fn main() {
    let samples = DigitsSamples::default();
    let mut trainer = Trainer::new(Digits::new(42), Adam::new(1e-3));
    trainer.fit(&samples).epochs(20);
    trainer.fit(&samples).callback(EarlyStopping::new("loss"));
    // A run that is forgotten is a warning; this is an error, so that the program fails.
    let _: u8 = 256;
}
