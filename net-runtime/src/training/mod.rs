//! Training a network on data.

/// An output that has a loss or a metric.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// The output's name.
    pub name: &'static str,
    /// Whether it has a loss; with metrics alone it has not.
    pub has_loss: bool,
}

/// Takes the index of a head, the name of a metric, and its value.
pub type MetricVisitor<'v> = &'v mut dyn FnMut(usize, &'static str, f32);
