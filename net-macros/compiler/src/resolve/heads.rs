//! Losses and metrics of the outputs.

use proc_macro2::Ident;

use super::network::Builder;
use crate::errors::Message;
use crate::graph::{HeadLoss, HeadMetric, LossTerm};
use crate::suggest;
use crate::syntax::{self, BrokenStatement, LossStatement, MetricStatement, Value};
use crate::{losses, metrics};

impl Builder<'_> {
    pub(super) fn loss(&mut self, LossStatement { output, terms }: &LossStatement) {
        let index = self.output(output, "loss");
        let mut sound = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        for syntax::LossTerm { weight, loss } in terms {
            let weight = match weight {
                None => Some(1.0),
                Some(weight) => self.weight(weight),
            };
            let span = loss.name().span();
            let text = loss.to_string();
            if seen.contains(&text) {
                let message = Message::new(span, format!("the loss `{text}` is given twice"));
                self.errors.push(message.help(format!("give it one weight: `2.0 * {text}`")));
                continue;
            }
            seen.push(text);
            let loss = losses::resolve(loss, self.constants, self.errors);
            if let (Some(weight), Some(loss)) = (weight, loss) {
                sound.push(LossTerm { weight, loss, span });
            }
        }
        let Some(index) = index else { return };
        if self.network.losses.iter().any(|loss| loss.output == index) {
            let message = Message::new(output.span(), format!("the output `{output}` has a loss already"));
            self.errors.push(message.help(format!("several losses are joined by `+`: `loss {output}: A + B;`")));
            return;
        }
        self.network.losses.push(HeadLoss { output: index, terms: sound });
    }

    /// A loss that could not be read still makes its output one that is trained.
    pub(super) fn broken_loss(&mut self, broken: &BrokenStatement) {
        if let [keyword, name, ..] = broken.mentions.as_slice()
            && keyword == "loss"
            && let Some(output) = self.network.outputs.iter().position(|output| output.name == *name)
        {
            self.network.losses.push(HeadLoss { output, terms: Vec::new() });
        }
    }

    pub(super) fn metric(&mut self, MetricStatement { output, metrics }: &MetricStatement) {
        let index = self.output(output, "metric");
        let mut seen: Vec<String> = Vec::new();
        for metric in metrics {
            let span = metric.name().span();
            let text = metric.to_string();
            if seen.contains(&text) {
                self.errors.error(span, format!("the metric `{text}` is given twice"));
                continue;
            }
            seen.push(text);
            let metric = metrics::resolve(metric, self.constants, self.errors);
            if let (Some(metric), Some(output)) = (metric, index) {
                self.network.metrics.push(HeadMetric { output, metric, span });
            }
        }
        let Some(index) = index else { return };
        let statement = self.statement;
        if let Some(first) = self.metric_statements.insert(index, statement)
            && first != statement
        {
            let message = Message::new(output.span(), format!("the output `{output}` has metrics already"));
            self.errors.push(message.help(format!("several metrics stand behind commas: `metric {output}: A, B;`")));
        }
    }

    fn output(&mut self, name: &Ident, what: &str) -> Option<usize> {
        let index = self.network.outputs.iter().position(|output| output.name == *name);
        if index.is_none() && !self.header_broken {
            let names: Vec<String> = self.network.outputs.iter().map(|output| output.name.to_string()).collect();
            let text = format!("a {what} belongs to an output, and `{name}` is none");
            let other = suggest::help(&name.to_string(), names.iter().map(String::as_str), "the outputs are");
            let help = match self.scope.peek(&name.to_string()).map(|entry| entry.role) {
                Some("value") => Some(format!("to compare it, make it an output: `-> (..., {name}: [...])`")),
                _ => other,
            };
            self.errors.push(Message { help, ..Message::new(name.span(), text) });
        }
        index
    }

    fn weight(&mut self, value: &Value) -> Option<f32> {
        let weight = match self.constants.evaluate_decimal(value) {
            Ok(weight) => weight as f32,
            Err(failure) => {
                failure.into_iter().for_each(|message| self.errors.push(message));
                return None;
            }
        };
        if weight > 0.0 && weight.is_finite() {
            return Some(weight);
        }
        let text = format!("the weight of a loss must be above 0 and finite, but this is {value}");
        self.errors.error(value.span(), text);
        None
    }
}
