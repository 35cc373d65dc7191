//! One curve.

use super::axis::short;
use super::scale::Scale;
use net_drawing::svg::{Svg, number};

/// A value for each epoch.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// Its name in the legend. A curve named `val_x` has the colour of `x`.
    pub name: String,
    /// The values, from the chart's first epoch on. One that is not finite leaves a gap.
    pub values: Vec<f64>,
    /// Whether it is of validation data: its line is darker and dashed, with rings on it.
    pub validation: bool,
    /// Index of the value to mark as the best, if one is.
    pub best: Option<usize>,
}

/// Number of rings on a line, of validation data, that has many values.
const RINGS: usize = 10;

/// Half the height of the mark of the best epoch.
const MARK: f64 = 6.0;

impl Series {
    /// The value that the curve ends with, in words.
    pub(super) fn last(&self) -> String {
        self.values.last().map_or_else(String::new, |&last| short(last))
    }

    /// The value that is marked, with its index. A single value needs no mark.
    pub(super) fn marked(&self) -> Option<(usize, f64)> {
        let index = self.best.filter(|_| self.values.len() > 1)?;
        self.values.get(index).filter(|value| value.is_finite()).map(|&value| (index, value))
    }

    /// A line for every run of values, a dot for a single one.
    pub(super) fn draw(&self, svg: &mut Svg, scale: &Scale, color: &str) {
        let mut first = 0;
        for run in self.values.split(|&value| !scale.y.holds(value)) {
            let places: Vec<(f64, f64)> = run
                .iter()
                .enumerate()
                .map(|(index, &value)| (scale.epoch(first + index), scale.value(value)))
                .collect();
            match places.as_slice() {
                [] => {}
                [place] => self.draw_point(svg, *place, 3.5, color),
                several => {
                    let points: Vec<String> = several.iter().map(|(x, y)| format!("{x} {y}")).collect();
                    svg.path(&format!("M{}", points.join(" L")), &self.line_style(color));
                }
            }
            first += run.len() + 1;
        }
        let count = self.values.len();
        let shown = |index: usize| self.values.get(index).is_some_and(|&value| scale.y.holds(value));
        let place = |index: usize| (scale.epoch(index), scale.value(self.values[index]));
        if self.validation {
            // Counted from the end, where most readers look first.
            let step = count.div_ceil(RINGS).max(1);
            for index in (0..count).rev().step_by(step).filter(|&index| shown(index)) {
                self.draw_point(svg, place(index), 2.5, color);
            }
        } else if count > 1 && shown(count - 1) {
            self.draw_point(svg, place(count - 1), 2.5, color);
        }
    }

    /// A disc, or a ring for validation data.
    fn draw_point(&self, svg: &mut Svg, (x, y): (f64, f64), radius: f64, color: &str) {
        svg.dot(x, y, radius, color);
        if self.validation {
            svg.dot(x, y, radius - 1.3, "#ffffff");
        }
    }

    /// Marks the best epoch, with a line down to its number.
    pub(super) fn draw_best(&self, svg: &mut Svg, scale: &Scale, color: &str) {
        let Some((index, value)) = self.marked().filter(|&(_, value)| scale.y.holds(value)) else { return };
        let (x, y) = (scale.epoch(index), scale.value(value));
        let down = format!("M{x} {} V{}", number(y + MARK), scale.bottom);
        svg.path(&down, &format!(r#"fill="none" stroke="{color}" stroke-width="1" stroke-dasharray="1 3""#));
        draw_mark(svg, (x, y), color);
    }

    /// A piece of the line for the legend.
    pub(super) fn draw_sample(&self, svg: &mut Svg, [left, y, width]: [f64; 3], color: &str) {
        let data = format!("M{} {} H{}", number(left), number(y), number(left + width));
        svg.path(&data, &self.line_style(color));
        if self.validation {
            self.draw_point(svg, (left + width / 2.0, y), 2.5, color);
        }
    }

    fn line_style(&self, color: &str) -> String {
        let dashes = if self.validation { r#" stroke-dasharray="6 3""# } else { "" };
        format!(r#"fill="none" stroke="{color}" stroke-width="2" stroke-linejoin="round"{dashes}"#)
    }
}

/// A filled diamond with a white rim.
pub(super) fn draw_mark(svg: &mut Svg, (x, y): (f64, f64), color: &str) {
    let [left, right, top, bottom] = [x - MARK, x + MARK, y - MARK, y + MARK].map(number);
    let (x, y) = (number(x), number(y));
    let data = format!("M{x} {top} L{right} {y} L{x} {bottom} L{left} {y} Z");
    svg.path(&data, &format!(r##"fill="{color}" stroke="#ffffff" stroke-width="1.5""##));
}
