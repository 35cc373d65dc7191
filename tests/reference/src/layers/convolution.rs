//! Convolutions along any number of axes: over steps, images and volumes, in groups, depthwise, transposed. What differs is which
//! input channels meet which weights and results; all are sums of products, and so are their gradients.

use std::rc::Rc;

use super::{Call, Gradients, Layer, Padding, batch, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor, elements};

/// Which products are added up, of channels that are in one group. Along the axes, tap t of window o lies at o · stride + t · dilation − padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// y\[o, f\] += x\[place, c\] · kernel\[t, c, f\], where c counts from the first one of the group of f
    Plain,
    /// y\[o, c · m + q\] += x\[place, c\] · kernel\[t, c, q\]
    Depthwise,
    /// y\[place, f\] += x\[o, c\] · kernel\[t, f, c\]
    Transposed,
}

/// A convolution.
#[derive(Clone, Debug)]
pub struct Convolution {
    /// Which products.
    pub kind: Kind,
    /// Channels of the result, or for each channel of the operand if that is depthwise.
    pub filters: usize,
    /// Extent of the window along each axis.
    pub size: Vec<usize>,
    /// Its steps.
    pub stride: Vec<usize>,
    /// Distance of its elements.
    pub dilation: Vec<usize>,
    /// The border.
    pub padding: Padding,
    /// How much longer the result of a transposed one is, if that is said.
    pub output_padding: Option<usize>,
    /// Parts of the channels of a plain one that do not see each other.
    pub groups: usize,
    /// Whether something is added.
    pub bias: bool,
}

/// Multiply-adds of a sample that the naive loops do in no time.
const MOST: usize = 200_000;

pub(super) fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let operand = single(operands)?;
    let axes = operand.len().checked_sub(1)?;
    let kinds: &[Kind] = match axes {
        1 => &[Kind::Plain, Kind::Plain, Kind::Depthwise, Kind::Transposed],
        2 => &[Kind::Depthwise, Kind::Transposed, Kind::Plain],
        3 => &[Kind::Plain, Kind::Transposed],
        _ => return None,
    };
    let kind = random.pick(kinds);
    let layer = Convolution::draw(random, kind, operand);
    layer.is_cheap(operand).then(|| Rc::new(layer) as Rc<dyn Layer>)
}

impl Convolution {
    fn draw(random: &mut Random, kind: Kind, operand: &Dims) -> Self {
        let axes = operand.len() - 1;
        let filters: usize = match kind {
            Kind::Depthwise => random.pick(&[1, 1, 1, 2, 3]),
            _ => random.pick(&[1, 2, 3, 5, 8, 15, 16, 16, 17, 32]),
        };
        let three = random.percent(50);
        let size: Vec<usize> = (0..axes).map(|_| if three { 3 } else { random.within(1, 5) }).collect();
        let [mut stride, mut dilation] = [1, 1].map(|one| vec![one; axes]);
        match random.below(6) {
            0 | 1 => stride.iter_mut().for_each(|stride| *stride = random.within(1, 3)),
            2 => dilation.iter_mut().for_each(|dilation| *dilation = random.within(1, 3)),
            _ => {}
        }
        let causal = axes == 1 && kind == Kind::Plain && random.percent(30);
        let padding = if causal { Padding::Causal } else { random.pick(&[Padding::Valid, Padding::Same]) };
        let least = *stride.iter().min().expect("an axis");
        let output_padding =
            (kind == Kind::Transposed && random.percent(30)).then(|| random.below(least)).filter(|more| {
                // No place would be left for the last window.
                let reach = |axis: usize| (size[axis] - 1) * dilation[axis] + 1;
                padding != Padding::Same || *more > 0 || (0..axes).all(|axis| reach(axis) % 2 == 1)
            });
        let channels = operand[axes];
        let common: Vec<usize> = (1..=channels)
            .filter(|groups| channels.is_multiple_of(*groups) && filters.is_multiple_of(*groups))
            .collect();
        let groups = match (kind, axes) {
            (Kind::Plain, 1 | 2) => random.pick(&common),
            _ => 1,
        };
        Self { groups, kind, filters, size, stride, dilation, padding, output_padding, bias: random.percent(80) }
    }

    fn is_cheap(&self, operand: &Dims) -> bool {
        let Some(output) = self.output(operand) else { return false };
        let (channels, positions) = operand.split_last().expect("channels");
        let windows = match self.kind {
            Kind::Transposed => elements(positions),
            _ => elements(&output[..positions.len()]),
        };
        windows * elements(&self.size) * channels * self.filters <= MOST
    }

    /// How many positions a window covers.
    fn reach(&self, axis: usize) -> usize {
        (self.size[axis] - 1) * self.dilation[axis] + 1
    }

    /// Number of windows along an axis.
    fn windows(&self, axis: usize, length: usize) -> Option<usize> {
        match self.padding {
            Padding::Valid => Some(length.checked_sub(self.reach(axis))? / self.stride[axis] + 1),
            Padding::Same | Padding::Causal => Some(length.div_ceil(self.stride[axis])),
        }
    }

    /// Length of the result of a transposed one.
    fn enlarged(&self, axis: usize, windows: usize) -> usize {
        let (stride, reach) = (self.stride[axis], self.reach(axis));
        let before_last = (windows - 1) * stride;
        match (self.padding, self.output_padding) {
            (Padding::Same, None) => windows * stride,
            (Padding::Same, Some(more)) => before_last + reach % 2 + more,
            (_, more) => before_last + more.map_or(reach.max(stride), |more| reach + more),
        }
    }

    /// Shape of the result.
    pub(super) fn output(&self, operand: &Dims) -> Option<Dims> {
        let (channels, positions) = operand.split_last()?;
        if positions.len() != self.size.len() {
            return None;
        }
        let lengths = positions.iter().enumerate().map(|(axis, length)| match self.kind {
            Kind::Transposed => Some(self.enlarged(axis, *length)),
            _ => self.windows(axis, *length),
        });
        let mut output = lengths.collect::<Option<Dims>>()?;
        output.push(if self.kind == Kind::Depthwise { channels * self.filters } else { self.filters });
        Some(output)
    }

    pub(super) fn kernel(&self, channels: usize) -> Dims {
        let channels = match self.kind {
            Kind::Plain => [channels / self.groups, self.filters],
            Kind::Depthwise => [channels, self.filters],
            Kind::Transposed => [self.filters, channels],
        };
        [&self.size[..], &channels].concat()
    }

    /// Calls `visit(index in x, in the kernel, in y)` for every product, of operand and result with the samples' axis.
    fn products(&self, x: &[usize], y: &[usize], mut visit: impl FnMut(usize, usize, usize)) {
        // The windows move over the larger one.
        let (image, windows) = if self.kind == Kind::Transposed { (y, x) } else { (x, y) };
        let axes = self.size.len();
        let (positions, counts) = (&image[1..=axes], &windows[1..=axes]);
        let [inputs, outputs] = [x, y].map(|dims| dims[axes + 1]);
        let before: Vec<usize> = (0..axes)
            .map(|axis| match self.padding {
                Padding::Valid => 0,
                Padding::Causal => self.reach(axis) - 1,
                Padding::Same => {
                    let covered = (counts[axis] - 1) * self.stride[axis] + self.reach(axis);
                    covered.saturating_sub(positions[axis]) / 2
                }
            })
            .collect();
        for sample in 0..x[0] {
            for window in 0..elements(counts) {
                for tap in 0..elements(&self.size) {
                    let (at, element) = (places(window, counts), places(tap, &self.size));
                    let place = (0..axes).try_fold(0, |place, axis| {
                        let along = at[axis] * self.stride[axis] + element[axis] * self.dilation[axis];
                        let along = along.checked_sub(before[axis]).filter(|along| *along < positions[axis])?;
                        Some(place * positions[axis] + along)
                    });
                    let Some(place) = place else { continue };
                    let place = sample * elements(positions) + place;
                    let window = sample * elements(counts) + window;
                    for c in 0..inputs {
                        for f in 0..self.filters {
                            match self.kind {
                                Kind::Plain => {
                                    let (own, of_filter) = (inputs / self.groups, f / (self.filters / self.groups));
                                    if c / own == of_filter {
                                        let kernel = (tap * own + c % own) * outputs + f;
                                        visit(place * inputs + c, kernel, window * outputs + f);
                                    }
                                }
                                Kind::Depthwise => visit(
                                    place * inputs + c,
                                    (tap * inputs + c) * self.filters + f,
                                    window * outputs + c * self.filters + f,
                                ),
                                Kind::Transposed => {
                                    visit(window * inputs + c, (tap * outputs + f) * inputs + c, place * outputs + f)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The sum of all products.
    pub(super) fn sums(&self, x: &Tensor, kernel: &Tensor) -> Tensor {
        let output = self.output(&x.dims[1..].to_vec()).expect("windows that fit");
        let mut y = Tensor::zeros(&batch(x.samples(), &output));
        let dims = y.dims.clone();
        self.products(&x.dims, &dims, |a, b, c| y.data[c] += x.data[a] * kernel.data[b]);
        y
    }

    /// The gradients by the operand and by the kernel.
    pub(super) fn gradients(&self, x: &Tensor, kernel: &Tensor, dy: &Tensor) -> [Tensor; 2] {
        let (mut dx, mut dkernel) = (Tensor::like(x), Tensor::like(kernel));
        self.products(&x.dims, &dy.dims, |a, b, c| {
            dx.data[a] += dy.data[c] * kernel.data[b];
            dkernel.data[b] += dy.data[c] * x.data[a];
        });
        [dx, dkernel]
    }

    /// What stands behind the size of the window.
    pub(super) fn arguments_of_window(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        for (name, of_axes) in [("stride", &self.stride), ("dilation", &self.dilation)] {
            if of_axes.iter().any(|along| *along != 1) {
                arguments.push(format!("{name} = {}", extents(of_axes)));
            }
        }
        match self.padding {
            Padding::Valid => {}
            Padding::Same => arguments.push("padding = same".to_owned()),
            Padding::Causal => arguments.push("padding = causal".to_owned()),
        }
        arguments.extend(self.output_padding.map(|more| format!("output_padding = {more}")));
        arguments
    }
}

/// The place along each axis of an element of a shape.
fn places(index: usize, dims: &[usize]) -> Vec<usize> {
    let mut rest = index;
    let mut places: Vec<usize> = dims
        .iter()
        .rev()
        .map(|length| {
            let place = rest % length;
            rest /= length;
            place
        })
        .collect();
    places.reverse();
    places
}

/// `3`, or `(3, 2)`.
pub(super) fn extents(of_axes: &[usize]) -> String {
    let texts: Vec<String> = of_axes.iter().map(ToString::to_string).collect();
    match texts.as_slice() {
        [one] => one.clone(),
        several => format!("({})", several.join(", ")),
    }
}

/// Adds a bias to the last axis.
pub(super) fn add_bias(y: &mut Tensor, bias: &Tensor) {
    y.data.iter_mut().enumerate().for_each(|(index, y)| *y += bias.data[index % bias.data.len()]);
}

impl Layer for Convolution {
    fn kind(&self) -> &'static str {
        match (self.kind, self.size.len()) {
            (Kind::Plain, 1) => "Conv1d",
            (Kind::Plain, 2) => "Conv2d",
            (Kind::Plain, _) => "Conv3d",
            (Kind::Depthwise, 1) => "DepthwiseConv1d",
            (Kind::Depthwise, _) => "DepthwiseConv2d",
            (Kind::Transposed, 1) => "Conv1dTranspose",
            (Kind::Transposed, 2) => "Conv2dTranspose",
            (Kind::Transposed, _) => "Conv3dTranspose",
        }
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = match self.kind {
            Kind::Depthwise => vec![extents(&self.size), format!("multiplier = {}", self.filters)],
            _ => vec![self.filters.to_string(), extents(&self.size)],
        };
        arguments.extend(self.arguments_of_window());
        if self.groups > 1 {
            arguments.push(format!("groups = {}", self.groups));
        }
        if !self.bias {
            arguments.push("bias = false".to_owned());
        }
        arguments
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let operand = single(operands)?;
        let grouped = operand.last()?.is_multiple_of(self.groups);
        self.output(operand).filter(|_| grouped).map(|output| vec![output])
    }

    fn weights(&self, operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        let channels = *operands[0].last().expect("channels");
        let output = self.output(&operands[0]).expect("windows that fit");
        let kernel = ("kernel", self.kernel(channels));
        if self.bias { vec![kernel, ("bias", vec![output[self.size.len()]])] } else { vec![kernel] }
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        let mut y = self.sums(x[0], weights[0]);
        if self.bias {
            add_bias(&mut y, weights[1]);
        }
        vec![y]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let [dx, dkernel] = self.gradients(x[0], weights[0], dy[0]);
        let mut gradients = vec![dkernel];
        if self.bias {
            gradients.push(super::dense::sum_of_rows(dy[0], weights[1].data.len()));
        }
        Gradients { operands: vec![dx], weights: gradients }
    }
}

/// A depthwise convolution without a bias, and a plain one of a single tap behind it.
#[derive(Debug)]
pub struct Separable {
    /// The first one.
    pub depthwise: Convolution,
    /// The second one.
    pub pointwise: Convolution,
}

pub(super) fn draw_separable(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let operand = single(operands).filter(|operand| matches!(operand.len(), 2 | 3))?;
    let depthwise = Convolution { bias: false, ..Convolution::draw(random, Kind::Depthwise, operand) };
    let ones = vec![1; depthwise.size.len()];
    let pointwise = Convolution {
        kind: Kind::Plain,
        filters: random.pick(&[1, 2, 5, 16, 17]),
        size: ones.clone(),
        stride: ones.clone(),
        dilation: ones,
        padding: Padding::Valid,
        output_padding: None,
        groups: 1,
        bias: random.percent(80),
    };
    let between = depthwise.output(operand)?;
    (depthwise.is_cheap(operand) && pointwise.is_cheap(&between))
        .then(|| Rc::new(Separable { depthwise, pointwise }) as Rc<dyn Layer>)
}

impl Layer for Separable {
    fn kind(&self) -> &'static str {
        if self.depthwise.size.len() == 1 { "SeparableConv1d" } else { "SeparableConv2d" }
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![self.pointwise.filters.to_string()];
        arguments.push(extents(&self.depthwise.size));
        arguments.push(format!("multiplier = {}", self.depthwise.filters));
        arguments.extend(self.depthwise.arguments_of_window());
        if !self.pointwise.bias {
            arguments.push("bias = false".to_owned());
        }
        arguments
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let between = self.depthwise.output(single(operands)?)?;
        self.pointwise.output(&between).map(|output| vec![output])
    }

    fn weights(&self, operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        let [channels, between] = [operands[0].clone(), self.depthwise.output(&operands[0]).expect("windows that fit")]
            .map(|dims| *dims.last().expect("channels"));
        let mut weights = vec![
            ("depthwise_kernel", self.depthwise.kernel(channels)),
            ("pointwise_kernel", self.pointwise.kernel(between)),
        ];
        if self.pointwise.bias {
            weights.push(("bias", vec![self.pointwise.filters]));
        }
        weights
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        let mut y = self.pointwise.sums(&self.depthwise.sums(x[0], weights[0]), weights[1]);
        if self.pointwise.bias {
            add_bias(&mut y, weights[2]);
        }
        vec![y]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let between = self.depthwise.sums(x[0], weights[0]);
        let [upstream, pointwise] = self.pointwise.gradients(&between, weights[1], dy[0]);
        let [dx, depthwise] = self.depthwise.gradients(x[0], weights[0], &upstream);
        let mut gradients = vec![depthwise, pointwise];
        if self.pointwise.bias {
            gradients.push(super::dense::sum_of_rows(dy[0], self.pointwise.filters));
        }
        Gradients { operands: vec![dx], weights: gradients }
    }
}
