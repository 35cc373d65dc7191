use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let class = image -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }
}

fn main() -> Result<(), Error> {
    let samples = DigitsSamples::default();
    let mut trainer = Trainer::new(Digits::new(42), Adam::new(1e-3));
    let history = trainer.fit(&samples).epochs(20);
    history.save_csv("history.csv")?;
    let history = trainer.fit(&samples).epochs(20)?;
    history.save_csv("history.csv")
}
