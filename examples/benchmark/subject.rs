//! A network that can be timed, whatever its type is.

use net_runtime::prelude::*;

/// One call of what is timed, with everything that it needs.
pub type Step = Box<dyn FnMut() -> Result<(), Error> + Send>;

/// A network under a name.
pub trait Subject: Sync {
    /// Its name on the command line and in lines.
    fn name(&self) -> &'static str;
    /// The batch sizes that it is timed with.
    fn batches(&self) -> &'static [usize];
    /// How many weights it has, and how many multiplications with addition a prediction of one sample takes.
    fn size(&self) -> (usize, u64);
    /// A training step with Adam on a batch of that many samples: forward, losses, backward, the check for numbers that are
    /// not finite, the update.
    fn training(&self, batch: usize) -> Step;
    /// A prediction of a batch of that many samples.
    fn prediction(&self, batch: usize) -> Step;
}

/// What is known of a network of the type `N`; `subject!` makes it.
pub struct Timed<N: Trainable> {
    pub name: &'static str,
    pub batches: &'static [usize],
    pub size: (usize, u64),
    /// Makes that many samples.
    pub samples: fn(usize) -> N::Samples,
}

impl<N: Trainable + 'static> Subject for Timed<N>
where
    N::Workspace: Send,
{
    fn name(&self) -> &'static str {
        self.name
    }

    fn batches(&self) -> &'static [usize] {
        self.batches
    }

    fn size(&self) -> (usize, u64) {
        self.size
    }

    fn training(&self, batch: usize) -> Step {
        let samples = (self.samples)(batch);
        let mut trainer = Trainer::new(N::new(1), Adam::new(1e-3));
        Box::new(move || trainer.step(&samples).map(drop))
    }

    fn prediction(&self, batch: usize) -> Step {
        let (net, samples) = (N::new(1), (self.samples)(batch));
        let mut workspace = N::Workspace::new(batch);
        Box::new(move || net.forward(samples.inputs(), Mode::Inference, &mut workspace).map(drop))
    }
}

/// From a network's type, its name, its batch sizes, and its samples with a function for each field that makes so many of them.
macro_rules! subject {
    ($network:ident, $name:literal, $batches:expr, $samples:ident { $($field:ident: $make:expr),* $(,)? }) => {
        &$crate::subject::Timed::<$network> {
            name: $name,
            batches: $batches,
            size: ($network::PARAMETERS, $network::MULTIPLY_ADDS),
            samples: |n| $samples { $($field: $make(n)),* },
        }
    };
}
pub(crate) use subject;

/// Numbers between 0 and 1 that look like chance.
pub fn numbers<S: Shape>(samples: usize) -> Batch<S> {
    let values = (0..samples * S::LEN).map(|index| ((index * 7919) % 1009) as f32 / 1009.0).collect();
    Batch::from_vec(values).expect("whole samples")
}

/// A class for each sample.
pub fn classes<const CLASSES: usize>(samples: usize) -> Batch<Shape1<CLASSES>> {
    let numbers: Vec<u32> = (0..samples).map(|index| (index * 7 % CLASSES) as u32).collect();
    net_runtime::data::one_hot(&numbers).expect("classes below their number")
}

/// Yes or no for each number of a sample.
pub fn answers<S: Shape>(samples: usize) -> Batch<S> {
    let values = (0..samples * S::LEN).map(|index| ((index * 7919) % 1009 % 2) as f32).collect();
    Batch::from_vec(values).expect("whole samples")
}

/// Whole numbers below `END` that look like chance.
pub fn below<const END: usize, S: Shape>(samples: usize) -> Batch<S, u32> {
    let values = (0..samples * S::LEN).map(|index| (index * 7919 % END) as u32).collect();
    Batch::from_vec(values).expect("whole samples")
}

/// Texts: numbers of 5000 words.
pub fn words<S: Shape>(samples: usize) -> Batch<S, u32> {
    below::<5000, S>(samples)
}
