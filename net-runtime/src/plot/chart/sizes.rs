//! The sizes of a panel and its texts.

use net_drawing::svg::{FAINT, Style};

/// Size of a panel without its legend, and within it the room around the curves: left, top, right, bottom.
pub(super) const PANEL: (f64, f64) = (460.0, 276.0);
pub(super) const AROUND: [f64; 4] = [66.0, 40.0, 18.0, 44.0];

/// Small texts.
pub(super) const TEXT: Style = Style::new(11.0, FAINT);
