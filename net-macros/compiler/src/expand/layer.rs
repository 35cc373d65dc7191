//! Calls of layers. There is one order of arguments, of which a layer's functions take those that its facts ask for:
//!
//! | function | arguments |
//! | --- | --- |
//! | `forward` | samples, operands, weights, activation, results, what is kept, random key, scratch |
//! | `statistics` | samples, weights, what is kept, statistics |
//! | `backward_begin` | samples, weights, operands, results, activation, gradients by results, what is kept, random key, scratch |
//! | `backward_weights` | samples, weights, operands, results, activation, gradients by results, what is kept, gradients by weights, scratch |
//! | `backward_input` | samples, index of the operand, weights, operands, results, activation, gradients by results, what is kept, gradient by the operand, store, random key, scratch |
//! | `backward_in_place` | samples, gradient by the result, operand and gradient in one, store |

use proc_macro2::{Ident, TokenStream};

use super::Generator;
use super::backward::{Contribution, condition};
use super::names::number;
use super::once::Once;
use super::tensors::Tensors;
use crate::layers::{Inference, Kind, Read, Reads};
use crate::plan::{
    Columns, Folded, Fused, GradientPlace, InInference, LayerCall, Part, Place, Step, Taken, TensorId, WeightsPlace,
};

impl Generator<'_> {
    /// The forward pass of a layer.
    pub(super) fn layer_forward(&self, step: &Step, layer: &LayerCall) -> TokenStream {
        if layer.copies_nothing {
            return TokenStream::new();
        }
        let forward = self.forward_call(step, layer, None);
        let otherwise = match (&layer.inference, layer.facts.inference) {
            (InInference::Takes(taken), _) => {
                let forward = Once::new(self.forward_call(step, layer, Some(taken)));
                code! { else { #forward } }
            }
            (InInference::Taken, _) => TokenStream::new(),
            (InInference::Same, Inference::Identity) => self.copy_in_inference(step),
            (InInference::Same, Inference::Same | Inference::Affine) => return forward,
        };
        let [forward, otherwise] = [forward, otherwise].map(Once::new);
        code! { if mode.trains() { #forward } #otherwise }
    }

    /// The call of `forward`, in inference perhaps with what it computes for steps behind it.
    fn forward_call(&self, step: &Step, layer: &LayerCall, taken: Option<&Taken>) -> TokenStream {
        let takes = layer.facts.takes;
        let folded = taken.and_then(|taken| taken.folded.as_ref());
        let mut call = Call::new(self, step, layer);
        call.samples();
        call.operands();
        match folded {
            Some(folded) => call.folded_weights(folded),
            None => call.weights(),
        }
        if layer.facts.fuses.activation {
            let own = layer.activation.as_ref().map(|Fused { constant, .. }| constant);
            let activation = activation(taken.map_or(own, |taken| taken.activation.as_ref()));
            let of_sum = taken.and_then(|taken| taken.sum_with).map(|_| code! { .of_sum() });
            call.argument(code! { #activation #of_sum });
        }
        match taken {
            Some(taken) => call.result(taken.result),
            None => call.results(),
        }
        call.saved();
        if takes.random {
            call.random();
        }
        if takes.scratch {
            match folded {
                Some(folded) => call.scratch_for(folded.number),
                None => call.scratch_for_weights(),
            }
        }
        if layer.facts.fallible {
            call.end = code! { ?; };
        }
        call.finish("forward")
    }

    /// What a layer that does nothing in inference does then: its result has its operand's place, unless that is the caller's
    /// or both are read together.
    fn copy_in_inference(&self, step: &Step) -> TokenStream {
        let starts = &self.plan.inference.tensors;
        let (operand, result) = (step.operands[0], step.result());
        if let Place::Tensor(operand) = operand
            && starts[operand.0] == starts[result.0]
        {
            return TokenStream::new();
        }
        let mut tensors = Tensors::new(self);
        let x = tensors.operand("x", operand);
        let y = tensors.tensor("y", result);
        let bind = tensors.bind();
        code! {
            else {
                #bind
                #y.copy_from_slice(#x);
            }
        }
    }

    /// What the statistics among a step's weights become, by the batch of the forward pass.
    pub(super) fn layer_statistics(&self, step: &Step, layer: &LayerCall) -> Option<TokenStream> {
        let parameters = &layer.facts.weights.as_ref()?.parameters;
        if !parameters.iter().any(|parameter| parameter.kind == Kind::Statistic && !parameter.frozen) {
            return None;
        }
        let mut call = Call::new(self, step, layer);
        call.samples();
        call.weights();
        call.saved();
        call.gradients_by_weights();
        Some(call.finish("statistics"))
    }

    /// The backward pass of a layer of which a result has a gradient.
    pub(super) fn layer_backward(&self, step: &Step, layer: &LayerCall) -> TokenStream {
        if layer.copies_nothing {
            return self.finish_parts(step);
        }
        let before_activation = self.before_activation(step, layer);
        let begin = self.begin(step, layer);
        let by_weights = self.by_weights(step, layer);
        let [before_activation, begin, by_weights] = [before_activation, begin, by_weights].map(Once::new);
        let with_gradient = (0..step.operands.len()).filter(|&index| step.compute.has_gradient(index));
        let by_operands = with_gradient.map(|index| Once::new(self.by_operand(step, layer, index)));
        code! { #before_activation #begin #by_weights #(#by_operands)* }
    }

    /// The gradients by the parts of a tensor lie in that of the whole: those that are missing are made zero.
    fn finish_parts(&self, step: &Step) -> TokenStream {
        let [whole] = step.operands[..] else { return TokenStream::new() };
        self.contribution(whole, |Contribution { gradient, .. }| {
            let parts = step.results.iter().map(|&part| self.gradient_constant(Place::Tensor(part)));
            let mut tensors = Tensors::new(self);
            let dx = tensors.operand_gradient("dx", whole);
            let bind = tensors.bind();
            let (descriptor, samples) = (&step.descriptor, samples(step));
            code! {
                arena.write(#gradient);
                let given = [#(arena.has(#parts)),*];
                #bind
                Self::#descriptor.finish_gradient(#samples, &given, #dx);
            }
        })
    }

    /// Makes the gradient by the result one by what was before the activation, unless the layer does. One that was written over what a
    /// ReLU has made is that already.
    fn before_activation(&self, step: &Step, layer: &LayerCall) -> TokenStream {
        let applied = self.masked(step) || layer.facts.fuses.derivative;
        let Some(Fused { constant, .. }) = layer.activation.as_ref().filter(|_| !applied) else {
            return TokenStream::new();
        };
        let mut tensors = Tensors::new(self);
        let y = tensors.tensor("y", step.result());
        let dy = tensors.gradient("dy", step.result());
        let bind = tensors.bind();
        code! {
            #bind
            Self::#constant.backward_in_place(#y, #dy);
        }
    }

    /// What the other functions have in common, if any of them is called.
    fn begin(&self, step: &Step, layer: &LayerCall) -> TokenStream {
        let Some(reads) = layer.facts.backward.begin else { return TokenStream::new() };
        let mut call = Call::new(self, step, layer);
        call.samples();
        call.read(reads);
        call.saved();
        if reads.random {
            call.random();
        }
        if layer.facts.takes.scratch {
            call.scratch_for_weights();
        }
        let begin = call.finish("backward_begin");
        let by_weights = layer.facts.moves_weights().then(|| code! { gradients.is_some() });
        let by_operands = step.operands.iter().enumerate().filter_map(|(index, &operand)| {
            let wanted = self.plan.wanted_from(step, index);
            wanted.by_anybody().then(|| condition(wanted, self.plan.producer(operand)))
        });
        let conditions: Vec<_> = by_weights.into_iter().chain(by_operands).collect();
        if conditions.is_empty() {
            TokenStream::new()
        } else {
            code! { if #(#conditions)||* { #begin } }
        }
    }

    fn by_weights(&self, step: &Step, layer: &LayerCall) -> TokenStream {
        if !layer.facts.moves_weights() {
            return TokenStream::new();
        }
        let mut call = Call::new(self, step, layer);
        call.samples();
        call.read(layer.facts.backward.weights);
        call.saved();
        call.gradients_by_weights();
        if layer.facts.takes.scratch {
            call.scratch();
        }
        let contribution = Once::new(call.finish("backward_weights"));
        code! { if let ::core::option::Option::Some(gradients) = &mut gradients { #contribution } }
    }

    fn by_operand(&self, step: &Step, layer: &LayerCall, index: usize) -> TokenStream {
        let operand = step.operands[index];
        let takes = layer.facts.takes;
        self.contribution(operand, |contribution| {
            let mut call = Call::new(self, step, layer);
            let write = call.write(contribution);
            call.samples();
            if self.plan.goes_in_place(step) {
                call.gradients_by_results();
                call.gradient_by_operand("x", operand);
                call.argument(write);
                return call.finish("backward_in_place");
            }
            if takes.operand_list {
                let index = number(index);
                call.argument(code! { #index });
            }
            let reads = layer.facts.backward.input;
            if reads.results == Read::Sign && self.masked(step) {
                // What is left of it is the identity, for which any tensor will do.
                let on_columns = self.on_columns(step, layer);
                call.layer = code! { ::net_runtime::activations::Activation::Linear #on_columns };
                call.gradients_by_results();
                call.gradients_by_results();
            } else {
                call.read(reads);
            }
            call.saved();
            call.gradient_by_operand("dx", operand);
            call.argument(write);
            if reads.random {
                call.random();
            }
            if takes.scratch {
                call.scratch_for_weights();
            }
            call.finish("backward_input")
        })
    }

    /// Whether the derivative of the ReLU that made a step's result is applied where the gradient by it is written.
    fn masked(&self, step: &Step) -> bool {
        self.plan.gradient_place(Place::Tensor(step.result())) == GradientPlace::Over { mask: true }
    }
}

/// A call of one of a layer's functions, while its arguments are put together.
struct Call<'a> {
    generator: &'a Generator<'a>,
    tensors: Tensors<'a>,
    step: &'a Step,
    of: &'a LayerCall,
    layer: TokenStream,
    arguments: Vec<TokenStream>,
    /// What comes before the tensors are taken.
    before: TokenStream,
    /// What comes between that and the call.
    between: TokenStream,
    scratch: bool,
    /// The gradient that it contributes to.
    writes: Option<TokenStream>,
    /// What stands behind the call.
    end: TokenStream,
}

impl<'a> Call<'a> {
    fn new(generator: &'a Generator<'a>, step: &'a Step, of: &'a LayerCall) -> Self {
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

    fn argument(&mut self, argument: TokenStream) {
        self.arguments.push(argument);
    }

    fn samples(&mut self) {
        if self.of.facts.meaning.elementwise.is_none() {
            let samples = samples(self.step);
            self.argument(samples);
        }
    }

    /// What a function of the backward pass is computed from.
    fn read(&mut self, reads: Reads) {
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

    fn operands(&mut self) {
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

    fn weights(&mut self) {
        if let Some(weights) = &self.of.weights {
            let path = &weights.path;
            self.argument(code! { &self #(.#path)* });
        }
    }

    /// The weights of a layer and of what is folded into it.
    fn folded_weights(&mut self, folded: &Folded) {
        let Some(weights) = &self.of.weights else { return };
        let Folded { descriptor, weights: WeightsPlace { path: taken, .. }, run, number: index, .. } = folded;
        let (path, run, index) = (&weights.path, number(*run), number(*index));
        self.scratch = true;
        self.between = code! {
            let folded = Self::#descriptor.fold(&self #(.#taken)*, &self #(.#path)*, #run, scratch.for_weights(#index));
        };
        self.argument(code! { &folded });
    }

    fn gradients_by_weights(&mut self) {
        if let Some(weights) = &self.of.weights {
            let path = &weights.path;
            self.argument(code! { &mut gradients #(.#path)* });
        }
    }

    fn results(&mut self) {
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
    fn result(&mut self, tensor: TensorId) {
        let result = self.tensors.tensor("y", tensor);
        self.argument(code! { #result });
    }

    fn gradients_by_results(&mut self) {
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

    fn gradient_by_operand(&mut self, name: &str, operand: Place) {
        let gradient = self.tensors.operand_gradient(name, operand);
        self.argument(code! { #gradient });
    }

    /// Announces the contribution that the call makes; returns what the layer does with its place.
    fn write(&mut self, Contribution { gradient, masked }: Contribution) -> TokenStream {
        self.writes = Some(gradient);
        if masked {
            code! { write.masked() }
        } else {
            code! { write }
        }
    }

    fn saved(&mut self) {
        for kept in &self.of.saved {
            let kept = self.tensors.tensor(kept.name, kept.tensor);
            self.argument(code! { #kept });
        }
    }

    fn random(&mut self) {
        self.before.extend(code! { let random = arena.random(); });
        self.argument(code! { random });
    }

    fn scratch(&mut self) {
        self.scratch = true;
        self.argument(code! { scratch });
    }

    /// Scratch memory in which are the forms that were made of the weights.
    fn scratch_for_weights(&mut self) {
        match &self.of.weights {
            Some(weights) => self.scratch_for(weights.first),
            None => self.scratch(),
        }
    }

    /// The same for the weights of this number.
    fn scratch_for(&mut self, index: usize) {
        self.scratch = true;
        let index = number(index);
        self.argument(code! { scratch.for_weights(#index) });
    }

    fn finish(self, function: &str) -> TokenStream {
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

/// The function of this constant, or none.
fn activation(constant: Option<&Ident>) -> TokenStream {
    match constant {
        Some(constant) => code! { Self::#constant },
        None => code! { ::net_runtime::activations::Activation::Linear },
    }
}

/// The number of samples that a step is computed for.
fn samples(step: &Step) -> TokenStream {
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
    fn on_columns(&self, step: &Step, layer: &LayerCall) -> TokenStream {
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
