//! The picture of a confusion matrix.

use std::path::Path;

use net_drawing::svg::{Anchor, Color, FAINT, INK, INSIDE, Style, Svg, text_room};

use super::confusion::ConfusionMatrix;
use crate::error::Error;
use crate::plot;

/// The least width of a cell, and its height.
const CELL: (f64, f64) = (52.0, 40.0);
const MARGIN: f64 = 20.0;
/// Height of the title, and of the names of columns, with what they are names of.
const TITLE: f64 = 56.0;
const NAMES: f64 = 44.0;
/// Room between names and cells.
const GAP: f64 = 10.0;

const TITLE_STYLE: Style = Style::bold(17.0, INK);
const NAME: Style = Style::new(12.0, INK);
const NUMBER: Style = Style { anchor: Anchor::Middle, ..Style::new(13.0, INK) };
const LABEL: Style = Style::new(12.0, FAINT);

/// From nothing to all of a row: right answers in blue, wrong ones in orange, which eyes with a weakness for colours tell apart. In the
/// latter half numbers are white.
const RIGHT: [&str; 6] = ["#ffffff", "#dbeafe", "#93c5fd", "#3b82f6", "#1d4ed8", "#1e3a8a"];
const WRONG: [&str; 6] = ["#ffffff", "#ffedd5", "#fdba74", "#ea580c", "#c2410c", "#7c2d12"];

impl ConfusionMatrix {
    /// The matrix as SVG: a row for each actual class, a column for each predicted one, darker the larger its share of the
    /// row; behind the rows recalls, below the columns precisions, and the accuracy in the corner.
    pub fn draw(&self) -> String {
        let classes = self.classes();
        let names: Vec<String> = (0..classes).map(|class| self.name(class)).collect();
        let widest = |texts: &[String], style: Style| {
            texts.iter().map(|text| text_room(text, style.size, false)).fold(0.0, f64::max)
        };
        let counts: Vec<String> = (0..classes)
            .flat_map(|actual| (0..classes).map(move |predicted| (actual, predicted)))
            .map(|(actual, predicted)| self.count(actual, predicted).to_string())
            .collect();
        let edge = ["precision".to_owned(), "actual".to_owned()];
        let first = widest(&names, NAME).max(widest(&edge, LABEL));
        let cell = (widest(&names, NAME).max(widest(&counts, NUMBER)) + 16.0).max(CELL.0);
        let accuracy = format!("accuracy {:.4}", self.accuracy());
        let last = text_room(&accuracy, LABEL.size, false);
        let [left, top] = [MARGIN + first + GAP, TITLE + NAMES];
        let [right, bottom] = [left + classes as f64 * cell, top + classes as f64 * CELL.1];
        let title = "Confusion matrix";
        let width = (right + GAP + last + MARGIN).max(text_room(title, TITLE_STYLE.size, true) + 2.0 * MARGIN);
        let mut svg = Svg::new(width.ceil(), bottom + CELL.1 + MARGIN);
        svg.text(MARGIN, 32.0, TITLE_STYLE, title);
        svg.text(left, TITLE + 12.0, LABEL, "predicted");
        let end = Style { anchor: Anchor::End, ..LABEL };
        svg.text(left - GAP, top - 10.0, end, "actual");
        svg.text(right + GAP, top - 10.0, LABEL, "recall");
        for (class, name) in names.iter().enumerate() {
            let middle = left + (class as f64 + 0.5) * cell;
            let base = top + (class as f64 + 0.5) * CELL.1 + 4.5;
            svg.text(middle, top - 10.0, Style { anchor: Anchor::Middle, ..NAME }, name);
            svg.text(left - GAP, base, Style { anchor: Anchor::End, ..NAME }, name);
            svg.text(right + GAP, base, LABEL, &format!("{:.4}", self.recall(class)));
            let precision = format!("{:.4}", self.precision(class));
            svg.text(middle, bottom + 22.0, Style { anchor: Anchor::Middle, ..LABEL }, &precision);
        }
        svg.text(left - GAP, bottom + 22.0, end, "precision");
        svg.text(right + GAP, bottom + 22.0, LABEL, &accuracy);
        for (index, count) in counts.iter().enumerate() {
            let (actual, predicted) = (index / classes, index % classes);
            let place = [left + predicted as f64 * cell, top + actual as f64 * CELL.1];
            self.draw_cell(&mut svg, [actual, predicted], [place[0], place[1], cell, CELL.1], count);
        }
        svg.finish(title)
    }

    fn draw_cell(&self, svg: &mut Svg, [actual, predicted]: [usize; 2], [x, y, width, height]: [f64; 4], count: &str) {
        let share = self.count(actual, predicted) as f64 / self.actual(actual).max(1) as f64;
        let shades = if actual == predicted { RIGHT } else { WRONG };
        // Only nothing is white, so that rare mistakes are seen.
        let last = shades.len() - 1;
        let shade = if share > 0.0 { (share * last as f64).ceil() as usize } else { 0 };
        svg.rect([x, y, width, height], 0.0, Color::same(shades[shade.min(last)]), Color::same("#e5e7eb"));
        let ink = match shade {
            0 => FAINT,
            shade if 2 * shade > last => INSIDE,
            _ => INK,
        };
        svg.text(x + width / 2.0, y + height / 2.0 + 4.5, Style { color: ink, ..NUMBER }, count);
    }

    /// Draws the matrix into a file, as SVG or PNG by the extension.
    ///
    /// # Errors
    ///
    /// As [`plot::write`](crate::plot::write()).
    pub fn save_plot(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        plot::write(&self.draw(), path)
    }
}
