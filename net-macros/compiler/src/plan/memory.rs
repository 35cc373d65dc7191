//! Where every tensor lies: tensors that are never alive together may share a place.

use std::collections::BTreeSet;
use std::ops::Range;

use super::groups::{self, Grouped, Run};
use super::heads::read_by_losses;
use super::in_place::{self, GradientPlace};
use super::lower::Lowered;
use super::readers::Readers;
use super::{Compute, Head, InInference, LayerCall, Place, TensorId, Wanted, home};
use crate::graph::Network;
use crate::layers::Inference;
use crate::shape::Element;

/// Floats in a cache line of 64 bytes: every tensor starts on one.
const ALIGNMENT: usize = 16;

/// Where everything lies in a pass, in floats per sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Start of each tensor; `None` for one that fusion has removed.
    pub tensors: Vec<Option<usize>>,
    /// Start of each tensor's gradient, where it has one.
    pub tensor_gradients: Vec<Option<usize>>,
    /// Whether that is where the tensor lies.
    pub gradient_places: Vec<GradientPlace>,
    /// Start of each input's gradient, where it has one.
    pub input_gradients: Vec<Option<usize>>,
    /// Floats of one sample.
    pub floats: usize,
    /// What is computed in groups of samples: its floats lie behind those.
    pub grouped: Vec<Grouped>,
    /// When most is alive.
    pub peak: Peak,
}

impl Layout {
    /// Floats that a sample takes which is alone; of many, only a group has what lies behind [`floats`](Self::floats).
    pub fn floats_alone(&self) -> usize {
        self.floats + self.grouped.iter().map(|run| run.floats).max().unwrap_or(0)
    }
}

/// The moment at which most memory is in use. What lies in between is lost to places that do not fit into one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peak {
    /// Floats of one sample that are alive then.
    pub floats: usize,
    /// When that is, for the first time.
    pub moment: Moment,
}

/// A time in a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Forward through the step of this index.
    Forward(usize),
    /// When the losses are computed.
    Losses,
    /// Backward through the step of this index.
    Backward(usize),
    /// After everything.
    End,
}

impl Moment {
    fn of(time: usize, steps: usize) -> Self {
        match time {
            forward if forward < steps => Self::Forward(forward),
            losses if losses == steps => Self::Losses,
            backward if backward <= 2 * steps => Self::Backward(2 * steps - backward),
            _ => Self::End,
        }
    }
}

/// From its first write to its last read, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Life {
    from: usize,
    to: usize,
}

impl Life {
    fn at(moment: usize) -> Self {
        Self { from: moment, to: moment }
    }

    fn extend(life: &mut Option<Self>, moment: usize) {
        let life = life.get_or_insert(Self::at(moment));
        life.from = life.from.min(moment);
        life.to = life.to.max(moment);
    }

    fn meets(self, other: Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }

    fn is_within(self, steps: &Range<usize>) -> bool {
        steps.contains(&self.from) && steps.contains(&self.to)
    }
}

/// A piece of memory to be placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    len: usize,
    life: Life,
}

/// The layout of inference: a tensor lives until its last reader, and what the losses read until the end, since an
/// evaluation asks for them after the pass; the result of a layer that does nothing has the place of its operand, unless a
/// step reads both, which takes every place once. What a step computes for others behind it is their result.
pub(super) fn inference(lowered: &Lowered, heads: &[Head]) -> Layout {
    let end = lowered.steps.len();
    let homes = homes(lowered, heads);
    let mut lives = vec![None; lowered.tensors.len()];
    for (moment, step) in lowered.steps.iter().enumerate() {
        let operands = in_arena(lowered, step.operands.iter().copied());
        let results = match &step.compute {
            Compute::Layer(LayerCall { inference: InInference::Taken, .. }) => continue,
            Compute::Layer(LayerCall { inference: InInference::Takes(taken), .. }) => {
                std::slice::from_ref(&taken.result)
            }
            Compute::Layer(_) | Compute::Announced { .. } => &step.results,
        };
        for tensor in operands.chain(in_arena(lowered, results.iter().copied().map(Place::Tensor))) {
            Life::extend(&mut lives[homes[tensor.0]], moment);
        }
    }
    let outputs = lowered.outputs.iter().map(|output| output.tensor);
    for tensor in outputs.chain(read_by_losses(lowered, heads)) {
        Life::extend(&mut lives[homes[tensor.0]], end);
    }
    let mut pieces: Vec<Option<Piece>> = pieces(lowered.tensors.iter().map(|tensor| tensor.len), &lives);
    let (starts, floats, grouped) = pack_in_groups(&mut pieces, groups::of_inference(lowered));
    let removed = removed(lowered);
    let tensors = homes.iter().zip(removed).map(|(&home, removed)| starts[home].filter(|_| !removed)).collect();
    let peak = peak(&pieces, end);
    Layout {
        tensors,
        tensor_gradients: Vec::new(),
        gradient_places: Vec::new(),
        input_gradients: Vec::new(),
        floats,
        grouped,
        peak,
    }
}

/// The tensors at some places, or those that they are parts of.
fn in_arena(lowered: &Lowered, places: impl Iterator<Item = Place>) -> impl Iterator<Item = TensorId> {
    places.filter_map(|place| home(&lowered.tensors, place).in_arena())
}

/// The tensor whose place each tensor uses in inference.
pub(super) fn homes(lowered: &Lowered, heads: &[Head]) -> Vec<usize> {
    let mut homes: Vec<usize> = (0..lowered.tensors.len()).collect();
    let readers = Readers::of_tensors(lowered, heads);
    for step in &lowered.steps {
        if let Compute::Layer(LayerCall { inference: InInference::Takes(taken), .. }) = &step.compute
            && let Some(TensorId(place)) = taken.sum_with
        {
            homes[taken.result.0] = homes[place];
        }
        if let (Compute::Layer(layer), [Place::Tensor(operand)]) = (&step.compute, &*step.operands)
            && layer.facts.inference == Inference::Identity
        {
            let TensorId(result) = step.result();
            homes[result] = homes[operand.0];
            // Nothing has its home yet, so that only its own readers can read a home twice by that.
            let mut operands = readers.within(result).iter().map(|&reader| &lowered.steps[reader].operands);
            if operands.any(|operands| reads_a_home_twice(&homes, operands)) {
                homes[result] = result;
            }
        }
    }
    homes
}

/// Whether two tensors among the operands have one home.
fn reads_a_home_twice(homes: &[usize], operands: &[Place]) -> bool {
    let tensors: BTreeSet<TensorId> = operands.iter().filter_map(Place::in_arena).collect();
    let places: BTreeSet<usize> = tensors.iter().map(|tensor| homes[tensor.0]).collect();
    places.len() < tensors.len()
}

/// Which gradients a backward pass may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// Those by weights and those by inputs.
    All,
    /// Those by weights alone.
    Weights,
}

impl For {
    /// Whether it needs a gradient that these want.
    fn needs(self, wanted: Wanted) -> bool {
        match self {
            Self::All => wanted.by_anybody(),
            Self::Weights => wanted.by_weights,
        }
    }
}

/// The layout of training, for these gradients. Moments: the forward steps, the losses, the backward steps in reverse, the end.
pub(super) fn training(
    network: &Network,
    lowered: &Lowered,
    heads: &[Head],
    wanted: &[Wanted],
    gradients_for: For,
) -> Layout {
    let count = lowered.steps.len();
    let losses = count;
    let end = 2 * count + 1;
    let tensors = lowered.tensors.len();
    let mut lives = vec![None; tensors];
    let mut gradients = vec![None; tensors];
    let mut input_gradients = vec![None; network.inputs.len()];
    // One backward pass is written for all.
    let places = in_place::gradient_places(lowered, heads, wanted);
    let needed = |TensorId(tensor): TensorId| gradients_for.needs(wanted[tensor]);

    for (forward, step) in lowered.steps.iter().enumerate() {
        let backward = 2 * count - forward;
        let read_and_written = step.operands.iter().copied().chain(step.results.iter().copied().map(Place::Tensor));
        for tensor in in_arena(lowered, read_and_written) {
            Life::extend(&mut lives[tensor.0], forward);
        }
        if let Compute::Layer(layer) = &step.compute {
            // What moves with the batch is read there even if no gradient gets to it.
            let is_read = step.results.iter().any(|&result| needed(result)) || layer.facts.moves_weights();
            // A layer knows by what it keeps that it computes for training, where some draw random numbers.
            let to = match is_read || gradients_for == For::All {
                true => Some(backward),
                false => layer.facts.takes.random.then_some(forward),
            };
            for kept in &layer.saved {
                lives[kept.tensor.0] = to.map(|to| Life { from: forward, to });
            }
        }
        if !step.results.iter().any(|&result| needed(result)) {
            continue;
        }
        for &TensorId(result) in step.results.iter().filter(|result| lowered.tensors[result.0].within.is_none()) {
            Life::extend(&mut gradients[result], backward);
            if step.reads_result(&places) {
                Life::extend(&mut lives[result], backward);
            }
        }
        for (index, place) in step.operands.iter().enumerate() {
            match home(&lowered.tensors, *place) {
                Place::Tensor(TensorId(operand)) => {
                    if step.compute.reads_operands() {
                        Life::extend(&mut lives[operand], backward);
                    }
                    if needed(TensorId(operand)) && step.compute.has_gradient(index) {
                        Life::extend(&mut gradients[operand], backward);
                    }
                }
                Place::Input(input) => {
                    if network.inputs[input].element == Element::F32 && gradients_for == For::All {
                        Life::extend(&mut input_gradients[input], backward);
                        Life::extend(&mut input_gradients[input], end);
                    }
                }
            }
        }
    }
    for output in &lowered.outputs {
        Life::extend(&mut lives[output.tensor.0], end);
        if needed(output.tensor) {
            Life::extend(&mut gradients[output.tensor.0], losses);
        }
    }
    for read in read_by_losses(lowered, heads) {
        Life::extend(&mut lives[read.0], losses);
        if needed(read) {
            Life::extend(&mut gradients[read.0], losses);
        }
    }
    // An input that no step reads for numbers has a gradient all the same: zero.
    for (input, life) in network.inputs.iter().zip(&mut input_gradients) {
        if input.element == Element::F32 && gradients_for == For::All {
            Life::extend(life, end);
        }
    }

    // One piece for both, from the first write of the one to the last read of the other.
    for ((place, life), gradient) in places.iter().zip(&mut lives).zip(&mut gradients) {
        if let (GradientPlace::Over { .. }, Some(Life { from, to })) = (place, gradient.as_ref()) {
            Life::extend(life, *from);
            Life::extend(life, *to);
            *gradient = None;
        }
    }

    let lens = || lowered.tensors.iter().map(|tensor| tensor.len);
    let input_lens = network.inputs.iter().map(|input| input.shape.iter().product());
    let mut all = pieces(lens(), &lives);
    all.extend(pieces(lens(), &gradients));
    all.extend(pieces(input_lens, &input_gradients));
    let alone = match gradients_for {
        For::All => Vec::new(),
        For::Weights => vec![groups::of_training(lowered, needed)],
    };
    let (mut starts, floats, grouped) = pack_in_groups(&mut all, alone);
    let input_gradients = starts.split_off(2 * tensors);
    let mut tensor_gradients = starts.split_off(tensors);
    for ((place, gradient), start) in places.iter().zip(&mut tensor_gradients).zip(&starts) {
        if let GradientPlace::Over { .. } = place {
            *gradient = *start;
        }
    }
    for (part, tensor) in lowered.tensors.iter().enumerate() {
        tensor_gradients[part] = match tensor.within.map(|within| within.whole) {
            None => tensor_gradients[part],
            Some(Place::Tensor(TensorId(whole))) => tensor_gradients[whole],
            Some(Place::Input(whole)) => input_gradients[whole],
        };
    }
    let peak = peak(&all, count);
    Layout { tensors: starts, tensor_gradients, gradient_places: places, input_gradients, floats, grouped, peak }
}

fn removed(lowered: &Lowered) -> Vec<bool> {
    let mut removed = vec![true; lowered.tensors.len()];
    for step in &lowered.steps {
        for result in &step.results {
            removed[result.0] = false;
        }
    }
    removed
}

fn pieces(lens: impl Iterator<Item = usize>, lives: &[Option<Life>]) -> Vec<Option<Piece>> {
    lens.zip(lives).map(|(len, life)| life.map(|life| Piece { len: len.next_multiple_of(ALIGNMENT), life })).collect()
}

/// When most is alive in a pass of so many steps.
fn peak(pieces: &[Option<Piece>], steps: usize) -> Peak {
    // What begins and what ends at each time, one sum over all times.
    let mut begins = vec![0; 2 * steps + 3];
    let mut ends = vec![0; 2 * steps + 3];
    for Piece { len, life } in pieces.iter().flatten() {
        begins[life.from] += len;
        ends[life.to] += len;
    }
    let mut alive = 0;
    let mut peak = Peak { floats: 0, moment: Moment::of(0, steps) };
    for (time, (begins, ends)) in begins.into_iter().zip(ends).enumerate() {
        alive += begins;
        if alive > peak.floats {
            peak = Peak { floats: alive, moment: Moment::of(time, steps) };
        }
        alive -= ends;
    }
    peak
}

/// Places the pieces, the largest first, each at the lowest start where it meets no other that is alive with it
/// ("greedy by size": Pisarchyk and Lee, Efficient Memory Management for Deep Neural Net Inference, 2020).
/// Returns the starts and the length of all.
fn pack(pieces: &[Option<Piece>]) -> (Vec<Option<usize>>, usize) {
    let mut order: Vec<usize> = (0..pieces.len()).filter(|&index| pieces[index].is_some()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(pieces[index].map(|piece| piece.len)));
    let mut starts = vec![None; pieces.len()];
    let mut placed: Vec<(usize, Piece)> = Vec::new(); // sorted by start
    let mut total = 0;
    for index in order {
        let Some(piece) = pieces[index] else { continue };
        let mut start = 0;
        for &(other_start, other) in placed.iter().filter(|(_, other)| other.life.meets(piece.life)) {
            if start + piece.len <= other_start {
                break;
            }
            start = start.max(other_start + other.len);
        }
        let position = placed.partition_point(|&(other_start, _)| other_start <= start);
        placed.insert(position, (start, piece));
        total = total.max(start + piece.len);
        starts[index] = Some(start);
    }
    (starts, total)
}

/// The same, if these runs of steps may be computed in groups: what is alive during one of them alone is placed behind all else, if that
/// does not make this more. What comes to be in a run and is alive behind it is so from the first group on, beside all that groups behind
/// it read, and so are the pieces then.
fn pack_in_groups(pieces: &mut [Option<Piece>], runs: Vec<Run>) -> (Vec<Option<usize>>, usize, Vec<Grouped>) {
    let (starts, floats) = pack(pieces);
    let (mut rest, mut in_groups, mut grouped) = (pieces.to_vec(), vec![None; pieces.len()], Vec::new());
    for run in runs {
        let of_run: Vec<_> =
            pieces.iter().map(|piece| piece.filter(|piece| piece.life.is_within(&run.steps))).collect();
        let (starts, floats) = pack(&of_run);
        let Some(run) = run.grouped(floats) else { continue };
        for (((piece, rest), start), in_groups) in of_run.iter().zip(&mut rest).zip(starts).zip(&mut in_groups) {
            *in_groups = in_groups.or(start);
            match rest {
                _ if piece.is_some() => *rest = None,
                Some(Piece { life, .. }) if run.steps.contains(&life.from) => life.from = run.steps.start,
                _ => {}
            }
        }
        grouped.push(run);
    }
    let (mut starts_of_rest, floats_of_rest) = pack(&rest);
    if grouped.is_empty() || floats_of_rest > floats {
        return (starts, floats, Vec::new());
    }
    for (start, in_groups) in starts_of_rest.iter_mut().zip(in_groups) {
        *start = start.or(in_groups.map(|in_groups| floats_of_rest + in_groups));
    }
    pieces.copy_from_slice(&rest);
    (starts_of_rest, floats_of_rest, grouped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(len: usize, from: usize, to: usize) -> Option<Piece> {
        Some(Piece { len, life: Life { from, to } })
    }

    #[test]
    fn pieces_that_are_never_alive_together_share_a_place() {
        let (starts, total) = pack(&[piece(32, 0, 1), piece(32, 2, 3), piece(16, 1, 2), None]);
        assert_eq!(starts, [Some(0), Some(0), Some(32), None]);
        assert_eq!(total, 48);
    }

    #[test]
    fn the_peak_is_the_first_moment_at_which_most_is_alive() {
        let two_steps = [piece(32, 0, 1), piece(32, 1, 3), piece(16, 3, 4), piece(16, 3, 5), None];
        assert_eq!(peak(&two_steps, 2), Peak { floats: 64, moment: Moment::Forward(1) });
        let backward = [piece(32, 0, 1), piece(32, 1, 3), piece(48, 3, 4)];
        assert_eq!(peak(&backward, 2), Peak { floats: 80, moment: Moment::Backward(1) });
    }

    #[test]
    fn what_is_alive_in_a_run_of_steps_alone_lies_behind_the_rest_whose_life_begins_with_the_run() {
        let run = |steps| Run { steps, room: 200, least: 32 };
        let grouped_run = |steps, floats| Grouped { steps, samples: 200 / floats, floats };
        // Two tensors of the group, a result of it, and one that comes when these are gone.
        let pieces = [piece(64, 0, 1), piece(32, 1, 2), piece(16, 2, 6), piece(48, 3, 5)];
        let mut rest = pieces;
        let (starts, floats, grouped) = pack_in_groups(&mut rest, vec![run(0..3)]);
        assert_eq!(starts, [Some(64), Some(128), Some(48), Some(0)]);
        assert_eq!((floats, grouped), (64, vec![grouped_run(0..3, 96)]));
        assert_eq!(rest, [None, None, piece(16, 0, 6), piece(48, 3, 5)]);
        // A second run, whose tensors have the place of the first one's; what it results in is alive from its begin.
        let mut two = [piece(64, 0, 1), piece(16, 1, 4), piece(32, 4, 5), piece(16, 6, 8), piece(16, 2, 2)];
        let (starts, floats, grouped) = pack_in_groups(&mut two, vec![run(0..2), run(4..7)]);
        assert_eq!(two, [None, piece(16, 0, 4), None, piece(16, 4, 8), piece(16, 2, 2)]);
        assert_eq!(starts, [Some(32), Some(0), Some(32), Some(16), Some(16)]);
        assert_eq!((floats, grouped), (32, vec![grouped_run(0..2, 64), grouped_run(4..7, 32)]));
        // Where the rest takes more, as long as it lives then, or too little stays within a run, nothing is computed in groups.
        let mut more = [piece(48, 0, 1), piece(16, 1, 2), piece(48, 2, 4)];
        let all = more;
        assert_eq!(pack_in_groups(&mut more, vec![run(1..3)]).2, []);
        assert_eq!((pack_in_groups(&mut more, vec![run(0..0)]).2, more), (vec![], all));
        let mut little = [piece(16, 0, 1), piece(16, 1, 2), piece(48, 2, 3)];
        assert_eq!(pack_in_groups(&mut little, vec![run(0..2)]).2, []);
        assert_eq!((pack_in_groups(&mut more, vec![]).2, more), (vec![], all));
    }

    #[test]
    fn pieces_that_are_alive_together_never_overlap() {
        // A fixed mixed congruential sequence: any spread of lengths and lives will do.
        let mut state = 1_usize;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let pieces: Vec<_> = (0..300)
            .map(|_| {
                let from = next(100);
                piece(16 * (1 + next(20)), from, from + next(30))
            })
            .collect();
        let (starts, total) = pack(&pieces);
        let placed: Vec<_> = pieces.iter().flatten().zip(starts.iter().flatten()).collect();
        for (index, (a, a_start)) in placed.iter().enumerate() {
            assert!(*a_start + a.len <= total);
            for (b, b_start) in &placed[..index] {
                let apart = *a_start + a.len <= **b_start || *b_start + b.len <= **a_start;
                assert!(apart || !a.life.meets(b.life), "{a:?} at {a_start}, {b:?} at {b_start}");
            }
        }
    }
}
