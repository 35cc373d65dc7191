//! What stands in the box of a layer, and how large that makes it.

use crate::summary::{CHAIN, count_parameters, is_input};
use crate::svg::{Anchor, Color, FAINT, INK, INSIDE, NONE, Style, Svg, text_room};
use crate::{NetworkInfo, OutputInfo, RowInfo};

/// Height of the strip with the name, and of a line below it.
const HEADER: f64 = 26.0;
const LINE: f64 = 18.0;

/// Free room at the left and right of the text, and below the last line.
const PADDING: f64 = 12.0;

/// Width at which a list of shapes goes on in the next line, and number of characters after which arguments are cut.
const WIDEST: f64 = 300.0;
const MOST_ARGUMENTS: usize = 56;

/// Number of a chain's layers that its box lists.
const MOST_INNER: usize = 12;

/// A box: a strip with a name in the colour of its kind, and lines.
pub(super) struct LayerBox {
    name: String,
    colors: Colors,
    lines: Vec<Line>,
    pub width: f64,
    pub height: f64,
}

/// A line of a box.
enum Line {
    /// The kind with its arguments, and the activation, which gets a field of its own.
    Kind { kind: String, activation: String },
    /// Shapes, parameters.
    Plain(String),
    /// A layer of a chain.
    Inner(String),
}

impl LayerBox {
    /// The box of a row.
    pub fn of_row(info: &NetworkInfo<'_>, row: &RowInfo<'_>) -> Self {
        let colors = colors(row.kind, row.inner.is_some());
        let mut lines = vec![Line::Kind { kind: called(row), activation: row.activation.to_owned() }];
        lines.extend(shapes(info, row).into_iter().map(Line::Plain));
        if row.parameters > 0 {
            lines.push(Line::Plain(match row.frozen {
                true => format!("{}, frozen", count_parameters(row.parameters, 0)),
                false => count_parameters(row.parameters, row.non_trainable_parameters),
            }));
        }
        if let (CHAIN, Some(inner)) = (row.kind, row.inner) {
            lines.extend(inner_lines(inner).into_iter().map(Line::Inner));
        }
        Self::new(row.name, colors, lines)
    }

    /// The box of one of the network's outputs.
    pub fn of_output(info: &NetworkInfo<'_>, output: &OutputInfo<'_>) -> Self {
        let from = output.from;
        let dims = info.rows[from.row].uses[from.use_index].outputs[from.tensor];
        let kind = Line::Kind { kind: "Output".to_owned(), activation: String::new() };
        Self::new(output.name, colors("Output", false), vec![kind, Line::Plain(format!("{dims:?}"))])
    }

    fn new(name: &str, colors: Colors, lines: Vec<Line>) -> Self {
        let widest = lines.iter().map(Line::room).fold(text_room(name, 13.0, true), f64::max);
        let height = HEADER + lines.len() as f64 * LINE + PADDING;
        Self { name: name.to_owned(), colors, lines, width: (widest + 2.0 * PADDING).max(110.0).ceil(), height }
    }

    /// Draws the box with its corner at the given place.
    pub fn draw(&self, svg: &mut Svg, left: f64, top: f64) {
        svg.rect([left, top, self.width, self.height], 7.0, INSIDE, Color::same(self.colors.strong));
        let (right, radius) = (left + self.width, 7.0);
        let strip = format!(
            "M{left} {} V{} Q{left} {top} {} {top} H{} Q{right} {top} {right} {} V{} Z",
            top + HEADER,
            top + radius,
            left + radius,
            right - radius,
            top + radius,
            top + HEADER
        );
        svg.path(&strip, &format!(r#"fill="{}""#, self.colors.strong));
        let name = Style::bold(13.0, Color::same("#ffffff"));
        svg.text(left + PADDING, top + 17.5, name, &self.name);

        let first = self.lines.iter().position(|line| matches!(line, Line::Inner(_)));
        if let Some(first) = first {
            let count = (self.lines.len() - first) as f64;
            let at = top + HEADER + 6.0 + first as f64 * LINE;
            svg.rect([left + 6.0, at, self.width - 12.0, count * LINE], 4.0, self.colors.tint, NONE);
        }
        for (index, line) in self.lines.iter().enumerate() {
            let ends = (left + PADDING, right - PADDING);
            line.draw(svg, ends, top + HEADER + 18.5 + index as f64 * LINE, self.colors);
        }
    }
}

impl Line {
    fn room(&self) -> f64 {
        match self {
            Self::Kind { kind, activation } => text_room(kind, 12.0, false) + Self::activation_room(activation),
            Self::Plain(text) | Self::Inner(text) => text_room(text, 11.0, false),
        }
    }

    /// Room for the field of an activation and the gap before it.
    fn activation_room(activation: &str) -> f64 {
        if activation.is_empty() { 0.0 } else { 8.0 + text_room(activation, 11.0, true) + 12.0 }
    }

    fn draw(&self, svg: &mut Svg, (left, right): (f64, f64), base: f64, colors: Colors) {
        let color = Color { document: colors.strong, page: INK.page };
        let plain = Style::new(11.0, FAINT);
        match self {
            Self::Kind { kind, activation } => {
                svg.text(left, base, Style { size: 12.0, color: INK, ..plain }, kind);
                if !activation.is_empty() {
                    // At the right end, where it stands clear of the kind in any font.
                    let width = Self::activation_room(activation) - 8.0;
                    let style = Style { bold: true, color, anchor: Anchor::Middle, ..plain };
                    svg.rect([right - width, base - 12.0, width, 16.0], 8.0, colors.tint, NONE);
                    svg.text(right - width / 2.0, base - 0.2, style, activation);
                }
            }
            Self::Plain(text) => svg.text(left, base, plain, text),
            Self::Inner(text) => svg.text(left, base, Style { color, ..plain }, text),
        }
    }
}

/// The colours of a group of kinds.
#[derive(Clone, Copy)]
struct Colors {
    /// Of the strip, which has white text on it in any picture.
    strong: &'static str,
    /// Of areas below text.
    tint: Color,
}

/// The colours for a kind.
fn colors(kind: &str, has_layers: bool) -> Colors {
    let among = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    let (strong, tint, shade) = match kind {
        _ if has_layers => ("#312e81", "#e0e7ff", "#6366f140"),
        "Input" => ("#475569", "#e2e8f0", "#94a3b840"),
        "Output" => ("#166534", "#dcfce7", "#22c55e40"),
        "Concat" | "Add" | "Sub" | "Mul" | "Average" | "Maximum" | "Minimum" | "Dot" => {
            ("#b45309", "#fef3c7", "#f59e0b40")
        }
        _ if among(&["Pool"]) => ("#0f766e", "#ccfbf1", "#14b8a640"),
        _ if among(&["Conv"]) => ("#1d4ed8", "#dbeafe", "#3b82f640"),
        _ if among(&["Dense"]) => ("#6d28d9", "#ede9fe", "#8b5cf640"),
        _ if among(&["Dropout", "Noise", "Norm"]) => ("#be185d", "#fce7f3", "#ec489940"),
        _ if among(&["Embedding", "Lstm", "Gru", "Rnn", "Attention"]) => ("#15803d", "#dcfce7", "#22c55e40"),
        // Functions are written in lower case.
        _ if kind.starts_with(char::is_lowercase) => ("#c2410c", "#ffedd5", "#f9731640"),
        _ => ("#57534e", "#f5f5f4", "#a8a29e40"),
    };
    Colors { strong, tint: Color { document: tint, page: shade } }
}

/// A row's kind with its arguments, as the user wrote it.
fn called(row: &RowInfo<'_>) -> String {
    let arguments = row.arguments;
    match arguments.char_indices().nth(MOST_ARGUMENTS) {
        _ if arguments.is_empty() => row.kind.to_owned(),
        None => format!("{}({arguments})", row.kind),
        Some((end, _)) => format!("{}({}…)", row.kind, arguments[..end].trim_end()),
    }
}

/// What comes in and what goes out, for each use, and once if that is the same for all.
fn shapes(info: &NetworkInfo<'_>, row: &RowInfo<'_>) -> Vec<String> {
    let of_uses: Vec<Vec<String>> = row
        .uses
        .iter()
        .map(|one_use| {
            let outputs: Vec<String> = one_use.outputs.iter().map(|dims| format!("{dims:?}")).collect();
            let operands = one_use.connected_to.iter().map(|operand| {
                let dims = info.rows[operand.row].uses[operand.use_index].outputs[operand.tensor];
                format!("{dims:?}")
            });
            let operands: Vec<String> = operands.collect();
            if operands.is_empty() { wrapped("", &outputs) } else { in_and_out(&operands, &outputs) }
        })
        .collect();
    match of_uses.as_slice() {
        [] => Vec::new(),
        [lines] => lines.clone(),
        [first, others @ ..] if others.iter().all(|lines| lines == first) && is_input(row) => first.clone(),
        [first, others @ ..] if others.iter().all(|lines| lines == first) => {
            let mut lines = vec![format!("{} uses, each", of_uses.len())];
            match first.as_slice() {
                [one] => lines[0] = format!("{} {one}", lines[0]),
                several => lines.extend_from_slice(several),
            }
            lines
        }
        all => all
            .iter()
            .enumerate()
            .flat_map(|(number, lines)| {
                lines.iter().enumerate().map(move |(index, line)| match index {
                    0 => format!("use {number}: {line}"),
                    _ => line.clone(),
                })
            })
            .collect(),
    }
}

/// On one line if that is not too wide, else the operands on as many as they need, and then the results.
fn in_and_out(operands: &[String], outputs: &[String]) -> Vec<String> {
    let one = format!("{} → {}", list(operands), list(outputs));
    if text_room(&one, 11.0, false) <= WIDEST {
        return vec![one];
    }
    let mut lines = wrapped("", operands);
    lines.extend(wrapped("→ ", outputs));
    lines
}

/// A list of shapes on as many lines as it needs, each of which but the last ends with a comma.
fn wrapped(before: &str, shapes: &[String]) -> Vec<String> {
    let whole = format!("{before}{}", list(shapes));
    if text_room(&whole, 11.0, false) <= WIDEST {
        return vec![whole];
    }
    let mut lines = Vec::new();
    let mut line = format!("{before}{}", shapes[0]);
    for shape in &shapes[1..] {
        line.push(',');
        let longer = format!("{line} {shape}");
        if text_room(&longer, 11.0, false) <= WIDEST {
            line = longer;
        } else {
            lines.push(std::mem::replace(&mut line, shape.clone()));
        }
    }
    lines.push(line);
    lines
}

/// Several equal shapes as a number and one shape.
fn list(shapes: &[String]) -> String {
    match shapes {
        [first, others @ ..] if !others.is_empty() && others.iter().all(|shape| shape == first) => {
            format!("{} × {first}", shapes.len())
        }
        _ => shapes.join(", "),
    }
}

/// The layers of a chain, one a line.
fn inner_lines(inner: &NetworkInfo<'_>) -> Vec<String> {
    let layers: Vec<&RowInfo<'_>> = inner.rows.iter().filter(|row| !is_input(row)).collect();
    let mut lines: Vec<String> = layers
        .iter()
        .take(MOST_INNER)
        .map(|row| match row.activation {
            "" => called(row),
            activation => format!("{} → {activation}", called(row)),
        })
        .collect();
    if layers.len() > MOST_INNER {
        lines.push(format!("… and {} more", layers.len() - MOST_INNER));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_networks::{MIXED, STEREO};

    fn row<'i>(info: &'i NetworkInfo<'i>, name: &str) -> &'i RowInfo<'i> {
        info.rows.iter().find(|row| row.name == name).unwrap()
    }

    #[test]
    fn shapes_are_told_once_for_equal_uses_and_equal_operands() {
        assert_eq!(shapes(&STEREO, row(&STEREO, "eye")), ["2 uses, each [120, 160, 3] → [120, 160, 256]"]);
        assert_eq!(shapes(&STEREO, row(&STEREO, "distance_concat")), ["2 × [120, 160, 256] → [120, 320, 256]"]);
        assert_eq!(shapes(&STEREO, row(&STEREO, "left")), ["[120, 160, 3]"]);
        assert_eq!(shapes(&MIXED, row(&MIXED, "price_concat")), ["[16], [32], [16], [10], [4] → [78]"]);
    }

    #[test]
    fn many_operands_take_several_lines() {
        let operands: Vec<String> = (0..9).map(|index| format!("[120, 160, {index}]")).collect();
        let lines = in_and_out(&operands, &["[120, 160, 36]".to_owned()]);
        assert!(lines.len() > 2 && lines.last().unwrap() == "→ [120, 160, 36]", "{lines:?}");
        assert!(lines.iter().all(|line| text_room(line, 11.0, false) <= WIDEST));
        let list = lines[..lines.len() - 1].join(" ");
        assert_eq!(list, operands.join(", "), "a line that goes on ends with a comma");
        let lines = in_and_out(&operands, &operands);
        assert_eq!(lines.join(" "), format!("{} → {}", operands.join(", "), operands.join(", ")));
        assert!(lines.iter().all(|line| text_room(line, 11.0, false) <= WIDEST));
    }

    #[test]
    fn a_chain_lists_its_layers() {
        let lines = inner_lines(row(&STEREO, "eye").inner.unwrap());
        assert_eq!(lines, ["Conv2d(128, 3, padding = same) → relu", "Conv2d(256, 3, padding = same) → relu"]);
    }
}
