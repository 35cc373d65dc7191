/// Finds one object in an RGB image: what it is, and where it is.
///
/// # Layers
///
/// | layer | is | reads | output | parameters |
/// | --- | --- | --- | --- | ---: |
/// | `image` | input |  | `[64, 64, 3]` |  |
/// | `features_conv2d` | [`Conv2d(128, 3)`](::net_runtime::layers::Conv2d) → `relu` | `image` | `[62, 62, 128]` | 3,584 |
/// | `features_max_pool2d` | [`MaxPool2d(2)`](::net_runtime::layers::MaxPool2d) | `features_conv2d` | `[31, 31, 128]` |  |
/// | `features_conv2d_2` | [`Conv2d(256, 3)`](::net_runtime::layers::Conv2d) → `relu` | `features_max_pool2d` | `[29, 29, 256]` | 295,168 |
/// | `features_max_pool2d_2` | [`MaxPool2d(2)`](::net_runtime::layers::MaxPool2d) | `features_conv2d_2` | `[14, 14, 256]` |  |
/// | `features_flatten` | [`Flatten`](::net_runtime::layers::Flatten) | `features_max_pool2d_2` | `[50176]` |  |
/// | `class_dense` | [`Dense(64)`](::net_runtime::layers::Dense) → `relu` | `features_flatten` | `[64]` | 3,211,328 |
/// | `location_dense` | [`Dense(64)`](::net_runtime::layers::Dense) → `relu` | `features_flatten` | `[64]` | 3,211,328 |
/// | `class_dense_2` | [`Dense(10)`](::net_runtime::layers::Dense) → `softmax` | `class_dense` | `[10]` | 650 |
/// | `location_dense_2` | [`Dense(4)`](::net_runtime::layers::Dense) → `sigmoid` | `location_dense` | `[4]` | 260 |
///
/// 6,722,318 parameters (25.64 MB); for each sample 267,729,280 multiply-adds in a forward pass, and activations of 646.38 KB in inference and 1004.25 KB in training.
///
#[derive(Clone, Debug)]
pub struct Detector {
    /// `Conv2d(128, 3)`, `[64, 64, 3]` → `[62, 62, 128]`: kernel `[3, 3, 3, 128]`, bias `[128]`; 3,584 parameters.
    pub features_conv2d: ::net_runtime::weights::Affine,
    /// `Conv2d(256, 3)`, `[31, 31, 128]` → `[29, 29, 256]`: kernel `[3, 3, 128, 256]`, bias `[256]`; 295,168 parameters.
    pub features_conv2d_2: ::net_runtime::weights::Affine,
    /// `Dense(64)`, `[50176]` → `[64]`: kernel `[50176, 64]`, bias `[64]`; 3,211,328 parameters.
    pub class_dense: ::net_runtime::weights::Affine,
    /// `Dense(10)`, `[64]` → `[10]`: kernel `[64, 10]`, bias `[10]`; 650 parameters.
    pub class_dense_2: ::net_runtime::weights::Affine,
    /// `Dense(64)`, `[50176]` → `[64]`: kernel `[50176, 64]`, bias `[64]`; 3,211,328 parameters.
    pub location_dense: ::net_runtime::weights::Affine,
    /// `Dense(4)`, `[64]` → `[4]`: kernel `[64, 4]`, bias `[4]`; 260 parameters.
    pub location_dense_2: ::net_runtime::weights::Affine,
}

#[allow(dead_code, unused_qualifications)]
/// The inputs of [`Detector`] for one call.
#[derive(Clone, Copy, Debug)]
pub struct DetectorInputs<'a> {
    /// `[64, 64, 3]` for each sample.
    pub image: ::net_runtime::View<'a, ::net_runtime::Shape3<64, 64, 3>>,
}

#[allow(dead_code, unused_qualifications)]
impl ::net_runtime::Inputs for DetectorInputs<'_> {
    fn samples(&self) -> ::core::result::Result<::core::primitive::usize, ::net_runtime::Error> {
        ::net_runtime::same_samples(&[("image", self.image.len())])
    }

    fn slice(&self, range: ::core::ops::Range<::core::primitive::usize>) -> Self {
        Self { image: self.image.slice(::core::clone::Clone::clone(&range)) }
    }
}

#[allow(dead_code, unused_qualifications)]
impl<'a> ::core::convert::From<&'a ::net_runtime::Batch<::net_runtime::Shape3<64, 64, 3>>> for DetectorInputs<'a> {
    fn from(batch: &'a ::net_runtime::Batch<::net_runtime::Shape3<64, 64, 3>>) -> Self {
        Self { image: batch.view() }
    }
}

#[allow(dead_code, unused_qualifications)]
impl<'a> ::core::convert::From<::net_runtime::View<'a, ::net_runtime::Shape3<64, 64, 3>>> for DetectorInputs<'a> {
    fn from(view: ::net_runtime::View<'a, ::net_runtime::Shape3<64, 64, 3>>) -> Self {
        Self { image: view }
    }
}

#[allow(dead_code, unused_qualifications)]
/// The outputs of [`Detector`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DetectorOutputs {
    /// `[10]` for each sample.
    pub class: ::net_runtime::Batch<::net_runtime::Shape1<10>>,
    /// `[4]` for each sample.
    pub location: ::net_runtime::Batch<::net_runtime::Shape1<4>>,
}

#[allow(dead_code, unused_qualifications)]
/// The outputs of [`Detector`] in a workspace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DetectorOutputViews<'w> {
    /// `[10]` for each sample.
    pub class: ::net_runtime::View<'w, ::net_runtime::Shape1<10>>,
    /// `[4]` for each sample.
    pub location: ::net_runtime::View<'w, ::net_runtime::Shape1<4>>,
}

#[allow(dead_code, unused_qualifications)]
impl DetectorOutputViews<'_> {
    /// A copy that does not borrow the workspace.
    pub fn to_owned(&self) -> DetectorOutputs {
        DetectorOutputs { class: self.class.to_batch(), location: self.location.to_batch() }
    }
}

#[allow(dead_code, unused_qualifications)]
/// Gradients of something by the outputs of [`Detector`]; one that is left out is zero.
#[derive(Clone, Copy, Debug, Default)]
pub struct DetectorOutputGradients<'a> {
    /// By `class`, `[10]` for each sample.
    pub class: ::core::option::Option<::net_runtime::View<'a, ::net_runtime::Shape1<10>>>,
    /// By `location`, `[4]` for each sample.
    pub location: ::core::option::Option<::net_runtime::View<'a, ::net_runtime::Shape1<4>>>,
}

#[allow(dead_code, unused_qualifications)]
/// Gradients by the inputs of [`Detector`], in a workspace.
#[derive(Clone, Copy, Debug)]
pub struct DetectorInputGradients<'w> {
    /// By `image`, `[64, 64, 3]` for each sample.
    pub image: ::net_runtime::View<'w, ::net_runtime::Shape3<64, 64, 3>>,
}

#[allow(dead_code, unused_qualifications)]
/// Gradients by the weights of [`Detector`].
#[derive(Clone, Debug)]
pub struct DetectorGradients {
    /// `Conv2d(128, 3)`, `[64, 64, 3]` → `[62, 62, 128]`: kernel `[3, 3, 3, 128]`, bias `[128]`; 3,584 parameters.
    pub features_conv2d: ::net_runtime::weights::Affine<::net_runtime::Gradient>,
    /// `Conv2d(256, 3)`, `[31, 31, 128]` → `[29, 29, 256]`: kernel `[3, 3, 128, 256]`, bias `[256]`; 295,168 parameters.
    pub features_conv2d_2: ::net_runtime::weights::Affine<::net_runtime::Gradient>,
    /// `Dense(64)`, `[50176]` → `[64]`: kernel `[50176, 64]`, bias `[64]`; 3,211,328 parameters.
    pub class_dense: ::net_runtime::weights::Affine<::net_runtime::Gradient>,
    /// `Dense(10)`, `[64]` → `[10]`: kernel `[64, 10]`, bias `[10]`; 650 parameters.
    pub class_dense_2: ::net_runtime::weights::Affine<::net_runtime::Gradient>,
    /// `Dense(64)`, `[50176]` → `[64]`: kernel `[50176, 64]`, bias `[64]`; 3,211,328 parameters.
    pub location_dense: ::net_runtime::weights::Affine<::net_runtime::Gradient>,
    /// `Dense(4)`, `[64]` → `[4]`: kernel `[64, 4]`, bias `[4]`; 260 parameters.
    pub location_dense_2: ::net_runtime::weights::Affine<::net_runtime::Gradient>,
}

#[allow(dead_code, unused_qualifications)]
impl DetectorGradients {
    /// All zero.
    pub fn zeros() -> Self {
        <Self as ::net_runtime::Gradients>::zeros()
    }
}

#[allow(dead_code, unused_qualifications)]
impl ::net_runtime::Gradients for DetectorGradients {
    fn zeros() -> Self {
        Self {
            features_conv2d: ::net_runtime::weights::Affine::<::net_runtime::Gradient>::zeros(&[3, 3, 3, 128]),
            features_conv2d_2: ::net_runtime::weights::Affine::<::net_runtime::Gradient>::zeros(&[3, 3, 128, 256]),
            class_dense: ::net_runtime::weights::Affine::<::net_runtime::Gradient>::zeros(&[50176, 64]),
            class_dense_2: ::net_runtime::weights::Affine::<::net_runtime::Gradient>::zeros(&[64, 10]),
            location_dense: ::net_runtime::weights::Affine::<::net_runtime::Gradient>::zeros(&[50176, 64]),
            location_dense_2: ::net_runtime::weights::Affine::<::net_runtime::Gradient>::zeros(&[64, 4]),
        }
    }

    fn visit(&self, visitor: &mut dyn ::core::ops::FnMut(::net_runtime::Name<'_>, &::net_runtime::Gradient)) {
        ::net_runtime::visits::show(
            &[
                "features_conv2d.kernel",
                "features_conv2d.bias",
                "features_conv2d_2.kernel",
                "features_conv2d_2.bias",
                "class_dense.kernel",
                "class_dense.bias",
                "class_dense_2.kernel",
                "class_dense_2.bias",
                "location_dense.kernel",
                "location_dense.bias",
                "location_dense_2.kernel",
                "location_dense_2.bias",
            ],
            &[
                &self.features_conv2d.kernel,
                &self.features_conv2d.bias,
                &self.features_conv2d_2.kernel,
                &self.features_conv2d_2.bias,
                &self.class_dense.kernel,
                &self.class_dense.bias,
                &self.class_dense_2.kernel,
                &self.class_dense_2.bias,
                &self.location_dense.kernel,
                &self.location_dense.bias,
                &self.location_dense_2.kernel,
                &self.location_dense_2.bias,
            ],
            visitor,
        );
    }

    fn visit_mut(
        &mut self,
        visitor: &mut dyn ::core::ops::FnMut(::net_runtime::Name<'_>, &mut ::net_runtime::Gradient),
    ) {
        ::net_runtime::visits::show_mut(
            &[
                "features_conv2d.kernel",
                "features_conv2d.bias",
                "features_conv2d_2.kernel",
                "features_conv2d_2.bias",
                "class_dense.kernel",
                "class_dense.bias",
                "class_dense_2.kernel",
                "class_dense_2.bias",
                "location_dense.kernel",
                "location_dense.bias",
                "location_dense_2.kernel",
                "location_dense_2.bias",
            ],
            &mut [
                &mut self.features_conv2d.kernel,
                &mut self.features_conv2d.bias,
                &mut self.features_conv2d_2.kernel,
                &mut self.features_conv2d_2.bias,
                &mut self.class_dense.kernel,
                &mut self.class_dense.bias,
                &mut self.class_dense_2.kernel,
                &mut self.class_dense_2.bias,
                &mut self.location_dense.kernel,
                &mut self.location_dense.bias,
                &mut self.location_dense_2.kernel,
                &mut self.location_dense_2.bias,
            ],
            visitor,
        );
    }
}

#[allow(dead_code, unused_qualifications)]
/// Inputs and targets to train and evaluate [`Detector`] with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DetectorSamples {
    /// Input, `[64, 64, 3]` for each sample.
    pub image: ::net_runtime::Batch<::net_runtime::Shape3<64, 64, 3>>,
    /// Target, `[10]` for each sample.
    pub class: ::net_runtime::Batch<::net_runtime::Shape1<10>>,
    /// Target, `[4]` for each sample.
    pub location: ::net_runtime::Batch<::net_runtime::Shape1<4>>,
}

#[allow(dead_code, unused_qualifications)]
impl ::net_runtime::Samples for DetectorSamples {
    type Inputs<'a> = DetectorInputs<'a>;

    fn inputs(&self) -> DetectorInputs<'_> {
        DetectorInputs { image: self.image.view() }
    }

    fn count(&self) -> ::core::result::Result<::core::primitive::usize, ::net_runtime::Error> {
        ::net_runtime::no_weights("image", self.image.weights())?;
        ::net_runtime::same_samples(&[
            ("image", self.image.len()),
            ("class", self.class.len()),
            ("location", self.location.len()),
        ])
    }

    fn gather_into(&self, indices: &[::core::primitive::usize], target: &mut Self) {
        self.image.gather_into(indices, &mut target.image);
        self.class.gather_into(indices, &mut target.class);
        self.location.gather_into(indices, &mut target.location);
    }

    fn weigh_classes(
        &mut self,
        head: &::core::primitive::str,
        weights: &[::core::primitive::f32],
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        match head {
            "class" => self.class.weigh_classes(head, weights),
            "location" => self.location.weigh_classes(head, weights),
            _ => ::core::result::Result::Err(::net_runtime::unknown_head(head, &["class", "location"])),
        }
    }
}

#[allow(dead_code, unused_qualifications)]
impl<'a> ::core::convert::From<&'a DetectorSamples> for DetectorInputs<'a> {
    fn from(samples: &'a DetectorSamples) -> Self {
        ::net_runtime::Samples::inputs(samples)
    }
}

#[allow(dead_code, unused_qualifications)]
/// Where the gradients of a backward pass through [`Detector`] come from.
#[derive(Clone, Copy, Debug)]
pub enum DetectorUpstream<'a> {
    /// From the caller.
    Gradients(DetectorOutputGradients<'a>),
    /// From the losses, with the targets among these samples.
    Losses(&'a DetectorSamples),
}

#[allow(dead_code, unused_qualifications)]
impl<'a> ::core::convert::From<DetectorOutputGradients<'a>> for DetectorUpstream<'a> {
    fn from(gradients: DetectorOutputGradients<'a>) -> Self {
        Self::Gradients(gradients)
    }
}

#[allow(dead_code, unused_qualifications)]
impl<'a> ::core::convert::From<&'a DetectorSamples> for DetectorUpstream<'a> {
    fn from(samples: &'a DetectorSamples) -> Self {
        Self::Losses(samples)
    }
}

#[allow(dead_code, unused_qualifications)]
impl DetectorUpstream<'_> {
    /// Checks before anything is computed that it fits so many samples.
    fn check(&self, samples: ::core::primitive::usize) -> ::core::result::Result<(), ::net_runtime::Error> {
        match self {
            Self::Gradients(given) => {
                if let ::core::option::Option::Some(gradient) = given.class {
                    ::net_runtime::same_samples(&[("inputs", samples), ("class", gradient.len())])?;
                }
                if let ::core::option::Option::Some(gradient) = given.location {
                    ::net_runtime::same_samples(&[("inputs", samples), ("location", gradient.len())])?;
                }
            }
            Self::Losses(targets) => {
                ::net_runtime::same_samples(&[
                    ("inputs", samples),
                    ("targets", ::net_runtime::Samples::count(*targets)?),
                ])?;
                ::net_runtime::losses::check(
                    &::net_runtime::losses::CategoricalCrossentropy {
                        label_smoothing: 0f32,
                        input: ::net_runtime::losses::Input::Logits,
                    },
                    "class",
                    &[10],
                    samples,
                    targets.class.data(),
                )?;
                ::net_runtime::losses::check(
                    &::net_runtime::losses::MeanSquaredError,
                    "location",
                    &[4],
                    samples,
                    targets.location.data(),
                )?;
            }
        }
        ::core::result::Result::Ok(())
    }
}

#[allow(dead_code, unused_qualifications)]
/// Where the tensors of [`Detector`] lie in its workspace.
struct DetectorSlots {
    features_conv2d: ::net_runtime::Slot,
    features_max_pool2d: ::net_runtime::Slot,
    features_conv2d_2: ::net_runtime::Slot,
    features_max_pool2d_2: ::net_runtime::Slot,
    class_dense: ::net_runtime::Slot,
    class_dense_2: ::net_runtime::Slot,
    class_softmax: ::net_runtime::Slot,
    location_dense: ::net_runtime::Slot,
    location_dense_2: ::net_runtime::Slot,
}

#[allow(dead_code, unused_qualifications)]
#[allow(dead_code)]
impl DetectorSlots {
    const TRAINING: &'static Self = &Self {
        features_conv2d: ::net_runtime::Slot { offset: 215552, len: 28800 },
        features_max_pool2d: ::net_runtime::Slot { offset: 0, len: 115200 },
        features_conv2d_2: ::net_runtime::Slot { offset: 244352, len: 12544 },
        features_max_pool2d_2: ::net_runtime::Slot { offset: 115200, len: 50176 },
        class_dense: ::net_runtime::Slot { offset: 256896, len: 64 },
        class_dense_2: ::net_runtime::Slot { offset: 165376, len: 10 },
        class_softmax: ::net_runtime::Slot { offset: 257024, len: 10 },
        location_dense: ::net_runtime::Slot { offset: 256960, len: 64 },
        location_dense_2: ::net_runtime::Slot { offset: 257040, len: 4 },
    };
    const INFERENCE: &'static Self = &Self {
        features_conv2d: ::net_runtime::Slot { offset: 0, len: 0 },
        features_max_pool2d: ::net_runtime::Slot { offset: 50272, len: 115200 },
        features_conv2d_2: ::net_runtime::Slot { offset: 0, len: 0 },
        features_max_pool2d_2: ::net_runtime::Slot { offset: 0, len: 50176 },
        class_dense: ::net_runtime::Slot { offset: 50176, len: 64 },
        class_dense_2: ::net_runtime::Slot { offset: 50240, len: 10 },
        class_softmax: ::net_runtime::Slot { offset: 50256, len: 10 },
        location_dense: ::net_runtime::Slot { offset: 50176, len: 64 },
        location_dense_2: ::net_runtime::Slot { offset: 0, len: 4 },
    };
    const D_FEATURES_MAX_POOL2D: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 0, len: 115200 }, index: 0 };
    const D_FEATURES_MAX_POOL2D_2: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 165376, len: 50176 }, index: 1 };
    const D_CLASS_DENSE: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 256896, len: 64 }, index: 2 };
    const D_CLASS_DENSE_2: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 257056, len: 10 }, index: 3 };
    const D_CLASS_SOFTMAX: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 257072, len: 10 }, index: 4 };
    const D_LOCATION_DENSE: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 256960, len: 64 }, index: 5 };
    const D_LOCATION_DENSE_2: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 165392, len: 4 }, index: 6 };
    const D_INPUT_IMAGE: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 115200, len: 12288 }, index: 7 };

    const fn of(mode: ::net_runtime::Mode) -> &'static Self {
        match mode {
            ::net_runtime::Mode::Training | ::net_runtime::Mode::TrainingWeights => Self::TRAINING,
            ::net_runtime::Mode::Inference => Self::INFERENCE,
        }
    }
}

#[allow(dead_code, unused_qualifications)]
/// The memory that one caller of [`Detector`] works in: activations and gradients of a batch. Make one for each thread that uses the network at the same time, and keep it: a second call uses the memory of the first.
#[derive(Debug)]
pub struct DetectorWorkspace {
    arena: ::net_runtime::Arena,
    share_workspaces: ::net_runtime::shares::Others<Self>,
}

#[allow(dead_code, unused_qualifications)]
impl DetectorWorkspace {
    /// Memory for the inference of `capacity` samples. A larger batch or a training pass grows it, once.
    ///
    /// # Panics
    ///
    /// If there is not as much memory; the message has the number of bytes.
    pub fn new(capacity: ::core::primitive::usize) -> Self {
        Self {
            arena: ::net_runtime::Arena::new(
                capacity,
                50272,
                <Detector as ::net_runtime::inner::InnerNetwork>::groups(::net_runtime::Mode::Inference),
                8,
            ),
            share_workspaces: ::core::default::Default::default(),
        }
    }

    /// The outputs of the last forward pass.
    ///
    /// # Errors
    ///
    /// If there was none.
    pub fn outputs(&self) -> ::core::result::Result<DetectorOutputViews<'_>, ::net_runtime::Error> {
        let slots = DetectorSlots::of(self.arena.mode()?);
        ::core::result::Result::Ok(DetectorOutputViews {
            class: self.arena.view(slots.class_softmax),
            location: self.arena.view(slots.location_dense_2),
        })
    }

    fn input_gradients(&mut self) -> DetectorInputGradients<'_> {
        self.arena.finish_gradient(DetectorSlots::D_INPUT_IMAGE);
        DetectorInputGradients { image: self.arena.view(DetectorSlots::D_INPUT_IMAGE.slot) }
    }
}

#[allow(dead_code, unused_qualifications)]
impl ::net_runtime::Workspace for DetectorWorkspace {
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
impl Detector {
    /// Number of all elements of its weights.
    pub const PARAMETERS: ::core::primitive::usize = 6722318;

    /// Multiplications with addition that one sample needs in a forward pass.
    pub const MULTIPLY_ADDS: ::core::primitive::u64 = 267729280;

    /// Bytes of activations for a sample in inference. Of many samples each takes less where some layers are computed for a
    /// group of them after the other.
    pub const INFERENCE_BYTES_PER_SAMPLE: ::core::primitive::usize = 661888;

    /// Bytes of activations and their gradients for each sample in a training step.
    pub const TRAINING_BYTES_PER_SAMPLE: ::core::primitive::usize = 1028352;

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
        inputs: impl ::net_runtime::IntoInput<'a, Detector, ::net_runtime::Batch<::net_runtime::Shape3<64, 64, 3>>>,
    ) -> ::core::result::Result<DetectorOutputs, ::net_runtime::Error> {
        <Self as ::net_runtime::Network>::predict(self, inputs.into_inputs())
    }

    /// Computes the outputs as one batch; they stay in the workspace.
    ///
    /// # Errors
    ///
    /// If the inputs have different numbers of samples, or memory cannot hold what they take.
    pub fn predict_into<'a, 'w>(
        &self,
        inputs: impl ::net_runtime::IntoInput<'a, Detector, ::net_runtime::Batch<::net_runtime::Shape3<64, 64, 3>>>,
        workspace: &'w mut DetectorWorkspace,
    ) -> ::core::result::Result<DetectorOutputViews<'w>, ::net_runtime::Error> {
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
        inputs: impl ::net_runtime::IntoInput<'a, Detector, ::net_runtime::Batch<::net_runtime::Shape3<64, 64, 3>>>,
        mode: ::net_runtime::Mode,
        workspace: &'w mut DetectorWorkspace,
    ) -> ::core::result::Result<DetectorOutputViews<'w>, ::net_runtime::Error> {
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
        inputs: impl ::net_runtime::IntoInput<'a, Detector, ::net_runtime::Batch<::net_runtime::Shape3<64, 64, 3>>>,
        upstream: impl ::net_runtime::IntoUpstream<'b, Detector, DetectorUpstream<'b>>,
        workspace: &mut DetectorWorkspace,
        gradients: &mut DetectorGradients,
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
        inputs: impl ::net_runtime::IntoInput<'a, Detector, ::net_runtime::Batch<::net_runtime::Shape3<64, 64, 3>>>,
        upstream: impl ::net_runtime::IntoUpstream<'b, Detector, DetectorUpstream<'b>>,
        workspace: &mut DetectorWorkspace,
        gradients: &mut DetectorGradients,
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
        inputs: impl ::net_runtime::IntoInput<'a, Detector, ::net_runtime::Batch<::net_runtime::Shape3<64, 64, 3>>>,
        upstream: impl ::net_runtime::IntoUpstream<'b, Detector, DetectorUpstream<'b>>,
        workspace: &'w mut DetectorWorkspace,
    ) -> ::core::result::Result<DetectorInputGradients<'w>, ::net_runtime::Error> {
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
        inputs: impl ::net_runtime::IntoInput<'a, Detector, ::net_runtime::Batch<::net_runtime::Shape3<64, 64, 3>>>,
        upstream: impl ::net_runtime::IntoUpstream<'b, Detector, DetectorUpstream<'b>>,
        workspace: &'w mut DetectorWorkspace,
        gradients: &mut DetectorGradients,
    ) -> ::core::result::Result<DetectorInputGradients<'w>, ::net_runtime::Error> {
        let gradients = ::core::option::Option::Some((gradients, ::net_runtime::Write::Set));
        self.backward_pass(inputs.into_inputs(), upstream.into_upstream(), workspace, gradients, true)?;
        ::core::result::Result::Ok(workspace.input_gradients())
    }

    fn backward_pass(
        &self,
        inputs: DetectorInputs<'_>,
        upstream: DetectorUpstream<'_>,
        workspace: &mut DetectorWorkspace,
        gradients: ::core::option::Option<(&mut DetectorGradients, ::net_runtime::Write)>,
        by_inputs: ::core::primitive::bool,
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        let samples = ::net_runtime::Inputs::samples(&inputs)?;
        upstream.check(samples)?;
        let arena = &mut workspace.arena;
        arena.begin_backward(samples, by_inputs)?;
        match upstream {
            DetectorUpstream::Gradients(given) => {
                if let ::core::option::Option::Some(gradient) = given.class {
                    arena.receive(DetectorSlots::D_CLASS_SOFTMAX, gradient.data());
                }
                if let ::core::option::Option::Some(gradient) = given.location {
                    arena.receive(DetectorSlots::D_LOCATION_DENSE_2, gradient.data());
                }
            }
            DetectorUpstream::Losses(samples) => {
                let n = arena.samples();
                let write = arena.write(DetectorSlots::D_CLASS_DENSE_2);
                let [y, dy] =
                    arena.tensors([DetectorSlots::TRAINING.class_dense_2, DetectorSlots::D_CLASS_DENSE_2.slot]);
                ::net_runtime::losses::gradient(
                    &::net_runtime::losses::CategoricalCrossentropy {
                        label_smoothing: 0f32,
                        input: ::net_runtime::losses::Input::Logits,
                    },
                    &[10],
                    n,
                    1f32,
                    y,
                    samples.class.data(),
                    samples.class.weights(),
                    dy,
                    write,
                );
                let write = arena.write(DetectorSlots::D_LOCATION_DENSE_2);
                let [y, dy] =
                    arena.tensors([DetectorSlots::TRAINING.location_dense_2, DetectorSlots::D_LOCATION_DENSE_2.slot]);
                ::net_runtime::losses::gradient(
                    &::net_runtime::losses::MeanSquaredError,
                    &[4],
                    n,
                    2f32,
                    y,
                    samples.location.data(),
                    samples.location.weights(),
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
impl Detector {
    const FEATURES_CONV2D: ::net_runtime::layers::Conv2d = ::net_runtime::layers::Conv2d {
        input: [64, 64, 3],
        output: [60, 60, 128],
        kernel: [3, 3],
        stride: [1, 1],
        dilation: [1, 1],
        padding: [0, 0],
    };
    const FEATURES_RELU: ::net_runtime::activations::Activation = ::net_runtime::activations::relu();
    const FEATURES_CONV2D_2: ::net_runtime::layers::Conv2d = ::net_runtime::layers::Conv2d {
        input: [30, 30, 128],
        output: [28, 28, 256],
        kernel: [3, 3],
        stride: [1, 1],
        dilation: [1, 1],
        padding: [0, 0],
    };
    const CLASS_DENSE: ::net_runtime::layers::Dense =
        ::net_runtime::layers::Dense { rows: 1, inputs: 50176, outputs: 64 };
    const CLASS_DENSE_2: ::net_runtime::layers::Dense =
        ::net_runtime::layers::Dense { rows: 1, inputs: 64, outputs: 10 };
    const CLASS_SOFTMAX: ::net_runtime::layers::Softmax = ::net_runtime::layers::Softmax { rows: 1, classes: 10 };
    const LOCATION_DENSE_2: ::net_runtime::layers::Dense =
        ::net_runtime::layers::Dense { rows: 1, inputs: 64, outputs: 4 };
    const LOCATION_SIGMOID: ::net_runtime::activations::Activation = ::net_runtime::activations::sigmoid();
}

#[allow(dead_code, unused_qualifications)]
#[allow(unused_variables)]
impl Detector {
    fn forward_1(
        &self,
        inputs: &DetectorInputs<'_>,
        mode: ::net_runtime::Mode,
        slots: &DetectorSlots,
        workspace: &mut DetectorWorkspace,
    ) {
        let arena = &mut workspace.arena;
        let n = arena.samples();
        let ([y, choices], scratch) = arena.tensors_and_scratch([slots.features_max_pool2d, slots.features_conv2d]);
        Self::FEATURES_CONV2D.max_pooled().forward(
            n,
            inputs.image.data(),
            &self.features_conv2d,
            Self::FEATURES_RELU,
            y,
            choices,
            scratch.for_weights(0),
        );
        let ([x, y, choices], scratch) = arena.tensors_and_scratch([
            slots.features_max_pool2d,
            slots.features_max_pool2d_2,
            slots.features_conv2d_2,
        ]);
        Self::FEATURES_CONV2D_2.max_pooled().forward(
            n,
            x,
            &self.features_conv2d_2,
            Self::FEATURES_RELU,
            y,
            choices,
            scratch.for_weights(2),
        );
    }

    fn forward_2(
        &self,
        inputs: &DetectorInputs<'_>,
        mode: ::net_runtime::Mode,
        slots: &DetectorSlots,
        workspace: &mut DetectorWorkspace,
    ) {
        let arena = &mut workspace.arena;
        let n = arena.samples();
        let ([x, y], scratch) = arena.tensors_and_scratch([slots.features_max_pool2d_2, slots.class_dense]);
        Self::CLASS_DENSE.forward(n, x, &self.class_dense, Self::FEATURES_RELU, y, scratch.for_weights(4));
        let ([x, y], scratch) = arena.tensors_and_scratch([slots.class_dense, slots.class_dense_2]);
        Self::CLASS_DENSE_2.forward(
            n,
            x,
            &self.class_dense_2,
            ::net_runtime::activations::Activation::Linear,
            y,
            scratch.for_weights(6),
        );
        let [x, y] = arena.tensors([slots.class_dense_2, slots.class_softmax]);
        Self::CLASS_SOFTMAX.forward(n, x, y);
        let ([x, y], scratch) = arena.tensors_and_scratch([slots.features_max_pool2d_2, slots.location_dense]);
        Self::CLASS_DENSE.forward(n, x, &self.location_dense, Self::FEATURES_RELU, y, scratch.for_weights(8));
        let ([x, y], scratch) = arena.tensors_and_scratch([slots.location_dense, slots.location_dense_2]);
        Self::LOCATION_DENSE_2.forward(
            n,
            x,
            &self.location_dense_2,
            Self::LOCATION_SIGMOID,
            y,
            scratch.for_weights(10),
        );
    }
}

#[allow(dead_code, unused_qualifications)]
#[allow(unused_variables, unused_mut)]
impl Detector {
    fn first_trained(&self) -> ::core::primitive::usize {
        let trained = ::net_runtime::frozen::first_trained(
            &[
                &self.features_conv2d.kernel,
                &self.features_conv2d.bias,
                &self.features_conv2d_2.kernel,
                &self.features_conv2d_2.bias,
                &self.class_dense.kernel,
                &self.class_dense.bias,
                &self.class_dense_2.kernel,
                &self.class_dense_2.bias,
                &self.location_dense.kernel,
                &self.location_dense.bias,
                &self.location_dense_2.kernel,
                &self.location_dense_2.bias,
            ],
            &[0, 0, 1, 1, 2, 2, 3, 3, 5, 5, 6, 6],
        );
        if let ::core::option::Option::Some(step) = trained {
            return step;
        }
        ::core::primitive::usize::MAX
    }

    fn backward_1(
        &self,
        inputs: &DetectorInputs<'_>,
        workspace: &mut DetectorWorkspace,
        mut gradients: ::core::option::Option<&mut DetectorGradients>,
        by_inputs: ::core::primitive::bool,
        first: ::core::primitive::usize,
    ) {
        let arena = &mut workspace.arena;
        let slots = DetectorSlots::TRAINING;
        let n = arena.samples();
        let any = if by_inputs { 0 } else { first };
        if arena.has(DetectorSlots::D_LOCATION_DENSE_2) {
            let [y, dy] = arena.tensors([slots.location_dense_2, DetectorSlots::D_LOCATION_DENSE_2.slot]);
            Self::LOCATION_SIGMOID.backward_in_place(y, dy);
            if let ::core::option::Option::Some(gradients) = &mut gradients {
                let ([x, dy], scratch) =
                    arena.tensors_and_scratch([slots.location_dense, DetectorSlots::D_LOCATION_DENSE_2.slot]);
                Self::LOCATION_DENSE_2.backward_weights(n, x, dy, &mut gradients.location_dense_2, scratch);
            }
            if any <= 5 {
                let ([dy, dx], write, scratch) = arena.tensors_to_write_and_scratch(
                    [DetectorSlots::D_LOCATION_DENSE_2.slot, DetectorSlots::D_LOCATION_DENSE.slot],
                    DetectorSlots::D_LOCATION_DENSE,
                );
                Self::LOCATION_DENSE_2.backward_input(
                    n,
                    &self.location_dense_2,
                    dy,
                    dx,
                    write.masked(),
                    scratch.for_weights(10),
                );
            }
        }
        if arena.has(DetectorSlots::D_LOCATION_DENSE) {
            if let ::core::option::Option::Some(gradients) = &mut gradients {
                let ([x, dy], scratch) =
                    arena.tensors_and_scratch([slots.features_max_pool2d_2, DetectorSlots::D_LOCATION_DENSE.slot]);
                Self::CLASS_DENSE.backward_weights(n, x, dy, &mut gradients.location_dense, scratch);
            }
            if any <= 1 {
                let ([dy, dx], write, scratch) = arena.tensors_to_write_and_scratch(
                    [DetectorSlots::D_LOCATION_DENSE.slot, DetectorSlots::D_FEATURES_MAX_POOL2D_2.slot],
                    DetectorSlots::D_FEATURES_MAX_POOL2D_2,
                );
                Self::CLASS_DENSE.backward_input(n, &self.location_dense, dy, dx, write, scratch.for_weights(8));
            }
        }
        if arena.has(DetectorSlots::D_CLASS_SOFTMAX) {
            if any <= 3 {
                let ([y, dy, dx], write) = arena.tensors_to_write(
                    [slots.class_softmax, DetectorSlots::D_CLASS_SOFTMAX.slot, DetectorSlots::D_CLASS_DENSE_2.slot],
                    DetectorSlots::D_CLASS_DENSE_2,
                );
                Self::CLASS_SOFTMAX.backward_input(n, y, dy, dx, write);
            }
        }
        if arena.has(DetectorSlots::D_CLASS_DENSE_2) {
            if let ::core::option::Option::Some(gradients) = &mut gradients {
                let ([x, dy], scratch) =
                    arena.tensors_and_scratch([slots.class_dense, DetectorSlots::D_CLASS_DENSE_2.slot]);
                Self::CLASS_DENSE_2.backward_weights(n, x, dy, &mut gradients.class_dense_2, scratch);
            }
            if any <= 2 {
                let ([dy, dx], write, scratch) = arena.tensors_to_write_and_scratch(
                    [DetectorSlots::D_CLASS_DENSE_2.slot, DetectorSlots::D_CLASS_DENSE.slot],
                    DetectorSlots::D_CLASS_DENSE,
                );
                Self::CLASS_DENSE_2.backward_input(
                    n,
                    &self.class_dense_2,
                    dy,
                    dx,
                    write.masked(),
                    scratch.for_weights(6),
                );
            }
        }
        if arena.has(DetectorSlots::D_CLASS_DENSE) {
            if let ::core::option::Option::Some(gradients) = &mut gradients {
                let ([x, dy], scratch) =
                    arena.tensors_and_scratch([slots.features_max_pool2d_2, DetectorSlots::D_CLASS_DENSE.slot]);
                Self::CLASS_DENSE.backward_weights(n, x, dy, &mut gradients.class_dense, scratch);
            }
            if any <= 1 {
                let ([dy, dx], write, scratch) = arena.tensors_to_write_and_scratch(
                    [DetectorSlots::D_CLASS_DENSE.slot, DetectorSlots::D_FEATURES_MAX_POOL2D_2.slot],
                    DetectorSlots::D_FEATURES_MAX_POOL2D_2,
                );
                Self::CLASS_DENSE.backward_input(n, &self.class_dense, dy, dx, write, scratch.for_weights(4));
            }
        }
        if arena.has(DetectorSlots::D_FEATURES_MAX_POOL2D_2) {
            let [y, dy] = arena.tensors([slots.features_max_pool2d_2, DetectorSlots::D_FEATURES_MAX_POOL2D_2.slot]);
            Self::FEATURES_RELU.backward_in_place(y, dy);
            if let ::core::option::Option::Some(gradients) = &mut gradients {
                let ([x, dy, choices], scratch) = arena.tensors_and_scratch([
                    slots.features_max_pool2d,
                    DetectorSlots::D_FEATURES_MAX_POOL2D_2.slot,
                    slots.features_conv2d_2,
                ]);
                Self::FEATURES_CONV2D_2.max_pooled().backward_weights(
                    n,
                    x,
                    dy,
                    choices,
                    &mut gradients.features_conv2d_2,
                    scratch,
                );
            }
            if any <= 0 {
                let ([dy, choices, dx], write, scratch) = arena.tensors_to_write_and_scratch(
                    [
                        DetectorSlots::D_FEATURES_MAX_POOL2D_2.slot,
                        slots.features_conv2d_2,
                        DetectorSlots::D_FEATURES_MAX_POOL2D.slot,
                    ],
                    DetectorSlots::D_FEATURES_MAX_POOL2D,
                );
                Self::FEATURES_CONV2D_2.max_pooled().backward_input(
                    n,
                    &self.features_conv2d_2,
                    dy,
                    choices,
                    dx,
                    write.masked(),
                    scratch.for_weights(2),
                );
            }
        }
        if arena.has(DetectorSlots::D_FEATURES_MAX_POOL2D) {
            if let ::core::option::Option::Some(gradients) = &mut gradients {
                let ([dy, choices], scratch) =
                    arena.tensors_and_scratch([DetectorSlots::D_FEATURES_MAX_POOL2D.slot, slots.features_conv2d]);
                Self::FEATURES_CONV2D.max_pooled().backward_weights(
                    n,
                    inputs.image.data(),
                    dy,
                    choices,
                    &mut gradients.features_conv2d,
                    scratch,
                );
            }
            if by_inputs {
                let ([dy, choices, dx], write, scratch) = arena.tensors_to_write_and_scratch(
                    [
                        DetectorSlots::D_FEATURES_MAX_POOL2D.slot,
                        slots.features_conv2d,
                        DetectorSlots::D_INPUT_IMAGE.slot,
                    ],
                    DetectorSlots::D_INPUT_IMAGE,
                );
                Self::FEATURES_CONV2D.max_pooled().backward_input(
                    n,
                    &self.features_conv2d,
                    dy,
                    choices,
                    dx,
                    write,
                    scratch.for_weights(0),
                );
            }
        }
    }
}

#[allow(dead_code, unused_qualifications)]
#[allow(unused_variables)]
impl ::net_runtime::Network for Detector {
    type Inputs<'a> = DetectorInputs<'a>;
    type Outputs = DetectorOutputs;
    type OutputViews<'w> = DetectorOutputViews<'w>;
    type Workspace = DetectorWorkspace;
    type Gradients = DetectorGradients;
    const INFO: &'static ::net_runtime::NetworkInfo = &::net_runtime::NetworkInfo {
        name: "Detector",
        rows: &[
            ::net_runtime::RowInfo {
                name: "image",
                kind: "Input",
                arguments: "",
                activation: "",
                parameters: 0,
                uses: &[::net_runtime::UseInfo { outputs: &[&[64, 64, 3]], connected_to: &[] }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "features_conv2d",
                kind: "Conv2d",
                arguments: "128, 3",
                activation: "relu",
                parameters: 3584,
                uses: &[::net_runtime::UseInfo {
                    outputs: &[&[62, 62, 128]],
                    connected_to: &[::net_runtime::Connection { row: 0, use_index: 0, tensor: 0 }],
                }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "features_max_pool2d",
                kind: "MaxPool2d",
                arguments: "2",
                activation: "",
                parameters: 0,
                uses: &[::net_runtime::UseInfo {
                    outputs: &[&[31, 31, 128]],
                    connected_to: &[::net_runtime::Connection { row: 1, use_index: 0, tensor: 0 }],
                }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "features_conv2d_2",
                kind: "Conv2d",
                arguments: "256, 3",
                activation: "relu",
                parameters: 295168,
                uses: &[::net_runtime::UseInfo {
                    outputs: &[&[29, 29, 256]],
                    connected_to: &[::net_runtime::Connection { row: 2, use_index: 0, tensor: 0 }],
                }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "features_max_pool2d_2",
                kind: "MaxPool2d",
                arguments: "2",
                activation: "",
                parameters: 0,
                uses: &[::net_runtime::UseInfo {
                    outputs: &[&[14, 14, 256]],
                    connected_to: &[::net_runtime::Connection { row: 3, use_index: 0, tensor: 0 }],
                }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "features_flatten",
                kind: "Flatten",
                arguments: "",
                activation: "",
                parameters: 0,
                uses: &[::net_runtime::UseInfo {
                    outputs: &[&[50176]],
                    connected_to: &[::net_runtime::Connection { row: 4, use_index: 0, tensor: 0 }],
                }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "class_dense",
                kind: "Dense",
                arguments: "64",
                activation: "relu",
                parameters: 3211328,
                uses: &[::net_runtime::UseInfo {
                    outputs: &[&[64]],
                    connected_to: &[::net_runtime::Connection { row: 5, use_index: 0, tensor: 0 }],
                }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "class_dense_2",
                kind: "Dense",
                arguments: "10",
                activation: "softmax",
                parameters: 650,
                uses: &[::net_runtime::UseInfo {
                    outputs: &[&[10]],
                    connected_to: &[::net_runtime::Connection { row: 6, use_index: 0, tensor: 0 }],
                }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "location_dense",
                kind: "Dense",
                arguments: "64",
                activation: "relu",
                parameters: 3211328,
                uses: &[::net_runtime::UseInfo {
                    outputs: &[&[64]],
                    connected_to: &[::net_runtime::Connection { row: 5, use_index: 0, tensor: 0 }],
                }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "location_dense_2",
                kind: "Dense",
                arguments: "4",
                activation: "sigmoid",
                parameters: 260,
                uses: &[::net_runtime::UseInfo {
                    outputs: &[&[4]],
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
                name: "location",
                from: ::net_runtime::Connection { row: 9, use_index: 0, tensor: 0 },
            },
        ],
        parameters: 6722318,
        non_trainable_parameters: 0,
        multiply_adds: 267729280,
        inference_bytes: 661888,
        training_bytes: 1028352,
    };

    fn new(seed: ::core::primitive::u64) -> Self {
        Self {
            features_conv2d: ::net_runtime::weights::Affine::new(
                &[3, 3, 3, 128],
                ::net_runtime::initializers::Seed::new(seed, "features_conv2d"),
            ),
            features_conv2d_2: ::net_runtime::weights::Affine::new(
                &[3, 3, 128, 256],
                ::net_runtime::initializers::Seed::new(seed, "features_conv2d_2"),
            ),
            class_dense: ::net_runtime::weights::Affine::new(
                &[50176, 64],
                ::net_runtime::initializers::Seed::new(seed, "class_dense"),
            ),
            class_dense_2: ::net_runtime::weights::Affine::new(
                &[64, 10],
                ::net_runtime::initializers::Seed::new(seed, "class_dense_2"),
            ),
            location_dense: ::net_runtime::weights::Affine::new(
                &[50176, 64],
                ::net_runtime::initializers::Seed::new(seed, "location_dense"),
            ),
            location_dense_2: ::net_runtime::weights::Affine::new(
                &[64, 4],
                ::net_runtime::initializers::Seed::new(seed, "location_dense_2"),
            ),
        }
    }

    fn forward<'w>(
        &self,
        inputs: DetectorInputs<'_>,
        mode: ::net_runtime::Mode,
        workspace: &'w mut DetectorWorkspace,
    ) -> ::core::result::Result<DetectorOutputViews<'w>, ::net_runtime::Error> {
        self.forward(inputs, mode, workspace)
    }

    fn reserve(
        outputs: &mut DetectorOutputs,
        samples: ::core::primitive::usize,
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        outputs.class.try_reserve(samples)?;
        outputs.location.try_reserve(samples)?;
        ::core::result::Result::Ok(())
    }

    fn append(outputs: &mut DetectorOutputs, batch: DetectorOutputViews<'_>) {
        outputs.class.extend(batch.class);
        outputs.location.extend(batch.location);
    }

    fn visit<'p>(&'p self, visitor: ::net_runtime::ParamVisitor<'_, 'p>) {
        ::net_runtime::visits::show(
            &[
                "features_conv2d.kernel",
                "features_conv2d.bias",
                "features_conv2d_2.kernel",
                "features_conv2d_2.bias",
                "class_dense.kernel",
                "class_dense.bias",
                "class_dense_2.kernel",
                "class_dense_2.bias",
                "location_dense.kernel",
                "location_dense.bias",
                "location_dense_2.kernel",
                "location_dense_2.bias",
            ],
            &[
                &self.features_conv2d.kernel,
                &self.features_conv2d.bias,
                &self.features_conv2d_2.kernel,
                &self.features_conv2d_2.bias,
                &self.class_dense.kernel,
                &self.class_dense.bias,
                &self.class_dense_2.kernel,
                &self.class_dense_2.bias,
                &self.location_dense.kernel,
                &self.location_dense.bias,
                &self.location_dense_2.kernel,
                &self.location_dense_2.bias,
            ],
            visitor,
        );
    }

    fn visit_mut(&mut self, visitor: &mut dyn ::core::ops::FnMut(::net_runtime::Name<'_>, &mut ::net_runtime::Param)) {
        ::net_runtime::visits::show_mut(
            &[
                "features_conv2d.kernel",
                "features_conv2d.bias",
                "features_conv2d_2.kernel",
                "features_conv2d_2.bias",
                "class_dense.kernel",
                "class_dense.bias",
                "class_dense_2.kernel",
                "class_dense_2.bias",
                "location_dense.kernel",
                "location_dense.bias",
                "location_dense_2.kernel",
                "location_dense_2.bias",
            ],
            &mut [
                &mut self.features_conv2d.kernel,
                &mut self.features_conv2d.bias,
                &mut self.features_conv2d_2.kernel,
                &mut self.features_conv2d_2.bias,
                &mut self.class_dense.kernel,
                &mut self.class_dense.bias,
                &mut self.class_dense_2.kernel,
                &mut self.class_dense_2.bias,
                &mut self.location_dense.kernel,
                &mut self.location_dense.bias,
                &mut self.location_dense_2.kernel,
                &mut self.location_dense_2.bias,
            ],
            visitor,
        );
    }

    fn visit_with_gradients(
        &mut self,
        gradients: &DetectorGradients,
        visitor: &mut dyn ::core::ops::FnMut(::net_runtime::Name<'_>, &mut ::net_runtime::Param, &::net_runtime::Gradient),
    ) {
        ::net_runtime::visits::show_with_gradients(
            &[
                "features_conv2d.kernel",
                "features_conv2d.bias",
                "features_conv2d_2.kernel",
                "features_conv2d_2.bias",
                "class_dense.kernel",
                "class_dense.bias",
                "class_dense_2.kernel",
                "class_dense_2.bias",
                "location_dense.kernel",
                "location_dense.bias",
                "location_dense_2.kernel",
                "location_dense_2.bias",
            ],
            &mut [
                &mut self.features_conv2d.kernel,
                &mut self.features_conv2d.bias,
                &mut self.features_conv2d_2.kernel,
                &mut self.features_conv2d_2.bias,
                &mut self.class_dense.kernel,
                &mut self.class_dense.bias,
                &mut self.class_dense_2.kernel,
                &mut self.class_dense_2.bias,
                &mut self.location_dense.kernel,
                &mut self.location_dense.bias,
                &mut self.location_dense_2.kernel,
                &mut self.location_dense_2.bias,
            ],
            &[
                &gradients.features_conv2d.kernel,
                &gradients.features_conv2d.bias,
                &gradients.features_conv2d_2.kernel,
                &gradients.features_conv2d_2.bias,
                &gradients.class_dense.kernel,
                &gradients.class_dense.bias,
                &gradients.class_dense_2.kernel,
                &gradients.class_dense_2.bias,
                &gradients.location_dense.kernel,
                &gradients.location_dense.bias,
                &gradients.location_dense_2.kernel,
                &gradients.location_dense_2.bias,
            ],
            visitor,
        );
    }
}

#[allow(dead_code, unused_qualifications)]
#[allow(unused_variables, unused_mut)]
impl ::net_runtime::inner::InnerNetwork for Detector {
    const SIGNATURE: ::net_runtime::announced::Signature = ::net_runtime::announced::Signature {
        inputs: &[::net_runtime::announced::Port { name: "image", classes: false, dims: &[64, 64, 3] }],
        outputs: &[
            ::net_runtime::announced::Port { name: "class", classes: false, dims: &[10] },
            ::net_runtime::announced::Port { name: "location", classes: false, dims: &[4] },
        ],
    };
    const OUTPUTS: &'static [::net_runtime::inner::OutputSlots] = &[
        ::net_runtime::inner::OutputSlots {
            training: DetectorSlots::TRAINING.class_softmax,
            inference: DetectorSlots::INFERENCE.class_softmax,
            gradient: ::core::option::Option::Some(DetectorSlots::D_CLASS_SOFTMAX),
        },
        ::net_runtime::inner::OutputSlots {
            training: DetectorSlots::TRAINING.location_dense_2,
            inference: DetectorSlots::INFERENCE.location_dense_2,
            gradient: ::core::option::Option::Some(DetectorSlots::D_LOCATION_DENSE_2),
        },
    ];
    const KEPT: &'static [::net_runtime::Slot] = &[
        DetectorSlots::INFERENCE.class_dense_2,
        DetectorSlots::INFERENCE.class_softmax,
        DetectorSlots::INFERENCE.location_dense_2,
    ];
    const INPUT_GRADIENTS: &'static [::core::option::Option<::net_runtime::GradientSlot>] =
        &[::core::option::Option::Some(DetectorSlots::D_INPUT_IMAGE)];

    fn groups(mode: ::net_runtime::Mode) -> ::net_runtime::Groups {
        match mode {
            ::net_runtime::Mode::Training => ::net_runtime::Groups::NONE,
            ::net_runtime::Mode::TrainingWeights => ::net_runtime::Groups { runs: &[], from: 257088 },
            ::net_runtime::Mode::Inference => ::net_runtime::Groups {
                runs: &[::net_runtime::GroupedRun { samples: 36, floats: 115200 }],
                from: 50272,
            },
        }
    }

    fn inputs<'a>(
        tensors: &[::net_runtime::inner::Tensor<'a>],
    ) -> ::core::result::Result<DetectorInputs<'a>, ::net_runtime::Error> {
        ::core::result::Result::Ok(DetectorInputs { image: ::net_runtime::inner::Tensor::f32(tensors, 0)? })
    }

    fn arena(workspace: &mut DetectorWorkspace) -> &mut ::net_runtime::Arena {
        &mut workspace.arena
    }

    fn others(workspace: &mut DetectorWorkspace) -> &mut ::net_runtime::shares::Others<DetectorWorkspace> {
        &mut workspace.share_workspaces
    }

    fn floats(mode: ::net_runtime::Mode) -> ::core::primitive::usize {
        match mode {
            ::net_runtime::Mode::Training | ::net_runtime::Mode::TrainingWeights => 257088,
            ::net_runtime::Mode::Inference => 50272,
        }
    }

    fn forward_steps(
        &self,
        inputs: &DetectorInputs<'_>,
        mode: ::net_runtime::Mode,
        workspace: &mut DetectorWorkspace,
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        let slots = DetectorSlots::of(mode);
        match mode {
            ::net_runtime::Mode::Inference => {
                while let ::core::option::Option::Some(group) = workspace.arena.next_group() {
                    let inputs = &::net_runtime::Inputs::slice(inputs, ::core::clone::Clone::clone(&group));
                    self.forward_1(inputs, mode, slots, workspace);
                }
                self.forward_2(inputs, mode, slots, workspace);
            }
            ::net_runtime::Mode::Training | ::net_runtime::Mode::TrainingWeights => {
                self.forward_1(inputs, mode, slots, workspace);
                self.forward_2(inputs, mode, slots, workspace);
            }
        }
        ::core::result::Result::Ok(())
    }

    fn backward_steps(
        &self,
        inputs: DetectorInputs<'_>,
        workspace: &mut DetectorWorkspace,
        mut gradients: ::core::option::Option<&mut DetectorGradients>,
        by_inputs: ::core::primitive::bool,
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        let first = if gradients.is_some() { self.first_trained() } else { ::core::primitive::usize::MAX };
        self.backward_1(&inputs, workspace, gradients.as_deref_mut(), by_inputs, first);
        ::core::result::Result::Ok(())
    }
}

#[allow(dead_code, unused_qualifications)]
/// The losses of [`Detector`] for one batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DetectorLosses {
    /// The weighted sum of all.
    pub total: ::core::primitive::f32,
    /// The loss of `class`, before its weight.
    pub class: ::core::primitive::f32,
    /// The loss of `location`, before its weight.
    pub location: ::core::primitive::f32,
}

#[allow(dead_code, unused_qualifications)]
impl Detector {
    /// The losses of the forward pass that the workspace holds.
    ///
    /// # Errors
    ///
    /// If the workspace holds no pass over as many samples, a backward pass has used it up, or a target is no class.
    pub fn losses(
        &self,
        samples: &DetectorSamples,
        workspace: &DetectorWorkspace,
    ) -> ::core::result::Result<DetectorLosses, ::net_runtime::Error> {
        let n = ::net_runtime::Samples::count(samples)?;
        let arena = &workspace.arena;
        arena.check_samples(n)?;
        arena.check_losses()?;
        let slots = DetectorSlots::of(arena.mode()?);
        let mut losses = DetectorLosses { total: 0.0, class: 0.0, location: 0.0 };
        losses.class = ::net_runtime::losses::value(
            &::net_runtime::losses::CategoricalCrossentropy {
                label_smoothing: 0f32,
                input: ::net_runtime::losses::Input::Logits,
            },
            "class",
            &[10],
            n,
            arena.tensor(slots.class_dense_2),
            samples.class.data(),
            samples.class.weights(),
        )?;
        losses.total += 1f32 * losses.class;
        losses.location = ::net_runtime::losses::value(
            &::net_runtime::losses::MeanSquaredError,
            "location",
            &[4],
            n,
            arena.tensor(slots.location_dense_2),
            samples.location.data(),
            samples.location.weights(),
        )?;
        losses.total += 2f32 * losses.location;
        ::core::result::Result::Ok(losses)
    }
}

#[allow(dead_code, unused_qualifications)]
/// The accumulated metrics of [`Detector`].
#[derive(Clone, Default)]
pub struct DetectorMetrics {
    class_metric_1: <::net_runtime::metrics::CategoricalAccuracy as ::net_runtime::metrics::Metric>::State,
}

#[allow(dead_code, unused_qualifications)]
#[allow(unused_variables)]
impl ::net_runtime::Trainable for Detector {
    type Samples = DetectorSamples;
    type Metrics = DetectorMetrics;
    type Losses = [::core::primitive::f32; 2];
    const HEADS: &'static [::net_runtime::training::Head] = &[
        ::net_runtime::training::Head { name: "class", has_loss: true },
        ::net_runtime::training::Head { name: "location", has_loss: true },
    ];

    fn losses(
        &self,
        samples: &DetectorSamples,
        workspace: &mut DetectorWorkspace,
    ) -> ::core::result::Result<(::core::primitive::f32, Self::Losses), ::net_runtime::Error> {
        let losses = self.losses(samples, workspace)?;
        ::core::result::Result::Ok((losses.total, [losses.class, losses.location]))
    }

    fn backward_losses(
        &self,
        samples: &DetectorSamples,
        workspace: &mut DetectorWorkspace,
        gradients: &mut DetectorGradients,
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        self.backward(samples, samples, workspace, gradients)
    }

    fn update_metrics(
        &self,
        samples: &DetectorSamples,
        workspace: &DetectorWorkspace,
        metrics: &mut DetectorMetrics,
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        let arena = &workspace.arena;
        let slots = DetectorSlots::of(arena.mode()?);
        arena.check_samples(::net_runtime::Samples::count(samples)?)?;
        ::net_runtime::metrics::update(
            &::net_runtime::metrics::CategoricalAccuracy,
            &mut metrics.class_metric_1,
            &[10],
            arena.tensor(slots.class_softmax),
            samples.class.data(),
        );
        ::core::result::Result::Ok(())
    }

    fn reset_metrics(metrics: &mut DetectorMetrics) {
        ::net_runtime::metrics::Metric::reset(
            &::net_runtime::metrics::CategoricalAccuracy,
            &mut metrics.class_metric_1,
        );
    }

    fn visit_metrics(metrics: &DetectorMetrics, visitor: ::net_runtime::training::MetricVisitor<'_>) {
        visitor(
            0,
            <::net_runtime::metrics::CategoricalAccuracy as ::net_runtime::metrics::Metric>::NAME,
            ::net_runtime::metrics::Metric::result(
                &::net_runtime::metrics::CategoricalAccuracy,
                &metrics.class_metric_1,
            ),
        );
    }
}
