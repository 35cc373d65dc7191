use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let class = image -> Dense(10) -> softmax;
    }
}

fn samples() -> Result<DigitsSamples, Error> {
    Ok(DigitsSamples { image: Batch::from_vec(vec![0.0; 64])?, class: Batch::from_vec(vec![3])? })
}

fn main() -> Result<(), Error> {
    let mut trainer = Trainer::new(Digits::new(42), Adam::new(1e-3));
    let history = trainer.fit(&samples()?).epochs(20).run()?;
    history.save_csv("history.csv")
}
