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
    let net = Digits::new(42);
    let mut memory = LettersWorkspace::new(1);
    net.forward(&samples, Mode::Training, &mut memory)?;
    let mut gradients = LettersGradients::zeros();
    net.backward(&samples, &samples, &mut DigitsWorkspace::new(1), &mut gradients)?;
    Ok(())
}
