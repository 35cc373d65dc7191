use super::sizes::AROUND;
use super::*;

fn series(name: &str, values: &[f64]) -> Series {
    let validation = name.starts_with("val_");
    Series { name: name.to_owned(), values: values.to_vec(), validation, best: None }
}

fn panel(series: Vec<Series>) -> Panel {
    Panel { title: "class".to_owned(), series, scale: ValueScale::Auto }
}

fn chart(panels: Vec<Vec<Series>>) -> String {
    let panels = panels.into_iter().map(panel).collect();
    Chart { title: "a < b".to_owned(), first_epoch: 1, panels }.draw()
}

/// An attribute of an element, as a number.
fn length(element: &str, name: &str) -> f64 {
    let (_, rest) = element.split_once(&format!(" {name}=\"")).unwrap();
    rest.split_once('"').unwrap().0.parse().unwrap()
}

/// Ratio of the luminances of a lighter and a darker colour, as the Web Content Accessibility Guidelines define it.
fn contrast(lighter: &str, darker: &str) -> f64 {
    let channel = |color: &str, at: usize| {
        let share = f64::from(u8::from_str_radix(&color[at..at + 2], 16).unwrap()) / 255.0;
        if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    let [lighter, darker] = [lighter, darker]
        .map(|color| 0.2126 * channel(color, 1) + 0.7152 * channel(color, 3) + 0.0722 * channel(color, 5));
    (lighter + 0.05) / (darker + 0.05)
}

#[test]
fn a_gap_parts_a_curve_and_a_lone_value_is_a_dot() {
    let svg = chart(vec![vec![series("loss", &[3.0, 2.0, f64::NAN, 1.5, f64::INFINITY, 1.0, 0.9])]]);
    assert_eq!(svg.matches(&format!(r#"stroke="{}""#, COLORS[0][0])).count(), 3, "two pieces and the legend's sample");
    assert_eq!(svg.matches(r#"r="3.5""#).count(), 1);
    let one = chart(vec![vec![series("loss", &[3.0])]]);
    assert_eq!(one.matches("<circle").count(), 1);
}

#[test]
fn validation_has_a_darker_shade_of_its_training_curve_and_is_dashed_with_rings() {
    let panel = panel(vec![series("loss", &[1.0; 40]), series("val_loss", &[1.0; 40]), series("mae", &[1.0; 40])]);
    let colors: Vec<&str> = panel.colored().map(|(_, color)| color).collect();
    assert_eq!(colors, [COLORS[0][0], COLORS[0][1], COLORS[1][0]]);
    for [training, validation] in COLORS {
        // Lightness tells the shades apart where colour does not, and both are clear on white.
        assert!(contrast(training, validation) > 2.0 && contrast("#ffffff", training) > 3.0, "{training}");
    }
    let svg = chart(vec![panel.series]);
    assert_eq!(svg.matches("stroke-dasharray").count(), 2, "the curve and its sample");
    assert_eq!(svg.matches(r##"fill="#ffffff""##).count(), 1 + 10 + 1, "the paper, ten rings and that of the sample");
}

#[test]
fn the_best_epoch_is_marked_in_the_panel_and_in_the_legend() {
    let best = Series { best: Some(2), ..series("val_loss", &[3.0, 2.0, 1.25, 1.5]) };
    let panels = vec![panel(vec![series("loss", &[3.0, 2.0, 1.0, 0.5]), best.clone()])];
    let svg = Chart { title: String::new(), first_epoch: 5, panels }.draw();
    assert!(svg.contains(">best <tspan fill=\"#1f2937\">1.250 in epoch 7</tspan>"), "{svg}");
    assert_eq!(svg.matches(" Z\" fill=").count(), 2);
    let single = Series { values: vec![3.0], best: Some(0), ..best.clone() };
    let outside = Series { best: Some(9), ..best };
    assert!(!chart(vec![vec![single], vec![outside]]).contains("best"), "no value to mark");
}

#[test]
fn a_logarithmic_axis_says_so_and_parts_curves_at_zero() {
    let values = [10.0, 1.0, 0.0, 0.1, 0.01];
    let log = Panel { scale: ValueScale::Logarithmic, ..panel(vec![series("loss", &values)]) };
    let svg = Chart { title: String::new(), first_epoch: 1, panels: vec![log] }.draw();
    assert!(svg.contains(">logarithmic</text>") && svg.contains(">0.01</text>"), "{svg}");
    assert_eq!(svg.matches(&format!(r#"stroke="{}""#, COLORS[0][0])).count(), 3, "two pieces and the legend's sample");
    assert!(!chart(vec![vec![series("loss", &values)]]).contains("logarithmic"));
    assert!(chart(vec![vec![series("loss", &[10.0, 1.0, 1e-4])]]).contains("logarithmic"));
}

#[test]
fn a_long_legend_takes_the_lines_it_needs() {
    let name = "val_location_mean_absolute_error";
    assert_eq!(panel(vec![series(name, &[1.0]); 3]).legend(1).len(), 3);
    let short = panel(vec![series("loss", &[1.0]); 6]);
    let lines = short.legend(1);
    assert_eq!(lines.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3]);
    let svg = chart(vec![vec![series(&name.repeat(3), &[1.0])]]);
    assert!(svg.contains('…') && svg.contains("_mean_absolute_error <tspan"), "{svg}");
}

#[test]
fn no_text_meets_another_or_the_grid_in_any_font() {
    let name = "location_mean_absolute_error";
    let pair = |name: &str, last: f64| {
        let best = Series { best: Some(0), ..series(&format!("val_{name}"), &[0.123_456, last]) };
        vec![series(name, &[1.0, last]), best]
    };
    let svg = chart(vec![pair("loss", 1e-5), pair(name, 12_345.6), [pair("a", 1.0), pair("b", 2.0)].concat()]);
    let texts: Vec<([f64; 4], &str)> = svg
        .lines()
        .filter(|line| line.starts_with("<text"))
        .map(|line| {
            let content = line.split_once('>').unwrap().1.strip_suffix("</text>").unwrap();
            let said: String = content.split('<').map(|part| part.rsplit('>').next().unwrap()).collect();
            let size = length(line, "font-size");
            let (x, y, width) = (length(line, "x"), length(line, "y"), text_room(&said, size, line.contains("bold")));
            let left = if line.contains("\"end\"") {
                x - width
            } else if line.contains("\"middle\"") {
                x - width / 2.0
            } else {
                x
            };
            ([left, y - 0.75 * size, left + width, y + 0.22 * size], content)
        })
        .collect();
    let width = length(svg.lines().next().unwrap(), "width");
    for (index, (area, text)) in texts.iter().enumerate() {
        assert!(area[0] >= 0.0 && area[2] <= width, "{text} leaves the picture");
        for (other, other_text) in &texts[index + 1..] {
            let apart = area[2] <= other[0] || other[2] <= area[0] || area[3] <= other[1] || other[3] <= area[1];
            assert!(apart, "{text} and {other_text} overlap");
        }
    }
    let grid = svg.lines().filter(|line| line.contains("#e5e7eb") && line.starts_with("<path"));
    for line in grid {
        let (start, _) = line.split_once(" H").unwrap();
        let [left, y]: [f64; 2] = start[start.find('M').unwrap() + 1..]
            .split_once(' ')
            .map(|(x, y)| [x, y].map(|one| one.parse().unwrap()))
            .unwrap();
        for (area, text) in texts.iter().filter(|(area, _)| area[2] > left && area[0] < left + WIDTH_OF_GRID) {
            assert!(y < area[1] - 6.0 || area[3] + 6.0 < y, "{text} is close to the line at {y}");
        }
    }
}

/// Length of a line of the grid.
const WIDTH_OF_GRID: f64 = PANEL.0 - AROUND[0] - AROUND[2];

#[test]
fn nothing_at_all_is_a_picture_too() {
    for svg in [chart(Vec::new()), chart(vec![Vec::new()]), chart(vec![vec![series("loss", &[])]])] {
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"), "{svg}");
    }
}

#[test]
fn values_of_any_size_leave_only_numbers_in_the_picture() {
    let values = [f64::MAX, f64::MIN, f64::NAN, 0.0, 5e-324, f64::NEG_INFINITY];
    for scale in [ValueScale::Auto, ValueScale::Logarithmic] {
        let panels = vec![Panel { scale, ..panel(vec![series("loss", &values)]) }; 5];
        let svg = Chart { title: String::new(), first_epoch: usize::MAX, panels }.draw();
        let shapes = svg.lines().filter(|line| line.starts_with("<path") || line.starts_with("<circle"));
        assert!(shapes.into_iter().all(|shape| !shape.contains("NaN") && !shape.contains("inf")), "{svg}");
    }
}
