//! SVG to PNG.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::{Database, Source};
use resvg::usvg::{Options, Tree};

use crate::error::Error;

/// The font our pictures are measured for, and no other: a picture looks the same on every machine, one without fonts
/// too.
static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    for font in [dejavu::sans::regular(), dejavu::sans::bold()] {
        fonts.load_font_source(Source::Binary(Arc::new(font)));
    }
    for set_family in [Database::set_sans_serif_family, Database::set_serif_family, Database::set_monospace_family] {
        set_family(&mut fonts, "DejaVu Sans");
    }
    Arc::new(fonts)
});

/// Draws an SVG document, `scale` times as large as it says, and returns the bytes of a PNG file.
///
/// # Errors
///
/// [`Error::Invalid`] if the document is not SVG, or has no size or one beyond memory.
pub fn svg_to_png(svg: &str, scale: f32) -> Result<Vec<u8>, Error> {
    let tree = parse(svg)?;
    let size = tree.size().to_int_size().scale_by(scale);
    let mut pixels = size.and_then(|size| Pixmap::new(size.width(), size.height())).ok_or_else(|| {
        let (width, height) = (tree.size().width(), tree.size().height());
        Error::Invalid(format!("a picture of {width} x {height} cannot be drawn at {scale} times its size"))
    })?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| Error::Invalid(format!("the picture cannot be written as PNG: {error}")))
}

fn parse(svg: &str) -> Result<Tree, Error> {
    let options = Options { fontdb: Arc::clone(&FONTS), font_family: "DejaVu Sans".to_owned(), ..Options::default() };
    Tree::from_str(svg, &options).map_err(|error| Error::Invalid(format!("this is no SVG that can be drawn: {error}")))
}

#[cfg(test)]
mod tests {
    use resvg::usvg::Node;

    use super::super::{Chart, Panel, Series, ValueScale, draw, save};
    use super::*;
    use crate::test_networks::{CIRCLE, DETECTOR, FUNCTIONAL, MIXED, RECURRENT, STEREO};
    use net_drawing::svg::{INK, Style, Svg, text_width};

    #[test]
    fn every_network_is_drawn() {
        let folder = tempfile::tempdir().unwrap();
        for info in [&DETECTOR, &STEREO, &FUNCTIONAL, &CIRCLE, &MIXED, &RECURRENT] {
            let path = folder.path().join(info.name).with_extension("png");
            save(info, &path).unwrap();
            assert!(std::fs::read(&path).unwrap().starts_with(b"\x89PNG"));
            let size = parse(&draw(info)).unwrap().size();
            assert!(size.width() > 100.0 && size.height() > 100.0);
        }
    }

    #[test]
    fn a_chart_is_drawn() {
        let series =
            Series { name: "loss".to_owned(), values: vec![1.0, f64::NAN, 0.5, 0.4], validation: true, best: Some(3) };
        let chart = Chart {
            title: "History".to_owned(),
            first_epoch: 1,
            panels: vec![Panel { title: "loss".to_owned(), series: vec![series], scale: ValueScale::Auto }],
        };
        assert!(svg_to_png(&chart.draw(), 1.0).unwrap().starts_with(b"\x89PNG"));
    }

    #[test]
    fn the_scale_is_the_number_of_dots_for_a_unit() {
        let svg = Svg::new(30.0, 20.0).finish("");
        let png = svg_to_png(&svg, 3.0).unwrap();
        assert_eq!(png[16..24], [0, 0, 0, 90, 0, 0, 0, 60]);
    }

    #[test]
    fn what_cannot_be_drawn_is_an_error() {
        assert!(svg_to_png("no svg", 1.0).is_err());
        assert!(svg_to_png(&Svg::new(30.0, 20.0).finish(""), 0.0).is_err());
        assert!(svg_to_png(&Svg::new(30.0, 20.0).finish(""), 1e9).is_err());
    }

    #[test]
    fn text_is_as_wide_as_it_is_measured() {
        for (text, bold) in [("features_conv2d_2", true), ("[120, 160, 256] × → · …", false), ("Localização ß", false)]
        {
            let style = Style { bold, ..Style::new(20.0, INK) };
            let mut svg = Svg::new(600.0, 60.0);
            svg.text(10.0, 40.0, style, text);
            let tree = parse(&svg.finish("")).unwrap();
            let found = tree.root().children().iter().find_map(|node| match node {
                Node::Text(text) => Some(f64::from(text.bounding_box().width())),
                _ => None,
            });
            let (found, measured) = (found.unwrap(), text_width(text, 20.0, bold));
            assert!(found <= measured + 0.5 && measured < found * 1.25, "{text}: {found}, measured {measured}");
        }
    }
}
