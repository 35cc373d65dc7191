//! The weights of a layer as facts: which struct of the runtime holds them, how they begin, what changes them.

use super::terms::{Constraint, Regularizer};
use crate::arguments::Arguments;
use crate::shape::Shape;

/// The struct of `net_runtime::weights` that holds the weights of a layer. Its arguments alone decide which.
#[derive(Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its name.
    pub name: &'static str,
    /// Its fields, of which each is a parameter.
    pub parameters: &'static [&'static str],
}

/// A kernel and a bias.
static AFFINE: Holder = Holder { name: "Affine", parameters: &["kernel", "bias"] };

/// A kernel.
static LINEAR: Holder = Holder { name: "Linear", parameters: &["kernel"] };

impl Holder {
    /// A kernel, and a bias unless the argument `bias` says that there is none.
    pub fn of_kernel(arguments: &mut Arguments<'_>) -> Option<&'static Self> {
        arguments.flag("bias", true).map(|bias| if bias { &AFFINE } else { &LINEAR })
    }
}

/// The weights of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// The struct that holds them.
    pub holder: &'static Holder,
    /// Each of them, in the order of its fields.
    pub parameters: Vec<Parameter>,
}

/// One of the weights of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Length of every axis.
    pub dims: Shape,
    /// How it begins.
    pub initial: Initial,
    /// What changes it.
    pub kind: Kind,
    /// What it adds to the loss.
    pub regularizer: Option<Regularizer>,
    /// What is done to it after every step.
    pub constraint: Option<Constraint>,
    /// Whether nothing changes it, since it is frozen.
    pub frozen: bool,
}

/// What changes a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An optimizer, by its gradient.
    Trained,
    /// The batches that a training pass has seen: it becomes what the layer's `statistics` says, and has no gradient.
    Statistic,
    /// The user alone, before training: it has no gradient, and no batch moves it.
    Adapted,
}

impl Parameter {
    /// One that is trained.
    pub fn trained(dims: Shape, initial: Initial) -> Self {
        Self { dims, initial, kind: Kind::Trained, regularizer: None, constraint: None, frozen: false }
    }

    /// Whether an optimizer changes it.
    pub fn is_trained(&self) -> bool {
        self.kind == Kind::Trained && !self.frozen
    }

    /// Number of elements.
    pub fn count(&self) -> usize {
        self.dims.iter().product()
    }
}

/// How a parameter begins: by a function of `net_runtime::initializers`, which takes the lengths of its axes first.
#[derive(Clone, Debug, PartialEq)]
pub struct Initial {
    /// The name of the function.
    pub function: &'static str,
    /// What it takes behind the lengths.
    pub settings: Vec<Setting>,
    /// Whether it draws from a seed, its last argument.
    pub random: bool,
    /// How many axes a parameter may have that begins so, at least and at most.
    pub axes: [usize; 2],
}

/// What the function takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Setting {
    /// A number.
    Number(f32),
    /// A variant of an enum of `net_runtime::initializers`.
    Word(&'static str, &'static str),
}

impl Initial {
    /// Zeros.
    pub const ZEROS: Self = Self::fixed("zeros");
    /// Ones.
    pub const ONES: Self = Self::fixed("ones");
    /// Random, by the lengths of its axes, as Glorot and Bengio say.
    pub const GLOROT_UNIFORM: Self = Self::random("glorot_uniform");

    /// By a function that gives the same for every seed.
    pub const fn fixed(function: &'static str) -> Self {
        Self { function, settings: Vec::new(), random: false, axes: [0, usize::MAX] }
    }

    /// By a function that draws from a seed.
    pub const fn random(function: &'static str) -> Self {
        Self { function, settings: Vec::new(), random: true, axes: [0, usize::MAX] }
    }

    /// The same with one more argument for the function.
    pub fn with(mut self, setting: Setting) -> Self {
        self.settings.push(setting);
        self
    }

    /// The same, for a parameter of so many axes.
    pub fn of_axes(self, least: usize, most: usize) -> Self {
        Self { axes: [least, most], ..self }
    }
}

impl Weights {
    /// A kernel, and a bias for each of its outputs if there is one, which are its last axis.
    pub fn kernel(holder: &'static Holder, dims: Shape) -> Self {
        let outputs = dims.last().copied().unwrap_or(1);
        Self::kernel_to(holder, dims, outputs)
    }

    /// The same with so many outputs.
    pub fn kernel_to(holder: &'static Holder, dims: Shape, outputs: usize) -> Self {
        let kernel = Parameter::trained(dims, Initial::GLOROT_UNIFORM);
        let bias = Parameter::trained(vec![outputs], Initial::ZEROS);
        Self { holder, parameters: [kernel, bias].into_iter().take(holder.parameters.len()).collect() }
    }

    /// For a layer of which it is not known what goes in: a number for each parameter.
    pub fn stand_in(holder: &'static Holder) -> Self {
        let number = Parameter::trained(vec![1], Initial::ZEROS);
        Self { holder, parameters: vec![number; holder.parameters.len()] }
    }

    /// Their kernel, if they are one, and perhaps a bias for its last axis, that begin as these do unless something else is said, and
    /// are trained: then one call makes them.
    pub fn usual_kernel(&self) -> Option<&Parameter> {
        let (kernel, bias) = self.parameters.split_first()?;
        let outputs = kernel.dims.last().into_iter();
        let is_usual = [&AFFINE, &LINEAR].contains(&self.holder)
            && self.parameters.iter().all(Parameter::is_trained)
            && kernel.initial == Initial::GLOROT_UNIFORM
            && bias.iter().all(|bias| bias.initial == Initial::ZEROS && outputs.clone().eq(&bias.dims));
        is_usual.then_some(kernel)
    }

    /// Each parameter with its name.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &Parameter)> {
        self.holder.parameters.iter().copied().zip(&self.parameters)
    }

    /// Number of elements of all.
    pub fn count(&self) -> usize {
        self.parameters.iter().map(Parameter::count).sum()
    }

    /// Whether a backward pass contributes to any of them.
    pub fn move_in_training(&self) -> bool {
        self.parameters.iter().any(|parameter| parameter.kind != Kind::Adapted && !parameter.frozen)
    }

    /// Number of elements of those that are not trained.
    pub fn count_statistics(&self) -> usize {
        self.parameters.iter().filter(|parameter| !parameter.is_trained()).map(Parameter::count).sum()
    }
}
