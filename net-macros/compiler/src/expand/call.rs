//! A call of one of a layer's functions, argument by argument.

use proc_macro2::{Ident, TokenStream};

use super::Generator;
use super::backward::Contribution;
use super::names::number;
use super::once::Once;
use super::tensors::Tensors;
use crate::layers::{Read, Reads};
use crate::plan::{Columns, Folded, Fused, LayerCall, Part, Place, Step, TensorId, WeightsPlace};

/// A call of one of a layer's functions, while its arguments are put together.
pub(super) struct Call<'a> {
    generator: &'a Generator<'a>,
    tensors: Tensors<'a>,
    step: &'a Step,
    of: &'a LayerCall,
    /// The descriptor of the layer.
    pub layer: TokenStream,
    arguments: Vec<TokenStream>,
    /// What comes before the tensors are taken.
    before: TokenStream,
    /// What comes between that and the call.
    between: TokenStream,
    scratch: bool,
    /// The gradient that it contributes to.
    writes: Option<TokenStream>,
    /// What stands behind the call.
    pub end: TokenStream,
}

impl<'a> Call<'a> {
    pub(super) fn new(generator: &'a Generator<'a>, step: &'a Step, of: &'a LayerCall) -> Self {
        Self {
            generator,
            tensors: Tensors::new(generator),
            step,
            of,
            layer: generator.layer_descriptor(step, of),
            arguments: Vec::new(),
            before: TokenStream::new(),
            between: TokenStream::new(),
            scratch: false,
            writes: None,
            end: code! { ; },
        }
    }

    pub(super) fn argument(&mut self, argument: TokenStream) {
        self.arguments.push(argument);
    }

    pub(super) fn samples(&mut self) {
        if self.of.facts.meaning.elementwise.is_none() {
            let samples = samples(self.step);
            self.argument(samples);
        }
    }

    /// What a function of the backward pass is computed from.
    pub(super) fn read(&mut self, reads: Reads) {
        if reads.weights {
            self.weights();
        }
        if reads.operands {
            self.operands();
        }
        if reads.results != Read::Nothing {
            self.results();
        }
        if self.of.facts.fuses.derivative {
            self.argument(activation(self.of.activation.as_ref().map(|Fused { constant, .. }| constant)));
        }
        if reads.upstream {
            self.gradients_by_results();
        }
    }

    pub(super) fn operands(&mut self) {
        let operands = &self.step.operands;
        if self.of.facts.takes.operand_list {
            let list = self.tensors.operands(operands);
            self.argument(list);
            return;
        }
        for (name, &operand) in names("x", operands.len()).zip(operands) {
            let operand = self.tensors.operand(&name, operand);
            self.argument(operand);
        }
    }

    pub(super) fn weights(&mut self) {
        if let Some(weights) = &self.of.weights {
            let path = &weights.path;
            self.argument(code! { &self #(.#path)* });
        }
    }

    /// The weights of a layer and of what is folded into it.
    pub(super) fn folded_weights(&mut self, folded: &Folded) {
        let Some(weights) = &self.of.weights else { return };
        let Folded { descriptor, weights: WeightsPlace { path: taken, .. }, run, number: index, .. } = folded;
        let (path, run, index) = (&weights.path, number(*run), number(*index));
        self.scratch = true;
        self.between = code! {
            let folded = Self::#descriptor.fold(&self #(.#taken)*, &self #(.#path)*, #run, scratch.for_weights(#index));
        };
        self.argument(code! { &folded });
    }

    pub(super) fn gradients_by_weights(&mut self) {
        if let Some(weights) = &self.of.weights {
            let path = &weights.path;
            self.argument(code! { &mut gradients #(.#path)* });
        }
    }

    pub(super) fn results(&mut self) {
        let results = &self.step.results;
        let names = names("y", results.len()).zip(results);
        let results: Vec<Ident> = names.map(|(name, &result)| self.tensors.tensor(&name, result)).collect();
        if self.of.facts.takes.result_list {
            self.argument(code! { &mut [#(#results),*] });
        } else {
            self.arguments.extend(results.into_iter().map(|result| code! { #result }));
        }
    }

    /// The only result, which is another one than the step has.
    pub(super) fn result(&mut self, tensor: TensorId) {
        let result = self.tensors.tensor("y", tensor);
        self.argument(code! { #result });
    }

    pub(super) fn gradients_by_results(&mut self) {
        let results = &self.step.results;
        let names = names("dy", results.len()).zip(results);
        let gradients: Vec<Ident> = names.map(|(name, &result)| self.tensors.gradient(&name, result)).collect();
        if !self.of.facts.takes.result_list {
            self.arguments.extend(gradients.into_iter().map(|gradient| code! { #gradient }));
            return;
        }
        let constants = results.iter().map(|&result| self.generator.gradient_constant(Place::Tensor(result)));
        let indices = (0..results.len()).map(number);
        self.before.extend(code! { let given = [#(arena.has(#constants)),*]; });
        self.argument(code! { &[#(given[#indices].then_some(&*#gradients)),*] });
    }

    pub(super) fn gradient_by_operand(&mut self, name: &str, operand: Place) {
        let gradient = self.tensors.operand_gradient(name, operand);
        self.argument(code! { #gradient });
    }

    /// Announces the contribution that the call makes; returns what the layer does with its place.
    pub(super) fn write(&mut self, Contribution { gradient, masked }: Contribution) -> TokenStream {
        self.writes = Some(gradient);
        if masked {
            code! { write.masked() }
        } else {
            code! { write }
        }
    }

    pub(super) fn saved(&mut self) {
        for kept in &self.of.saved {
            let kept = self.tensors.tensor(kept.name, kept.tensor);
            self.argument(code! { #kept });
        }
    }

    pub(super) fn random(&mut self) {
        self.before.extend(code! { let random = arena.random(); });
        self.argument(code! { random });
    }

    pub(super) fn scratch(&mut self) {
        self.scratch = true;
        self.argument(code! { scratch });
    }

    /// Scratch memory in which are the forms that were made of the weights.
    pub(super) fn scratch_for_weights(&mut self) {
        match &self.of.weights {
            Some(weights) => self.scratch_for(weights.first),
            None => self.scratch(),
        }
    }

    /// The same for the weights of this number.
    pub(super) fn scratch_for(&mut self, index: usize) {
        self.scratch = true;
        let index = number(index);
        self.argument(code! { scratch.for_weights(#index) });
    }

    pub(super) fn finish(self, function: &str) -> TokenStream {
        let Self { tensors, layer, arguments, before, between, scratch, writes, end, .. } = self;
        let bind = tensors.bind_for(scratch, writes);
        let [before, bind, between, layer, end] = [before, bind, between, layer, end].map(Once::new);
        let arguments = arguments.into_iter().map(Once::new);
        let function = Ident::new(function, super::place());
        code! {
            #before
            #bind
            #between
            #layer.#function(#(#arguments),*) #end
        }
    }
}

impl Generator<'_> {
    /// The descriptor of a layer, whose operands may be parts of larger tensors, and whose result may be one, or what a pool leaves of
    /// it.
    fn layer_descriptor(&self, step: &Step, layer: &LayerCall) -> TokenStream {
        let descriptor = &step.descriptor;
        let on_columns = self.on_columns(step, layer);
        match &layer.part {
            None if layer.pooled => code! { Self::#descriptor.max_pooled() },
            None => code! { Self::#descriptor #on_columns },
            Some(Part { start, pixel, line, sample }) => {
                let [start, pixel, line, sample] = [start, pixel, line, sample].map(|&floats| number(floats));
                code! {
                    Self::#descriptor.within(::net_runtime::layers::Part {
                        start: #start,
                        pixel: #pixel,
                        line: #line,
                        sample: #sample,
                    })
                }
            }
        }
    }

    /// Which parts of larger tensors the operands of a layer are; nothing if none is one.
    pub(super) fn on_columns(&self, step: &Step, layer: &LayerCall) -> TokenStream {
        let columns: Vec<Option<TokenStream>> = step
            .operands
            .iter()
            .map(|&place| {
                let Columns { start, count, of } = self.plan.columns(place)?;
                let [start, count, of] = [start, count, of].map(number);
                Some(code! { ::net_runtime::layers::Columns { start: #start, count: #count, of: #of } })
            })
            .collect();
        if columns.iter().all(Option::is_none) {
            return TokenStream::new();
        }
        if !layer.facts.takes.operand_list {
            return code! { .on_columns(#(#columns),*) };
        }
        let columns = columns.into_iter().map(|columns| match columns {
            Some(columns) => code! { ::core::option::Option::Some(#columns) },
            None => code! { ::core::option::Option::None },
        });
        code! { .on_columns(&[#(#columns),*]) }
    }
}

/// The function of this constant, or none.
pub(super) fn activation(constant: Option<&Ident>) -> TokenStream {
    match constant {
        Some(constant) => code! { Self::#constant },
        None => code! { ::net_runtime::activations::Activation::Linear },
    }
}

/// The number of samples that a step is computed for.
pub(super) fn samples(step: &Step) -> TokenStream {
    match step.times {
        1 => code! { n },
        times => {
            let times = number(times);
            code! { n * #times }
        }
    }
}

/// Local names of so many tensors: `x`, or `x1`, `x2` and so on.
fn names(name: &str, count: usize) -> impl Iterator<Item = String> {
    (1..=count).map(move |number| if count == 1 { name.to_owned() } else { format!("{name}{number}") })
}
