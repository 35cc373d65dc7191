//! Whatever a program does with a broken network gives no error of its own.

use net_runtime::prelude::*;

network! {
    network Detector(image: [64, 64, 3]) -> (class: [10], location: [4]) {
        let features = image -> Conv2d(32, 3) -> relu -> MaxPool2d(2);
        let class = features -> Dense(10) -> softmax;
        let location = features -> Flatten -> Dense(4) -> sigmoid;
        loss class: SparseCategoricalCrossentropy;
        loss location: 2.0 * MeanSquaredError;
        metric class: Accuracy;
    }
}

fn samples() -> DetectorSamples {
    DetectorSamples { image: Batch::zeros(4), class: Batch::zeros(4), location: Batch::zeros(4) }
}

fn train(net: Detector) -> Result<Detector, Error> {
    let samples = samples();
    let mut trainer = Trainer::new(net, Adam::new(1e-3));
    let history = trainer.fit(&samples).epochs(2).batch_size(2).validation(&samples).run()?;
    history.save_csv("history.csv")?;
    println!("{}", trainer.evaluate(&samples)?);
    Ok(trainer.into_network())
}

fn by_hand(net: &mut Detector) -> Result<f32, Error> {
    let samples = samples();
    let mut memory = DetectorWorkspace::new(4);
    let mut gradients = DetectorGradients::zeros();
    let mut adam = Adam::new(1e-3).for_network(net);
    net.forward(&samples, Mode::Training, &mut memory)?;
    let losses = net.losses(&samples, &memory)?;
    net.backward(&samples, &samples, &mut memory, &mut gradients)?;
    let given = DetectorOutputGradients { class: None, location: None };
    let _image: View<'_, Shape3<64, 64, 3>> = net.backward_inputs(&samples.image, given, &mut memory)?.image;
    adam.step(net, &gradients)?;
    Ok(losses.total + losses.class + losses.location)
}

fn main() -> Result<(), Error> {
    println!("{} {}", Detector::summary(), Detector::PARAMETERS);
    Detector::plot("detector.svg")?;
    let mut net = train(Detector::load("detector.safetensors")?)?;
    by_hand(&mut net)?;
    let photos = Batch::<Shape3<64, 64, 3>>::zeros(3);
    let found: DetectorOutputs = net.predict(&photos)?;
    let _class: Batch<Shape1<10>> = found.class;
    let mut memory = DetectorWorkspace::new(1);
    let views = net.predict_into(DetectorInputs { image: photos.view() }, &mut memory)?;
    println!("{:?}", views.location.sample(0));
    net.save("detector.safetensors")
}
