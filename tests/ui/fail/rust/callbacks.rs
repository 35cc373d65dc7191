use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let class = image -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    network Letters(image: [64]) -> (class: [26]) {
        let class = image -> Dense(26) -> softmax;
        loss class: CategoricalCrossentropy;
    }
}

fn main() -> Result<(), Error> {
    let samples = DigitsSamples::default();
    let mut trainer = Trainer::new(Digits::new(42), Adam::new(1e-3));
    trainer.fit(&samples).callback(|epoch: usize, logs: &Logs| println!("{epoch}: {}", logs.loss())).run()?;
    trainer.fit(&samples).callback("val_loss").run()?;
    let stop: EarlyStopping<Letters> = EarlyStopping::new("val_loss");
    trainer.fit(&samples).callback(stop).run()?;
    Ok(())
}
