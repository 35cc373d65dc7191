//! Layers whose results are sums of the operand's elements with fixed factors: what moves numbers, repeats them, or averages them.

use std::rc::Rc;

use super::{Call, Gradients, Layer, batch, single, windows};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor, elements};

/// A linear function of a sample, written down term by term.
#[derive(Debug)]
pub(super) struct Linear {
    pub(super) kind: &'static str,
    pub(super) arguments: Vec<String>,
    pub(super) operand: Dims,
    pub(super) result: Dims,
    /// Element of the result, element of the operand, factor.
    pub(super) terms: Vec<(usize, usize, f64)>,
}

impl Linear {
    /// One that moves numbers: which element of the operand, by its place on each axis, each element of the result is.
    pub(super) fn moving(
        kind: &'static str,
        arguments: Vec<String>,
        [operand, result]: [&Dims; 2],
        source: impl Fn(&[usize]) -> Option<Dims>,
    ) -> Rc<dyn Layer> {
        let term = |target: usize| {
            let place = source(&places(target, result))?;
            Some((target, element(&place, operand), 1.0))
        };
        let terms = (0..elements(result)).filter_map(term).collect();
        Rc::new(Self { kind, arguments, operand: operand.clone(), result: result.clone(), terms })
    }

    /// The mean of each of some sets of elements.
    pub(super) fn means(
        kind: &'static str,
        arguments: Vec<String>,
        [operand, result]: [&Dims; 2],
        sets: &[Vec<usize>],
    ) -> Rc<dyn Layer> {
        let of = |(target, set): (usize, &Vec<usize>)| {
            let factor = 1.0 / set.len() as f64;
            set.iter().map(|source| (target, *source, factor)).collect::<Vec<_>>()
        };
        let terms = sets.iter().enumerate().flat_map(of).collect();
        Rc::new(Self { kind, arguments, operand: operand.clone(), result: result.clone(), terms })
    }
}

/// The place of an element on each axis.
pub(super) fn places(element: usize, dims: &[usize]) -> Dims {
    let mut rest = element;
    let mut places: Dims = dims.iter().rev().map(|length| (rest % length, rest /= length).0).collect();
    places.reverse();
    places
}

/// The element at a place.
pub(super) fn element(places: &[usize], dims: &[usize]) -> usize {
    places.iter().zip(dims).fold(0, |element, (place, length)| element * length + place)
}

impl Layer for Linear {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn arguments(&self) -> Vec<String> {
        self.arguments.clone()
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        (*single(operands)? == self.operand).then(|| vec![self.result.clone()])
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        let mut y = Tensor::zeros(&batch(x[0].samples(), &self.result));
        let lengths = [elements(&self.operand), elements(&self.result)];
        for n in 0..x[0].samples() {
            for (target, source, factor) in &self.terms {
                y.data[n * lengths[1] + target] += factor * x[0].data[n * lengths[0] + source];
            }
        }
        vec![y]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], _weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let mut dx = Tensor::like(x[0]);
        let lengths = [elements(&self.operand), elements(&self.result)];
        for n in 0..x[0].samples() {
            for (target, source, factor) in &self.terms {
                dx.data[n * lengths[0] + source] += factor * dy[0].data[n * lengths[1] + target];
            }
        }
        Gradients::of(dx)
    }
}

/// `1d`, `2d` or `3d`, for a shape with the channels last.
fn by_axes(dims: &[usize], names: [&'static str; 3]) -> Option<&'static str> {
    names.get(dims.len().checked_sub(2)?).copied()
}

/// Zeros around steps, images and volumes, and what is within.
pub(super) fn border(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let operand = single(operands)?;
    let crops = random.percent(40);
    let kind = match crops {
        true => by_axes(operand, ["Crop1d", "Crop2d", "Crop3d"]),
        false => by_axes(operand, ["ZeroPad1d", "ZeroPad2d", "ZeroPad3d"]),
    }?;
    let axes = operand.len() - 1;
    let sides: Vec<[usize; 2]> = (0..axes).map(|_| [random.below(3), random.below(3)]).collect();
    let mut result = operand.clone();
    for (length, [before, behind]) in result.iter_mut().zip(&sides) {
        *length = if crops { length.checked_sub(before + behind)? } else { *length + before + behind };
        (*length > 0).then_some(())?;
    }
    let written: Vec<String> = sides.iter().map(|[before, behind]| format!("({before}, {behind})")).collect();
    let arguments = if axes == 1 { written } else { vec![format!("({})", written.join(", "))] };
    let source = |place: &[usize]| {
        let mut source = place.to_vec();
        for (axis, [before, _]) in sides.iter().enumerate() {
            source[axis] = if crops { place[axis] + before } else { place[axis].checked_sub(*before)? };
            (source[axis] < operand[axis]).then_some(())?;
        }
        Some(source)
    };
    Some(Linear::moving(kind, arguments, [operand, &result], source))
}

/// The mean of each window, or of all places.
pub(super) fn average(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let operand = single(operands)?;
    if random.percent(30) {
        let kind = by_axes(operand, ["GlobalAvgPool1d", "GlobalAvgPool2d", "GlobalAvgPool3d"])?;
        let (result, sets) = windows::all_places(operand);
        return Some(Linear::means(kind, Vec::new(), [operand, &result], &sets));
    }
    let kind = by_axes(operand, ["AvgPool1d", "AvgPool2d", "AvgPool3d"])?;
    let (arguments, result, sets) = windows::draw(random, operand)?;
    Some(Linear::means(kind, arguments, [operand, &result], &sets))
}
