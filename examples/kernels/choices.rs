//! How good the choice of a convolution's algorithm is: over a grid of shapes, every algorithm that applies is timed, one after the other
//! in turn, and the one that is chosen is compared with the fastest.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use net_runtime::activations::Activation;
use net_runtime::layers::Conv2d;
use net_runtime::machine::{self, Algorithm, Pass};
use net_runtime::weights::Affine;
use net_runtime::{Arithmetic, Gradient, Param, Scratch, Write};
use rayon::ThreadPoolBuilder;

use crate::products::numbers;

const CHANNELS: [usize; 9] = [1, 3, 8, 16, 32, 64, 128, 256, 512];
const IMAGES: [usize; 10] = [4, 7, 8, 14, 16, 28, 32, 56, 112, 224];
const KERNELS: [usize; 4] = [1, 3, 5, 7];
const STRIDES: [usize; 2] = [1, 2];
const BATCHES: [usize; 4] = [1, 4, 16, 64];

/// Multiply-adds of the largest convolution, and floats of its largest tensor.
const MOST: usize = 1 << 30;
const LARGEST: usize = 1 << 25;

/// Convolutions that are drawn from the grid, unless another number is wanted: they take about a minute.
pub const SAMPLE: usize = 600;

/// Layers of a network, which are timed in turn, for what is read was seldom used just before; fewer where that is more floats than a cache has.
const LAYERS: usize = 12;
const NETWORK: usize = 1 << 24;

/// How long an algorithm is timed, and how often at least in each layer.
const DURATION: Duration = Duration::from_millis(10);
const REPETITIONS: usize = 2;

/// What is timed: a prediction finds the weights in the form that it needs, the passes of a training step find new weights.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    Prediction,
    /// Of a transposed convolution, which is the gradient of the input of a plain one.
    TransposedPrediction,
    Forward,
    InputGradient,
    WeightGradient,
}

impl Use {
    const ALL: [Self; 5] =
        [Self::Prediction, Self::TransposedPrediction, Self::Forward, Self::InputGradient, Self::WeightGradient];

    fn name(self) -> &'static str {
        match self {
            Self::Prediction => "prediction",
            Self::TransposedPrediction => "transposed prediction",
            Self::Forward => "forward",
            Self::InputGradient => "gradient of input",
            Self::WeightGradient => "gradient of weights",
        }
    }

    /// Whether weights are the same from call to call.
    fn lasts(self) -> bool {
        matches!(self, Self::Prediction | Self::TransposedPrediction)
    }

    fn pass(self) -> Pass {
        match self {
            Self::Prediction | Self::Forward => Pass::Forward,
            Self::TransposedPrediction | Self::InputGradient => Pass::InputGradient,
            Self::WeightGradient => Pass::WeightGradient,
        }
    }
}

/// A convolution of the grid, padded so that a stride of 1 keeps the size of its images.
#[derive(Clone, Copy)]
pub struct Shape {
    channels: [usize; 2],
    image: usize,
    kernel: usize,
    stride: usize,
    batch: usize,
}

impl Shape {
    fn grid() -> Vec<Self> {
        let mut shapes = Vec::new();
        for (inputs, outputs) in CHANNELS.into_iter().flat_map(|inputs| CHANNELS.map(|outputs| (inputs, outputs))) {
            for (image, kernel) in IMAGES.into_iter().flat_map(|image| KERNELS.map(|kernel| (image, kernel))) {
                for (stride, batch) in STRIDES.into_iter().flat_map(|stride| BATCHES.map(|batch| (stride, batch))) {
                    let shape = Self { channels: [inputs, outputs], image, kernel, stride, batch };
                    let tensor = batch * image * image * inputs.max(outputs);
                    if shape.multiply_adds() <= MOST && tensor <= LARGEST && kernel <= image {
                        shapes.push(shape);
                    }
                }
            }
        }
        shapes
    }

    /// One from its numbers: channels in and out, image, kernel, stride and batch; none where they are not of a convolution.
    pub fn parse(word: &str) -> Option<Self> {
        let numbers = word.split(',').map(|number| number.parse().ok()).collect::<Option<Vec<usize>>>()?;
        let [inputs, outputs, image, kernel, stride, batch] = numbers.try_into().ok()?;
        let is_convolution =
            [inputs, outputs, kernel, stride, batch].iter().all(|&number| number > 0) && kernel <= image;
        is_convolution.then_some(Self { channels: [inputs, outputs], image, kernel, stride, batch })
    }

    /// So many of the grid, the same each time.
    pub fn sample(count: usize) -> Vec<Self> {
        let mut shapes = Self::grid();
        // Knuth's linear congruential generator: all that is asked is that the sizes do not follow each other.
        let mut state = 14_u64;
        let mut draw = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % below as u64) as usize
        };
        (0..count.min(shapes.len())).map(|_| shapes.swap_remove(draw(shapes.len()))).collect()
    }

    fn layer(self) -> Conv2d {
        let Self { channels: [inputs, outputs], image, kernel, stride, .. } = self;
        let output = image.div_ceil(stride);
        Conv2d {
            input: [image, image, inputs],
            output: [output, output, outputs],
            kernel: [kernel; 2],
            stride: [stride; 2],
            dilation: [1; 2],
            padding: [kernel / 2; 2],
        }
    }

    fn multiply_adds(self) -> usize {
        let Self { channels: [inputs, outputs], image, kernel, stride, batch } = self;
        batch * image.div_ceil(stride).pow(2) * kernel.pow(2) * inputs * outputs
    }

    fn name(self) -> String {
        let Self { channels: [inputs, outputs], image, kernel, stride, batch } = self;
        format!("{kernel}x{kernel}, stride {stride}, {inputs} to {outputs} channels, {batch} of {image}x{image}")
    }

    /// The least time of a use by each of some algorithms, in seconds.
    fn times(self, wanted: Use, algorithms: &[Algorithm]) -> Vec<f64> {
        let mut layers = self.layers();
        let layer = self.layer();
        let mut runs: Vec<_> = algorithms
            .iter()
            .map(|&algorithm| (Scratch::new(Arithmetic::Fast).forcing(algorithm), f64::INFINITY))
            .collect();
        let mut once = |index: usize, scratch: &mut Scratch| {
            let Tensors { weights, gradients, x, y } = &mut layers[index];
            let [x, y] = [x, y].map(Param::values_mut);
            if !wanted.lasts() {
                // Another version.
                weights.kernel.values_mut();
            }
            gradients.kernel.begin();
            gradients.bias.begin();
            let scratch = scratch.for_weights(index);
            machine::as_in_a_pass(|| {
                let start = Instant::now();
                match wanted {
                    Use::Prediction | Use::Forward => {
                        layer.forward(self.batch, x, weights, Activation::Relu, y, scratch);
                    }
                    Use::TransposedPrediction | Use::InputGradient => {
                        layer.backward_input(self.batch, weights, y, x, Write::Set, scratch);
                    }
                    Use::WeightGradient => layer.backward_weights(self.batch, x, y, gradients, scratch),
                }
                start.elapsed().as_secs_f64()
            })
        };
        let count = self.count_of_layers();
        // The second prediction with the same weights may keep a form of them.
        for index in (0..if wanted.lasts() { 2 * count } else { 1 }).map(|index| index % count) {
            for (scratch, _) in &mut runs {
                once(index, scratch);
            }
        }
        let start = Instant::now();
        for round in 0.. {
            if round >= REPETITIONS && start.elapsed() >= DURATION * algorithms.len() as u32 {
                break;
            }
            for (scratch, least) in &mut runs {
                // A network that uses this algorithm has no forms of weights in others, which were read last.
                let before = if count > 1 { count } else { 0 };
                for index in 0..before {
                    once(index, scratch);
                }
                *least = (0..count).fold(*least, |least, index| least.min(once(index, scratch)));
            }
        }
        runs.into_iter().map(|(_, least)| least).collect()
    }

    fn input_len(self) -> usize {
        self.batch * self.layer().input.iter().product::<usize>()
    }

    fn output_len(self) -> usize {
        self.batch * self.layer().output.iter().product::<usize>()
    }

    /// How many layers take turns.
    fn count_of_layers(self) -> usize {
        let weights = self.kernel.pow(2) * self.channels.into_iter().product::<usize>();
        (NETWORK / (2 * weights + self.input_len() + self.output_len())).clamp(1, LAYERS)
    }

    fn layers(self) -> Vec<Tensors> {
        let dims = [self.kernel, self.kernel, self.channels[0], self.channels[1]];
        let filled = |dims: &[usize]| {
            let mut param = Param::zeros(dims);
            let len = param.values().len();
            param.values_mut().copy_from_slice(&numbers(len));
            param
        };
        let layer = |_| Tensors {
            weights: Affine { kernel: filled(&dims), bias: Param::zeros(&dims[3..]) },
            gradients: Affine::zeros(&dims),
            x: filled(&[self.input_len()]),
            y: filled(&[self.output_len()]),
        };
        (0..self.count_of_layers()).map(layer).collect()
    }
}

/// Those of one layer.
struct Tensors {
    weights: Affine,
    gradients: Affine<Gradient>,
    /// Tensors as parameters, whose memory is like that of a network: made of large pages if there is much of it.
    x: Param,
    y: Param,
}

/// Chosen over best of several cases.
#[derive(Default)]
struct Ratios {
    count: usize,
    sum: f64,
    worst: f64,
    peaks: f64,
}

impl Ratios {
    fn add(&mut self, ratio: f64, peak: f64) {
        self.count += 1;
        self.sum += ratio;
        self.worst = self.worst.max(ratio);
        self.peaks += peak;
    }

    fn print(&self, name: &str) {
        let Self { count, sum, worst, peaks } = self;
        let mean = |sum: f64| 100.0 * sum / *count as f64;
        let worst = 100.0 * (worst - 1.0);
        println!("| {name} | {count} | {:.1} % | {worst:.0} % | {:.0} % |", mean(*sum) - 100.0, mean(*peaks));
    }
}

/// Times convolutions, and prints a table of the cases, and one of their kinds.
pub fn run(threads: usize, shapes: &[Shape]) {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("the system gives threads");
    let peak = pool.broadcast(|_| machine::fma_peak()).iter().sum::<f64>() * 1e9 / 2.0;
    println!("{}, {threads} threads, {:.0} GFLOP/s\n", machine::instruction_set(), 2.0 * peak / 1e9);
    println!("| convolution | what | milliseconds, the chosen first | chosen over best | best, share of peak |");
    println!("| --- | --- | --- | ---: | ---: |");
    let mut kinds: BTreeMap<(String, Use), Ratios> = BTreeMap::new();
    let mut total = Ratios::default();
    for &shape in shapes {
        for wanted in Use::ALL {
            let algorithms = shape.layer().algorithms(wanted.pass(), wanted.lasts(), shape.batch);
            let times = pool.install(|| shape.times(wanted, &algorithms));
            let best = times.iter().copied().fold(f64::INFINITY, f64::min);
            let (ratio, peak) = (times[0] / best, shape.multiply_adds() as f64 / best / peak);
            let cells =
                algorithms.iter().zip(&times).map(|(algorithm, time)| format!("{algorithm:?} {:.4}", time * 1e3));
            let cells = cells.collect::<Vec<_>>().join(", ");
            println!("| {} | {} | {cells} | {ratio:.2} | {:.0} % |", shape.name(), wanted.name(), 100.0 * peak);
            if algorithms.len() > 1 {
                total.add(ratio, peak);
                let Shape { kernel, stride, batch, .. } = shape;
                let kind = format!("{kernel}x{kernel}, stride {stride}, batch {batch}");
                kinds.entry((kind, wanted)).or_default().add(ratio, peak);
            }
        }
    }
    println!("\nWhere there is a choice, the chosen algorithm takes so much longer than the best:\n");
    println!("| kind | cases | mean | worst | best, share of peak |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    for ((kind, wanted), ratios) in &kinds {
        ratios.print(&format!("{kind}, {}", wanted.name()));
    }
    total.print("all");
}
