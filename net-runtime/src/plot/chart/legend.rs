//! What the curves of a panel are, and their values.

use super::axis::short;
use super::panel::Panel;
use super::series::{Series, draw_mark};
use super::sizes::{AROUND, PANEL, TEXT};
use net_drawing::svg::{INK, Style, Svg, text_room};

/// Height of a line.
pub(super) const LINE: f64 = 16.0;

/// Width of what stands before a text, the gap behind it, and room between entries.
const SAMPLE: f64 = 24.0;
const GAP: f64 = 6.0;
const BETWEEN_ENTRIES: f64 = 16.0;

/// Room for all entries of a line.
const WIDTH: f64 = PANEL.0 - AROUND[0] - AROUND[2];

/// A curve with its last value, or the mark of the best epoch with the value there.
#[derive(Debug)]
pub(super) struct Entry<'p> {
    series: &'p Series,
    color: &'static str,
    is_best: bool,
    name: String,
    value: String,
}

impl Entry<'_> {
    fn width(&self) -> f64 {
        SAMPLE + GAP + text_room(&format!("{} {}", self.name, self.value), TEXT.size, false)
    }
}

impl Panel {
    /// The entries of each line of the legend.
    pub(super) fn legend(&self, first_epoch: usize) -> Vec<Vec<Entry<'_>>> {
        let mut lines: Vec<Vec<Entry<'_>>> = Vec::new();
        let mut taken = 0.0;
        for (series, color) in self.colored() {
            let last = series.last();
            let room = WIDTH - SAMPLE - GAP - text_room(&format!(" {last}"), TEXT.size, false);
            let curve = Entry { series, color, is_best: false, name: shortened(&series.name, room, TEXT), value: last };
            let best = series.marked().map(|(index, value)| {
                let value = format!("{} in epoch {}", short(value), first_epoch.saturating_add(index));
                Entry { series, color, is_best: true, name: "best".to_owned(), value }
            });
            for entry in [Some(curve), best].into_iter().flatten() {
                let width = entry.width();
                match lines.last_mut() {
                    Some(line) if taken + BETWEEN_ENTRIES + width <= WIDTH => {
                        line.push(entry);
                        taken += BETWEEN_ENTRIES + width;
                    }
                    _ => {
                        lines.push(vec![entry]);
                        taken = width;
                    }
                }
            }
        }
        lines
    }
}

/// Draws the lines of a legend.
pub(super) fn draw(svg: &mut Svg, lines: &[Vec<Entry<'_>>], left: f64, top: f64) {
    for (index, line) in lines.iter().enumerate() {
        let (mut x, y) = (left, top + index as f64 * LINE);
        for entry in line {
            if entry.is_best {
                draw_mark(svg, (x + SAMPLE / 2.0, y - 4.0), entry.color);
            } else {
                entry.series.draw_sample(svg, [x, y - 4.0, SAMPLE], entry.color);
            }
            svg.named_value(x + SAMPLE + GAP, y, TEXT, &entry.name, INK, &entry.value);
            x += entry.width() + BETWEEN_ENTRIES;
        }
    }
}

/// A text that fits into the given room: of a longer one, its end.
pub(super) fn shortened(text: &str, room: f64, style: Style) -> String {
    let fits = |text: &str| text_room(text, style.size, style.bold) <= room;
    if fits(text) {
        return text.to_owned();
    }
    let ends = text.char_indices().map(|(index, _)| format!("…{}", &text[index..]));
    ends.into_iter().find(|end| fits(end)).unwrap_or_default()
}
