//! Shapes that are part of a type: what one sample looks like, channels last and without the batch axis.

mod sealed {
    pub trait Sealed {}
}

/// The shape of one sample, known to the compiler.
///
/// Implemented by [`Shape0`] to [`Shape5`] alone, so that a shape is always a list of numbers.
pub trait Shape: sealed::Sealed + Copy + Send + Sync + 'static {
    /// Length of every axis, outermost first.
    const DIMS: &'static [usize];
    /// Number of elements in one sample, the product of [`DIMS`](Self::DIMS).
    const LEN: usize = product(Self::DIMS);
}

const fn product(dims: &[usize]) -> usize {
    let mut result = 1_usize;
    let mut axis = 0;
    while axis < dims.len() {
        assert!(dims[axis] > 0, "an axis of a shape has no length");
        result = result.checked_mul(dims[axis]).expect("a shape has more elements than memory has addresses");
        axis += 1;
    }
    result
}

macro_rules! shapes {
    ($($(#[$doc:meta])* $name:ident<$($axis:ident),*>;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name<$(const $axis: usize),*>;

        impl<$(const $axis: usize),*> sealed::Sealed for $name<$($axis),*> {}

        impl<$(const $axis: usize),*> Shape for $name<$($axis),*> {
            const DIMS: &'static [usize] = &[$($axis),*];
        }
    )*};
}

shapes! {
    /// One number a sample: a class, for instance.
    Shape0<>;
    /// `[features]`
    Shape1<A>;
    /// `[steps, features]`
    Shape2<A, B>;
    /// `[height, width, channels]`
    Shape3<A, B, C>;
    /// `[depth, height, width, channels]`, or steps of images: four axes.
    Shape4<A, B, C, D>;
    /// Steps of volumes, for instance: five axes.
    Shape5<A, B, C, D, E>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_knows_its_axes_and_its_size() {
        assert_eq!(Shape0::DIMS, &[] as &[usize]);
        assert_eq!(Shape0::LEN, 1);
        assert_eq!(Shape3::<64, 32, 3>::DIMS, [64, 32, 3]);
        assert_eq!(Shape3::<64, 32, 3>::LEN, 6144);
    }
}
