//! Curves over epochs: the history of a training.

use std::path::Path;

use crate::error::Error;
use net_drawing::svg::{Anchor, FAINT, INK, Style, Svg, number, text_width};

mod axis;

use axis::{Axis, short};

/// Panels of curves.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// What stands above all.
    pub title: String,
    /// The panels, each with its own scale.
    pub panels: Vec<Panel>,
}

/// Curves with a common scale.
#[derive(Clone, Debug, Default)]
pub struct Panel {
    /// What stands above the panel.
    pub title: String,
    /// Its curves.
    pub series: Vec<Series>,
}

/// A value for each epoch.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// Its name in the legend. A curve named `val_x` has the colour of `x`.
    pub name: String,
    /// The values, from epoch 1. One that is not finite leaves a gap.
    pub values: Vec<f64>,
    /// Whether its line is dashed, as those of validation data are.
    pub dashed: bool,
}

/// Size of a panel without its legend, and within it the room around the curves: left, top, right, bottom.
const PANEL: (f64, f64) = (460.0, 268.0);
const AROUND: [f64; 4] = [62.0, 32.0, 18.0, 44.0];

/// Height of a line of the legend.
const LEGEND_LINE: f64 = 16.0;

/// Height of the chart's title, and room around the panels.
const TITLE: f64 = 44.0;
const MARGIN: f64 = 8.0;

/// Width of a legend entry's line, and room between entries.
const SAMPLE: f64 = 20.0;
const BETWEEN_ENTRIES: f64 = 16.0;

/// Colours that eyes with a weakness for some of them tell apart too.
const COLORS: [&str; 7] = ["#2563eb", "#ea580c", "#059669", "#c026d3", "#ca8a04", "#0891b2", "#dc2626"];

const TEXT: Style = Style::new(11.0, FAINT);

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
        let widest = text_width(&self.title, title.size, true) + 32.0;
        let width = (columns as f64 * PANEL.0 + 2.0 * MARGIN).max(widest);
        // All panels leave as much room as the longest legend takes, so that their axes are level.
        let lines = self.panels.iter().map(|panel| panel.legend().len()).max().unwrap_or(0);
        let height = PANEL.1 + lines as f64 * LEGEND_LINE;
        let mut svg = Svg::new(width.ceil(), TITLE + rows as f64 * height + MARGIN);
        svg.text(16.0, 28.0, title, &self.title);
        for (index, panel) in self.panels.iter().enumerate() {
            let left = MARGIN + (index % columns) as f64 * PANEL.0;
            let top = TITLE + (index / columns) as f64 * height;
            panel.draw(&mut svg, left, top, height);
        }
        svg.finish(&self.title)
    }
}

/// From values to places in the picture.
struct Scale {
    x: Axis,
    y: Axis,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Scale {
    fn place(&self, epoch: f64, value: f64) -> (f64, f64) {
        (
            number(self.left + self.x.share(epoch) * (self.right - self.left)),
            number(self.bottom - self.y.share(value) * (self.bottom - self.top)),
        )
    }
}

impl Panel {
    fn draw(&self, svg: &mut Svg, left: f64, top: f64, height: f64) {
        let title = Style::bold(13.0, INK);
        svg.text(left + AROUND[0], top + 18.0, title, &self.title);
        let epochs = self.series.iter().map(|series| series.values.len()).max().unwrap_or(0);
        let values = self.series.iter().flat_map(|series| &series.values).copied();
        let scale = Scale {
            x: Axis::of_epochs(epochs),
            y: Axis::of_values(values),
            left: left + AROUND[0],
            right: left + PANEL.0 - AROUND[2],
            top: top + AROUND[1] + height - PANEL.1,
            bottom: top + height - AROUND[3],
        };
        draw_axes(svg, &scale);
        let colors = self.colors();
        for (series, color) in self.series.iter().zip(&colors) {
            series.draw(svg, &scale, color);
        }
        self.draw_legend(svg, scale.left, top + 38.0, &colors);
    }

    /// A colour for each name, and that of `x` for `val_x`.
    fn colors(&self) -> Vec<&'static str> {
        let mut names: Vec<&str> = Vec::new();
        self.series
            .iter()
            .map(|series| {
                let name = series.name.strip_prefix("val_").unwrap_or(&series.name);
                let index = names.iter().position(|&known| known == name).unwrap_or_else(|| {
                    names.push(name);
                    names.len() - 1
                });
                COLORS[index % COLORS.len()]
            })
            .collect()
    }

    /// Which series stand in each line of the legend.
    fn legend(&self) -> Vec<Vec<&Series>> {
        let most = PANEL.0 - AROUND[0] - AROUND[2];
        let mut lines: Vec<Vec<&Series>> = Vec::new();
        let mut taken = f64::INFINITY;
        for series in &self.series {
            let width = series.legend_width();
            match lines.last_mut() {
                Some(line) if taken + width <= most => line.push(series),
                _ => {
                    lines.push(vec![series]);
                    taken = 0.0;
                }
            }
            taken += width + BETWEEN_ENTRIES;
        }
        lines
    }

    /// The names and last values beside samples of the lines.
    fn draw_legend(&self, svg: &mut Svg, left: f64, top: f64, colors: &[&str]) {
        let mut colors = colors.iter();
        for (index, line) in self.legend().into_iter().enumerate() {
            let (mut x, y) = (left, top + index as f64 * LEGEND_LINE);
            for (series, color) in line.into_iter().zip(colors.by_ref()) {
                let data = format!("M{} {} H{}", number(x), number(y - 4.0), number(x + SAMPLE));
                svg.path(&data, &line_style(color, series.dashed));
                let name = x + SAMPLE + 6.0;
                svg.text(name, y, TEXT, &series.name);
                let last = name + text_width(&series.name, TEXT.size, false) + 5.0;
                svg.text(last, y, Style { color: INK, ..TEXT }, &series.last());
                x += series.legend_width() + BETWEEN_ENTRIES;
            }
        }
    }
}

fn draw_axes(svg: &mut Svg, scale: &Scale) {
    for (value, name) in scale.y.ticks() {
        let (_, y) = scale.place(0.0, value);
        svg.path(&format!("M{} {y} H{}", scale.left, scale.right), r##"stroke="#e5e7eb" stroke-width="1""##);
        svg.text(scale.left - 8.0, y + 4.0, Style { anchor: Anchor::End, ..TEXT }, &name);
    }
    for (epoch, name) in scale.x.ticks() {
        let (x, _) = scale.place(epoch, 0.0);
        svg.path(&format!("M{x} {} v4", scale.bottom), r##"stroke="#9ca3af" stroke-width="1""##);
        svg.text(x, scale.bottom + 18.0, Style { anchor: Anchor::Middle, ..TEXT }, &name);
    }
    let base = format!("M{} {} H{}", scale.left, scale.bottom, scale.right);
    svg.path(&base, r##"stroke="#9ca3af" stroke-width="1""##);
    let middle = (scale.left + scale.right) / 2.0;
    svg.text(middle, scale.bottom + 34.0, Style { anchor: Anchor::Middle, ..TEXT }, "epoch");
}

fn line_style(color: &str, dashed: bool) -> String {
    let dashes = if dashed { r#" stroke-dasharray="5 4""# } else { "" };
    format!(r#"fill="none" stroke="{color}" stroke-width="2" stroke-linejoin="round"{dashes}"#)
}

impl Series {
    /// The value that the curve ends with.
    fn last(&self) -> String {
        self.values.last().map_or_else(String::new, |&last| short(last))
    }

    /// Width of the legend's entry.
    fn legend_width(&self) -> f64 {
        let text = |text: &str| text_width(text, TEXT.size, false);
        SAMPLE + 6.0 + text(&self.name) + 5.0 + text(&self.last())
    }

    /// A line for every run of finite values, a dot for a single one.
    fn draw(&self, svg: &mut Svg, scale: &Scale, color: &str) {
        let mut first = 0;
        for run in self.values.split(|value| !value.is_finite()) {
            let places: Vec<(f64, f64)> =
                run.iter().enumerate().map(|(index, &value)| scale.place((first + index + 1) as f64, value)).collect();
            match places.as_slice() {
                [] => {}
                [(x, y)] => svg.dot(*x, *y, 3.5, color),
                several => {
                    let points: Vec<String> = several.iter().map(|(x, y)| format!("{x} {y}")).collect();
                    svg.path(&format!("M{}", points.join(" L")), &line_style(color, self.dashed));
                }
            }
            first += run.len() + 1;
        }
        // Where the curve ends is what most readers look for.
        if let (true, Some(&last)) = (self.values.len() > 1, self.values.last().filter(|last| last.is_finite())) {
            let (x, y) = scale.place(self.values.len() as f64, last);
            svg.dot(x, y, 2.5, color);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &str, values: &[f64]) -> Series {
        Series { name: name.to_owned(), values: values.to_vec(), dashed: name.starts_with("val_") }
    }

    fn chart(panels: Vec<Vec<Series>>) -> String {
        let panels = panels.into_iter().map(|series| Panel { title: "class".to_owned(), series });
        Chart { title: "a < b".to_owned(), panels: panels.collect() }.draw()
    }

    #[test]
    fn a_gap_parts_a_curve_and_a_lone_value_is_a_dot() {
        let svg = chart(vec![vec![series("loss", &[3.0, 2.0, f64::NAN, 1.5, f64::INFINITY, 1.0, 0.9])]]);
        assert_eq!(svg.matches(r##"stroke="#2563eb""##).count(), 3, "two pieces and the legend's sample");
        assert_eq!(svg.matches(r#"r="3.5""#).count(), 1);
        let one = chart(vec![vec![series("loss", &[3.0])]]);
        assert_eq!(one.matches("<circle").count(), 1);
    }

    #[test]
    fn validation_has_the_colour_of_its_training_curve_and_is_dashed() {
        let panel = Panel {
            title: String::new(),
            series: vec![series("loss", &[1.0]), series("val_loss", &[1.0]), series("mae", &[1.0])],
        };
        assert_eq!(panel.colors(), [COLORS[0], COLORS[0], COLORS[1]]);
        assert_eq!(chart(vec![panel.series]).matches("stroke-dasharray").count(), 1);
    }

    #[test]
    fn a_long_legend_takes_the_lines_it_needs() {
        let name = "val_location_mean_absolute_error";
        let panel = Panel { title: String::new(), series: vec![series(name, &[1.0]); 3] };
        assert_eq!(panel.legend().len(), 3);
        let panel = Panel { title: String::new(), series: vec![series("loss", &[1.0]); 6] };
        assert_eq!(panel.legend().iter().map(Vec::len).collect::<Vec<_>>(), [3, 3]);
    }

    #[test]
    fn nothing_at_all_is_a_picture_too() {
        for svg in [chart(Vec::new()), chart(vec![Vec::new()]), chart(vec![vec![series("loss", &[])]])] {
            assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"), "{svg}");
        }
    }

    #[test]
    fn values_of_any_size_leave_only_numbers_in_the_picture() {
        let values = [f64::MAX, f64::MIN, f64::NAN, 0.0, 5e-324, f64::NEG_INFINITY];
        let paths: Vec<String> = chart(vec![vec![series("loss", &values)]; 5])
            .lines()
            .filter(|line| line.starts_with("<path") || line.starts_with("<circle"))
            .map(str::to_owned)
            .collect();
        assert!(paths.iter().all(|path| !path.contains("NaN") && !path.contains("inf")), "{paths:?}");
    }
}
