//! burn with its backend for CPUs in Rust, Flex.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::{CrossEntropyLossConfig, MseLoss, Reduction};
use burn::nn::pool::MaxPool2dConfig;
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::activation::{relu, sigmoid, softmax};
use burn::tensor::{Device, Distribution, Int, Tensor};
use rivals::{Mode, Step};

fn main() {
    rivals::time("burn", |network, mode, batch| {
        Some(match network {
            "mlp" => step::<Mlp>(mode, batch),
            "detector" => step::<Detector>(mode, batch),
            "stereo" => step::<Stereo>(mode, batch),
            _ => return None,
        })
    });
}

/// A network with its data and losses.
trait Net: Module + 'static {
    type Data: 'static;

    fn new(device: &Device) -> Self;
    fn data(batch: usize, device: &Device) -> Self::Data;
    fn infer(&self, data: &Self::Data);
    fn loss(&self, data: &Self::Data) -> Tensor<1>;
}

fn step<N: Net>(mode: Mode, batch: usize) -> Step {
    let device = Device::flex();
    match mode {
        Mode::Infer => {
            let (net, data) = (N::new(&device), N::data(batch, &device));
            Box::new(move || net.infer(&data))
        }
        Mode::Train => {
            let device = device.autodiff();
            let data = N::data(batch, &device);
            let mut net = Some(N::new(&device));
            let mut adam = AdamConfig::new().init();
            Box::new(move || {
                let before = net.take().expect("the last step has left one");
                let gradients = GradientsParams::from_grads(before.loss(&data).backward(), &before);
                net = Some(adam.step(1e-3, before, gradients));
            })
        }
    }
}

fn random<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::random(shape, Distribution::Uniform(0.0, 1.0), device)
}

fn classes(batch: usize, device: &Device) -> Tensor<1, Int> {
    let classes: Vec<i32> = (0..batch as i32).map(|index| index * 7 % 10).collect();
    Tensor::from_data(classes.as_slice(), device)
}

fn cross_entropy(logits: Tensor<2>, classes: &Tensor<1, Int>) -> Tensor<1> {
    CrossEntropyLossConfig::new().init(&logits.device()).forward(logits, classes.clone())
}

fn square_error<const D: usize>(found: Tensor<D>, right: &Tensor<D>) -> Tensor<1> {
    MseLoss::new().forward(found, right.clone(), Reduction::Mean)
}

fn dense(inputs: usize, outputs: usize, device: &Device) -> Linear {
    LinearConfig::new(inputs, outputs).init(device)
}

fn conv(channels: [usize; 2], size: usize, stride: [usize; 2], padding: usize, device: &Device) -> Conv2d {
    let padding = PaddingConfig2d::Explicit(padding, padding, padding, padding);
    Conv2dConfig::new(channels, [size; 2]).with_stride(stride).with_padding(padding).init(device)
}

#[derive(Module, Debug)]
struct Mlp {
    dense: [Linear; 3],
}

impl Mlp {
    fn logits(&self, (x, _): &<Self as Net>::Data) -> Tensor<2> {
        let [a, b, c] = &self.dense;
        c.forward(relu(b.forward(relu(a.forward(x.clone())))))
    }
}

impl Net for Mlp {
    type Data = (Tensor<2>, Tensor<1, Int>);

    fn new(device: &Device) -> Self {
        Self { dense: [dense(64, 128, device), dense(128, 32, device), dense(32, 10, device)] }
    }

    fn data(batch: usize, device: &Device) -> Self::Data {
        (random([batch, 64], device), classes(batch, device))
    }

    fn infer(&self, data: &Self::Data) {
        drop(softmax(self.logits(data), 1));
    }

    fn loss(&self, data: &Self::Data) -> Tensor<1> {
        cross_entropy(self.logits(data), &data.1)
    }
}

#[derive(Module, Debug)]
struct Detector {
    convs: [Conv2d; 2],
    class: [Linear; 2],
    location: [Linear; 2],
}

impl Detector {
    fn heads(&self, (image, ..): &<Self as Net>::Data) -> (Tensor<2>, Tensor<2>) {
        let pool = MaxPool2dConfig::new([2, 2]).init();
        let [first, second] = &self.convs;
        let features = pool.forward(relu(first.forward(image.clone())));
        let features: Tensor<2> = pool.forward(relu(second.forward(features))).flatten(1, 3);
        let head = |[a, b]: &[Linear; 2]| b.forward(relu(a.forward(features.clone())));
        (head(&self.class), sigmoid(head(&self.location)))
    }
}

impl Net for Detector {
    type Data = (Tensor<4>, Tensor<1, Int>, Tensor<2>);

    fn new(device: &Device) -> Self {
        Self {
            convs: [conv([3, 128], 3, [1, 1], 0, device), conv([128, 256], 3, [1, 1], 0, device)],
            class: [dense(50_176, 64, device), dense(64, 10, device)],
            location: [dense(50_176, 64, device), dense(64, 4, device)],
        }
    }

    fn data(batch: usize, device: &Device) -> Self::Data {
        (random([batch, 3, 64, 64], device), classes(batch, device), random([batch, 4], device))
    }

    fn infer(&self, data: &Self::Data) {
        let (class, location) = self.heads(data);
        drop((softmax(class, 1), location));
    }

    fn loss(&self, data: &Self::Data) -> Tensor<1> {
        let (class, location) = self.heads(data);
        cross_entropy(class, &data.1) + square_error(location, &data.2) * 2.0
    }
}

#[derive(Module, Debug)]
struct Stereo {
    eye: [Conv2d; 2],
    both: [Conv2d; 3],
}

impl Stereo {
    fn distance(&self, (left, right, _): &<Self as Net>::Data) -> Tensor<4> {
        let eye = |image: &Tensor<4>| self.eye.iter().fold(image.clone(), |x, layer| relu(layer.forward(x)));
        let both = Tensor::cat(vec![eye(left), eye(right)], 3);
        self.both.iter().fold(both, |x, layer| relu(layer.forward(x)))
    }
}

impl Net for Stereo {
    type Data = (Tensor<4>, Tensor<4>, Tensor<4>);

    fn new(device: &Device) -> Self {
        Self {
            eye: [conv([3, 128], 3, [1, 1], 1, device), conv([128, 256], 3, [1, 1], 1, device)],
            both: [
                conv([256, 128], 3, [1, 2], 1, device),
                conv([128, 32], 3, [1, 1], 1, device),
                conv([32, 1], 1, [1, 1], 0, device),
            ],
        }
    }

    fn data(batch: usize, device: &Device) -> Self::Data {
        let images = || random([batch, 3, 120, 160], device);
        (images(), images(), random([batch, 1, 120, 160], device))
    }

    fn infer(&self, data: &Self::Data) {
        drop(self.distance(data));
    }

    fn loss(&self, data: &Self::Data) -> Tensor<1> {
        square_error(self.distance(data), &data.2)
    }
}
