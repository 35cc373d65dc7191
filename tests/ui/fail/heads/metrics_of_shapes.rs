use net_runtime::prelude::*;

network! {
    network Scene(image: [64]) -> (mask: [64], kind: [5], price: [1]) {
        let mask = image -> Dense(64) -> sigmoid;
        let kind = image -> Dense(5) -> softmax;
        let price = image -> Dense(1);
        loss mask: Dice;
        loss kind: SparseCategoricalCrossentropy;
        loss price: MeanSquaredError;
        metric mask: PrecisionAtRecall(0.5, thresholds = 1), RecallAtPrecision, FBeta(0);
        metric kind: Iou((1, 5)), PearsonCorrelation, IoU(1);
        metric price: PearsonCorrelation, SpecificityAtSensitivity(80);
    }
}

fn main() {}
