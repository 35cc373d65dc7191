//! A layer of a program's own as a network of one layer: so it is inside of networks what an announced network is.

use std::marker::PhantomData;
use std::ops::{Index, IndexMut, Range};

use super::announced::same;
use super::info::NetworkInfo;
use super::inner_network::{InnerNetwork, Others, OutputSlots};
use super::shares;
use super::signature::{Port, Signature};
use super::traits::{Gradients, Inputs, Network, ParamVisitor, Workspace};
use crate::error::Error;
use crate::layers::own::{Backward, Forward, Layer, MOST_OPERANDS, Operands};
use crate::memory::arena::{Arena, GradientSlot, Groups, Slot};
use crate::memory::mode::{Arithmetic, Mode};
use crate::memory::random::RandomKey;
use crate::parameters::gradient::Gradient;
use crate::parameters::initializers::Seed;
use crate::tensor::aligned::LINE;
use crate::tensor::any::Tensor;
use crate::tensor::exact::product;
use crate::tensor::name::Name;
use crate::tensor::param::Param;

/// A [`Layer`] of a program's own for operands of the shapes `X`, with its weights: what a network's field holds that
/// is a use of it. A weight goes by its name: `net.scaled_scale["gain"]`.
///
/// Alone, it is a network that takes and gives slices of numbers.
pub struct OwnLayer<L, X> {
    weights: Box<[Param]>,
    layer: PhantomData<fn() -> (L, X)>,
}

impl<L, X> Clone for OwnLayer<L, X> {
    fn clone(&self) -> Self {
        Self { weights: self.weights.clone(), layer: PhantomData }
    }
}

impl<L, X> std::fmt::Debug for OwnLayer<L, X> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("OwnLayer").field(&self.weights).finish()
    }
}

impl<L: Layer<X>, X: Operands> OwnLayer<L, X> {
    /// The index of a weight.
    #[track_caller]
    fn weight(name: &str) -> usize {
        let found = L::WEIGHTS.iter().position(|weight| weight.name == name);
        found.unwrap_or_else(|| {
            let names: Vec<_> = L::WEIGHTS.iter().map(|weight| weight.name).collect();
            panic!("the layer has no weight `{name}`; its weights are {names:?}")
        })
    }
}

/// A weight by its name.
///
/// # Panics
///
/// If the layer has no such weight.
impl<L: Layer<X>, X: Operands> Index<&str> for OwnLayer<L, X> {
    type Output = Param;

    #[track_caller]
    fn index(&self, name: &str) -> &Param {
        &self.weights[Self::weight(name)]
    }
}

impl<L: Layer<X>, X: Operands> IndexMut<&str> for OwnLayer<L, X> {
    #[track_caller]
    fn index_mut(&mut self, name: &str) -> &mut Param {
        &mut self.weights[Self::weight(name)]
    }
}

/// Floats of a sample as they lie in an arena: whole lines.
const fn lines(floats: usize) -> usize {
    floats.div_ceil(LINE) * LINE
}

impl<L: Layer<X>, X: Operands> OwnLayer<L, X> {
    const LEN: usize = product(L::OUTPUT);
    const OPERANDS: usize = {
        assert!(X::LIST.len() <= MOST_OPERANDS);
        X::LIST.len()
    };

    // In an arena lie the result, in training also what is kept, the gradient by the result, and those by the operands, each
    // after the other.
    const KEPT_AT: usize = lines(Self::LEN);
    const DY_AT: usize = Self::KEPT_AT + lines(L::KEPT);
    const DX_AT: [usize; MOST_OPERANDS + 1] = {
        let mut places = [Self::DY_AT + lines(Self::LEN); MOST_OPERANDS + 1];
        let mut index = 0;
        while index < MOST_OPERANDS {
            let floats = if index < Self::OPERANDS { Self::dx_len(index) } else { 0 };
            places[index + 1] = places[index] + lines(floats);
            index += 1;
        }
        places
    };
    const TRAINING_FLOATS: usize = Self::DX_AT[MOST_OPERANDS];

    /// Floats of a sample's gradient by an operand; none for indices.
    const fn dx_len(operand: usize) -> usize {
        let (dims, indices) = X::LIST[operand];
        if indices { 0 } else { product(dims) }
    }

    const RESULT: Slot = Slot { offset: 0, len: Self::LEN };
    const DY: GradientSlot = GradientSlot { slot: Slot { offset: Self::DY_AT, len: Self::LEN }, index: 0 };
    const DX: [Option<GradientSlot>; MOST_OPERANDS] = {
        let mut slots = [None; MOST_OPERANDS];
        let mut index = 0;
        while index < Self::OPERANDS {
            let slot = Slot { offset: Self::DX_AT[index], len: Self::dx_len(index) };
            slots[index] = if X::LIST[index].1 { None } else { Some(GradientSlot { slot, index: 1 + index }) };
            index += 1;
        }
        slots
    };
    const ALL_DX: &'static [Option<GradientSlot>; MOST_OPERANDS] = &Self::DX;

    /// An operand has the name that it is announced with.
    const INPUTS: [Port; MOST_OPERANDS] = {
        let mut ports = [Port { name: "", classes: false, dims: &[] }; MOST_OPERANDS];
        let mut index = 0;
        while index < Self::OPERANDS {
            ports[index] = Port { name: "", classes: X::LIST[index].1, dims: X::LIST[index].0 };
            index += 1;
        }
        ports
    };
    const ALL_INPUTS: &'static [Port; MOST_OPERANDS] = &Self::INPUTS;

    /// Fails for weights that a file could not hold both.
    const NAMES_DIFFER: () = {
        let mut index = 0;
        while index < L::WEIGHTS.len() {
            let mut other = 0;
            while other < index {
                assert!(
                    !same(L::WEIGHTS[index].name, L::WEIGHTS[other].name),
                    "two weights of a layer have the same name"
                );
                other += 1;
            }
            index += 1;
        }
    };

    const PARAMETERS: usize = {
        let (mut count, mut index) = (0, 0);
        while index < L::WEIGHTS.len() {
            count += product(L::WEIGHTS[index].dims);
            index += 1;
        }
        count
    };
}

impl<L: Layer<X>, X: Operands> Network for OwnLayer<L, X> {
    type Inputs<'a> = OwnInputs<'a, X>;
    type Outputs = Vec<f32>;
    type OutputViews<'w> = &'w [f32];
    type Workspace = OwnWorkspace<L, X>;
    type Gradients = OwnGradients<L, X>;

    const INFO: &'static NetworkInfo = &NetworkInfo {
        name: "a layer of one's own",
        rows: &[],
        outputs: &[],
        parameters: Self::PARAMETERS,
        non_trainable_parameters: 0,
        multiply_adds: L::MULTIPLY_ADDS,
        inference_bytes: Self::KEPT_AT * size_of::<f32>(),
        training_bytes: Self::TRAINING_FLOATS * size_of::<f32>(),
    };
    const MIXES_SAMPLES: bool = L::MIXES_SAMPLES;

    fn new(seed: u64) -> Self {
        let weights = L::WEIGHTS.iter().map(|weight| weight.draw(Seed::new(seed, weight.name)));
        Self { weights: weights.collect(), layer: PhantomData }
    }

    fn forward<'w>(
        &self,
        inputs: Self::Inputs<'_>,
        mode: Mode,
        workspace: &'w mut Self::Workspace,
    ) -> Result<&'w [f32], Error> {
        shares::forward(self, inputs, mode, workspace)?;
        Ok(workspace.arena.tensor(Self::RESULT))
    }

    fn reserve(outputs: &mut Vec<f32>, samples: usize) -> Result<(), Error> {
        let room = samples.checked_mul(Self::LEN).map(|floats| outputs.try_reserve_exact(floats));
        match room {
            Some(Ok(())) => Ok(()),
            Some(Err(_)) | None => {
                Err(Error::Invalid(format!("{samples} samples of shape {:?} are more than memory can hold", L::OUTPUT)))
            }
        }
    }

    fn append(outputs: &mut Vec<f32>, batch: &[f32]) {
        outputs.extend_from_slice(batch);
    }

    fn visit<'p>(&'p self, visitor: ParamVisitor<'_, 'p>) {
        for (weight, param) in L::WEIGHTS.iter().zip(&self.weights) {
            visitor(Name::new(weight.name), param);
        }
    }

    fn visit_mut(&mut self, visitor: &mut dyn FnMut(Name<'_>, &mut Param)) {
        for (weight, param) in L::WEIGHTS.iter().zip(&mut self.weights) {
            visitor(Name::new(weight.name), param);
        }
    }

    fn visit_with_gradients(
        &mut self,
        gradients: &Self::Gradients,
        visitor: &mut dyn FnMut(Name<'_>, &mut Param, &Gradient),
    ) {
        for ((weight, param), gradient) in L::WEIGHTS.iter().zip(&mut self.weights).zip(&gradients.weights) {
            visitor(Name::new(weight.name), param, gradient);
        }
    }
}

impl<L: Layer<X>, X: Operands> InnerNetwork for OwnLayer<L, X> {
    const SIGNATURE: Signature = Signature {
        inputs: {
            let () = Self::NAMES_DIFFER;
            Self::ALL_INPUTS.split_at(Self::OPERANDS).0
        },
        outputs: &[Port { name: "", classes: false, dims: L::OUTPUT }],
    };
    const OUTPUTS: &'static [OutputSlots] =
        &[OutputSlots { training: Self::RESULT, inference: Self::RESULT, gradient: Some(Self::DY) }];
    const KEPT: &'static [Slot] = &[Self::RESULT];
    const INPUT_GRADIENTS: &'static [Option<GradientSlot>] = Self::ALL_DX.split_at(Self::OPERANDS).0;

    fn inputs<'a>(tensors: &[Tensor<'a>]) -> Result<OwnInputs<'a, X>, Error> {
        OwnInputs::new(tensors)
    }

    fn floats(mode: Mode) -> usize {
        match mode {
            Mode::Training | Mode::TrainingWeights => Self::TRAINING_FLOATS,
            Mode::Inference => Self::KEPT_AT,
        }
    }

    fn arena(workspace: &mut Self::Workspace) -> &mut Arena {
        &mut workspace.arena
    }

    fn others(workspace: &mut Self::Workspace) -> &mut Others<Self::Workspace> {
        &mut workspace.others
    }

    fn forward_steps(
        &self,
        inputs: &OwnInputs<'_, X>,
        mode: Mode,
        workspace: &mut Self::Workspace,
    ) -> Result<(), Error> {
        let arena = &mut workspace.arena;
        let (samples, random) = (arena.samples(), arena.random());
        let kept = match mode {
            Mode::Training | Mode::TrainingWeights => L::KEPT,
            Mode::Inference => 0,
        };
        let [y, kept] = arena.tensors([Self::RESULT, Slot { offset: Self::KEPT_AT, len: kept }]);
        L::forward(Forward { samples, mode, random, x: inputs.tensors(), weights: &self.weights, y, kept })
    }

    fn backward_steps(
        &self,
        inputs: OwnInputs<'_, X>,
        workspace: &mut Self::Workspace,
        gradients: Option<&mut Self::Gradients>,
        by_inputs: bool,
    ) -> Result<(), Error> {
        let arena = &mut workspace.arena;
        if !arena.has(Self::DY) {
            return Ok(());
        }
        let wanted = Self::DX.map(|slot| slot.filter(|_| by_inputs));
        for slot in wanted.into_iter().flatten() {
            // The layer sets them.
            arena.write(slot);
        }
        let (samples, random) = (arena.samples(), arena.random());
        let [all] = arena.tensors([Slot { offset: 0, len: Self::TRAINING_FLOATS }]);
        // The parts lie one after another: each begins so many floats into the rest.
        let (y, rest) = all.split_at_mut(Self::KEPT_AT * samples);
        let (kept, rest) = rest.split_at_mut(lines(L::KEPT) * samples);
        let (dy, mut rest) = rest.split_at_mut(lines(Self::LEN) * samples);
        let mut dx = [const { None }; MOST_OPERANDS];
        for (index, dx) in dx[..Self::OPERANDS].iter_mut().enumerate() {
            let len = Self::dx_len(index);
            let (place, behind) = std::mem::take(&mut rest).split_at_mut(lines(len) * samples);
            rest = behind;
            *dx = wanted[index].map(|_| &mut place[..len * samples]);
        }
        L::backward(Backward {
            samples,
            random,
            x: inputs.tensors(),
            weights: &self.weights,
            y: &y[..Self::LEN * samples],
            kept: &mut kept[..L::KEPT * samples],
            dy: &dy[..Self::LEN * samples],
            dx: &mut dx[..Self::OPERANDS],
            gradients: gradients.map(|gradients| &mut *gradients.weights),
        });
        Ok(())
    }
}

/// The operands of one call.
#[derive(Debug)]
pub struct OwnInputs<'a, X> {
    tensors: [Tensor<'a>; MOST_OPERANDS],
    shapes: PhantomData<fn() -> X>,
}

impl<X> Clone for OwnInputs<'_, X> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<X> Copy for OwnInputs<'_, X> {}

/// What operands are called in errors.
const NAMES: [&str; MOST_OPERANDS] = ["operand 1", "operand 2", "operand 3", "operand 4", "operand 5", "operand 6"];

impl<'a, X: Operands> OwnInputs<'a, X> {
    /// From one tensor for each operand.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if they are not as many, one holds something else, or is no whole number of samples.
    pub fn new(given: &[Tensor<'a>]) -> Result<Self, Error> {
        let wrong = |what: &str, expected: String, found: String| Error::Shape { what: what.into(), expected, found };
        if given.len() != X::LIST.len() {
            return Err(wrong("the operands of a layer", X::LIST.len().to_string(), given.len().to_string()));
        }
        let mut tensors = [Tensor::F32(&[]); MOST_OPERANDS];
        for (index, (&tensor, &(dims, indices))) in given.iter().zip(X::LIST).enumerate() {
            let len = match (tensor, indices) {
                (Tensor::F32(values), false) => values.len(),
                (Tensor::U32(values), true) => values.len(),
                (Tensor::F32(_), true) => return Err(wrong(NAMES[index], "`u32` samples".into(), "`f32`".into())),
                (Tensor::U32(_), false) => return Err(wrong(NAMES[index], "`f32` samples".into(), "`u32`".into())),
            };
            if !len.is_multiple_of(product(dims)) {
                let expected = format!("a multiple of {} elements for shape {dims:?}", product(dims));
                return Err(wrong(NAMES[index], expected, len.to_string()));
            }
            tensors[index] = tensor;
        }
        Ok(Self { tensors, shapes: PhantomData })
    }

    fn tensors(&self) -> &[Tensor<'a>] {
        &self.tensors[..X::LIST.len()]
    }

    fn count(tensor: Tensor<'_>, operand: usize) -> usize {
        let len = match tensor {
            Tensor::F32(values) => values.len(),
            Tensor::U32(values) => values.len(),
        };
        len / product(X::LIST[operand].0)
    }
}

impl<X: Operands> Inputs for OwnInputs<'_, X> {
    fn samples(&self) -> Result<usize, Error> {
        let first = Self::count(self.tensors[0], 0);
        for (index, &tensor) in self.tensors().iter().enumerate() {
            let samples = Self::count(tensor, index);
            if samples != first {
                let (first_samples, second_samples) = (first, samples);
                return Err(Error::Samples { first: NAMES[0], first_samples, second: NAMES[index], second_samples });
            }
        }
        Ok(first)
    }

    fn slice(&self, range: Range<usize>) -> Self {
        let mut part = *self;
        for (tensor, (dims, _)) in part.tensors.iter_mut().zip(X::LIST) {
            let len = product(dims);
            let range = range.start * len..range.end * len;
            *tensor = match *tensor {
                Tensor::F32(values) => Tensor::F32(&values[range]),
                Tensor::U32(values) => Tensor::U32(&values[range]),
            };
        }
        part
    }
}

/// The memory of one caller.
pub struct OwnWorkspace<L, X> {
    arena: Arena,
    others: Others<Self>,
    layer: PhantomData<fn() -> (L, X)>,
}

impl<L, X> std::fmt::Debug for OwnWorkspace<L, X> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("OwnWorkspace").field(&self.arena).finish()
    }
}

impl<L: Layer<X>, X: Operands> Workspace for OwnWorkspace<L, X> {
    fn new(capacity: usize) -> Self {
        let arena = Arena::new(capacity, OwnLayer::<L, X>::TRAINING_FLOATS, Groups::NONE, 1 + MOST_OPERANDS);
        Self { arena, others: Others::default(), layer: PhantomData }
    }

    fn set_random(&mut self, key: RandomKey) {
        self.arena.set_random(key);
    }

    fn set_arithmetic(&mut self, arithmetic: Arithmetic) {
        self.arena.set_arithmetic(arithmetic);
    }
}

/// A gradient for each weight.
pub struct OwnGradients<L, X> {
    weights: Box<[Gradient]>,
    layer: PhantomData<fn() -> (L, X)>,
}

impl<L, X> Clone for OwnGradients<L, X> {
    fn clone(&self) -> Self {
        Self { weights: self.weights.clone(), layer: PhantomData }
    }
}

impl<L, X> std::fmt::Debug for OwnGradients<L, X> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("OwnGradients").field(&self.weights).finish()
    }
}

impl<L: Layer<X>, X: Operands> Index<&str> for OwnGradients<L, X> {
    type Output = Gradient;

    #[track_caller]
    fn index(&self, name: &str) -> &Gradient {
        &self.weights[OwnLayer::<L, X>::weight(name)]
    }
}

impl<L: Layer<X>, X: Operands> Gradients for OwnGradients<L, X> {
    fn zeros() -> Self {
        Self { weights: L::WEIGHTS.iter().map(|weight| Gradient::zeros(weight.dims)).collect(), layer: PhantomData }
    }

    fn visit(&self, visitor: &mut dyn FnMut(Name<'_>, &Gradient)) {
        for (weight, gradient) in L::WEIGHTS.iter().zip(&self.weights) {
            visitor(Name::new(weight.name), gradient);
        }
    }

    fn visit_mut(&mut self, visitor: &mut dyn FnMut(Name<'_>, &mut Gradient)) {
        for (weight, gradient) in L::WEIGHTS.iter().zip(&mut self.weights) {
            visitor(Name::new(weight.name), gradient);
        }
    }
}
