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
