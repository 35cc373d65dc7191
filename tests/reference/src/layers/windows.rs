//! Windows of pools over any number of axes, as the sets of elements that each result is computed from.

use super::linear::{element, places};
use crate::draw::Random;
use crate::tensor::{Dims, elements};

/// Random windows over the axes before the channels: how they are written, the shape of the result, and the elements of the operand that
/// each of its elements has in its window, in row-major order; what is outside does not count.
pub(super) fn draw(random: &mut Random, operand: &Dims) -> Option<(Vec<String>, Dims, Vec<Vec<usize>>)> {
    let axes = operand.len() - 1;
    let size: Dims = (0..axes).map(|_| random.within(1, 3)).collect();
    let usual = random.percent(60);
    let stride: Dims = if usual { size.clone() } else { (0..axes).map(|_| random.within(1, 3)).collect() };
    let same = random.percent(40);
    let (mut result, mut before) = (operand.clone(), vec![0; axes]);
    for axis in 0..axes {
        if same {
            result[axis] = operand[axis].div_ceil(stride[axis]);
            before[axis] = ((result[axis] - 1) * stride[axis] + size[axis]).saturating_sub(operand[axis]) / 2;
        } else {
            result[axis] = operand[axis].checked_sub(size[axis])? / stride[axis] + 1;
        }
    }
    let window = |target: usize| {
        let target = places(target, &result);
        let inside = |tap: usize| {
            let mut source = target.clone();
            for (axis, tap) in places(tap, &size).into_iter().enumerate() {
                source[axis] = (target[axis] * stride[axis] + tap).checked_sub(before[axis])?;
                (source[axis] < operand[axis]).then_some(())?;
            }
            Some(element(&source, operand))
        };
        (0..elements(&size)).filter_map(inside).collect()
    };
    let sets = (0..elements(&result)).map(window).collect();
    let written = |numbers: &Dims| match numbers.as_slice() {
        [number] => number.to_string(),
        numbers => format!("({})", numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
    };
    let mut arguments = vec![written(&size)];
    arguments.extend((!usual).then(|| format!("stride = {}", written(&stride))));
    arguments.extend(same.then(|| "padding = same".to_owned()));
    Some((arguments, result, sets))
}

/// All places of each channel.
pub(super) fn all_places(operand: &Dims) -> (Dims, Vec<Vec<usize>>) {
    let channels = operand[operand.len() - 1];
    let of = |channel: usize| (channel..elements(operand)).step_by(channels).collect();
    (vec![channels], (0..channels).map(of).collect())
}

/// All places of a random axis: how that is written, the shape of the result, and the elements that each of its elements is made of.
pub(super) fn along(random: &mut Random, operand: &Dims) -> (Vec<String>, Dims, Vec<Vec<usize>>) {
    let axis = random.below(operand.len());
    let mut kept = operand.clone();
    kept[axis] = 1;
    let set = |target: usize| {
        let mut place = places(target, &kept);
        let at = |index: usize| {
            place[axis] = index;
            element(&place, operand)
        };
        (0..operand[axis]).map(at).collect()
    };
    let sets = (0..elements(&kept)).map(set).collect();
    let keep = operand.len() == 1 || random.percent(30);
    let mut arguments = vec![axis.to_string()];
    arguments.extend(keep.then(|| "keep = true".to_owned()));
    let mut result = kept;
    if !keep {
        result.remove(axis);
    }
    (arguments, result, sets)
}

/// Windows that cover the axes before the channels in so many parts.
pub(super) fn adaptive(random: &mut Random, operand: &Dims) -> (Vec<String>, Dims, Vec<Vec<usize>>) {
    let axes = operand.len() - 1;
    let mut result = operand.clone();
    result[..axes].iter_mut().for_each(|length| *length = random.within(1, 4));
    let window = |target: usize| {
        let target = places(target, &result);
        let inside = |source: &usize| {
            let source = places(*source, operand);
            let covers = |axis: usize| {
                let (target, source, parts, length) = (target[axis], source[axis], result[axis], operand[axis]);
                target * length / parts <= source && source < ((target + 1) * length).div_ceil(parts)
            };
            source[axes] == target[axes] && (0..axes).all(covers)
        };
        (0..elements(operand)).filter(inside).collect()
    };
    let sets = (0..elements(&result)).map(window).collect();
    let lengths: Vec<String> = result[..axes].iter().map(usize::to_string).collect();
    let written = if axes == 1 { lengths.concat() } else { format!("({})", lengths.join(", ")) };
    (vec![written], result, sets)
}
