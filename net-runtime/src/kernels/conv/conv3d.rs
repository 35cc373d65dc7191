//! Convolutions of volumes as convolutions of images. For each plane of the result the planes of the input that its window meets are one
//! image, in which a pixel has their channels one after the other; a kernel's weights are put in the same order.
//!
//! So volumes have all algorithms that images have, and a result is written once. Images are made for some planes at a time. A gradient by the
//! input adds up what planes share, and cannot take the place of its activation.

use std::ops::Range;

use super::bands::GROUP_FLOATS;
use super::geometry::Geometry as PlaneGeometry;
use super::{conv2d, conv2d_weights};
use crate::kernels::axis::Axis;
use crate::kernels::elementwise::arithmetic::put;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::memory::packed::Portion;
use crate::memory::scratch::Scratch;
use crate::parallel;
use crate::tensor::exact::product;
use crate::tensor::param::{Param, Store, Write};

/// Everything a convolution of volumes depends on but the number of samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    pub depth: Axis,
    /// That of a plane.
    pub plane: PlaneGeometry,
}

impl Geometry {
    /// That of volumes `[depth, height, width, channels]`.
    pub fn new(depth: Axis, [rows, columns]: [Axis; 2], inputs: usize, outputs: usize) -> Self {
        depth.check();
        Self { depth, plane: PlaneGeometry::dense([rows, columns], inputs, outputs) }
    }

    /// That of the images.
    fn images(&self) -> PlaneGeometry {
        let PlaneGeometry { rows, columns, inputs, outputs, .. } = self.plane;
        PlaneGeometry::dense([rows, columns], product(&[self.depth.size, inputs]), outputs)
    }

    /// Planes of the result, of all samples, that are worked on together at most.
    fn group(&self, n: usize) -> usize {
        let planes = product(&[n, self.depth.output]);
        planes.min((GROUP_FLOATS / self.images().image.image.max(1)).max(1))
    }

    /// Floats of the images of so many.
    fn floats(&self, n: usize) -> usize {
        product(&[self.group(n), self.images().image.image])
    }

    /// Calls `work` for groups of the result's planes.
    fn for_each_group(&self, n: usize, mut work: impl FnMut(Range<usize>)) {
        let (planes, group) = (n * self.depth.output, self.group(n));
        (0..planes).step_by(group.max(1)).for_each(|first| work(first..planes.min(first + group)));
    }

    /// The plane of the input, among those of all samples, that a tap meets from one of the result.
    fn source(&self, plane: usize, tap: usize) -> Option<usize> {
        let Axis { input, output, .. } = self.depth;
        Some(plane / output * input + self.depth.position(plane % output, tap)?)
    }

    /// Makes the images of some planes.
    fn gather(&self, x: &[f32], planes: Range<usize>, images: &mut [f32]) {
        let PlaneGeometry { rows, image, inputs, .. } = self.plane;
        let taps = self.depth.size;
        parallel::for_each_rows(images, image.line * taps, |first, lines| {
            for (index, line) in lines.chunks_exact_mut(image.line * taps).enumerate() {
                let [plane, row] = [planes.start + (first + index) / rows.input, (first + index) % rows.input];
                for tap in 0..taps {
                    let pixels = line[tap * inputs..].chunks_mut(taps * inputs).map(|pixel| &mut pixel[..inputs]);
                    match self.source(plane, tap) {
                        None => pixels.for_each(|pixel| pixel.fill(0.0)),
                        Some(source) => {
                            let from = x[image.at(source, row, 0)..][..image.line].chunks_exact(inputs);
                            pixels.zip(from).for_each(|(pixel, from)| put(Write::Set, pixel, from.iter().copied()));
                        }
                    }
                }
            }
        });
    }

    /// Adds what the images of some planes have to the planes that they are made of.
    fn scatter(&self, images: &[f32], planes: Range<usize>, dx: &mut [f32]) {
        let PlaneGeometry { rows, image, inputs, .. } = self.plane;
        let Axis { input, output, size: taps, .. } = self.depth;
        let samples = planes.start / output..planes.end.div_ceil(output);
        let dx = &mut dx[samples.start * input * image.image..samples.end * input * image.image];
        parallel::for_each_rows(dx, image.line, |first, lines| {
            for (index, line) in lines.chunks_exact_mut(image.line).enumerate() {
                let [plane, row] = [(first + index) / rows.input, (first + index) % rows.input];
                let (sample, position) = (samples.start + plane / input, plane % input);
                for tap in 0..taps {
                    let met = self.depth.outputs(tap, position..position + 1).map(|plane| sample * output + plane);
                    for plane in met.filter(|plane| planes.contains(plane)) {
                        let from = &images[((plane - planes.start) * rows.input + row) * image.line * taps..];
                        let from = from[..image.line * taps].chunks_exact(taps * inputs);
                        for (pixel, from) in line.chunks_exact_mut(inputs).zip(from) {
                            put(Write::Add, pixel, from[tap * inputs..][..inputs].iter().copied());
                        }
                    }
                }
            }
        });
    }

    /// Weights of a place of the window in a plane, for one plane of its depth.
    fn weights(&self) -> usize {
        product(&[self.plane.inputs, self.plane.outputs])
    }

    /// Where such weights begin, in a kernel and in that of the images.
    fn places(self) -> impl Iterator<Item = [usize; 2]> {
        let (depth, len) = (self.depth.size, self.weights());
        let plane = product(&[self.plane.rows.size, self.plane.columns.size]);
        (0..depth).flat_map(move |tap| {
            (0..plane).map(move |place| [(tap * plane + place) * len, (place * depth + tap) * len])
        })
    }

    /// The weights in the order of the images.
    fn arrange(&self, kernel: &[f32], own: &mut [f32]) {
        let len = self.weights();
        for [from, to] in self.places() {
            own[to..to + len].copy_from_slice(&kernel[from..from + len]);
        }
    }
}

/// `y = epilogue(x * kernel)`, or `y += x * kernel` without an epilogue.
pub(crate) fn forward(
    geometry: &Geometry,
    n: usize,
    x: &[f32],
    kernel: &Param,
    (y, write, epilogue): (&mut [f32], Write, Epilogue<'_>),
    scratch: &mut Scratch,
) {
    let (number, images, result) = (scratch.packs.current(), geometry.images(), geometry.plane.result.image);
    let mut memory = std::mem::take(&mut scratch.volumes);
    let (own, room) = memory.take(kernel.values().len() + geometry.floats(n)).split_at_mut(kernel.values().len());
    geometry.arrange(kernel.values(), own);
    geometry.for_each_group(n, |planes| {
        let room = &mut room[..planes.len() * images.image.image];
        geometry.gather(x, planes.clone(), room);
        scratch.packs.compute_with(number);
        let y = (&mut y[planes.start * result..planes.end * result]).into();
        conv2d::convolve(
            &images,
            planes.len(),
            room,
            Portion::new(kernel, 0, own),
            (y, write.into(), epilogue),
            scratch,
        );
    });
    scratch.volumes = memory;
}

/// `dx = epilogue(dy * kernel)`, transposed, or `dx += dy * kernel` without an epilogue.
pub(crate) fn transposed(
    geometry: &Geometry,
    n: usize,
    dy: &[f32],
    kernel: &Param,
    (dx, write, epilogue): (&mut [f32], Write, Epilogue<'_>),
    scratch: &mut Scratch,
) {
    let (number, images, result) = (scratch.packs.current(), geometry.images(), geometry.plane.result.image);
    if write == Write::Set {
        dx.fill(0.0);
    }
    let mut memory = std::mem::take(&mut scratch.volumes);
    let (own, room) = memory.take(kernel.values().len() + geometry.floats(n)).split_at_mut(kernel.values().len());
    geometry.arrange(kernel.values(), own);
    geometry.for_each_group(n, |planes| {
        let room = &mut room[..planes.len() * images.image.image];
        scratch.packs.compute_with(number);
        let (dy, kernel) = (&dy[planes.start * result..planes.end * result], Portion::new(kernel, 0, own));
        let to = (&mut *room, Store::Set, Epilogue::NONE);
        conv2d::convolve_transposed(&images, planes.len(), kernel, dy.into(), to, scratch);
        geometry.scatter(room, planes, dx);
    });
    scratch.volumes = memory;
    if !epilogue.is_nothing() {
        parallel::for_each_rows(dx, geometry.plane.inputs, |_, rows| epilogue.apply_rows(rows));
    }
}

/// `gradient = patches(x)ᵀ · dy`.
pub(crate) fn backward_weights(
    geometry: &Geometry,
    n: usize,
    x: &[f32],
    dy: &[f32],
    (gradient, write): (&mut [f32], Write),
    scratch: &mut Scratch,
) {
    let (images, result) = (geometry.images(), geometry.plane.result.image);
    let mut memory = std::mem::take(&mut scratch.volumes);
    let (own, room) = memory.take(gradient.len() + geometry.floats(n)).split_at_mut(gradient.len());
    own.fill(0.0);
    geometry.for_each_group(n, |planes| {
        let room = &mut room[..planes.len() * images.image.image];
        geometry.gather(x, planes.clone(), room);
        let dy = &dy[planes.start * result..planes.end * result];
        let to = (&mut *own, Write::Add);
        conv2d_weights::backward_weights(&images, planes.len(), room, dy.into(), to, None, scratch);
    });
    for [to, from] in geometry.places() {
        let len = geometry.weights();
        put(write, &mut gradient[to..to + len], own[from..from + len].iter().copied());
    }
    scratch.volumes = memory;
}
