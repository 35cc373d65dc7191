//! Tensors with their axes in another order.

use crate::parallel::for_each_rows;
use crate::tensor::param::Write;

/// `y = x` with axis `axes[i]` of a sample as its axis i.
pub(crate) fn forward(dims: &[usize], axes: &[usize], x: &[f32], y: &mut [f32]) {
    let len = dims.iter().product::<usize>();
    for_each_rows(y, len, |first, y| {
        for (index, y) in y.chunks_exact_mut(len).enumerate() {
            let x = &x[(first + index) * len..][..len];
            visit(dims, axes, 0, 0, &mut |output, input| y[output] = x[input]);
        }
    });
}

/// The gradient by the input: the axes back in their places.
pub(crate) fn backward(dims: &[usize], axes: &[usize], dy: &[f32], dx: &mut [f32], write: Write) {
    let len = dims.iter().product::<usize>();
    for_each_rows(dx, len, |first, dx| {
        for (index, dx) in dx.chunks_exact_mut(len).enumerate() {
            let dy = &dy[(first + index) * len..][..len];
            match write {
                Write::Set => visit(dims, axes, 0, 0, &mut |output, input| dx[input] = dy[output]),
                Write::Add => visit(dims, axes, 0, 0, &mut |output, input| dx[input] += dy[output]),
            }
        }
    });
}

/// Calls `work(output index, input index)` for every element, in the output's order; one recursion per axis.
fn visit(dims: &[usize], axes: &[usize], output: usize, input: usize, work: &mut impl FnMut(usize, usize)) {
    let [axis, others @ ..] = axes else { return work(output, input) };
    let stride = dims[axis + 1..].iter().product::<usize>();
    let inner = others.iter().map(|&axis| dims[axis]).product::<usize>();
    if others.is_empty() {
        (0..dims[*axis]).for_each(|index| work(output + index, input + index * stride));
    } else {
        (0..dims[*axis]).for_each(|index| visit(dims, others, output + index * inner, input + index * stride, work));
    }
}
