//! What the programs here share: which cases are wanted, how they are timed, how a line looks. Cases, repetitions, lines and
//! words on the command line are those of the project's `examples/benchmark`.

use std::time::Instant;

/// The networks of the course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Three dense layers, 64 -> 128 -> 32 -> 10.
    Mlp,
    /// Two convolutions with pooling, two heads, images of 64x64.
    Detector,
    /// Two images of 120x160 seen by one chain of convolutions.
    Stereo,
}

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Forward, losses, backward, Adam.
    Train,
    /// Forward alone, softmax included.
    Infer,
}

/// One call of what is timed.
pub type Step = Box<dyn FnMut()>;

impl Network {
    const ALL: [Self; 3] = [Self::Mlp, Self::Detector, Self::Stereo];

    /// Its name on the command line and in lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mlp => "mlp",
            Self::Detector => "detector",
            Self::Stereo => "stereo",
        }
    }

    /// Shapes of a batch of each of its inputs, channels first.
    pub fn inputs(self, batch: usize) -> Vec<Vec<usize>> {
        match self {
            Self::Mlp => vec![vec![batch, 64]],
            Self::Detector => vec![vec![batch, 3, 64, 64]],
            Self::Stereo => vec![vec![batch, 3, 120, 160]; 2],
        }
    }

    fn batches(self) -> &'static [usize] {
        match self {
            Self::Mlp => &[1, 32, 256],
            Self::Detector => &[1, 32],
            Self::Stereo => &[1, 4],
        }
    }

    /// Timed repetitions and warm-ups.
    fn repetitions(self) -> (usize, usize) {
        match self {
            Self::Mlp => (200, 20),
            Self::Detector => (9, 3),
            Self::Stereo => (5, 2),
        }
    }
}

impl Mode {
    const ALL: [Self; 2] = [Self::Train, Self::Infer];

    fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Infer => "infer",
        }
    }
}

/// Times all cases that the command line asks for: `make` makes what is timed, or nothing where the rival cannot.
///
/// Words narrow the cases down, as `detector train 32`; `quick` takes a third of the repetitions.
pub fn time(rival: &str, make: impl Fn(Network, Mode, usize) -> Option<Step>) {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let wants = |word: &str| words.iter().any(|given| given == word);
    let any = |names: &[&str], name: &str| wants(name) || !names.iter().any(|name| wants(name));
    let batches: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
    for network in Network::ALL.into_iter().filter(|network| any(&Network::ALL.map(Network::name), network.name())) {
        for &batch in network.batches().iter().filter(|batch| batches.is_empty() || batches.contains(batch)) {
            for mode in Mode::ALL.into_iter().filter(|mode| any(&Mode::ALL.map(Mode::name), mode.name())) {
                let Some(step) = make(network, mode, batch) else { continue };
                let (mut repetitions, mut warm_ups) = network.repetitions();
                if wants("quick") {
                    (repetitions, warm_ups) = ((repetitions / 3).max(3), (warm_ups / 2).max(1));
                }
                let (median, least) = milliseconds(step, repetitions, warm_ups);
                println!("{rival},{},{},{batch},{median:.4},{least:.4}", network.name(), mode.name());
            }
        }
    }
}

/// Median and minimum.
fn milliseconds(mut step: Step, repetitions: usize, warm_ups: usize) -> (f64, f64) {
    for _ in 0..warm_ups {
        step();
    }
    let mut once = || {
        let start = Instant::now();
        step();
        start.elapsed().as_secs_f64() * 1e3
    };
    let mut times: Vec<f64> = (0..repetitions).map(|_| once()).collect();
    times.sort_by(f64::total_cmp);
    (times[repetitions / 2], times[0])
}

/// The ONNX file of a network for a batch, in the folder that the environment variable `ONNX_FILES` names;
/// `onnx_files.py` writes it.
pub fn onnx_file(network: Network, batch: usize) -> std::path::PathBuf {
    let folder = std::env::var_os("ONNX_FILES").expect("ONNX_FILES names the folder that onnx_files.py has written");
    std::path::Path::new(&folder).join(format!("{}-{batch}.onnx", network.name()))
}
