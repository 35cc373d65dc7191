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
    let letters = LettersSamples::default();
    let mut trainer = Trainer::new(Digits::new(42), Adam::new(1e-3));
    trainer.fit(&letters).run()?;
    let mut memory = LettersWorkspace::new(1);
    let net = trainer.into_network();
    net.forward(&Batch::zeros(1), Mode::Training, &mut memory)?;
    let mut gradients = LettersGradients::zeros();
    net.backward(&letters, &letters, &mut DigitsWorkspace::new(1), &mut gradients)?;
    Ok(())
}
