//! A metric of the user's own, without its type: generated code names it in one place only.

use super::{Metric, update};
use crate::tensor::element::Element;

/// A metric whose targets are made of `T`, with its state.
#[doc(hidden)]
pub struct Own<T>(Box<dyn Running<T>>);

impl<T: Element> Own<T> {
    /// No samples so far; `metric` makes the metric wherever it is asked.
    pub fn new<M: Metric<Target = T> + 'static>(metric: fn() -> M) -> Self {
        Self(Box::new(WithState { metric, state: M::State::default() }))
    }

    /// The metric's name in a history.
    pub fn name(&self) -> &'static str {
        self.0.name()
    }

    /// Adds a batch of samples; `dims` is the output's shape.
    pub fn update(&mut self, dims: &[usize], output: &[f32], targets: &[T]) {
        self.0.update(dims, output, targets);
    }

    /// The value over all samples so far.
    pub fn result(&self) -> f32 {
        self.0.result()
    }

    /// Forgets all samples.
    pub fn reset(&mut self) {
        self.0.reset();
    }
}

impl<T: Element> Clone for Own<T> {
    fn clone(&self) -> Self {
        Self(self.0.boxed())
    }
}

trait Running<T>: Send {
    fn name(&self) -> &'static str;
    fn update(&mut self, dims: &[usize], output: &[f32], targets: &[T]);
    fn result(&self) -> f32;
    fn reset(&mut self);
    fn boxed(&self) -> Box<dyn Running<T>>;
}

struct WithState<M: Metric> {
    metric: fn() -> M,
    state: M::State,
}

impl<M: Metric + 'static> Running<M::Target> for WithState<M> {
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn update(&mut self, dims: &[usize], output: &[f32], targets: &[M::Target]) {
        update(&(self.metric)(), &mut self.state, dims, output, targets);
    }

    fn result(&self) -> f32 {
        (self.metric)().result(&self.state)
    }

    fn reset(&mut self) {
        (self.metric)().reset(&mut self.state);
    }

    fn boxed(&self) -> Box<dyn Running<M::Target>> {
        Box::new(Self { metric: self.metric, state: self.state.clone() })
    }
}
