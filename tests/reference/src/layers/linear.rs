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
    if random.percent(25) {
        let kind = by_axes(operand, ["AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d"])?;
        let (arguments, result, sets) = windows::adaptive(random, operand);
        return Some(Linear::means(kind, arguments, [operand, &result], &sets));
    }
    let kind = by_axes(operand, ["AvgPool1d", "AvgPool2d", "AvgPool3d"])?;
    let (arguments, result, sets) = windows::draw(random, operand)?;
    Some(Linear::means(kind, arguments, [operand, &result], &sets))
}

/// A layer that moves or repeats numbers.
pub(super) fn moves(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let operand = single(operands)?;
    match random.below(5) {
        0 => slice(random, operand),
        1 => reverse(random, operand),
        2 => repeat(random, operand),
        3 => up_sampling(random, operand),
        _ => blocks(random, operand),
    }
}

fn slice(random: &mut Random, operand: &Dims) -> Option<Rc<dyn Layer>> {
    let axis = random.below(operand.len());
    let length = operand[axis];
    let start = random.below(length);
    let (end, step) = (random.within(start + 1, length), random.pick(&[1, 1, 1, 2, 3]));
    let mut result = operand.clone();
    result[axis] = (end - start).div_ceil(step);
    let from_end = random.percent(30) && end < length;
    let end = if from_end { format!("-{}", length - end) } else { end.to_string() };
    let mut arguments = vec![start.to_string(), end, format!("axis = {axis}")];
    arguments.extend((step > 1).then(|| format!("step = {step}")));
    let source = |place: &[usize]| {
        let mut source = place.to_vec();
        source[axis] = start + place[axis] * step;
        Some(source)
    };
    Some(Linear::moving("Slice", arguments, [operand, &result], source))
}

fn reverse(random: &mut Random, operand: &Dims) -> Option<Rc<dyn Layer>> {
    let axis = random.below(operand.len());
    let source = |place: &[usize]| {
        let mut source = place.to_vec();
        source[axis] = operand[axis] - 1 - place[axis];
        Some(source)
    };
    Some(Linear::moving("Reverse", vec![axis.to_string()], [operand, operand], source))
}

fn repeat(random: &mut Random, operand: &Dims) -> Option<Rc<dyn Layer>> {
    let [features] = operand[..] else { return None };
    let times = random.within(1, 4);
    let source = |place: &[usize]| Some(vec![place[1]]);
    Some(Linear::moving("Repeat", vec![times.to_string()], [operand, &vec![times, features]], source))
}

/// Places that come several times.
fn up_sampling(random: &mut Random, operand: &Dims) -> Option<Rc<dyn Layer>> {
    let kind = by_axes(operand, ["UpSampling1d", "UpSampling2d", "UpSampling3d"])?;
    let times = random.within(1, 3);
    let axes = operand.len() - 1;
    let mut result = operand.clone();
    result[..axes].iter_mut().for_each(|length| *length *= times);
    let source = |place: &[usize]| {
        let mut source = place.to_vec();
        source[..axes].iter_mut().for_each(|place| *place /= times);
        Some(source)
    };
    Some(Linear::moving(kind, vec![times.to_string()], [operand, &result], source))
}

/// Blocks of pixels as channels, and back.
fn blocks(random: &mut Random, operand: &Dims) -> Option<Rc<dyn Layer>> {
    let [height, width, channels] = operand[..] else { return None };
    let block = random.pick(&[1, 2, 2, 2, 3]);
    let arguments = vec![block.to_string()];
    if random.percent(50) {
        (height % block + width % block == 0).then_some(())?;
        let result = vec![height / block, width / block, channels * block * block];
        let source = |place: &[usize]| {
            let pixel = place[2] / channels;
            Some(vec![place[0] * block + pixel / block, place[1] * block + pixel % block, place[2] % channels])
        };
        Some(Linear::moving("SpaceToDepth", arguments, [operand, &result], source))
    } else {
        (channels % (block * block) == 0).then_some(())?;
        let inner = channels / block / block;
        let result = vec![height * block, width * block, inner];
        let source = |place: &[usize]| {
            let pixel = place[0] % block * block + place[1] % block;
            Some(vec![place[0] / block, place[1] / block, pixel * inner + place[2]])
        };
        Some(Linear::moving("DepthToSpace", arguments, [operand, &result], source))
    }
}

/// An image of another size: by the pixel there, or by two or four around it on each axis.
pub(super) fn resize(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let operand = single(operands)?;
    let [_, _, channels] = operand[..] else { return None };
    let result = vec![random.within(1, 9), random.within(1, 9), channels];
    let interpolation = random.pick(&["bilinear", "nearest", "bicubic"]);
    let mut terms = Vec::new();
    for target in 0..elements(&result) {
        let place = places(target, &result);
        let taps = |axis: usize| taps(interpolation, [operand[axis], result[axis]], place[axis]);
        for (row, down) in taps(0) {
            for (column, right) in taps(1) {
                terms.push((target, element(&[row, column, place[2]], operand), down * right));
            }
        }
    }
    let mut arguments = vec![result[0].to_string(), result[1].to_string()];
    arguments.extend((interpolation != "bilinear").then(|| format!("interpolation = {interpolation}")));
    Some(Rc::new(Linear { kind: "Resize", arguments, operand: operand.clone(), result, terms }))
}

/// What a place on an axis of a resized image is made of: places on the axis of the operand, and how much of each.
fn taps(interpolation: &str, [operand, result]: [usize; 2], place: usize) -> Vec<(usize, f64)> {
    let inside = |pixel: f64| pixel.clamp(0.0, (operand - 1) as f64) as usize;
    let centre = (place as f64 + 0.5) * operand as f64 / result as f64 - 0.5;
    let (below, fraction) = (centre.floor(), centre - centre.floor());
    match interpolation {
        // TensorFlow computes it in `f32`, and a pixel's border is hit by many centres.
        "nearest" => {
            let centre = (place as f32 + 0.5) * (operand as f32 / result as f32);
            vec![(inside(f64::from(centre.floor())), 1.0)]
        }
        "bilinear" => vec![(inside(below), 1.0 - fraction), (inside(below + 1.0), fraction)],
        // Keys's cubic with -1/2, from a table of 1,024 places; what is outside counts for nothing.
        _ => {
            let near = (fraction * 1024.0).round() / 1024.0;
            let inner = |distance: f64| (1.5 * distance - 2.5) * distance * distance + 1.0;
            let outer = |distance: f64| ((-0.5 * distance + 2.5) * distance - 4.0) * distance + 2.0;
            let all = [
                (below - 1.0, outer(1.0 + near)),
                (below, inner(near)),
                (below + 1.0, inner(1.0 - near)),
                (below + 2.0, outer(2.0 - near)),
            ];
            let there = all.into_iter().filter(|(pixel, _)| (0.0..=(operand - 1) as f64).contains(pixel));
            let sum: f64 = there.clone().map(|(_, factor)| factor).sum();
            there.map(|(pixel, factor)| (pixel as usize, factor / sum)).collect()
        }
    }
}

/// The mean or the sum along an axis.
pub(super) fn reduction(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let operand = single(operands)?;
    let (arguments, result, sets) = windows::along(random, operand);
    if random.percent(50) {
        return Some(Linear::means("Mean", arguments, [operand, &result], &sets));
    }
    let of =
        |(target, set): (usize, &Vec<usize>)| set.iter().map(move |source| (target, *source, 1.0)).collect::<Vec<_>>();
    let terms = sets.iter().enumerate().flat_map(of).collect();
    Some(Rc::new(Linear { kind: "Sum", arguments, operand: operand.clone(), result, terms }))
}
