//! Networks inside of networks of another `network!` block, which knows of them what was announced: tensors go in and out
//! as slices, and each use keeps a workspace of its own in that of the network around it.

use super::announced::Signature;
use super::shares::Others;
use super::traits::{Inputs, Network, Workspace};
use crate::error::Error;
use crate::memory::arena::{Arena, GradientSlot, Mode, RandomKey, Slot};
use crate::tensor::batch::View;
use crate::tensor::shape::Shape;

/// Samples of any shape, at the border of an inner network.
#[derive(Clone, Copy, Debug)]
pub enum Tensor<'a> {
    /// Numbers.
    F32(&'a [f32]),
    /// Classes or indices.
    U32(&'a [u32]),
}

impl<'a> Tensor<'a> {
    /// The tensor of this index as samples of numbers.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if there is none, or it is no whole number of such samples.
    pub fn f32<S: Shape>(tensors: &[Self], index: usize) -> Result<View<'a, S>, Error> {
        match tensors.get(index) {
            Some(Self::F32(values)) => View::from_slice(values),
            Some(Self::U32(_)) | None => Err(no_tensor(index, "f32")),
        }
    }

    /// The tensor of this index as samples of classes or indices.
    ///
    /// # Errors
    ///
    /// As for [`f32`](Self::f32).
    pub fn u32<S: Shape>(tensors: &[Self], index: usize) -> Result<View<'a, S, u32>, Error> {
        match tensors.get(index) {
            Some(Self::U32(values)) => View::from_slice(values),
            Some(Self::F32(_)) | None => Err(no_tensor(index, "u32")),
        }
    }
}

fn no_tensor(index: usize, element: &str) -> Error {
    Error::Shape {
        what: format!("input {} of the inner network", index + 1),
        expected: format!("`{element}` samples"),
        found: "none".into(),
    }
}

/// Where an inner network has an output, and its gradient, if anything wants that.
#[derive(Clone, Copy, Debug)]
pub struct OutputSlots {
    /// Its place in training.
    pub training: Slot,
    /// Its place in inference.
    pub inference: Slot,
    /// The place of its gradient.
    pub gradient: Option<GradientSlot>,
}

/// What a generated network is for one of another `network!` block around it, and for the runtime.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no network: it was not declared with `network!`",
    label = "no network"
)]
pub trait InnerNetwork: Network {
    /// Its inputs and outputs, against which an announcement is checked.
    const SIGNATURE: Signature;
    /// Where its outputs are.
    const OUTPUTS: &'static [OutputSlots];
    /// Where in inference the tensors are that are read after a pass: outputs, and what losses are computed from.
    const KEPT: &'static [Slot];
    /// Where the gradients of its inputs are; `None` for classes and indices.
    const INPUT_GRADIENTS: &'static [Option<GradientSlot>];

    /// Its inputs, from one tensor for each.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if they are no such samples.
    fn inputs<'a>(tensors: &[Tensor<'a>]) -> Result<Self::Inputs<'a>, Error>;

    /// Floats of a sample's tensors.
    fn floats(mode: Mode) -> usize;

    /// The memory of a workspace.
    fn arena(workspace: &mut Self::Workspace) -> &mut Arena;

    /// The workspaces of the [shares](crate::shares) of a batch but the first, which are kept in that of the whole.
    fn others(workspace: &mut Self::Workspace) -> &mut Others<Self::Workspace>;

    /// The steps of a forward pass, after its beginning.
    ///
    /// # Errors
    ///
    /// What a network inside of this one has to say.
    fn forward_steps(
        &self,
        inputs: &Self::Inputs<'_>,
        mode: Mode,
        workspace: &mut Self::Workspace,
    ) -> Result<(), Error>;

    /// The steps of a backward pass, after its beginning: they add to gradients.
    ///
    /// # Errors
    ///
    /// What a network inside of this one has to say.
    fn backward_steps(
        &self,
        inputs: Self::Inputs<'_>,
        workspace: &mut Self::Workspace,
        gradients: Option<&mut Self::Gradients>,
        by_inputs: bool,
    ) -> Result<(), Error>;
}

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
        workspace.set_random(random.of_inner_network(self.layer));
        net.forward(N::inputs(inputs)?, mode, workspace)?;
        let arena = N::arena(workspace);
        for (slots, output) in N::OUTPUTS.iter().zip(outputs) {
            let slot = match mode {
                Mode::Training => slots.training,
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
        arena.begin_backward(inputs.samples()?)?;
        for (slots, values) in N::OUTPUTS.iter().zip(upstream) {
            if let (Some(gradient), Some(values)) = (slots.gradient, values) {
                check_len("the gradient of an inner network's output", arena.tensor(gradient.slot), values)?;
                arena.receive(gradient, values);
            }
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
