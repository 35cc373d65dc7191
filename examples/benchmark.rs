//! Times the course's networks: a training step (forward, losses, backward, the check for numbers that are not finite,
//! Adam) and a prediction, with the data in memory, one after the other within the thread pool, as `fit` works.
//!
//! `cargo run --release --example benchmark`, or only some cases: `-- detector train 32`
//!
//! Prints a line for each case, as scripts that time other libraries do: `network!,network,mode,batch,median_ms,min_ms`.
//!
//! Two words ask for something else: `paced` for predictions of `mlp` that come once a millisecond, as requests do, while
//! the threads sleep in between; `peak` for a line `peak,threads,GFLOP/s` with the multiply-adds that the cores can do now.

use std::thread;
use std::time::{Duration, Instant};

use net_runtime::prelude::*;

network! {
    /// Three dense layers.
    pub network Mlp(x: [64]) -> (class: [10]) {
        let class = x -> Dense(128) -> relu -> Dense(32) -> relu -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// Finds one object in an RGB image: what it is, and where it is.
    pub network Detector(image: [64, 64, 3]) -> (class: [10], location: [4]) {
        let features = image
            -> Conv2d(128, 3) -> relu -> MaxPool2d(2)
            -> Conv2d(256, 3) -> relu -> MaxPool2d(2)
            -> Flatten;
        let class = features -> Dense(64) -> relu -> Dense(10) -> softmax;
        let location = features -> Dense(64) -> relu -> Dense(4) -> sigmoid;
        loss class: CategoricalCrossentropy;
        loss location: 2.0 * MeanSquaredError;
    }

    /// Distance of every pixel, from two cameras.
    pub network Stereo(left: [120, 160, 3], right: [120, 160, 3]) -> (distance: [120, 160, 1]) {
        layer eye = Conv2d(128, 3, padding = same) -> relu -> Conv2d(256, 3, padding = same) -> relu;
        let distance = (left -> eye, right -> eye)
            -> Concat(axis = width)
            -> Conv2d(128, 3, stride = (1, 2), padding = same) -> relu
            -> Conv2d(32, 3, padding = same) -> relu
            -> Conv2d(1, 1) -> relu;
        loss distance: MeanSquaredError;
    }
}

/// What was asked for on the command line: words, of which each narrows the cases down.
struct Wanted {
    words: Vec<String>,
}

impl Wanted {
    fn read() -> Self {
        let words: Vec<String> = std::env::args().skip(1).collect();
        let known = ["mlp", "detector", "stereo", "train", "infer", "paced", "peak"];
        let valid = |word: &String| known.contains(&word.as_str()) || word.parse::<usize>().is_ok();
        if !words.iter().all(valid) {
            eprintln!(
                "Times the course's networks.\n\n    benchmark [mlp] [detector] [stereo] [train] [infer] [1] [32] ...\n    \
                 benchmark paced [1] [32] [256]\n    benchmark peak"
            );
            std::process::exit(2);
        }
        Self { words }
    }

    /// Whether a word was given.
    fn names(&self, word: &str) -> bool {
        self.words.iter().any(|given| given == word)
    }

    /// Whether a case is among what was asked for: of each kind of words one is it, or none was given.
    fn has(&self, network: &str, mode: &str, batch: usize) -> bool {
        let any_of = |kind: &[&str], word: &str| {
            let mut given = self.words.iter().filter(|word| kind.contains(&word.as_str())).peekable();
            given.peek().is_none() || given.any(|given| given == word)
        };
        let mut batches = self.words.iter().filter_map(|word| word.parse::<usize>().ok()).peekable();
        any_of(&["mlp", "detector", "stereo"], network)
            && any_of(&["train", "infer", "paced"], mode)
            && (batches.peek().is_none() || batches.any(|given| given == batch))
    }
}

/// Times a network at some batch sizes; `samples` makes data.
fn time<N: Trainable>(
    wanted: &Wanted,
    name: &str,
    batches: &[usize],
    (repetitions, warm_ups): (usize, usize),
    samples: impl Fn(usize) -> N::Samples,
) -> Result<(), Error> {
    for &batch in batches {
        if wanted.has(name, "train", batch) {
            let samples = samples(batch);
            let mut trainer = Trainer::new(N::new(1), Adam::new(1e-3));
            // The pool is entered once, which takes as long as a pass of a small network: who has many calls does the same.
            net_runtime::in_threads(|| {
                report(name, "train", batch, (repetitions, warm_ups), || (), || trainer.step(&samples).map(drop))
            })?;
        }
        if wanted.has(name, "infer", batch) {
            let (net, samples) = (N::new(1), samples(batch));
            let mut workspace = N::Workspace::new(batch);
            net_runtime::in_threads(|| {
                let infer = || net.forward(samples.inputs(), Mode::Inference, &mut workspace).map(drop);
                report(name, "infer", batch, (repetitions, warm_ups), || (), infer)
            })?;
        }
    }
    Ok(())
}

fn report(
    name: &str,
    mode: &str,
    batch: usize,
    (repetitions, warm_ups): (usize, usize),
    mut pause: impl FnMut(),
    mut step: impl FnMut() -> Result<(), Error>,
) -> Result<(), Error> {
    for _ in 0..warm_ups {
        step()?;
    }
    let mut times = Vec::with_capacity(repetitions);
    for _ in 0..repetitions {
        pause();
        let start = Instant::now();
        step()?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!("network!,{name},{mode},{batch},{:.4},{:.4}", times[repetitions / 2], times[0]);
    Ok(())
}

/// Times predictions of which one begins each millisecond, on the thread that asks for them.
fn time_paced(wanted: &Wanted, batches: &[usize]) -> Result<(), Error> {
    for &batch in batches.iter().filter(|&&batch| wanted.has("mlp", "paced", batch)) {
        let (net, x) = (Mlp::new(1), numbers(batch));
        let mut workspace = MlpWorkspace::new(batch);
        let mut next = Instant::now();
        let pause = || {
            next += Duration::from_millis(1);
            thread::sleep(next.saturating_duration_since(Instant::now()));
        };
        report("mlp", "paced", batch, (1000, 20), pause, || {
            net.forward(x.view(), Mode::Inference, &mut workspace).map(drop)
        })?;
    }
    Ok(())
}

/// Prints the multiply-adds that all threads can do at once.
fn print_peak() {
    let peaks = rayon::broadcast(|_| net_runtime::machine::fma_peak());
    println!("peak,{},{:.1}", peaks.len(), peaks.iter().sum::<f64>());
}

/// Numbers between 0 and 1 that look like chance.
fn numbers<S: Shape>(samples: usize) -> Batch<S> {
    let values = (0..samples * S::LEN).map(|index| ((index * 7919) % 1009) as f32 / 1009.0).collect();
    Batch::from_vec(values).expect("whole samples")
}

/// One of ten classes for each sample.
fn classes(samples: usize) -> Batch<Shape1<10>> {
    let numbers: Vec<u32> = (0..samples as u32).map(|index| index * 7 % 10).collect();
    net_runtime::data::one_hot(&numbers).expect("classes below ten")
}

fn main() -> Result<(), Error> {
    let wanted = Wanted::read();
    if wanted.names("peak") {
        print_peak();
        return Ok(());
    }
    time::<Mlp>(&wanted, "mlp", &[1, 32, 256], (200, 20), |n| MlpSamples { x: numbers(n), class: classes(n) })?;
    time::<Detector>(&wanted, "detector", &[1, 32], (9, 3), |n| DetectorSamples {
        image: numbers(n),
        class: classes(n),
        location: numbers(n),
    })?;
    time::<Stereo>(&wanted, "stereo", &[1, 4], (5, 2), |n| StereoSamples {
        left: numbers(n),
        right: numbers(n),
        distance: numbers(n),
    })?;
    if wanted.names("paced") {
        time_paced(&wanted, &[1, 32, 256])?;
    }
    Ok(())
}
