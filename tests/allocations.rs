//! A training step and a prediction take no memory once the first ones have taken theirs: counted over all threads of the
//! program, so that there is nothing else in its process, not even the harness of a test.

use std::alloc::System;

use net_runtime::layers::{Backward, Forward, Initial, Layer, Weight};
use net_runtime::prelude::*;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tests_common::{classes, positive_batch};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// A factor for each number, and what it was multiplied with kept.
struct Scale;

impl<const N: usize> Layer<Shape1<N>> for Scale {
    const OUTPUT: &'static [usize] = &[N];
    const WEIGHTS: &'static [Weight] = &[Weight::new("gain", &[N], Initial::Ones)];
    const KEPT: usize = N;

    fn forward(Forward { x, weights, y, kept, .. }: Forward<'_>) -> Result<(), Error> {
        let gain = weights[0].values().iter().cycle();
        y.iter_mut().zip(x[0].numbers()).zip(gain).for_each(|((y, x), gain)| *y = x * gain);
        kept.copy_from_slice(&x[0].numbers()[..kept.len()]);
        Ok(())
    }

    fn backward(Backward { weights, kept, dy, dx, gradients, .. }: Backward<'_>) {
        if let Some([gain]) = gradients {
            let gain = gain.to_add();
            kept.iter().zip(dy).enumerate().for_each(|(at, (x, dy))| gain[at % N] += x * dy);
        }
        if let Some(dx) = &mut dx[0] {
            let gain = weights[0].values().iter().cycle();
            dx.iter_mut().zip(dy).zip(gain).for_each(|((dx, dy), gain)| *dx = dy * gain);
        }
    }
}

network! {
    extern layer self::Scale(x: [64]) -> (y: [64]);

    /// A layer of the program's own, shared and alone.
    network Own(x: [64]) -> (class: [10]) {
        layer scale = Scale;
        let class = x -> scale -> tanh -> scale -> Scale -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// Three dense layers, large enough for threads in batches of 256.
    network Mlp(x: [64]) -> (class: [10]) {
        let class = x -> Dense(128) -> relu -> Dense(32) -> relu -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
        metric class: Accuracy, TopK(3);
    }

    /// With a layer that is folded into the one before it in inference, when weights or statistics have changed.
    network Normalized(x: [64]) -> (class: [10]) {
        let class = x -> Dense(128) -> BatchNorm -> relu -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// Nothing is kept of what is frozen.
    network Frozen(x: [64]) -> (class: [10]) {
        let class = x -> Dense(128, frozen = true) -> BatchNorm(frozen = true) -> relu -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// What is frozen is computed for a group of samples after the other.
    network Grouped(x: [24, 24, 1]) -> (class: [10]) {
        let seen = x -> Conv2d(64, 3, padding = same, frozen = true) -> relu -> Conv2d(4, 1, frozen = true);
        let class = seen -> GlobalAvgPool2d -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// A shared layer, pools, a concatenation, dropout and two outputs; convolutions by every algorithm: of three channels
    /// and of many, strided, and with and without Winograd's.
    network Eyes(left: [20, 20, 3], right: [20, 20, 3]) -> (class: [10], map: [9, 5, 2]) {
        layer eye = Conv2d(16, 3) -> relu -> MaxPool2d(2);
        let both = (left -> eye, right -> eye) -> Concat;
        let seen = both -> Conv2d(32, 3, padding = same) -> relu -> Conv2d(16, 3, stride = (1, 2), padding = same) -> gelu;
        let map = seen -> Conv2d(2, 1) -> tanh;
        let class = seen -> AvgPool2d(2) -> Flatten -> Dropout(0.25) -> Dense(10) -> softmax;
        loss class: SparseCategoricalCrossentropy;
        loss map: 0.5 * Huber(0.1) + MeanSquaredError;
        metric class: Accuracy;
    }
}

network! {
    /// Metrics with a memory for each class or threshold, losses with memory of their own, heads with and without targets.
    network Heads(x: [12, 8]) -> (text: [12, 5], mask: [12, 1], size: [12, 4]) {
        let seen = x -> Dense(16) -> relu;
        let text = seen -> Dense(5) -> softmax;
        let mask = seen -> Dense(1) -> sigmoid;
        let size = seen -> Dense(4) -> square;
        loss text: Ctc(labels = 4);
        loss mask: Dice;
        loss size: 0.1 * Minimize;
        metric mask: Auc, MeanIou, Iou(1), F1, FBeta(2), PrecisionAtRecall(0.5), Mcc, R2;
        metric size: R2, F1, Auc(pr), PearsonCorrelation;
    }
}

const WARM_UP: usize = 20;
const COUNTED: usize = 200;

/// What the allocator has been asked for so far.
fn requests() -> usize {
    let stats = ALLOCATOR.stats();
    stats.allocations + stats.reallocations
}

/// Counts requests of memory from one batch of an epoch to another.
#[derive(Default)]
struct Requests {
    before: usize,
    after: usize,
}

impl<N: Network> Callback<N> for Requests {
    fn on_batch_end(&mut self, batch: usize, _: &Logs, _: &mut Control<'_, N>) -> Result<(), Error> {
        if batch == WARM_UP {
            self.before = requests();
        } else if batch == WARM_UP + COUNTED {
            self.after = requests();
        }
        Ok(())
    }
}

/// Trains in batches of so many samples, in the pool around it or the global one.
fn train<N: Trainable>(batch: usize, samples: impl Fn(usize) -> N::Samples) {
    train_with::<N, _>(Adam::new(1e-3), batch, samples);
}

fn train_with<N: Trainable, O: Optimizer + 'static>(optimizer: O, batch: usize, samples: impl Fn(usize) -> N::Samples) {
    let mut counted = Requests::default();
    let samples = samples((WARM_UP + COUNTED) * batch);
    let mut trainer = Trainer::new(N::new(1), optimizer);
    trainer.fit(&samples).batch_size(batch).silent().callback(&mut counted).run().unwrap();
    assert_ne!(counted.before, 0, "nothing was counted");
    assert_eq!(counted.after - counted.before, 0, "{} in batches of {batch} with {}", N::INFO.name, O::NAME);
}

/// What an epoch begins with: metrics that forget all, and see samples again.
fn measure_again(samples: &HeadsSamples) {
    let (net, mut workspace) = (Heads::new(1), HeadsWorkspace::new(0));
    let mut metrics = HeadsMetrics::default();
    net.forward(samples, Mode::Inference, &mut workspace).unwrap();
    net.update_metrics(samples, &workspace, &mut metrics).unwrap();
    let before = requests();
    for _ in 0..COUNTED {
        Heads::reset_metrics(&mut metrics);
        net.update_metrics(samples, &workspace, &mut metrics).unwrap();
    }
    assert_eq!(requests() - before, 0, "metrics of another epoch");
}

/// Predicts a batch again and again.
fn predict<N: Trainable>(mut once: impl FnMut(&N, &mut N::Workspace)) {
    let (net, mut workspace) = (N::new(1), N::Workspace::new(0));
    once(&net, &mut workspace);
    let before = requests();
    (0..COUNTED).for_each(|_| once(&net, &mut workspace));
    assert_eq!(requests() - before, 0, "{}", N::INFO.name);
}

/// Steps and predictions take no memory once they have some.
fn main() {
    // Every thread of the pool has begun, and has looked for work: a busy machine lets some of them wait for long.
    rayon::broadcast(|_| ());
    let mlp = |n| MlpSamples { x: positive_batch(n, 1), class: net_runtime::data::one_hot(&classes(n)).unwrap() };
    let own = |n| OwnSamples { x: positive_batch(n, 1), class: net_runtime::data::one_hot(&classes(n)).unwrap() };
    let normalized =
        |n| NormalizedSamples { x: positive_batch(n, 1), class: net_runtime::data::one_hot(&classes(n)).unwrap() };
    let frozen = |n| FrozenSamples { x: positive_batch(n, 1), class: net_runtime::data::one_hot(&classes(n)).unwrap() };
    let grouped =
        |n| GroupedSamples { x: positive_batch(n, 1), class: net_runtime::data::one_hot(&classes(n)).unwrap() };
    let eyes = |n| EyesSamples {
        left: positive_batch(n, 1),
        right: positive_batch(n, 1),
        class: Batch::from_vec(classes(n)).unwrap(),
        map: positive_batch(n, 1),
    };
    let heads = |n: usize| {
        let labels = |sample: usize| [1 + sample as u32 % 4, 2, sample as u32 % 2, 0];
        HeadsSamples {
            x: positive_batch(n, 1),
            text: Batch::from_vec((0..n).flat_map(labels).collect()).unwrap(),
            mask: positive_batch(n, 2),
            size: positive_batch(n, 3),
        }
    };
    let all = || {
        train::<Mlp>(32, mlp);
        train::<Mlp>(256, mlp);
        train::<Own>(32, own);
        train::<Normalized>(32, normalized);
        train::<Frozen>(32, frozen);
        train::<Grouped>(32, grouped);
        train::<Eyes>(1, eyes);
        train::<Eyes>(32, eyes);
        train::<Heads>(32, heads);
        train_with::<Heads, _>(Muon::new(1e-3), 32, heads);
        train_with::<Heads, _>(Adafactor::new(1e-3), 32, heads);
        train_with::<Heads, _>(Lamb::new(1e-3), 32, heads);
        measure_again(&heads(32));
    };
    all();
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    alone.install(all);
    // From outside a large pass enters the pool, whose queue takes a block now and then: not so on one thread.
    let predict_mlp = |batch: usize| {
        let samples = mlp(batch);
        predict::<Mlp>(|net, workspace| assert!(net.predict_into(&samples, workspace).is_ok()));
    };
    alone.install(|| {
        [1, 32, 256].into_iter().for_each(predict_mlp);
        for samples in [1, 8].map(own) {
            predict::<Own>(|net, workspace| assert!(net.predict_into(&samples, workspace).is_ok()));
        }
        for samples in [1, 8].map(normalized) {
            predict::<Normalized>(|net, workspace| assert!(net.predict_into(&samples, workspace).is_ok()));
            let mut changed = Normalized::new(2);
            predict::<Normalized>(|_, workspace| {
                changed.class_batch_norm.beta.values_mut()[0] += 1.0;
                assert!(changed.predict_into(&samples, workspace).is_ok());
            });
        }
        for samples in [1, 8].map(eyes) {
            predict::<Eyes>(|net, workspace| assert!(net.predict_into(&samples, workspace).is_ok()));
        }
    });
    predict_mlp(32);
}
