//! The memory that one caller of a network works in.

#[cfg(test)]
mod tests;

use std::ops::Range;

use super::mode::{Arithmetic, Mode};
use super::random::RandomKey;
use super::scratch::Scratch;
use crate::error::Error;
use crate::tensor::aligned::{AlignedBuffer, LINE};
use crate::tensor::batch::View;
use crate::tensor::param::Write;
use crate::tensor::shape::Shape;

/// The place of a tensor in an [`Arena`], in floats per sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Where it starts, a multiple of 16.
    pub offset: usize,
    /// Its length.
    pub len: usize,
}

/// The place of the gradient of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GradientSlot {
    /// Where its values are.
    pub slot: Slot,
    /// Which flag says whether something was written there in this backward pass.
    pub index: usize,
}

/// How some steps of a pass are computed: for a group of samples after the other, with tensors that are there for one group alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Groups {
    /// Runs of neighbouring steps, in order.
    pub runs: &'static [GroupedRun],
    /// From which place on a tensor is there for a group alone: behind all others.
    pub from: usize,
}

/// Neighbouring steps that are computed in groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupedRun {
    /// Samples of a group; fewer where all groups can be of one size.
    pub samples: usize,
    /// Floats of a sample that are there for a group alone.
    pub floats: usize,
}

impl Groups {
    /// All steps are computed for all samples.
    pub const NONE: Self = Self { runs: &[], from: usize::MAX };
}

impl GroupedRun {
    /// Samples of a group of so many: as few groups as there have to be, and these alike.
    fn size(self, samples: usize) -> usize {
        samples.div_ceil(samples.div_ceil(self.samples.max(1)).max(1))
    }

    /// Floats that the groups of so many samples, or of fewer, take at most, if there can be so many.
    fn room(self, samples: usize) -> Option<usize> {
        samples.min(self.samples.max(1)).checked_mul(self.floats)
    }
}

/// Where a pass is in its groups.
#[derive(Clone, Copy, Debug)]
struct Course {
    /// The groups of the run that is computed, and of those behind it.
    groups: Groups,
    /// Samples of a group.
    size: usize,
    /// The first sample of the group that is computed, 0 before and after all.
    first: usize,
    /// The first sample of the next one.
    next: usize,
    /// Samples of all.
    all: usize,
}

impl Course {
    /// Before the first group.
    fn of(groups: Groups) -> Self {
        Self { groups, size: 0, first: 0, next: 0, all: 0 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing yet, or a forward pass that did not come to its end.
    Empty,
    Inferred,
    /// By a forward pass in a mode of training.
    Trained(Mode),
    Consumed(Mode),
}

/// One block of memory for all tensors of a network; the compiler has decided where each of them lies.
///
/// All offsets are per sample: in a batch of n samples every tensor is n times as long and starts n times as far in, so
/// that a small batch uses a small part at the beginning.
pub struct Arena {
    memory: AlignedBuffer,
    samples: usize,
    /// Samples that the places are laid out for: those of the pass, or more while a part of it is computed here.
    laid_out: usize,
    course: Course,
    state: State,
    written: Box<[bool]>,
    /// Of the pass under way.
    random: RandomKey,
    /// Of the training pass before the next one.
    next_random: RandomKey,
    /// Of how many samples the loss is in which activities have terms, if the backward pass begins with their gradients.
    activity_of: Option<usize>,
    scratch: Scratch,
}

/// Makes room for so many samples of so many floats, and for their groups.
fn grow(
    memory: &mut AlignedBuffer,
    samples: usize,
    floats_per_sample: usize,
    runs: &[GroupedRun],
) -> Result<(), Error> {
    let mut room = || {
        let whole = samples.checked_mul(floats_per_sample)?;
        let groups = runs.iter().try_fold(0, |most: usize, run| Some(most.max(run.room(samples)?)))?;
        memory.grow(whole.checked_add(groups)?).ok()
    };
    room().ok_or_else(|| {
        let bytes = (samples as u128 * floats_per_sample as u128).saturating_mul(size_of::<f32>() as u128);
        Error::Invalid(format!(
            "{samples} samples of {floats_per_sample} floats each, {bytes} bytes, are more than memory can hold"
        ))
    })
}

impl Arena {
    /// Memory for `capacity` samples of `floats_per_sample` floats and for their groups, and flags for `gradients` gradient slots.
    ///
    /// # Panics
    ///
    /// If memory cannot hold them; the message has the number of bytes.
    #[track_caller]
    pub fn new(capacity: usize, floats_per_sample: usize, groups: Groups, gradients: usize) -> Self {
        let mut memory = AlignedBuffer::default();
        grow(&mut memory, capacity, floats_per_sample, groups.runs).unwrap_or_else(|error| panic!("{error}"));
        Self {
            memory,
            samples: 0,
            laid_out: 0,
            course: Course::of(Groups::NONE),
            state: State::Empty,
            written: vec![false; gradients].into(),
            random: RandomKey::default(),
            next_random: RandomKey::default(),
            activity_of: None,
            scratch: Scratch::default(),
        }
    }

    /// Number of samples of the pass under way.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Sets what dropout and noise draw from in the next training pass. Every training pass advances the step by one.
    pub fn set_random(&mut self, key: RandomKey) {
        self.next_random = key;
    }

    /// Sets how carefully convolutions are computed from now on.
    pub fn set_arithmetic(&mut self, arithmetic: Arithmetic) {
        self.scratch.arithmetic = arithmetic;
    }

    /// How carefully convolutions are computed.
    pub(crate) fn arithmetic(&self) -> Arithmetic {
        self.scratch.arithmetic
    }

    /// What dropout and noise of the pass under way draw from.
    pub fn random(&self) -> RandomKey {
        self.random
    }

    /// Begins a forward pass over `samples` samples, which takes so many floats for each, and some of whose steps are computed in groups; grows
    /// the memory if it must. There are no outputs before its [end](Self::end_forward).
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if that is more than memory can hold; the workspace can be used on with fewer samples.
    pub fn begin_forward(
        &mut self,
        mode: Mode,
        samples: usize,
        floats_per_sample: usize,
        groups: Groups,
    ) -> Result<(), Error> {
        debug_assert!(floats_per_sample.is_multiple_of(LINE));
        // What was computed here is gone with the memory that has to grow, also if it cannot.
        (self.state, self.samples, self.laid_out, self.course) = (State::Empty, 0, 0, Course::of(Groups::NONE));
        self.activity_of = None;
        grow(&mut self.memory, samples, floats_per_sample, groups.runs)?;
        self.course = Course::of(groups);
        self.scratch.packs.set_training(mode.trains());
        if mode.trains() {
            self.next_random.step = self.next_random.step.wrapping_add(1);
            self.random = self.next_random;
        }
        (self.samples, self.laid_out) = (samples, samples);
        Ok(())
    }

    /// Lets the backward pass of the network that works here begin with the gradients of what activities add to the loss of `n` samples of
    /// the network around it.
    pub fn want_activity(&mut self, n: usize) {
        self.activity_of = Some(n);
    }

    /// Whether it begins with these.
    pub fn wants_activity(&self) -> bool {
        self.activity_of.is_some()
    }

    /// Of how many samples that loss is, once.
    pub(crate) fn take_activity(&mut self) -> Option<usize> {
        self.activity_of.take()
    }

    /// Goes on to the next group of samples of a run of steps, which is all of them where there are no groups: what is taken from now on
    /// belongs to these samples. `None` after the last one, when everything belongs to all samples again; then the next run begins.
    pub fn next_group(&mut self) -> Option<Range<usize>> {
        let Course { groups, size, first, next, all } = &mut self.course;
        if *next == 0 {
            *all = self.samples;
            *size = groups.runs.first().map_or(*all, |run| run.size(*all));
        } else if *next >= *all {
            self.samples = *all;
            (*first, *next) = (0, 0);
            groups.runs = groups.runs.get(1..).unwrap_or_default();
            return None;
        }
        *first = *next;
        // An empty batch is a group, too, behind which there is no other.
        *next = first.saturating_add(*size).min(*all).max(1);
        self.samples = (*next).min(*all) - *first;
        Some(*first..*first + self.samples)
    }

    /// From now on, so many of the pass's samples are computed here, the first ones, each where it would be otherwise.
    pub(crate) fn narrow(&mut self, samples: usize) {
        debug_assert!(samples <= self.laid_out);
        self.samples = samples;
    }

    /// All samples of the pass are here.
    pub(crate) fn widen(&mut self) {
        self.samples = self.laid_out;
    }

    /// Ends a forward pass: its outputs are there.
    pub fn end_forward(&mut self, mode: Mode) {
        self.state = match mode {
            Mode::Training | Mode::TrainingWeights => State::Trained(mode),
            Mode::Inference => State::Inferred,
        };
    }

    /// Checks that a forward pass in training mode over the same number of samples came before, and that no backward
    /// pass has used it up: gradients are written over activations that nobody reads any more. Gradients by inputs need all that
    /// [`Mode::Training`] keeps.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] if not.
    pub fn begin_backward(&mut self, samples: usize, by_inputs: bool) -> Result<(), Error> {
        let mode = match self.state {
            State::Trained(Mode::TrainingWeights) if by_inputs => {
                return Err(Error::Order(
                    "gradients by inputs need `Mode::Training` in the call of forward before: `Mode::TrainingWeights` keeps nothing for them",
                ));
            }
            State::Trained(mode) if samples == self.samples => mode,
            State::Trained(_) => {
                return Err(Error::Order("backward was given another number of samples than forward before it"));
            }
            State::Empty => {
                return Err(Error::Order("backward needs a call of forward with `Mode::Training` before it"));
            }
            State::Inferred => {
                return Err(Error::Order("backward needs `Mode::Training` in the call of forward before it"));
            }
            State::Consumed(_) => {
                return Err(Error::Order(
                    "this forward pass has been used up by a backward pass, which reuses the memory of the activations: \
                     call forward again",
                ));
            }
        };
        self.state = State::Consumed(mode);
        self.written.fill(false);
        Ok(())
    }

    /// What the forward pass that it holds was for.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] if there was none.
    pub fn mode(&self) -> Result<Mode, Error> {
        match self.state {
            State::Empty => Err(Error::Order("there are no outputs before the first call of forward")),
            State::Inferred => Ok(Mode::Inference),
            State::Trained(mode) | State::Consumed(mode) => Ok(mode),
        }
    }

    /// The mode of training of the pass that it holds, if it is one.
    pub fn mode_of_training(&self) -> Mode {
        match self.state {
            State::Trained(mode) | State::Consumed(mode) => mode,
            State::Empty | State::Inferred => Mode::Training,
        }
    }

    /// Checks that the forward pass that it holds was over so many samples.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] if not.
    pub fn check_samples(&self, samples: usize) -> Result<(), Error> {
        if samples == self.samples {
            return Ok(());
        }
        Err(Error::Order("the targets have another number of samples than the forward pass before"))
    }

    /// Checks that it still holds what losses are computed from: a backward pass may have written over the logits.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] if not.
    pub fn check_losses(&self) -> Result<(), Error> {
        match self.state {
            State::Consumed(_) => Err(Error::Order(
                "the losses come before backward, which reuses the memory of the activations: call forward again",
            )),
            State::Empty | State::Inferred | State::Trained(_) => Ok(()),
        }
    }

    fn range(&self, slot: Slot) -> Range<usize> {
        let Course { groups, size, first, .. } = self.course;
        let start = match slot.offset.checked_sub(groups.from) {
            None => slot.offset * self.laid_out + slot.len * first,
            Some(offset) => groups.from * self.laid_out + offset * size,
        };
        start..start + slot.len * self.samples
    }

    /// One tensor, for reading.
    pub fn tensor(&self, slot: Slot) -> &[f32] {
        &self.memory[self.range(slot)]
    }

    /// One tensor as samples of its shape.
    pub fn view<S: Shape>(&self, slot: Slot) -> View<'_, S> {
        View::from_slice(self.tensor(slot)).expect("a slot holds whole samples")
    }

    /// Several tensors at once.
    pub fn tensors<const N: usize>(&mut self, slots: [Slot; N]) -> [&mut [f32]; N] {
        self.tensors_and_scratch(slots).0
    }

    /// Several tensors at once, and the scratch memory.
    pub fn tensors_and_scratch<const N: usize>(&mut self, slots: [Slot; N]) -> ([&mut [f32]; N], &mut Scratch) {
        // A loop, which is less code in a program that is not optimised than `map` of an array.
        let mut ranges = [const { 0..0 }; N];
        for (range, slot) in ranges.iter_mut().zip(slots) {
            *range = self.range(slot);
        }
        let tensors = self
            .memory
            .get_disjoint_mut(ranges)
            .expect("the compiler gives tensors that are used together places of their own");
        (tensors, &mut self.scratch)
    }

    /// Several tensors at once, and what a [contribution](Self::write) to this gradient does.
    pub fn tensors_to_write<const N: usize>(
        &mut self,
        slots: [Slot; N],
        gradient: GradientSlot,
    ) -> ([&mut [f32]; N], Write) {
        let write = self.write(gradient);
        (self.tensors(slots), write)
    }

    /// The same, and the scratch memory.
    pub fn tensors_to_write_and_scratch<const N: usize>(
        &mut self,
        slots: [Slot; N],
        gradient: GradientSlot,
    ) -> ([&mut [f32]; N], Write, &mut Scratch) {
        let write = self.write(gradient);
        let (tensors, scratch) = self.tensors_and_scratch(slots);
        (tensors, write, scratch)
    }

    /// Whether a gradient has been written in this backward pass: if not, it is zero and need not be passed on.
    pub fn has(&self, gradient: GradientSlot) -> bool {
        self.written[gradient.index]
    }

    /// Announces a contribution to a gradient: the first one sets, the others add.
    pub fn write(&mut self, gradient: GradientSlot) -> Write {
        if std::mem::replace(&mut self.written[gradient.index], true) { Write::Add } else { Write::Set }
    }

    /// Adds a gradient that the caller has.
    pub fn receive(&mut self, gradient: GradientSlot, values: &[f32]) {
        let write = self.write(gradient);
        let [place] = self.tensors([gradient.slot]);
        match write {
            Write::Set => place.copy_from_slice(values),
            Write::Add => place.iter_mut().zip(values).for_each(|(place, value)| *place += value),
        }
    }

    /// A gradient of the last backward pass; `None` where nothing was written, so that it is zero.
    pub fn gradient(&self, gradient: GradientSlot) -> Option<&[f32]> {
        self.has(gradient).then(|| self.tensor(gradient.slot))
    }

    /// A gradient for the caller: zero where nothing was written.
    pub fn finish_gradient(&mut self, gradient: GradientSlot) {
        if self.write(gradient) == Write::Set {
            let [place] = self.tensors([gradient.slot]);
            place.fill(0.0);
        }
    }
}

impl std::fmt::Debug for Arena {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arena")
            .field("floats", &self.memory.len())
            .field("samples", &self.samples)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
