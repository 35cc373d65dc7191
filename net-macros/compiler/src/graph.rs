//! The graph of a block: what `resolve` builds, `shapes` completes and `plan` reads.
//!
//! Everything lies in arenas and is named by its index there, in the order of the user's text, which is an order in
//! which everything can be computed: a value exists before its readers.

use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream};

use crate::layers::{Facts, Layer, Weights};
use crate::shape::{Element, Shape, Target};
use crate::syntax::Announced;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub usize);
    )*};
}

ids! {
    /// Index into [`Program::networks`].
    NetworkId;
    /// Index into [`Network::values`].
    ValueId;
    /// Index into [`Network::nodes`].
    NodeId;
    /// Index into [`Network::owners`].
    OwnerId;
    /// Index into [`Network::shared`].
    SharedId;
    /// Index into [`Network::template_uses`].
    TemplateUseId;
}

/// One `network!` block.
#[derive(Debug, Default)]
pub struct Program {
    /// The constants declared with `const`.
    pub constants: Vec<Constant>,
    /// The constants announced with `extern const`.
    pub announced: Vec<AnnouncedConstant>,
    /// The networks; one that uses another stands after it, whatever their order in the text.
    pub networks: Vec<Network>,
}

/// `const NAME: usize = value;`
#[derive(Debug)]
pub struct Constant {
    /// Doc comments.
    pub attributes: Vec<syn::Attribute>,
    /// Its name.
    pub name: Ident,
    /// Its value.
    pub value: usize,
}

/// `extern const path = value;`
#[derive(Debug)]
pub struct AnnouncedConstant {
    /// Where it is.
    pub path: TokenStream,
    /// The value that it is announced with.
    pub value: usize,
    /// Where that value is written.
    pub span: Span,
}

/// One network.
#[derive(Debug)]
pub struct Network {
    /// The word `network` before it: where generated code is said to be.
    pub keyword: Span,
    /// Doc comments and attributes.
    pub attributes: Vec<syn::Attribute>,
    /// Visibility of the struct.
    pub visibility: syn::Visibility,
    /// Name of the struct.
    pub name: Ident,
    /// Where it is, if it is announced with `extern network` or `extern layer`; it then has inputs and outputs, and nothing else.
    pub announced: Option<Announcement>,
    /// The inputs, as declared.
    pub inputs: Vec<Input>,
    /// The outputs, as declared.
    pub outputs: Vec<Output>,
    /// Every tensor.
    pub values: Vec<Value>,
    /// What each `let` binds, those within templates aside.
    pub lets: Vec<(Ident, ValueId)>,
    /// Every use of a layer or of an inner network.
    pub nodes: Vec<Node>,
    /// Every place of weights.
    pub owners: Vec<Owner>,
    /// The layers and chains declared with `layer`.
    pub shared: Vec<Shared>,
    /// The uses of templates, whose stages are nodes of this network.
    pub template_uses: Vec<TemplateUse>,
    /// Number of nodes, those of inner networks included, once for each use.
    pub size: usize,
    /// How deep networks are nested in it: 1 without any.
    pub depth: usize,
    /// Elements of its largest tensor, those of inner networks included. Filled by `shapes`.
    pub largest: usize,
    /// The losses, in the order of the text.
    pub losses: Vec<HeadLoss>,
    /// The metrics, in the order of the text.
    pub metrics: Vec<HeadMetric>,
}

impl Network {
    /// How often a node is computed for each sample: as often as there are steps in what it is applied to.
    pub fn times(&self, node: &Node) -> usize {
        node.operands.first().map_or(1, |operand| self.values[operand.0].times())
    }

    /// Whether an output has losses or metrics.
    pub fn is_head(&self, output: usize) -> bool {
        self.losses.iter().any(|loss| loss.output == output)
            || self.metrics.iter().any(|metric| metric.output == output)
    }
}

/// A network that is declared elsewhere, or a layer of the program's own, which is one of a single layer.
#[derive(Debug)]
pub struct Announcement {
    /// What it is.
    pub what: Announced,
    /// Its path, as tokens with the user's spans.
    pub path: TokenStream,
    /// Where the shape of each input is written; `None` if it was unreadable, which has been told.
    pub inputs: Vec<Option<Spans>>,
}

/// An input of a network.
#[derive(Debug)]
pub struct Input {
    /// Its name.
    pub name: Ident,
    /// What it holds.
    pub element: Element,
    /// Its shape.
    pub shape: Shape,
    /// Its value.
    pub value: ValueId,
}

/// An output of a network.
#[derive(Debug)]
pub struct Output {
    /// Its name.
    pub name: Ident,
    /// The shape that the user declared.
    pub shape: Shape,
    /// Where that shape is written; `None` if it was unreadable, which has been told: `shape` is a stand-in then.
    pub declared: Option<Spans>,
    /// The value bound to its name; `None` if there is none, which has been told.
    pub value: Option<ValueId>,
    /// What its losses and metrics compare it with; `None` if there are none that compare. Filled by `shapes`.
    pub target: Option<Target>,
}

/// A tensor.
#[derive(Debug)]
pub struct Value {
    /// The name that the user gave it.
    pub name: Option<Ident>,
    /// Where it comes from.
    pub origin: Origin,
    /// What it holds.
    pub element: Element,
    /// Its shape; `None` if it could not be found, which has been told.
    pub shape: Option<Shape>,
    /// The lengths of the axes, outermost first, that [`Operation::OpenSteps`] has taken from it: it is so many tensors of its
    /// shape for each sample. Filled by `shapes`.
    pub steps: Shape,
    /// The shapes that the user wrote behind the names of its `let`s: one in a template, one outside.
    pub annotations: Vec<Annotation>,
}

/// A shape that the user wrote behind the name of a `let`.
#[derive(Clone, Debug)]
pub struct Annotation {
    /// The name.
    pub name: Ident,
    /// The shape.
    pub shape: Shape,
    /// Where it is written.
    pub spans: Spans,
}

/// Where a shape is written.
#[derive(Clone, Debug)]
pub struct Spans {
    /// The brackets.
    pub whole: Span,
    /// Each axis.
    pub axes: Vec<Span>,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Input number so many.
    Input(usize),
    /// A result of a node.
    Node {
        /// The node.
        node: NodeId,
        /// Which of its results.
        result: usize,
    },
    /// An erroneous part of the text, which has been told.
    Poison,
}

/// One use of a layer or an inner network, or the border of what is applied to each step.
#[derive(Debug)]
pub struct Node {
    /// What is computed.
    pub operation: Operation,
    /// What goes in.
    pub operands: Vec<ValueId>,
    /// The tokens that named each operand, for errors: a name, or the last stage of a nested flow.
    pub operand_spans: Vec<Span>,
    /// What the user called each operand there; `None` for one without a name. A template has names of its own.
    pub operand_names: Vec<Option<Ident>>,
    /// What comes out; one value, or as many as an inner network has outputs.
    pub results: Vec<ValueId>,
    /// What its layer is for these operands. Filled by `shapes`.
    pub facts: Option<Rc<Facts>>,
    /// The weights it uses.
    pub owner: Option<OwnerId>,
    /// Its stable name, e.g. `features_conv2d`; unique within the network among the names of all nodes that are not
    /// uses of a shared layer. Uses of a shared layer have the name of their owner or stage, e.g. `eye_conv2d`.
    pub name: String,
    /// What the user wrote.
    pub stage: Stage,
    /// Whether training leaves its weights as they are.
    pub frozen: bool,
    /// The use of a shared layer that it belongs to.
    pub part_of: Option<UseId>,
    /// The token that uses that shared layer.
    pub use_span: Option<Span>,
    /// The use of a template that it stands in, the innermost one.
    pub template: Option<TemplateUseId>,
    /// The kinds of the stages around it, outermost first.
    pub around: Vec<String>,
}

/// A stage as the user wrote it.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Its path, e.g. `Conv2d`, as tokens with the user's spans.
    pub path: TokenStream,
    /// The last name of the path, e.g. `Conv2d`.
    pub kind: String,
    /// The arguments without the parentheses, e.g. `256, 3`, spaced as usual.
    pub arguments: String,
    /// Span of the last name of the path.
    pub span: Span,
    /// The arguments that the user gave, by their names in the layer table, with their places.
    pub argument_spans: Vec<(String, Span)>,
}

impl Value {
    /// How many tensors of its shape it is for each sample.
    pub fn times(&self) -> usize {
        self.steps.iter().product()
    }

    /// The shape with the axes that were taken from it.
    pub fn whole_shape(&self) -> Option<Shape> {
        let shape = self.shape.as_ref()?;
        Some(self.steps.iter().chain(shape).copied().collect())
    }
}

impl Node {
    /// What its layer is for these operands, in a network without errors.
    pub fn facts(&self) -> &Rc<Facts> {
        self.facts.as_ref().expect("a sound network has the facts of all its layers")
    }
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, arguments, .. } = self;
        if arguments.is_empty() { write!(f, "{kind}") } else { write!(f, "{kind}({arguments})") }
    }
}

/// What a node computes.
#[derive(Clone, Debug)]
pub enum Operation {
    /// A layer of ours.
    Layer(Rc<dyn Layer>),
    /// A network of the same block.
    Network(NetworkId),
    /// Takes the first axis from what is before a stage that is applied to each step: its steps become samples.
    OpenSteps,
    /// Gives what is behind such a stage that axis again.
    CloseSteps,
}

impl Operation {
    /// Whether it computes nothing: its results are the numbers of its operands in the same order.
    pub fn is_border(&self) -> bool {
        matches!(self, Self::OpenSteps | Self::CloseSteps)
    }
}

/// One use of a shared layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UseId {
    /// The shared layer.
    pub shared: SharedId,
    /// Which use, from 0 in the order of the text.
    pub use_index: usize,
}

/// A place of weights: an inline layer, a stage of a shared layer, or an inner network.
#[derive(Debug)]
pub struct Owner {
    /// Its stable name, the name of the field.
    pub name: Ident,
    /// What it belongs to.
    pub operation: Operation,
    /// Whether training leaves it as it is.
    pub frozen: bool,
    /// The weights of a layer, as its first use asks for them. Filled by `shapes`.
    pub weights: Option<Weights>,
    /// The node of that first use.
    pub first_use: NodeId,
}

/// A layer or chain declared with `layer`.
#[derive(Debug)]
pub struct Shared {
    /// Its name.
    pub name: Ident,
    /// Whether it is more than a single layer: several stages, or a template.
    pub chain: bool,
    /// Its uses.
    pub uses: Vec<SharedUse>,
}

/// One use of a shared layer.
#[derive(Debug)]
pub struct SharedUse {
    /// What goes in.
    pub operands: Vec<ValueId>,
    /// What comes out; nothing where a stage is wrong, which has been told.
    pub results: Vec<ValueId>,
}

/// One use of a template.
#[derive(Debug)]
pub struct TemplateUse {
    /// What the user wrote, e.g. `residual(64)`.
    pub text: String,
    /// The token that uses it.
    pub span: Span,
    /// The use of a template that it stands in.
    pub within: Option<TemplateUseId>,
}

/// `loss head: terms;`
#[derive(Debug)]
pub struct HeadLoss {
    /// Index of the output.
    pub output: usize,
    /// The terms of the sum.
    pub terms: Vec<LossTerm>,
}

/// `weight * Loss(arguments)`
#[derive(Debug)]
pub struct LossTerm {
    /// Its weight; 1 where the user wrote none.
    pub weight: f32,
    /// What it is.
    pub loss: crate::losses::Loss,
    /// Span of its name.
    pub span: Span,
}

/// One metric of a head.
#[derive(Debug)]
pub struct HeadMetric {
    /// Index of the output.
    pub output: usize,
    /// What it is.
    pub metric: crate::metrics::Metric,
    /// Span of its name.
    pub span: Span,
}
