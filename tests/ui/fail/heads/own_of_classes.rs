use net_runtime::prelude::*;

use net_runtime::metrics::Metric;

struct Hits;

impl Metric for Hits {
    type Target = u32;
    type State = u32;
    const NAME: &'static str = "hits";

    fn update(&self, state: &mut u32, _output: &[f32], _target: &[u32], _dims: &[usize]) {
        *state += 1;
    }

    fn result(&self, state: &u32) -> f32 {
        *state as f32
    }
}

network! {
    network Segmenter(image: [64]) -> (mask: [16]) {
        let mask = image -> Dense(16) -> sigmoid;
        loss mask: MeanSquaredError;
        metric mask: self::Hits;
    }
}

fn main() {}
