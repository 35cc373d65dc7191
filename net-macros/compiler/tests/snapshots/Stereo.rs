/// Distance of every pixel, from two cameras.
///
/// # Layers
///
/// | layer | is | reads | output | parameters |
/// | --- | --- | --- | --- | ---: |
/// | `left` | input |  | `[120, 160, 3]` |  |
/// | `right` | input |  | `[120, 160, 3]` |  |
/// | `eye` | [`Conv2d(128, 3, padding = same)`](::net_runtime::layers::Conv2d) → `relu` → [`Conv2d(256, 3, padding = same)`](::net_runtime::layers::Conv2d) → `relu` (2 uses) | `left`, `right` | `[120, 160, 256]` | 298,752 |
/// | `distance_concat` | [`Concat(axis = width)`](::net_runtime::layers::Concat) | `eye` (use 0), `eye` (use 1) | `[120, 320, 256]` |  |
/// | `distance_conv2d` | [`Conv2d(128, 3, stride = (1, 2), padding = same)`](::net_runtime::layers::Conv2d) → `relu` | `distance_concat` | `[120, 160, 128]` | 295,040 |
/// | `distance_conv2d_2` | [`Conv2d(32, 3, padding = same)`](::net_runtime::layers::Conv2d) → `relu` | `distance_conv2d` | `[120, 160, 32]` | 36,896 |
/// | `distance_conv2d_3` | [`Conv2d(1, 1)`](::net_runtime::layers::Conv2d) → `relu` | `distance_conv2d_2` | `[120, 160, 1]` | 33 |
///
/// 630,721 parameters (2.41 MB); for each sample 17,828,044,800 multiply-adds in a forward pass, and activations of 46.95 MB in inference and 68.12 MB in training.
///
#[derive(Clone, Debug)]
pub struct Stereo {
    /// `Conv2d(128, 3, padding = same)`, `[120, 160, 3]` → `[120, 160, 128]`, 2 uses: kernel `[3, 3, 3, 128]`, bias `[128]`; 3,584 parameters.
    pub eye_conv2d: ::net_runtime::weights::Affine,
    /// `Conv2d(256, 3, padding = same)`, `[120, 160, 128]` → `[120, 160, 256]`, 2 uses: kernel `[3, 3, 128, 256]`, bias `[256]`; 295,168 parameters.
    pub eye_conv2d_2: ::net_runtime::weights::Affine,
    /// `Conv2d(128, 3, stride = (1, 2), padding = same)`, `[120, 320, 256]` → `[120, 160, 128]`: kernel `[3, 3, 256, 128]`, bias `[128]`; 295,040 parameters.
    pub distance_conv2d: ::net_runtime::weights::Affine,
    /// `Conv2d(32, 3, padding = same)`, `[120, 160, 128]` → `[120, 160, 32]`: kernel `[3, 3, 128, 32]`, bias `[32]`; 36,896 parameters.
    pub distance_conv2d_2: ::net_runtime::weights::Affine,
    /// `Conv2d(1, 1)`, `[120, 160, 32]` → `[120, 160, 1]`: kernel `[1, 1, 32, 1]`, bias `[1]`; 33 parameters.
    pub distance_conv2d_3: ::net_runtime::weights::Affine,
}

#[allow(dead_code, unused_qualifications)]
/// The inputs of [`Stereo`] for one call.
#[derive(Clone, Copy, Debug)]
pub struct StereoInputs<'a> {
    /// `[120, 160, 3]` for each sample.
    pub left: ::net_runtime::View<'a, ::net_runtime::Shape3<120, 160, 3>>,
    /// `[120, 160, 3]` for each sample.
    pub right: ::net_runtime::View<'a, ::net_runtime::Shape3<120, 160, 3>>,
}

#[allow(dead_code, unused_qualifications)]
impl ::net_runtime::Inputs for StereoInputs<'_> {
    fn samples(&self) -> ::core::result::Result<::core::primitive::usize, ::net_runtime::Error> {
        ::net_runtime::same_samples(&[("left", self.left.len()), ("right", self.right.len())])
    }

    fn slice(&self, range: ::core::ops::Range<::core::primitive::usize>) -> Self {
        Self {
            left: self.left.slice(::core::clone::Clone::clone(&range)),
            right: self.right.slice(::core::clone::Clone::clone(&range)),
        }
    }
}

#[allow(dead_code, unused_qualifications)]
/// The outputs of [`Stereo`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StereoOutputs {
    /// `[120, 160, 1]` for each sample.
    pub distance: ::net_runtime::Batch<::net_runtime::Shape3<120, 160, 1>>,
}

#[allow(dead_code, unused_qualifications)]
/// The outputs of [`Stereo`] in a workspace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StereoOutputViews<'w> {
    /// `[120, 160, 1]` for each sample.
    pub distance: ::net_runtime::View<'w, ::net_runtime::Shape3<120, 160, 1>>,
}

#[allow(dead_code, unused_qualifications)]
impl StereoOutputViews<'_> {
    /// A copy that does not borrow the workspace.
    pub fn to_owned(&self) -> StereoOutputs {
        StereoOutputs { distance: self.distance.to_batch() }
    }
}

#[allow(dead_code, unused_qualifications)]
/// Gradients of something by the outputs of [`Stereo`]; one that is left out is zero.
#[derive(Clone, Copy, Debug, Default)]
pub struct StereoOutputGradients<'a> {
    /// By `distance`, `[120, 160, 1]` for each sample.
    pub distance: ::core::option::Option<::net_runtime::View<'a, ::net_runtime::Shape3<120, 160, 1>>>,
}

#[allow(dead_code, unused_qualifications)]
/// Gradients by the inputs of [`Stereo`], in a workspace.
#[derive(Clone, Copy, Debug)]
pub struct StereoInputGradients<'w> {
    /// By `left`, `[120, 160, 3]` for each sample.
    pub left: ::net_runtime::View<'w, ::net_runtime::Shape3<120, 160, 3>>,
    /// By `right`, `[120, 160, 3]` for each sample.
    pub right: ::net_runtime::View<'w, ::net_runtime::Shape3<120, 160, 3>>,
}

#[allow(dead_code, unused_qualifications)]
/// Gradients by the weights of [`Stereo`].
#[derive(Clone, Debug)]
pub struct StereoGradients {
    /// `Conv2d(128, 3, padding = same)`, `[120, 160, 3]` → `[120, 160, 128]`, 2 uses: kernel `[3, 3, 3, 128]`, bias `[128]`; 3,584 parameters.
    pub eye_conv2d: ::net_runtime::weights::Affine<::net_runtime::Gradient>,
    /// `Conv2d(256, 3, padding = same)`, `[120, 160, 128]` → `[120, 160, 256]`, 2 uses: kernel `[3, 3, 128, 256]`, bias `[256]`; 295,168 parameters.
    pub eye_conv2d_2: ::net_runtime::weights::Affine<::net_runtime::Gradient>,
    /// `Conv2d(128, 3, stride = (1, 2), padding = same)`, `[120, 320, 256]` → `[120, 160, 128]`: kernel `[3, 3, 256, 128]`, bias `[128]`; 295,040 parameters.
    pub distance_conv2d: ::net_runtime::weights::Affine<::net_runtime::Gradient>,
    /// `Conv2d(32, 3, padding = same)`, `[120, 160, 128]` → `[120, 160, 32]`: kernel `[3, 3, 128, 32]`, bias `[32]`; 36,896 parameters.
    pub distance_conv2d_2: ::net_runtime::weights::Affine<::net_runtime::Gradient>,
    /// `Conv2d(1, 1)`, `[120, 160, 32]` → `[120, 160, 1]`: kernel `[1, 1, 32, 1]`, bias `[1]`; 33 parameters.
    pub distance_conv2d_3: ::net_runtime::weights::Affine<::net_runtime::Gradient>,
}

#[allow(dead_code, unused_qualifications)]
impl StereoGradients {
    /// All zero.
    pub fn zeros() -> Self {
        <Self as ::net_runtime::Gradients>::zeros()
    }
}

#[allow(dead_code, unused_qualifications)]
impl ::net_runtime::Gradients for StereoGradients {
    fn zeros() -> Self {
        Self {
            eye_conv2d: ::net_runtime::weights::Affine::<::net_runtime::Gradient>::zeros(&[3, 3, 3, 128]),
            eye_conv2d_2: ::net_runtime::weights::Affine::<::net_runtime::Gradient>::zeros(&[3, 3, 128, 256]),
            distance_conv2d: ::net_runtime::weights::Affine::<::net_runtime::Gradient>::zeros(&[3, 3, 256, 128]),
            distance_conv2d_2: ::net_runtime::weights::Affine::<::net_runtime::Gradient>::zeros(&[3, 3, 128, 32]),
            distance_conv2d_3: ::net_runtime::weights::Affine::<::net_runtime::Gradient>::zeros(&[1, 1, 32, 1]),
        }
    }

    fn visit(&self, visitor: &mut dyn ::core::ops::FnMut(::net_runtime::Name<'_>, &::net_runtime::Gradient)) {
        ::net_runtime::visits::show(
            &[
                "eye_conv2d.kernel",
                "eye_conv2d.bias",
                "eye_conv2d_2.kernel",
                "eye_conv2d_2.bias",
                "distance_conv2d.kernel",
                "distance_conv2d.bias",
                "distance_conv2d_2.kernel",
                "distance_conv2d_2.bias",
                "distance_conv2d_3.kernel",
                "distance_conv2d_3.bias",
            ],
            &[
                &self.eye_conv2d.kernel,
                &self.eye_conv2d.bias,
                &self.eye_conv2d_2.kernel,
                &self.eye_conv2d_2.bias,
                &self.distance_conv2d.kernel,
                &self.distance_conv2d.bias,
                &self.distance_conv2d_2.kernel,
                &self.distance_conv2d_2.bias,
                &self.distance_conv2d_3.kernel,
                &self.distance_conv2d_3.bias,
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
                "eye_conv2d.kernel",
                "eye_conv2d.bias",
                "eye_conv2d_2.kernel",
                "eye_conv2d_2.bias",
                "distance_conv2d.kernel",
                "distance_conv2d.bias",
                "distance_conv2d_2.kernel",
                "distance_conv2d_2.bias",
                "distance_conv2d_3.kernel",
                "distance_conv2d_3.bias",
            ],
            &mut [
                &mut self.eye_conv2d.kernel,
                &mut self.eye_conv2d.bias,
                &mut self.eye_conv2d_2.kernel,
                &mut self.eye_conv2d_2.bias,
                &mut self.distance_conv2d.kernel,
                &mut self.distance_conv2d.bias,
                &mut self.distance_conv2d_2.kernel,
                &mut self.distance_conv2d_2.bias,
                &mut self.distance_conv2d_3.kernel,
                &mut self.distance_conv2d_3.bias,
            ],
            visitor,
        );
    }
}

#[allow(dead_code, unused_qualifications)]
/// Inputs and targets to train and evaluate [`Stereo`] with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StereoSamples {
    /// Input, `[120, 160, 3]` for each sample.
    pub left: ::net_runtime::Batch<::net_runtime::Shape3<120, 160, 3>>,
    /// Input, `[120, 160, 3]` for each sample.
    pub right: ::net_runtime::Batch<::net_runtime::Shape3<120, 160, 3>>,
    /// Target, `[120, 160, 1]` for each sample.
    pub distance: ::net_runtime::Batch<::net_runtime::Shape3<120, 160, 1>>,
}

#[allow(dead_code, unused_qualifications)]
impl ::net_runtime::Samples for StereoSamples {
    type Inputs<'a> = StereoInputs<'a>;

    fn inputs(&self) -> StereoInputs<'_> {
        StereoInputs { left: self.left.view(), right: self.right.view() }
    }

    fn count(&self) -> ::core::result::Result<::core::primitive::usize, ::net_runtime::Error> {
        ::net_runtime::no_weights("left", self.left.weights())?;
        ::net_runtime::no_weights("right", self.right.weights())?;
        ::net_runtime::same_samples(&[
            ("left", self.left.len()),
            ("right", self.right.len()),
            ("distance", self.distance.len()),
        ])
    }

    fn gather_into(&self, indices: &[::core::primitive::usize], target: &mut Self) {
        self.left.gather_into(indices, &mut target.left);
        self.right.gather_into(indices, &mut target.right);
        self.distance.gather_into(indices, &mut target.distance);
    }

    fn weigh_classes(
        &mut self,
        head: &::core::primitive::str,
        weights: &[::core::primitive::f32],
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        match head {
            "distance" => self.distance.weigh_classes(head, weights),
            _ => ::core::result::Result::Err(::net_runtime::unknown_head(head, &["distance"])),
        }
    }
}

#[allow(dead_code, unused_qualifications)]
impl<'a> ::core::convert::From<&'a StereoSamples> for StereoInputs<'a> {
    fn from(samples: &'a StereoSamples) -> Self {
        ::net_runtime::Samples::inputs(samples)
    }
}

#[allow(dead_code, unused_qualifications)]
/// Where the gradients of a backward pass through [`Stereo`] come from.
#[derive(Clone, Copy, Debug)]
pub enum StereoUpstream<'a> {
    /// From the caller.
    Gradients(StereoOutputGradients<'a>),
    /// From the losses, with the targets among these samples.
    Losses(&'a StereoSamples),
}

#[allow(dead_code, unused_qualifications)]
impl<'a> ::core::convert::From<StereoOutputGradients<'a>> for StereoUpstream<'a> {
    fn from(gradients: StereoOutputGradients<'a>) -> Self {
        Self::Gradients(gradients)
    }
}

#[allow(dead_code, unused_qualifications)]
impl<'a> ::core::convert::From<&'a StereoSamples> for StereoUpstream<'a> {
    fn from(samples: &'a StereoSamples) -> Self {
        Self::Losses(samples)
    }
}

#[allow(dead_code, unused_qualifications)]
impl StereoUpstream<'_> {
    /// Checks before anything is computed that it fits so many samples.
    fn check(&self, samples: ::core::primitive::usize) -> ::core::result::Result<(), ::net_runtime::Error> {
        match self {
            Self::Gradients(given) => {
                if let ::core::option::Option::Some(gradient) = given.distance {
                    ::net_runtime::same_samples(&[("inputs", samples), ("distance", gradient.len())])?;
                }
            }
            Self::Losses(targets) => {
                ::net_runtime::same_samples(&[
                    ("inputs", samples),
                    ("targets", ::net_runtime::Samples::count(*targets)?),
                ])?;
                ::net_runtime::losses::check(
                    &::net_runtime::losses::MeanSquaredError,
                    "distance",
                    &[120, 160, 1],
                    samples,
                    targets.distance.data(),
                )?;
            }
        }
        ::core::result::Result::Ok(())
    }
}

#[allow(dead_code, unused_qualifications)]
/// Where the tensors of [`Stereo`] lie in its workspace.
struct StereoSlots {
    eye_conv2d: ::net_runtime::Slot,
    eye_conv2d_use_2: ::net_runtime::Slot,
    distance_concat: ::net_runtime::Slot,
    distance_conv2d: ::net_runtime::Slot,
    distance_conv2d_2: ::net_runtime::Slot,
    distance_conv2d_3: ::net_runtime::Slot,
}

#[allow(dead_code, unused_qualifications)]
#[allow(dead_code)]
impl StereoSlots {
    const TRAINING: &'static Self = &Self {
        eye_conv2d: ::net_runtime::Slot { offset: 9830400, len: 2457600 },
        eye_conv2d_use_2: ::net_runtime::Slot { offset: 12288000, len: 2457600 },
        distance_concat: ::net_runtime::Slot { offset: 0, len: 9830400 },
        distance_conv2d: ::net_runtime::Slot { offset: 14745600, len: 2457600 },
        distance_conv2d_2: ::net_runtime::Slot { offset: 17203200, len: 614400 },
        distance_conv2d_3: ::net_runtime::Slot { offset: 17817600, len: 19200 },
    };
    const INFERENCE: &'static Self = &Self {
        eye_conv2d: ::net_runtime::Slot { offset: 9849600, len: 2457600 },
        eye_conv2d_use_2: ::net_runtime::Slot { offset: 9849600, len: 2457600 },
        distance_concat: ::net_runtime::Slot { offset: 19200, len: 9830400 },
        distance_conv2d: ::net_runtime::Slot { offset: 9849600, len: 2457600 },
        distance_conv2d_2: ::net_runtime::Slot { offset: 19200, len: 614400 },
        distance_conv2d_3: ::net_runtime::Slot { offset: 0, len: 19200 },
    };
    const D_EYE_CONV2D: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 9830400, len: 2457600 }, index: 0 };
    const D_EYE_CONV2D_USE_2: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 12288000, len: 2457600 }, index: 1 };
    const D_DISTANCE_CONCAT: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 0, len: 9830400 }, index: 2 };
    const D_DISTANCE_CONV2D: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 14745600, len: 2457600 }, index: 3 };
    const D_DISTANCE_CONV2D_2: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 17203200, len: 614400 }, index: 4 };
    const D_DISTANCE_CONV2D_3: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 17836800, len: 19200 }, index: 5 };
    const D_INPUT_LEFT: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 0, len: 57600 }, index: 6 };
    const D_INPUT_RIGHT: ::net_runtime::GradientSlot =
        ::net_runtime::GradientSlot { slot: ::net_runtime::Slot { offset: 14745600, len: 57600 }, index: 7 };

    const fn of(mode: ::net_runtime::Mode) -> &'static Self {
        match mode {
            ::net_runtime::Mode::Training | ::net_runtime::Mode::TrainingWeights => Self::TRAINING,
            ::net_runtime::Mode::Inference => Self::INFERENCE,
        }
    }
}

#[allow(dead_code, unused_qualifications)]
/// The memory that one caller of [`Stereo`] works in: activations and gradients of a batch. Make one for each thread that uses the network at the same time, and keep it: a second call uses the memory of the first.
#[derive(Debug)]
pub struct StereoWorkspace {
    arena: ::net_runtime::Arena,
    share_workspaces: ::net_runtime::shares::Others<Self>,
}

#[allow(dead_code, unused_qualifications)]
impl StereoWorkspace {
    /// Memory for the inference of `capacity` samples. A larger batch or a training pass grows it, once.
    ///
    /// # Panics
    ///
    /// If there is not as much memory; the message has the number of bytes.
    pub fn new(capacity: ::core::primitive::usize) -> Self {
        Self {
            arena: ::net_runtime::Arena::new(
                capacity,
                19200,
                <Stereo as ::net_runtime::inner::InnerNetwork>::groups(::net_runtime::Mode::Inference),
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
    pub fn outputs(&self) -> ::core::result::Result<StereoOutputViews<'_>, ::net_runtime::Error> {
        let slots = StereoSlots::of(self.arena.mode()?);
        ::core::result::Result::Ok(StereoOutputViews { distance: self.arena.view(slots.distance_conv2d_3) })
    }

    fn input_gradients(&mut self) -> StereoInputGradients<'_> {
        self.arena.finish_gradient(StereoSlots::D_INPUT_LEFT);
        self.arena.finish_gradient(StereoSlots::D_INPUT_RIGHT);
        StereoInputGradients {
            left: self.arena.view(StereoSlots::D_INPUT_LEFT.slot),
            right: self.arena.view(StereoSlots::D_INPUT_RIGHT.slot),
        }
    }
}

#[allow(dead_code, unused_qualifications)]
impl ::net_runtime::Workspace for StereoWorkspace {
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
impl Stereo {
    /// Number of all elements of its weights.
    pub const PARAMETERS: ::core::primitive::usize = 630721;

    /// Multiplications with addition that one sample needs in a forward pass.
    pub const MULTIPLY_ADDS: ::core::primitive::u64 = 17828044800;

    /// Bytes of activations for a sample in inference. Of many samples each takes less where some layers are computed for a
    /// group of them after the other.
    pub const INFERENCE_BYTES_PER_SAMPLE: ::core::primitive::usize = 49228800;

    /// Bytes of activations and their gradients for each sample in a training step.
    pub const TRAINING_BYTES_PER_SAMPLE: ::core::primitive::usize = 71424000;

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
        inputs: impl ::net_runtime::IntoInputs<'a, Stereo>,
    ) -> ::core::result::Result<StereoOutputs, ::net_runtime::Error> {
        <Self as ::net_runtime::Network>::predict(self, inputs.into_inputs())
    }

    /// Computes the outputs as one batch; they stay in the workspace.
    ///
    /// # Errors
    ///
    /// If the inputs have different numbers of samples, or memory cannot hold what they take.
    pub fn predict_into<'a, 'w>(
        &self,
        inputs: impl ::net_runtime::IntoInputs<'a, Stereo>,
        workspace: &'w mut StereoWorkspace,
    ) -> ::core::result::Result<StereoOutputViews<'w>, ::net_runtime::Error> {
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
        inputs: impl ::net_runtime::IntoInputs<'a, Stereo>,
        mode: ::net_runtime::Mode,
        workspace: &'w mut StereoWorkspace,
    ) -> ::core::result::Result<StereoOutputViews<'w>, ::net_runtime::Error> {
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
        inputs: impl ::net_runtime::IntoInputs<'a, Stereo>,
        upstream: impl ::net_runtime::IntoUpstream<'b, Stereo, StereoUpstream<'b>>,
        workspace: &mut StereoWorkspace,
        gradients: &mut StereoGradients,
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
        inputs: impl ::net_runtime::IntoInputs<'a, Stereo>,
        upstream: impl ::net_runtime::IntoUpstream<'b, Stereo, StereoUpstream<'b>>,
        workspace: &mut StereoWorkspace,
        gradients: &mut StereoGradients,
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
        inputs: impl ::net_runtime::IntoInputs<'a, Stereo>,
        upstream: impl ::net_runtime::IntoUpstream<'b, Stereo, StereoUpstream<'b>>,
        workspace: &'w mut StereoWorkspace,
    ) -> ::core::result::Result<StereoInputGradients<'w>, ::net_runtime::Error> {
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
        inputs: impl ::net_runtime::IntoInputs<'a, Stereo>,
        upstream: impl ::net_runtime::IntoUpstream<'b, Stereo, StereoUpstream<'b>>,
        workspace: &'w mut StereoWorkspace,
        gradients: &mut StereoGradients,
    ) -> ::core::result::Result<StereoInputGradients<'w>, ::net_runtime::Error> {
        let gradients = ::core::option::Option::Some((gradients, ::net_runtime::Write::Set));
        self.backward_pass(inputs.into_inputs(), upstream.into_upstream(), workspace, gradients, true)?;
        ::core::result::Result::Ok(workspace.input_gradients())
    }

    fn backward_pass(
        &self,
        inputs: StereoInputs<'_>,
        upstream: StereoUpstream<'_>,
        workspace: &mut StereoWorkspace,
        gradients: ::core::option::Option<(&mut StereoGradients, ::net_runtime::Write)>,
        by_inputs: ::core::primitive::bool,
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        let samples = ::net_runtime::Inputs::samples(&inputs)?;
        upstream.check(samples)?;
        let arena = &mut workspace.arena;
        arena.begin_backward(samples, by_inputs)?;
        match upstream {
            StereoUpstream::Gradients(given) => {
                if let ::core::option::Option::Some(gradient) = given.distance {
                    arena.receive(StereoSlots::D_DISTANCE_CONV2D_3, gradient.data());
                }
            }
            StereoUpstream::Losses(samples) => {
                let n = arena.samples();
                let write = arena.write(StereoSlots::D_DISTANCE_CONV2D_3);
                let [y, dy] =
                    arena.tensors([StereoSlots::TRAINING.distance_conv2d_3, StereoSlots::D_DISTANCE_CONV2D_3.slot]);
                ::net_runtime::losses::gradient(
                    &::net_runtime::losses::MeanSquaredError,
                    &[120, 160, 1],
                    n,
                    1f32,
                    y,
                    samples.distance.data(),
                    samples.distance.weights(),
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
impl Stereo {
    const EYE_CONV2D: ::net_runtime::layers::Conv2d = ::net_runtime::layers::Conv2d {
        input: [120, 160, 3],
        output: [120, 160, 128],
        kernel: [3, 3],
        stride: [1, 1],
        dilation: [1, 1],
        padding: [1, 1],
    };
    const EYE_RELU: ::net_runtime::activations::Activation = ::net_runtime::activations::relu();
    const EYE_CONV2D_2: ::net_runtime::layers::Conv2d = ::net_runtime::layers::Conv2d {
        input: [120, 160, 128],
        output: [120, 160, 256],
        kernel: [3, 3],
        stride: [1, 1],
        dilation: [1, 1],
        padding: [1, 1],
    };
    const DISTANCE_CONV2D: ::net_runtime::layers::Conv2d = ::net_runtime::layers::Conv2d {
        input: [120, 320, 256],
        output: [120, 160, 128],
        kernel: [3, 3],
        stride: [1, 2],
        dilation: [1, 1],
        padding: [1, 0],
    };
    const DISTANCE_CONV2D_2: ::net_runtime::layers::Conv2d = ::net_runtime::layers::Conv2d {
        input: [120, 160, 128],
        output: [120, 160, 32],
        kernel: [3, 3],
        stride: [1, 1],
        dilation: [1, 1],
        padding: [1, 1],
    };
    const DISTANCE_CONV2D_3: ::net_runtime::layers::Conv2d = ::net_runtime::layers::Conv2d {
        input: [120, 160, 32],
        output: [120, 160, 1],
        kernel: [1, 1],
        stride: [1, 1],
        dilation: [1, 1],
        padding: [0, 0],
    };
}

#[allow(dead_code, unused_qualifications)]
#[allow(unused_variables)]
impl Stereo {
    fn forward_1(
        &self,
        inputs: &StereoInputs<'_>,
        mode: ::net_runtime::Mode,
        slots: &StereoSlots,
        workspace: &mut StereoWorkspace,
    ) {
        let arena = &mut workspace.arena;
        let n = arena.samples();
        let ([y], scratch) = arena.tensors_and_scratch([slots.eye_conv2d]);
        Self::EYE_CONV2D.forward(n, inputs.left.data(), &self.eye_conv2d, Self::EYE_RELU, y, scratch.for_weights(0));
        let ([x, y], scratch) = arena.tensors_and_scratch([slots.eye_conv2d, slots.distance_concat]);
        Self::EYE_CONV2D_2
            .within(::net_runtime::layers::Part { start: 0, pixel: 256, line: 81920, sample: 9830400 })
            .forward(n, x, &self.eye_conv2d_2, Self::EYE_RELU, y, scratch.for_weights(2));
        let ([y], scratch) = arena.tensors_and_scratch([slots.eye_conv2d_use_2]);
        Self::EYE_CONV2D.forward(n, inputs.right.data(), &self.eye_conv2d, Self::EYE_RELU, y, scratch.for_weights(0));
        let ([x, y], scratch) = arena.tensors_and_scratch([slots.eye_conv2d_use_2, slots.distance_concat]);
        Self::EYE_CONV2D_2
            .within(::net_runtime::layers::Part { start: 40960, pixel: 256, line: 81920, sample: 9830400 })
            .forward(n, x, &self.eye_conv2d_2, Self::EYE_RELU, y, scratch.for_weights(2));
        let ([x, y], scratch) = arena.tensors_and_scratch([slots.distance_concat, slots.distance_conv2d]);
        Self::DISTANCE_CONV2D.forward(n, x, &self.distance_conv2d, Self::EYE_RELU, y, scratch.for_weights(4));
        let ([x, y], scratch) = arena.tensors_and_scratch([slots.distance_conv2d, slots.distance_conv2d_2]);
        Self::DISTANCE_CONV2D_2.forward(n, x, &self.distance_conv2d_2, Self::EYE_RELU, y, scratch.for_weights(6));
        let ([x, y], scratch) = arena.tensors_and_scratch([slots.distance_conv2d_2, slots.distance_conv2d_3]);
        Self::DISTANCE_CONV2D_3.forward(n, x, &self.distance_conv2d_3, Self::EYE_RELU, y, scratch.for_weights(8));
    }
}

#[allow(dead_code, unused_qualifications)]
#[allow(unused_variables, unused_mut)]
impl Stereo {
    fn first_trained(&self) -> ::core::primitive::usize {
        let trained = ::net_runtime::frozen::first_trained(
            &[
                &self.eye_conv2d.kernel,
                &self.eye_conv2d.bias,
                &self.eye_conv2d_2.kernel,
                &self.eye_conv2d_2.bias,
                &self.distance_conv2d.kernel,
                &self.distance_conv2d.bias,
                &self.distance_conv2d_2.kernel,
                &self.distance_conv2d_2.bias,
                &self.distance_conv2d_3.kernel,
                &self.distance_conv2d_3.bias,
            ],
            &[0, 0, 1, 1, 4, 4, 5, 5, 6, 6],
        );
        if let ::core::option::Option::Some(step) = trained {
            return step;
        }
        ::core::primitive::usize::MAX
    }

    fn backward_1(
        &self,
        inputs: &StereoInputs<'_>,
        workspace: &mut StereoWorkspace,
        mut gradients: ::core::option::Option<&mut StereoGradients>,
        by_inputs: ::core::primitive::bool,
        first: ::core::primitive::usize,
    ) {
        let arena = &mut workspace.arena;
        let slots = StereoSlots::TRAINING;
        let n = arena.samples();
        let any = if by_inputs { 0 } else { first };
        if arena.has(StereoSlots::D_DISTANCE_CONV2D_3) {
            let [y, dy] = arena.tensors([slots.distance_conv2d_3, StereoSlots::D_DISTANCE_CONV2D_3.slot]);
            Self::EYE_RELU.backward_in_place(y, dy);
            if let ::core::option::Option::Some(gradients) = &mut gradients {
                let ([x, dy], scratch) =
                    arena.tensors_and_scratch([slots.distance_conv2d_2, StereoSlots::D_DISTANCE_CONV2D_3.slot]);
                Self::DISTANCE_CONV2D_3.backward_weights(n, x, dy, &mut gradients.distance_conv2d_3, scratch);
            }
            if any <= 5 {
                let ([dy, dx], write, scratch) = arena.tensors_to_write_and_scratch(
                    [StereoSlots::D_DISTANCE_CONV2D_3.slot, StereoSlots::D_DISTANCE_CONV2D_2.slot],
                    StereoSlots::D_DISTANCE_CONV2D_2,
                );
                Self::DISTANCE_CONV2D_3.backward_input(
                    n,
                    &self.distance_conv2d_3,
                    dy,
                    dx,
                    write.masked(),
                    scratch.for_weights(8),
                );
            }
        }
        if arena.has(StereoSlots::D_DISTANCE_CONV2D_2) {
            if let ::core::option::Option::Some(gradients) = &mut gradients {
                let ([x, dy], scratch) =
                    arena.tensors_and_scratch([slots.distance_conv2d, StereoSlots::D_DISTANCE_CONV2D_2.slot]);
                Self::DISTANCE_CONV2D_2.backward_weights(n, x, dy, &mut gradients.distance_conv2d_2, scratch);
            }
            if any <= 4 {
                let ([dy, dx], write, scratch) = arena.tensors_to_write_and_scratch(
                    [StereoSlots::D_DISTANCE_CONV2D_2.slot, StereoSlots::D_DISTANCE_CONV2D.slot],
                    StereoSlots::D_DISTANCE_CONV2D,
                );
                Self::DISTANCE_CONV2D_2.backward_input(
                    n,
                    &self.distance_conv2d_2,
                    dy,
                    dx,
                    write.masked(),
                    scratch.for_weights(6),
                );
            }
        }
        if arena.has(StereoSlots::D_DISTANCE_CONV2D) {
            if let ::core::option::Option::Some(gradients) = &mut gradients {
                let ([x, dy], scratch) =
                    arena.tensors_and_scratch([slots.distance_concat, StereoSlots::D_DISTANCE_CONV2D.slot]);
                Self::DISTANCE_CONV2D.backward_weights(n, x, dy, &mut gradients.distance_conv2d, scratch);
            }
            if any <= 3 {
                let ([dy, dx], write, scratch) = arena.tensors_to_write_and_scratch(
                    [StereoSlots::D_DISTANCE_CONV2D.slot, StereoSlots::D_DISTANCE_CONCAT.slot],
                    StereoSlots::D_DISTANCE_CONCAT,
                );
                Self::DISTANCE_CONV2D.backward_input(
                    n,
                    &self.distance_conv2d,
                    dy,
                    dx,
                    write.masked(),
                    scratch.for_weights(4),
                );
            }
        }
        if arena.has(StereoSlots::D_DISTANCE_CONCAT) {
            if let ::core::option::Option::Some(gradients) = &mut gradients {
                let ([x, dy], scratch) =
                    arena.tensors_and_scratch([slots.eye_conv2d_use_2, StereoSlots::D_DISTANCE_CONCAT.slot]);
                Self::EYE_CONV2D_2
                    .within(::net_runtime::layers::Part { start: 40960, pixel: 256, line: 81920, sample: 9830400 })
                    .backward_weights(n, x, dy, &mut gradients.eye_conv2d_2, scratch);
            }
            if any <= 2 {
                let ([dy, dx], write, scratch) = arena.tensors_to_write_and_scratch(
                    [StereoSlots::D_DISTANCE_CONCAT.slot, StereoSlots::D_EYE_CONV2D_USE_2.slot],
                    StereoSlots::D_EYE_CONV2D_USE_2,
                );
                Self::EYE_CONV2D_2
                    .within(::net_runtime::layers::Part { start: 40960, pixel: 256, line: 81920, sample: 9830400 })
                    .backward_input(n, &self.eye_conv2d_2, dy, dx, write.masked(), scratch.for_weights(2));
            }
        }
        if arena.has(StereoSlots::D_EYE_CONV2D_USE_2) {
            if let ::core::option::Option::Some(gradients) = &mut gradients {
                let ([dy], scratch) = arena.tensors_and_scratch([StereoSlots::D_EYE_CONV2D_USE_2.slot]);
                Self::EYE_CONV2D.backward_weights(n, inputs.right.data(), dy, &mut gradients.eye_conv2d, scratch);
            }
            if by_inputs {
                let ([dy, dx], write, scratch) = arena.tensors_to_write_and_scratch(
                    [StereoSlots::D_EYE_CONV2D_USE_2.slot, StereoSlots::D_INPUT_RIGHT.slot],
                    StereoSlots::D_INPUT_RIGHT,
                );
                Self::EYE_CONV2D.backward_input(n, &self.eye_conv2d, dy, dx, write, scratch.for_weights(0));
            }
        }
        if arena.has(StereoSlots::D_DISTANCE_CONCAT) {
            if let ::core::option::Option::Some(gradients) = &mut gradients {
                let ([x, dy], scratch) =
                    arena.tensors_and_scratch([slots.eye_conv2d, StereoSlots::D_DISTANCE_CONCAT.slot]);
                Self::EYE_CONV2D_2
                    .within(::net_runtime::layers::Part { start: 0, pixel: 256, line: 81920, sample: 9830400 })
                    .backward_weights(n, x, dy, &mut gradients.eye_conv2d_2, scratch);
            }
            if any <= 0 {
                let ([dy, dx], write, scratch) = arena.tensors_to_write_and_scratch(
                    [StereoSlots::D_DISTANCE_CONCAT.slot, StereoSlots::D_EYE_CONV2D.slot],
                    StereoSlots::D_EYE_CONV2D,
                );
                Self::EYE_CONV2D_2
                    .within(::net_runtime::layers::Part { start: 0, pixel: 256, line: 81920, sample: 9830400 })
                    .backward_input(n, &self.eye_conv2d_2, dy, dx, write.masked(), scratch.for_weights(2));
            }
        }
        if arena.has(StereoSlots::D_EYE_CONV2D) {
            if let ::core::option::Option::Some(gradients) = &mut gradients {
                let ([dy], scratch) = arena.tensors_and_scratch([StereoSlots::D_EYE_CONV2D.slot]);
                Self::EYE_CONV2D.backward_weights(n, inputs.left.data(), dy, &mut gradients.eye_conv2d, scratch);
            }
            if by_inputs {
                let ([dy, dx], write, scratch) = arena.tensors_to_write_and_scratch(
                    [StereoSlots::D_EYE_CONV2D.slot, StereoSlots::D_INPUT_LEFT.slot],
                    StereoSlots::D_INPUT_LEFT,
                );
                Self::EYE_CONV2D.backward_input(n, &self.eye_conv2d, dy, dx, write, scratch.for_weights(0));
            }
        }
    }
}

#[allow(dead_code, unused_qualifications)]
#[allow(unused_variables)]
impl ::net_runtime::Network for Stereo {
    type Inputs<'a> = StereoInputs<'a>;
    type Outputs = StereoOutputs;
    type OutputViews<'w> = StereoOutputViews<'w>;
    type Workspace = StereoWorkspace;
    type Gradients = StereoGradients;
    const INFO: &'static ::net_runtime::NetworkInfo = &::net_runtime::NetworkInfo {
        name: "Stereo",
        rows: &[
            ::net_runtime::RowInfo {
                name: "left",
                kind: "Input",
                arguments: "",
                activation: "",
                parameters: 0,
                uses: &[::net_runtime::UseInfo { outputs: &[&[120, 160, 3]], connected_to: &[] }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "right",
                kind: "Input",
                arguments: "",
                activation: "",
                parameters: 0,
                uses: &[::net_runtime::UseInfo { outputs: &[&[120, 160, 3]], connected_to: &[] }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "eye",
                kind: "Chain",
                arguments: "",
                activation: "",
                parameters: 298752,
                uses: &[
                    ::net_runtime::UseInfo {
                        outputs: &[&[120, 160, 256]],
                        connected_to: &[::net_runtime::Connection { row: 0, use_index: 0, tensor: 0 }],
                    },
                    ::net_runtime::UseInfo {
                        outputs: &[&[120, 160, 256]],
                        connected_to: &[::net_runtime::Connection { row: 1, use_index: 0, tensor: 0 }],
                    },
                ],
                inner: ::core::option::Option::Some(&::net_runtime::NetworkInfo {
                    name: "eye",
                    rows: &[
                        ::net_runtime::RowInfo {
                            name: "input",
                            kind: "Input",
                            arguments: "",
                            activation: "",
                            parameters: 0,
                            uses: &[::net_runtime::UseInfo { outputs: &[&[120, 160, 3]], connected_to: &[] }],
                            ..::net_runtime::RowInfo::EMPTY
                        },
                        ::net_runtime::RowInfo {
                            name: "eye_conv2d",
                            kind: "Conv2d",
                            arguments: "128, 3, padding = same",
                            activation: "relu",
                            parameters: 3584,
                            uses: &[::net_runtime::UseInfo {
                                outputs: &[&[120, 160, 128]],
                                connected_to: &[::net_runtime::Connection { row: 0, use_index: 0, tensor: 0 }],
                            }],
                            ..::net_runtime::RowInfo::EMPTY
                        },
                        ::net_runtime::RowInfo {
                            name: "eye_conv2d_2",
                            kind: "Conv2d",
                            arguments: "256, 3, padding = same",
                            activation: "relu",
                            parameters: 295168,
                            uses: &[::net_runtime::UseInfo {
                                outputs: &[&[120, 160, 256]],
                                connected_to: &[::net_runtime::Connection { row: 1, use_index: 0, tensor: 0 }],
                            }],
                            ..::net_runtime::RowInfo::EMPTY
                        },
                    ],
                    outputs: &[::net_runtime::OutputInfo {
                        name: "eye",
                        from: ::net_runtime::Connection { row: 2, use_index: 0, tensor: 0 },
                    }],
                    parameters: 298752,
                    non_trainable_parameters: 0,
                    multiply_adds: 5728665600,
                    inference_bytes: 0,
                    training_bytes: 0,
                }),
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "distance_concat",
                kind: "Concat",
                arguments: "axis = width",
                activation: "",
                parameters: 0,
                uses: &[::net_runtime::UseInfo {
                    outputs: &[&[120, 320, 256]],
                    connected_to: &[
                        ::net_runtime::Connection { row: 2, use_index: 0, tensor: 0 },
                        ::net_runtime::Connection { row: 2, use_index: 1, tensor: 0 },
                    ],
                }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "distance_conv2d",
                kind: "Conv2d",
                arguments: "128, 3, stride = (1, 2), padding = same",
                activation: "relu",
                parameters: 295040,
                uses: &[::net_runtime::UseInfo {
                    outputs: &[&[120, 160, 128]],
                    connected_to: &[::net_runtime::Connection { row: 3, use_index: 0, tensor: 0 }],
                }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "distance_conv2d_2",
                kind: "Conv2d",
                arguments: "32, 3, padding = same",
                activation: "relu",
                parameters: 36896,
                uses: &[::net_runtime::UseInfo {
                    outputs: &[&[120, 160, 32]],
                    connected_to: &[::net_runtime::Connection { row: 4, use_index: 0, tensor: 0 }],
                }],
                ..::net_runtime::RowInfo::EMPTY
            },
            ::net_runtime::RowInfo {
                name: "distance_conv2d_3",
                kind: "Conv2d",
                arguments: "1, 1",
                activation: "relu",
                parameters: 33,
                uses: &[::net_runtime::UseInfo {
                    outputs: &[&[120, 160, 1]],
                    connected_to: &[::net_runtime::Connection { row: 5, use_index: 0, tensor: 0 }],
                }],
                ..::net_runtime::RowInfo::EMPTY
            },
        ],
        outputs: &[::net_runtime::OutputInfo {
            name: "distance",
            from: ::net_runtime::Connection { row: 6, use_index: 0, tensor: 0 },
        }],
        parameters: 630721,
        non_trainable_parameters: 0,
        multiply_adds: 17828044800,
        inference_bytes: 49228800,
        training_bytes: 71424000,
    };

    fn new(seed: ::core::primitive::u64) -> Self {
        Self {
            eye_conv2d: ::net_runtime::weights::Affine::new(
                &[3, 3, 3, 128],
                ::net_runtime::initializers::Seed::new(seed, "eye_conv2d"),
            ),
            eye_conv2d_2: ::net_runtime::weights::Affine::new(
                &[3, 3, 128, 256],
                ::net_runtime::initializers::Seed::new(seed, "eye_conv2d_2"),
            ),
            distance_conv2d: ::net_runtime::weights::Affine::new(
                &[3, 3, 256, 128],
                ::net_runtime::initializers::Seed::new(seed, "distance_conv2d"),
            ),
            distance_conv2d_2: ::net_runtime::weights::Affine::new(
                &[3, 3, 128, 32],
                ::net_runtime::initializers::Seed::new(seed, "distance_conv2d_2"),
            ),
            distance_conv2d_3: ::net_runtime::weights::Affine::new(
                &[1, 1, 32, 1],
                ::net_runtime::initializers::Seed::new(seed, "distance_conv2d_3"),
            ),
        }
    }

    fn forward<'w>(
        &self,
        inputs: StereoInputs<'_>,
        mode: ::net_runtime::Mode,
        workspace: &'w mut StereoWorkspace,
    ) -> ::core::result::Result<StereoOutputViews<'w>, ::net_runtime::Error> {
        self.forward(inputs, mode, workspace)
    }

    fn reserve(
        outputs: &mut StereoOutputs,
        samples: ::core::primitive::usize,
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        outputs.distance.try_reserve(samples)?;
        ::core::result::Result::Ok(())
    }

    fn append(outputs: &mut StereoOutputs, batch: StereoOutputViews<'_>) {
        outputs.distance.extend(batch.distance);
    }

    fn visit<'p>(&'p self, visitor: ::net_runtime::ParamVisitor<'_, 'p>) {
        ::net_runtime::visits::show(
            &[
                "eye_conv2d.kernel",
                "eye_conv2d.bias",
                "eye_conv2d_2.kernel",
                "eye_conv2d_2.bias",
                "distance_conv2d.kernel",
                "distance_conv2d.bias",
                "distance_conv2d_2.kernel",
                "distance_conv2d_2.bias",
                "distance_conv2d_3.kernel",
                "distance_conv2d_3.bias",
            ],
            &[
                &self.eye_conv2d.kernel,
                &self.eye_conv2d.bias,
                &self.eye_conv2d_2.kernel,
                &self.eye_conv2d_2.bias,
                &self.distance_conv2d.kernel,
                &self.distance_conv2d.bias,
                &self.distance_conv2d_2.kernel,
                &self.distance_conv2d_2.bias,
                &self.distance_conv2d_3.kernel,
                &self.distance_conv2d_3.bias,
            ],
            visitor,
        );
    }

    fn visit_mut(&mut self, visitor: &mut dyn ::core::ops::FnMut(::net_runtime::Name<'_>, &mut ::net_runtime::Param)) {
        ::net_runtime::visits::show_mut(
            &[
                "eye_conv2d.kernel",
                "eye_conv2d.bias",
                "eye_conv2d_2.kernel",
                "eye_conv2d_2.bias",
                "distance_conv2d.kernel",
                "distance_conv2d.bias",
                "distance_conv2d_2.kernel",
                "distance_conv2d_2.bias",
                "distance_conv2d_3.kernel",
                "distance_conv2d_3.bias",
            ],
            &mut [
                &mut self.eye_conv2d.kernel,
                &mut self.eye_conv2d.bias,
                &mut self.eye_conv2d_2.kernel,
                &mut self.eye_conv2d_2.bias,
                &mut self.distance_conv2d.kernel,
                &mut self.distance_conv2d.bias,
                &mut self.distance_conv2d_2.kernel,
                &mut self.distance_conv2d_2.bias,
                &mut self.distance_conv2d_3.kernel,
                &mut self.distance_conv2d_3.bias,
            ],
            visitor,
        );
    }

    fn visit_with_gradients(
        &mut self,
        gradients: &StereoGradients,
        visitor: &mut dyn ::core::ops::FnMut(::net_runtime::Name<'_>, &mut ::net_runtime::Param, &::net_runtime::Gradient),
    ) {
        ::net_runtime::visits::show_with_gradients(
            &[
                "eye_conv2d.kernel",
                "eye_conv2d.bias",
                "eye_conv2d_2.kernel",
                "eye_conv2d_2.bias",
                "distance_conv2d.kernel",
                "distance_conv2d.bias",
                "distance_conv2d_2.kernel",
                "distance_conv2d_2.bias",
                "distance_conv2d_3.kernel",
                "distance_conv2d_3.bias",
            ],
            &mut [
                &mut self.eye_conv2d.kernel,
                &mut self.eye_conv2d.bias,
                &mut self.eye_conv2d_2.kernel,
                &mut self.eye_conv2d_2.bias,
                &mut self.distance_conv2d.kernel,
                &mut self.distance_conv2d.bias,
                &mut self.distance_conv2d_2.kernel,
                &mut self.distance_conv2d_2.bias,
                &mut self.distance_conv2d_3.kernel,
                &mut self.distance_conv2d_3.bias,
            ],
            &[
                &gradients.eye_conv2d.kernel,
                &gradients.eye_conv2d.bias,
                &gradients.eye_conv2d_2.kernel,
                &gradients.eye_conv2d_2.bias,
                &gradients.distance_conv2d.kernel,
                &gradients.distance_conv2d.bias,
                &gradients.distance_conv2d_2.kernel,
                &gradients.distance_conv2d_2.bias,
                &gradients.distance_conv2d_3.kernel,
                &gradients.distance_conv2d_3.bias,
            ],
            visitor,
        );
    }
}

#[allow(dead_code, unused_qualifications)]
#[allow(unused_variables, unused_mut)]
impl ::net_runtime::inner::InnerNetwork for Stereo {
    const SIGNATURE: ::net_runtime::announced::Signature = ::net_runtime::announced::Signature {
        inputs: &[
            ::net_runtime::announced::Port { name: "left", classes: false, dims: &[120, 160, 3] },
            ::net_runtime::announced::Port { name: "right", classes: false, dims: &[120, 160, 3] },
        ],
        outputs: &[::net_runtime::announced::Port { name: "distance", classes: false, dims: &[120, 160, 1] }],
    };
    const OUTPUTS: &'static [::net_runtime::inner::OutputSlots] = &[::net_runtime::inner::OutputSlots {
        training: StereoSlots::TRAINING.distance_conv2d_3,
        inference: StereoSlots::INFERENCE.distance_conv2d_3,
        gradient: ::core::option::Option::Some(StereoSlots::D_DISTANCE_CONV2D_3),
    }];
    const KEPT: &'static [::net_runtime::Slot] = &[StereoSlots::INFERENCE.distance_conv2d_3];
    const INPUT_GRADIENTS: &'static [::core::option::Option<::net_runtime::GradientSlot>] = &[
        ::core::option::Option::Some(StereoSlots::D_INPUT_LEFT),
        ::core::option::Option::Some(StereoSlots::D_INPUT_RIGHT),
    ];

    fn groups(mode: ::net_runtime::Mode) -> ::net_runtime::Groups {
        match mode {
            ::net_runtime::Mode::Training => ::net_runtime::Groups::NONE,
            ::net_runtime::Mode::TrainingWeights => ::net_runtime::Groups { runs: &[], from: 17856000 },
            ::net_runtime::Mode::Inference => ::net_runtime::Groups {
                runs: &[::net_runtime::GroupedRun { samples: 1, floats: 12288000 }],
                from: 19200,
            },
        }
    }

    fn inputs<'a>(
        tensors: &[::net_runtime::inner::Tensor<'a>],
    ) -> ::core::result::Result<StereoInputs<'a>, ::net_runtime::Error> {
        ::core::result::Result::Ok(StereoInputs {
            left: ::net_runtime::inner::Tensor::f32(tensors, 0)?,
            right: ::net_runtime::inner::Tensor::f32(tensors, 1)?,
        })
    }

    fn arena(workspace: &mut StereoWorkspace) -> &mut ::net_runtime::Arena {
        &mut workspace.arena
    }

    fn others(workspace: &mut StereoWorkspace) -> &mut ::net_runtime::shares::Others<StereoWorkspace> {
        &mut workspace.share_workspaces
    }

    fn floats(mode: ::net_runtime::Mode) -> ::core::primitive::usize {
        match mode {
            ::net_runtime::Mode::Training | ::net_runtime::Mode::TrainingWeights => 17856000,
            ::net_runtime::Mode::Inference => 19200,
        }
    }

    fn forward_steps(
        &self,
        inputs: &StereoInputs<'_>,
        mode: ::net_runtime::Mode,
        workspace: &mut StereoWorkspace,
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        let slots = StereoSlots::of(mode);
        match mode {
            ::net_runtime::Mode::Inference => {
                while let ::core::option::Option::Some(group) = workspace.arena.next_group() {
                    let inputs = &::net_runtime::Inputs::slice(inputs, ::core::clone::Clone::clone(&group));
                    self.forward_1(inputs, mode, slots, workspace);
                }
            }
            ::net_runtime::Mode::Training | ::net_runtime::Mode::TrainingWeights => {
                self.forward_1(inputs, mode, slots, workspace);
            }
        }
        ::core::result::Result::Ok(())
    }

    fn backward_steps(
        &self,
        inputs: StereoInputs<'_>,
        workspace: &mut StereoWorkspace,
        mut gradients: ::core::option::Option<&mut StereoGradients>,
        by_inputs: ::core::primitive::bool,
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        let first = if gradients.is_some() { self.first_trained() } else { ::core::primitive::usize::MAX };
        self.backward_1(&inputs, workspace, gradients.as_deref_mut(), by_inputs, first);
        ::core::result::Result::Ok(())
    }
}

#[allow(dead_code, unused_qualifications)]
/// The losses of [`Stereo`] for one batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StereoLosses {
    /// The weighted sum of all.
    pub total: ::core::primitive::f32,
    /// The loss of `distance`, before its weight.
    pub distance: ::core::primitive::f32,
}

#[allow(dead_code, unused_qualifications)]
impl Stereo {
    /// The losses of the forward pass that the workspace holds.
    ///
    /// # Errors
    ///
    /// If the workspace holds no pass over as many samples, a backward pass has used it up, or a target is no class.
    pub fn losses(
        &self,
        samples: &StereoSamples,
        workspace: &StereoWorkspace,
    ) -> ::core::result::Result<StereoLosses, ::net_runtime::Error> {
        let n = ::net_runtime::Samples::count(samples)?;
        let arena = &workspace.arena;
        arena.check_samples(n)?;
        arena.check_losses()?;
        let slots = StereoSlots::of(arena.mode()?);
        let mut losses = StereoLosses { total: 0.0, distance: 0.0 };
        losses.distance = ::net_runtime::losses::value(
            &::net_runtime::losses::MeanSquaredError,
            "distance",
            &[120, 160, 1],
            n,
            arena.tensor(slots.distance_conv2d_3),
            samples.distance.data(),
            samples.distance.weights(),
        )?;
        losses.total += 1f32 * losses.distance;
        ::core::result::Result::Ok(losses)
    }
}

#[allow(dead_code, unused_qualifications)]
/// The accumulated metrics of [`Stereo`].
#[derive(Clone, Default)]
pub struct StereoMetrics {}

#[allow(dead_code, unused_qualifications)]
#[allow(unused_variables)]
impl ::net_runtime::Trainable for Stereo {
    type Samples = StereoSamples;
    type Metrics = StereoMetrics;
    type Losses = [::core::primitive::f32; 1];
    const HEADS: &'static [::net_runtime::training::Head] =
        &[::net_runtime::training::Head { name: "distance", has_loss: true }];

    fn losses(
        &self,
        samples: &StereoSamples,
        workspace: &mut StereoWorkspace,
    ) -> ::core::result::Result<(::core::primitive::f32, Self::Losses), ::net_runtime::Error> {
        let losses = self.losses(samples, workspace)?;
        ::core::result::Result::Ok((losses.total, [losses.distance]))
    }

    fn backward_losses(
        &self,
        samples: &StereoSamples,
        workspace: &mut StereoWorkspace,
        gradients: &mut StereoGradients,
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        self.backward(samples, samples, workspace, gradients)
    }

    fn update_metrics(
        &self,
        samples: &StereoSamples,
        workspace: &StereoWorkspace,
        metrics: &mut StereoMetrics,
    ) -> ::core::result::Result<(), ::net_runtime::Error> {
        let arena = &workspace.arena;
        let slots = StereoSlots::of(arena.mode()?);
        arena.check_samples(::net_runtime::Samples::count(samples)?)?;
        ::core::result::Result::Ok(())
    }

    fn reset_metrics(metrics: &mut StereoMetrics) {}

    fn visit_metrics(metrics: &StereoMetrics, visitor: ::net_runtime::training::MetricVisitor<'_>) {}
}
