use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let class = image -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }
}

fn main() -> Result<(), Error> {
    let image = Batch::<Shape1<64>>::zeros(3);
    let samples = DigitsSamples { image, class: Batch::zeros(3) };
    let net = Digits::new(42);
    net.predict(&image)?;
    let mut trainer = Trainer::new(net, Adam::new(1e-3));
    trainer.fit(&samples).run()?;
    net.predict(&samples)?;
    Ok(())
}
