//! Axes: their ends, and the round numbers on them.

/// About how many intervals the axis of values has, and how many the axis of epochs has at most.
const INTERVALS: f64 = 5.0;
const MOST_EPOCHS: f64 = 8.0;

/// Beyond this size values are drawn at the edge: their differences would not be numbers any more.
const LARGEST: f64 = 1e300;

/// From this ratio of the largest to the smallest value on, 2.5 decades, the small ones are lost on a linear axis.
const WIDE: f64 = 316.0;

/// Least value on a logarithmic axis: smaller ones have no digits left to be round.
const SMALLEST: f64 = 1e-300;

/// How values become lengths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ValueScale {
    /// Logarithmic if all values are positive and span more than 2.5 decades, else linear.
    #[default]
    Auto,
    /// Equal differences are equal lengths.
    Linear,
    /// Equal ratios are equal lengths. Values that are not positive leave gaps; without any that is, the axis is linear.
    Logarithmic,
}

/// The axis of epochs.
#[derive(Debug)]
pub(super) struct EpochAxis {
    first: usize,
    count: usize,
    /// Distance of the ticks, which stand at its multiples.
    step: usize,
}

impl EpochAxis {
    /// From the first epoch on.
    pub fn new(first: usize, count: usize) -> Self {
        let step = round_step(count.saturating_sub(1) as f64 / MOST_EPOCHS).max(1.0) as usize;
        Self { first, count, step }
    }

    /// Where the epoch of this index stands, from 0 to 1; a single one in the middle.
    pub fn share(&self, index: usize) -> f64 {
        match self.count {
            0 | 1 => 0.5,
            count => index as f64 / (count - 1) as f64,
        }
    }

    /// Indices of the epochs with a tick, and the names of these.
    pub fn ticks(&self) -> Vec<(usize, String)> {
        let to_first = (self.step - self.first % self.step) % self.step;
        let indices = (to_first..self.count).step_by(self.step);
        indices.map(|index| (index, self.first.saturating_add(index).to_string())).collect()
    }
}

/// The axis of values.
#[derive(Debug)]
pub(super) struct Axis {
    /// Its ends; of a logarithmic axis, their logarithms.
    low: f64,
    high: f64,
    ticks: Ticks,
}

#[derive(Debug)]
enum Ticks {
    /// At the multiples of this step.
    Linear(f64),
    /// At the powers of ten, or those of this number of decades, or at these times 1, 2 and 5.
    Logarithmic(Decades),
}

#[derive(Debug)]
enum Decades {
    Each(i32),
    Parts,
}

impl Axis {
    /// An axis that holds all values that are finite.
    pub fn of_values(values: impl Iterator<Item = f64>, scale: ValueScale) -> Self {
        let finite: Vec<f64> = values.filter(|value| value.is_finite()).collect();
        let positive = finite.iter().copied().filter(|&value| value > 0.0);
        let (least, most) = ends(positive.clone());
        let wide = finite.iter().all(|&value| value > 0.0) && most / WIDE > least;
        match scale {
            ValueScale::Logarithmic if least <= most => Self::logarithmic(least, most),
            ValueScale::Auto if wide => Self::logarithmic(least, most),
            _ => Self::linear(finite.into_iter()),
        }
    }

    /// Round numbers around all values; from zero if the values are not far from it.
    fn linear(finite: impl Iterator<Item = f64>) -> Self {
        let (mut low, mut high) = ends(finite.map(|value| value.clamp(-LARGEST, LARGEST)));
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
        Self { low: (low / step).floor() * step, high: (high / step).ceil() * step, ticks: Ticks::Linear(step) }
    }

    /// One, two or five times powers of ten around positive values.
    fn logarithmic(least: f64, most: f64) -> Self {
        let [least, most] = [least, most].map(|value| value.clamp(SMALLEST, LARGEST).log10());
        let around = |value: f64| {
            let decade = value.floor();
            [0.0, 2_f64.log10(), 5_f64.log10(), 1.0].map(|part| decade + part)
        };
        // A value that is a tick itself may be a rounding error away from it.
        let low = around(least).into_iter().rfind(|&tick| tick <= least + 1e-9).unwrap_or(least.floor());
        let high = around(most).into_iter().find(|&tick| tick >= most - 1e-9).unwrap_or(most.ceil());
        let high = if high - low < 0.3 { low + 1.0 } else { high };
        let decades = if high - low < 2.0 {
            Decades::Parts
        } else {
            Decades::Each(((high - low) / (INTERVALS + 1.0)).ceil().max(1.0) as i32)
        };
        Self { low, high, ticks: Ticks::Logarithmic(decades) }
    }

    /// Whether it is logarithmic.
    pub fn is_logarithmic(&self) -> bool {
        matches!(self.ticks, Ticks::Logarithmic(_))
    }

    /// Whether a value has a place on it.
    pub fn holds(&self, value: f64) -> bool {
        value.is_finite() && (value > 0.0 || !self.is_logarithmic())
    }

    /// Where a value stands between the ends, from 0 to 1.
    pub fn share(&self, value: f64) -> f64 {
        let length = match self.ticks {
            Ticks::Linear(_) => value.clamp(-LARGEST, LARGEST),
            Ticks::Logarithmic(_) => value.clamp(SMALLEST, LARGEST).log10(),
        };
        ((length - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// The ticks with their names.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        match &self.ticks {
            Ticks::Linear(step) => {
                let first = (self.low / step).ceil();
                let count = ((self.high / step) - first + 1e-6).floor().max(0.0) as usize;
                (0..=count)
                    .map(|index| (first + index as f64) * step)
                    .map(|value| (value, tick_name(value, *step)))
                    .collect()
            }
            Ticks::Logarithmic(decades) => {
                let (every, parts): (i32, &[u8]) = match decades {
                    Decades::Each(every) => (*every, &[1]),
                    Decades::Parts => (1, &[1, 2, 5]),
                };
                let all = self.within(parts).into_iter();
                all.filter(|(decade, _)| decade.rem_euclid(every) == 0)
                    .map(|(decade, part)| (power(decade, part), power_name(decade, part)))
                    .collect()
            }
        }
    }

    /// On a logarithmic axis of few decades, what lies between the powers of ten: 2, 3, ... times each.
    pub fn minor_ticks(&self) -> Vec<f64> {
        match self.ticks {
            Ticks::Logarithmic(Decades::Parts | Decades::Each(1)) => {
                self.within(&[2, 3, 4, 5, 6, 7, 8, 9]).into_iter().map(|(decade, part)| power(decade, part)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The decades and parts of them that lie on a logarithmic axis.
    fn within(&self, parts: &[u8]) -> Vec<(i32, u8)> {
        let decades = self.low.floor() as i32..=self.high.ceil() as i32;
        let all = decades.flat_map(|decade| parts.iter().map(move |&part| (decade, part)));
        let lies_here = |&(decade, part): &(i32, u8)| {
            let place = f64::from(decade) + f64::from(part).log10();
            self.low - 1e-9 <= place && place <= self.high + 1e-9
        };
        all.filter(lies_here).collect()
    }
}

/// The least and the largest of all values; the other way round if there are none.
fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}

/// So many times a power of ten, as it is written: the nearest number to that.
fn power(decade: i32, part: u8) -> f64 {
    format!("{part}e{decade}").parse().unwrap_or(f64::NAN)
}

/// How it is written on the axis.
fn power_name(decade: i32, part: u8) -> String {
    match decade {
        -4..=-1 => format!("{:.*}", decade.unsigned_abs() as usize, power(decade, part)),
        0..=4 => format!("{:.0}", power(decade, part)),
        _ => format!("{part}e{decade}"),
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
        assert_eq!(names(&linear(&[0.07, 0.93])), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(names(&linear(&[0.91, 0.99])), ["0.90", "0.92", "0.94", "0.96", "0.98", "1.00"]);
        assert_eq!(names(&linear(&[-3.0, 12.0])), ["-5", "0", "5", "10", "15"]);
    }

    fn linear(values: &[f64]) -> Axis {
        Axis::of_values(values.iter().copied(), ValueScale::Linear)
    }

    #[test]
    fn epochs_are_whole_numbers() {
        let names =
            |first, count| EpochAxis::new(first, count).ticks().into_iter().map(|(_, name)| name).collect::<Vec<_>>();
        assert_eq!(names(1, 1), ["1"]);
        assert_eq!(names(1, 4), ["1", "2", "3", "4"]);
        assert_eq!(names(1, 20), ["5", "10", "15", "20"]);
        assert_eq!(names(48, 20), ["50", "55", "60", "65"]);
        assert_eq!(names(usize::MAX, 1), [usize::MAX.to_string()]);
        assert_eq!(names(1, 0), [""; 0]);
        let axis = EpochAxis::new(48, 20);
        assert_eq!([axis.share(0), axis.share(19), EpochAxis::new(7, 1).share(0)], [0.0, 1.0, 0.5]);
    }

    #[test]
    fn an_axis_is_logarithmic_by_itself_where_values_span_more_than_two_and_a_half_decades() {
        let auto = |values: &[f64]| Axis::of_values(values.iter().copied(), ValueScale::Auto).is_logarithmic();
        assert!(auto(&[1.0, 317.0]) && auto(&[2e-5, f64::NAN, 0.1]));
        assert!(!auto(&[1.0, 315.0]) && !auto(&[0.0, 1e6]) && !auto(&[-1.0, 1e6]) && !auto(&[]));
        let log = |values: &[f64]| Axis::of_values(values.iter().copied(), ValueScale::Logarithmic);
        assert!(log(&[0.5, 0.7]).is_logarithmic() && log(&[-1.0, 0.0, 3.0]).is_logarithmic());
        assert!(!log(&[-1.0, 0.0]).is_logarithmic() && !linear(&[1.0, 1e9]).is_logarithmic());
        assert!(!log(&[1.0]).holds(0.0) && log(&[1.0]).holds(1e-9) && linear(&[1.0]).holds(0.0));
    }

    #[test]
    fn a_logarithmic_axis_has_powers_of_ten() {
        let log = |low: f64, high: f64| Axis::of_values([low, high].into_iter(), ValueScale::Logarithmic);
        assert_eq!(names(&log(3e-3, 70.0)), ["0.01", "0.1", "1", "10", "100"]);
        assert_eq!(names(&log(2e-5, 0.4)), ["0.0001", "0.001", "0.01", "0.1"]);
        assert_eq!(names(&log(1e-7, 1e7)), ["1e-6", "0.001", "1", "1000", "1e6"]);
        assert_eq!(names(&log(0.2, 0.9)), ["0.2", "0.5", "1"]);
        assert_eq!(names(&log(3.0, 3.0)), ["2", "5"]);
        let axis = log(0.01, 100.0);
        assert_eq!([0.01, 1.0, 100.0].map(|value| axis.share(value)), [0.0, 0.5, 1.0]);
        assert_eq!(axis.minor_ticks()[..2], [0.02, 0.03]);
    }

    #[test]
    fn any_values_have_an_axis_that_holds_them() {
        let cases: [&[f64]; 11] = [
            &[],
            &[0.0],
            &[5.0, 5.0],
            &[f64::NAN, f64::INFINITY],
            &[f64::MAX, f64::MIN],
            &[f64::MAX, 5e-324],
            &[5e-324, 0.0],
            &[5e-324],
            &[1e9, 1e9 + 1e-7],
            &[1e-30, 2e-30],
            &[-1e-12, -1e-13, f64::NAN],
        ];
        for values in cases {
            for scale in [ValueScale::Auto, ValueScale::Linear, ValueScale::Logarithmic] {
                let axis = Axis::of_values(values.iter().copied(), scale);
                assert!(axis.low < axis.high && axis.high.is_finite(), "{values:?} {axis:?}");
                assert!((2..=12).contains(&axis.ticks().len()), "{values:?} {axis:?}");
                for &value in values.iter().filter(|value| axis.holds(**value)) {
                    let share = axis.share(value);
                    assert!((0.0..=1.0).contains(&share), "{value} {axis:?}");
                }
            }
        }
    }

    #[test]
    fn a_value_is_told_with_four_digits() {
        assert_eq!([0.0, 0.123_456, 12.345_67, 1_234.56].map(short), ["0.000", "0.1235", "12.35", "1235"]);
        assert_eq!([1.5e-5, -2e7, f64::NAN].map(short), ["1.50e-5", "-2.00e7", "NaN"]);
    }
}
