//! A loss, a metric, an optimizer and a callback of the user's own, through the documented traits.

use net_runtime::losses::Loss;
use net_runtime::metrics::{Mean, Metric};
use net_runtime::optimizers::{ClippedGradient, Moment, Parameter, Settings, Step};
use net_runtime::prelude::*;
use net_runtime::{Param, Write};

/// ln cosh of the error, summed over the outputs, with a scale.
struct LogCosh {
    scale: f32,
}

impl Loss for LogCosh {
    type Target = f32;

    fn value(&self, output: &[f32], target: &[f32], _dims: &[usize]) -> f32 {
        output.iter().zip(target).map(|(y, t)| self.scale * (y - t).cosh().ln()).sum()
    }

    fn gradient(
        &self,
        output: &[f32],
        target: &[f32],
        _dims: &[usize],
        scale: f32,
        gradient: &mut [f32],
        write: Write,
    ) {
        for ((gradient, y), t) in gradient.iter_mut().zip(output).zip(target) {
            let derivative = scale * self.scale * (y - t).tanh();
            match write {
                Write::Set => *gradient = derivative,
                Write::Add => *gradient += derivative,
            }
        }
    }
}

/// Share of outputs within a distance of their targets.
struct Within(f32);

/// Nothing but what the trait asks of a state.
#[derive(Clone, Default)]
struct Share(Mean);

impl Metric for Within {
    type Target = f32;
    type State = Share;
    const NAME: &'static str = "within";

    fn update(&self, state: &mut Share, output: &[f32], target: &[f32], _dims: &[usize]) {
        for (y, t) in output.iter().zip(target) {
            state.0.add(f64::from(u8::from((y - t).abs() <= self.0)));
        }
    }

    fn result(&self, state: &Share) -> f32 {
        state.0.result()
    }
}

/// Steps of one size against the sign of the gradient.
#[derive(Clone)]
struct SignDescent {
    settings: Settings,
}

impl Optimizer for SignDescent {
    type Moments = [Moment; 0];
    const NAME: &'static str = "SignDescent";

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn settings_mut(&mut self) -> &mut Settings {
        &mut self.settings
    }

    fn moments(&self, _parameter: Parameter<'_>) -> [Moment; 0] {
        []
    }

    fn update(&self, step: &Step, param: &mut [f32], gradient: ClippedGradient<'_>, _moments: &mut [Moment; 0]) {
        for (w, g) in param.iter_mut().zip(gradient.iter()) {
            *w -= step.learning_rate * g.signum();
        }
    }
}

network! {
    network Line(x: [1]) -> (y: [1]) {
        let y = x -> Dense(1);
        loss y: 0.5 * self::LogCosh(scale = 2.0) + MeanAbsoluteError;
        metric y: self::Within(0.1), MeanSquaredError;
    }
}

fn line() -> LineSamples {
    let x: Vec<f32> = (0..64).map(|i| i as f32 / 32.0 - 1.0).collect();
    let y = x.iter().map(|x| 3.0 * x - 0.5).collect();
    LineSamples { x: Batch::from_vec(x).unwrap(), y: Batch::from_vec(y).unwrap() }
}

#[test]
fn several_losses_of_a_head_add_up_with_their_weights() -> Result<(), Error> {
    let mut net = Line::new(0);
    net.y_dense.kernel.values_mut().fill(1.0);
    let samples = LineSamples { x: Batch::from_vec(vec![2.0])?, y: Batch::from_vec(vec![1.5])? };
    let (mut memory, mut gradients) = (LineWorkspace::new(1), LineGradients::zeros());
    net.forward(&samples, Mode::Training, &mut memory)?;
    let losses = net.losses(&samples, &memory)?;
    let expected = 0.5 * 2.0 * 0.5_f32.cosh().ln() + 0.5;
    assert!((losses.total - expected).abs() < 1e-6, "{losses:?}");
    net.backward(&samples, &samples, &mut memory, &mut gradients)?;
    let expected = 0.5 * 2.0 * 0.5_f32.tanh() + 1.0;
    assert!((gradients.y_dense.bias.values()[0] - expected).abs() < 1e-6);
    assert!((gradients.y_dense.kernel.values()[0] - 2.0 * expected).abs() < 1e-5);
    Ok(())
}

/// Counts epochs, and stops at the third.
struct ThreeEpochs(usize);

impl<N: Network> Callback<N> for ThreeEpochs {
    fn on_epoch_end(&mut self, epoch: usize, _logs: &Logs, control: &mut Control<'_, N>) -> Result<(), Error> {
        self.0 = epoch;
        if epoch == 3 {
            control.stop();
        }
        Ok(())
    }
}

#[test]
fn ones_own_parts_train() -> Result<(), Error> {
    let samples = line();
    let optimizer = SignDescent { settings: Settings::new(0.02) };
    let mut trainer = Trainer::new(Line::new(1), optimizer);
    let history = trainer.fit(&samples).epochs(120).batch_size(16).silent().run()?;
    assert!(history.last("within").is_some_and(|share| share > 0.95), "{history}");
    assert_eq!(history.names(), ["loss", "within", "mean_squared_error"]);

    let mut callback = ThreeEpochs(0);
    let history = trainer.fit(&samples).epochs(10).silent().callback(&mut callback).run()?;
    assert_eq!((callback.0, history.epochs()), (3, 3));
    Ok(())
}

#[test]
fn weights_can_be_read_and_written() -> Result<(), Error> {
    let mut net = Line::new(1);
    let kernel: &mut Param = &mut net.y_dense.kernel;
    let before = kernel.version();
    kernel.view_mut()[[0, 0]] = 4.0;
    assert_ne!(kernel.version(), before);
    assert_eq!(net.predict(&Batch::from_vec(vec![0.5])?)?.y.data(), [2.0]);
    Ok(())
}
