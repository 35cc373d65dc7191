use net_runtime::prelude::*;

network! {
    network Faces(a: [8], b: [8]) -> (apart: [1], far: [1], mask: [4]) {
        layer face = Dense(4);
        let apart = (a -> face, b -> face) -> Distance;
        let far = (a, b) -> Distance;
        let mask = a -> Dense(4) -> sigmoid;
        loss apart: Triplet(0.2);
        loss far: ContrastiveLoss;
        loss mask: Dice(over = pixels) + Tversky(axis = 1);
    }
}

network! {
    network Twins(a: [8], b: [8]) -> (far: [1]) {
        let far = (a -> Dense(8), b) -> Distance;
        loss far: TripletMarginLoss;
    }
}

fn main() {}
