//! Arrays of `f64`.

/// The lengths of all axes.
pub type Dims = Vec<usize>;

/// Number of elements of a shape.
pub fn elements(dims: &[usize]) -> usize {
    dims.iter().product()
}

/// An array in row-major order. What flows through a network has the samples as its first axis, weights have not.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Length of every axis.
    pub dims: Dims,
    /// All elements.
    pub data: Vec<f64>,
}

impl Tensor {
    /// Nothing but zeros.
    pub fn zeros(dims: &[usize]) -> Self {
        Self { dims: dims.to_vec(), data: vec![0.0; elements(dims)] }
    }

    /// Zeros of the same shape.
    pub fn like(other: &Self) -> Self {
        Self::zeros(&other.dims)
    }

    /// Each element from its index.
    pub fn from_fn(dims: &[usize], element: impl FnMut(usize) -> f64) -> Self {
        Self { dims: dims.to_vec(), data: (0..elements(dims)).map(element).collect() }
    }

    /// Each element by a function.
    pub fn map(&self, function: impl FnMut(f64) -> f64) -> Self {
        Self { dims: self.dims.clone(), data: self.data.iter().copied().map(function).collect() }
    }

    /// Each element by a function of it and that of another tensor of the same shape.
    pub fn zip(&self, other: &Self, mut function: impl FnMut(f64, f64) -> f64) -> Self {
        assert_eq!(self.dims, other.dims);
        Self::from_fn(&self.dims, |index| function(self.data[index], other.data[index]))
    }

    /// Adds the elements of another tensor of the same shape.
    pub fn add(&mut self, other: &Self) {
        assert_eq!(self.dims, other.dims);
        for (element, more) in self.data.iter_mut().zip(&other.data) {
            *element += more;
        }
    }

    /// The same elements under another shape.
    pub fn reshaped(&self, dims: &[usize]) -> Self {
        assert_eq!(elements(dims), self.data.len());
        Self { dims: dims.to_vec(), data: self.data.clone() }
    }

    /// Number of samples.
    pub fn samples(&self) -> usize {
        self.dims[0]
    }

    /// The largest absolute value.
    pub fn largest(&self) -> f64 {
        self.data.iter().fold(0.0, |largest, element| element.abs().max(largest))
    }

    /// An element of a tensor of four axes, samples of images.
    pub fn at(&self, [n, row, column, channel]: [usize; 4]) -> f64 {
        self.data[self.index([n, row, column, channel])]
    }

    /// The same for writing.
    pub fn at_mut(&mut self, place: [usize; 4]) -> &mut f64 {
        let index = self.index(place);
        &mut self.data[index]
    }

    fn index(&self, [n, row, column, channel]: [usize; 4]) -> usize {
        let [_, height, width, channels] = self.dims[..] else { panic!("{:?} has not four axes", self.dims) };
        ((n * height + row) * width + column) * channels + channel
    }
}
