//! A mention of every name that the user has written: an expression or an import that leads to what the name stands for.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};

use super::{bound, respanned};
use crate::layers::wrapper;
use crate::parse::is_name;
use crate::syntax::{
    self, Announced, Argument, Block, Dims, ExternNetwork, Flow, Item, Let, LossStatement, MetricStatement, Source,
    Stage, Statement, Template, TupleItem, Value, last_name,
};

/// What the names of a block's items stand for.
pub(super) struct Names<'b> {
    /// Constants, with their paths.
    constants: BTreeMap<String, Place<'b>>,
    /// Networks, with their paths.
    networks: BTreeMap<String, Place<'b>>,
    templates: BTreeSet<String>,
}

/// An item of the block, or a path that leads out of it.
enum Place<'b> {
    Own,
    Path(&'b syn::Path),
    /// The path of a layer of the program's own.
    Layer(&'b syn::Path),
}

impl Place<'_> {
    /// What a use of the name says.
    fn mentioned(&self, name: &Ident) -> TokenStream {
        match self {
            Self::Own => name.to_token_stream(),
            Self::Path(path) | Self::Layer(path) => respanned(path, name.span()),
        }
    }
}

impl<'b> Names<'b> {
    pub(super) fn new(block: &'b Block) -> Self {
        let mut names = Self { constants: BTreeMap::new(), networks: BTreeMap::new(), templates: BTreeSet::new() };
        for item in &block.items {
            match item {
                Item::Const(constant) => {
                    names.constants.insert(constant.name.to_string(), Place::Own);
                }
                Item::ExternConst(constant) => {
                    let name = last_name(&constant.path).to_string();
                    names.constants.insert(name, Place::Path(&constant.path));
                }
                Item::Network(network) => {
                    names.networks.insert(network.name.to_string(), Place::Own);
                }
                Item::ExternNetwork(network) => {
                    let place = match network.what {
                        Announced::Network => Place::Path(&network.path),
                        Announced::Layer => Place::Layer(&network.path),
                    };
                    names.networks.insert(network.name().to_string(), place);
                }
                Item::Template(template) => {
                    names.templates.insert(template.name.to_string());
                }
            }
        }
        names
    }
}

/// A name of the function that mentions them all.
pub(super) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The statements that mention names.
pub(super) struct Mentions<'b> {
    names: &'b Names<'b>,
    inputs: BTreeSet<String>,
    outputs: BTreeSet<String>,
    values: BTreeSet<String>,
    layers: BTreeSet<String>,
    /// The metrics of outputs, by their names in the runtime.
    pub(super) metrics: Vec<(String, String)>,
    /// The statements.
    pub(super) body: TokenStream,
}

impl<'b> Mentions<'b> {
    pub(super) fn new(names: &'b Names<'b>) -> Self {
        Self {
            names,
            inputs: BTreeSet::new(),
            outputs: BTreeSet::new(),
            values: BTreeSet::new(),
            layers: BTreeSet::new(),
            metrics: Vec::new(),
            body: TokenStream::new(),
        }
    }

    fn say(&mut self, statement: TokenStream) {
        self.body.extend(statement);
    }

    fn declare(&mut self, statements: &[Statement]) {
        self.values = bound(statements).map(|(name, _)| name.to_string()).collect();
        let layers = statements.iter().filter_map(|statement| match statement {
            Statement::Layer(layer) => Some(layer.name.to_string()),
            Statement::Let(_) | Statement::Loss(_) | Statement::Metric(_) | Statement::Broken(_) => None,
        });
        self.layers = layers.collect();
    }

    pub(super) fn network(&mut self, network: &syntax::Network) {
        self.inputs = network.inputs.iter().map(|input| input.name.to_string()).collect();
        self.outputs = network.outputs.iter().map(|output| output.name.to_string()).collect();
        self.declare(&network.statements);
        network.inputs.iter().for_each(|input| self.dims(&input.dims));
        for output in &network.outputs {
            self.dims(&output.dims);
            if self.values.contains(&output.name.to_string()) {
                self.value_of(&output.name);
            }
        }
        self.statements(&network.statements);
    }

    pub(super) fn template(&mut self, template: &Template) {
        self.declare(&template.statements);
        self.values.extend(template.inputs.iter().chain(&template.constants).map(Ident::to_string));
        self.statements(&template.statements);
        self.flow(&template.result);
    }

    fn statements(&mut self, statements: &[Statement]) {
        for statement in statements {
            match statement {
                Statement::Let(Let { pattern, annotation, flow }) => {
                    pattern.names().for_each(|name| self.output(name));
                    annotation.iter().for_each(|dims| self.dims(dims));
                    self.flow(flow);
                }
                Statement::Layer(layer) => self.stages(&layer.stages),
                Statement::Loss(LossStatement { output, terms }) => {
                    self.output(output);
                    terms.iter().for_each(|term| self.head(&term.loss, "losses", term.loss.name()));
                }
                Statement::Metric(MetricStatement { output, metrics }) => {
                    self.output(output);
                    for metric in metrics {
                        self.head(metric, "metrics", &self.metric(output, metric.name()));
                    }
                }
                Statement::Broken(_) => {}
            }
        }
    }

    /// A name that is an output's, if it is.
    fn output(&mut self, name: &Ident) {
        if self.outputs.contains(&name.to_string()) {
            let outputs = local("outputs");
            self.say(quote! { let _ = #outputs.#name; });
        }
    }

    /// A value or a shared layer. What is unknown is looked for there, too, so that an editor can complete it.
    fn value_of(&mut self, name: &Ident) {
        let values = local("values");
        self.say(quote! { let _ = #values.#name; });
    }

    fn flow(&mut self, Flow { source, stages }: &Flow) {
        match source {
            Source::Name(name) if self.inputs.contains(&name.to_string()) => {
                let inputs = local("inputs");
                self.say(quote! { let _ = #inputs.#name; });
            }
            Source::Name(name) => {
                self.value_of(name);
                self.output(name);
            }
            Source::Tuple { items, span: _ } => {
                for TupleItem { name, flow } in items {
                    if let (Some(name), Some(stage)) = (name, stages.first()) {
                        self.input_of(name, stage);
                    }
                    self.flow(flow);
                }
            }
        }
        self.stages(stages);
    }

    /// The input of another network that an element of a tuple is meant for.
    fn input_of(&mut self, name: &Ident, stage: &Stage) {
        let network = stage.name();
        let place = match self.names.networks.get(&network.to_string()) {
            Some(place @ (Place::Own | Place::Path(_))) => place,
            Some(Place::Layer(_)) | None => return,
        };
        // Without the place of this use: that leads to the network itself.
        let network = place.mentioned(&local(&network.to_string()));
        self.field(quote! { <#network as ::net_runtime::Network>::Inputs<'_> }, name);
    }

    /// A field of a type.
    fn field(&mut self, of: TokenStream, name: &Ident) {
        let given = local("given");
        self.say(quote! { let _ = |#given: #of| { let _ = #given.#name; }; });
    }

    /// An announcement: its names are those of the network that it announces.
    pub(super) fn announced(&mut self, network: &ExternNetwork) {
        let ExternNetwork { what, path, alias, inputs, outputs, .. } = network;
        self.say(quote! { let _: #path; });
        if let Some(alias) = alias {
            let announced = respanned(path, alias.span());
            self.say(quote! { let _: #announced; });
        }
        if *what == Announced::Layer {
            // Its operands have no names but these.
            inputs
                .iter()
                .map(|input| &input.dims)
                .chain(outputs.iter().map(|output| &output.dims))
                .for_each(|dims| self.dims(dims));
            return;
        }
        for input in inputs {
            self.field(quote! { <#path as ::net_runtime::Network>::Inputs<'_> }, &input.name);
            self.dims(&input.dims);
        }
        for output in outputs {
            self.field(quote! { <#path as ::net_runtime::Network>::Outputs }, &output.name);
            self.dims(&output.dims);
        }
    }

    fn stages(&mut self, stages: &[Stage]) {
        for stage in stages {
            self.stage(stage);
            self.arguments(stage);
        }
    }

    fn stage(&mut self, stage: &Stage) {
        match stage.path.get_ident() {
            Some(name) => self.stage_named(name),
            None => self.path(&stage.path),
        }
    }

    fn stage_named(&mut self, name: &Ident) {
        // A stage around stages may have a word of Rust among its arguments by mistake.
        if !is_name(name) {
            return;
        }
        let text = name.to_string();
        if self.layers.contains(&text) {
            self.value_of(name);
        } else if let Some(network) = self.names.networks.get(&text) {
            let network = network.mentioned(name);
            self.say(quote! { let _: #network; });
        } else if self.names.templates.contains(&text) {
            self.say(quote! { let _ = #name; });
        } else if text.starts_with(char::is_lowercase) {
            self.say(quote! { use ::net_runtime::activations::#name as _; });
        } else {
            self.say(quote! { use ::net_runtime::layers::#name as _; });
        }
    }

    fn path(&mut self, path: &syn::Path) {
        // `use` knows words such as `Self` and `super` at its beginning at most, and there not all of them.
        let begins = |word: &Ident| is_name(word) || ["self", "super", "crate"].iter().any(|begin| word == begin);
        let mut segments = path.segments.iter().map(|segment| &segment.ident);
        if segments.next().is_some_and(begins) && segments.all(is_name) {
            self.say(quote! { use #path as _; });
        }
    }

    /// What a metric is in the runtime: that depends on the output.
    fn metric(&self, output: &Ident, name: &Ident) -> Ident {
        let (output, text) = (output.to_string(), name.to_string());
        let known = self.metrics.iter().find(|(of, metric)| *of == output && metric.ends_with(&text));
        known.map_or_else(|| name.clone(), |(_, metric)| Ident::new(metric, name.span()))
    }

    /// A loss or a metric, with its name in the runtime.
    fn head(&mut self, stage: &Stage, module: &str, name: &Ident) {
        self.arguments(stage);
        if stage.path.get_ident().is_none() {
            return self.path(&stage.path);
        }
        let module = local(module);
        self.say(quote! { use ::net_runtime::#module::#name as _; });
    }

    fn arguments(&mut self, stage: &Stage) {
        let text = stage.name().to_string();
        for Argument { name, value } in stage.arguments.iter().flat_map(|arguments| &arguments.items) {
            match value {
                Value::Word(stage) if wrapper::takes_stage(&text, name.as_ref().map(Ident::to_string).as_deref()) => {
                    // Any word can be an argument, but not a stage.
                    if crate::parse::check_name(stage).is_ok() {
                        self.stage_named(stage);
                    }
                }
                value => self.value(value),
            }
        }
    }

    fn dims(&mut self, dims: &Dims) {
        dims.dims.iter().for_each(|dim| self.value(dim));
    }

    pub(super) fn value(&mut self, value: &Value) {
        match value {
            Value::Integer { .. } | Value::Float { .. } | Value::Bool(_) | Value::Text(_) => {}
            Value::Word(name) => {
                let text = name.to_string();
                if let Some(constant) = self.names.constants.get(&text) {
                    let constant = constant.mentioned(name);
                    self.say(quote! { let _ = #constant; });
                } else if self.values.contains(&text) {
                    self.value_of(name);
                }
            }
            Value::Tuple { items, span: _ } => items.iter().for_each(|item| self.value(item)),
            Value::Operation { first, rest } => {
                self.value(first);
                rest.iter().for_each(|(_, _, value)| self.value(value));
            }
            Value::Chain(stages) => self.stages(stages),
        }
    }
}
