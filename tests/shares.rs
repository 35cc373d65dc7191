//! Batches that are computed in shares, each on a thread of its own: the results are those of small batches, which are not
//! cut, and the same to the bit on any number of threads.

use net_runtime::prelude::*;
use rayon::ThreadPoolBuilder;

network! {
    /// Cut from 167 samples on, into four shares from 333 on.
    network Mlp(x: [64]) -> (class: [10]) {
        let class = x -> Dense(128) -> relu -> Dense(32) -> relu -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// A convolution by Winograd's algorithm, and two outputs of which one is read again.
    network Heads(image: [8, 8, 16], more: [3]) -> (map: [4, 4, 3], code: [5]) {
        let map = image -> Conv2d(32, 3) -> relu -> Conv2d(3, 3) -> tanh;
        let code = (map -> Flatten, more) -> Concat -> Dropout(0.5) -> Dense(5);
        loss code: MeanSquaredError;
    }
}

mod around {
    use net_runtime::prelude::*;

    network! {
        extern network super::Mlp as Inner(x: [64]) -> (class: [10]);

        /// With a network of another block.
        pub network Around(x: [64]) -> (sum: [10]) {
            let sum = (x -> Inner, x -> Dense(10)) -> Add;
        }
    }
}

use around::{Around, AroundWorkspace};

/// Samples of a batch that is never cut.
const SMALL: usize = 32;

fn numbers<S: Shape>(samples: usize, step: usize) -> Batch<S> {
    let values = (0..samples * S::LEN).map(|index| ((index * step) % 1009) as f32 / 504.0 - 1.0).collect();
    Batch::from_vec(values).unwrap()
}

/// Calls it outside of a pool, and inside of pools of one, two and three threads.
fn everywhere(work: impl Fn() + Send + Sync) {
    work();
    for threads in [1, 2, 3] {
        ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(&work);
    }
}

#[test]
fn every_sample_has_the_bits_that_it_has_in_a_small_batch() {
    let net = Mlp::new(3);
    let all = numbers::<Shape1<64>>(5000, 7919);
    let mut expected = MlpOutputs::default();
    let mut small = MlpWorkspace::new(SMALL);
    for first in (0..5000).step_by(SMALL) {
        let batch = all.view().slice(first..5000.min(first + SMALL));
        expected.class.extend(net.predict_into(batch, &mut small).unwrap().class);
    }
    everywhere(|| {
        // Up, down, and with a number of shares that changes.
        let mut workspace = MlpWorkspace::new(1);
        for n in [1, 166, 167, 256, 331, 400, 1001, 333, 5000, 257, 40, 168] {
            let outputs = net.predict_into(all.view().slice(0..n), &mut workspace).unwrap();
            assert_eq!(outputs.class.data(), &expected.class.data()[..n * 10], "{n} samples");
        }
    });
    // A whole batch of its own, entered once.
    net_runtime::in_threads(|| {
        let mut workspace = MlpWorkspace::new(256);
        net.predict_into(all.view().slice(0..256), &mut workspace).unwrap();
        assert_eq!(workspace.outputs().unwrap().class.data(), &expected.class.data()[..2560]);
    });
}

#[test]
fn several_inputs_and_outputs_are_put_together() {
    let net = Heads::new(3);
    let (image, more) = (numbers::<Shape3<8, 8, 16>>(203, 7919), numbers::<Shape1<3>>(203, 31));
    let inputs = HeadsInputs { image: image.view(), more: more.view() };
    for arithmetic in [Arithmetic::Fast, Arithmetic::Exact] {
        let mut small = HeadsWorkspace::new(SMALL);
        Workspace::set_arithmetic(&mut small, arithmetic);
        let mut expected = HeadsOutputs::default();
        for first in (0..203).step_by(SMALL) {
            let batch = net_runtime::Inputs::slice(&inputs, first..203.min(first + SMALL));
            Heads::append(&mut expected, net.predict_into(batch, &mut small).unwrap());
        }
        everywhere(|| {
            let mut workspace = HeadsWorkspace::new(203);
            // The workspaces of the shares are told, too.
            net.predict_into(inputs, &mut workspace).unwrap();
            Workspace::set_arithmetic(&mut workspace, arithmetic);
            let outputs = net.predict_into(inputs, &mut workspace).unwrap();
            assert_eq!(outputs.map.data(), expected.map.data(), "{arithmetic:?}");
            assert_eq!(outputs.code.data(), expected.code.data(), "{arithmetic:?}");
        });
    }
}

#[test]
fn a_network_of_another_block_has_its_share() {
    let net = Around::new(3);
    let x = numbers::<Shape1<64>>(700, 7919);
    let mut small = AroundWorkspace::new(SMALL);
    let expected: Vec<f32> = (0..700)
        .step_by(SMALL)
        .flat_map(|first| {
            let batch = x.view().slice(first..700.min(first + SMALL));
            net.predict_into(batch, &mut small).unwrap().sum.data().to_vec()
        })
        .collect();
    // Four shares, in each of which the inner network has two of its own.
    everywhere(|| {
        let mut workspace = AroundWorkspace::new(1);
        assert_eq!(net.predict_into(&x, &mut workspace).unwrap().sum.data(), expected);
    });
}

#[test]
fn a_training_pass_and_one_in_shares_take_turns() {
    let net = Mlp::new(3);
    let x = numbers::<Shape1<64>>(256, 7919);
    let mut workspace = MlpWorkspace::new(256);
    let trained = net.forward(&x, Mode::Training, &mut workspace).unwrap().to_owned();
    let predicted = net.predict_into(&x, &mut workspace).unwrap().to_owned();
    assert_eq!(predicted, trained);
    assert_eq!(net.forward(&x, Mode::Training, &mut workspace).unwrap().to_owned(), trained);
}
