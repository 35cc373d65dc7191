//! Pictures: a network as a graph, and curves over the epochs of a training.
//!
//! A picture is SVG that needs nothing beside it, or, with the crate's feature `png`, a PNG of it at twice the size.
//!
//! ```
//! use net_runtime::plot::{Chart, Panel, Series};
//! use net_runtime::prelude::*;
//!
//! network! {
//!     network Small(x: [4]) -> (y: [2]) {
//!         let y = x -> Dense(8) -> relu -> Dense(2) -> softmax;
//!     }
//! }
//!
//! # fn main() -> Result<(), Error> {
//! # let folder = std::env::temp_dir();
//! # let path = folder.join(format!("net-runtime-{}-plot.svg", std::process::id()));
//! println!("{}", Small::summary());
//! Small::plot(&path)?; // a box for each layer
//!
//! // Curves of your own, over epochs.
//! let curve = |name: &str, values: &[f64]| Series { name: name.to_owned(), values: values.to_vec(), ..Series::default() };
//! let losses = vec![curve("generator", &[2.0, 1.1, 0.9]), curve("critic", &[0.3, 0.6, 0.7])];
//! let panel = Panel { title: "losses".to_owned(), series: losses, ..Panel::default() };
//! Chart { title: "Two networks".to_owned(), first_epoch: 1, panels: vec![panel] }.save(&path)?;
//! # std::fs::remove_file(&path).unwrap();
//! # Ok(())
//! # }
//! ```
//!
//! The curves of a training are drawn by [`History::plot`](crate::training::History::plot), a confusion matrix by
//! [`ConfusionMatrix::save_plot`](crate::metrics::ConfusionMatrix::save_plot), any others by a [`Chart`].

pub(crate) mod chart;
#[cfg(feature = "png")]
mod png;

use std::path::Path;

use crate::error::Error;
use crate::io::replace::replace_file;
use crate::network::info::NetworkInfo;

pub use chart::{Chart, Panel, Series, ValueScale};
pub use net_drawing::draw;
#[cfg(feature = "png")]
pub use png::svg_to_png;

/// How many dots a PNG has for one of the SVG's units: sharp on the screens of today.
#[cfg(feature = "png")]
const PNG_SCALE: f32 = 2.0;

/// Draws a network into a file, SVG or PNG by the extension: a box for every layer with its name, arguments,
/// activation, shapes and parameters, a shared layer once with all its uses.
///
/// # Errors
///
/// As [`write()`].
pub fn save(info: &NetworkInfo, path: impl AsRef<Path>) -> Result<(), Error> {
    write(&draw(info), path)
}

/// Writes an SVG document to a file, as it is or drawn to a PNG, by the extension.
///
/// # Errors
///
/// [`Error::Invalid`] if the extension is another, or `.png` and the crate was built without its feature `png`;
/// [`Error::Io`] if the file cannot be written.
pub fn write(svg: &str, path: impl AsRef<Path>) -> Result<(), Error> {
    let path = path.as_ref();
    let extension = path.extension().unwrap_or_default();
    if extension.eq_ignore_ascii_case("svg") {
        replace_file(path, svg.as_bytes())
    } else if extension.eq_ignore_ascii_case("png") {
        write_png(svg, path)
    } else {
        Err(Error::Invalid(format!("{}: a picture is written as `.svg` or `.png`", path.display())))
    }
}

#[cfg(feature = "png")]
fn write_png(svg: &str, path: &Path) -> Result<(), Error> {
    replace_file(path, &svg_to_png(svg, PNG_SCALE)?)
}

#[cfg(not(feature = "png"))]
fn write_png(_: &str, path: &Path) -> Result<(), Error> {
    Err(Error::Invalid(format!(
        "{}: to draw PNG, enable the feature `png` of `net-runtime`; `.svg` needs no feature",
        path.display()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_networks::{DETECTOR, FUNCTIONAL};

    #[test]
    fn an_svg_is_written_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("net.SVG");
        save(&DETECTOR, &path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), draw(&DETECTOR));
    }

    #[test]
    fn another_extension_is_an_error_that_names_the_two() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["net.jpg", "net"] {
            let path = folder.path().join(name);
            let error = save(&FUNCTIONAL, &path).unwrap_err().to_string();
            assert!(error.contains(name) && error.ends_with("`.svg` or `.png`"), "{error}");
            assert!(!path.exists());
        }
    }

    #[cfg(not(feature = "png"))]
    #[test]
    fn without_the_feature_a_png_is_an_error_that_names_it() {
        let error = save(&FUNCTIONAL, "net.png").unwrap_err().to_string();
        assert!(error.contains("enable the feature `png` of `net-runtime`"), "{error}");
    }
}
