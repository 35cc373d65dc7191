//! What must hold of every picture, measured in the document itself: lines of text keep apart, with room for a font wider
//! than ours, and no arrow runs through a box or a text.

use crate::svg::text_room;
use crate::test_networks::{CIRCLE, DETECTOR, FUNCTIONAL, MIXED, RECURRENT, STEREO};
use crate::{Connection, NetworkInfo, OutputInfo, RowInfo, UseInfo, draw};

/// A rectangle: left, top, right, bottom.
type Area = [f64; 4];

struct Picture {
    size: (f64, f64),
    boxes: Vec<Area>,
    texts: Vec<(Area, String)>,
    /// Points along each arrow's line.
    arrows: Vec<Vec<(f64, f64)>>,
}

/// The value of an attribute.
fn attribute<'e>(element: &'e str, name: &str) -> Option<&'e str> {
    let (_, rest) = element.split_once(&format!(" {name}=\""))?;
    Some(rest.split_once('"')?.0)
}

fn length(element: &str, name: &str) -> f64 {
    attribute(element, name).map_or(0.0, |value| value.parse().unwrap())
}

impl Picture {
    fn of(info: &NetworkInfo<'_>) -> Self {
        let svg = draw(info);
        let mut picture = Self { size: (0.0, 0.0), boxes: Vec::new(), texts: Vec::new(), arrows: Vec::new() };
        for line in svg.lines() {
            if line.starts_with("<svg") {
                picture.size = (length(line, "width"), length(line, "height"));
            } else if line.starts_with("<rect") && attribute(line, "rx") == Some("7") {
                let (left, top) = (length(line, "x"), length(line, "y"));
                picture.boxes.push([left, top, left + length(line, "width"), top + length(line, "height")]);
            } else if line.starts_with("<text") {
                picture.texts.push(text(line));
            } else if line.starts_with("<path") && attribute(line, "fill") == Some("none") {
                picture.arrows.push(points(attribute(line, "d").unwrap()));
            }
        }
        picture
    }

    fn check(&self, name: &str) {
        let whole = [0.0, 0.0, self.size.0, self.size.1];
        for (index, (area, text)) in self.texts.iter().enumerate() {
            assert!(contains(whole, *area), "{name}: {text} leaves the picture");
            for (other, other_text) in &self.texts[index + 1..] {
                assert!(!overlap(*area, *other), "{name}: {text} and {other_text} overlap");
            }
            let of_box = self.boxes.iter().find(|one| overlap(**one, *area));
            assert!(of_box.is_none_or(|one| contains(*one, *area)), "{name}: {text} leaves its box");
        }
        for point in self.arrows.iter().flatten() {
            for area in self.boxes.iter().chain(self.texts.iter().map(|(area, _)| area)) {
                let inside = [area[0] + 0.5, area[1] + 0.5, area[2] - 0.5, area[3] - 0.5];
                assert!(!holds(inside, *point), "{name}: an arrow runs through {area:?} at {point:?}");
            }
        }
    }
}

fn overlap(one: Area, other: Area) -> bool {
    one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3]
}

fn contains(outer: Area, inner: Area) -> bool {
    outer[0] <= inner[0] && outer[1] <= inner[1] && inner[2] <= outer[2] && inner[3] <= outer[3]
}

fn holds(area: Area, (x, y): (f64, f64)) -> bool {
    area[0] < x && x < area[2] && area[1] < y && y < area[3]
}

/// Where a text stands, and what it says.
fn text(element: &str) -> (Area, String) {
    let content = element.split_once('>').unwrap().1.split_once('<').unwrap().0;
    let content = content.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let size = length(element, "font-size");
    let width = text_room(&content, size, attribute(element, "font-weight").is_some());
    let (x, y) = (length(element, "x"), length(element, "y"));
    let left = match attribute(element, "text-anchor") {
        Some("middle") => x - width / 2.0,
        Some("end") => x - width,
        _ => x,
    };
    ([left, y - 0.75 * size, left + width, y + 0.22 * size], content)
}

/// Points along a path of the commands that arrows have.
fn points(data: &str) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    let spaced: String =
        data.chars().flat_map(|one| [one.is_alphabetic().then_some(' '), Some(one)]).flatten().collect();
    let mut words = spaced.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let (command, first) = word.split_at(1);
        let mut numbers: Vec<f64> = vec![first.parse().unwrap()];
        while let Some(number) = words.next_if(|word| !word.starts_with(char::is_alphabetic)) {
            numbers.push(number.parse().unwrap());
        }
        let from = points.last().copied().unwrap_or_default();
        let curve = match (command, numbers.as_slice()) {
            ("M", &[x, y]) => [(x, y); 4],
            ("V", &[y]) => [from, from, (from.0, y), (from.0, y)],
            ("C", &[x1, y1, x2, y2, x, y]) => [from, (x1, y1), (x2, y2), (x, y)],
            other => panic!("{other:?}"),
        };
        points.extend((1..=32).map(|step| {
            let t = f64::from(step) / 32.0;
            let weights = [(1.0 - t).powi(3), 3.0 * t * (1.0 - t).powi(2), 3.0 * t * t * (1.0 - t), t.powi(3)];
            let sum =
                |of: fn(&(f64, f64)) -> f64| curve.iter().zip(weights).map(|(point, weight)| of(point) * weight).sum();
            (sum(|point| point.0), sum(|point| point.1))
        }));
    }
    points
}

#[test]
fn known_networks_are_drawn_clearly() {
    for info in [&DETECTOR, &STEREO, &FUNCTIONAL, &CIRCLE, &MIXED, &RECURRENT] {
        Picture::of(info).check(info.name);
    }
}

/// A row of a random network, with what its parts borrow.
struct Random {
    name: String,
    arguments: String,
    shapes: Vec<Vec<usize>>,
    operands: Vec<Vec<Connection>>,
}

#[test]
fn any_network_is_drawn_clearly() {
    // A small generator of its own: the same networks on every run.
    let mut state = 1_u64;
    let mut draw = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for network in 0..40 {
        let mut rows: Vec<Random> = Vec::new();
        for index in 0..2 + draw(30) {
            let uses = if index < 2 || draw(4) > 0 { 1 } else { 2 + draw(3) };
            let operand = |draw: &mut dyn FnMut(usize) -> usize| {
                // Mostly of what is near, now and then of what is far.
                let row = if draw(3) > 0 { index - 1 - draw(index.min(2)) } else { draw(index) };
                let from = &rows[row];
                Connection { row, use_index: draw(from.operands.len()), tensor: draw(from.shapes.len()) }
            };
            let operands = (0..uses).map(|_| {
                let count = if index < 2 { 0 } else { 1 + draw(3) * draw(2) };
                (0..count).map(|_| operand(&mut draw)).collect()
            });
            let operands = operands.collect();
            rows.push(Random {
                name: format!("{}_{index}", "long_name".repeat(1 + draw(4))),
                arguments: "256, ".repeat(draw(4)),
                shapes: (0..1 + draw(3) * draw(2)).map(|axis| vec![100 + axis, 1_000, 64]).collect(),
                operands,
            });
        }
        let shapes: Vec<Vec<&[usize]>> =
            rows.iter().map(|row| row.shapes.iter().map(Vec::as_slice).collect()).collect();
        let uses: Vec<Vec<UseInfo<'_>>> = rows
            .iter()
            .zip(&shapes)
            .map(|(row, outputs)| row.operands.iter().map(|connected_to| UseInfo { outputs, connected_to }).collect())
            .collect();
        let infos = rows.iter().zip(&uses).map(|(row, uses)| RowInfo {
            name: &row.name,
            kind: if row.operands[0].is_empty() { "Input" } else { "Layer" },
            arguments: &row.arguments,
            activation: if row.name.len() % 2 == 0 { "relu" } else { "" },
            results: if row.shapes.len() > 2 { &["a_result_with_a_name_of_its_own", "other"] } else { &[] },
            parameters: row.arguments.len() * 1_000,
            non_trainable_parameters: row.arguments.len(),
            frozen: false,
            uses,
            inner: None,
        });
        let infos: Vec<RowInfo<'_>> = infos.collect();
        let last = Connection { row: rows.len() - 1, use_index: 0, tensor: 0 };
        let info = NetworkInfo {
            name: "Random",
            rows: &infos,
            outputs: &[OutputInfo { name: "y", from: last }],
            parameters: 1,
            non_trainable_parameters: 0,
            multiply_adds: 1,
            inference_bytes: 0,
            training_bytes: 0,
        };
        Picture::of(&info).check(&format!("network {network}"));
    }
}
