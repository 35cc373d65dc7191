//! The table of a network's layers, as Keras prints it.

pub(crate) mod order;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::{Connection, NetworkInfo, RowInfo};
use table::{Align, Cell, Column};

/// Kind of a row that stands for layers declared together and named once.
pub const CHAIN: &str = "Chain";

/// A network's layers with their shapes, parameters and connections. [`Display`](fmt::Display) prints it as Keras's
/// `model.summary()` does: the layers from the inputs to the outputs, the column of connections only where there is
/// something to tell, and below it what we count beside the parameters.
#[derive(Clone, Copy, Debug)]
pub struct Summary<'a> {
    info: &'a NetworkInfo<'a>,
    /// Whether this is a chain: like Keras's `Sequential`, its own table does not list its input.
    chain: bool,
}

impl<'a> Summary<'a> {
    /// The summary of a network.
    pub fn new(info: &'a NetworkInfo<'a>) -> Self {
        Self { info, chain: false }
    }

    /// The summary of a shared chain or an inner network, by the name of its row; `None` if no row of that name has
    /// layers of its own.
    pub fn layer(&self, name: &str) -> Option<Self> {
        let row = self.info.rows.iter().find(|row| row.name == name)?;
        row.inner.map(|info| Self { info, chain: row.kind == CHAIN })
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
            let mut cells = vec![name_and_kind(row), shapes(row), vec![thousands(row.parameters as u64)]];
            if !order.is_chain {
                cells.push(self.connections(row));
            }
            cells
        });
        table::write(f, &columns, &rows.collect::<Vec<_>>())
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
        let fixed = info.non_trainable_parameters;
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

/// Whether a row is one of the network's inputs.
pub(crate) fn is_input(row: &RowInfo<'_>) -> bool {
    row.uses.iter().all(|one_use| one_use.connected_to.is_empty())
}

fn name_and_kind(row: &RowInfo<'_>) -> Cell {
    let kind = match row.activation {
        "" => format!("({})", row.kind),
        activation => format!("({}, {activation})", row.kind),
    };
    vec![row.name.to_owned(), kind]
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
