//! From the graph to steps: what is computed in which order, what is fused, what backward needs, and where every tensor
//! lies. Decides everything that `expand` writes down; cannot fail.

mod fuse;
mod gradients;
mod groups;
mod heads;
mod in_place;
mod join;
mod lower;
mod memory;
mod parts;
mod readers;
mod rows;
mod split;
mod step;
mod take_over;

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;

use crate::graph::{Network, NetworkId, Program};
use crate::layers::{Regularizer, Weights};
use crate::shape::Shape;

pub use gradients::Wanted;
pub use groups::Grouped;
pub use heads::{Head, HeadMetricPlan, Term};
pub use in_place::GradientPlace;
use memory::For;
pub use memory::{Layout, Moment, Peak};
pub use rows::{Connection, Inner, Row, Table, Use};
pub use step::{Compute, Folded, Fused, InInference, Kept, LayerCall, Part, Step, Taken, WeightsPlace};

/// Index into [`Plan::tensors`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TensorId(pub usize);

/// Where an operand is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the caller's input of this index.
    Input(usize),
    /// In the arena.
    Tensor(TensorId),
}

impl Place {
    /// The tensor that is in the arena there.
    pub fn in_arena(&self) -> Option<TensorId> {
        match self {
            Self::Tensor(tensor) => Some(*tensor),
            Self::Input(_) => None,
        }
    }
}

/// A tensor in the arena. Values that are the same numbers under another shape are one tensor.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// Its name in the generated code.
    pub name: Ident,
    /// Floats of one sample.
    pub len: usize,
    /// Where it lies, if it is a part of what a step has split.
    pub within: Option<Within>,
}

/// Where a part of a tensor lies.
#[derive(Clone, Copy, Debug)]
pub struct Within {
    /// What it is a part of.
    pub whole: Place,
    /// Which part.
    pub columns: Columns,
}

/// Columns of a matrix: what lies on one side of a cut along an axis, in the rows that the axes before it make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The first of them.
    pub start: usize,
    /// How many.
    pub count: usize,
    /// Columns of the matrix.
    pub of: usize,
}

/// Where what is at a place lies.
fn home(tensors: &[Tensor], place: Place) -> Place {
    place.in_arena().and_then(|tensor| tensors[tensor.0].within).map_or(place, |within| within.whole)
}

/// The memory of one use of an announced network, which lies beside the arena.
#[derive(Clone, Debug)]
pub struct InnerWorkspace {
    /// The field that holds it.
    pub name: Ident,
    /// The network.
    pub network: NetworkId,
    /// How often it is computed for each sample.
    pub times: usize,
}

/// A term of the loss that a tensor is regularized by.
#[derive(Clone, Copy, Debug)]
pub struct Activity {
    /// The tensor.
    pub reads: TensorId,
    /// The term.
    pub regularizer: Regularizer,
}

/// The name of the constant that a network has for the announced network of this index inside of it.
pub(crate) fn announced_constant(index: usize) -> String {
    format!("ANNOUNCED_{}", index + 1)
}

/// What the names of constants for an input begin or end with. Where the names of two inputs become one in upper case, as
/// those of `straße` and `strasse` do, they are told apart by their number, which no input's name begins with.
pub(crate) fn input_constant(network: &Network, index: usize) -> String {
    let upper = |index: usize| network.inputs[index].name.unraw().to_string().to_uppercase();
    let name = upper(index);
    let alone = (0..network.inputs.len()).all(|other| other == index || upper(other) != name);
    if alone { format!("INPUT_{name}") } else { format!("INPUT_{}_{name}", index + 1) }
}

/// A number that depends on announced networks, which are known to rustc alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum<T> {
    /// What is known.
    pub known: T,
    /// The networks whose number is added, and how often; one may be there several times.
    pub announced: Vec<(NetworkId, usize)>,
    /// Of what no optimizer changes: the networks of which it changes nothing, since they are frozen.
    pub frozen: Vec<(NetworkId, usize)>,
}

impl Sum<usize> {
    /// Whether these fixed parameters are as many as those.
    fn is_all_of(&self, all: &Self) -> bool {
        self.known == all.known && self.frozen == all.announced
    }

    fn add(&mut self, other: Self) {
        self.known += other.known;
        self.announced.extend(other.announced);
        self.frozen.extend(other.frozen);
    }
}

/// A constant of the generated code.
#[derive(Clone, Debug)]
pub struct Constant {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub kind: TokenStream,
    /// Its value.
    pub value: TokenStream,
}

/// A field of the generated struct.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: Ident,
    /// What the user wrote, for its documentation.
    pub source: String,
    /// The shapes that go in and come out at its first use, for its documentation; `None` in a network with errors.
    pub shapes: Option<(Vec<Shape>, Vec<Shape>)>,
    /// Number of its uses.
    pub uses: usize,
    /// Whether training leaves it as it is.
    pub frozen: bool,
    /// What it holds.
    pub holds: Holds,
}

/// What a field of the generated struct holds.
#[derive(Clone, Debug)]
pub enum Holds {
    /// Weights of a layer.
    Weights(Weights),
    /// An inner network.
    Network(NetworkId),
}

/// An output: where it is.
#[derive(Clone, Debug)]
pub struct OutputPlace {
    /// The tensor.
    pub tensor: TensorId,
    /// The shape under which it is an output.
    pub shape: Shape,
}

/// Everything that `expand` needs to know about a network.
#[derive(Debug)]
pub struct Plan<'p> {
    /// The network.
    pub network: &'p Network,
    /// The fields of its struct.
    pub fields: Vec<Field>,
    /// The constants that describe its layers to the runtime.
    pub constants: Vec<Constant>,
    /// Its tensors.
    pub tensors: Vec<Tensor>,
    /// The memory of each use of an announced network.
    pub workspaces: Vec<InnerWorkspace>,
    /// The forward pass. The backward pass is the same in reverse.
    pub steps: Vec<Step>,
    /// For each tensor the index of the step that computes it, the last one if several do.
    pub producers: Vec<usize>,
    /// For each tensor, who wants its gradient.
    pub tensor_gradients: Vec<Wanted>,
    /// Where each output is.
    pub outputs: Vec<OutputPlace>,
    /// The outputs that have losses or metrics.
    pub heads: Vec<Head>,
    /// What activities add to the loss.
    pub activities: Vec<Activity>,
    /// Where everything lies in a training pass.
    pub training: Layout,
    /// The same in one behind which nobody asks for gradients by inputs, if that is another: where something is frozen.
    pub training_weights: Option<Layout>,
    /// Where everything lies in an inference pass.
    pub inference: Layout,
    /// The rows of its summary.
    pub table: Table,
}

impl Plan<'_> {
    /// Where an operand lies: a part of another tensor lies there.
    pub fn home(&self, place: Place) -> Place {
        home(&self.tensors, place)
    }

    /// Which part of its home an operand is.
    pub fn columns(&self, place: Place) -> Option<Columns> {
        Some(self.tensors[place.in_arena()?.0].within?.columns)
    }

    /// Who wants the gradient of what is at a place.
    pub fn wanted(&self, place: Place) -> Wanted {
        gradients::of_place(self.network, &self.tensor_gradients, place)
    }

    /// Who wants the gradient that a step has by the operand of this index.
    pub fn wanted_from(&self, step: &Step, operand: usize) -> Wanted {
        if step.compute.has_gradient(operand) { self.wanted(step.operands[operand]) } else { Wanted::default() }
    }

    /// Index of the step that computes what is at a place, the last one if several do; 0 for an input.
    pub fn producer(&self, place: Place) -> usize {
        place.in_arena().map_or(0, |TensorId(tensor)| self.producers[tensor])
    }

    /// The layout of a trainer's passes.
    pub fn trained(&self) -> &Layout {
        self.training_weights.as_ref().unwrap_or(&self.training)
    }

    /// Where the gradient by what is at a place lies.
    pub fn gradient_place(&self, place: Place) -> GradientPlace {
        match place {
            Place::Tensor(tensor) => self.training.gradient_places[tensor.0],
            Place::Input(_) => GradientPlace::Own,
        }
    }

    /// Whether a step's backward pass replaces the operand that it reads by its gradient.
    pub fn goes_in_place(&self, step: &Step) -> bool {
        step.goes_in_place(&self.training.gradient_places)
    }
}

/// Plans every network of a program that has no errors; an announced one is planned where it is declared.
pub fn plan(program: &Program) -> Vec<Plan<'_>> {
    let plans = program.networks.iter().enumerate().map(|(index, network)| match network.announced {
        Some(_) => stub(network),
        None => plan_network(program, NetworkId(index)),
    });
    plans.collect()
}

/// The plan of a network that has errors: its struct, its inputs, outputs and targets, and nothing that is computed. The
/// rest of the user's program finds the types it speaks of, and complains about nothing that is not wrong.
pub fn stub(network: &Network) -> Plan<'_> {
    let name = Ident::new("nothing", proc_macro2::Span::mixed_site());
    let outputs = network.outputs.iter().map(|output| OutputPlace { tensor: TensorId(0), shape: output.shape.clone() });
    let layout = Layout {
        tensors: vec![Some(0)],
        tensor_gradients: vec![None],
        gradient_places: vec![GradientPlace::Own],
        input_gradients: vec![Some(0); network.inputs.len()],
        floats: 0,
        grouped: Vec::new(),
        peak: Peak { floats: 0, moment: Moment::End },
    };
    Plan {
        network,
        fields: lower::known_fields(network),
        constants: Vec::new(),
        workspaces: Vec::new(),
        tensors: vec![Tensor { name, len: 1, within: None }],
        steps: Vec::new(),
        producers: vec![0],
        tensor_gradients: vec![Wanted::default()],
        outputs: outputs.collect(),
        heads: heads::stubs(network),
        activities: Vec::new(),
        training: layout.clone(),
        training_weights: None,
        inference: layout,
        table: Table {
            name: network.name.to_string(),
            rows: Vec::new(),
            outputs: Vec::new(),
            parameters: Sum::default(),
            statistics: Sum::default(),
            multiply_adds: Sum::default(),
        },
    }
}

fn plan_network(program: &Program, id: NetworkId) -> Plan<'_> {
    let network = &program.networks[id.0];
    let mut lowered = lower::lower(program, id);
    let heads = heads::heads(network, &lowered);
    fuse::fuse(&mut lowered, &heads);
    join::join(&mut lowered, &heads);
    split::split(&mut lowered, &heads);
    take_over::take_over(&mut lowered, &heads);
    lowered.drop_unused_constants();
    let tensor_gradients = gradients::wanted(network, &lowered, &heads);
    let inference = memory::inference(&lowered, &heads);
    let training = memory::training(network, &lowered, &heads, &tensor_gradients, For::All);
    let for_weights = || memory::training(network, &lowered, &heads, &tensor_gradients, For::Weights);
    let training_weights = lowered.has_frozen().then(for_weights).filter(|layout| *layout != training);
    let producers = producers(&lowered);
    Plan {
        network,
        fields: lower::fields(network),
        table: rows::table(program, id),
        constants: lowered.constants,
        workspaces: lowered.workspaces,
        tensors: lowered.tensors,
        steps: lowered.steps,
        outputs: lowered.outputs,
        producers,
        tensor_gradients,
        heads,
        activities: lowered.activities,
        training,
        training_weights,
        inference,
    }
}

/// For each tensor the index of the step that computes it, the last one if several do; 0 for one that fusion has removed.
fn producers(lowered: &lower::Lowered) -> Vec<usize> {
    let mut producers = vec![0; lowered.tensors.len()];
    for (index, step) in lowered.steps.iter().enumerate() {
        step.results.iter().for_each(|&TensorId(result)| producers[result] = index);
    }
    producers
}
