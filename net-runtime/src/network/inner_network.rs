//! What a generated network is for the runtime, and for one of another `network!` block around it.

use super::signature::Signature;
use super::traits::Network;
use crate::error::Error;
use crate::memory::arena::{Arena, GradientSlot, Groups, Slot};
use crate::memory::mode::Mode;
use crate::tensor::any::Tensor;

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

    /// Whether its activities, or those of networks inside of it, add something to the loss.
    const ACTIVITIES: bool = false;
    /// Whether those of announced networks inside of it do, which are then computed on a batch as a whole.
    const ACTIVITIES_INSIDE: bool = false;

    /// Its inputs, from one tensor for each.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if they are no such samples.
    fn inputs<'a>(tensors: &[Tensor<'a>]) -> Result<Self::Inputs<'a>, Error>;

    /// Floats of a sample's tensors.
    fn floats(mode: Mode) -> usize;

    /// Which steps of a pass are computed in groups of samples.
    fn groups(_mode: Mode) -> Groups {
        Groups::NONE
    }

    /// The memory of a workspace.
    fn arena(workspace: &mut Self::Workspace) -> &mut Arena;

    /// The workspaces of the [shares](crate::shares) of a batch but the first, which are kept in that of the whole.
    fn others(workspace: &mut Self::Workspace) -> &mut Others<Self::Workspace>;

    /// What activities of the forward pass that the workspace holds add to the loss of `n` samples.
    ///
    /// # Errors
    ///
    /// If there was no forward pass.
    fn activity(_workspace: &Self::Workspace, _n: usize) -> Result<f32, Error> {
        Ok(0.0)
    }

    /// Begins the gradients by these activities, in a backward pass whose steps are not done yet.
    fn begin_activity_gradients(_workspace: &mut Self::Workspace, _n: usize, _by_inputs: bool) {}

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

    /// Puts beside the gradients what the statistics of its layers become by the batch of the forward pass that the workspace holds: once
    /// for each forward pass that is trained, before the backward pass of any network around it. Uses of one network move them in the order
    /// of their forward passes, whether or not a gradient comes to them.
    fn move_statistics(&self, _workspace: &mut Self::Workspace, _gradients: &mut Self::Gradients) {}

    /// The steps of a backward pass, after its beginning: they add to gradients. Statistics [have moved](Self::move_statistics).
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

/// A workspace for each share but the first, for the workspace of a whole network.
pub struct Others<W>(pub(crate) Vec<W>);

impl<W> Default for Others<W> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<W> std::fmt::Debug for Others<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} others", self.0.len())
    }
}
