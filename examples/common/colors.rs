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

/// A colour for each digit (Tableau's ten), red, green and blue.
const OF_DIGITS: [[u8; 3]; 10] = [
    [0x1f, 0x77, 0xb4],
    [0xff, 0x7f, 0x0e],
    [0x2c, 0xa0, 0x2c],
    [0xd6, 0x27, 0x28],
    [0x94, 0x67, 0xbd],
    [0x8c, 0x56, 0x4b],
    [0xe3, 0x77, 0xc2],
    [0x7f, 0x7f, 0x7f],
    [0xbc, 0xbd, 0x22],
    [0x17, 0xbe, 0xcf],
];

/// The colour of a digit, channels from 0 to 1.
pub fn of_digit(digit: u32) -> [f32; 3] {
    OF_DIGITS[digit as usize].map(|channel| f32::from(channel) / 255.0)
}

/// The colour of a digit as an SVG document has it.
pub fn hex_of_digit(digit: u32) -> String {
    let [red, green, blue] = OF_DIGITS[digit as usize];
    format!("#{red:02x}{green:02x}{blue:02x}")
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
