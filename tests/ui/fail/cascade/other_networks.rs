//! Sound networks beside a broken one are generated whole.

use net_runtime::prelude::*;

network! {
    network Encoder(image: [64]) -> (code: [8]) {
        let code = image -> Dense(9);
    }

    network Digits(image: [64]) -> (class: [10]) {
        let class = image -> Encoder -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }
}

fn main() -> Result<(), Error> {
    let net = Digits::new(42);
    println!("{:?}", net.class_encoder);
    println!("{:?}", net.predict(&Batch::<Shape1<64>>::zeros(3))?.class);
    let _ = Trainer::new(net, Sgd::new(0.1)).fit(&DigitsSamples::default()).run()?;
    Ok(())
}
