//! A network as boxes and arrows.

use std::collections::BTreeSet;

use crate::boxes::LayerBox;
use crate::layout::{Edge, Passage, Rect, Size, layout};
use crate::summary::{count_parameters, is_input, thousands};
use crate::svg::{Color, FAINT, INK, Style, Svg, number, text_room};
use crate::{Connection, NetworkInfo};

/// Free room around the drawing, and height of the title above it.
const MARGIN: f64 = 16.0;
const TITLE: f64 = 52.0;

/// How far a loop reaches out of its box.
const LOOP: f64 = 26.0;

/// Length of an arrow's head.
const HEAD: f64 = 7.0;

/// Arrows, and their heads.
const ARROW: Color = Color { document: "#94a3b8", page: "#8795a9" };
const ARROW_HEAD: Color = Color { document: "#64748b", page: "#8795a9" };

/// A connection, with what to say at its ends.
struct Arrow {
    from_label: String,
    to_label: String,
}

/// The picture of a network as an SVG document.
pub fn draw(info: &NetworkInfo<'_>) -> String {
    draw_on(info, false)
}

/// The picture of a network as a part of a page in HTML that has a title already. It has no empty line, which would end
/// it in Markdown.
pub fn draw_on_page(info: &NetworkInfo<'_>) -> String {
    draw_on(info, true)
}

fn draw_on(info: &NetworkInfo<'_>, page: bool) -> String {
    let rows = info.rows.iter().map(|row| LayerBox::of_row(info, row));
    let outputs = info.outputs.iter().map(|output| LayerBox::of_output(info, output));
    let mut boxes: Vec<LayerBox> = rows.chain(outputs).collect();
    let (edges, arrows) = connections(info);
    make_room_for_labels(&mut boxes, &edges);

    let mut sizes: Vec<Size> =
        boxes.iter().map(|one| Size { width: one.width, height: one.height, room: 0.0 }).collect();
    for (edge, arrow) in edges.iter().zip(&arrows).filter(|(edge, _)| edge.from == edge.to) {
        let label = text_room(&loop_label(arrow), LABEL.size, false);
        sizes[edge.from].room = sizes[edge.from].room.max(LOOP + 6.0 + label);
    }
    let layout = layout(&sizes, &edges);

    let (margin, above) = if page { (1.0, 0.0) } else { (MARGIN, TITLE) };
    let title = Style::bold(17.0, INK);
    let subtitle = Style::new(11.0, FAINT);
    let about = format!(
        "{} · {} multiply-adds per sample",
        count_parameters(info.parameters, info.non_trainable_parameters),
        thousands(info.multiply_adds)
    );
    let least = text_room(info.name, title.size, true).max(text_room(&about, subtitle.size, false));
    let least = if page { 0.0 } else { least };
    let width = (layout.width.max(least) + 2.0 * margin).ceil();
    let height = (layout.height + above + margin).ceil();
    let left = (width - layout.width) / 2.0;

    let mut svg = if page { Svg::on_page(width, height) } else { Svg::new(width, height) };
    if !page {
        svg.text(MARGIN, 28.0, title, info.name);
        svg.text(MARGIN, 45.0, subtitle, &about);
    }
    let mut labels: Vec<(f64, f64, &str)> = Vec::new();
    for ((edge, arrow), route) in edges.iter().zip(&arrows).zip(&layout.routes) {
        let route: Vec<Passage> = route
            .iter()
            .map(|passage| Passage { x: passage.x + left, enter: passage.enter + above, leave: passage.leave + above })
            .collect();
        match route.as_slice() {
            [first, .., last] => {
                draw_edge(&mut svg, &route, edge.from > edge.to);
                labels.extend(end_labels(arrow, first, last, edge.from > edge.to));
            }
            _ => draw_loop(&mut svg, &moved(layout.boxes[edge.from], left, above), arrow),
        }
    }
    for (one, rect) in boxes.iter().zip(&layout.boxes) {
        let rect = moved(*rect, left, above);
        one.draw(&mut svg, number(rect.left), number(rect.top));
    }
    // Edges of one source have one label at its start.
    labels.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
    labels.dedup();
    for (x, y, label) in labels {
        svg.text(x, y, LABEL, label);
    }
    svg.finish(&format!("The network {}", info.name))
}

/// The style of what is said at an arrow's ends.
const LABEL: Style = Style::new(10.0, FAINT);

fn moved(rect: Rect, right: f64, down: f64) -> Rect {
    Rect { left: rect.left + right, top: rect.top + down, ..rect }
}

/// Every connection between rows, and from rows to outputs, which are numbered after the rows.
fn connections(info: &NetworkInfo<'_>) -> (Vec<Edge>, Vec<Arrow>) {
    let mut sources: Vec<Connection> = Vec::new();
    let mut edges = Vec::new();
    let mut arrows = Vec::new();
    let mut connect = |from: Connection, to: usize, to_label: String| {
        let source = sources.iter().position(|&known| known == from).unwrap_or_else(|| {
            sources.push(from);
            sources.len() - 1
        });
        let from_label = result_label(info, from);
        let labels = (text_room(&from_label, LABEL.size, false), text_room(&to_label, LABEL.size, false));
        edges.push(Edge { from: from.row, to, source, labels });
        arrows.push(Arrow { from_label, to_label });
    };
    for (to, row) in info.rows.iter().enumerate() {
        for (use_index, one_use) in row.uses.iter().enumerate() {
            for (operand, &from) in one_use.connected_to.iter().enumerate() {
                let mut label = Vec::new();
                if row.uses.len() > 1 {
                    label.push(format!("use {use_index}"));
                }
                if one_use.connected_to.len() > 1
                    && let Some(inner) = row.inner
                    && let Some(input) = inner.rows.iter().filter(|row| is_input(row)).nth(operand)
                {
                    label.push(input.name.to_owned());
                }
                connect(from, to, label.join(", "));
            }
        }
    }
    for (index, output) in info.outputs.iter().enumerate() {
        connect(output.from, info.rows.len() + index, String::new());
    }
    (edges, arrows)
}

/// Makes boxes as wide as the labels of their edges beside each other.
fn make_room_for_labels(boxes: &mut [LayerBox], edges: &[Edge]) {
    for (index, one) in boxes.iter_mut().enumerate() {
        let mut sources = BTreeSet::new();
        let leaving = edges.iter().filter(|edge| edge.from == index && edge.to != index);
        let leaving: f64 = leaving.filter(|edge| sources.insert(edge.source)).map(|edge| edge.room().0).sum();
        let entering = edges.iter().filter(|edge| edge.to == index && edge.from != index);
        // An arrow that comes from below enters among those that leave.
        let (from_above, from_below): (Vec<&Edge>, Vec<&Edge>) = entering.partition(|edge| edge.from < index);
        let room = |edges: &[&Edge]| edges.iter().map(|edge| edge.room().1).sum::<f64>();
        one.width = one.width.max(leaving + room(&from_below)).max(room(&from_above));
    }
}

/// Which use of a row and which of its results; empty if it has one of each.
pub(crate) fn result_label(info: &NetworkInfo<'_>, from: Connection) -> String {
    let row = &info.rows[from.row];
    let mut label = Vec::new();
    if row.uses.len() > 1 {
        label.push(format!("use {}", from.use_index));
    }
    if row.uses[from.use_index].outputs.len() > 1 {
        let of_network = row.inner.and_then(|inner| inner.outputs.get(from.tensor)).map(|output| output.name);
        let name = of_network.or_else(|| row.results.get(from.tensor).copied());
        label.push(name.map_or_else(|| format!("result {}", from.tensor), str::to_owned));
    }
    label.join(", ")
}

/// An arrow through its passages; one that runs back up is dashed.
fn draw_edge(svg: &mut Svg, route: &[Passage], upwards: bool) {
    let mut data = String::new();
    let mut before: Option<&Passage> = None;
    for passage in route {
        let (x, enter) = (number(passage.x), number(passage.enter));
        match before {
            None => data.push_str(&format!("M{x} {enter}")),
            Some(before) => {
                let middle = number((before.leave + passage.enter) / 2.0);
                data.push_str(&format!(" C{} {middle} {x} {middle} {x} {enter}", number(before.x)));
            }
        }
        data.push_str(&format!(" V{}", number(passage.leave)));
        before = Some(passage);
    }
    let dashes = if upwards { r#" stroke-dasharray="5 4""# } else { "" };
    let color = svg.color(ARROW);
    svg.path(&data, &format!(r#"fill="none" stroke="{color}" stroke-width="1.5"{dashes}"#));
    if let Some(&Passage { x, leave, .. }) = route.last() {
        let back = if upwards { leave + HEAD } else { leave - HEAD };
        draw_head(svg, (x, leave), [(x - 4.0, back), (x + 4.0, back)]);
    }
}

/// A triangle at the end of an arrow.
fn draw_head(svg: &mut Svg, tip: (f64, f64), base: [(f64, f64); 2]) {
    let [tip, left, right] = [tip, base[0], base[1]].map(|(x, y)| format!("{} {}", number(x), number(y)));
    let color = svg.color(ARROW_HEAD);
    svg.path(&format!("M{tip} L{left} L{right} Z"), &format!(r#"fill="{color}""#));
}

/// What is to be said where an arrow starts and where it ends.
fn end_labels<'a>(
    arrow: &'a Arrow,
    first: &Passage,
    last: &Passage,
    upwards: bool,
) -> impl Iterator<Item = (f64, f64, &'a str)> + use<'a> {
    let (below, above) = (12.0, -10.0);
    let (at_start, at_end) = if upwards { (above + 4.0, below + 6.0) } else { (below, above) };
    let start = (first.x + 5.0, first.enter + at_start, arrow.from_label.as_str());
    let end = (last.x + 6.0, last.leave + at_end, arrow.to_label.as_str());
    [start, end].into_iter().filter(|(_, _, label)| !label.is_empty())
}

/// An arrow from a box to itself, at its right side.
fn draw_loop(svg: &mut Svg, rect: &Rect, arrow: &Arrow) {
    let right = rect.right();
    let [from, to] = [0.72, 0.32].map(|share| rect.top + share * rect.height);
    let (start, end, out) = (number(right), number(right + HEAD), number(right + LOOP * 1.3));
    let [y_from, y_to] = [from, to].map(number);
    let data = format!("M{start} {y_from} C{out} {y_from} {out} {y_to} {end} {y_to}");
    let color = svg.color(ARROW);
    svg.path(&data, &format!(r#"fill="none" stroke="{color}" stroke-width="1.5""#));
    draw_head(svg, (right, to), [(right + HEAD, to - 4.0), (right + HEAD, to + 4.0)]);
    svg.text(right + LOOP + 3.0, (from + to) / 2.0 + 3.5, LABEL, &loop_label(arrow));
}

fn loop_label(arrow: &Arrow) -> String {
    format!("{} → {}", arrow.from_label, arrow.to_label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_networks::{CIRCLE, DETECTOR, MIXED, RECURRENT, STEREO};

    #[test]
    fn every_connection_of_every_use_is_an_edge() {
        let (edges, arrows) = connections(&STEREO);
        assert_eq!(edges.len(), 8);
        let labels: Vec<(&str, &str)> =
            arrows.iter().map(|arrow| (arrow.from_label.as_str(), arrow.to_label.as_str())).collect();
        assert_eq!(labels[..4], [("", "use 0"), ("", "use 1"), ("use 0", ""), ("use 1", "")]);
        assert_ne!(edges[2].source, edges[3].source);
    }

    #[test]
    fn a_layer_that_several_read_is_one_source() {
        let (edges, _) = connections(&DETECTOR);
        let sources: Vec<usize> = edges.iter().filter(|edge| edge.from == 5).map(|edge| edge.source).collect();
        assert_eq!(sources.len(), 2);
        assert_eq!(sources[0], sources[1]);
    }

    #[test]
    fn results_of_an_inner_network_go_by_their_names() {
        let (_, arrows) = connections(&MIXED);
        let labels: Vec<&str> = arrows.iter().map(|arrow| arrow.from_label.as_str()).collect();
        assert!(labels.contains(&"class") && labels.contains(&"location"), "{labels:?}");
    }

    #[test]
    fn results_of_a_layer_go_by_their_names_or_numbers() {
        let (_, arrows) = connections(&RECURRENT);
        let labels: Vec<&str> = arrows.iter().map(|arrow| arrow.from_label.as_str()).collect();
        let expected =
            ["", "", "sequences", "hidden", "cell", "hidden", "", "result 0", "result 1", "", "", "result 1"];
        assert_eq!(labels, expected);
        assert!(draw(&RECURRENT).contains(">256 parameters, 128 non-trainable<"));
        assert!(draw(&RECURRENT).contains("218,244 parameters, 128 non-trainable · "));
    }

    #[test]
    fn on_a_page_there_is_no_empty_line_and_no_colour_for_one_theme() {
        for info in [&DETECTOR, &STEREO, &CIRCLE, &MIXED, &RECURRENT] {
            let svg = draw_on_page(info);
            assert!(svg.lines().all(|line| !line.trim().is_empty()), "{svg}");
            for light in [INK.document, FAINT.document, "\"#fff\"", "stroke=\"#ffffff", "fill=\"#ffffff\" stroke"] {
                assert!(!svg.contains(light), "{light}");
            }
        }
    }

    #[test]
    fn every_name_stands_in_the_picture_once() {
        for info in [&DETECTOR, &STEREO, &CIRCLE, &MIXED, &RECURRENT] {
            let svg = draw(info);
            for row in info.rows {
                assert_eq!(svg.matches(&format!("bold\">{}<", row.name)).count(), 1, "{}", row.name);
            }
            assert!(svg.contains("xmlns") && !svg.contains("NaN") && !svg.contains("inf"));
        }
        assert!(draw(&MIXED).contains("leaky_relu(a &lt; 0.2 &amp; b)"));
    }
}
