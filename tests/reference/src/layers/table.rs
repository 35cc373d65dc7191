//! Every layer that random programs draw: how often, and what makes it. A new one is a line in the table of what it takes.

use std::rc::Rc;

use super::*;
use crate::draw::Random;
use crate::graph::Element;
use crate::tensor::{Dims, elements};

/// Makes a random layer for operands of these shapes, if it can take such.
type Draw = fn(&mut Random, &[Dims]) -> Option<Rc<dyn Layer>>;

/// Layers that take one tensor.
pub(super) const OF_ONE: &[(usize, Draw)] = &[
    (14, activation::draw),
    (1, activity_regularization::draw),
    (3, attention::draw),
    (10, conv2d::draw),
    (8, convolution::draw),
    (3, convolution::draw_separable),
    (6, dense::draw),
    (6, pool2d::draw),
    (2, positions::draw),
    (3, batch_norm::draw),
    (2, dropout::draw),
    (1, choosing::draw),
    (3, each_step::draw),
    (2, einsum_dense::draw),
    (2, noise::draw),
    (2, normalization::draw),
    (2, prelu::draw),
    (2, global_pool2d::draw),
    (6, recurrent::draw),
    (2, bidirectional::draw),
    (2, conv_lstm::draw),
    (2, largest::pool),
    (2, linear::average),
    (2, linear::border),
    (4, multi_head_attention::draw),
    (4, linear::moves),
    (1, linear::resize),
    (1, linear::reduction),
    (1, largest::reduction),
    (1, rescaling::draw),
    (3, shaping::draw),
    (4, row_norm::draw),
    (2, softmax::draw),
    (2, split::draw),
];

/// Layers that take several tensors, as they come.
pub(super) const OF_SEVERAL: &[(usize, Draw)] = &[(3, concat::draw), (1, concat::draw_stack), (6, merge::draw)];

/// Makes a random layer for a first operand of this shape, if it can take such, and says what else it is to be given.
type DrawWithMore = fn(&mut Random, &Dims) -> Option<(Rc<dyn Layer>, Vec<Wanted>)>;

/// What a layer is to be given. Where there is no such value, one is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The shape of a sample.
    pub dims: Dims,
    /// What its samples are made of.
    pub element: Element,
}

impl Wanted {
    /// Numbers.
    pub fn numbers(dims: Dims) -> Self {
        Self { dims, element: Element::F32 }
    }

    /// Zeros and ones.
    pub fn mask(dims: Dims) -> Self {
        Self { dims, element: Element::Mask }
    }
}

/// Layers that take more tensors, whose shapes follow from that of the first and from their arguments: states, masks, keys and values.
pub(super) const OF_ONE_AND_MORE: &[(usize, DrawWithMore)] = &[
    (2, attention::draw_with_more),
    (1, masked_mean::draw_with_more),
    (2, multi_head_attention::draw_with_more),
    (1, products::draw_with_more),
    (1, products::draw_distance),
    (1, recurrent::draw_with_more),
    (1, bidirectional::draw_with_more),
    (1, conv_lstm::draw_with_more),
];

/// Makes a random layer for whole numbers of this shape below `end`.
type DrawOfWhole = fn(&mut Random, &Dims, usize) -> Option<Rc<dyn Layer>>;

/// Layers that take whole numbers, which are inputs of a network.
pub(super) const OF_WHOLE: &[(usize, DrawOfWhole)] = &[(2, embedding::draw), (1, category_encoding::draw)];

/// A random layer for such operands.
pub fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let table = if operands.len() == 1 { OF_ONE } else { OF_SEVERAL };
    choose(random, table, |random, draw| draw(random, operands).filter(|layer| fits(&**layer, operands)))
}

/// A random layer for this operand and others, and what these are.
pub fn draw_with_more(random: &mut Random, first: &Dims) -> Option<(Rc<dyn Layer>, Vec<Wanted>)> {
    choose(random, OF_ONE_AND_MORE, |random, draw| {
        draw(random, first).filter(|(layer, more)| fits(&**layer, &operands(first, more)))
    })
}

/// A random layer for whole numbers.
pub fn draw_of_whole(random: &mut Random, dims: &Dims, end: usize) -> Option<Rc<dyn Layer>> {
    choose(random, OF_WHOLE, |random, draw| {
        draw(random, dims, end).filter(|layer| fits(&**layer, std::slice::from_ref(dims)))
    })
}

/// A random function of one element.
pub fn activation(random: &mut Random) -> Option<Rc<dyn Layer>> {
    activation::draw(random, &[])
}

/// The shapes of all operands.
pub(super) fn operands(first: &Dims, more: &[Wanted]) -> Vec<Dims> {
    std::iter::once(first).chain(more.iter().map(|wanted| &wanted.dims)).cloned().collect()
}

/// What one of a table's lines makes, chosen by their weights among those that make something.
fn choose<T: Copy, R>(
    random: &mut Random,
    table: &[(usize, T)],
    mut make: impl FnMut(&mut Random, T) -> Option<R>,
) -> Option<R> {
    let mut left = table.to_vec();
    while !left.is_empty() {
        let mut at = random.below(left.iter().map(|(weight, _)| weight).sum());
        let chosen = left.iter().position(|(weight, _)| {
            let here = at < *weight;
            at = at.saturating_sub(*weight);
            here
        });
        let (_, draw) = left.remove(chosen.expect("it is below the sum"));
        if let Some(made) = make(random, draw) {
            return Some(made);
        }
    }
    None
}

/// Whether a layer takes these operands, and its results and weights are small enough for naive loops.
fn fits(layer: &dyn Layer, operands: &[Dims]) -> bool {
    let is_small = |dims: &Dims| dims.len() <= 4 && elements(dims) <= 4000;
    layer.results(operands).is_some_and(|results| results.iter().all(is_small))
}
