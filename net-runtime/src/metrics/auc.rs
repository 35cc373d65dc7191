//! The area below a curve of answers of yes and no, over all thresholds.

use super::Metric;
use super::thresholds::{Above, Between};

/// Which curve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Curve {
    /// The share of yes that is found, over the share of no that is taken for it (receiver operating characteristic).
    #[default]
    Roc,
    /// The share of right answers among those of yes, over the share of yes that is found (precision and recall).
    Pr,
}

/// The area below a curve, of all elements, from the answers at evenly spread thresholds from 0 to 1.
///
/// As Keras's `AUC` with its interpolation between thresholds: along straight lines for the first curve, and for precision and recall
/// as Davis and Goadrich (2006) have it. A target counts as yes unless it is 0; outputs are taken into [0, 1]. Without a target of
/// each kind the area is 0.
///
/// In `network!`: `Auc(curve = roc, thresholds = 200)` or `pr`; the example is at [yes and no](crate::metrics#yes-and-no).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "AUC")]
#[doc(alias = "AUROC")]
pub struct Auc {
    /// Which curve.
    pub curve: Curve,
    /// How many thresholds there are, at least 2.
    pub thresholds: usize,
}

impl Default for Auc {
    fn default() -> Self {
        Self { curve: Curve::Roc, thresholds: 200 }
    }
}

impl Metric for Auc {
    type Target = f32;
    type State = Between;
    const NAME: &'static str = "auc";

    fn update(&self, state: &mut Between, output: &[f32], target: &[f32], _dims: &[usize]) {
        state.add(self.thresholds, output, target);
    }

    fn result(&self, state: &Between) -> f32 {
        let all = state.all();
        if all[1] == 0.0 && self.curve == Curve::Roc || all[0] == 0.0 {
            return 0.0;
        }
        // The lowest threshold is a little below 0, and all are above it.
        let lowest = self.thresholds.saturating_sub(1);
        let above = state.above().enumerate().map(|(place, above)| if place == lowest { all } else { above });
        let mut before = [0.0; 2];
        let mut area = 0.0;
        for lower in above {
            area += match self.curve {
                Curve::Roc => (lower[1] - before[1]) / all[1] * (lower[0] + before[0]) / all[0] / 2.0,
                Curve::Pr => precision_recall(before, lower) / all[0],
            };
            before = lower;
        }
        area as f32
    }

    fn reset(&self, state: &mut Between) {
        state.reset();
    }
}

/// The area between two thresholds, times the targets of yes, from what is above each.
fn precision_recall(above: Above, lower: Above) -> f64 {
    let [before, after] = [above[0] + above[1], lower[0] + lower[1]];
    if after == before {
        return 0.0;
    }
    let right = lower[0] - above[0];
    let slope = right / (after - before);
    let intercept = above[0] - slope * before;
    let ratio = if before > 0.0 { after / before } else { 1.0 };
    slope * (right + intercept * ratio.ln())
}
