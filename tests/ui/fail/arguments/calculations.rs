use net_runtime::prelude::*;

network! {
    const STEPS: usize = 10;

    network Photo(pixels: [8]) -> (class: [2], sure: [1]) {
        let scaled = pixels
            -> Rescaling(1 / 255) -> Rescaling(1 / (STEPS - 10)) -> Rescaling(1e300 * 1e300)
            -> Rescaling(1e30 * 1e30) -> Rescaling(2 / sqrt(2)) -> Rescaling(1 + true) -> Rescaling(1 / config::WHITE);
        let class = scaled -> Dense(STEPS / 3) -> Dense(2, kernel_regularizer = 1 / 1000);
        let sure = scaled -> Dense(0.5 * 2);
        loss class: 1 / 0 * Huber + 1 / 3 * MeanSquaredError;
        loss sure: (1 / 3) * Huber + 2 / STEP * MeanSquaredError + 2 * 0.0 * MeanAbsoluteError;
    }
}

fn main() {}
