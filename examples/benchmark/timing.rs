//! Timing a network, and data for it.

use std::time::Instant;

use net_runtime::prelude::*;

use crate::wanted::Wanted;

/// What is timed.
#[derive(Clone, Copy)]
pub struct Case {
    /// The network's name.
    pub network: &'static str,
    /// `train`, `infer` or `paced`.
    pub mode: &'static str,
    /// Samples in a batch.
    pub batch: usize,
}

/// How often a case is run.
#[derive(Clone, Copy)]
pub struct Effort {
    /// How often with a clock.
    pub repetitions: usize,
    /// How often before.
    pub warm_ups: usize,
}

/// Times a network at some batch sizes; `samples` makes data.
pub fn time<N: Trainable>(
    wanted: &Wanted,
    network: &'static str,
    batches: &[usize],
    effort: Effort,
    samples: impl Fn(usize) -> N::Samples,
) -> Result<(), Error> {
    for &batch in batches {
        let train = Case { network, mode: "train", batch };
        if wanted.take(train) {
            let samples = samples(batch);
            let mut trainer = Trainer::new(N::new(1), Adam::new(1e-3));
            // The pool is entered once, which takes as long as a pass of a small network: who has many calls does the same.
            net_runtime::in_threads(|| report(train, effort, || (), || trainer.step(&samples).map(drop)))?;
        }
        let infer = Case { network, mode: "infer", batch };
        if wanted.take(infer) {
            let (net, samples) = (N::new(1), samples(batch));
            let mut workspace = N::Workspace::new(batch);
            net_runtime::in_threads(|| {
                let step = || net.forward(samples.inputs(), Mode::Inference, &mut workspace).map(drop);
                report(infer, effort, || (), step)
            })?;
        }
    }
    Ok(())
}

/// Runs a case and prints its line; `pause` comes before each run, unmeasured.
pub fn report(
    case: Case,
    effort: Effort,
    mut pause: impl FnMut(),
    mut step: impl FnMut() -> Result<(), Error>,
) -> Result<(), Error> {
    for _ in 0..effort.warm_ups {
        step()?;
    }
    let mut times = Vec::with_capacity(effort.repetitions);
    for _ in 0..effort.repetitions {
        pause();
        let start = Instant::now();
        step()?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let Case { network, mode, batch } = case;
    // A clock counts nanoseconds: the sixth decimal of a millisecond.
    println!("network!,{network},{mode},{batch},{:.6},{:.6}", times[times.len() / 2], times[0]);
    Ok(())
}

/// Numbers between 0 and 1 that look like chance.
pub fn numbers<S: Shape>(samples: usize) -> Batch<S> {
    let values = (0..samples * S::LEN).map(|index| ((index * 7919) % 1009) as f32 / 1009.0).collect();
    Batch::from_vec(values).expect("whole samples")
}

/// One of ten classes for each sample.
pub fn classes(samples: usize) -> Batch<Shape1<10>> {
    let numbers: Vec<u32> = (0..samples as u32).map(|index| index * 7 % 10).collect();
    net_runtime::data::one_hot(&numbers).expect("classes below ten")
}
