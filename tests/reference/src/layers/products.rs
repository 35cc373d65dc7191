//! `Dot`, `Matmul` and `Distance`: products of two tensors, and how far they are from each other.

use std::rc::Rc;

use super::{Call, Gradients, Layer, Wanted};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor, elements};

/// Products that are summed over an axis of each of two tensors; the other axes of both are those of the result.
#[derive(Debug)]
enum Product {
    Dot {
        axes: [usize; 2],
        /// Whether what is multiplied is divided by its length first.
        normalize: bool,
    },
    /// Of matrices, for equal places on the axes before these.
    Matmul { transposed: [bool; 2] },
}

pub(super) fn draw_with_more(random: &mut Random, first: &Dims) -> Option<(Rc<dyn Layer>, Vec<Wanted>)> {
    let rank = first.len();
    if rank >= 2 && random.percent(50) {
        let transposed = [random.percent(50), random.percent(50)];
        let inner = first[if transposed[0] { rank - 2 } else { rank - 1 }];
        let mut second: Dims = first.clone();
        second[rank - 2..].fill(random.within(1, 5));
        second[if transposed[1] { rank - 1 } else { rank - 2 }] = inner;
        return Some((Rc::new(Product::Matmul { transposed }), vec![Wanted::numbers(second)]));
    }
    let other_rank = random.within(1, rank.min(3));
    let mut second: Dims = (0..other_rank).map(|_| random.within(1, 5)).collect();
    let axes = [random.below(rank), random.below(other_rank)];
    second[axes[1]] = first[axes[0]];
    // Of one number alone nothing but its sign is left, and of its gradient rounding.
    let normalize = first[axes[0]] > 1 && random.percent(30);
    Some((Rc::new(Product::Dot { axes, normalize }), vec![Wanted::numbers(second)]))
}

/// Where the elements of a sum lie, for each place of the result: the first of each factor, and their distances.
struct Sum {
    result: usize,
    first: [usize; 2],
}

/// How the sums of a product lie.
struct Places {
    sums: Vec<Sum>,
    len: usize,
    steps: [usize; 2],
    dims: Dims,
}

impl Product {
    fn places(&self, [first, second]: [&[usize]; 2]) -> Option<Places> {
        let (axes, leading) = match self {
            Self::Dot { axes, .. } => (*axes, 0),
            Self::Matmul { transposed } => {
                let rank = first.len();
                if rank < 2 || second.len() != rank || first[..rank - 2] != second[..rank - 2] {
                    return None;
                }
                let axis = |plain: usize, other: usize, index: usize| if transposed[index] { other } else { plain };
                ([axis(rank - 1, rank - 2, 0), axis(rank - 2, rank - 1, 1)], rank - 2)
            }
        };
        let dims = [first, second];
        if [0, 1].iter().any(|&index| axes[index] >= dims[index].len()) || first[axes[0]] != second[axes[1]] {
            return None;
        }
        let steps = [0, 1].map(|index: usize| dims[index][axes[index] + 1..].iter().product::<usize>());
        // The places of a factor but for those on its axis: where they begin, in their order.
        let starts = |index: usize| -> Vec<usize> {
            let (len, step) = (dims[index][axes[index]], steps[index]);
            let all = elements(dims[index]);
            (0..all).filter(|place| place / step % len == 0).collect()
        };
        let (rows, columns, groups) = (starts(0), starts(1), first[..leading].iter().product::<usize>());
        let (rows_each, columns_each) = (rows.len() / groups, columns.len() / groups);
        let sums = (0..groups * rows_each * columns_each).map(|result| {
            let (row, column) = (result / columns_each, result % columns_each);
            Sum { result, first: [rows[row], columns[row / rows_each * columns_each + column]] }
        });
        let others = |index: usize| {
            dims[index].iter().enumerate().skip(leading).filter(move |(at, _)| *at != axes[index]).map(|(_, len)| *len)
        };
        let mut result: Dims = first[..leading].iter().copied().chain(others(0)).chain(others(1)).collect();
        if result.is_empty() {
            result.push(1);
        }
        Some(Places { sums: sums.collect(), len: first[axes[0]], steps, dims: result })
    }

    fn normalizes(&self) -> bool {
        matches!(self, Self::Dot { normalize: true, .. })
    }

    /// The places of the result, and of the terms of each sum, of all samples.
    fn for_each(&self, x: &[&Tensor], mut visit: impl FnMut(usize, Vec<[usize; 2]>)) -> Dims {
        let places = self.places([&x[0].dims[1..], &x[1].dims[1..]]).expect("they were drawn for each other");
        let Places { sums, len, steps, dims } = places;
        let lens = [0, 1].map(|index: usize| elements(&x[index].dims[1..]));
        for sample in 0..x[0].samples() {
            for Sum { result, first } in &sums {
                let term = |m: usize| [0, 1].map(|index: usize| sample * lens[index] + first[index] + m * steps[index]);
                visit(sample * sums.len() + result, (0..len).map(term).collect());
            }
        }
        [vec![x[0].samples()], dims].concat()
    }
}

/// 1 / the length of a vector, of which nothing becomes more than 10⁷ times as long.
fn inverse(values: impl Iterator<Item = f64>) -> f64 {
    (1.0 / values.map(|value| value * value).sum::<f64>().sqrt()).min(1e7)
}

impl Layer for Product {
    fn kind(&self) -> &'static str {
        match self {
            Self::Dot { .. } => "Dot",
            Self::Matmul { .. } => "Matmul",
        }
    }

    fn arguments(&self) -> Vec<String> {
        match self {
            Self::Dot { axes: [first, second], normalize } => {
                let mut arguments =
                    vec![if first == second { first.to_string() } else { format!("({first}, {second})") }];
                arguments.extend(normalize.then(|| "normalize = true".to_owned()));
                arguments
            }
            Self::Matmul { transposed: [first, second] } => {
                vec![format!("transpose_a = {first}"), format!("transpose_b = {second}")]
            }
        }
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let [first, second] = operands else { return None };
        self.places([first, second]).map(|places| vec![places.dims])
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        let mut values = Vec::new();
        let dims = self.for_each(x, |result, terms| {
            assert_eq!(result, values.len());
            let sum: f64 = terms.iter().map(|[a, b]| x[0].data[*a] * x[1].data[*b]).sum();
            let scale = |index: usize| inverse(terms.iter().map(|term| x[index].data[term[index]]));
            values.push(if self.normalizes() { sum * scale(0) * scale(1) } else { sum });
        });
        vec![Tensor { dims, data: values }]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], _weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let mut operands: Vec<Tensor> = x.iter().map(|operand| Tensor::like(operand)).collect();
        self.for_each(x, |result, terms| {
            let upstream = dy[0].data[result];
            let scales = match self.normalizes() {
                true => [0, 1].map(|index: usize| inverse(terms.iter().map(|term| x[index].data[term[index]]))),
                false => [1.0; 2],
            };
            let sum: f64 = terms.iter().map(|[a, b]| x[0].data[*a] * x[1].data[*b]).sum();
            for (index, term) in [0, 1].into_iter().flat_map(|index: usize| terms.iter().map(move |term| (index, term)))
            {
                let (own, other) = (term[index], x[1 - index].data[term[1 - index]]);
                let all = upstream * scales[0] * scales[1];
                // What points along the vector is taken away, but where its length was not what it was divided by.
                let along = match self.normalizes() && scales[index] < 1e7 {
                    true => sum * scales[index] * scales[index] * x[index].data[own],
                    false => 0.0,
                };
                operands[index].data[own] += all * (other - along);
            }
        });
        Gradients { operands, weights: Vec::new() }
    }
}

/// How far two tensors are from each other, along the last axis.
#[derive(Debug)]
struct Distance {
    metric: &'static str,
}

pub(super) fn draw_distance(random: &mut Random, first: &Dims) -> Option<(Rc<dyn Layer>, Vec<Wanted>)> {
    let metrics: &[&str] = match first.last() {
        // The angle of two numbers is none.
        Some(1) => &["euclidean", "squared", "manhattan"],
        _ => &["euclidean", "squared", "manhattan", "cosine"],
    };
    Some((Rc::new(Distance { metric: random.pick(metrics) }), vec![Wanted::numbers(first.clone())]))
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl Layer for Distance {
    fn kind(&self) -> &'static str {
        "Distance"
    }

    fn arguments(&self) -> Vec<String> {
        vec![self.metric.to_owned()]
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let [first, second] = operands else { return None };
        let [outer @ .., _] = first.as_slice() else { return None };
        (first == second).then(|| vec![[outer, &[1]].concat()])
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        let len = *x[0].dims.last().expect("it has an axis");
        let mut dims = x[0].dims.clone();
        dims.pop();
        dims.push(1);
        let rows = x[0].data.chunks(len).zip(x[1].data.chunks(len));
        let distance = |(a, b): (&[f64], &[f64])| {
            let squares: f64 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
            match self.metric {
                "euclidean" => squares.sqrt(),
                "squared" => squares,
                "manhattan" => {
                    a.iter().zip(b).for_each(|(a, b)| call.choose(usize::from(a > b), a == b));
                    a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum()
                }
                _ => match [dot(a, a), dot(b, b)] {
                    [0.0, _] | [_, 0.0] => 1.0,
                    [a_square, b_square] => 1.0 - dot(a, b) / (a_square * b_square).sqrt(),
                },
            }
        };
        vec![Tensor { dims, data: rows.map(distance).collect() }]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], _weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let len = *x[0].dims.last().expect("it has an axis");
        let operands = [0, 1].map(|index: usize| {
            let slope = |place: usize| {
                let row = place / len * len..place / len * len + len;
                let (own, other) = (&x[index].data[row.clone()], &x[1 - index].data[row]);
                let (upstream, at) = (dy[0].data[place / len], place % len);
                let difference = own[at] - other[at];
                let squares: f64 = own.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum();
                upstream
                    * match self.metric {
                        "euclidean" if squares == 0.0 => 0.0,
                        "euclidean" => difference / squares.sqrt(),
                        "squared" => 2.0 * difference,
                        "manhattan" if difference == 0.0 => 0.0,
                        "manhattan" => difference.signum(),
                        _ => match [dot(own, own), dot(other, other)] {
                            [0.0, _] | [_, 0.0] => 0.0,
                            [own_square, other_square] => {
                                let cosine = dot(own, other) / (own_square * other_square).sqrt();
                                cosine * own[at] / own_square - other[at] / (own_square * other_square).sqrt()
                            }
                        },
                    }
            };
            Tensor::from_fn(&x[index].dims, slope)
        });
        Gradients { operands: operands.into(), weights: Vec::new() }
    }
}
