//! Colours for numbers.

/// From dark blue over green to yellow, evenly for the eye, as a number goes from 0 to 1 (Matplotlib's "viridis").
pub fn viridis(value: f32) -> [f32; 3] {
    mix(
        &[
            [0.267, 0.005, 0.329],
            [0.231, 0.32, 0.545],
            [0.129, 0.565, 0.553],
            [0.365, 0.784, 0.388],
            [0.992, 0.906, 0.145],
        ],
        value,
    )
}

/// From white to dark red, as an error goes from 0 to 1.
pub fn reds(value: f32) -> [f32; 3] {
    mix(&[[1.0, 1.0, 1.0], [0.988, 0.733, 0.631], [0.937, 0.231, 0.173], [0.404, 0.0, 0.051]], value)
}

/// The colour at a place between evenly spaced ones.
fn mix(colors: &[[f32; 3]], value: f32) -> [f32; 3] {
    let place = value.clamp(0.0, 1.0) * (colors.len() - 1) as f32;
    let before = (place as usize).min(colors.len() - 2);
    let part = place - before as f32;
    std::array::from_fn(|channel| colors[before][channel] * (1.0 - part) + colors[before + 1][channel] * part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_and_places_between() {
        assert_eq!(reds(0.0), [1.0; 3]);
        assert_eq!(reds(1.0), [0.404, 0.0, 0.051]);
        assert_eq!(reds(2.0), reds(1.0));
        assert!((viridis(0.125)[1] - 0.1625).abs() < 1e-6);
    }
}
