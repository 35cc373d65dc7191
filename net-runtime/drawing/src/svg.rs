//! Writing SVG: shapes, text whose width is known beforehand, and the colours of all our pictures.
//!
//! A picture is a document of its own, or a part of a page of rustdoc's, which is light or dark as its reader chose: there
//! it takes the page's own colours.

use std::fmt::{Display, Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Families of the same, wide, build, which pictures are measured for. Most other fonts are narrower; what a picture
/// leaves free ([`text_room`]) is enough for somewhat wider ones too.
pub const FONT: &str = "DejaVu Sans, Verdana, Bitstream Vera Sans, Geneva, sans-serif";

/// A colour: in a document of its own, and on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color {
    /// On a white panel.
    pub document: &'static str,
    /// On a light or a dark page.
    pub page: &'static str,
}

impl Color {
    /// The same everywhere.
    pub const fn same(color: &'static str) -> Self {
        Self { document: color, page: color }
    }
}

/// Text.
pub const INK: Color = Color { document: "#1f2937", page: "currentColor" };
/// Text that is not looked for first.
pub const FAINT: Color = Color { document: "#6b7280", page: "currentColor" };
/// The inside of a box.
pub const INSIDE: Color = Color { document: "#ffffff", page: "var(--code-block-background-color, none)" };
/// No colour at all.
pub const NONE: Color = Color::same("none");

/// A picture being drawn.
#[derive(Debug)]
pub struct Svg {
    body: String,
    width: f64,
    height: f64,
    on_page: bool,
}

/// Share of its size below which a picture on a page is not shrunk: its text would be too small to read.
const LEAST_SCALE: f64 = 0.7;

/// Where a text's `x` is.
#[derive(Clone, Copy, Debug)]
pub enum Anchor {
    /// At its beginning.
    Start,
    /// In its middle.
    Middle,
    /// At its end.
    End,
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Height of the font in the picture's units.
    pub size: f64,
    /// Whether it is bold.
    pub bold: bool,
    /// Its colour.
    pub color: Color,
    /// Which part of it stands at its place.
    pub anchor: Anchor,
}

impl Style {
    /// Plain text that starts at its place.
    pub const fn new(size: f64, color: Color) -> Self {
        Self { size, bold: false, color, anchor: Anchor::Start }
    }

    /// The same in bold.
    pub const fn bold(size: f64, color: Color) -> Self {
        Self { bold: true, ..Self::new(size, color) }
    }
}

impl Svg {
    /// An empty picture: a white panel with round corners, so that it reads on a dark page too.
    pub fn new(width: f64, height: f64) -> Self {
        let mut svg = Self { body: String::new(), width, height, on_page: false };
        svg.element(format_args!(
            r##"rect x="0.5" y="0.5" width="{}" height="{}" rx="10" fill="#ffffff" stroke="#e5e7eb""##,
            number(width - 1.0),
            number(height - 1.0)
        ));
        svg
    }

    /// An empty picture as a part of a page, without a panel.
    pub fn on_page(width: f64, height: f64) -> Self {
        Self { body: String::new(), width, height, on_page: true }
    }

    /// How a colour is written in this picture.
    pub fn color(&self, color: Color) -> &'static str {
        if self.on_page { color.page } else { color.document }
    }

    /// A box.
    pub fn rect(&mut self, [left, top, width, height]: [f64; 4], radius: f64, fill: Color, stroke: Color) {
        let (fill, stroke) = (self.color(fill), self.color(stroke));
        self.element(format_args!(
            r#"rect x="{}" y="{}" width="{}" height="{}" rx="{}" fill="{fill}" stroke="{stroke}""#,
            number(left),
            number(top),
            number(width),
            number(height),
            number(radius)
        ));
    }

    /// A line or an area along `data`, with further attributes.
    pub fn path(&mut self, data: &str, attributes: &str) {
        self.element(format_args!(r#"path d="{data}" {attributes}"#));
    }

    /// A disc.
    pub fn dot(&mut self, x: f64, y: f64, radius: f64, fill: &str) {
        self.element(format_args!(
            r#"circle cx="{}" cy="{}" r="{}" fill="{fill}""#,
            number(x),
            number(y),
            number(radius)
        ));
    }

    /// A line of text on the base line `y`.
    pub fn text(&mut self, x: f64, y: f64, style: Style, text: &str) {
        self.write_text(x, y, style, &escape(text));
    }

    /// A name and a value of another colour behind it, wherever the name ends in the viewer's font.
    pub fn named_value(&mut self, x: f64, y: f64, style: Style, name: &str, color: Color, value: &str) {
        let color = self.color(color);
        let text = format!(r#"{} <tspan fill="{color}">{}</tspan>"#, escape(name), escape(value));
        self.write_text(x, y, style, &text);
    }

    fn write_text(&mut self, x: f64, y: f64, style: Style, content: &str) {
        let anchor = match style.anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let weight = if style.bold { r#" font-weight="bold""# } else { "" };
        let color = self.color(style.color);
        // Writing to a string cannot fail.
        let _ = writeln!(
            self.body,
            r#"<text x="{}" y="{}" font-size="{}" fill="{color}"{weight}{anchor}>{content}</text>"#,
            number(x),
            number(y),
            number(style.size)
        );
    }

    fn element(&mut self, element: impl Display) {
        let _ = writeln!(self.body, "<{element}/>");
    }

    /// The whole picture; `title` is what a screen reader says. A part of a page is as wide as the page at most, down to a
    /// size that can be read; wider ones are scrolled.
    pub fn finish(self, title: &str) -> String {
        let (width, height) = (number(self.width), number(self.height));
        let size = if self.on_page {
            let least = (self.width * LEAST_SCALE).ceil();
            format!("style=\"width:{width}px;max-width:100%;min-width:{least}px;height:auto\"")
        } else {
            format!("xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\"")
        };
        format!(
            "<svg {size} viewBox=\"0 0 {width} {height}\" font-family=\"{FONT}\" role=\"img\">\n<title>{}</title>\n{}</svg>\n",
            escape(title),
            self.body
        )
    }
}

/// A coordinate: two digits are finer than any screen shows.
pub fn number(value: f64) -> f64 {
    (value * 100.0).round() / 100.0 + 0.0
}

/// Text as XML takes it; control characters, which it cannot hold, are left out.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            control if control.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// Advance widths of the characters from space to `~`, in thousandths of the font's size: those of DejaVu Sans.
#[rustfmt::skip]
const REGULAR: [u16; 95] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636, 636,
    636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787,
    603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635,
    634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];

/// The same of DejaVu Sans Bold.
#[rustfmt::skip]
const BOLD: [u16; 95] = [
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696, 696, 696, 696, 696, 696,
    696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683, 683, 821, 837, 372, 372, 775, 637, 995, 837, 850,
    733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716, 678, 435, 716,
    712, 343, 343, 665, 343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
];

/// Width of a line of text.
pub fn text_width(text: &str, size: f64, bold: bool) -> f64 {
    let table = if bold { &BOLD } else { &REGULAR };
    let thousandths: u32 = text
        .chars()
        .map(|character| {
            let known = (character as usize).checked_sub(' ' as usize).and_then(|index| table.get(index));
            match (known, character.width()) {
                (Some(&width), _) => width.into(),
                // Letters beyond ASCII are about as wide as an `m` at most, and those of East Asia twice a digit.
                (None, Some(2)) => 1_300,
                (None, Some(1)) => 850,
                (None, _) => 0,
            }
        })
        .sum();
    f64::from(thousandths) / 1_000.0 * size
}

/// Room for a line of text in whichever font a viewer has: a tenth more than its width in ours, and enough for a font in
/// which all letters are of one width.
pub fn text_room(text: &str, size: f64, bold: bool) -> f64 {
    (1.1 * text_width(text, size, bold)).max(0.61 * size * text.width() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_control_characters_are_dropped() {
        assert_eq!(escape("a < b & \"c\" > d\u{0}\n"), "a &lt; b &amp; \"c\" &gt; d");
    }

    #[test]
    fn wider_text_is_measured_wider() {
        assert!(text_width("wide", 12.0, false) < text_width("wide", 12.0, true));
        assert!(text_width("ii", 12.0, false) < text_width("mm", 12.0, false));
        assert_eq!(text_width("", 12.0, false), 0.0);
        assert_eq!(text_width("e\u{301}", 12.0, false), text_width("e", 12.0, false));
    }
}
