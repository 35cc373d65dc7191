//! Networks that are declared with `frozen = true`, as parts of others.

use super::traits::{Gradients, Network};
use crate::parameters::gradient::Gradient;
use crate::tensor::param::Param;

/// A network that is declared with `frozen = true`, as a part of another.
pub fn network<N: Network>(mut net: N) -> N {
    net.visit_mut(&mut |_, param| *param = std::mem::replace(param, Param::zeros(&[0])).into_frozen());
    net
}

/// Whether anything in a network is trained.
pub fn is_trained<N: Network>(net: &N) -> bool {
    let mut trained = false;
    net.visit(&mut |_, param| trained |= param.is_trained());
    trained
}

/// The step of the first of these parameters that is trained.
pub fn first_trained(params: &[&Param], steps: &[usize]) -> Option<usize> {
    params.iter().zip(steps).find_map(|(param, &step)| param.is_trained().then_some(step))
}

/// Its gradients: there are none.
pub fn gradients<G: Gradients>() -> G {
    let mut gradients = G::zeros();
    gradients.visit_mut(&mut |_, gradient| *gradient = Gradient::none());
    gradients
}
