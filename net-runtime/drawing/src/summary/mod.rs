//! The table of a network's layers, as Keras prints it.

pub(crate) mod order;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use crate::{Connection, NetworkInfo, RowInfo};
use table::{Align, Cell, Column};

/// Kind of a row that stands for layers declared together and named once.
pub const CHAIN: &str = "Chain";

/// A network's layers with their shapes, parameters and connections. [`Display`](fmt::Display) prints it as Keras's
/// `model.summary()` does: the layers from the inputs to the outputs, the column of connections only where there is
/// something to tell, and below it what we count beside the parameters.
#[derive(Clone, Debug)]
pub struct Summary<'a> {
    info: &'a NetworkInfo<'a>,
    /// What is frozen now, if that is known.
    frozen: Option<Rc<Frozen>>,
    /// What stands before the names of its layers in those of parameters.
    within: String,
    /// Whether this is a chain: like Keras's `Sequential`, its own table does not list its input.
    chain: bool,
}

impl<'a> Summary<'a> {
    /// The summary of a network, as it is declared.
    pub fn new(info: &'a NetworkInfo<'a>) -> Self {
        Self { info, frozen: None, within: String::new(), chain: false }
    }

    /// The summary of a network of which this is frozen now, beside what is declared as frozen.
    pub fn now(info: &'a NetworkInfo<'a>, frozen: Frozen) -> Self {
        Self { frozen: Some(Rc::new(frozen)), ..Self::new(info) }
    }

    /// The summary of a shared chain or an inner network, by the name of its row; `None` if no row of that name has
    /// layers of its own.
    pub fn layer(&self, name: &str) -> Option<Self> {
        let row = self.info.rows.iter().find(|row| row.name == name)?;
        row.inner.map(|info| {
            let (frozen, chain) = (self.frozen.clone(), row.kind == CHAIN);
            Self { info, frozen, within: within(&self.within, row), chain }
        })
    }

    fn write_table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = order::as_keras(self.info);
        let mut columns = vec![
            Column { title: "Layer (type)", align: Align::Left, limit: 36 },
            Column { title: "Output Shape", align: Align::Left, limit: 28 },
            Column { title: "Param #", align: Align::Right, limit: 20 },
        ];
        if !order.is_chain {
            columns.push(Column { title: "Connected to", align: Align::Left, limit: 32 });
        }
        let rows = order.rows.iter().map(|&index| &self.info.rows[index]);
        let rows = rows.filter(|row| !(self.chain && is_input(row))).map(|row| {
            let mut cells =
                vec![name_and_kind(row, self.is_frozen(row)), shapes(row), vec![thousands(row.parameters as u64)]];
            if !order.is_chain {
                cells.push(self.connections(row));
            }
            cells
        });
        table::write(f, &columns, &rows.collect::<Vec<_>>())
    }

    /// Whether all weights of a row are frozen.
    fn is_frozen(&self, row: &RowInfo<'_>) -> bool {
        row.frozen || self.frozen.as_ref().is_some_and(|frozen| row.parameters > 0 && frozen.has(row, &self.within))
    }

    /// How many parameters no optimizer changes.
    fn fixed(&self) -> usize {
        match &self.frozen {
            Some(frozen) => frozen.fixed_in(self.info, &self.within),
            None => self.info.non_trainable_parameters,
        }
    }

    /// The results that a row reads, over all its uses.
    fn connections(&self, row: &RowInfo<'_>) -> Cell {
        let mut cell: Cell = row
            .uses
            .iter()
            .flat_map(|one_use| one_use.connected_to)
            .map(|&Connection { row, use_index, tensor }| {
                format!("{}[{use_index}][{tensor}],", self.info.rows[row].name)
            })
            .collect();
        match cell.last_mut() {
            Some(last) => last.truncate(last.len() - 1),
            None => cell.push("-".to_owned()),
        }
        cell
    }
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let info = self.info;
        writeln!(f, "Model: \"{}\"", info.name)?;
        self.write_table(f)?;
        let fixed = self.fixed();
        let totals = [("Total", info.parameters), ("Trainable", info.parameters - fixed), ("Non-trainable", fixed)];
        for (title, count) in totals {
            writeln!(f, " {title} params: {} ({})", thousands(count as u64), bytes(count * size_of::<f32>()))?;
        }
        write!(f, " Multiply-adds per sample: {}", thousands(info.multiply_adds))?;
        // The tensors of a chain lie among those of the network around it, which tells the memory of both.
        if info.training_bytes > 0 {
            let (inference, training) = (bytes(info.inference_bytes), bytes(info.training_bytes));
            write!(f, "\n Activations per sample: {inference} in inference, {training} in training")?;
        }
        Ok(())
    }
}

/// What is frozen in a network at some time: for each layer, by its name in those of its parameters (`encoder.features_conv2d`), its
/// elements and how many of them no optimizer changes, and whether all of it is frozen.
#[derive(Clone, Debug, Default)]
pub struct Frozen {
    layers: BTreeMap<String, Layer>,
}

#[derive(Clone, Copy, Debug)]
struct Layer {
    fixed: usize,
    frozen: bool,
}

impl Frozen {
    /// Adds a parameter of so many elements, by its name.
    pub fn add(&mut self, name: &str, elements: usize, is_trained: bool, is_frozen: bool) {
        let layer = name.rsplit_once('.').map_or(name, |(layer, _)| layer);
        let layer = self.layers.entry(layer.to_owned()).or_insert(Layer { fixed: 0, frozen: true });
        layer.frozen &= is_frozen;
        layer.fixed += if is_trained { 0 } else { elements };
    }

    /// Whether all layers of a row are frozen, of which there are some.
    fn has(&self, row: &RowInfo<'_>, around: &str) -> bool {
        match row.inner {
            Some(inner) => {
                let around = within(around, row);
                let mut rows = inner.rows.iter().filter(|row| row.parameters > 0);
                rows.all(|row| self.has(row, &around))
            }
            None => self.layers_of(row, around).all(|layer| layer.frozen),
        }
    }

    /// How many elements of the weights of a network or chain no optimizer changes.
    fn fixed_in(&self, info: &NetworkInfo<'_>, around: &str) -> usize {
        let rows = info.rows.iter().filter(|row| row.parameters > 0);
        let fixed = rows.map(|row| match row.inner {
            Some(inner) => self.fixed_in(inner, &within(around, row)),
            None => self.layers_of(row, around).map(|layer| layer.fixed).sum(),
        });
        fixed.sum()
    }

    /// The layer of a row, or those within it: a layer of the program's own is a network.
    fn layers_of(&self, row: &RowInfo<'_>, around: &str) -> impl Iterator<Item = &Layer> {
        let name = format!("{around}{}", row.name);
        self.layers
            .iter()
            .filter(move |(layer, _)| {
                let rest = layer.strip_prefix(&name);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
            .map(|(_, layer)| layer)
    }
}

/// What stands before the names of the layers within a row: a network's have its name, those of a chain have names of their own.
fn within(around: &str, row: &RowInfo<'_>) -> String {
    if row.kind == CHAIN { around.to_owned() } else { format!("{around}{}.", row.name) }
}

/// Whether a row is one of the network's inputs.
pub(crate) fn is_input(row: &RowInfo<'_>) -> bool {
    row.uses.iter().all(|one_use| one_use.connected_to.is_empty())
}

fn name_and_kind(row: &RowInfo<'_>, frozen: bool) -> Cell {
    let frozen = if frozen { "frozen" } else { "" };
    let words: Vec<_> = [row.kind, row.activation, frozen].into_iter().filter(|word| !word.is_empty()).collect();
    vec![row.name.to_owned(), format!("({})", words.join(", "))]
}

/// The shapes of a row's results. Keras shows a shared layer's last use alone; here, shapes that differ are all told.
fn shapes(row: &RowInfo<'_>) -> Cell {
    let mut distinct: Vec<&[&[usize]]> = Vec::new();
    for one_use in row.uses {
        if !distinct.contains(&one_use.outputs) {
            distinct.push(one_use.outputs);
        }
    }
    let of_a_use = |outputs: &&[&[usize]]| match outputs {
        [shape] => with_batch(shape),
        several => format!("[{}]", several.iter().map(|shape| with_batch(shape)).collect::<Vec<_>>().join(", ")),
    };
    let text = distinct.iter().map(of_a_use).collect::<Vec<_>>().join(", ");
    text.split(' ').map(str::to_owned).collect()
}

/// A shape as Keras writes it, the open batch axis in front.
fn with_batch(shape: &[usize]) -> String {
    if shape.is_empty() {
        return "(None,)".to_owned();
    }
    let axes: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("(None, {})", axes.join(", "))
}

/// The elements of weights in words, those that no optimizer changes counted apart where there are some.
pub fn count_parameters(all: usize, non_trainable: usize) -> String {
    let plural = if all == 1 { "" } else { "s" };
    let all = thousands(all as u64);
    match non_trainable {
        0 => format!("{all} parameter{plural}"),
        fixed => format!("{all} parameter{plural}, {} non-trainable", thousands(fixed as u64)),
    }
}

/// A number with a comma between groups of three digits.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of bytes as Keras writes it, in units of 1024.
pub fn bytes(number: usize) -> String {
    let mut size = number as f64;
    for unit in ["B", "KB", "MB", "GB", "TB"] {
        if size < 1024.0 {
            return format!("{size:.2} {unit}");
        }
        size /= 1024.0;
    }
    format!("{size:.2} PB")
}
