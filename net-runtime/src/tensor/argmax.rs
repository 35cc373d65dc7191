//! Which class a row of scores speaks for.

/// The index of the largest value, counted from 0: the class that a row of probabilities or logits speaks for.
///
/// Of several largest ones it is the first. NaNs are passed over, as TensorFlow's `argmax` does; it is 0 if no value is
/// above minus infinity, as in a row of NaNs or an empty one.
///
/// ```
/// use net_runtime::{Batch, Shape1, data};
///
/// let found: Batch<Shape1<3>> = Batch::from_vec(vec![0.1, 0.7, 0.2, 0.5, 0.0, 0.5])?;
/// let classes: Vec<usize> = found.samples().map(data::argmax).collect();
/// assert_eq!(classes, [1, 0]);
/// # Ok::<(), net_runtime::Error>(())
/// ```
pub fn argmax(row: &[f32]) -> usize {
    let mut best = (0, f32::NEG_INFINITY);
    for (index, &value) in row.iter().enumerate() {
        if value > best.1 {
            best = (index, value);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_that_of_tensorflow() {
        assert_eq!(argmax(&[f32::NAN, 1.0, 2.0]), 2);
        assert_eq!(argmax(&[1.0, f32::NAN, 0.5]), 0);
        assert_eq!(argmax(&[f32::NAN; 3]), 0);
        assert_eq!(argmax(&[1.0, 2.0, 2.0]), 1);
        assert_eq!(argmax(&[f32::NEG_INFINITY, -1.0, f32::INFINITY]), 2);
        assert_eq!(argmax(&[]), 0);
    }
}
