//! Stages: layers, networks and shared layers.

use proc_macro2::Ident;
use quote::ToTokens;

use super::flow::{Bundle, Ready};
use super::names::{Prefix, snake_case};
use super::network::Builder;
use super::scope::Entity;
use crate::arguments;
use crate::errors::Message;
use crate::graph::{self, NodeId, Operation, Owner, OwnerId, Part, Shared, SharedId};
use crate::layers::Lowering;
use crate::layers::table::{self, Arity, LAYERS};
use crate::suggest;
use crate::syntax::{Argument, SharedLayer, Stage};

/// A stage whose meaning and arguments are known.
pub(super) struct Prepared {
    pub(super) operation: Operation,
    pub(super) takes: Arity,
    pub(super) stage: graph::Stage,
    /// The name that the user chose for it.
    pub(super) name: Option<Ident>,
    /// Its kind in a name.
    pub(super) kind: String,
}

impl Prepared {
    /// Whether it has weights.
    pub(super) fn weighted(&self) -> bool {
        match &self.operation {
            Operation::Network(_) => true,
            Operation::Layer(layer) => match layer.lowering() {
                Lowering::Weighted => true,
                Lowering::Alias
                | Lowering::Activation { .. }
                | Lowering::Unary { .. }
                | Lowering::Random
                | Lowering::Merge { .. } => false,
            },
        }
    }
}

/// A layer or chain declared with `layer`.
pub(super) struct Declared {
    name: Ident,
    stages: Vec<(Prepared, Ident)>,
    /// Its places of weights and its entry in the graph, once it is used.
    used: Option<(SharedId, Vec<Option<OwnerId>>)>,
}

impl Builder<'_> {
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
    pub(super) fn prepare(&mut self, stage: &Stage) -> Option<Prepared> {
        let name = stage.name();
        let text = name.to_string();
        if stage.path.get_ident().is_none() {
            let message = Message::new(
                name.span(),
                format!("a stage from elsewhere such as `{}` is not supported yet", path(stage)),
            );
            self.errors.push(message.help("declare the network in this block"));
            return None;
        }
        if self.context.unclear.contains(&text) {
            return None;
        }
        let items: &[Argument] = stage.arguments.as_ref().map_or(&[], |arguments| &arguments.items);
        let constants = &self.context.constants;
        let (operation, takes, argument_spans, chosen) = if let Some(&id) = self.context.networks.get(&text) {
            let arguments = arguments::bind(name, &text, items, &[], true, constants, self.errors)?;
            (Operation::Network(id), Arity::Several, Vec::new(), arguments.name.cloned())
        } else if self.context.circles.contains(&(self.network.name.to_string(), text.clone())) {
            return None;
        } else if let Some(signature) = table::find(&text) {
            let mut arguments =
                arguments::bind(name, &text, items, signature.parameters, true, constants, self.errors)?;
            let layer = (signature.build)(&mut arguments)?;
            let (spans, chosen) = (arguments.spans(), arguments.name.cloned());
            (Operation::Layer(layer), signature.operands, spans, chosen)
        } else {
            self.unknown_stage(name);
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
        Some(Prepared { operation, takes, stage, name: chosen, kind: snake_case(&text) })
    }

    fn unknown_stage(&mut self, name: &Ident) {
        self.uses_hidden = true;
        let text = name.to_string();
        let later = self.scope.bound_later(&text);
        if let Some((later, true)) = later {
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
        if let Some(here) = suggest::layer_elsewhere(&text) {
            self.errors.push(message.help(format!("here it is called `{here}`")));
            return;
        }
        let own: Vec<String> = self.scope.names(&["layer"]).chain(self.context.networks.keys().cloned()).collect();
        let names = LAYERS.iter().map(|signature| signature.name).chain(own.iter().map(String::as_str));
        let help = suggest::help(&text, names, "the stages are");
        self.errors.push(Message { help, ..message });
    }

    /// A place of weights, for the node that is added next.
    pub(super) fn owner(&mut self, name: Ident, operation: &Operation) -> OwnerId {
        let first_use = NodeId(self.network.nodes.len());
        self.network.owners.push(Owner { name, operation: operation.clone(), operands: None, first_use });
        OwnerId(self.network.owners.len() - 1)
    }

    /// Prepares a shared layer; `None` if a stage of it is wrong, which has been told.
    pub(super) fn declare(&mut self, layer: &SharedLayer) -> Option<Declared> {
        let mut prefix = Prefix::new(&layer.name, layer.stages.len() == 1);
        let mut stages = Vec::new();
        let mut sound = true;
        for stage in &layer.stages {
            if let Some(shared) = self.shared(stage) {
                if shared.is_some() {
                    let text = format!("`{}` is a shared layer, which cannot be a part of another one", stage.name());
                    let help = format!("use them one behind the other: `value -> {} -> {}`", stage.name(), layer.name);
                    self.errors.push(Message::new(stage.name().span(), text).help(help));
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
            let span = if layer.stages.len() == 1 { layer.name.span() } else { prepared.stage.span };
            let name = self.names.name(prepared.name.as_ref(), &mut prefix, &prepared.kind, span, self.errors);
            stages.push((prepared, name));
        }
        sound.then(|| Declared { name: layer.name.clone(), stages, used: None })
    }

    /// One use of a shared layer: a node for every stage.
    pub(super) fn use_shared(&mut self, bundle: Bundle, index: usize, stage: &Stage) -> Bundle {
        if let Some(arguments) = &stage.arguments {
            let text = format!("`{}` is a shared layer and takes no arguments", stage.name());
            self.errors.error(arguments.span, text);
            return Bundle::Poison;
        }
        let Bundle::Values(mut operands) = bundle else { return Bundle::Poison };
        let use_span = stage.name().span();
        let stages = std::mem::take(&mut self.declared[index].stages);
        let (shared, mut owners) = match self.declared[index].used.take() {
            Some(used) => used,
            None => {
                let stages: Vec<_> = stages.iter().map(|(prepared, _)| prepared.stage.clone()).collect();
                let id = SharedId(self.network.shared.len());
                let owners = vec![None; stages.len()];
                self.network.shared.push(Shared { name: self.declared[index].name.clone(), stages, uses: 0 });
                (id, owners)
            }
        };
        let use_index = self.network.shared[shared.0].uses;
        self.network.shared[shared.0].uses += 1;
        let mut result = Some(());
        for (number, (prepared, name)) in stages.iter().enumerate() {
            if prepared.weighted() && owners[number].is_none() {
                owners[number] = Some(self.owner(name.clone(), &prepared.operation));
            }
            let ready = Ready {
                operation: &prepared.operation,
                takes: prepared.takes,
                stage: &prepared.stage,
                name: name.to_string(),
                owner: owners[number],
                part_of: Some(Part { shared, use_index, stage: number }),
                use_span: Some(use_span),
            };
            match self.apply(operands, ready) {
                Bundle::Values(results) => operands = results,
                Bundle::Poison => {
                    operands = Vec::new();
                    result = None;
                    break;
                }
            }
        }
        // Messages about what follows stand on the use, not on the last stage of the declaration.
        for operand in &mut operands {
            operand.span = use_span;
        }
        self.declared[index].stages = stages;
        self.declared[index].used = Some((shared, owners));
        result.map_or(Bundle::Poison, |()| Bundle::Values(operands))
    }
}

fn path(stage: &Stage) -> String {
    Stage { path: stage.path.clone(), arguments: None }.to_string()
}
