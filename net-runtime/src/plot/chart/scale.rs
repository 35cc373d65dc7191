//! From values to places.

use net_drawing::svg::number;

use super::axis::{Axis, EpochAxis, ValueScale};
use super::sizes::{AROUND, PANEL};

/// From values to places in the picture.
pub(super) struct Scale {
    pub x: EpochAxis,
    pub y: Axis,
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

impl Scale {
    /// For curves with so many epochs and these values, in a panel of this height at this place.
    pub fn new(
        (first_epoch, epochs): (usize, usize),
        (values, scale): (impl Iterator<Item = f64> + Clone, ValueScale),
        [left, top, height]: [f64; 3],
    ) -> Self {
        Self {
            x: EpochAxis::new(first_epoch, epochs),
            y: Axis::of_values(values, scale),
            left: left + AROUND[0],
            right: left + PANEL.0 - AROUND[2],
            top: top + AROUND[1] + height - PANEL.1,
            bottom: top + height - AROUND[3],
        }
    }

    /// Where an epoch stands, by its index.
    pub fn epoch(&self, index: usize) -> f64 {
        number(self.left + self.x.share(index) * (self.right - self.left))
    }

    pub fn value(&self, value: f64) -> f64 {
        number(self.bottom - self.y.share(value) * (self.bottom - self.top))
    }
}
