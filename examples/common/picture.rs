//! Pictures made of pixels, shapes and text, written as PNG.

use std::fs::File;
use std::io::{BufWriter, Cursor};
use std::path::Path;

use net_runtime::{Error, plot};

use super::output;

/// Dots of the file for each unit of length.
const SCALE: usize = 2;

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

    /// A line of text on the base line `y`, in the middle of which is `x`.
    pub fn centered(&mut self, x: f32, y: f32, size: f32, color: &str, text: &str) {
        self.write(x, y, size, color, r#" text-anchor="middle""#, text);
    }

    /// A line of text that begins at `x`, on the base line `y`.
    pub fn text(&mut self, x: f32, y: f32, size: f32, color: &str, text: &str) {
        self.write(x, y, size, color, "", text);
    }

    fn write(&mut self, x: f32, y: f32, size: f32, color: &str, anchor: &str, text: &str) {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        self.shapes += &format!(r#"<text x="{x}" y="{y}" font-size="{size}" fill="{color}"{anchor}>{text}</text>"#);
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

    /// A translucent disc.
    pub fn dot(&mut self, x: f32, y: f32, radius: f32, color: &str) {
        self.shapes += &format!(r#"<circle cx="{x}" cy="{y}" r="{radius}" fill="{color}" fill-opacity="0.4"/>"#);
    }

    /// Writes the picture among the examples' output and tells so.
    pub fn save(&self, file: &str) -> Result<(), Error> {
        let path = output::path(file)?;
        let mut dots = self.dots();
        self.lay_shapes_over(&mut dots)?;
        self.encode(&path, &dots).map_err(|source| Error::Io { path: path.clone(), source })?;
        output::wrote(&path);
        Ok(())
    }

    /// The images alone, as red, green and blue of every dot.
    fn dots(&self) -> Vec<u8> {
        let mut dots = vec![u8::MAX; self.width * SCALE * self.height * SCALE * 3];
        for image in &self.images {
            let side = image.zoom * SCALE;
            for (index, color) in image.pixels.iter().enumerate() {
                let left = image.left * SCALE + index % image.width * side;
                let top = image.top * SCALE + index / image.width * side;
                for y in top..top + side {
                    let row = &mut dots[(y * self.width * SCALE + left) * 3..][..side * 3];
                    row.as_chunks_mut::<3>().0.fill(*color);
                }
            }
        }
        dots
    }

    fn lay_shapes_over(&self, dots: &mut [u8]) -> Result<(), Error> {
        let shapes = decode(&plot::svg_to_png(&self.svg(), SCALE as f32)?)?;
        for (dot, &[red, green, blue, alpha]) in dots.as_chunks_mut::<3>().0.iter_mut().zip(shapes.as_chunks::<4>().0) {
            let blend = |below: u8, above: u8| {
                let (below, above, alpha) = (u32::from(below), u32::from(above), u32::from(alpha));
                ((above * alpha + below * (255 - alpha) + 127) / 255) as u8
            };
            *dot = [blend(dot[0], red), blend(dot[1], green), blend(dot[2], blue)];
        }
        Ok(())
    }

    fn svg(&self) -> String {
        let (width, height) = (self.width, self.height);
        let size = format!(r#"width="{width}" height="{height}" viewBox="0 0 {width} {height}""#);
        format!(r#"<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">{}</svg>"#, self.shapes)
    }

    fn encode(&self, path: &Path, dots: &[u8]) -> std::io::Result<()> {
        let side = |units: usize| u32::try_from(units * SCALE).map_err(std::io::Error::other);
        let file = BufWriter::new(File::create(path)?);
        let mut encoder = png::Encoder::new(file, side(self.width)?, side(self.height)?);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(dots)?;
        Ok(writer.finish()?)
    }
}

/// Red, green, blue and opacity of every dot of a PNG file.
fn decode(file: &[u8]) -> Result<Vec<u8>, Error> {
    let read = || {
        let mut reader = png::Decoder::new(Cursor::new(file)).read_info()?;
        let mut dots = vec![0; reader.output_buffer_size().ok_or(png::DecodingError::LimitsExceeded)?];
        reader.next_frame(&mut dots)?;
        Ok(dots)
    };
    read().map_err(|error: png::DecodingError| Error::Invalid(format!("the shapes cannot be read again: {error}")))
}
