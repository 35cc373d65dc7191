//! Points on the arms of a spiral, and a network that learns to tell them apart.

use net_runtime::data;
use net_runtime::prelude::*;

network! {
    /// Tells on which of three spiral arms a point lies.
    pub network Spiral(point: [2]) -> (arm: [3]) {
        let arm = point -> Dense(32) -> tanh -> Dense(32) -> tanh -> Dense(3) -> softmax;
        loss arm: SparseCategoricalCrossentropy;
        metric arm: Accuracy;
    }
}

fn main() -> Result<(), Error> {
    // The points, one after another, and for each the number of its arm.
    let (mut points, mut arms) = (Vec::new(), Vec::new());
    for index in 0..6_000 {
        let (arm, turn) = (index % 3, index as f32 / 1_000.0);
        let angle = turn + 2.1 * arm as f32;
        points.extend([turn * angle.cos(), turn * angle.sin()]);
        arms.push(arm);
    }
    let samples = SpiralSamples { point: Batch::from_vec(points)?, arm: Batch::from_vec(arms)? };
    let (train, test) = data::split(&samples, 0.2, 7)?;

    let mut trainer = Trainer::new(Spiral::new(7), Adam::new(0.01));
    trainer.fit(&train).epochs(5).run()?;
    println!("on points not seen before: {}", trainer.evaluate(&test)?);

    trainer.into_network().save("spiral.safetensors")?;
    let net = Spiral::load("spiral.safetensors")?;
    let found = net.predict(&Batch::from_vec(vec![-3.0, 0.4])?)?.arm;
    println!("(-3, 0.4) lies on arm {} of {:.3?}", data::argmax(found.sample(0)), found.sample(0));
    Ok(())
}
