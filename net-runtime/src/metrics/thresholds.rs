//! Answers of yes and no at many thresholds.

/// How many outputs of the targets yes and no are between neighbours of so many thresholds, evenly spread from 0 to 1: those of the
/// first place are above none of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Between {
    counts: Vec<[u64; 2]>,
}

/// The numbers of outputs above a threshold, of targets yes and no.
pub(super) type Above = [f64; 2];

impl Between {
    /// Adds answers; a target counts as yes unless it is 0, and outputs are taken into [0, 1].
    pub(super) fn add(&mut self, thresholds: usize, output: &[f32], target: &[f32]) {
        self.counts.resize(thresholds, [0; 2]);
        let steps = thresholds.saturating_sub(1) as f32;
        for (&y, &t) in output.iter().zip(target) {
            // Of the conversion a NaN is 0.
            let place = (y.clamp(0.0, 1.0) * steps).ceil() as usize;
            if let Some(counts) = self.counts.get_mut(place) {
                counts[usize::from(t == 0.0)] += 1;
            }
        }
    }

    /// No answers, in the same memory.
    pub(super) fn reset(&mut self) {
        self.counts.fill([0; 2]);
    }

    /// All answers.
    pub(super) fn all(&self) -> Above {
        self.counts.iter().fold([0.0; 2], sum)
    }

    /// What is above each threshold, from the highest down.
    pub(super) fn above(&self) -> impl Iterator<Item = Above> {
        let mut above = [0.0; 2];
        let highest = self.counts.first().map(|_| above);
        let next = move |counts| {
            above = sum(above, counts);
            above
        };
        highest.into_iter().chain(self.counts.iter().skip(1).rev().map(next))
    }
}

fn sum(all: Above, counts: &[u64; 2]) -> Above {
    [all[0] + counts[0] as f64, all[1] + counts[1] as f64]
}
