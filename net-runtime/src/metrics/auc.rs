//! The area below a curve of answers of yes and no, over all thresholds.

use super::Metric;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// How many outputs of the targets yes and no are between neighbouring thresholds, above the lower one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Between {
    counts: Vec<[u64; 2]>,
}

impl Metric for Auc {
    type Target = f32;
    type State = Between;
    const NAME: &'static str = "auc";

    fn update(&self, state: &mut Between, output: &[f32], target: &[f32], _dims: &[usize]) {
        state.counts.resize(self.thresholds, [0; 2]);
        let steps = self.thresholds.saturating_sub(1) as f32;
        for (&y, &t) in output.iter().zip(target) {
            // Of the conversion a NaN is 0.
            let place = ((y.clamp(0.0, 1.0) * steps).ceil() as usize).saturating_sub(1);
            if let Some(counts) = state.counts.get_mut(place) {
                counts[usize::from(t == 0.0)] += 1;
            }
        }
    }

    fn result(&self, state: &Between) -> f32 {
        let all = state.counts.iter().fold([0; 2], |sums: [u64; 2], counts| [sums[0] + counts[0], sums[1] + counts[1]]);
        if all.contains(&0) && self.curve == Curve::Roc || all[0] == 0 {
            return 0.0;
        }
        let all = all.map(|count| count as f64);
        // From the highest threshold down: what is above it.
        let mut above = [0.0; 2];
        let mut area = 0.0;
        for counts in state.counts.iter().rev() {
            let lower = [above[0] + counts[0] as f64, above[1] + counts[1] as f64];
            area += match self.curve {
                Curve::Roc => (lower[1] - above[1]) / all[1] * (lower[0] + above[0]) / all[0] / 2.0,
                Curve::Pr => precision_recall(above, lower) / all[0],
            };
            above = lower;
        }
        area as f32
    }
}

/// The area between two thresholds, times the targets of yes, from the true and false positives at each.
fn precision_recall(above: [f64; 2], lower: [f64; 2]) -> f64 {
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
