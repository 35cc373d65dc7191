//! The learning rate from step to step.

mod inverse_time;
mod one_cycle;
mod polynomial;
mod restarts;
mod steps;

pub use inverse_time::InverseTime;
pub use one_cycle::OneCycle;
pub use polynomial::Polynomial;
pub use restarts::CosineRestarts;

use std::f32::consts::PI;

use super::require::require;
use crate::error::Error;
use steps::{fraction, require_rate, require_steps};

/// A learning rate for every step. Steps count from 0 here: the rate of the first update is that of step 0, as in Keras.
///
/// A plain number is a constant rate: `Adam::new(1e-3)`.
///
/// ```
/// use net_runtime::optimizers::{Adam, Schedule, Sgd};
///
/// let constant: Schedule = 1e-3.into();
/// assert_eq!(constant.at(1_000_000), 1e-3);
///
/// // An optimizer takes a number, a schedule, or what `Schedule`'s functions make before it is one.
/// let adam = Adam::new(Schedule::cosine(1e-3, 10_000));
/// let sgd = Sgd::new(Schedule::piecewise([1_000, 2_000], [0.1, 0.01, 0.001]));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Schedule {
    /// The same in every step.
    Constant(f32),
    /// See [`Schedule::piecewise`].
    Piecewise {
        /// The last step of every rate but the last, growing.
        boundaries: Vec<u64>,
        /// The rates, one more than boundaries.
        values: Vec<f32>,
    },
    /// See [`Schedule::exponential`].
    Exponential(Exponential),
    /// See [`Schedule::cosine`].
    Cosine(Cosine),
    /// See [`Schedule::cosine_restarts`].
    CosineRestarts(CosineRestarts),
    /// See [`Schedule::polynomial`].
    Polynomial(Polynomial),
    /// See [`Schedule::inverse_time`].
    InverseTime(InverseTime),
    /// See [`Schedule::one_cycle`].
    OneCycle(OneCycle),
}

/// A rate that falls by a factor again and again; see [`Schedule::exponential`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponential {
    initial: f32,
    decay_steps: u64,
    decay_rate: f32,
    staircase: bool,
}

/// A rate that falls along half a cosine wave; see [`Schedule::cosine`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cosine {
    initial: f32,
    decay_steps: u64,
    alpha: f32,
    warmup: Option<Warmup>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Warmup {
    target: f32,
    steps: u64,
}

impl Schedule {
    /// Constant between boundaries: `values[0]` up to and with step `boundaries[0]`, then `values[1]` up to and with
    /// `boundaries[1]`, and so on; the last value for all later steps. Keras's `PiecewiseConstantDecay`.
    ///
    /// ```
    /// use net_runtime::optimizers::Schedule;
    ///
    /// let rate = Schedule::piecewise([100, 200], [0.1, 0.01, 0.001]);
    /// assert_eq!([rate.at(100), rate.at(101), rate.at(201)], [0.1, 0.01, 0.001]);
    /// ```
    #[doc(alias = "PiecewiseConstantDecay")]
    #[doc(alias = "MultiStepLR")]
    pub fn piecewise(boundaries: impl Into<Vec<u64>>, values: impl Into<Vec<f32>>) -> Self {
        Self::Piecewise { boundaries: boundaries.into(), values: values.into() }
    }

    /// `initial · decay_rate^(step / decay_steps)`. Keras's `ExponentialDecay`; see [`Exponential::staircase`].
    ///
    /// ```
    /// use net_runtime::optimizers::Schedule;
    ///
    /// let rate = Schedule::from(Schedule::exponential(0.1, 100, 0.5).staircase());
    /// assert_eq!([rate.at(99), rate.at(100), rate.at(200)], [0.1, 0.05, 0.025]);
    /// ```
    #[doc(alias = "ExponentialDecay")]
    #[doc(alias = "ExponentialLR")]
    #[doc(alias = "StepLR")]
    pub fn exponential(initial: f32, decay_steps: u64, decay_rate: f32) -> Exponential {
        Exponential { initial, decay_steps, decay_rate, staircase: false }
    }

    /// From `initial` down to 0 (or see [`Cosine::alpha`]) along half a cosine wave, in `decay_steps` steps, then
    /// constant: `initial · ((1 - alpha)·(1 + cos(π·step / decay_steps)) / 2 + alpha)`. Keras's `CosineDecay`
    /// (Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017); with [`Cosine::warmup`] it rises first.
    ///
    /// ```
    /// use net_runtime::optimizers::Schedule;
    ///
    /// let rate = Schedule::from(Schedule::cosine(0.0, 900).warmup(1e-3, 100));
    /// assert_eq!([rate.at(0), rate.at(100), rate.at(1_000)], [0.0, 1e-3, 0.0]);
    /// ```
    #[doc(alias = "CosineDecay")]
    #[doc(alias = "CosineAnnealingLR")]
    pub fn cosine(initial: f32, decay_steps: u64) -> Cosine {
        Cosine { initial, decay_steps, alpha: 0.0, warmup: None }
    }

    /// As [`cosine`](Self::cosine) in `first_steps` steps, then anew from `initial` in twice as many, and so on: warm restarts
    /// (Loshchilov and Hutter 2017). Keras's `CosineDecayRestarts`; see [`CosineRestarts::longer`] and [`CosineRestarts::lower`].
    /// In the step with which a wave begins, Keras's rounding may still have the end of the one before.
    ///
    /// ```
    /// use net_runtime::optimizers::Schedule;
    ///
    /// let rate = Schedule::from(Schedule::cosine_restarts(0.1, 100).lower(0.5));
    /// assert!(rate.at(99) < 1e-3 && (rate.at(101) - 0.05).abs() < 1e-3);
    /// ```
    #[doc(alias = "CosineDecayRestarts")]
    #[doc(alias = "CosineAnnealingWarmRestarts")]
    pub fn cosine_restarts(initial: f32, first_steps: u64) -> CosineRestarts {
        CosineRestarts::new(initial, first_steps)
    }

    /// From `initial` to 1e-4 (or see [`Polynomial::end`]) in `decay_steps` steps, then constant:
    /// `(initial - end)·(1 - step / decay_steps)^power + end`, with a power of 1 where nothing else is said. Keras's `PolynomialDecay`.
    ///
    /// ```
    /// use net_runtime::optimizers::Schedule;
    ///
    /// let rate = Schedule::from(Schedule::polynomial(0.1, 100).end(0.0));
    /// assert!((rate.at(50) - 0.05).abs() < 1e-6 && rate.at(200) == 0.0);
    /// ```
    #[doc(alias = "PolynomialDecay")]
    #[doc(alias = "PolynomialLR")]
    pub fn polynomial(initial: f32, decay_steps: u64) -> Polynomial {
        Polynomial::new(initial, decay_steps)
    }

    /// `initial / (1 + decay_rate·step / decay_steps)`. Keras's `InverseTimeDecay`; see [`InverseTime::staircase`].
    ///
    /// ```
    /// use net_runtime::optimizers::Schedule;
    ///
    /// let rate = Schedule::from(Schedule::inverse_time(0.1, 100, 1.0));
    /// assert!((rate.at(100) - 0.05).abs() < 1e-6 && (rate.at(300) - 0.025).abs() < 1e-6);
    /// ```
    #[doc(alias = "InverseTimeDecay")]
    pub fn inverse_time(initial: f32, decay_steps: u64, decay_rate: f32) -> InverseTime {
        InverseTime::new(initial, decay_steps, decay_rate)
    }

    /// Up to `largest` in the first 30 % of the steps, then down to nearly nothing in the last one, both along half a cosine wave
    /// (Smith and Topin, "Super-Convergence", 2018). PyTorch's `OneCycleLR`, which also moves the momentum unless it is told not to.
    ///
    /// ```
    /// use net_runtime::optimizers::Schedule;
    ///
    /// let rate = Schedule::from(Schedule::one_cycle(0.1, 1_000).rising(0.2));
    /// assert!(rate.at(0) < rate.at(199) && rate.at(199) > rate.at(999));
    /// ```
    #[doc(alias = "OneCycleLR")]
    pub fn one_cycle(largest: f32, steps: u64) -> OneCycle {
        OneCycle::new(largest, steps)
    }

    /// The rate of a step, counted from 0.
    pub fn at(&self, step: u64) -> f32 {
        match self {
            Self::Constant(rate) => *rate,
            Self::Piecewise { boundaries, values } => {
                let passed = boundaries.iter().take_while(|&&boundary| step > boundary).count();
                values.get(passed).copied().unwrap_or(f32::NAN)
            }
            Self::Exponential(exponential) => exponential.at(step),
            Self::Cosine(cosine) => cosine.at(step),
            Self::CosineRestarts(restarts) => restarts.at(step),
            Self::Polynomial(polynomial) => polynomial.at(step),
            Self::InverseTime(inverse_time) => inverse_time.at(step),
            Self::OneCycle(one_cycle) => one_cycle.at(step),
        }
    }

    /// Looks whether it has a sensible rate for every step.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if a rate is negative or not finite, there are not one more values than boundaries, boundaries
    /// do not grow, or `decay_steps` is 0. A rate that grows without end is an error of the step in which it is infinite.
    pub fn validate(&self) -> Result<(), Error> {
        match self {
            Self::Constant(value) => require_rate(*value),
            Self::Piecewise { boundaries, values } => {
                if values.len() != boundaries.len() + 1 {
                    return Err(Error::Invalid(format!(
                        "a learning rate in steps needs one value more than boundaries, but has {} and {}",
                        values.len(),
                        boundaries.len(),
                    )));
                }
                if !boundaries.is_sorted_by(|a, b| a < b) {
                    return Err(Error::Invalid(format!(
                        "the boundaries of a learning rate in steps should grow, but are {boundaries:?}"
                    )));
                }
                values.iter().try_for_each(|&value| require_rate(value))
            }
            Self::Exponential(Exponential { initial, decay_steps, decay_rate, .. }) => {
                require_rate(*initial)?;
                require_steps("decay_steps", *decay_steps)?;
                require("`decay_rate` of the learning rate", *decay_rate, *decay_rate > 0.0, "above 0")
            }
            Self::Cosine(Cosine { initial, decay_steps, alpha, warmup }) => {
                require_rate(*initial)?;
                require_rate(warmup.map_or(0.0, |warmup| warmup.target))?;
                require_steps("decay_steps", *decay_steps)?;
                require("`alpha` of the learning rate", *alpha, *alpha >= 0.0, "at least 0")
            }
            Self::CosineRestarts(restarts) => restarts.validate(),
            Self::Polynomial(polynomial) => polynomial.validate(),
            Self::InverseTime(inverse_time) => inverse_time.validate(),
            Self::OneCycle(one_cycle) => one_cycle.validate(),
        }
    }
}

impl Exponential {
    /// Lets the rate fall only every `decay_steps` steps.
    pub fn staircase(mut self) -> Self {
        self.staircase = true;
        self
    }

    fn at(&self, step: u64) -> f32 {
        let falls = if self.staircase {
            step.checked_div(self.decay_steps).map_or(f32::NAN, |whole| whole as f32)
        } else {
            fraction(step, self.decay_steps)
        };
        self.initial * self.decay_rate.powf(falls)
    }
}

impl Cosine {
    /// The last rate, as a share of the largest.
    pub fn alpha(mut self, share: f32) -> Self {
        self.alpha = share;
        self
    }

    /// Begins by rising evenly from the initial rate to `target` in `steps` steps (Goyal et al. 2017); the wave then goes
    /// down from `target`, and its steps count from there.
    pub fn warmup(mut self, target: f32, steps: u64) -> Self {
        self.warmup = Some(Warmup { target, steps });
        self
    }

    fn at(&self, step: u64) -> f32 {
        let warmup = self.warmup.unwrap_or(Warmup { target: self.initial, steps: 0 });
        if step < warmup.steps {
            return (warmup.target - self.initial) * fraction(step, warmup.steps) + self.initial;
        }
        let done = fraction((step - warmup.steps).min(self.decay_steps), self.decay_steps);
        let wave = 0.5 * (1.0 + (PI * done).cos());
        warmup.target * ((1.0 - self.alpha) * wave + self.alpha)
    }
}

impl From<Exponential> for Schedule {
    fn from(exponential: Exponential) -> Self {
        Self::Exponential(exponential)
    }
}

impl From<Cosine> for Schedule {
    fn from(cosine: Cosine) -> Self {
        Self::Cosine(cosine)
    }
}

impl From<CosineRestarts> for Schedule {
    fn from(restarts: CosineRestarts) -> Self {
        Self::CosineRestarts(restarts)
    }
}

impl From<Polynomial> for Schedule {
    fn from(polynomial: Polynomial) -> Self {
        Self::Polynomial(polynomial)
    }
}

impl From<InverseTime> for Schedule {
    fn from(inverse_time: InverseTime) -> Self {
        Self::InverseTime(inverse_time)
    }
}

impl From<OneCycle> for Schedule {
    fn from(one_cycle: OneCycle) -> Self {
        Self::OneCycle(one_cycle)
    }
}

impl From<f32> for Schedule {
    fn from(rate: f32) -> Self {
        Self::Constant(rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn gives(schedule: impl Into<Schedule>, rates: &[f32]) {
        let schedule = schedule.into();
        let steps = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12];
        schedule.validate().unwrap();
        for (&rate, step) in rates.iter().zip(steps) {
            let found = schedule.at(step);
            assert!((found - rate).abs() <= 2e-7 * rate, "step {step}: {found} for {rate}");
        }
    }

    /// The numbers are Keras 3.15's.
    #[test]
    fn schedules_are_those_of_keras() {
        gives(0.5, &[0.5; 12]);
        gives(
            Schedule::piecewise([3, 6], [1.0, 0.5, 0.1]),
            &[1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1],
        );
        gives(
            Schedule::exponential(0.1, 4, 0.5),
            &[
                0.1,
                0.084_089_644,
                0.070_710_68,
                0.059_460_353,
                0.05,
                0.042_044_822,
                0.035_355_34,
                0.029_730_177,
                0.025,
                0.017_677_67,
                0.014_865_088,
                0.0125,
            ],
        );
        gives(
            Schedule::exponential(0.1, 4, 0.5).staircase(),
            &[0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.0125],
        );
        gives(
            Schedule::cosine(0.1, 8).alpha(0.1),
            &[
                0.1,
                0.096_574_58,
                0.086_819_81,
                0.072_220_76,
                0.055,
                0.037_779_24,
                0.023_180_196,
                0.013_425_417,
                0.01,
                0.01,
                0.01,
                0.01,
            ],
        );
        gives(
            Schedule::cosine(0.01, 8).alpha(0.1).warmup(0.1, 3),
            &[
                0.01,
                0.04,
                0.07,
                0.1,
                0.096_574_58,
                0.086_819_81,
                0.072_220_76,
                0.055,
                0.037_779_24,
                0.013_425_417,
                0.01,
                0.01,
            ],
        );
    }

    #[test]
    fn a_schedule_that_makes_no_sense_is_an_error_and_never_a_panic() {
        fn problem(schedule: impl Into<Schedule>) -> String {
            let schedule = schedule.into();
            let _ = schedule.at(3);
            schedule.validate().unwrap_err().to_string()
        }
        assert_eq!(problem(-1.0), "the learning rate should be at least 0, but is -1");
        assert_eq!(problem(f32::NAN), "the learning rate should be at least 0, but is NaN");
        assert_eq!(
            problem(Schedule::piecewise([1, 2], [0.1, 0.2])),
            "a learning rate in steps needs one value more than boundaries, but has 2 and 2"
        );
        assert_eq!(
            problem(Schedule::piecewise([2, 2], [0.3, 0.2, 0.1])),
            "the boundaries of a learning rate in steps should grow, but are [2, 2]"
        );
        let steps = "`decay_steps` of the learning rate should be above 0";
        assert_eq!(problem(Schedule::cosine(0.1, 0)), steps);
        assert_eq!(problem(Schedule::exponential(0.1, 0, 0.9).staircase()), steps);
        assert_eq!(problem(Schedule::polynomial(0.1, 0).cycle()), steps);
        assert_eq!(problem(Schedule::inverse_time(0.1, 0, 0.9).staircase()), steps);
        assert_eq!(problem(Schedule::cosine_restarts(0.1, 0)), "`first_steps` of the learning rate should be above 0");
        assert_eq!(
            problem(Schedule::cosine_restarts(0.1, 4).longer(0.5)),
            "`longer` of the learning rate should be at least 1, but is 0.5"
        );
        assert_eq!(problem(Schedule::one_cycle(0.1, 0)), "`steps` of the learning rate should be above 0");
        assert_eq!(
            problem(Schedule::one_cycle(0.1, 10).rising(1.0)),
            "`rising` of the learning rate should be between 0 and 1, but is 1"
        );
    }

    /// PyTorch 2's rates.
    const ONE_CYCLE: [f32; 10] =
        [0.004, 0.052, 0.1, 0.095_048_46, 0.081_174_57, 0.061_126_2, 0.038_874_198, 0.018_825_835, 0.004_951_937, 4e-7];

    #[test]
    fn one_cycle_is_that_of_pytorch() {
        let schedule = Schedule::from(Schedule::one_cycle(0.1, 10));
        for (step, rate) in ONE_CYCLE.into_iter().enumerate() {
            let found = schedule.at(step as u64);
            assert!((found - rate).abs() <= 2e-7 * rate, "step {step}: {found} for {rate}");
        }
        // Behind the end it stays.
        assert_eq!(schedule.at(10), schedule.at(9));
        let few = Schedule::from(Schedule::one_cycle(0.1, 1));
        assert!((0..3).all(|step| few.at(step).is_finite()));
    }
}
