//! What every theme needs: batches and weights from recipes, gradients by name, and the list of cases.

use std::collections::BTreeSet;

use net_runtime::{Batch, Element, Gradients, Network, Shape};

use super::answers::{Answers, Node};
use super::compare::Tolerance;

/// An element that a recipe can make.
pub trait Given: Element {
    /// The elements that a recipe says.
    fn made(recipe: &Node) -> Vec<Self>;
}

impl Given for f32 {
    fn made(recipe: &Node) -> Vec<f32> {
        recipe.tensor()
    }
}

impl Given for u32 {
    fn made(recipe: &Node) -> Vec<u32> {
        recipe.class_numbers()
    }
}

/// The batch of a recipe, whose shape has the batch axis first.
#[track_caller]
pub fn batch<S: Shape, T: Given>(recipe: &Node) -> Batch<S, T> {
    assert_eq!(recipe.shape()[1..], *S::DIMS, "{}", recipe.path());
    Batch::from_vec(T::made(recipe)).unwrap_or_else(|error| panic!("{}: {error}", recipe.path()))
}

/// The batch of a recipe, with the weights of its samples if there are any.
#[track_caller]
pub fn weighted<S: Shape, T: Given>(recipe: &Node, weights: Option<Node>) -> Batch<S, T> {
    let targets = batch(recipe);
    match weights {
        None => targets,
        Some(weights) => {
            targets.with_weights(weights.tensor()).unwrap_or_else(|error| panic!("{}: {error}", weights.path()))
        }
    }
}

/// `layer.kernel` as it is.
pub fn whole(name: &str) -> &str {
    name
}

/// `kernel` of `layer.kernel`.
pub fn kind(name: &str) -> &str {
    name.rsplit('.').next().expect("a split text has a last part")
}

/// Gives every weight what the recipe of its name makes.
#[track_caller]
pub fn set_weights<'a, N: Network>(net: &mut N, recipe: impl Fn(&str) -> Node<'a>) {
    net.visit_mut(&mut |name, param| {
        let recipe = recipe(&name.to_string());
        assert_eq!(param.dims(), recipe.shape(), "{}", recipe.path());
        param.values_mut().copy_from_slice(&recipe.tensor());
    });
}

/// Gradients that show where a backward pass that should overwrite reads or leaves something.
pub fn poisoned<G: Gradients>() -> G {
    let mut gradients = G::zeros();
    gradients.visit_mut(&mut |_, gradient| gradient.values_mut().fill(f32::NAN));
    gradients
}

/// Compares every gradient with the answer of its name; a statistic has none, nor has what is frozen.
#[track_caller]
pub fn check_gradients<'a, G: Gradients>(gradients: &G, answer: impl Fn(&str) -> Node<'a>, tolerance: Tolerance) {
    gradients.visit(&mut |name, gradient| {
        if !gradient.is_statistic() && !gradient.values().is_empty() {
            answer(&name.to_string()).check(gradient.values(), tolerance);
        }
    });
}

/// How many weights a network has.
pub fn weight_count<N: Network>(net: &N) -> usize {
    let mut count = 0;
    net.visit(&mut |_, _| count += 1);
    count
}

/// How many of them are trained.
pub fn trained_count<N: Network>(net: &N) -> usize {
    let mut count = 0;
    net.visit(&mut |_, param| count += usize::from(param.is_trained()));
    count
}

/// Fails unless these are all the cases of the theme: a case of Keras's that nobody compares proves nothing.
#[track_caller]
pub fn assert_all_compared(theme: &str, compared: &[&str]) {
    let answers = Answers::read(theme);
    let cases = answers.root().at("cases").fields();
    let cases: BTreeSet<&str> = cases.into_iter().map(|(name, _)| name).collect();
    let compared: BTreeSet<&str> = compared.iter().copied().collect();
    let missing: Vec<_> = cases.difference(&compared).collect();
    let unknown: Vec<_> = compared.difference(&cases).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "{theme}: not compared {missing:?}, no such cases {unknown:?}");
}

/// Fast convolutions round more than those that are compared with Keras, but not much more.
#[track_caller]
pub fn check_fast(name: &str, fast: &[f32], exact: &[f32]) {
    let largest = exact.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let error = fast.iter().zip(exact).fold(0.0_f32, |error, (fast, exact)| error.max((fast - exact).abs()));
    assert!(error <= 2e-5 * largest, "`{name}` is off by {error}, at a largest value of {largest}");
}
