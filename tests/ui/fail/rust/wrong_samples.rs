use net_runtime::prelude::*;

network! {
    network Detector(image: [64]) -> (class: [10], location: [4]) {
        let class = image -> Dense(10) -> softmax;
        let location = image -> Dense(4) -> sigmoid;
        loss class: SparseCategoricalCrossentropy;
        loss location: MeanSquaredError;
    }
}

fn main() {
    let image = Batch::<Shape1<64>>::zeros(3);
    let _missing = DetectorSamples { image: image.clone(), class: Batch::zeros(3) };
    let _unknown =
        DetectorSamples { image: image.clone(), class: Batch::zeros(3), location: Batch::zeros(3), box_: image.clone() };
    let one_hot = Batch::<Shape1<10>>::zeros(3);
    let _one_hot = DetectorSamples { image: image.clone(), class: one_hot, location: Batch::zeros(3) };
    let corners = Batch::<Shape1<8>>::zeros(3);
    let _corners = DetectorSamples { image, class: Batch::zeros(3), location: corners };
}
