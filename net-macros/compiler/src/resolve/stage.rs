//! Stages: layers, networks and shared layers.

use std::collections::BTreeMap;
use std::rc::Rc;

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::ext::IdentExt;

use super::Context;
use super::bidirectional::BothDirections;
use super::flow::{Bundle, Operand};
use super::names::{Prefix, snake_case};
use super::network::Builder;
use super::scope::Entity;
use super::template::Checked;
use super::wrapper::Within;
use crate::arguments::{self, Amount, Beside, Parameter};
use crate::elsewhere;
use crate::errors::Message;
use crate::graph::{self, NodeId, Operation, Owner, OwnerId, Shared, SharedId, SharedUse, UseId};
use crate::layers::signature::Arity;
use crate::layers::table::{self, LAYERS};
use crate::layers::wrapper::{self, MERGES, Opens, WRAPPERS};
use crate::suggest;
use crate::syntax::{Argument, SharedLayer, Stage, Value};

/// A stage whose meaning and arguments are known.
pub(super) struct Prepared<'a> {
    pub(super) does: Does<'a>,
    pub(super) stage: graph::Stage,
    /// The name that the user chose for it.
    pub(super) name: Option<Ident>,
    /// Whether the user has frozen it.
    pub(super) frozen: bool,
    /// Its kind in a name.
    pub(super) kind: String,
}

/// What a stage does.
pub(super) enum Does<'a> {
    /// It is a node.
    Node { operation: Operation, takes: Arity },
    /// It is a layer whose arguments depend on a number that is not known, since a definition is checked.
    Unknown { takes: Arity },
    /// It is a layer that goes from step to step in both directions, `None` where its arguments depend on a number that is not known.
    BothDirections(Option<Box<BothDirections>>),
    /// It is stages that are applied to each step.
    EachStep(Vec<Within<'a>>),
    /// It is as many nodes as the template says; the numbers are unknown where a definition is checked.
    Template { template: &'a Checked<'a>, numbers: Option<Vec<Amount>> },
}

impl Prepared<'_> {
    /// Whether it has weights.
    pub(super) fn weighted(&self) -> bool {
        match &self.does {
            Does::Template { .. } | Does::EachStep(_) | Does::BothDirections(_) | Does::Unknown { .. } => false,
            Does::Node { operation: Operation::Network(_), .. } => true,
            Does::Node { operation: Operation::Layer(layer), .. } => layer.holder().is_some(),
            Does::Node { operation: Operation::OpenSteps | Operation::CloseSteps, .. } => false,
        }
    }
}

/// A layer or chain declared with `layer`.
pub(super) struct Declared<'a> {
    name: Ident,
    stages: Rc<[Prepared<'a>]>,
    /// Whether it is more than a single layer.
    chain: bool,
    /// Whether training leaves its weights as they are.
    frozen: bool,
    /// What the names in it begin with; within a template, its own name is not all.
    base: Ident,
    /// Its entry in the graph, and its places of weights by their names, once it is used.
    shared: Option<SharedId>,
    owners: BTreeMap<String, OwnerId>,
}

/// A use of a shared layer.
pub(super) struct Sharing {
    pub(super) part: UseId,
    pub(super) use_span: Span,
    /// The places of weights by their names.
    owners: BTreeMap<String, OwnerId>,
}

impl<'a> Builder<'a> {
    /// The shared layer that a stage names: `None` if it names none, `Some(None)` for an erroneous one.
    pub(super) fn shared(&mut self, stage: &Stage) -> Option<Option<usize>> {
        let name = stage.path.get_ident()?.to_string();
        match self.scope.peek(&name)?.entity {
            Entity::Value(_) => return None,
            Entity::Layer(_) | Entity::Poison => {}
        }
        match self.scope.find(&name)?.entity {
            Entity::Layer(index) => Some(Some(index)),
            Entity::Value(_) | Entity::Poison => Some(None),
        }
    }

    /// Finds out what a stage is; `None` if that cannot be, which has been told.
    pub(super) fn prepare(&mut self, stage: &Stage) -> Option<Prepared<'a>> {
        let name = stage.name();
        let text = name.to_string();
        if stage.path.get_ident().is_none() {
            self.stage_elsewhere(stage);
            return None;
        }
        if self.context.unclear.contains(&text) {
            return None;
        }
        let items: &[Argument] = stage.arguments.as_ref().map_or(&[], |arguments| &arguments.items);
        let context: &'a Context<'a> = self.context;
        let constants = self.constants;
        let (does, argument_spans, chosen, frozen) = if let Some(&id) = self.context.networks.get(&text) {
            let arguments = arguments::bind(name, &text, items, &[], Beside::Name, constants, self.errors);
            if !arguments.sound {
                return None;
            }
            let does = Does::Node { operation: Operation::Network(id), takes: Arity::Several };
            (does, Vec::new(), arguments.name.cloned(), arguments.frozen)
        } else if let Some(template) = context.templates.get(&text) {
            let names: Vec<String> = template.tree.constants.iter().map(Ident::to_string).collect();
            let parameters: Vec<_> = names.iter().map(|name| Parameter::required(name)).collect();
            let mut arguments = arguments::bind(name, &text, items, &parameters, Beside::Name, constants, self.errors);
            let before = arguments.errors_so_far();
            let numbers: Option<Vec<Amount>> =
                names.iter().map(|name| arguments.amount(name)).collect::<Vec<_>>().into_iter().collect();
            if !arguments.sound {
                return None;
            }
            if numbers.is_none() && (arguments.errors_so_far() > before || !self.checking) {
                return None;
            }
            let (spans, chosen) = (arguments.spans(), arguments.name.cloned());
            (Does::Template { template, numbers }, spans, chosen, arguments.frozen)
        } else if self.context.circles.contains(&(self.network.name.to_string(), text.clone())) {
            return None;
        } else if let Some(wrapper) = wrapper::find(&text) {
            let mut arguments =
                arguments::bind(name, &text, items, wrapper.parameters, Beside::Name, constants, self.errors);
            let (sound, spans, chosen) = (arguments.sound, arguments.spans(), arguments.name.cloned());
            let frozen = arguments.frozen;
            let does = match wrapper.opens {
                Opens::EachStep => {
                    let stages = arguments.stages("stages");
                    self.within(&stages?).map(Does::EachStep)
                }
                Opens::BothDirections => {
                    let [stage, backward] = ["stage", "backward"].map(|name| arguments.stages(name));
                    let merge = arguments.word("merge", "concat", MERGES);
                    if spans.iter().any(|(name, _)| name == "backward") && backward.is_none() {
                        return None;
                    }
                    let both = self.both_directions_of(name, &stage?, backward.as_deref(), merge?);
                    both.map(Does::BothDirections)
                }
            };
            if !sound {
                return None;
            }
            (does?, spans, chosen, frozen)
        } else if let Some(signature) = table::find(&text) {
            let beside = Beside::NameAndWeights;
            let mut arguments =
                arguments::bind(name, &text, items, signature.parameters, beside, constants, self.errors);
            let before = arguments.errors_so_far();
            let takes = signature.operands;
            let built = (signature.build)(&mut arguments);
            if !arguments.sound {
                return None;
            }
            let (spans, chosen, frozen) = (arguments.spans(), arguments.name.cloned(), arguments.frozen);
            let of_weights = arguments.of_weights.iter().map(|(name, value)| ((*name).clone(), (*value).clone()));
            let of_weights: Vec<_> = of_weights.collect();
            let known = match built {
                Some(layer) => self.chosen(name, layer, &of_weights)?,
                None if self.checking && self.errors.len() == before => None,
                None => return None,
            };
            let does = match known {
                Some(layer) => Does::Node { operation: Operation::Layer(layer), takes },
                None => Does::Unknown { takes },
            };
            (does, spans, chosen, frozen)
        } else {
            self.unknown_stage(name, items);
            return None;
        };
        if let Some(chosen) = &chosen
            && let Err(error) = crate::parse::check_name(chosen)
        {
            self.errors.syntax(error);
            return None;
        }
        let arguments = crate::syntax::list(items);
        let path = stage.path.to_token_stream();
        let stage = graph::Stage { path, kind: text.clone(), arguments, span: name.span(), argument_spans };
        Some(Prepared { does, stage, name: chosen, frozen, kind: snake_case(&name.unraw().to_string()) })
    }

    /// Tells that a stage has no path: networks from elsewhere are announced.
    fn stage_elsewhere(&mut self, stage: &Stage) {
        self.uses_hidden = true;
        let (name, whole) = (stage.name(), path(stage));
        let tokens = stage.path.to_token_stream().to_string();
        let known = self.program.networks.iter().find(|network| match &network.announced {
            Some(announced) => announced.path.to_string() == tokens,
            None => network.name == *name,
        });
        let help = match known {
            Some(network) => format!("write `-> {}`", network.name),
            None if table::find(&name.to_string()).is_some() => format!("the layers have no path: write `-> {name}`"),
            None => elsewhere::stage(&name.to_string()).unwrap_or_else(|| {
                format!(
                    "announce it outside of this network, `extern network {whole}(...) -> (...);` or, for a layer of your own, \
                     `extern layer {whole}(...) -> (...);`, and write `-> {name}`"
                )
            }),
        };
        let message = Message::new(name.span(), format!("a stage is one name, but `{whole}` is a path"));
        self.errors.push(message.help(help));
    }

    fn unknown_stage(&mut self, name: &Ident, items: &[Argument]) {
        self.uses_hidden = true;
        let text = name.to_string();
        let later = self.scope.bound_later(&text);
        // A statement that could not be read declares it in some way.
        if let Some((_, None)) = later {
            return;
        }
        if let Some((later, Some(true))) = later {
            let message = Message::new(name.span(), format!("`{text}` is used before it is declared"));
            self.errors.push(message.note(format!("it is declared in line {}", later.start().line)));
            return;
        }
        if later.is_some() || self.scope.find(&text).is_some() {
            let message = Message::new(name.span(), format!("`{text}` is a value, not a stage"));
            self.errors.push(message.help("values are joined in a tuple, e.g. `(a, b) -> Concat`"));
            return;
        }
        let message = Message::new(name.span(), format!("unknown stage `{text}`"));
        let context = self.context;
        let declared = context.networks.keys().chain(context.templates.keys()).cloned();
        let own: Vec<String> = self.scope.names(&["layer"]).chain(declared).collect();
        let near =
            suggest::nearest(&text, own.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
        let names = LAYERS.iter().map(|signature| signature.name).chain(WRAPPERS.iter().map(|wrapper| wrapper.name));
        let names = names.chain(own.iter().map(String::as_str));
        let help = near
            .or_else(|| elsewhere_with(&text, items))
            .or_else(|| elsewhere::stage(&text))
            .or_else(|| suggest::nearest(&text, names).map(|near| format!("did you mean `{near}`?")))
            .or_else(|| Some("all stages are in a table in the documentation of `network!`".to_owned()));
        self.errors.push(Message { help, ..message });
    }

    /// The place of weights of this name, for the node that is added next: that of an earlier use of the shared layer
    /// at hand, or a new one.
    pub(super) fn owner(&mut self, name: &Ident, operation: &Operation) -> OwnerId {
        let known = self.sharing.as_ref().and_then(|sharing| sharing.owners.get(&name.to_string()));
        if let Some(owner) = known {
            return *owner;
        }
        let first_use = NodeId(self.network.nodes.len());
        let owner = OwnerId(self.network.owners.len());
        let (name, operation, frozen) = (name.clone(), operation.clone(), self.frozen);
        self.network.owners.push(Owner { name, operation, frozen, weights: None, first_use });
        if let Some(sharing) = &mut self.sharing {
            sharing.owners.insert(self.network.owners[owner.0].name.to_string(), owner);
        }
        owner
    }

    /// Prepares a shared layer; `None` if a stage of it is wrong, which has been told.
    pub(super) fn declare(&mut self, layer: &SharedLayer) -> Option<Declared<'a>> {
        let mut stages = Vec::new();
        let mut sound = true;
        let (text, items) = (layer.name.to_string(), layer.arguments.as_ref().map_or(&[][..], |of| &of.items));
        let (parameters, constants) = (&[Parameter::named("frozen", "false")], self.constants);
        let mut arguments =
            arguments::bind(&layer.name, &text, items, parameters, Beside::Nothing, constants, self.errors);
        let own = arguments.flag("frozen", false);
        sound &= arguments.sound && own.is_some();
        let frozen = self.frozen || own.unwrap_or_default();
        for stage in &layer.stages {
            if let Some(shared) = self.shared(stage) {
                if shared.is_some() {
                    self.shared_in_shared(stage.name(), &layer.name);
                }
                sound = false;
                continue;
            }
            if let Some(Entity::Value(_)) = self.scope.peek(&stage.path.to_token_stream().to_string()).map(|e| e.entity)
            {
                let text = format!("`{}` is a value, but a shared layer is declared without its input", stage.name());
                let help = format!("leave it out, and write `{} -> {}` where it is used", stage.name(), layer.name);
                self.errors.push(Message::new(stage.name().span(), text).help(help));
                self.uses_hidden = true;
                sound = false;
                continue;
            }
            let Some(prepared) = self.prepare(stage) else {
                sound = false;
                continue;
            };
            if let Some(shared) = prepared.shared_within() {
                self.shared_in_shared(shared.name(), &layer.name);
                sound = false;
            }
            stages.push(prepared);
        }
        let chain = stages.len() != 1 || stages.iter().any(Prepared::is_opened);
        let (name, base) = (layer.name.clone(), self.qualified(&layer.name));
        sound.then(|| Declared {
            name,
            stages: stages.into(),
            chain,
            frozen,
            base,
            shared: None,
            owners: BTreeMap::new(),
        })
    }

    fn shared_in_shared(&mut self, inner: &Ident, outer: &Ident) {
        let text = format!("`{inner}` is a shared layer, which cannot be a part of another one");
        let help = format!("use them one behind the other: `value -> {inner} -> {outer}`");
        self.errors.push(Message::new(inner.span(), text).help(help));
    }

    /// The operands if the first stage of a shared layer takes so many; else that is told, in the words of its use.
    fn enters(&mut self, operands: Vec<Operand>, index: usize, use_span: Span) -> Option<Vec<Operand>> {
        let declared = &self.declared[index];
        let Does::Node { operation: Operation::Layer(_), takes } = declared.stages.first()?.does else {
            return Some(operands);
        };
        let stage =
            graph::Stage { kind: declared.name.to_string(), span: use_span, ..declared.stages[0].stage.clone() };
        self.matched_arity(operands, takes, &stage).map(|(operands, _)| operands)
    }

    /// One use of a shared layer: nodes for every stage.
    pub(super) fn use_shared(&mut self, bundle: Bundle, index: usize, stage: &Stage) -> Bundle {
        if let Some(arguments) = &stage.arguments {
            let text = format!("`{}` is a shared layer and takes no arguments", stage.name());
            self.errors.error(arguments.span, text);
            return Bundle::Poison;
        }
        let Bundle::Values(operands) = bundle else { return Bundle::Poison };
        let use_span = stage.name().span();
        let frozen = self.declared[index].frozen;
        if self.frozen && !frozen {
            let name = stage.name();
            let message =
                Message::new(use_span, format!("`{name}` is a shared layer, which is frozen where it is declared"));
            self.errors.push(message.help(format!("write `layer {name}(frozen = true) = ...;`")));
            return Bundle::Poison;
        }
        let Some(operands) = self.enters(operands, index, use_span) else { return Bundle::Poison };
        let inputs = operands.iter().map(|operand| operand.value).collect();
        let declared = &mut self.declared[index];
        let (name, stages, chain) = (declared.name.clone(), Rc::clone(&declared.stages), declared.chain);
        let mut prefix = Prefix::new(&declared.base, stages.len() == 1);
        let known = declared.shared.is_some();
        // One that is declared within a template within another shared layer belongs to a use of that one.
        let part = self.sharing.as_ref().map(|around| around.part);
        let shared = *declared.shared.get_or_insert_with(|| match part {
            Some(part) => part.shared,
            None => {
                self.network.shared.push(Shared { name, chain, uses: Vec::new() });
                SharedId(self.network.shared.len() - 1)
            }
        });
        let owners = std::mem::take(&mut declared.owners);
        let known_before = self.names.known;
        self.names.known |= known;
        let around = match part {
            Some(_) => None,
            None => {
                let uses = &mut self.network.shared[shared.0].uses;
                let part = UseId { shared, use_index: uses.len() };
                uses.push(SharedUse { operands: inputs, results: Vec::new() });
                self.sharing.replace(Sharing { part, use_span, owners })
            }
        };
        let mut bundle = Bundle::Values(operands);
        let frozen_around = std::mem::replace(&mut self.frozen, frozen);
        for prepared in &*stages {
            let span = if stages.len() == 1 { self.declared[index].name.span() } else { prepared.stage.span };
            bundle = self.run(bundle, prepared, &mut prefix, span);
        }
        self.names.known = known_before;
        self.frozen = frozen_around;
        if part.is_none() {
            self.declared[index].owners = self.sharing.take().map_or_else(BTreeMap::new, |sharing| sharing.owners);
            self.sharing = around;
        }
        let Bundle::Values(results) = bundle else { return Bundle::Poison };
        if part.is_none()
            && let Some(last) = self.network.shared[shared.0].uses.last_mut()
        {
            last.results = results.iter().map(|result| result.value).collect();
        }
        // Messages about what follows stand on the use, not on the last stage of the declaration.
        Bundle::Values(results.into_iter().map(|result| Operand::new(result.value, use_span)).collect())
    }
}

/// `help` for a layer whose arguments are others elsewhere: PyTorch's `Linear(in, out)`, Keras's `Activation("relu")`.
fn elsewhere_with(name: &str, items: &[Argument]) -> Option<String> {
    match (name, items) {
        ("Linear", [Argument { name: None, .. }, Argument { name: None, value: units }]) => {
            Some(format!("write `Dense({units})`: the shape of what goes in is known"))
        }
        ("Activation", [Argument { value: Value::Word(word), .. }]) => known_activation(&word.to_string()),
        ("Activation", [Argument { value: Value::Text(text), .. }]) => known_activation(&text.value()),
        _ => None,
    }
}

fn known_activation(name: &str) -> Option<String> {
    table::find(name).map(|_| format!("an activation is a stage itself: `-> {name}`"))
}

fn path(stage: &Stage) -> String {
    Stage { path: stage.path.clone(), arguments: None }.to_string()
}
