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
    let (digits, letters) = (DigitsSamples::default(), LettersSamples::default());
    let mut trainer = Trainer::new(Digits::new(42), Adam::new(1e-3));
    trainer.fit(&letters).run()?;
    trainer.fit(&digits).validation(&letters).run()?;
    trainer.evaluate(&letters)?;
    let net = trainer.into_network();
    net.forward(&letters, Mode::Training, &mut DigitsWorkspace::new(1))?;
    net.backward(&digits, &letters, &mut DigitsWorkspace::new(1), &mut DigitsGradients::zeros())?;
    Ok(())
}
