//! An axis: its ends, and the round numbers on it.

/// About how many intervals the axis of values has, and how many the axis of epochs has at most.
const INTERVALS: f64 = 5.0;
const MOST_EPOCHS: f64 = 8.0;

/// Beyond this size values are drawn at the edge: their differences would not be numbers any more.
const LARGEST: f64 = 1e300;

/// An axis.
#[derive(Debug)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    /// Distance of the ticks, which stand at its multiples.
    step: f64,
}

impl Axis {
    /// From the first epoch to the last.
    pub fn of_epochs(epochs: usize) -> Self {
        let last = epochs as f64;
        if epochs <= 1 {
            // A single epoch stands in the middle.
            return Self { low: 0.5, high: 1.5, step: 1.0 };
        }
        Self { low: 1.0, high: last, step: round_step((last - 1.0) / MOST_EPOCHS).max(1.0) }
    }

    /// Round numbers around all values that are finite; from zero if the values are not far from it.
    pub fn of_values(values: impl Iterator<Item = f64>) -> Self {
        let finite = values.filter(|value| value.is_finite()).map(|value| value.clamp(-LARGEST, LARGEST));
        let (mut low, mut high) =
            finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        let size = low.abs().max(high.abs());
        if high - low <= size * 1e-9 || high - low < 1e-290 {
            let room = if size < 1e-280 { 1.0 } else { size / 2.0 };
            (low, high) = (low - room, high + room);
        } else if low > 0.0 && low < 0.4 * high {
            low = 0.0;
        }
        let step = round_step((high - low) / INTERVALS);
        Self { low: (low / step).floor() * step, high: (high / step).ceil() * step, step }
    }

    /// Where a value stands between the ends, from 0 to 1.
    pub fn share(&self, value: f64) -> f64 {
        ((value.clamp(-LARGEST, LARGEST) - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// The ticks with their names.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        let first = (self.low / self.step).ceil();
        let count = ((self.high / self.step) - first + 1e-6).floor().max(0.0) as usize;
        (0..=count)
            .map(|index| (first + index as f64) * self.step)
            .map(|value| (value, tick_name(value, self.step)))
            .collect()
    }
}

/// The least of 1, 2 and 5 times a power of ten that is no smaller than `least`.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let step = [1.0, 2.0, 5.0].into_iter().map(|factor| factor * power).find(|&step| step >= least * 0.999_999);
    step.unwrap_or(10.0 * power)
}

/// A value on an axis with as many digits as its steps need.
fn tick_name(value: f64, step: f64) -> String {
    // A multiple of the step that should be zero may be a rounding error away from it.
    let value = if value.abs() < step / 2.0 { 0.0 } else { value };
    if value != 0.0 && (step < 1e-4 || value.abs() >= 1e6) {
        return format!("{value:.1e}");
    }
    let digits = (-step.log10().floor()).max(0.0) as usize;
    format!("{value:.digits$}")
}

/// A value with four digits.
pub(super) fn short(value: f64) -> String {
    if !value.is_finite() || (value != 0.0 && !(1e-3..1e6).contains(&value.abs())) {
        return format!("{value:.2e}");
    }
    let magnitude = if value == 0.0 { 0.0 } else { value.abs().log10().floor() };
    let digits = (3.0 - magnitude).max(0.0) as usize;
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(axis: &Axis) -> Vec<String> {
        axis.ticks().into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn values_get_round_ticks_around_them() {
        assert_eq!(names(&Axis::of_values([0.07, 0.93].into_iter())), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(names(&Axis::of_values([0.91, 0.99].into_iter())), ["0.90", "0.92", "0.94", "0.96", "0.98", "1.00"]);
        assert_eq!(names(&Axis::of_values([-3.0, 12.0].into_iter())), ["-5", "0", "5", "10", "15"]);
    }

    #[test]
    fn epochs_are_whole_numbers() {
        assert_eq!(names(&Axis::of_epochs(1)), ["1"]);
        assert_eq!(names(&Axis::of_epochs(4)), ["1", "2", "3", "4"]);
        assert_eq!(names(&Axis::of_epochs(20)), ["5", "10", "15", "20"]);
    }

    #[test]
    fn any_values_have_an_axis_that_holds_them() {
        let cases: [&[f64]; 9] = [
            &[],
            &[0.0],
            &[5.0, 5.0],
            &[f64::NAN, f64::INFINITY],
            &[f64::MAX, f64::MIN],
            &[5e-324, 0.0],
            &[1e9, 1e9 + 1e-7],
            &[1e-30, 2e-30],
            &[-1e-12, -1e-13, f64::NAN],
        ];
        for values in cases {
            let axis = Axis::of_values(values.iter().copied());
            assert!(axis.step > 0.0 && axis.low < axis.high && axis.high.is_finite(), "{values:?} {axis:?}");
            assert!((2..=12).contains(&axis.ticks().len()), "{values:?} {axis:?}");
            for &value in values.iter().filter(|value| value.is_finite()) {
                let share = axis.share(value);
                assert!((0.0..=1.0).contains(&share), "{value} {axis:?}");
            }
        }
    }

    #[test]
    fn a_value_is_told_with_four_digits() {
        assert_eq!([0.0, 0.123_456, 12.345_67, 1_234.56].map(short), ["0.000", "0.1235", "12.35", "1235"]);
        assert_eq!([1.5e-5, -2e7, f64::NAN].map(short), ["1.50e-5", "-2.00e7", "NaN"]);
    }
}
