use net_runtime::prelude::*;

network! {
    network Detector(image: [64]) -> (class: [10], location: [64]) {
        let class = image -> Dense(10) -> softmax;
        let location = image -> tanh;
        loss class: CategoricalCrossentropy;
        metric location: MeanAbsoluteError;
    }
}

fn main() -> Result<(), Error> {
    let net = Detector::new(42);
    let samples = DetectorSamples { image: Batch::zeros(1), class: Batch::zeros(1), location: Batch::zeros(1) };
    let mut workspace = DetectorWorkspace::new(1);
    let found = net.forward(&samples, Mode::Training, &mut workspace)?;
    let box_gradient = found.location.to_batch();
    let upstream = DetectorOutputGradients { location: box_gradient.view(), ..Default::default() };
    net.backward(&samples, upstream, &mut workspace, &mut DetectorGradients::zeros())
}
