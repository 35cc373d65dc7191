//! What weights and activities add to a loss, and what weights are held to.

use crate::draw::Random;
use crate::layers::Call;
use crate::tensor::Tensor;

/// A term of a loss.
#[derive(Clone, Debug)]
pub enum Regularizer {
    /// `l1 Σ |w| + l2 Σ w²`
    Sums([f32; 2]),
    /// The mean magnitude of the cosines between rows, or columns, of a matrix.
    Orthogonal {
        /// What it is multiplied by.
        factor: f32,
        /// Whether the vectors are columns.
        columns: bool,
    },
}

impl Regularizer {
    /// One of a weight of these dimensions.
    pub fn draw(random: &mut Random, dims: &[usize]) -> Self {
        let columns = random.percent(50);
        match *dims {
            [rows, of_columns] if (if columns { of_columns } else { rows }) > 1 && random.percent(40) => {
                Self::Orthogonal { factor: random.pick(&[0.1, 1.0]), columns }
            }
            _ => Self::draw_sums(random),
        }
    }

    /// One of any tensor.
    pub fn draw_sums(random: &mut Random) -> Self {
        Self::Sums(random.pick(&[[0.01, 0.0], [0.0, 0.05], [0.02, 0.03]]))
    }

    /// As the language has it.
    pub fn text(&self) -> String {
        match self {
            Self::Sums([l1, 0.0]) => format!("l1({l1:?})"),
            Self::Sums([0.0, l2]) => format!("l2({l2:?})"),
            Self::Sums([l1, l2]) => format!("l1_l2({l1:?}, {l2:?})"),
            Self::Orthogonal { factor, columns: false } => format!("orthogonal({factor:?})"),
            Self::Orthogonal { factor, columns: true } => format!("orthogonal({factor:?}, mode = columns)"),
        }
    }

    /// The term, and its derivative by every element.
    pub fn of(&self, call: &mut Call, tensor: &Tensor) -> (f64, Tensor) {
        match self {
            Self::Sums([l1, l2]) => {
                let [l1, l2] = [l1, l2].map(|factor| f64::from(*factor));
                if l1 > 0.0 {
                    tensor.data.iter().for_each(|element| call.choose((*element > 0.0).into(), *element == 0.0));
                }
                let sign = |element: f64| if element == 0.0 { 0.0 } else { element.signum() };
                let value = tensor.data.iter().map(|element| l1 * element.abs() + l2 * element * element).sum();
                (value, tensor.map(|element| l1 * sign(element) + 2.0 * l2 * element))
            }
            Self::Orthogonal { factor, columns } => {
                let &[rows, of_columns] = &*tensor.dims else { panic!("{:?} is no matrix", tensor.dims) };
                let (count, len) = if *columns { (of_columns, rows) } else { (rows, of_columns) };
                let place = |i: usize, k: usize| if *columns { k * of_columns + i } else { i * of_columns + k };
                let at = |i: usize, k: usize| tensor.data[place(i, k)];
                let dot = |i: usize, j: usize| (0..len).map(|k| at(i, k) * at(j, k)).sum::<f64>();
                let factor = f64::from(*factor) / (count * (count - 1)) as f64;
                let norm = |i: usize| dot(i, i).sqrt().max(1e-7);
                let (mut value, mut gradient) = (0.0, Tensor::like(tensor));
                for i in 0..count {
                    for j in (0..count).filter(|j| *j != i) {
                        let (product, lengths) = (dot(i, j), [norm(i), norm(j)]);
                        call.choose((product > 0.0).into(), product == 0.0);
                        let cosine = product / (lengths[0] * lengths[1]);
                        value += factor * cosine.abs();
                        let sign = if product == 0.0 { 0.0 } else { product.signum() };
                        // Each pair is there twice, and depends on both.
                        for k in 0..len {
                            let slope = at(j, k) / lengths[1] - cosine * at(i, k) / lengths[0];
                            gradient.data[place(i, k)] += 2.0 * factor * sign * slope / lengths[0];
                        }
                    }
                }
                (value, gradient)
            }
        }
    }
}

/// What is done to a weight after every step.
#[derive(Clone, Debug)]
pub enum Constraint {
    /// What is negative becomes 0.
    NonNegative,
    /// Lengths along some axes come into a range.
    Norm {
        /// The least and the largest.
        range: [f32; 2],
        /// How much of the way there a step goes.
        rate: f32,
        /// The axes.
        axes: Vec<usize>,
    },
}

impl Constraint {
    /// One of a weight of these dimensions.
    pub fn draw(random: &mut Random, dims: &[usize]) -> Self {
        if random.percent(25) {
            return Self::NonNegative;
        }
        let mut axes: Vec<usize> = (0..dims.len()).filter(|_| random.percent(50)).collect();
        if axes.is_empty() {
            axes.push(0);
        }
        let range = random.pick(&[[0.0, 1.0], [1.0, 1.0], [0.5, 1.5]]);
        Self::Norm { range, rate: random.pick(&[1.0, 1.0, 0.5]), axes }
    }

    /// As the language has it.
    pub fn text(&self) -> String {
        let Self::Norm { range: [least, most], rate, axes } = self else { return "non_neg".to_owned() };
        let axes = axes.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
        let axes = if axes == "0" { String::new() } else { format!("axis = ({axes})") };
        let arguments = |given: &[String]| {
            let given: Vec<&str> =
                given.iter().chain([&axes]).map(String::as_str).filter(|one| !one.is_empty()).collect();
            if given.is_empty() { String::new() } else { format!("({})", given.join(", ")) }
        };
        match (*least, *most, *rate) {
            (1.0, 1.0, 1.0) => format!("unit_norm{}", arguments(&[])),
            (0.0, most, 1.0) => format!("max_norm{}", arguments(&[format!("{most:?}")])),
            _ => format!("min_max_norm{}", arguments(&[least, most, rate].map(|number| format!("{number:?}")))),
        }
    }

    /// A weight that is held to it.
    pub fn applied(&self, weight: &Tensor) -> Tensor {
        let Self::Norm { range, rate, axes } = self else { return weight.map(|element| element.max(0.0)) };
        let vector = |element: usize| {
            let (mut rest, mut place, mut size) = (element, 0, 1);
            for (axis, length) in weight.dims.iter().enumerate().rev() {
                if !axes.contains(&axis) {
                    place += size * (rest % length);
                    size *= length;
                }
                rest /= length;
            }
            place
        };
        let mut squares = vec![0.0; weight.data.len()];
        weight.data.iter().enumerate().for_each(|(index, element)| squares[vector(index)] += element * element);
        let ([least, most], rate) = (range.map(f64::from), f64::from(*rate));
        Tensor::from_fn(&weight.dims, |index| {
            let norm = f64::sqrt(squares[vector(index)]);
            let desired = rate * norm.clamp(least, most) + (1.0 - rate) * norm;
            weight.data[index] * desired / (1e-7 + norm)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::philox::Key;

    #[test]
    fn derivatives_are_finite_differences() {
        let mut random = Random::new(5, 0);
        let orthogonal = |columns| Regularizer::Orthogonal { factor: 0.7, columns };
        for regularizer in [Regularizer::Sums([0.3, 0.2]), orthogonal(false), orthogonal(true)] {
            let tensor = Tensor::from_fn(&[4, 3], |_| random.number());
            let of = |tensor: &Tensor| regularizer.of(&mut Call::new(true, Key::default()), tensor);
            let (_, gradient) = of(&tensor);
            for index in 0..tensor.data.len() {
                let moved = |by: f64| {
                    let mut moved = tensor.clone();
                    moved.data[index] += by;
                    of(&moved).0
                };
                let slope = (moved(1e-6) - moved(-1e-6)) / 2e-6;
                assert!(
                    (slope - gradient.data[index]).abs() < 1e-7,
                    "{regularizer:?}: {slope} {}",
                    gradient.data[index]
                );
            }
        }
    }
}
