//! Pictures made of pixels, shapes and text, written as SVG.

#[cfg(test)]
use std::io::Cursor;
use std::path::PathBuf;

use base64::prelude::{BASE64_STANDARD, Engine};
use net_runtime::{Error, plot};

use super::output;

/// Colour of text.
pub const INK: &str = "#111827";
/// Colour of text beside the text.
pub const FAINT: &str = "#6b7280";
/// Colour of what is right.
pub const RIGHT: &str = "#15803d";
/// Colour of what is wrong.
pub const WRONG: &str = "#dc2626";

/// A picture being put together: images first, shapes and text on top of them. Lengths are in units from the upper
/// left corner.
pub struct Picture {
    width: usize,
    height: usize,
    images: Vec<Placed>,
    /// The shapes and the text, as elements of an SVG document.
    shapes: String,
}

struct Placed {
    left: usize,
    top: usize,
    zoom: usize,
    width: usize,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    /// White paper.
    pub fn new(width: usize, height: usize) -> Self {
        Self { width, height, images: Vec::new(), shapes: String::new() }
    }

    /// An image with red, green and blue from 0 to 1, each pixel `zoom` units large.
    pub fn image(
        &mut self,
        left: usize,
        top: usize,
        zoom: usize,
        width: usize,
        colors: impl Iterator<Item = [f32; 3]>,
    ) {
        let pixels = colors.map(|color| color.map(|channel| (channel.clamp(0.0, 1.0) * 255.0).round() as u8)).collect();
        self.images.push(Placed { left, top, zoom, width, pixels });
    }

    /// What the picture shows, in its upper left corner.
    pub fn title(&mut self, text: &str) {
        self.text(16.0, 28.0, 17.0, INK, text);
    }

    /// A second line under the title.
    pub fn subtitle(&mut self, text: &str) {
        self.text(16.0, 46.0, 12.0, FAINT, text);
    }

    /// A line of text on the base line `y`, in the middle of which is `x`.
    pub fn centered(&mut self, x: f32, y: f32, size: f32, color: &str, text: &str) {
        self.write(x, y, size, color, r#" text-anchor="middle""#, text);
    }

    /// A line of text that begins at `x`, on the base line `y`.
    pub fn text(&mut self, x: f32, y: f32, size: f32, color: &str, text: &str) {
        self.write(x, y, size, color, "", text);
    }

    /// A piece of a typewritten line, each of whose letters takes `wide`.
    pub fn typed(&mut self, x: f32, y: f32, wide: f32, color: &str, text: &str) {
        let length = wide * text.chars().count() as f32;
        let style = format!(r#" font-family="monospace" textLength="{length:.1}" lengthAdjust="spacingAndGlyphs""#);
        self.write(x, y, wide / 0.6, color, &style, text);
    }

    fn write(&mut self, x: f32, y: f32, size: f32, color: &str, style: &str, text: &str) {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        self.shapes +=
            &format!(r#"<text x="{x:.1}" y="{y:.1}" font-size="{size}" fill="{color}"{style}>{text}</text>"#);
    }

    /// The outline of a box.
    pub fn frame(&mut self, [left, top, width, height]: [f32; 4], line: f32, color: &str) {
        self.shapes += &format!(
            r#"<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="none" stroke="{color}" stroke-width="{line}"/>"#
        );
    }

    /// A straight line.
    pub fn line(&mut self, from: [f32; 2], to: [f32; 2], color: &str) {
        let ([x1, y1], [x2, y2]) = (from, to);
        self.shapes += &format!(r#"<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{color}"/>"#);
    }

    /// A disc that hardly hides what is under it.
    pub fn dot(&mut self, x: f32, y: f32, radius: f32, color: &str) {
        self.shapes += &format!(r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius}" fill="{color}" fill-opacity="0.75"/>"#);
    }

    /// Thousands of discs of one size and colour, a dozen bytes each: lines without length, whose ends are round.
    pub fn dots(&mut self, centers: impl Iterator<Item = [f32; 2]>, radius: f32, color: &str) {
        let path: String = centers.map(|[x, y]| format!("M{x:.1} {y:.1}h0")).collect();
        let width = 2.0 * radius;
        self.shapes += &format!(
            r#"<path d="{path}" stroke="{color}" stroke-width="{width}" stroke-linecap="round" stroke-opacity="0.6"/>"#
        );
    }

    /// Writes the picture among the examples' output and tells so.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be written.
    pub fn save(&self, file: &str) -> Result<(), Error> {
        output::wrote(&self.save_silently(file)?);
        Ok(())
    }

    /// The same without a word; gives the path.
    pub fn save_silently(&self, file: &str) -> Result<PathBuf, Error> {
        let path = output::path(file)?;
        plot::write(&self.svg(), &path)?;
        Ok(path)
    }

    /// The picture as an SVG document that needs nothing beside it.
    fn svg(&self) -> String {
        let (width, height) = (self.width, self.height);
        let size = format!(r#"width="{width}" height="{height}" viewBox="0 0 {width} {height}""#);
        let paper = format!(r##"<rect width="{width}" height="{height}" fill="#ffffff"/>"##);
        let images: String = self.images.iter().map(Placed::element).collect();
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">{paper}{images}{}</svg>"#,
            self.shapes
        )
    }
}

impl Placed {
    /// The image within a document: a file in a file, each of its pixels a sharp square.
    fn element(&self) -> String {
        let Self { left, top, zoom, width, ref pixels } = *self;
        let (across, down) = (width * zoom, pixels.len() / width * zoom);
        let file = BASE64_STANDARD.encode(png_file(width, pixels.as_flattened()));
        format!(
            r#"<image x="{left}" y="{top}" width="{across}" height="{down}" style="image-rendering:pixelated" href="data:image/png;base64,{file}"/>"#
        )
    }
}

/// A PNG file of red, green and blue for each pixel, in rows of this width.
fn png_file(width: usize, colors: &[u8]) -> Vec<u8> {
    let side = |pixels: usize| u32::try_from(pixels).expect("a picture of an example is small");
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side(width), side(colors.len() / 3 / width));
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().expect("memory takes everything");
    writer.write_image_data(colors).expect("whole rows");
    writer.finish().expect("memory takes everything");
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_lie_over_images_and_images_on_paper() {
        let mut picture = Picture::new(30, 20);
        picture.frame([9.0, 0.0, 10.0, 20.0], 2.0, "#00ff00");
        picture.text(0.0, 0.0, 5.0, INK, "a < b & c");
        picture.image(4, 6, 5, 2, [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]].into_iter());
        let svg = picture.svg();
        let order =
            ["fill=\"#ffffff\"", "<image x=\"4\" y=\"6\" width=\"10\" height=\"5\"", "#00ff00", "a &lt; b &amp; c"];
        let places = order.map(|part| svg.find(part).unwrap_or_else(|| panic!("{part} in {svg}")));
        assert!(places.is_sorted(), "{svg}");
    }

    #[test]
    fn an_image_keeps_its_pixels() {
        let pixels = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        let file = png_file(1, &pixels);
        let mut reader = png::Decoder::new(Cursor::new(file)).read_info().unwrap();
        let mut read = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut read).unwrap();
        assert_eq!((reader.info().size(), &*read), ((1, 4), &pixels[..]));
    }
}
