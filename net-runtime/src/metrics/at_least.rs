//! The best of one share while another is at least so much.

use super::Metric;
use super::thresholds::{Above, Between};

/// A part as a share of it and the rest, in `f32` as Keras compares it; of nothing, 0.
fn share(part: f64, rest: f64) -> f32 {
    if part == 0.0 { 0.0 } else { part as f32 / (part + rest) as f32 }
}

fn precision([right, wrong]: Above, _all: Above) -> f32 {
    share(right, wrong)
}

fn recall([right, _]: Above, [yes, _]: Above) -> f32 {
    share(right, yes - right)
}

use recall as sensitivity;

fn specificity([_, wrong]: Above, [_, no]: Above) -> f32 {
    share(no - wrong, wrong)
}

macro_rules! at_least {
    ($($(#[$doc:meta])* $metric:ident, $name:literal, $best:ident, $least:ident;)+) => {$(
        $(#[$doc])*
        ///
        /// A target counts as yes unless it is 0; an output is a yes above a threshold. 0 where no threshold will do.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $metric {
            /// What the other share is to be at least, from 0 to 1.
            pub $least: f32,
            /// How many thresholds are tried, evenly spread from 0 to 1. At least 2.
            pub thresholds: usize,
        }

        impl Metric for $metric {
            type Target = f32;
            type State = Between;
            const NAME: &'static str = $name;

            fn update(&self, state: &mut Between, output: &[f32], target: &[f32], _dims: &[usize]) {
                state.add(self.thresholds, output, target);
            }

            fn result(&self, state: &Between) -> f32 {
                let all = state.all();
                let enough = state.above().filter(|&above| $least(above, all) >= self.$least);
                enough.map(|above| $best(above, all)).fold(0.0, f32::max)
            }

            fn reset(&self, state: &mut Between) {
                state.reset();
            }
        }
    )+};
}

at_least! {
    /// The best precision while at least so much of what is yes is found, of all elements. Keras's `PrecisionAtRecall`.
    ///
    /// In `network!`: `PrecisionAtRecall(recall, thresholds = 200)`; the example is at [yes and no](crate::metrics#yes-and-no).
    PrecisionAtRecall, "precision_at_recall", precision, recall;
    /// The largest share of what is yes that is found with at least such a precision, of all elements. Keras's `RecallAtPrecision`.
    ///
    /// In `network!`: `RecallAtPrecision(precision, thresholds = 200)`; the example is at [yes and no](crate::metrics#yes-and-no).
    RecallAtPrecision, "recall_at_precision", recall, precision;
    /// The largest share of what is yes that is found while at least so much of what is no is found to be no, of all elements. Keras's
    /// `SensitivityAtSpecificity`.
    ///
    /// In `network!`: `SensitivityAtSpecificity(specificity, thresholds = 200)`; the example is at [yes and no](crate::metrics#yes-and-no).
    SensitivityAtSpecificity, "sensitivity_at_specificity", recall, specificity;
    /// The largest share of what is no that is found to be no while at least so much of what is yes is found, of all elements. Keras's
    /// `SpecificityAtSensitivity`.
    ///
    /// In `network!`: `SpecificityAtSensitivity(sensitivity, thresholds = 200)`; the example is at [yes and no](crate::metrics#yes-and-no).
    SpecificityAtSensitivity, "specificity_at_sensitivity", specificity, sensitivity;
}
