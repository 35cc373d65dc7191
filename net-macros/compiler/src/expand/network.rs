//! The struct, its public functions, and the trait that every network has.

use proc_macro2::TokenStream;

use super::Generator;
use super::names::{Names, number};
use super::once::Once;
use super::types::Leaf;
use super::visits::Shown;
use super::weights;
use crate::plan::{Compute, Constant, Field, Holds, Place, Wanted};

impl Generator<'_> {
    /// The struct of the weights.
    pub(super) fn expand_struct(&self) -> TokenStream {
        let network = self.plan.network;
        let (name, visibility) = (&network.name, &network.visibility);
        // `#[cfg]` comes in front of every item, this one included.
        let attributes = network.attributes.iter().filter(|attribute| !attribute.path().is_ident("cfg"));
        let docs = self.expand_docs();
        let fields = self.plan.fields.iter().map(|field| Once::new(self.expand_field(field, Leaf::Param)));
        let lints = self.announced_lints();
        code! {
            #(#attributes)*
            #docs
            #lints
            #[derive(Clone, Debug)]
            #visibility struct #name { #(#fields),* }
        }
    }

    /// The functions that a program calls.
    pub(super) fn expand_api(&self) -> TokenStream {
        let Names { network, inputs, outputs, views, gradients, input_gradients, upstream, workspace, .. } =
            &self.names;
        let (into_inputs, into_upstream) = (self.inputs_bound(), self.upstream_bound());
        let [predict_into, forward, backward, backward_add, backward_inputs, backward_both] =
            ["predict_into", "forward", "backward", "backward_add", "backward_inputs", "backward_both"]
                .map(|name| self.shown_name(name));
        let constants =
            self.plan.constants.iter().map(|Constant { name, kind, value }| code! { const #name: #kind = #value; });
        let constants = constants.map(Once::new);
        let parameters = self.expand_sum(&self.plan.table.parameters, number, "parameters");
        let literal = proc_macro2::Literal::u64_unsuffixed;
        let multiply_adds = self.expand_sum(&self.plan.table.multiply_adds, literal, "multiply_adds");
        let [inference_bytes, training_bytes] = self.bytes();
        let inference_bytes = self.expand_sum(&inference_bytes, number, "inference_bytes");
        let training_bytes = self.expand_sum(&training_bytes, number, "training_bytes");
        let seeds = self.expand_seeds();
        let [of_losses, penalty_gradients] = self.expand_penalty_gradients();
        let statistics = self.expand_statistics_call();
        let announced_constants = self.expand_announced_constants();
        code! {
            impl #network {
                /// Number of all elements of its weights.
                pub const PARAMETERS: ::core::primitive::usize = #parameters;
                /// Multiplications with addition that one sample needs in a forward pass.
                pub const MULTIPLY_ADDS: ::core::primitive::u64 = #multiply_adds;
                /// Bytes of activations for a sample in inference. Of many samples each takes less where some layers are computed for a
                /// group of them after the other.
                pub const INFERENCE_BYTES_PER_SAMPLE: ::core::primitive::usize = #inference_bytes;
                /// Bytes of activations and their gradients for each sample in a training step.
                pub const TRAINING_BYTES_PER_SAMPLE: ::core::primitive::usize = #training_bytes;

                /// A network with freshly drawn weights: the same seed gives the same weights.
                pub fn new(seed: ::core::primitive::u64) -> Self {
                    <Self as ::net_runtime::Network>::new(seed)
                }

                /// The table of the layers, as Keras prints it.
                pub fn summary() -> ::net_runtime::Summary {
                    ::net_runtime::Summary::new(<Self as ::net_runtime::Network>::INFO)
                }

                /// Draws the network into a file, `.svg` or `.png`.
                ///
                /// # Errors
                ///
                /// If the file has another ending or cannot be written.
                pub fn plot(
                    path: impl ::core::convert::AsRef<::std::path::Path>,
                ) -> ::core::result::Result<(), ::net_runtime::Error> {
                    ::net_runtime::plot::save(<Self as ::net_runtime::Network>::INFO, path.as_ref())
                }

                /// Writes the weights into a safetensors file, whole or not at all.
                ///
                /// # Errors
                ///
                /// If the file cannot be written.
                pub fn save(
                    &self,
                    path: impl ::core::convert::AsRef<::std::path::Path>,
                ) -> ::core::result::Result<(), ::net_runtime::Error> {
                    ::net_runtime::io::save_parameters(self, path.as_ref())
                }

                /// Reads the weights from a safetensors file.
                ///
                /// # Errors
                ///
                /// If the file cannot be read, is of another network, or is damaged: the message names the tensor.
                pub fn load(
                    path: impl ::core::convert::AsRef<::std::path::Path>,
                ) -> ::core::result::Result<Self, ::net_runtime::Error> {
                    let mut network = Self::new(0);
                    ::net_runtime::io::load_parameters(&mut network, path.as_ref())?;
                    ::core::result::Result::Ok(network)
                }

                /// The bytes of the file that [`save`](Self::save) writes.
                ///
                /// # Errors
                ///
                /// If memory cannot hold them.
                pub fn to_bytes(
                    &self,
                ) -> ::core::result::Result<::std::vec::Vec<::core::primitive::u8>, ::net_runtime::Error> {
                    ::net_runtime::io::parameters_to_bytes(self)
                }

                /// Takes the weights from the bytes of a safetensors file: `include_bytes!` makes them part of the program.
                ///
                /// # Errors
                ///
                /// As [`load`](Self::load), if the bytes are of another network or damaged.
                pub fn from_bytes(
                    bytes: &[::core::primitive::u8],
                ) -> ::core::result::Result<Self, ::net_runtime::Error> {
                    let mut network = Self::new(0);
                    ::net_runtime::io::load_parameters_from_bytes(&mut network, bytes)?;
                    ::core::result::Result::Ok(network)
                }

                /// Reads those of its weights that are in a safetensors file of another network, under the same names and in the
                /// same shapes; the rest stays as it is. The result says what was taken, and prints itself.
                ///
                /// # Errors
                ///
                /// If the file cannot be read, is damaged, or has none of its weights. The network is then as it was.
                pub fn load_matching(
                    &mut self,
                    path: impl ::core::convert::AsRef<::std::path::Path>,
                ) -> ::core::result::Result<::net_runtime::io::Matching, ::net_runtime::Error> {
                    ::net_runtime::io::load_matching(self, path.as_ref())
                }

                /// Computes the outputs of any number of samples, in batches.
                ///
                /// # Errors
                ///
                /// If the inputs have different numbers of samples, or memory cannot hold what they take.
                pub fn predict<'a>(
                    &self,
                    inputs: impl #into_inputs,
                ) -> ::core::result::Result<#outputs, ::net_runtime::Error> {
                    <Self as ::net_runtime::Network>::predict(self, inputs.into_inputs())
                }

                /// Computes the outputs as one batch; they stay in the workspace.
                ///
                /// # Errors
                ///
                /// If the inputs have different numbers of samples, or memory cannot hold what they take.
                pub fn #predict_into<'a, 'w>(
                    &self,
                    inputs: impl #into_inputs,
                    workspace: &'w mut #workspace,
                ) -> ::core::result::Result<#views<'w>, ::net_runtime::Error> {
                    self.forward(inputs, ::net_runtime::Mode::Inference, workspace)
                }

                /// Computes the outputs as one batch; they stay in the workspace. In training mode, so does what backward
                /// needs.
                ///
                /// # Errors
                ///
                /// If the inputs have different numbers of samples, or memory cannot hold what they take.
                pub fn #forward<'a, 'w>(
                    &self,
                    inputs: impl #into_inputs,
                    mode: ::net_runtime::Mode,
                    workspace: &'w mut #workspace,
                ) -> ::core::result::Result<#views<'w>, ::net_runtime::Error> {
                    ::net_runtime::shares::forward(self, inputs.into_inputs(), mode, workspace)?;
                    workspace.outputs()
                }

                /// Gradients by the weights, which overwrite what `gradients` held. Uses up the forward pass in training
                /// mode that the workspace holds, which must have had the same inputs.
                ///
                /// # Errors
                ///
                /// If the workspace holds no such pass over as many samples.
                pub fn #backward<'a, 'b>(
                    &self,
                    inputs: impl #into_inputs,
                    upstream: impl #into_upstream,
                    workspace: &mut #workspace,
                    gradients: &mut #gradients,
                ) -> ::core::result::Result<(), ::net_runtime::Error> {
                    let gradients = ::core::option::Option::Some((gradients, ::net_runtime::Write::Set));
                    self.backward_pass(inputs.into_inputs(), upstream.into_upstream(), workspace, gradients, false)
                }

                /// [`backward`](Self::backward), but adds to what `gradients` holds.
                ///
                /// # Errors
                ///
                /// As for `backward`.
                pub fn #backward_add<'a, 'b>(
                    &self,
                    inputs: impl #into_inputs,
                    upstream: impl #into_upstream,
                    workspace: &mut #workspace,
                    gradients: &mut #gradients,
                ) -> ::core::result::Result<(), ::net_runtime::Error> {
                    let gradients = ::core::option::Option::Some((gradients, ::net_runtime::Write::Add));
                    self.backward_pass(inputs.into_inputs(), upstream.into_upstream(), workspace, gradients, false)
                }

                /// Gradients by the inputs, which stay in the workspace; none by the weights. Otherwise as
                /// [`backward`](Self::backward).
                ///
                /// # Errors
                ///
                /// As for `backward`.
                pub fn #backward_inputs<'a, 'b, 'w>(
                    &self,
                    inputs: impl #into_inputs,
                    upstream: impl #into_upstream,
                    workspace: &'w mut #workspace,
                ) -> ::core::result::Result<#input_gradients<'w>, ::net_runtime::Error> {
                    self.backward_pass(inputs.into_inputs(), upstream.into_upstream(), workspace, ::core::option::Option::None, true)?;
                    ::core::result::Result::Ok(workspace.input_gradients())
                }

                /// Both in one pass: gradients by the weights, which overwrite what `gradients` held, and gradients by the
                /// inputs, which stay in the workspace.
                ///
                /// # Errors
                ///
                /// As for `backward`.
                pub fn #backward_both<'a, 'b, 'w>(
                    &self,
                    inputs: impl #into_inputs,
                    upstream: impl #into_upstream,
                    workspace: &'w mut #workspace,
                    gradients: &mut #gradients,
                ) -> ::core::result::Result<#input_gradients<'w>, ::net_runtime::Error> {
                    let gradients = ::core::option::Option::Some((gradients, ::net_runtime::Write::Set));
                    self.backward_pass(inputs.into_inputs(), upstream.into_upstream(), workspace, gradients, true)?;
                    ::core::result::Result::Ok(workspace.input_gradients())
                }

                fn backward_pass(
                    &self,
                    inputs: #inputs<'_>,
                    upstream: #upstream<'_>,
                    workspace: &mut #workspace,
                    gradients: ::core::option::Option<(&mut #gradients, ::net_runtime::Write)>,
                    by_inputs: ::core::primitive::bool,
                ) -> ::core::result::Result<(), ::net_runtime::Error> {
                    let samples = ::net_runtime::Inputs::samples(&inputs)?;
                    upstream.check(samples)?;
                    let arena = &mut workspace.arena;
                    arena.begin_backward(samples, by_inputs)?;
                    #of_losses
                    #seeds
                    let mut gradients = gradients.map(|(gradients, write)| {
                        if write == ::net_runtime::Write::Set {
                            ::net_runtime::Gradients::visit_mut(gradients, &mut |_, gradient| gradient.begin());
                        }
                        gradients
                    });
                    #penalty_gradients
                    ::net_runtime::pass::<Self>(2, samples, || {
                        #statistics
                        ::net_runtime::inner::InnerNetwork::backward_steps(
                            self, inputs, workspace, gradients.as_deref_mut(), by_inputs,
                        )
                    })?;
                    if let ::core::option::Option::Some(gradients) = gradients {
                        ::net_runtime::Gradients::visit_mut(gradients, &mut |_, gradient| gradient.finish());
                    }
                    ::core::result::Result::Ok(())
                }
            }

            impl #network { #(#constants)* }

            #announced_constants
        }
    }

    /// Where a backward pass begins: with gradients of the caller's, or at the losses.
    fn expand_seeds(&self) -> TokenStream {
        let upstream = &self.names.upstream;
        let given = self.plan.network.outputs.iter().zip(&self.plan.outputs).filter_map(|(output, place)| {
            let name = &output.name;
            let wanted = self.plan.tensor_gradients[place.tensor.0];
            if !wanted.by_anybody() {
                return None;
            }
            let constant = self.gradient_constant(Place::Tensor(place.tensor));
            Some(self.where_seeded(
                wanted,
                code! {
                    if let ::core::option::Option::Some(gradient) = given.#name {
                        arena.receive(#constant, gradient.data());
                    }
                },
            ))
        });
        let losses = (!self.plan.heads.is_empty()).then(|| {
            let (terms, activities) = (self.expand_loss_gradients(), self.expand_activity_seeds());
            code! {
                #upstream::Losses(samples) => {
                    let n = arena.samples();
                    #terms
                    #activities
                }
            }
        });
        let bind_slots = self.plan.training_weights.is_some().then(|| self.bind_training_slots());
        code! {
            #bind_slots
            match upstream {
                #upstream::Gradients(given) => { #(#given)* }
                #losses
            }
        }
    }

    /// What begins a gradient, if it has a place in this pass: one that only the inputs want has none in a pass for weights.
    pub(super) fn where_seeded(&self, wanted: Wanted, seed: TokenStream) -> TokenStream {
        let always = wanted.by_weights || self.plan.training_weights.is_none();
        if always {
            seed
        } else {
            code! { if by_inputs { #seed } }
        }
    }

    /// The trait for code that is generic over networks.
    pub(super) fn expand_network_trait(&self) -> TokenStream {
        let Names { network, inputs, outputs, views, gradients, workspace, .. } = &self.names;
        let info = Once::new(self.expand_info());
        let mixes_samples = self.expand_mixes_samples();
        let fields = self.plan.fields.iter().map(|Field { name, holds, frozen, .. }| {
            let text = name.to_string().replace("r#", "");
            let seed = code! { ::net_runtime::initializers::Seed::new(seed, #text) };
            match holds {
                Holds::Weights(weights) => {
                    let weights = Once::new(weights::initial(weights, &seed));
                    code! { #name: #weights }
                }
                Holds::Network(id) => {
                    let inner = self.inner_type(*id);
                    let new = code! { <#inner as ::net_runtime::Network>::new(#seed.of_inner_network()) };
                    if *frozen {
                        code! { #name: ::net_runtime::frozen::network(#new) }
                    } else {
                        code! { #name: #new }
                    }
                }
            }
        });
        let fields = fields.map(Once::new);
        let output_names: Vec<_> = self.plan.network.outputs.iter().map(|output| &output.name).collect();
        let inner = |name: &'static str| move |field: &Field| self.inner_function(field, name);
        let visits_of_terms = self.expand_visits_of_terms();
        let visits = Once::new(self.expand_visits("show", inner("visit"), &[Shown::param()]));
        let visits_mut = Once::new(self.expand_visits("show_mut", inner("visit_mut"), &[Shown::param_mut()]));
        let shown = [Shown::param_mut(), Shown::gradient(code! { gradients })];
        let visits_with_gradients =
            Once::new(self.expand_visits("show_with_gradients", inner("visit_with_gradients"), &shown));
        code! {
            #[allow(unused_variables)]
            impl ::net_runtime::Network for #network {
                type Inputs<'a> = #inputs<'a>;
                type Outputs = #outputs;
                type OutputViews<'w> = #views<'w>;
                type Workspace = #workspace;
                type Gradients = #gradients;

                const INFO: &'static ::net_runtime::NetworkInfo = &#info;
                #mixes_samples

                fn new(seed: ::core::primitive::u64) -> Self {
                    Self { #(#fields),* }
                }

                fn forward<'w>(
                    &self,
                    inputs: #inputs<'_>,
                    mode: ::net_runtime::Mode,
                    workspace: &'w mut #workspace,
                ) -> ::core::result::Result<#views<'w>, ::net_runtime::Error> {
                    self.forward(inputs, mode, workspace)
                }

                fn reserve(outputs: &mut #outputs, samples: ::core::primitive::usize) -> ::core::result::Result<(), ::net_runtime::Error> {
                    #(outputs.#output_names.try_reserve(samples)?;)*
                    ::core::result::Result::Ok(())
                }

                fn append(outputs: &mut #outputs, batch: #views<'_>) {
                    #(outputs.#output_names.extend(batch.#output_names);)*
                }

                fn visit<'p>(&'p self, visitor: ::net_runtime::ParamVisitor<'_, 'p>) {
                    #visits
                }

                fn visit_mut(
                    &mut self,
                    visitor: &mut dyn ::core::ops::FnMut(::net_runtime::Name<'_>, &mut ::net_runtime::Param),
                ) {
                    #visits_mut
                }

                fn visit_with_gradients(
                    &mut self,
                    gradients: &#gradients,
                    visitor: &mut dyn ::core::ops::FnMut(
                        ::net_runtime::Name<'_>,
                        &mut ::net_runtime::Param,
                        &::net_runtime::Gradient,
                    ),
                ) {
                    #visits_with_gradients
                }

                #visits_of_terms
            }
        }
    }

    /// Whether a batch is more than its samples: for a layer, a loss, or an announced network that is so.
    fn expand_mixes_samples(&self) -> TokenStream {
        let layers = self.plan.steps.iter().any(|step| match &step.compute {
            Compute::Layer(layer) => layer.facts.mixes_samples,
            Compute::Announced { .. } => false,
        });
        let announced = self.plan.workspaces.iter().map(|workspace| self.inner_type(workspace.network));
        let announced: Vec<_> = announced.collect();
        let losses = self.plan.heads.iter().flat_map(|head| &head.terms).any(|term| term.loss.mixes_samples());
        if layers || losses {
            code! { const MIXES_SAMPLES: ::core::primitive::bool = true; }
        } else if announced.is_empty() {
            TokenStream::new()
        } else {
            code! { const MIXES_SAMPLES: ::core::primitive::bool = #(<#announced as ::net_runtime::Network>::MIXES_SAMPLES)||*; }
        }
    }
}
