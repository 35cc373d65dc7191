//! Curves that stand together.

use super::axis::ValueScale;
use super::series::Series;

/// Curves with a common scale.
#[derive(Clone, Debug, Default)]
pub struct Panel {
    /// What stands above the panel.
    pub title: String,
    /// Its curves.
    pub series: Vec<Series>,
    /// How its values become lengths.
    pub scale: ValueScale,
}

impl Panel {
    /// Epochs of the longest curve.
    pub(super) fn epochs(&self) -> usize {
        self.series.iter().map(|series| series.values.len()).max().unwrap_or(0)
    }

    /// The values of all curves.
    pub(super) fn values(&self) -> impl Iterator<Item = f64> + Clone {
        self.series.iter().flat_map(|series| &series.values).copied()
    }
}
