//! Samples at the border between a program and its networks: the shape is part of the type.

use std::marker::PhantomData;
use std::ops::Range;

use super::element::{Classes, Element};
use super::shape::Shape;
use crate::error::Error;

/// Any number of samples of shape `S`, one after another.
///
/// ```
/// use net_runtime::{Batch, Shape1, Shape3, View};
///
/// // From numbers in row-major order: their length tells how many samples they are.
/// let pixels = vec![0.5; 5 * 64 * 64 * 3];
/// let photos: Batch<Shape3<64, 64, 3>> = Batch::from_vec(pixels)?;
/// assert_eq!(photos.len(), 5);
///
/// // From a slice for each sample.
/// let boxes = [[0.0, 0.0, 0.5, 0.5], [0.25, 0.25, 0.75, 1.0]];
/// let boxes: Batch<Shape1<4>> = Batch::from_samples(boxes.iter().map(|sides| &sides[..]))?;
/// assert_eq!(boxes.sample(1), [0.25, 0.25, 0.75, 1.0]);
///
/// // Sample by sample.
/// let mut squares: Batch<Shape1<2>> = Batch::zeros(3);
/// for index in 0..3 {
///     squares.sample_mut(index).copy_from_slice(&[index as f32, (index * index) as f32]);
/// }
/// assert_eq!(squares.data(), [0.0, 0.0, 1.0, 1.0, 2.0, 4.0]);
///
/// // Borrowed, where a copy would be a waste.
/// let borrowed: View<'_, Shape1<2>> = View::from_slice(squares.data())?;
/// assert_eq!(borrowed, squares.view());
/// # Ok::<(), net_runtime::Error>(())
/// ```
///
/// A batch that is the target of a loss may carry a weight for each sample ([`with_weights`](Self::with_weights)). Arrays of
/// `ndarray` come in by `Batch::try_from(&array)`, in any layout, and go out by
/// [`into_array`](Self::into_array).
#[derive(Clone, Debug, PartialEq)]
pub struct Batch<S, T = f32> {
    data: Vec<T>,
    samples: usize,
    /// One a sample, or none at all.
    weights: Vec<f32>,
    shape: PhantomData<S>,
}

impl<S: Shape, T: Element> Batch<S, T> {
    /// `samples` samples of zeros.
    ///
    /// # Panics
    ///
    /// If memory cannot hold them; the message has the number of bytes.
    #[track_caller]
    pub fn zeros(samples: usize) -> Self {
        Self::try_zeros(samples).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The same for who has an error to return.
    pub(crate) fn try_zeros(samples: usize) -> Result<Self, Error> {
        let mut batch = Self::unchecked(Vec::new(), samples);
        batch.try_reserve(samples)?;
        batch.data.resize(samples * S::LEN, T::default());
        Ok(batch)
    }

    /// Takes samples that lie one after another in row-major order.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if the length is not a whole number of samples.
    pub fn from_vec(data: Vec<T>) -> Result<Self, Error> {
        let samples = whole_samples::<S>(data.len())?;
        Ok(Self::unchecked(data, samples))
    }

    /// Takes one slice a sample.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if a sample does not have [`S::LEN`](Shape::LEN) elements; [`Error::Invalid`] if memory cannot hold them.
    pub fn from_samples<'a>(samples: impl IntoIterator<Item = &'a [T]>) -> Result<Self, Error> {
        let mut data = Vec::new();
        let mut count = 0;
        for sample in samples {
            if sample.len() != S::LEN {
                return Err(Error::Shape {
                    what: format!("sample {count}"),
                    expected: format!("{} elements for shape {:?}", S::LEN, S::DIMS),
                    found: sample.len().to_string(),
                });
            }
            count += 1;
            data.try_reserve(sample.len()).map_err(|_| Self::too_many(count))?;
            data.extend_from_slice(sample);
        }
        Ok(Self::unchecked(data, count))
    }

    fn unchecked(data: Vec<T>, samples: usize) -> Self {
        Self { data, samples, weights: Vec::new(), shape: PhantomData }
    }

    /// Says how much each sample counts in the loss when this batch is a target: its loss is multiplied by its weight
    /// before the mean over the batch is taken (Keras's `sample_weight`).
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if there is not exactly one weight a sample; [`Error::Invalid`] if one is infinite or a NaN. It may be
    /// negative.
    pub fn with_weights(mut self, weights: Vec<f32>) -> Result<Self, Error> {
        if weights.len() != self.samples {
            return Err(Error::Shape {
                what: "the sample weights".into(),
                expected: format!("{} elements, one a sample", self.samples),
                found: weights.len().to_string(),
            });
        }
        if let Some(sample) = weights.iter().position(|weight| !weight.is_finite()) {
            return Err(Error::Invalid(format!("the weight of sample {sample} is {}", weights[sample])));
        }
        self.weights = weights;
        Ok(self)
    }

    /// The weights of the samples, if there are any.
    pub fn weights(&self) -> Option<&[f32]> {
        (!self.weights.is_empty()).then_some(&*self.weights)
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.samples
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.samples == 0
    }

    /// All elements, in row-major order.
    pub fn data(&self) -> &[T] {
        &self.data
    }

    /// All elements, for writing.
    pub fn data_mut(&mut self) -> &mut [T] {
        &mut self.data
    }

    /// One sample.
    ///
    /// # Panics
    ///
    /// If there is no such sample, as indexing a slice does.
    pub fn sample(&self, index: usize) -> &[T] {
        &self.data[index * S::LEN..][..S::LEN]
    }

    /// One sample, for writing.
    ///
    /// # Panics
    ///
    /// If there is no such sample, as indexing a slice does.
    pub fn sample_mut(&mut self, index: usize) -> &mut [T] {
        &mut self.data[index * S::LEN..][..S::LEN]
    }

    /// The samples one by one.
    pub fn samples(&self) -> impl ExactSizeIterator<Item = &[T]> {
        (0..self.samples).map(|index| self.sample(index))
    }

    /// All of it, borrowed.
    pub fn view(&self) -> View<'_, S, T> {
        View { data: &self.data, samples: self.samples, shape: PhantomData }
    }

    /// A range of samples, borrowed.
    ///
    /// # Panics
    ///
    /// If the range goes beyond the samples, as slicing does.
    pub fn slice(&self, range: Range<usize>) -> View<'_, S, T> {
        self.view().slice(range)
    }

    /// The samples with these indices, in this order, with their weights.
    ///
    /// # Panics
    ///
    /// If an index is out of range, as indexing a slice does.
    pub fn gather(&self, indices: &[usize]) -> Self {
        let mut result = Self::unchecked(Vec::new(), 0);
        self.gather_into(indices, &mut result);
        result
    }

    /// [`gather`](Self::gather) into a batch that is already there, whose memory is used again.
    ///
    /// # Panics
    ///
    /// If an index is out of range, as indexing a slice does.
    pub fn gather_into(&self, indices: &[usize], target: &mut Self) {
        target.data.clear();
        for &index in indices {
            target.data.extend_from_slice(self.sample(index));
        }
        target.samples = indices.len();
        target.weights.clear();
        if !self.weights.is_empty() {
            target.weights.extend(indices.iter().map(|&index| self.weights[index]));
        }
    }

    /// Makes room for so many more samples.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if memory cannot hold them.
    pub fn try_reserve(&mut self, samples: usize) -> Result<(), Error> {
        let elements = samples.checked_mul(S::LEN);
        if elements.is_some_and(|elements| self.data.try_reserve_exact(elements).is_ok()) {
            return Ok(());
        }
        Err(Self::too_many(samples))
    }

    fn too_many(samples: usize) -> Error {
        let bytes = (samples as u128 * S::LEN as u128).saturating_mul(size_of::<T>() as u128);
        Error::Invalid(format!(
            "{samples} samples of shape {:?}, {bytes} bytes, are more than memory can hold",
            S::DIMS
        ))
    }

    /// Appends the samples of a view.
    pub fn extend(&mut self, more: View<'_, S, T>) {
        self.data.extend_from_slice(more.data);
        self.samples += more.samples;
        if !self.weights.is_empty() {
            self.weights.resize(self.samples, 1.0);
        }
    }

    /// The elements, without the shape.
    pub fn into_vec(self) -> Vec<T> {
        self.data
    }
}

impl<S: Shape, T: Element + Classes> Batch<S, T> {
    /// Multiplies the weight of each sample by that of its class; a class beyond the table weighs 1.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if the targets of the head are not one class a sample, or a weight is infinite or a NaN.
    pub fn weigh_classes(&mut self, head: &str, classes: &[f32]) -> Result<(), Error> {
        if S::DIMS.len() > 1 || (S::DIMS.len() == 1 && !T::ROWS) {
            return Err(Error::Invalid(format!(
                "class weights need one class a sample, but the targets of `{head}` have shape {:?}",
                S::DIMS
            )));
        }
        if let Some(class) = classes.iter().position(|weight| !weight.is_finite()) {
            return Err(Error::Invalid(format!("the weight of class {class} of `{head}` is {}", classes[class])));
        }
        // Without weights so far, every sample weighs 1.
        self.weights.resize(self.samples, 1.0);
        for (weight, sample) in self.weights.iter_mut().zip(self.data.chunks_exact(S::LEN)) {
            *weight *= classes.get(T::class(sample)).copied().unwrap_or(1.0);
        }
        Ok(())
    }
}

impl<S: Shape, T: Element> Default for Batch<S, T> {
    fn default() -> Self {
        Self::zeros(0)
    }
}

/// Borrowed samples of shape `S`: a part of a [`Batch`], or an `ndarray` array in standard layout.
///
/// ```
/// use net_runtime::ndarray::array;
/// use net_runtime::{Batch, Shape1, View};
///
/// let rows = array![[1.0_f32, 2.0], [3.0, 4.0], [5.0, 6.0]];
/// let borrowed: View<'_, Shape1<2>> = (&rows).try_into()?;
/// assert_eq!(borrowed.sample(2), [5.0, 6.0]);
///
/// let owned: Batch<Shape1<2>> = borrowed.slice(1..3).to_batch();
/// assert_eq!(owned.view(), borrowed.slice(1..3));
/// assert_eq!(owned.into_array().shape(), [2, 2]);
/// # Ok::<(), net_runtime::Error>(())
/// ```
#[derive(Debug, PartialEq)]
pub struct View<'a, S, T = f32> {
    data: &'a [T],
    samples: usize,
    shape: PhantomData<S>,
}

impl<S, T> Clone for View<'_, S, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, T> Copy for View<'_, S, T> {}

impl<'a, S: Shape, T: Element> View<'a, S, T> {
    /// Borrows samples that lie one after another in row-major order.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if the length is not a whole number of samples.
    pub fn from_slice(data: &'a [T]) -> Result<Self, Error> {
        let samples = whole_samples::<S>(data.len())?;
        Ok(Self { data, samples, shape: PhantomData })
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.samples
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.samples == 0
    }

    /// All elements, in row-major order.
    pub fn data(&self) -> &'a [T] {
        self.data
    }

    /// One sample.
    ///
    /// # Panics
    ///
    /// If there is no such sample, as indexing a slice does.
    pub fn sample(&self, index: usize) -> &'a [T] {
        &self.data[index * S::LEN..][..S::LEN]
    }

    /// A range of samples.
    ///
    /// # Panics
    ///
    /// If the range goes beyond the samples, as slicing does.
    pub fn slice(&self, range: Range<usize>) -> Self {
        Self { samples: range.len(), data: &self.data[range.start * S::LEN..range.end * S::LEN], shape: PhantomData }
    }

    /// A copy that owns its samples.
    pub fn to_batch(&self) -> Batch<S, T> {
        Batch::unchecked(self.data.to_vec(), self.samples)
    }
}

impl<'a, S: Shape, T: Element> From<&'a Batch<S, T>> for View<'a, S, T> {
    fn from(batch: &'a Batch<S, T>) -> Self {
        batch.view()
    }
}

fn whole_samples<S: Shape>(elements: usize) -> Result<usize, Error> {
    if elements.is_multiple_of(S::LEN) {
        return Ok(elements / S::LEN);
    }
    Err(Error::Shape {
        what: "the data of a batch".into(),
        expected: format!("a multiple of {} elements for shape {:?}", S::LEN, S::DIMS),
        found: elements.to_string(),
    })
}

mod ndarray_conversions {
    //! Arrays have the batch axis first: shape `[n, ...S::DIMS]`.

    use ndarray::{ArrayBase, ArrayD, ArrayViewD, Data, Dimension, IxDyn};

    use super::*;
    use crate::tensor::axes::AxesOf;

    fn samples_of<S: Shape>(dims: &[usize]) -> Result<usize, Error> {
        match dims.split_first() {
            Some((&samples, rest)) if rest == S::DIMS => Ok(samples),
            _ => Err(Error::Shape {
                what: "the array".into(),
                expected: format!("shape [samples, {:?}]", S::DIMS).replace(", [", ", ").replace("]]", "]"),
                found: format!("{dims:?}"),
            }),
        }
    }

    // Inherent functions of the name of the trait's: a bound of theirs that does not hold is told in its own words, where rustc
    // says of a trait no more than that it is not implemented.

    impl<'a, S: Shape, T: Element> View<'a, S, T> {
        /// Borrows an array of shape `[n, ...S::DIMS]` in standard layout.
        ///
        /// # Errors
        ///
        /// [`Error::Shape`] if it has another shape or layout.
        pub fn try_from<R: Data<Elem = T>, D: Dimension + AxesOf<S>>(
            array: &'a ArrayBase<R, D>,
        ) -> Result<Self, Error> {
            let samples = samples_of::<S>(array.shape())?;
            let data = array.as_slice().ok_or_else(|| Error::Shape {
                what: "the array".into(),
                expected: "standard layout (row-major, contiguous; see `as_standard_layout`)".into(),
                found: format!("strides {:?} for shape {:?}", array.strides(), array.shape()),
            })?;
            Ok(Self { data, samples, shape: PhantomData })
        }
    }

    impl<S: Shape, T: Element> Batch<S, T> {
        /// Copies an array of shape `[n, ...S::DIMS]` in any layout.
        ///
        /// # Errors
        ///
        /// [`Error::Shape`] if it has another shape.
        pub fn try_from<R: Data<Elem = T>, D: Dimension + AxesOf<S>>(array: &ArrayBase<R, D>) -> Result<Self, Error> {
            let samples = samples_of::<S>(array.shape())?;
            Ok(Self::unchecked(array.iter().copied().collect(), samples))
        }
    }

    impl<'a, S, T, D, R> TryFrom<&'a ArrayBase<R, D>> for View<'a, S, T>
    where
        S: Shape,
        T: Element,
        D: Dimension + AxesOf<S>,
        R: Data<Elem = T>,
    {
        type Error = Error;

        fn try_from(array: &'a ArrayBase<R, D>) -> Result<Self, Error> {
            View::try_from(array)
        }
    }

    impl<S, T, D, R> TryFrom<&ArrayBase<R, D>> for Batch<S, T>
    where
        S: Shape,
        T: Element,
        D: Dimension + AxesOf<S>,
        R: Data<Elem = T>,
    {
        type Error = Error;

        fn try_from(array: &ArrayBase<R, D>) -> Result<Self, Error> {
            Batch::try_from(array)
        }
    }

    fn dims_of<S: Shape>(samples: usize) -> IxDyn {
        let dims: Vec<usize> = std::iter::once(samples).chain(S::DIMS.iter().copied()).collect();
        IxDyn(&dims)
    }

    impl<S: Shape, T: Element> Batch<S, T> {
        /// An `ndarray` array of shape `[n, ...S::DIMS]`.
        pub fn into_array(self) -> ArrayD<T> {
            ArrayD::from_shape_vec(dims_of::<S>(self.samples), self.data).expect("a batch is whole samples")
        }
    }

    impl<'a, S: Shape, T: Element> View<'a, S, T> {
        /// An `ndarray` view of shape `[n, ...S::DIMS]`.
        pub fn as_array(&self) -> ArrayViewD<'a, T> {
            ArrayViewD::from_shape(dims_of::<S>(self.samples), self.data).expect("a view is whole samples")
        }
    }
}

#[cfg(test)]
mod tests;
