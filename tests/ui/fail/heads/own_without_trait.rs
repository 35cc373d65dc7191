use net_runtime::prelude::*;

struct Dice;

struct Iou {
    threshold: f32,
}

network! {
    network Segmenter(image: [64]) -> (mask: [16]) {
        let mask = image -> Dense(16) -> sigmoid;
        loss mask: self::Dice + BinaryCrossentropy;
        metric mask: self::Iou(threshold = 0.5), MeanSquaredError;
    }
}

fn main() -> Result<(), Error> {
    let mut trainer = Trainer::new(Segmenter::new(42), Adam::new(1e-3));
    let samples = SegmenterSamples { image: Batch::zeros(3), mask: Batch::zeros(3) };
    let history = trainer.fit(&samples).run()?;
    println!("{}", history.epochs());
    Ok(())
}
