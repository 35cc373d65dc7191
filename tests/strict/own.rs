//! A loss and a metric of the user's own, written as paths.

use net_runtime::losses::Loss;
use net_runtime::metrics::{Mean, Metric};
use net_runtime::{Batch, Write, network};

/// The error itself, signed.
#[derive(Clone, Copy, Debug)]
struct Signed;

impl Loss for Signed {
    type Target = f32;

    fn value(&self, output: &[f32], target: &[f32], _dims: &[usize]) -> f32 {
        output.iter().zip(target).map(|(y, t)| y - t).sum()
    }

    fn gradient(&self, _y: &[f32], _t: &[f32], _dims: &[usize], scale: f32, gradient: &mut [f32], write: Write) {
        for gradient in gradient {
            *gradient = match write {
                Write::Set => scale,
                Write::Add => *gradient + scale,
            };
        }
    }
}

/// Share of outputs above a bound.
#[derive(Clone, Copy, Debug)]
struct Above {
    bound: f32,
}

impl Metric for Above {
    type Target = f32;
    type State = Mean;
    const NAME: &'static str = "above";

    fn update(&self, state: &mut Mean, output: &[f32], _target: &[f32], _dims: &[usize]) {
        for y in output {
            state.add(f64::from(u8::from(*y > self.bound)));
        }
    }

    fn result(&self, state: &Mean) -> f32 {
        state.result()
    }
}

network! {
    /// A network that a struct of this module trains.
    pub(crate) network Own(x: [2]) -> (y: [1]) {
        let y = x -> Dense(1);
        loss y: 0.5 * self::Signed + MeanSquaredError;
        metric y: self::Above(bound = 0.5);
    }
}

pub(crate) fn run() -> Result<(), net_runtime::Error> {
    assert_eq!(Own::new(1).predict(&Batch::zeros(2))?.y.len(), 2);
    Ok(())
}
