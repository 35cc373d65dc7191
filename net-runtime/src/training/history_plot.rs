//! The chart of a training's history.

use std::path::Path;

use super::history::History;
use super::logs::VALIDATION;
use super::monitor::Direction;
use crate::error::Error;
use crate::plot::chart::Chart;
use crate::plot::chart::axis::ValueScale;
use crate::plot::chart::panel::Panel;
use crate::plot::chart::series::Series;

/// The chart of a [`History`], before it is saved: `history.plot().log(true).save("history.svg")?`.
#[must_use = "a chart is drawn when it is saved"]
#[derive(Clone, Copy, Debug)]
pub struct HistoryPlot<'h> {
    history: &'h History,
    scale: ValueScale,
}

impl History {
    /// The chart of all series over the epochs: a panel for each loss and metric, with training as a solid and validation
    /// as a darker, dashed line with rings, and the best epoch marked where the name tells which way a value improves.
    pub fn plot(&self) -> HistoryPlot<'_> {
        HistoryPlot { history: self, scale: ValueScale::Auto }
    }

    /// Draws all series over the epochs, as SVG or PNG by the extension: [`plot`](Self::plot) as it is without settings.
    ///
    /// # Errors
    ///
    /// As [`HistoryPlot::save`].
    pub fn save_plot(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.plot().save(path)
    }
}

impl HistoryPlot<'_> {
    /// Whether values stand on a logarithmic axis, on which those that are not positive leave gaps. Without this, a panel
    /// has one if all its values are positive and the largest is more than 2.5 decades above the smallest.
    pub fn log(self, log: bool) -> Self {
        Self { scale: if log { ValueScale::Logarithmic } else { ValueScale::Linear }, ..self }
    }

    /// Draws it into a file, as SVG or PNG by the extension.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if the extension is another, or `.png` and the crate was built without its feature `png`;
    /// [`Error::Io`] if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.chart().save(path)
    }

    fn chart(&self) -> Chart {
        let trained = self.history.names().iter().filter(|name| !name.starts_with(VALIDATION));
        let panels = trained.map(|name| {
            let validation = format!("{VALIDATION}{name}");
            let mut series: Vec<Series> =
                [self.curve(name, false), self.curve(&validation, true)].into_iter().flatten().collect();
            // Which epoch is the best, validation says where there is some.
            if let Some(last) = series.last_mut() {
                last.best = best(name, &last.values);
            }
            Panel { title: name.clone(), series, scale: self.scale }
        });
        Chart {
            title: format!("Training of {}", self.history.network()),
            first_epoch: self.history.epoch_numbers().start,
            panels: panels.collect(),
        }
    }

    fn curve(&self, name: &str, validation: bool) -> Option<Series> {
        let values = self.history.get(name)?.to_vec();
        Some(Series { name: name.to_owned(), values, validation, best: None })
    }
}

/// Index of the best value, the first of equal ones; nothing if the name does not tell which way it improves.
fn best(name: &str, values: &[f64]) -> Option<usize> {
    let sign = match Direction::Auto.of(name) {
        Direction::Min => 1.0,
        Direction::Max => -1.0,
        Direction::Auto => return None,
    };
    let finite = values.iter().enumerate().filter(|(_, value)| value.is_finite());
    finite.min_by(|(_, one), (_, other)| (sign * *one).total_cmp(&(sign * *other))).map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::logs::Logs;
    use super::*;

    fn history(first_epoch: usize, epochs: &[[f64; 5]]) -> History {
        let names: Arc<[String]> = ["loss", "accuracy", "beauty", "val_loss", "val_accuracy"].map(str::to_owned).into();
        let mut history = History::new("Toy", Arc::clone(&names), first_epoch);
        let mut logs = Logs::new(names);
        for values in epochs {
            logs.values_mut().copy_from_slice(values);
            history.push(&logs);
        }
        history
    }

    #[test]
    fn a_panel_has_a_value_of_training_and_validation_with_the_best_of_validation() {
        let history = history(
            2,
            &[
                [3.0, 0.2, 1.0, 4.0, 0.2],
                [2.0, 0.7, 1.0, f64::NAN, 0.6],
                [1.0, 0.8, 1.0, 3.0, 0.6],
                [0.5, 0.9, 1.0, 5.0, 0.5],
            ],
        );
        let chart = history.plot().chart();
        assert_eq!((&*chart.title, chart.first_epoch), ("Training of Toy", 2));
        let titles: Vec<_> = chart.panels.iter().map(|panel| &*panel.title).collect();
        assert_eq!(titles, ["loss", "accuracy", "beauty"]);
        let curves: Vec<Vec<_>> = chart
            .panels
            .iter()
            .map(|panel| panel.series.iter().map(|one| (&*one.name, one.validation, one.best)).collect())
            .collect();
        assert_eq!(curves[0], [("loss", false, None), ("val_loss", true, Some(2))]);
        assert_eq!(curves[1], [("accuracy", false, None), ("val_accuracy", true, Some(1))]);
        assert_eq!(curves[2], [("beauty", false, None)], "nobody knows which way beauty improves");
        assert_eq!(chart.panels[1].series[0].values, [0.2, 0.7, 0.8, 0.9]);
    }

    #[test]
    fn a_plot_is_saved_with_a_logarithmic_axis_if_wanted() {
        let history = history(usize::MAX - 1, &[[3.0, 0.2, 1.0, 4.0, 0.2]]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.svg");
        let logarithmic = |saved: Result<(), Error>| {
            saved.unwrap();
            let svg = std::fs::read_to_string(&path).unwrap();
            assert!(svg.contains("val_accuracy"), "{svg}");
            svg.matches(">logarithmic<").count()
        };
        assert_eq!(logarithmic(history.save_plot(&path)), 0);
        assert_eq!(logarithmic(history.plot().log(true).save(&path)), 3);
        assert_eq!(logarithmic(history.plot().log(false).save(&path)), 0);
        assert!(history.save_plot(folder.path().join("history.gif")).is_err());
    }
}
