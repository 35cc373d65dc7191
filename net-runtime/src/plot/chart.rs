//! Curves over epochs: the history of a training.

use std::path::Path;

use crate::error::Error;
use net_drawing::svg::{Anchor, INK, Style, Svg, text_room};

pub(crate) mod axis;
mod legend;
pub(crate) mod panel;
mod scale;
pub(crate) mod series;
mod sizes;
#[cfg(test)]
mod tests;

use scale::Scale;
use sizes::{PANEL, TEXT};

pub use axis::ValueScale;
pub use panel::Panel;
pub use series::Series;

/// Panels of curves.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// What stands above all.
    pub title: String,
    /// The number of the epoch with which all curves begin.
    pub first_epoch: usize,
    /// The panels, each with its own scale.
    pub panels: Vec<Panel>,
}

/// Height of the chart's title, and room around the panels.
const TITLE: f64 = 44.0;
const MARGIN: f64 = 8.0;

/// Two shades for each name, of training and of validation, that differ in lightness as much as in colour; and colours
/// that eyes with a weakness for some of them tell apart too.
const COLORS: [[&str; 2]; 7] = [
    ["#3b82f6", "#1e3a8a"],
    ["#ea580c", "#7c2d12"],
    ["#059669", "#064e3b"],
    ["#d946ef", "#701a75"],
    ["#b7791f", "#713f12"],
    ["#0891b2", "#164e63"],
    ["#ef4444", "#7f1d1d"],
];

impl Chart {
    /// Writes the chart, as SVG or PNG by the extension.
    ///
    /// # Errors
    ///
    /// As [`write()`](super::write()).
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        super::write(&self.draw(), path)
    }

    /// The chart as SVG: up to three panels beside each other.
    pub fn draw(&self) -> String {
        let count = self.panels.len();
        let columns = match count {
            0..=3 => count.max(1),
            4 => 2,
            _ => 3,
        };
        let rows = count.div_ceil(columns).max(1);
        let title = Style::bold(17.0, INK);
        let widest = text_room(&self.title, title.size, true) + 32.0;
        let width = (columns as f64 * PANEL.0 + 2.0 * MARGIN).max(widest);
        // All panels leave as much room as the longest legend takes, so that their axes are level.
        let legends: Vec<_> = self.panels.iter().map(|panel| panel.legend(self.first_epoch)).collect();
        let lines = legends.iter().map(Vec::len).max().unwrap_or(0);
        let height = PANEL.1 + lines as f64 * legend::LINE;
        let mut svg = Svg::new(width.ceil(), TITLE + rows as f64 * height + MARGIN);
        svg.text(16.0, 28.0, title, &self.title);
        for (index, (panel, legend)) in self.panels.iter().zip(&legends).enumerate() {
            let left = MARGIN + (index % columns) as f64 * PANEL.0;
            let top = TITLE + (index / columns) as f64 * height;
            let scale =
                Scale::new((self.first_epoch, panel.epochs()), (panel.values(), panel.scale), [left, top, height]);
            panel.draw_title(&mut svg, &scale, top + 18.0);
            legend::draw(&mut svg, legend, scale.left, top + 38.0);
            draw_axes(&mut svg, &scale);
            for (series, color) in panel.colored() {
                series.draw(&mut svg, &scale, color);
            }
            // The marks above all curves.
            for (series, color) in panel.colored() {
                series.draw_best(&mut svg, &scale, color);
            }
        }
        svg.finish(&self.title)
    }
}

impl Panel {
    fn draw_title(&self, svg: &mut Svg, scale: &Scale, base: f64) {
        let title = Style::bold(13.0, INK);
        let log = if scale.y.is_logarithmic() { "logarithmic" } else { "" };
        let room = scale.right - scale.left - text_room(log, TEXT.size, false);
        svg.text(scale.left, base, title, &legend::shortened(&self.title, room, title));
        svg.text(scale.right, base, Style { anchor: Anchor::End, ..TEXT }, log);
    }

    /// The curves, each with its colour: one for each name, in a darker shade for `val_x` than for `x`.
    fn colored(&self) -> impl Iterator<Item = (&Series, &'static str)> {
        let mut names: Vec<&str> = Vec::new();
        self.series.iter().map(move |series| {
            let name = series.name.strip_prefix("val_").unwrap_or(&series.name);
            let index = names.iter().position(|&known| known == name).unwrap_or_else(|| {
                names.push(name);
                names.len() - 1
            });
            let [training, validation] = COLORS[index % COLORS.len()];
            (series, if series.validation { validation } else { training })
        })
    }
}

fn draw_axes(svg: &mut Svg, scale: &Scale) {
    for (value, name) in scale.y.ticks() {
        let y = scale.value(value);
        svg.path(&format!("M{} {y} H{}", scale.left, scale.right), r##"stroke="#e5e7eb" stroke-width="1""##);
        svg.text(scale.left - 8.0, y + 4.0, Style { anchor: Anchor::End, ..TEXT }, &name);
    }
    for value in scale.y.minor_ticks() {
        svg.path(&format!("M{} {} h-4", scale.left, scale.value(value)), r##"stroke="#9ca3af" stroke-width="1""##);
    }
    for (index, name) in scale.x.ticks() {
        let x = scale.epoch(index);
        svg.path(&format!("M{x} {} v4", scale.bottom), r##"stroke="#9ca3af" stroke-width="1""##);
        svg.text(x, scale.bottom + 18.0, Style { anchor: Anchor::Middle, ..TEXT }, &name);
    }
    let base = format!("M{} {} H{}", scale.left, scale.bottom, scale.right);
    svg.path(&base, r##"stroke="#9ca3af" stroke-width="1""##);
    let middle = (scale.left + scale.right) / 2.0;
    svg.text(middle, scale.bottom + 34.0, Style { anchor: Anchor::Middle, ..TEXT }, "epoch");
}
