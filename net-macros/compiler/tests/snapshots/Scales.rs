/// An image at two scales through one encoder, with dropout, several losses and an input that nothing learns from.
///
/// # Layers
///
/// | layer | is | reads | output | parameters |
/// | --- | --- | --- | --- | ---: |
/// | `fine` | input |  | `[16, 16, 1]` |  |
/// | `half_avg_pool2d` | [`AvgPool2d(2)`](::net_runtime::layers::AvgPool2d) | `fine` | `[8, 8, 1]` |  |
/// | `coarse` | input |  | `[8, 8, 1]` |  |
/// | `encoder` | [`Encoder`](Encoder) (2 uses) | `half_avg_pool2d`, `coarse` | `[8]` | 76 |
/// | `both_maximum` | [`Maximum`](::net_runtime::layers::Maximum) | `encoder` (use 0), `encoder` (use 1) | `[8]` |  |
/// | `both_dropout` | [`Dropout(0.25)`](::net_runtime::layers::Dropout) | `both_maximum` | `[8]` |  |
/// | `copy_dense` | [`Dense(64)`](::net_runtime::layers::Dense) | `both_dropout` | `[64]` | 576 |
/// | `_camera` | input |  | `[1]` |  |
/// | `class_dense` | [`Dense(3)`](::net_runtime::layers::Dense) → `softmax` | `both_dropout` | `[3]` | 27 |
/// | `copy_reshape` | [`Reshape(8, 8, 1)`](::net_runtime::layers::Reshape) → `sigmoid` | `copy_dense` | `[8, 8, 1]` |  |
///
/// 679 parameters (2.65 KB); for each sample 3,192 multiply-adds in a forward pass, and activations of 832.00 B in inference and 4.06 KB in training.
///
#[derive(Clone, Debug)]
pub(crate) struct Scales {
    /// The inner network [`Encoder`], `[8, 8, 1]` → `[8]`, 2 uses.
    encoder: Encoder,
    /// `Dense(3)`, `[8]` → `[3]`: kernel `[8, 3]`, bias `[3]`; 27 parameters.
    pub class_dense: ::net_runtime::weights::Affine,
    /// `Dense(64)`, `[8]` → `[64]`: kernel `[8, 64]`, bias `[64]`; 576 parameters.
    pub copy_dense: ::net_runtime::weights::Affine,
}

#[allow(dead_code, unused_qualifications)]
/// The inputs of [`Scales`] for one call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScalesInputs<'a> {
    /// `[16, 16, 1]` for each sample.
    pub fine: ::net_runtime::View<'a, ::net_runtime::Shape3<16, 16, 1>>,
    /// `[8, 8, 1]` for each sample.
    pub coarse: ::net_runtime::View<'a, ::net_runtime::Shape3<8, 8, 1>>,
    /// `u32[1]` for each sample.
    pub _camera: ::net_runtime::View<'a, ::net_runtime::Shape1<1>, ::core::primitive::u32>,
}

#[allow(dead_code, unused_qualifications)]
impl ::net_runtime::Inputs for ScalesInputs<'_> {
    fn samples(&self) -> ::core::result::Result<::core::primitive::usize, ::net_runtime::Error> {
        ::net_runtime::same_samples(&[
            ("fine", self.fine.len()),
            ("coarse", self.coarse.len()),
            ("_camera", self._camera.len()),
        ])
    }

    fn slice(&self, range: ::core::ops::Range<::core::primitive::usize>) -> Self {
        Self {
            fine: self.fine.slice(::core::clone::Clone::clone(&range)),
            coarse: self.coarse.slice(::core::clone::Clone::clone(&range)),
            _camera: self._camera.slice(::core::clone::Clone::clone(&range)),
        }
    }
}

#[allow(dead_code, unused_qualifications)]
/// The outputs of [`Scales`].
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ScalesOutputs {
    /// `[3]` for each sample.
    pub class: ::net_runtime::Batch<::net_runtime::Shape1<3>>,
    /// `[8, 8, 1]` for each sample.
    pub copy: ::net_runtime::Batch<::net_runtime::Shape3<8, 8, 1>>,
}

#[allow(dead_code, unused_qualifications)]
/// The outputs of [`Scales`] in a workspace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ScalesOutputViews<'w> {
    /// `[3]` for each sample.
    pub class: ::net_runtime::View<'w, ::net_runtime::Shape1<3>>,
    /// `[8, 8, 1]` for each sample.
    pub copy: ::net_runtime::View<'w, ::net_runtime::Shape3<8, 8, 1>>,
}

#[allow(dead_code, unused_qualifications)]
impl ScalesOutputViews<'_> {
    /// A copy that does not borrow the workspace.
    pub fn to_owned(&self) -> ScalesOutputs {
        ScalesOutputs { class: self.class.to_batch(), copy: self.copy.to_batch() }
    }
}

#[allow(dead_code, unused_qualifications)]
/// Gradients of something by the outputs of [`Scales`]; one that is left out is zero.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ScalesOutputGradients<'a> {
    /// By `class`, `[3]` for each sample.
    pub class: ::core::option::Option<::net_runtime::View<'a, ::net_runtime::Shape1<3>>>,
    /// By `copy`, `[8, 8, 1]` for each sample.
    pub copy: ::core::option::Option<::net_runtime::View<'a, ::net_runtime::Shape3<8, 8, 1>>>,
}

#[allow(dead_code, unused_qualifications)]
/// Gradients by the inputs of [`Scales`], in a workspace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScalesInputGradients<'w> {
    /// By `fine`, `[16, 16, 1]` for each sample.
    pub fine: ::net_runtime::View<'w, ::net_runtime::Shape3<16, 16, 1>>,
    /// By `coarse`, `[8, 8, 1]` for each sample.
    pub coarse: ::net_runtime::View<'w, ::net_runtime::Shape3<8, 8, 1>>,
}

#[allow(dead_code, unused_qualifications)]
/// Gradients by the weights of [`Scales`].
#[derive(Clone, Debug)]
pub(crate) struct ScalesGradients {
    /// The inner network [`Encoder`], `[8, 8, 1]` → `[8]`, 2 uses.
    encoder: EncoderGradients,
    /// `Dense(3)`, `[8]` → `[3]`: kernel `[8, 3]`, bias `[3]`; 27 parameters.
    pub class_dense: ::net_runtime::weights::Affine<::net_runtime::Gradient>,
    /// `Dense(64)`, `[8]` → `[64]`: kernel `[8, 64]`, bias `[64]`; 576 parameters.
    pub copy_dense: ::net_runtime::weights::Affine<::net_runtime::Gradient>,
}

#[allow(dead_code, unused_qualifications)]
impl ScalesGradients {
    /// All zero.
    pub fn zeros() -> Self {
        <Self as ::net_runtime::Gradients>::zeros()
    }
}

#[allow(dead_code, unused_qualifications)]
impl ::net_runtime::Gradients for ScalesGradients {
    fn zeros() -> Self {
        Self {
            encoder: ::net_runtime::Gradients::zeros(),
            class_dense: ::net_runtime::weights::Affine::<::net_runtime::Gradient>::zeros(&[8, 3]),
            copy_dense: ::net_runtime::weights::Affine::<::net_runtime::Gradient>::zeros(&[8, 64]),
        }
    }

    fn visit(&self, visitor: &mut dyn ::core::ops::FnMut(::net_runtime::Name<'_>, &::net_runtime::Gradient)) {
        ::net_runtime::Gradients::visit(&self.encoder, &mut |name, gradient| visitor(name.within("encoder"), gradient));
        ::net_runtime::visits::show(
            &["class_dense.kernel", "class_dense.bias", "copy_dense.kernel", "copy_dense.bias"],
            &[&self.class_dense.kernel, &self.class_dense.bias, &self.copy_dense.kernel, &self.copy_dense.bias],
            visitor,
        );
    }

    fn visit_mut(
        &mut self,
        visitor: &mut dyn ::core::ops::FnMut(::net_runtime::Name<'_>, &mut ::net_runtime::Gradient),
    ) {
        ::net_runtime::Gradients::visit_mut(&mut self.encoder, &mut |name, gradient| {
            visitor(name.within("encoder"), gradient)
        });
        ::net_runtime::visits::show_mut(
            &["class_dense.kernel", "class_dense.bias", "copy_dense.kernel", "copy_dense.bias"],
            &mut [
                &mut self.class_dense.kernel,
                &mut self.class_dense.bias,
                &mut self.copy_dense.kernel,
                &mut self.copy_dense.bias,
            ],
            visitor,
        );
    }
}

#[allow(dead_code, unused_qualifications)]
/// Inputs and targets to train and evaluate [`Scales`] with.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ScalesSamples {
    /// Input, `[16, 16, 1]` for each sample.
    pub fine: ::net_runtime::Batch<::net_runtime::Shape3<16, 16, 1>>,
    /// Input, `[8, 8, 1]` for each sample.
    pub coarse: ::net_runtime::Batch<::net_runtime::Shape3<8, 8, 1>>,
    /// Input, `u32[1]` for each sample.
    pub _camera: ::net_runtime::Batch<::net_runtime::Shape1<1>, ::core::primitive::u32>,
    /// Target, `u32[]` for each sample.
    pub class: ::net_runtime::Batch<::net_runtime::Shape0, ::core::primitive::u32>,
    /// Target, `[8, 8, 1]` for each sample.
    pub copy: ::net_runtime::Batch<::net_runtime::Shape3<8, 8, 1>>,
}

#[allow(dead_code, unused_qualifications)]
impl ::net_runtime::Samples for ScalesSamples {
    type Inputs<'a> = ScalesInputs<'a>;

    fn inputs(&self) -> ScalesInputs<'_> {
        ScalesInputs { fine: self.fine.view(), coarse: self.coarse.view(), _camera: self._camera.view() }
    }

    fn count(&self) -> ::core::result::Result<::core::primitive::usize, ::net_runtime::Error> {
        ::net_runtime::no_weights("fine", self.fine.weights())?;
        ::net_runtime::no_weights("coarse", self.coarse.weights())?;
        ::net_runtime::no_weights("_camera", self._camera.weights())?;
        ::net_runtime::same_samples(&[
            ("fine", self.fine.len()),
            ("coarse", self.coarse.len()),
            ("_camera", self._camera.len()),
            ("class", self.class.len()),
            ("copy", self.copy.len()),
        ])
    }

    fn gather_into(&self, indices: &[::core::primitive::usize], target: &mut Self) {
        self.fine.gather_into(indices, &mut target.fine);
        self.coarse.gather_into(indices, &mut target.coarse);
        self._camera.gather_into(indices, &mut target._camera);
        self.class.gather_into(indices, &mut target.class);
        self.copy.gather_into(indices, &mut target.copy);
    }

    fn weigh_classes(
        &mut self,
        head: &::core::primitive::str,
        weights: &[::core::primitive::f32],
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        match head {
            "class" => self.class.weigh_classes(head, weights),
            "copy" => self.copy.weigh_classes(head, weights),
            _ => ::core::result::Result::Err(::net_runtime::unknown_head(head, &["class", "copy"])),
        }
    }
}

#[allow(dead_code, unused_qualifications)]
impl<'a> ::core::convert::From<&'a ScalesSamples> for ScalesInputs<'a> {
    fn from(samples: &'a ScalesSamples) -> Self {
        ::net_runtime::Samples::inputs(samples)
    }
}

#[allow(dead_code, unused_qualifications)]
/// Where the gradients of a backward pass through [`Scales`] come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ScalesUpstream<'a> {
    /// From the caller.
    Gradients(ScalesOutputGradients<'a>),
    /// From the losses, with the targets among these samples.
    Losses(&'a ScalesSamples),
}

#[allow(dead_code, unused_qualifications)]
impl<'a> ::core::convert::From<ScalesOutputGradients<'a>> for ScalesUpstream<'a> {
    fn from(gradients: ScalesOutputGradients<'a>) -> Self {
        Self::Gradients(gradients)
    }
}

#[allow(dead_code, unused_qualifications)]
impl<'a> ::core::convert::From<&'a ScalesSamples> for ScalesUpstream<'a> {
    fn from(samples: &'a ScalesSamples) -> Self {
        Self::Losses(samples)
    }
}

#[allow(dead_code, unused_qualifications)]
impl ScalesUpstream<'_> {
    /// Checks before anything is computed that it fits so many samples.
    fn check(&self, samples: ::core::primitive::usize) -> ::core::result::Result<(), ::net_runtime::Error> {
        match self {
            Self::Gradients(given) => {
                if let ::core::option::Option::Some(gradient) = given.class {
                    ::net_runtime::same_samples(&[("inputs", samples), ("class", gradient.len())])?;
                }
                if let ::core::option::Option::Some(gradient) = given.copy {
                    ::net_runtime::same_samples(&[("inputs", samples), ("copy", gradient.len())])?;
                }
            }
            Self::Losses(targets) => {
                ::net_runtime::same_samples(&[
                    ("inputs", samples),
                    ("targets", ::net_runtime::Samples::count(*targets)?),
                ])?;
                ::net_runtime::losses::check(
                    &::net_runtime::losses::SparseCategoricalCrossentropy {
                        ignore: ::core::option::Option::None,
                        input: ::net_runtime::losses::Input::Logits,
                    },
                    "class",
                    &[3],
                    samples,
                    targets.class.data(),
                )?;
                ::net_runtime::losses::check(
                    &::net_runtime::losses::BinaryCrossentropy {
                        label_smoothing: 0f32,
                        input: ::net_runtime::losses::Input::Logits,
                    },
                    "copy",
                    &[8, 8, 1],
                    samples,
                    targets.copy.data(),
                )?;
                ::net_runtime::losses::check(
                    &::net_runtime::losses::Huber { delta: 0.5f32 },
                    "copy",
                    &[8, 8, 1],
                    samples,
                    targets.copy.data(),
                )?;
                ::net_runtime::losses::check(
                    &ScalesSlots::loss_copy_3(),
                    "copy",
                    &[8, 8, 1],
                    samples,
                    targets.copy.data(),
                )?;
            }
        }
        ::core::result::Result::Ok(())
    }
}

#[allow(dead_code, unused_qualifications)]
/// Where the tensors of [`Scales`] lie in its workspace.
struct ScalesSlots {
    half_avg_pool2d: ::net_runtime::Slot,
    encoder_code_conv2d: ::net_runtime::Slot,
    encoder_code_gelu: ::net_runtime::Slot,
    encoder_code_global_max_pool2d: ::net_runtime::Slot,
    encoder_code_dense: ::net_runtime::Slot,
    encoder_code_conv2d_use_2: ::net_runtime::Slot,
    encoder_code_gelu_use_2: ::net_runtime::Slot,
    encoder_code_global_max_pool2d_use_2: ::net_runtime::Slot,
    encoder_code_dense_use_2: ::net_runtime::Slot,
    both_maximum: ::net_runtime::Slot,
    both_dropout: ::net_runtime::Slot,
    class_dense: ::net_runtime::Slot,
    class_softmax: ::net_runtime::Slot,
    copy_dense: ::net_runtime::Slot,
    copy_sigmoid: ::net_runtime::Slot,
}

#[allow(dead_code, unused_qualifications)]
#[allow(dead_code)]
impl ScalesSlots {
    const TRAINING: &'static Self = &Self {
        half_avg_pool2d: ::net_runtime::Slot { offset: 720, len: 64 },
        encoder_code_conv2d: ::net_runtime::Slot { offset: 0, len: 144 },
        encoder_code_gelu: ::net_runtime::Slot { offset: 144, len: 144 },
        encoder_code_global_max_pool2d: ::net_runtime::Slot { offset: 912, len: 4 },
        encoder_code_dense: ::net_runtime::Slot { offset: 928, len: 8 },
        encoder_code_conv2d_use_2: ::net_runtime::Slot { offset: 288, len: 144 },
        encoder_code_gelu_use_2: ::net_runtime::Slot { offset: 432, len: 144 },
        encoder_code_global_max_pool2d_use_2: ::net_runtime::Slot { offset: 944, len: 4 },
        encoder_code_dense_use_2: ::net_runtime::Slot { offset: 704, len: 8 },
        both_maximum: ::net_runtime::Slot { offset: 576, len: 8 },
        both_dropout: ::net_runtime::Slot { offset: 960, len: 8 },
        class_dense: ::net_runtime::Slot { offset: 976, len: 3 },
        class_softmax: ::net_runtime::Slot { offset: 992, len: 3 },
        copy_dense: ::net_runtime::Slot { offset: 576, len: 64 },
        copy_sigmoid: ::net_runtime::Slot { offset: 784, len: 64 },
    };
    const INFERENCE: &'static Self = &Self {
        half_avg_pool2d: ::net_runtime::Slot { offset: 144, len: 64 },
        encoder_code_conv2d: ::net_runtime::Slot { offset: 0, len: 0 },
        encoder_code_gelu: ::net_runtime::Slot { offset: 0, len: 144 },
        encoder_code_global_max_pool2d: ::net_runtime::Slot { offset: 144, len: 4 },
        encoder_code_dense: ::net_runtime::Slot { offset: 160, len: 8 },
        encoder_code_conv2d_use_2: ::net_runtime::Slot { offset: 0, len: 0 },
        encoder_code_gelu_use_2: ::net_runtime::Slot { offset: 0, len: 144 },
        encoder_code_global_max_pool2d_use_2: ::net_runtime::Slot { offset: 144, len: 4 },
        encoder_code_dense_use_2: ::net_runtime::Slot { offset: 0, len: 8 },
        both_maximum: ::net_runtime::Slot { offset: 64, len: 8 },
        both_dropout: ::net_runtime::Slot { offset: 64, len: 8 },
        class_dense: ::net_runtime::Slot { offset: 128, len: 3 },
        class_softmax: ::net_runtime::Slot { offset: 144, len: 3 },
        copy_dense: ::net_runtime::Slot { offset: 0, len: 64 },
        copy_sigmoid: ::net_runtime::Slot { offset: 64, len: 64 },
    };
    const D_HALF_AVG_POOL2D: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 720, len: 64 }, index: 0 };
    const D_ENCODER_CODE_CONV2D: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 144, len: 144 }, index: 1 };
    const D_ENCODER_CODE_GELU: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 288, len: 144 }, index: 2 };
    const D_ENCODER_CODE_GLOBAL_MAX_POOL2D: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 432, len: 4 }, index: 3 };
    const D_ENCODER_CODE_DENSE: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 848, len: 8 }, index: 4 };
    const D_ENCODER_CODE_CONV2D_USE_2: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 432, len: 144 }, index: 5 };
    const D_ENCODER_CODE_GELU_USE_2: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 576, len: 144 }, index: 6 };
    const D_ENCODER_CODE_GLOBAL_MAX_POOL2D_USE_2: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 864, len: 4 }, index: 7 };
    const D_ENCODER_CODE_DENSE_USE_2: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 576, len: 8 }, index: 8 };
    const D_BOTH_MAXIMUM: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 592, len: 8 }, index: 9 };
    const D_BOTH_DROPOUT: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 576, len: 8 }, index: 10 };
    const D_CLASS_DENSE: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 1008, len: 3 }, index: 11 };
    const D_CLASS_SOFTMAX: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 1024, len: 3 }, index: 12 };
    const D_COPY_DENSE: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 640, len: 64 }, index: 13 };
    const D_COPY_SIGMOID: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 848, len: 64 }, index: 14 };
    const D_INPUT_FINE: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 0, len: 256 }, index: 15 };
    const D_INPUT_COARSE: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 576, len: 64 }, index: 16 };

    const fn of(mode: ::net_runtime::Mode) -> &'static Self {
        match mode {
            ::net_runtime::Mode::Training | ::net_runtime::Mode::TrainingWeights => Self::TRAINING,
            ::net_runtime::Mode::Inference => Self::INFERENCE,
        }
    }
}

#[allow(dead_code, unused_qualifications)]
/// The memory that one caller of [`Scales`] works in: activations and gradients of a batch. Make one for each thread that uses the network at the same time, and keep it: a second call uses the memory of the first.
#[derive(Debug)]
pub(crate) struct ScalesWorkspace {
    arena: ::net_runtime::Arena,
    share_workspaces: ::net_runtime::shares::Others<Self>,
}

#[allow(dead_code, unused_qualifications)]
impl ScalesWorkspace {
    /// Memory for the inference of `capacity` samples. A larger batch or a training pass grows it, once.
    ///
    /// # Panics
    ///
    /// If there is not as much memory; the message has the number of bytes.
    pub fn new(capacity: ::core::primitive::usize) -> Self {
        Self {
            arena: ::net_runtime::Arena::new(
                capacity,
                208,
                <Scales as ::net_runtime::inner::InnerNetwork>::groups(::net_runtime::Mode::Inference),
                17,
            ),
            share_workspaces: ::core::default::Default::default(),
        }
    }

    /// The outputs of the last forward pass.
    ///
    /// # Errors
    ///
    /// If there was none.
    pub fn outputs(&self) -> ::core::result::Result<ScalesOutputViews<'_>, ::net_runtime::Error> {
        let slots = ScalesSlots::of(self.arena.mode()?);
        ::core::result::Result::Ok(ScalesOutputViews {
            class: self.arena.view(slots.class_softmax),
            copy: self.arena.view(slots.copy_sigmoid),
        })
    }

    fn input_gradients(&mut self) -> ScalesInputGradients<'_> {
        self.arena.finish_gradient(ScalesSlots::D_INPUT_FINE);
        self.arena.finish_gradient(ScalesSlots::D_INPUT_COARSE);
        ScalesInputGradients {
            fine: self.arena.view(ScalesSlots::D_INPUT_FINE.slot),
            coarse: self.arena.view(ScalesSlots::D_INPUT_COARSE.slot),
        }
    }
}

#[allow(dead_code, unused_qualifications)]
impl ::net_runtime::Workspace for ScalesWorkspace {
    fn new(capacity: ::core::primitive::usize) -> Self {
        Self::new(capacity)
    }

    fn set_random(&mut self, key: ::net_runtime::RandomKey) {
        self.arena.set_random(key);
    }

    fn set_arithmetic(&mut self, arithmetic: ::net_runtime::Arithmetic) {
        self.arena.set_arithmetic(arithmetic);
    }
}

#[allow(dead_code, unused_qualifications)]
impl Scales {
    /// Number of all elements of its weights.
    pub const PARAMETERS: ::core::primitive::usize = 679;

    /// Multiplications with addition that one sample needs in a forward pass.
    pub const MULTIPLY_ADDS: ::core::primitive::u64 = 3192;

    /// Bytes of activations for a sample in inference. Of many samples each takes less where some layers are computed for a
    /// group of them after the other.
    pub const INFERENCE_BYTES_PER_SAMPLE: ::core::primitive::usize = 832;

    /// Bytes of activations and their gradients for each sample in a training step.
    pub const TRAINING_BYTES_PER_SAMPLE: ::core::primitive::usize = 4160;

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
    pub fn to_bytes(&self) -> ::core::result::Result<::std::vec::Vec<::core::primitive::u8>, ::net_runtime::Error> {
        ::net_runtime::io::parameters_to_bytes(self)
    }

    /// Takes the weights from the bytes of a safetensors file: `include_bytes!` makes them part of the program.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load), if the bytes are of another network or damaged.
    pub fn from_bytes(bytes: &[::core::primitive::u8]) -> ::core::result::Result<Self, ::net_runtime::Error> {
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
        inputs: impl ::net_runtime::IntoInputs<'a, Scales>,
    ) -> ::core::result::Result<ScalesOutputs, ::net_runtime::Error> {
        <Self as ::net_runtime::Network>::predict(self, inputs.into_inputs())
    }

    /// Computes the outputs as one batch; they stay in the workspace.
    ///
    /// # Errors
    ///
    /// If the inputs have different numbers of samples, or memory cannot hold what they take.
    pub fn predict_into<'a, 'w>(
        &self,
        inputs: impl ::net_runtime::IntoInputs<'a, Scales>,
        workspace: &'w mut ScalesWorkspace,
    ) -> ::core::result::Result<ScalesOutputViews<'w>, ::net_runtime::Error> {
        self.forward(inputs, ::net_runtime::Mode::Inference, workspace)
    }

    /// Computes the outputs as one batch; they stay in the workspace. In training mode, so does what backward
    /// needs.
    ///
    /// # Errors
    ///
    /// If the inputs have different numbers of samples, or memory cannot hold what they take.
    pub fn forward<'a, 'w>(
        &self,
        inputs: impl ::net_runtime::IntoInputs<'a, Scales>,
        mode: ::net_runtime::Mode,
        workspace: &'w mut ScalesWorkspace,
    ) -> ::core::result::Result<ScalesOutputViews<'w>, ::net_runtime::Error> {
        ::net_runtime::shares::forward(self, inputs.into_inputs(), mode, workspace)?;
        workspace.outputs()
    }

    /// Gradients by the weights, which overwrite what `gradients` held. Uses up the forward pass in training
    /// mode that the workspace holds, which must have had the same inputs.
    ///
    /// # Errors
    ///
    /// If the workspace holds no such pass over as many samples.
    pub fn backward<'a, 'b>(
        &self,
        inputs: impl ::net_runtime::IntoInputs<'a, Scales>,
        upstream: impl ::net_runtime::IntoUpstream<'b, Scales, ScalesUpstream<'b>>,
        workspace: &mut ScalesWorkspace,
        gradients: &mut ScalesGradients,
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        let gradients = ::core::option::Option::Some((gradients, ::net_runtime::Write::Set));
        self.backward_pass(inputs.into_inputs(), upstream.into_upstream(), workspace, gradients, false)
    }

    /// [`backward`](Self::backward), but adds to what `gradients` holds.
    ///
    /// # Errors
    ///
    /// As for `backward`.
    pub fn backward_add<'a, 'b>(
        &self,
        inputs: impl ::net_runtime::IntoInputs<'a, Scales>,
        upstream: impl ::net_runtime::IntoUpstream<'b, Scales, ScalesUpstream<'b>>,
        workspace: &mut ScalesWorkspace,
        gradients: &mut ScalesGradients,
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
    pub fn backward_inputs<'a, 'b, 'w>(
        &self,
        inputs: impl ::net_runtime::IntoInputs<'a, Scales>,
        upstream: impl ::net_runtime::IntoUpstream<'b, Scales, ScalesUpstream<'b>>,
        workspace: &'w mut ScalesWorkspace,
    ) -> ::core::result::Result<ScalesInputGradients<'w>, ::net_runtime::Error> {
        self.backward_pass(
            inputs.into_inputs(),
            upstream.into_upstream(),
            workspace,
            ::core::option::Option::None,
            true,
        )?;
        ::core::result::Result::Ok(workspace.input_gradients())
    }

    /// Both in one pass: gradients by the weights, which overwrite what `gradients` held, and gradients by the
    /// inputs, which stay in the workspace.
    ///
    /// # Errors
    ///
    /// As for `backward`.
    pub fn backward_both<'a, 'b, 'w>(
        &self,
        inputs: impl ::net_runtime::IntoInputs<'a, Scales>,
        upstream: impl ::net_runtime::IntoUpstream<'b, Scales, ScalesUpstream<'b>>,
        workspace: &'w mut ScalesWorkspace,
        gradients: &mut ScalesGradients,
    ) -> ::core::result::Result<ScalesInputGradients<'w>, ::net_runtime::Error> {
        let gradients = ::core::option::Option::Some((gradients, ::net_runtime::Write::Set));
        self.backward_pass(inputs.into_inputs(), upstream.into_upstream(), workspace, gradients, true)?;
        ::core::result::Result::Ok(workspace.input_gradients())
    }

    fn backward_pass(
        &self,
        inputs: ScalesInputs<'_>,
        upstream: ScalesUpstream<'_>,
        workspace: &mut ScalesWorkspace,
        gradients: ::core::option::Option<(&mut ScalesGradients, ::net_runtime::Write)>,
        by_inputs: ::core::primitive::bool,
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        let samples = ::net_runtime::Inputs::samples(&inputs)?;
        upstream.check(samples)?;
        let arena = &mut workspace.arena;
        arena.begin_backward(samples, by_inputs)?;
        match upstream {
            ScalesUpstream::Gradients(given) => {
                if let ::core::option::Option::Some(gradient) = given.class {
                    arena.receive(ScalesSlots::D_CLASS_SOFTMAX, gradient.data());
                }
                if let ::core::option::Option::Some(gradient) = given.copy {
                    arena.receive(ScalesSlots::D_COPY_SIGMOID, gradient.data());
                }
            }
            ScalesUpstream::Losses(samples) => {
                let n = arena.samples();
                let write = arena.write(ScalesSlots::D_CLASS_DENSE);
                let [y, dy] = arena.tensors([ScalesSlots::TRAINING.class_dense, ScalesSlots::D_CLASS_DENSE.slot]);
                ::net_runtime::losses::gradient(
                    &::net_runtime::losses::SparseCategoricalCrossentropy {
                        ignore: ::core::option::Option::None,
                        input: ::net_runtime::losses::Input::Logits,
                    },
                    &[3],
                    n,
                    1f32,
                    y,
                    samples.class.data(),
                    samples.class.weights(),
                    dy,
                    write,
                );
                let write = arena.write(ScalesSlots::D_COPY_DENSE);
                let [y, dy] = arena.tensors([ScalesSlots::TRAINING.copy_dense, ScalesSlots::D_COPY_DENSE.slot]);
                ::net_runtime::losses::gradient(
                    &::net_runtime::losses::BinaryCrossentropy {
                        label_smoothing: 0f32,
                        input: ::net_runtime::losses::Input::Logits,
                    },
                    &[8, 8, 1],
                    n,
                    0.5f32,
                    y,
                    samples.copy.data(),
                    samples.copy.weights(),
                    dy,
                    write,
                );
                let write = arena.write(ScalesSlots::D_COPY_SIGMOID);
                let [y, dy] = arena.tensors([ScalesSlots::TRAINING.copy_sigmoid, ScalesSlots::D_COPY_SIGMOID.slot]);
                ::net_runtime::losses::gradient(
                    &::net_runtime::losses::Huber { delta: 0.5f32 },
                    &[8, 8, 1],
                    n,
                    1f32,
                    y,
                    samples.copy.data(),
                    samples.copy.weights(),
                    dy,
                    write,
                );
                let write = arena.write(ScalesSlots::D_COPY_SIGMOID);
                let [y, dy] = arena.tensors([ScalesSlots::TRAINING.copy_sigmoid, ScalesSlots::D_COPY_SIGMOID.slot]);
                ::net_runtime::losses::gradient(
                    &ScalesSlots::loss_copy_3(),
                    &[8, 8, 1],
                    n,
                    0.1f32,
                    y,
                    samples.copy.data(),
                    samples.copy.weights(),
                    dy,
                    write,
                );
            }
        }
        let mut gradients = gradients.map(|(gradients, write)| {
            if write == ::net_runtime::Write::Set {
                ::net_runtime::Gradients::visit_mut(gradients, &mut |_, gradient| gradient.begin());
            }
            gradients
        });
        ::net_runtime::pass::<Self>(2, samples, || {
            ::net_runtime::inner::InnerNetwork::backward_steps(
                self,
                inputs,
                workspace,
                gradients.as_deref_mut(),
                by_inputs,
            )
        })?;
        if let ::core::option::Option::Some(gradients) = gradients {
            ::net_runtime::Gradients::visit_mut(gradients, &mut |_, gradient| gradient.finish());
        }
        ::core::result::Result::Ok(())
    }
}

#[allow(dead_code, unused_qualifications)]
impl Scales {
    const HALF_AVG_POOL2D: ::net_runtime::layers::AvgPool2d = ::net_runtime::layers::AvgPool2d {
        input: [16, 16, 1],
        output: [8, 8, 1],
        size: [2, 2],
        stride: [2, 2],
        padding: [0, 0],
    };
    const ENCODER_CODE_CONV2D: ::net_runtime::layers::Conv2d = ::net_runtime::layers::Conv2d {
        input: [8, 8, 1],
        output: [6, 6, 4],
        kernel: [3, 3],
        stride: [1, 1],
        dilation: [1, 1],
        padding: [0, 0],
    };
    const ENCODER_CODE_GELU: ::net_runtime::activations::Activation = ::net_runtime::activations::gelu(false);
    const ENCODER_CODE_GLOBAL_MAX_POOL2D: ::net_runtime::layers::GlobalMaxPool2d =
        ::net_runtime::layers::GlobalMaxPool2d { input: [6, 6, 4] };
    const ENCODER_CODE_DENSE: ::net_runtime::layers::Dense =
        ::net_runtime::layers::Dense { rows: 1, inputs: 4, outputs: 8 };
    const ENCODER_CODE_TANH: ::net_runtime::activations::Activation = ::net_runtime::activations::tanh();
    const BOTH_MAXIMUM: ::net_runtime::layers::Maximum =
        ::net_runtime::layers::Maximum { inputs: &[&[8], &[8]], output: &[8] };
    const BOTH_DROPOUT: ::net_runtime::layers::Dropout =
        ::net_runtime::layers::Dropout { len: 8, rate: 0.25f32, layer: 1 };
    const CLASS_DENSE: ::net_runtime::layers::Dense = ::net_runtime::layers::Dense { rows: 1, inputs: 8, outputs: 3 };
    const CLASS_SOFTMAX: ::net_runtime::layers::Softmax = ::net_runtime::layers::Softmax { rows: 1, classes: 3 };
    const COPY_DENSE: ::net_runtime::layers::Dense = ::net_runtime::layers::Dense { rows: 1, inputs: 8, outputs: 64 };
    const COPY_SIGMOID: ::net_runtime::activations::Activation = ::net_runtime::activations::sigmoid();
}

#[allow(dead_code, unused_qualifications)]
#[allow(unused_variables)]
impl Scales {
    fn forward_1(
        &self,
        inputs: &ScalesInputs<'_>,
        mode: ::net_runtime::Mode,
        slots: &ScalesSlots,
        workspace: &mut ScalesWorkspace,
    ) {
        let arena = &mut workspace.arena;
        let n = arena.samples();
        let [y] = arena.tensors([slots.half_avg_pool2d]);
        Self::HALF_AVG_POOL2D.forward(n, inputs.fine.data(), y);
        if mode.trains() {
            let ([x, y], scratch) = arena.tensors_and_scratch([slots.half_avg_pool2d, slots.encoder_code_conv2d]);
            Self::ENCODER_CODE_CONV2D.forward(
                n,
                x,
                &self.encoder.code_conv2d,
                ::net_runtime::activations::Activation::Linear,
                y,
                scratch.for_weights(0),
            );
        } else {
            let ([x, y], scratch) = arena.tensors_and_scratch([slots.half_avg_pool2d, slots.encoder_code_gelu]);
            Self::ENCODER_CODE_CONV2D.forward(
                n,
                x,
                &self.encoder.code_conv2d,
                Self::ENCODER_CODE_GELU,
                y,
                scratch.for_weights(0),
            );
        }
        if mode.trains() {
            let [x, y] = arena.tensors([slots.encoder_code_conv2d, slots.encoder_code_gelu]);
            Self::ENCODER_CODE_GELU.forward(x, y);
        }
        let [x, y] = arena.tensors([slots.encoder_code_gelu, slots.encoder_code_global_max_pool2d]);
        Self::ENCODER_CODE_GLOBAL_MAX_POOL2D.forward(n, x, y);
        let ([x, y], scratch) =
            arena.tensors_and_scratch([slots.encoder_code_global_max_pool2d, slots.encoder_code_dense]);
        Self::ENCODER_CODE_DENSE.forward(
            n,
            x,
            &self.encoder.code_dense,
            Self::ENCODER_CODE_TANH,
            y,
            scratch.for_weights(1),
        );
        if mode.trains() {
            let ([y], scratch) = arena.tensors_and_scratch([slots.encoder_code_conv2d_use_2]);
            Self::ENCODER_CODE_CONV2D.forward(
                n,
                inputs.coarse.data(),
                &self.encoder.code_conv2d,
                ::net_runtime::activations::Activation::Linear,
                y,
                scratch.for_weights(0),
            );
        } else {
            let ([y], scratch) = arena.tensors_and_scratch([slots.encoder_code_gelu_use_2]);
            Self::ENCODER_CODE_CONV2D.forward(
                n,
                inputs.coarse.data(),
                &self.encoder.code_conv2d,
                Self::ENCODER_CODE_GELU,
                y,
                scratch.for_weights(0),
            );
        }
        if mode.trains() {
            let [x, y] = arena.tensors([slots.encoder_code_conv2d_use_2, slots.encoder_code_gelu_use_2]);
            Self::ENCODER_CODE_GELU.forward(x, y);
        }
        let [x, y] = arena.tensors([slots.encoder_code_gelu_use_2, slots.encoder_code_global_max_pool2d_use_2]);
        Self::ENCODER_CODE_GLOBAL_MAX_POOL2D.forward(n, x, y);
        let ([x, y], scratch) =
            arena.tensors_and_scratch([slots.encoder_code_global_max_pool2d_use_2, slots.encoder_code_dense_use_2]);
        Self::ENCODER_CODE_DENSE.forward(
            n,
            x,
            &self.encoder.code_dense,
            Self::ENCODER_CODE_TANH,
            y,
            scratch.for_weights(1),
        );
        let [x1, x2, y] = arena.tensors([slots.encoder_code_dense, slots.encoder_code_dense_use_2, slots.both_maximum]);
        Self::BOTH_MAXIMUM.forward(n, &[&*x1, &*x2], y);
        if mode.trains() {
            let random = arena.random();
            let [x, y] = arena.tensors([slots.both_maximum, slots.both_dropout]);
            Self::BOTH_DROPOUT.forward(n, x, y, random);
        }
        let ([x, y], scratch) = arena.tensors_and_scratch([slots.both_dropout, slots.class_dense]);
        Self::CLASS_DENSE.forward(
            n,
            x,
            &self.class_dense,
            ::net_runtime::activations::Activation::Linear,
            y,
            scratch.for_weights(3),
        );
        let [x, y] = arena.tensors([slots.class_dense, slots.class_softmax]);
        Self::CLASS_SOFTMAX.forward(n, x, y);
        let ([x, y], scratch) = arena.tensors_and_scratch([slots.both_dropout, slots.copy_dense]);
        Self::COPY_DENSE.forward(
            n,
            x,
            &self.copy_dense,
            ::net_runtime::activations::Activation::Linear,
            y,
            scratch.for_weights(5),
        );
        let [x, y] = arena.tensors([slots.copy_dense, slots.copy_sigmoid]);
        Self::COPY_SIGMOID.forward(x, y);
    }
}

#[allow(dead_code, unused_qualifications)]
#[allow(unused_variables, unused_mut)]
impl Scales {
    fn first_trained(&self) -> ::core::primitive::usize {
        let trained = ::net_runtime::frozen::first_trained(
            &[
                &self.encoder.code_conv2d.kernel,
                &self.encoder.code_dense.kernel,
                &self.encoder.code_dense.bias,
                &self.class_dense.kernel,
                &self.class_dense.bias,
                &self.copy_dense.kernel,
                &self.copy_dense.bias,
            ],
            &[1, 4, 4, 11, 11, 13, 13],
        );
        if let ::core::option::Option::Some(step) = trained {
            return step;
        }
        ::core::primitive::usize::MAX
    }

    fn backward_1(
        &self,
        inputs: &ScalesInputs<'_>,
        workspace: &mut ScalesWorkspace,
        mut gradients: ::core::option::Option<&mut ScalesGradients>,
        by_inputs: ::core::primitive::bool,
        first: ::core::primitive::usize,
    ) {
        let arena = &mut workspace.arena;
        let slots = ScalesSlots::TRAINING;
        let n = arena.samples();
        let any = if by_inputs { 0 } else { first };
        if arena.has(ScalesSlots::D_COPY_SIGMOID) {
            if any <= 13 {
                let ([y, dy, dx], write) = arena.tensors_to_write(
                    [slots.copy_sigmoid, ScalesSlots::D_COPY_SIGMOID.slot, ScalesSlots::D_COPY_DENSE.slot],
                    ScalesSlots::D_COPY_DENSE,
                );
                Self::COPY_SIGMOID.backward_input(y, dy, dx, write);
            }
        }
        if arena.has(ScalesSlots::D_COPY_DENSE) {
            if let ::core::option::Option::Some(gradients) = &mut gradients {
                let ([x, dy], scratch) =
                    arena.tensors_and_scratch([slots.both_dropout, ScalesSlots::D_COPY_DENSE.slot]);
                Self::COPY_DENSE.backward_weights(n, x, dy, &mut gradients.copy_dense, scratch);
            }
            if any <= 10 {
                let ([dy, dx], write, scratch) = arena.tensors_to_write_and_scratch(
                    [ScalesSlots::D_COPY_DENSE.slot, ScalesSlots::D_BOTH_DROPOUT.slot],
                    ScalesSlots::D_BOTH_DROPOUT,
                );
                Self::COPY_DENSE.backward_input(n, &self.copy_dense, dy, dx, write, scratch.for_weights(5));
            }
        }
        if arena.has(ScalesSlots::D_CLASS_SOFTMAX) {
            if any <= 11 {
                let ([y, dy, dx], write) = arena.tensors_to_write(
                    [slots.class_softmax, ScalesSlots::D_CLASS_SOFTMAX.slot, ScalesSlots::D_CLASS_DENSE.slot],
                    ScalesSlots::D_CLASS_DENSE,
                );
                Self::CLASS_SOFTMAX.backward_input(n, y, dy, dx, write);
            }
        }
        if arena.has(ScalesSlots::D_CLASS_DENSE) {
            if let ::core::option::Option::Some(gradients) = &mut gradients {
                let ([x, dy], scratch) =
                    arena.tensors_and_scratch([slots.both_dropout, ScalesSlots::D_CLASS_DENSE.slot]);
                Self::CLASS_DENSE.backward_weights(n, x, dy, &mut gradients.class_dense, scratch);
            }
            if any <= 10 {
                let ([dy, dx], write, scratch) = arena.tensors_to_write_and_scratch(
                    [ScalesSlots::D_CLASS_DENSE.slot, ScalesSlots::D_BOTH_DROPOUT.slot],
                    ScalesSlots::D_BOTH_DROPOUT,
                );
                Self::CLASS_DENSE.backward_input(n, &self.class_dense, dy, dx, write, scratch.for_weights(3));
            }
        }
        if arena.has(ScalesSlots::D_BOTH_DROPOUT) {
            if any <= 9 {
                let random = arena.random();
                let ([dy, dx], write) = arena.tensors_to_write(
                    [ScalesSlots::D_BOTH_DROPOUT.slot, ScalesSlots::D_BOTH_MAXIMUM.slot],
                    ScalesSlots::D_BOTH_MAXIMUM,
                );
                Self::BOTH_DROPOUT.backward_input(n, dy, dx, write, random);
            }
        }
        if arena.has(ScalesSlots::D_BOTH_MAXIMUM) {
            if any <= 4 {
                let ([x1, x2, dy, dx], write) = arena.tensors_to_write(
                    [
                        slots.encoder_code_dense,
                        slots.encoder_code_dense_use_2,
                        ScalesSlots::D_BOTH_MAXIMUM.slot,
                        ScalesSlots::D_ENCODER_CODE_DENSE.slot,
                    ],
                    ScalesSlots::D_ENCODER_CODE_DENSE,
                );
                Self::BOTH_MAXIMUM.backward_input(n, 0, &[&*x1, &*x2], dy, dx, write);
            }
            if any <= 8 {
                let ([x1, x2, dy, dx], write) = arena.tensors_to_write(
                    [
                        slots.encoder_code_dense,
                        slots.encoder_code_dense_use_2,
                        ScalesSlots::D_BOTH_MAXIMUM.slot,
                        ScalesSlots::D_ENCODER_CODE_DENSE_USE_2.slot,
                    ],
                    ScalesSlots::D_ENCODER_CODE_DENSE_USE_2,
                );
                Self::BOTH_MAXIMUM.backward_input(n, 1, &[&*x1, &*x2], dy, dx, write);
            }
        }
        if arena.has(ScalesSlots::D_ENCODER_CODE_DENSE_USE_2) {
            let [y, dy] = arena.tensors([slots.encoder_code_dense_use_2, ScalesSlots::D_ENCODER_CODE_DENSE_USE_2.slot]);
            Self::ENCODER_CODE_TANH.backward_in_place(y, dy);
            if let ::core::option::Option::Some(gradients) = &mut gradients {
                let ([x, dy], scratch) = arena.tensors_and_scratch([
                    slots.encoder_code_global_max_pool2d_use_2,
                    ScalesSlots::D_ENCODER_CODE_DENSE_USE_2.slot,
                ]);
                Self::ENCODER_CODE_DENSE.backward_weights(n, x, dy, &mut gradients.encoder.code_dense, scratch);
            }
            if any <= 7 {
                let ([dy, dx], write, scratch) = arena.tensors_to_write_and_scratch(
                    [
                        ScalesSlots::D_ENCODER_CODE_DENSE_USE_2.slot,
                        ScalesSlots::D_ENCODER_CODE_GLOBAL_MAX_POOL2D_USE_2.slot,
                    ],
                    ScalesSlots::D_ENCODER_CODE_GLOBAL_MAX_POOL2D_USE_2,
                );
                Self::ENCODER_CODE_DENSE.backward_input(
                    n,
                    &self.encoder.code_dense,
                    dy,
                    dx,
                    write,
                    scratch.for_weights(1),
                );
            }
        }
        if arena.has(ScalesSlots::D_ENCODER_CODE_GLOBAL_MAX_POOL2D_USE_2) {
            if any <= 6 {
                let ([x, y, dy, dx], write) = arena.tensors_to_write(
                    [
                        slots.encoder_code_gelu_use_2,
                        slots.encoder_code_global_max_pool2d_use_2,
                        ScalesSlots::D_ENCODER_CODE_GLOBAL_MAX_POOL2D_USE_2.slot,
                        ScalesSlots::D_ENCODER_CODE_GELU_USE_2.slot,
                    ],
                    ScalesSlots::D_ENCODER_CODE_GELU_USE_2,
                );
                Self::ENCODER_CODE_GLOBAL_MAX_POOL2D.backward_input(n, x, y, dy, dx, write);
            }
        }
        if arena.has(ScalesSlots::D_ENCODER_CODE_GELU_USE_2) {
            if any <= 5 {
                let ([x, dy, dx], write) = arena.tensors_to_write(
                    [
                        slots.encoder_code_conv2d_use_2,
                        ScalesSlots::D_ENCODER_CODE_GELU_USE_2.slot,
                        ScalesSlots::D_ENCODER_CODE_CONV2D_USE_2.slot,
                    ],
                    ScalesSlots::D_ENCODER_CODE_CONV2D_USE_2,
                );
                Self::ENCODER_CODE_GELU.backward_input(x, dy, dx, write);
            }
        }
        if arena.has(ScalesSlots::D_ENCODER_CODE_CONV2D_USE_2) {
            if let ::core::option::Option::Some(gradients) = &mut gradients {
                let ([dy], scratch) = arena.tensors_and_scratch([ScalesSlots::D_ENCODER_CODE_CONV2D_USE_2.slot]);
                Self::ENCODER_CODE_CONV2D.backward_weights(
                    n,
                    inputs.coarse.data(),
                    dy,
                    &mut gradients.encoder.code_conv2d,
                    scratch,
                );
            }
            if by_inputs {
                let ([dy, dx], write, scratch) = arena.tensors_to_write_and_scratch(
                    [ScalesSlots::D_ENCODER_CODE_CONV2D_USE_2.slot, ScalesSlots::D_INPUT_COARSE.slot],
                    ScalesSlots::D_INPUT_COARSE,
                );
                Self::ENCODER_CODE_CONV2D.backward_input(
                    n,
                    &self.encoder.code_conv2d,
                    dy,
                    dx,
                    write,
                    scratch.for_weights(0),
                );
            }
        }
        if arena.has(ScalesSlots::D_ENCODER_CODE_DENSE) {
            let [y, dy] = arena.tensors([slots.encoder_code_dense, ScalesSlots::D_ENCODER_CODE_DENSE.slot]);
            Self::ENCODER_CODE_TANH.backward_in_place(y, dy);
            if let ::core::option::Option::Some(gradients) = &mut gradients {
                let ([x, dy], scratch) = arena.tensors_and_scratch([
                    slots.encoder_code_global_max_pool2d,
                    ScalesSlots::D_ENCODER_CODE_DENSE.slot,
                ]);
                Self::ENCODER_CODE_DENSE.backward_weights(n, x, dy, &mut gradients.encoder.code_dense, scratch);
            }
            if any <= 3 {
                let ([dy, dx], write, scratch) = arena.tensors_to_write_and_scratch(
                    [ScalesSlots::D_ENCODER_CODE_DENSE.slot, ScalesSlots::D_ENCODER_CODE_GLOBAL_MAX_POOL2D.slot],
                    ScalesSlots::D_ENCODER_CODE_GLOBAL_MAX_POOL2D,
                );
                Self::ENCODER_CODE_DENSE.backward_input(
                    n,
                    &self.encoder.code_dense,
                    dy,
                    dx,
                    write,
                    scratch.for_weights(1),
                );
            }
        }
        if arena.has(ScalesSlots::D_ENCODER_CODE_GLOBAL_MAX_POOL2D) {
            if any <= 2 {
                let ([x, y, dy, dx], write) = arena.tensors_to_write(
                    [
                        slots.encoder_code_gelu,
                        slots.encoder_code_global_max_pool2d,
                        ScalesSlots::D_ENCODER_CODE_GLOBAL_MAX_POOL2D.slot,
                        ScalesSlots::D_ENCODER_CODE_GELU.slot,
                    ],
                    ScalesSlots::D_ENCODER_CODE_GELU,
                );
                Self::ENCODER_CODE_GLOBAL_MAX_POOL2D.backward_input(n, x, y, dy, dx, write);
            }
        }
        if arena.has(ScalesSlots::D_ENCODER_CODE_GELU) {
            if any <= 1 {
                let ([x, dy, dx], write) = arena.tensors_to_write(
                    [
                        slots.encoder_code_conv2d,
                        ScalesSlots::D_ENCODER_CODE_GELU.slot,
                        ScalesSlots::D_ENCODER_CODE_CONV2D.slot,
                    ],
                    ScalesSlots::D_ENCODER_CODE_CONV2D,
                );
                Self::ENCODER_CODE_GELU.backward_input(x, dy, dx, write);
            }
        }
        if arena.has(ScalesSlots::D_ENCODER_CODE_CONV2D) {
            if let ::core::option::Option::Some(gradients) = &mut gradients {
                let ([x, dy], scratch) =
                    arena.tensors_and_scratch([slots.half_avg_pool2d, ScalesSlots::D_ENCODER_CODE_CONV2D.slot]);
                Self::ENCODER_CODE_CONV2D.backward_weights(n, x, dy, &mut gradients.encoder.code_conv2d, scratch);
            }
            if by_inputs {
                let ([dy, dx], write, scratch) = arena.tensors_to_write_and_scratch(
                    [ScalesSlots::D_ENCODER_CODE_CONV2D.slot, ScalesSlots::D_HALF_AVG_POOL2D.slot],
                    ScalesSlots::D_HALF_AVG_POOL2D,
                );
                Self::ENCODER_CODE_CONV2D.backward_input(
                    n,
                    &self.encoder.code_conv2d,
                    dy,
                    dx,
                    write,
                    scratch.for_weights(0),
                );
            }
        }
        if arena.has(ScalesSlots::D_HALF_AVG_POOL2D) {
            if by_inputs {
                let ([dy, dx], write) = arena.tensors_to_write(
                    [ScalesSlots::D_HALF_AVG_POOL2D.slot, ScalesSlots::D_INPUT_FINE.slot],
                    ScalesSlots::D_INPUT_FINE,
                );
                Self::HALF_AVG_POOL2D.backward_input(n, dy, dx, write);
            }
        }
    }
}

#[allow(dead_code, unused_qualifications)]
#[allow(unused_variables)]
impl ::net_runtime::Network for Scales {
    type Inputs<'a> = ScalesInputs<'a>;
    type Outputs = ScalesOutputs;
    type OutputViews<'w> = ScalesOutputViews<'w>;
    type Workspace = ScalesWorkspace;
    type Gradients = ScalesGradients;
    const INFO: &'static ::net_runtime::NetworkInfo = &::net_runtime::NetworkInfo {
        name: "Scales",
        rows: &[
            ::net_runtime::RowInfo {
                name: "fine",
                kind: "Input",
                arguments: "",
                activation: "",
                parameters: 0,
                uses: &[::net_runtime::UseInfo { outputs: &[&[16, 16, 1]], connected_to: &[] }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "coarse",
                kind: "Input",
                arguments: "",
                activation: "",
                parameters: 0,
                uses: &[::net_runtime::UseInfo { outputs: &[&[8, 8, 1]], connected_to: &[] }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "_camera",
                kind: "Input",
                arguments: "",
                activation: "",
                parameters: 0,
                uses: &[::net_runtime::UseInfo { outputs: &[&[1]], connected_to: &[] }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "half_avg_pool2d",
                kind: "AvgPool2d",
                arguments: "2",
                activation: "",
                parameters: 0,
                uses: &[::net_runtime::UseInfo {
                    outputs: &[&[8, 8, 1]],
                    connected_to: &[::net_runtime::Connection { row: 0, use_index: 0, tensor: 0 }],
                }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "encoder",
                kind: "Encoder",
                arguments: "",
                activation: "",
                parameters: 76,
                uses: &[
                    ::net_runtime::UseInfo {
                        outputs: &[&[8]],
                        connected_to: &[::net_runtime::Connection { row: 3, use_index: 0, tensor: 0 }],
                    },
                    ::net_runtime::UseInfo {
                        outputs: &[&[8]],
                        connected_to: &[::net_runtime::Connection { row: 1, use_index: 0, tensor: 0 }],
                    },
                ],
                inner: ::core::option::Option::Some(<Encoder as ::net_runtime::Network>::INFO),
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "both_maximum",
                kind: "Maximum",
                arguments: "",
                activation: "",
                parameters: 0,
                uses: &[::net_runtime::UseInfo {
                    outputs: &[&[8]],
                    connected_to: &[
                        ::net_runtime::Connection { row: 4, use_index: 0, tensor: 0 },
                        ::net_runtime::Connection { row: 4, use_index: 1, tensor: 0 },
                    ],
                }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "both_dropout",
                kind: "Dropout",
                arguments: "0.25",
                activation: "",
                parameters: 0,
                uses: &[::net_runtime::UseInfo {
                    outputs: &[&[8]],
                    connected_to: &[::net_runtime::Connection { row: 5, use_index: 0, tensor: 0 }],
                }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "class_dense",
                kind: "Dense",
                arguments: "3",
                activation: "softmax",
                parameters: 27,
                uses: &[::net_runtime::UseInfo {
                    outputs: &[&[3]],
                    connected_to: &[::net_runtime::Connection { row: 6, use_index: 0, tensor: 0 }],
                }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "copy_dense",
                kind: "Dense",
                arguments: "64",
                activation: "",
                parameters: 576,
                uses: &[::net_runtime::UseInfo {
                    outputs: &[&[64]],
                    connected_to: &[::net_runtime::Connection { row: 6, use_index: 0, tensor: 0 }],
                }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "copy_reshape",
                kind: "Reshape",
                arguments: "8, 8, 1",
                activation: "sigmoid",
                parameters: 0,
                uses: &[::net_runtime::UseInfo {
                    outputs: &[&[8, 8, 1]],
                    connected_to: &[::net_runtime::Connection { row: 8, use_index: 0, tensor: 0 }],
                }],
                ..::net_runtime::RowInfo::EMPTY
            },
        ],
        outputs: &[
            ::net_runtime::OutputInfo {
                name: "class",
                from: ::net_runtime::Connection { row: 7, use_index: 0, tensor: 0 },
            },
            ::net_runtime::OutputInfo {
                name: "copy",
                from: ::net_runtime::Connection { row: 9, use_index: 0, tensor: 0 },
            },
        ],
        parameters: 679,
        non_trainable_parameters: 0,
        multiply_adds: 3192,
        inference_bytes: 832,
        training_bytes: 4160,
    };

    fn new(seed: ::core::primitive::u64) -> Self {
        Self {
            encoder: <Encoder as ::net_runtime::Network>::new(
                ::net_runtime::initializers::Seed::new(seed, "encoder").of_inner_network(),
            ),
            class_dense: ::net_runtime::weights::Affine::new(
                &[8, 3],
                ::net_runtime::initializers::Seed::new(seed, "class_dense"),
            ),
            copy_dense: ::net_runtime::weights::Affine::new(
                &[8, 64],
                ::net_runtime::initializers::Seed::new(seed, "copy_dense"),
            ),
        }
    }

    fn forward<'w>(
        &self,
        inputs: ScalesInputs<'_>,
        mode: ::net_runtime::Mode,
        workspace: &'w mut ScalesWorkspace,
    ) -> ::core::result::Result<ScalesOutputViews<'w>, ::net_runtime::Error> {
        self.forward(inputs, mode, workspace)
    }

    fn reserve(
        outputs: &mut ScalesOutputs,
        samples: ::core::primitive::usize,
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        outputs.class.try_reserve(samples)?;
        outputs.copy.try_reserve(samples)?;
        ::core::result::Result::Ok(())
    }

    fn append(outputs: &mut ScalesOutputs, batch: ScalesOutputViews<'_>) {
        outputs.class.extend(batch.class);
        outputs.copy.extend(batch.copy);
    }

    fn visit<'p>(&'p self, visitor: ::net_runtime::ParamVisitor<'_, 'p>) {
        <Encoder as ::net_runtime::Network>::visit(&self.encoder, &mut |name, param| {
            visitor(name.within("encoder"), param)
        });
        ::net_runtime::visits::show(
            &["class_dense.kernel", "class_dense.bias", "copy_dense.kernel", "copy_dense.bias"],
            &[&self.class_dense.kernel, &self.class_dense.bias, &self.copy_dense.kernel, &self.copy_dense.bias],
            visitor,
        );
    }

    fn visit_mut(&mut self, visitor: &mut dyn ::core::ops::FnMut(::net_runtime::Name<'_>, &mut ::net_runtime::Param)) {
        <Encoder as ::net_runtime::Network>::visit_mut(&mut self.encoder, &mut |name, param| {
            visitor(name.within("encoder"), param)
        });
        ::net_runtime::visits::show_mut(
            &["class_dense.kernel", "class_dense.bias", "copy_dense.kernel", "copy_dense.bias"],
            &mut [
                &mut self.class_dense.kernel,
                &mut self.class_dense.bias,
                &mut self.copy_dense.kernel,
                &mut self.copy_dense.bias,
            ],
            visitor,
        );
    }

    fn visit_with_gradients(
        &mut self,
        gradients: &ScalesGradients,
        visitor: &mut dyn ::core::ops::FnMut(::net_runtime::Name<'_>, &mut ::net_runtime::Param, &::net_runtime::Gradient),
    ) {
        <Encoder as ::net_runtime::Network>::visit_with_gradients(
            &mut self.encoder,
            &gradients.encoder,
            &mut |name, param, gradient| visitor(name.within("encoder"), param, gradient),
        );
        ::net_runtime::visits::show_with_gradients(
            &["class_dense.kernel", "class_dense.bias", "copy_dense.kernel", "copy_dense.bias"],
            &mut [
                &mut self.class_dense.kernel,
                &mut self.class_dense.bias,
                &mut self.copy_dense.kernel,
                &mut self.copy_dense.bias,
            ],
            &[
                &gradients.class_dense.kernel,
                &gradients.class_dense.bias,
                &gradients.copy_dense.kernel,
                &gradients.copy_dense.bias,
            ],
            visitor,
        );
    }
}

#[allow(dead_code, unused_qualifications)]
#[allow(unused_variables, unused_mut)]
impl ::net_runtime::inner::InnerNetwork for Scales {
    const SIGNATURE: ::net_runtime::announced::Signature = ::net_runtime::announced::Signature {
        inputs: &[
            ::net_runtime::announced::Port { name: "fine", classes: false, dims: &[16, 16, 1] },
            ::net_runtime::announced::Port { name: "coarse", classes: false, dims: &[8, 8, 1] },
            ::net_runtime::announced::Port { name: "_camera", classes: true, dims: &[1] },
        ],
        outputs: &[
            ::net_runtime::announced::Port { name: "class", classes: false, dims: &[3] },
            ::net_runtime::announced::Port { name: "copy", classes: false, dims: &[8, 8, 1] },
        ],
    };
    const OUTPUTS: &'static [::net_runtime::inner::OutputSlots] = &[
        ::net_runtime::inner::OutputSlots {
            training: ScalesSlots::TRAINING.class_softmax,
            inference: ScalesSlots::INFERENCE.class_softmax,
            gradient: ::core::option::Option::Some(ScalesSlots::D_CLASS_SOFTMAX),
        },
        ::net_runtime::inner::OutputSlots {
            training: ScalesSlots::TRAINING.copy_sigmoid,
            inference: ScalesSlots::INFERENCE.copy_sigmoid,
            gradient: ::core::option::Option::Some(ScalesSlots::D_COPY_SIGMOID),
        },
    ];
    const KEPT: &'static [::net_runtime::Slot] = &[
        ScalesSlots::INFERENCE.class_dense,
        ScalesSlots::INFERENCE.class_softmax,
        ScalesSlots::INFERENCE.copy_dense,
        ScalesSlots::INFERENCE.copy_sigmoid,
    ];
    const INPUT_GRADIENTS: &'static [::core::option::Option<::net_runtime::GradientSlot>] = &[
        ::core::option::Option::Some(ScalesSlots::D_INPUT_FINE),
        ::core::option::Option::Some(ScalesSlots::D_INPUT_COARSE),
        ::core::option::Option::None,
    ];

    fn inputs<'a>(
        tensors: &[::net_runtime::inner::Tensor<'a>],
    ) -> ::core::result::Result<ScalesInputs<'a>, ::net_runtime::Error> {
        ::core::result::Result::Ok(ScalesInputs {
            fine: ::net_runtime::inner::Tensor::f32(tensors, 0)?,
            coarse: ::net_runtime::inner::Tensor::f32(tensors, 1)?,
            _camera: ::net_runtime::inner::Tensor::u32(tensors, 2)?,
        })
    }

    fn arena(workspace: &mut ScalesWorkspace) -> &mut ::net_runtime::Arena {
        &mut workspace.arena
    }

    fn others(workspace: &mut ScalesWorkspace) -> &mut ::net_runtime::shares::Others<ScalesWorkspace> {
        &mut workspace.share_workspaces
    }

    fn floats(mode: ::net_runtime::Mode) -> ::core::primitive::usize {
        match mode {
            ::net_runtime::Mode::Training | ::net_runtime::Mode::TrainingWeights => 1040,
            ::net_runtime::Mode::Inference => 208,
        }
    }

    fn forward_steps(
        &self,
        inputs: &ScalesInputs<'_>,
        mode: ::net_runtime::Mode,
        workspace: &mut ScalesWorkspace,
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        let slots = ScalesSlots::of(mode);
        self.forward_1(inputs, mode, slots, workspace);
        ::core::result::Result::Ok(())
    }

    fn backward_steps(
        &self,
        inputs: ScalesInputs<'_>,
        workspace: &mut ScalesWorkspace,
        mut gradients: ::core::option::Option<&mut ScalesGradients>,
        by_inputs: ::core::primitive::bool,
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        let first = if gradients.is_some() { self.first_trained() } else { ::core::primitive::usize::MAX };
        self.backward_1(&inputs, workspace, gradients.as_deref_mut(), by_inputs, first);
        ::core::result::Result::Ok(())
    }
}

#[allow(dead_code, unused_qualifications)]
/// The losses of [`Scales`] for one batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ScalesLosses {
    /// The weighted sum of all.
    pub total: ::core::primitive::f32,
    /// The loss of `class`, before its weight.
    pub class: ::core::primitive::f32,
    /// The loss of `copy`, before its weight.
    pub copy: ::core::primitive::f32,
}

#[allow(dead_code, unused_qualifications)]
impl Scales {
    /// The losses of the forward pass that the workspace holds.
    ///
    /// # Errors
    ///
    /// If the workspace holds no pass over as many samples, a backward pass has used it up, or a target is no class.
    pub fn losses(
        &self,
        samples: &ScalesSamples,
        workspace: &ScalesWorkspace,
    ) -> ::core::result::Result<ScalesLosses, ::net_runtime::Error> {
        let n = ::net_runtime::Samples::count(samples)?;
        let arena = &workspace.arena;
        arena.check_samples(n)?;
        arena.check_losses()?;
        let slots = ScalesSlots::of(arena.mode()?);
        let mut losses = ScalesLosses { total: 0.0, class: 0.0, copy: 0.0 };
        losses.class = ::net_runtime::losses::value(
            &::net_runtime::losses::SparseCategoricalCrossentropy {
                ignore: ::core::option::Option::None,
                input: ::net_runtime::losses::Input::Logits,
            },
            "class",
            &[3],
            n,
            arena.tensor(slots.class_dense),
            samples.class.data(),
            samples.class.weights(),
        )?;
        losses.total += 1f32 * losses.class;
        losses.copy = 0.5f32
            * ::net_runtime::losses::value(
                &::net_runtime::losses::BinaryCrossentropy {
                    label_smoothing: 0f32,
                    input: ::net_runtime::losses::Input::Logits,
                },
                "copy",
                &[8, 8, 1],
                n,
                arena.tensor(slots.copy_dense),
                samples.copy.data(),
                samples.copy.weights(),
            )?
            + 1f32
                * ::net_runtime::losses::value(
                    &::net_runtime::losses::Huber { delta: 0.5f32 },
                    "copy",
                    &[8, 8, 1],
                    n,
                    arena.tensor(slots.copy_sigmoid),
                    samples.copy.data(),
                    samples.copy.weights(),
                )?
            + 0.1f32
                * ::net_runtime::losses::value(
                    &ScalesSlots::loss_copy_3(),
                    "copy",
                    &[8, 8, 1],
                    n,
                    arena.tensor(slots.copy_sigmoid),
                    samples.copy.data(),
                    samples.copy.weights(),
                )?;
        losses.total += losses.copy;
        ::core::result::Result::Ok(losses)
    }
}

#[allow(dead_code, unused_qualifications)]
/// The accumulated metrics of [`Scales`].
#[derive(Clone, Default)]
pub(crate) struct ScalesMetrics {
    class_metric_1: <::net_runtime::metrics::SparseCategoricalAccuracy as ::net_runtime::metrics::Metric>::State,
    class_metric_2: <::net_runtime::metrics::SparseTopK as ::net_runtime::metrics::Metric>::State,
}

#[allow(dead_code, unused_qualifications)]
impl ScalesSlots {
    fn loss_copy_3() -> impl ::net_runtime::losses::Loss<Target = ::core::primitive::f32> {
        self::Own
    }
}

#[allow(dead_code, unused_qualifications)]
#[allow(unused_variables)]
impl ::net_runtime::Trainable for Scales {
    type Samples = ScalesSamples;
    type Metrics = ScalesMetrics;
    type Losses = [::core::primitive::f32; 2];
    const HEADS: &'static [::net_runtime::training::Head] = &[
        ::net_runtime::training::Head { name: "class", has_loss: true },
        ::net_runtime::training::Head { name: "copy", has_loss: true },
    ];

    fn losses(
        &self,
        samples: &ScalesSamples,
        workspace: &mut ScalesWorkspace,
    ) -> ::core::result::Result<(::core::primitive::f32, Self::Losses), ::net_runtime::Error> {
        let losses = self.losses(samples, workspace)?;
        ::core::result::Result::Ok((losses.total, [losses.class, losses.copy]))
    }

    fn backward_losses(
        &self,
        samples: &ScalesSamples,
        workspace: &mut ScalesWorkspace,
        gradients: &mut ScalesGradients,
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        self.backward(samples, samples, workspace, gradients)
    }

    fn update_metrics(
        &self,
        samples: &ScalesSamples,
        workspace: &ScalesWorkspace,
        metrics: &mut ScalesMetrics,
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        let arena = &workspace.arena;
        let slots = ScalesSlots::of(arena.mode()?);
        arena.check_samples(::net_runtime::Samples::count(samples)?)?;
        ::net_runtime::metrics::update(
            &::net_runtime::metrics::SparseCategoricalAccuracy,
            &mut metrics.class_metric_1,
            &[3],
            arena.tensor(slots.class_softmax),
            samples.class.data(),
        );
        ::net_runtime::metrics::update(
            &::net_runtime::metrics::SparseTopK { k: 2 },
            &mut metrics.class_metric_2,
            &[3],
            arena.tensor(slots.class_softmax),
            samples.class.data(),
        );
        ::core::result::Result::Ok(())
    }

    fn reset_metrics(metrics: &mut ScalesMetrics) {
        ::net_runtime::metrics::Metric::reset(
            &::net_runtime::metrics::SparseCategoricalAccuracy,
            &mut metrics.class_metric_1,
        );
        ::net_runtime::metrics::Metric::reset(
            &::net_runtime::metrics::SparseTopK { k: 2 },
            &mut metrics.class_metric_2,
        );
    }

    fn visit_metrics(metrics: &ScalesMetrics, visitor: ::net_runtime::training::MetricVisitor<'_>) {
        visitor(
            0,
            <::net_runtime::metrics::SparseCategoricalAccuracy as ::net_runtime::metrics::Metric>::NAME,
            ::net_runtime::metrics::Metric::result(
                &::net_runtime::metrics::SparseCategoricalAccuracy,
                &metrics.class_metric_1,
            ),
        );
        visitor(
            0,
            <::net_runtime::metrics::SparseTopK as ::net_runtime::metrics::Metric>::NAME,
            ::net_runtime::metrics::Metric::result(
                &::net_runtime::metrics::SparseTopK { k: 2 },
                &metrics.class_metric_2,
            ),
        );
    }
}
