//! Networks inside of networks of another `network!` block, which knows of them what was announced: tensors go in and out
//! as slices, and each use keeps a workspace of its own in that of the network around it.
//!
//! Results and gradients are copied at this border. Losses of an announced head are computed from its probabilities, and where an input
//! has several readers its gradient is summed in another order than in a network that is opened; all else is the same to the bit. What
//! only gradients by inputs need is always kept.

pub use super::inner_network::{InnerNetwork, OutputSlots};
use super::traits::{Inputs, Workspace};
use crate::error::Error;
use crate::memory::mode::Mode;
use crate::memory::random::RandomKey;
pub use crate::tensor::any::Tensor;

/// One use of a network of another block.
#[derive(Clone, Copy, Debug)]
pub struct Inner {
    /// Which random layer of the network around it it counts as: each use draws from a seed of its own.
    pub layer: u64,
}

impl Inner {
    /// Computes the outputs; they also stay in the workspace, as in a forward pass of the inner network alone.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if an input or output has not the inner network's shape; [`Error::Invalid`] if so many samples
    /// are more than memory can hold.
    pub fn forward<N: InnerNetwork>(
        &self,
        net: &N,
        inputs: &[Tensor<'_>],
        outputs: &mut [&mut [f32]],
        mode: Mode,
        random: RandomKey,
        workspace: &mut N::Workspace,
    ) -> Result<(), Error> {
        // What is inside may be asked for gradients by its inputs, whatever is frozen around it.
        let mode = if mode.trains() { Mode::Training } else { mode };
        workspace.set_random(random.of_inner_network(self.layer));
        net.forward(N::inputs(inputs)?, mode, workspace)?;
        let arena = N::arena(workspace);
        for (slots, output) in N::OUTPUTS.iter().zip(outputs) {
            let slot = match mode {
                Mode::Training | Mode::TrainingWeights => slots.training,
                Mode::Inference => slots.inference,
            };
            let values = arena.tensor(slot);
            check_len("an output of an inner network", values, output)?;
            output.copy_from_slice(values);
        }
        Ok(())
    }

    /// The backward pass for gradients by the outputs, where `None` is zero. Gradients by the weights are added to
    /// `gradients`; those by the inputs stay in the workspace, if anybody wants them.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] if the workspace holds no forward pass in training mode; [`Error::Shape`] as for
    /// [`forward`](Self::forward).
    pub fn backward<N: InnerNetwork>(
        &self,
        net: &N,
        inputs: &[Tensor<'_>],
        upstream: &[Option<&[f32]>],
        gradients: Option<&mut N::Gradients>,
        by_inputs: bool,
        workspace: &mut N::Workspace,
    ) -> Result<(), Error> {
        if gradients.is_none() && !by_inputs {
            return Ok(());
        }
        let inputs = N::inputs(inputs)?;
        let arena = N::arena(workspace);
        arena.begin_backward(inputs.samples()?, by_inputs)?;
        for (slots, values) in N::OUTPUTS.iter().zip(upstream) {
            if let (Some(gradient), Some(values)) = (slots.gradient, values) {
                check_len("the gradient of an inner network's output", arena.tensor(gradient.slot), values)?;
                arena.receive(gradient, values);
            }
        }
        if let Some(n) = arena.take_activity() {
            N::begin_activity_gradients(workspace, n, by_inputs);
        }
        net.backward_steps(inputs, workspace, gradients, by_inputs)
    }

    /// The gradient by an input after a backward pass; `None` if it is zero.
    pub fn input_gradient<'w, N: InnerNetwork>(
        &self,
        _: &N,
        input: usize,
        workspace: &'w mut N::Workspace,
    ) -> Option<&'w [f32]> {
        let gradient = N::INPUT_GRADIENTS.get(input).copied().flatten()?;
        N::arena(workspace).gradient(gradient)
    }
}

fn check_len(what: &str, expected: &[f32], found: &[f32]) -> Result<(), Error> {
    if expected.len() == found.len() {
        return Ok(());
    }
    Err(Error::Shape {
        what: what.into(),
        expected: format!("{} elements", expected.len()),
        found: found.len().to_string(),
    })
}
