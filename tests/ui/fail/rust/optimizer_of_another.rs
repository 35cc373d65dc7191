use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let class = image -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    network Letters(image: [64]) -> (letter: [26]) {
        let letter = image -> Dense(26) -> softmax;
        loss letter: CategoricalCrossentropy;
    }
}

fn main() -> Result<(), Error> {
    let (digits, mut letters) = (Digits::new(42), Letters::new(42));
    let mut adam = Adam::new(1e-3).for_network(&digits);
    adam.step(&mut letters, &LettersGradients::zeros())?;
    Ok(())
}
