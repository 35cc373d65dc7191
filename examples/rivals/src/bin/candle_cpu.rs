//! candle on CPUs, with its AdamW without decay, which is Adam.
//!
//! Say how many threads it may use, in `RAYON_NUM_THREADS`: without that it asks the system at every product, which takes
//! longer than all of `mlp`.

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::{
    AdamW, Conv2d, Conv2dConfig, Init, Linear, Module, Optimizer, ParamsAdamW, VarBuilder, VarMap, conv2d, linear,
    loss, ops,
};
use rivals::{Mode, Step};

fn main() {
    rivals::time("candle", |network, mode, batch| {
        let step = match network {
            "mlp" => step::<Mlp>(mode, batch),
            "detector" => step::<Detector>(mode, batch),
            "stereo" => step::<Stereo>(mode, batch),
            _ => return None,
        };
        Some(step.expect("shapes fit"))
    });
}

/// A network with its data and losses.
trait Net: Sized + 'static {
    type Data: 'static;

    fn new(weights: &VarBuilder) -> Result<Self>;
    fn data(batch: usize) -> Result<Self::Data>;
    fn infer(&self, data: &Self::Data) -> Result<()>;
    fn loss(&self, data: &Self::Data) -> Result<Tensor>;
}

fn step<N: Net>(mode: Mode, batch: usize) -> Result<Step> {
    let variables = VarMap::new();
    let net = N::new(&VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu))?;
    let data = N::data(batch)?;
    Ok(match mode {
        Mode::Infer => {
            // Constants in place of variables, so that no graph is kept for a gradient.
            let variables = variables.data().lock().expect("no thread has failed");
            let tensors = variables.iter().map(|(name, variable)| (name.clone(), variable.as_detached_tensor()));
            let net = N::new(&VarBuilder::from_tensors(tensors.collect(), DType::F32, &Device::Cpu))?;
            Box::new(move || net.infer(&data).expect("shapes fit"))
        }
        Mode::Train => {
            let settings = ParamsAdamW { lr: 1e-3, weight_decay: 0.0, ..Default::default() };
            let mut adam = AdamW::new(variables.all_vars(), settings)?;
            Box::new(move || {
                let loss = net.loss(&data).expect("shapes fit");
                adam.backward_step(&loss).expect("shapes fit");
            })
        }
    })
}

fn random(shape: &[usize]) -> Result<Tensor> {
    Tensor::rand(0f32, 1.0, shape, &Device::Cpu)
}

fn classes(batch: usize) -> Result<Tensor> {
    Tensor::from_iter((0..batch as u32).map(|index| index * 7 % 10), &Device::Cpu)
}

struct Mlp(Linear, Linear, Linear);

impl Mlp {
    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        let x = self.0.forward(x)?.relu()?;
        self.2.forward(&self.1.forward(&x)?.relu()?)
    }
}

impl Net for Mlp {
    type Data = (Tensor, Tensor);

    fn new(weights: &VarBuilder) -> Result<Self> {
        let dense = |inputs, outputs, name| linear(inputs, outputs, weights.pp(name));
        Ok(Self(dense(64, 128, "a")?, dense(128, 32, "b")?, dense(32, 10, "c")?))
    }

    fn data(batch: usize) -> Result<Self::Data> {
        Ok((random(&[batch, 64])?, classes(batch)?))
    }

    fn infer(&self, (x, _): &Self::Data) -> Result<()> {
        ops::softmax(&self.logits(x)?, D::Minus1).map(drop)
    }

    fn loss(&self, (x, class): &Self::Data) -> Result<Tensor> {
        loss::cross_entropy(&self.logits(x)?, class)
    }
}

struct Detector {
    convs: [Conv2d; 2],
    class: [Linear; 2],
    location: [Linear; 2],
}

impl Detector {
    fn heads(&self, image: &Tensor) -> Result<(Tensor, Tensor)> {
        let mut features = image.clone();
        for layer in &self.convs {
            features = layer.forward(&features)?.relu()?.max_pool2d(2)?;
        }
        let features = features.flatten_from(1)?;
        let head = |[a, b]: &[Linear; 2]| b.forward(&a.forward(&features)?.relu()?);
        Ok((head(&self.class)?, ops::sigmoid(&head(&self.location)?)?))
    }
}

impl Net for Detector {
    type Data = (Tensor, Tensor, Tensor);

    fn new(weights: &VarBuilder) -> Result<Self> {
        let conv = |inputs, outputs, name| conv2d(inputs, outputs, 3, Conv2dConfig::default(), weights.pp(name));
        let head = |name: &str, outputs| -> Result<_> {
            let weights = weights.pp(name);
            Ok([linear(50_176, 64, weights.pp("a"))?, linear(64, outputs, weights.pp("b"))?])
        };
        Ok(Self {
            convs: [conv(3, 128, "first")?, conv(128, 256, "second")?],
            class: head("class", 10)?,
            location: head("location", 4)?,
        })
    }

    fn data(batch: usize) -> Result<Self::Data> {
        Ok((random(&[batch, 3, 64, 64])?, classes(batch)?, random(&[batch, 4])?))
    }

    fn infer(&self, (image, ..): &Self::Data) -> Result<()> {
        let (class, _) = self.heads(image)?;
        ops::softmax(&class, D::Minus1).map(drop)
    }

    fn loss(&self, (image, right_class, right_location): &Self::Data) -> Result<Tensor> {
        let (class, location) = self.heads(image)?;
        loss::cross_entropy(&class, right_class)? + (loss::mse(&location, right_location)? * 2.0)?
    }
}

/// candle's convolutions have one stride for both axes. This one has 1 down and 2 right, 3x3, by an equal one of stride 1
/// and 3x2 over pairs of columns: two columns become channels of one, and the kernel gets a fourth column of zeros.
struct PairConv {
    kernel: Tensor,
    bias: Tensor,
}

impl PairConv {
    fn new(inputs: usize, outputs: usize, weights: &VarBuilder) -> Result<Self> {
        let kernel =
            weights.get_with_hints((outputs, inputs, 3, 3), "weight", candle_nn::init::DEFAULT_KAIMING_NORMAL)?;
        let bias = weights.get_with_hints(outputs, "bias", Init::Const(0.0))?;
        Ok(Self { kernel, bias })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let pairs = |t: &Tensor| -> Result<Tensor> {
            let (n, channels, height, width) = t.dims4()?;
            let t = t.reshape((n, channels, height, width / 2, 2))?.permute((0, 4, 1, 2, 3))?;
            t.reshape((n, 2 * channels, height, width / 2))
        };
        let x = pairs(&x.pad_with_zeros(2, 1, 1)?.pad_with_zeros(3, 1, 1)?)?.contiguous()?;
        let kernel = pairs(&self.kernel.pad_with_zeros(3, 0, 1)?)?.contiguous()?;
        x.conv2d(&kernel, 0, 1, 1, 1)?.broadcast_add(&self.bias.reshape((1, (), 1, 1))?)
    }
}

struct Stereo {
    eye: [Conv2d; 2],
    merge: PairConv,
    last: [Conv2d; 2],
}

impl Stereo {
    fn distance(&self, left: &Tensor, right: &Tensor) -> Result<Tensor> {
        let chain = |layers: &[Conv2d], x: &Tensor| -> Result<Tensor> {
            layers.iter().try_fold(x.clone(), |x, layer| layer.forward(&x)?.relu())
        };
        let both = Tensor::cat(&[chain(&self.eye, left)?, chain(&self.eye, right)?], 3)?;
        chain(&self.last, &self.merge.forward(&both)?.relu()?)
    }
}

impl Net for Stereo {
    type Data = (Tensor, Tensor, Tensor);

    fn new(weights: &VarBuilder) -> Result<Self> {
        let conv = |inputs, outputs, size, name| {
            let settings = Conv2dConfig { padding: size / 2, ..Default::default() };
            conv2d(inputs, outputs, size, settings, weights.pp(name))
        };
        Ok(Self {
            eye: [conv(3, 128, 3, "first")?, conv(128, 256, 3, "second")?],
            merge: PairConv::new(256, 128, &weights.pp("merge"))?,
            last: [conv(128, 32, 3, "third")?, conv(32, 1, 1, "fourth")?],
        })
    }

    fn data(batch: usize) -> Result<Self::Data> {
        let images = || random(&[batch, 3, 120, 160]);
        Ok((images()?, images()?, random(&[batch, 1, 120, 160])?))
    }

    fn infer(&self, (left, right, _): &Self::Data) -> Result<()> {
        self.distance(left, right).map(drop)
    }

    fn loss(&self, (left, right, distance): &Self::Data) -> Result<Tensor> {
        loss::mse(&self.distance(left, right)?, distance)
    }
}
