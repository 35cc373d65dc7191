//! What is far out, infinite, a NaN, or nothing; and numbers that Keras gives.

use super::*;

/// Values and gradients that Keras 3.15 gives on TensorFlow, in graph mode.
#[test]
fn numbers_of_keras() {
    let probabilities = [0.2, 0.5, 0.1, 0.0, 1.0, 0.0];
    let loss = CategoricalCrossentropy { label_smoothing: 0.1, input: Input::Probabilities };
    let target = [0.0, 1.0, 0.0, 1.0, 0.0, 0.0];
    let slopes = [0.541_666_6, -0.308_333_4, 0.458_333_25, 0.0, 0.0, 0.0];
    close(both(&loss, &[3], &probabilities, &target), 8.067_511, &slopes);
    let slopes = [0.625, -0.374_999_94, 0.625, 0.0, 0.0, 0.0];
    close(both(&SparseCategoricalCrossentropy::default(), &[3], &probabilities, &[1, 0]), 8.294_049, &slopes);
    let loss = BinaryCrossentropy { label_smoothing: 0.2, input: Input::Probabilities };
    let slopes = [0.208_333_33, -0.533_333_36, 0.0];
    close(both(&loss, &[3], &[0.2, 0.5, 1.0], &[0.0, 1.0, 1.0]), 0.883_052_77, &slopes);
    let slopes = [1.0 / 3.0, 0.0, -1.0 / 3.0];
    close(both(&MeanAbsoluteError, &[3], &[0.2, 1.0, 0.5], &[0.0, 1.0, 1.0]), 0.233_333_33, &slopes);
    let slopes = [0.066_666_67, 0.0, -0.1];
    close(both(&Huber { delta: 0.3 }, &[3], &[0.2, 1.0, -0.5], &[0.0, 1.0, 1.0]), 0.141_666_68, &slopes);
    let slopes = [0.133_333_33, 0.0, -1.0];
    close(both(&MeanSquaredError, &[3], &[0.2, 1.0, -0.5], &[0.0, 1.0, 1.0]), 0.763_333_3, &slopes);
    // A target that sums to 2: TensorFlow's gradient is softmax minus target all the same.
    let loss = CategoricalCrossentropy { label_smoothing: 0.0, input: Input::Logits };
    let slopes = [-0.851_774_6, -0.959_603_85, 0.811_378_4];
    close(both(&loss, &[3], &[0.3, -1.0, 2.0], &[1.0, 1.0, 0.0]), 5.118_041_5, &slopes);
}

#[test]
fn large_logits_neither_overflow_nor_lose_the_gradient() {
    let logits = [1e4, -1e4, 3e4];
    let loss = CategoricalCrossentropy { label_smoothing: 0.0, input: Input::Logits };
    assert_eq!(both(&loss, &[3], &logits, &[1.0, 0.0, 0.0]), (2e4, vec![-1.0, 0.0, 1.0]));
    let loss = SparseCategoricalCrossentropy { ignore: None, input: Input::Logits };
    assert_eq!(both(&loss, &[3], &logits, &[0]), (2e4, vec![-1.0, 0.0, 1.0]));
    let loss = BinaryCrossentropy { label_smoothing: 0.0, input: Input::Logits };
    assert_eq!(both(&loss, &[1], &[-1e4, 1e4], &[1.0, 1.0]), (5e3, vec![-0.5, 0.0]));
    assert!(both(&loss, &[1], &[-100.0], &[0.0]).1[0] < 1e-40);
    for gamma in [0.0, 0.5, 2.0] {
        let loss = BinaryFocalCrossentropy { gamma, input: Input::Logits, ..Default::default() };
        assert_eq!(both(&loss, &[1], &[-1e4, 1e4], &[1.0, 1.0]), (5e3, vec![-0.5, 0.0]), "{gamma}");
    }
    assert_eq!(both(&LogCosh, &[1], &[1e4, -1e4], &[0.0, 0.0]), (1e4 - std::f32::consts::LN_2, vec![0.5, -0.5]));
    assert_eq!(both(&Hinge, &[1], &[1e4, -1e4], &[1.0, 1.0]), (5000.5, vec![0.0, -0.5]));
    assert_eq!(both(&CategoricalHinge, &[3], &[1e4, -1e4, 3e4], &[1.0, 0.0, 0.0]), (20001.0, vec![-1.0, 0.0, 1.0]));
}

/// Keras 3.15 on TensorFlow gives NaN, log 2 and infinity for three classes.
#[test]
fn a_logit_of_minus_infinity_rules_a_class_out_where_targets_are_class_numbers() {
    for dims in [&[3], &[40]] {
        let [classes] = *dims;
        let mut logits = vec![0.0; classes];
        logits[1] = f32::NEG_INFINITY;
        let (mut target, share) = (vec![0.0; classes], 1.0 / (classes - 1) as f32);
        target[0] = 1.0;
        let slopes = |class: usize| match class {
            0 => share - 1.0,
            1 => 0.0,
            _ => share,
        };
        let slopes: Vec<f32> = (0..classes).map(slopes).collect();
        let sparse = SparseCategoricalCrossentropy { ignore: None, input: Input::Logits };
        close(both(&sparse, dims, &logits, &[0]), -share.ln(), &slopes);
        let loss = CategoricalCrossentropy { label_smoothing: 0.0, input: Input::Logits };
        let (value, gradient) = both(&loss, dims, &logits, &target);
        assert!(value.is_nan());
        close((1.0, gradient), 1.0, &slopes);
        assert_eq!(both(&sparse, dims, &logits, &[1]).0, f32::INFINITY);
    }
}

/// Layers before would take a hundred times as long.
#[test]
fn what_is_nearly_sure_leaves_no_subnormal_numbers() {
    fn check<L: Loss>(loss: &L, dims: [usize; 2], target: &[L::Target]) {
        for far in [30.0, 60.0, 100.0] {
            let logits = numbers(dims[0] * dims[1], -far, far, 9);
            let mut gradient = vec![f32::NAN; logits.len()];
            loss.gradient(&logits, target, &dims, 1.0, &mut gradient, Write::Set);
            let name = std::any::type_name::<L>();
            assert!(gradient.iter().all(|slope| *slope == 0.0 || slope.abs() > 1e-25), "{name}, {far}: {gradient:?}");
        }
    }
    let input = Input::Logits;
    let answers: Vec<f32> = (0..200).map(|index| (index % 3 % 2) as f32).collect();
    let classes: Vec<u32> = (0..50).map(|index| index % 4).collect();
    let shares: Vec<f32> =
        classes.iter().flat_map(|class| (0..4).map(move |k| f32::from(u8::from(k == *class)))).collect();
    check(&BinaryCrossentropy { input, ..Default::default() }, [50, 4], &answers);
    check(&BinaryFocalCrossentropy { input, ..Default::default() }, [50, 4], &answers);
    check(&CategoricalCrossentropy { input, ..Default::default() }, [50, 4], &shares);
    check(&SparseCategoricalCrossentropy { input, ..Default::default() }, [50, 4], &classes);
    check(&Ctc { input }, [50, 4], &[1, 2, 2, 3, 1, 0, 0]);
}

#[test]
fn a_nan_comes_out_as_a_nan() {
    fn poisoned<L: Loss>(loss: &L, target: &[L::Target]) {
        let (value, gradient) = both(loss, &[2], &[f32::NAN, 0.5], target);
        assert!(value.is_nan() && gradient[0].is_nan());
    }
    for input in [Input::Logits, Input::Probabilities] {
        poisoned(&CategoricalCrossentropy { label_smoothing: 0.0, input }, &[1.0, 0.0]);
        poisoned(&SparseCategoricalCrossentropy { ignore: None, input }, &[0]);
        poisoned(&BinaryCrossentropy { label_smoothing: 0.0, input }, &[1.0, 0.0]);
    }
    for input in [Input::Logits, Input::Probabilities] {
        poisoned(&BinaryFocalCrossentropy { input, ..Default::default() }, &[1.0, 0.0]);
    }
    poisoned(&CategoricalFocalCrossentropy::default(), &[1.0, 0.0]);
    poisoned(&CategoricalHinge, &[1.0, 0.0]);
    poisoned(&CosineSimilarity, &[1.0, 0.0]);
    poisoned(&Contrastive::default(), &[1.0, 0.0]);
    poisoned(&Ctc::default(), &[1, 0]);
    poisoned(&Dice::default(), &[1.0, 0.0]);
    poisoned(&Triplet::default(), &[]);
    poisoned(&GeneralizedCrossentropy::default(), &[0]);
    poisoned(&Hinge, &[1.0, 0.0]);
    poisoned(&KlDivergence, &[1.0, 0.0]);
    poisoned(&LogCosh, &[1.0, 0.0]);
    poisoned(&MeanAbsolutePercentageError, &[1.0, 0.0]);
    poisoned(&MeanSquaredLogarithmicError, &[1.0, 0.0]);
    poisoned(&Poisson, &[1.0, 0.0]);
    poisoned(&SquaredHinge, &[1.0, 0.0]);
    poisoned(&Tversky::default(), &[1.0, 0.0]);
    poisoned(&MeanSquaredError, &[1.0, 0.0]);
    poisoned(&MeanAbsoluteError, &[1.0, 0.0]);
    poisoned(&Huber::default(), &[1.0, 0.0]);
}

#[test]
fn a_class_that_is_none_is_an_error_and_never_a_panic() {
    let loss = SparseCategoricalCrossentropy::default();
    let output = [0.5; 12];
    let error = value(&loss, "mask", &[2, 3], 2, &output, &[0, 2, 1, 3], None).unwrap_err();
    assert_eq!(error.to_string(), "target `mask` of sample 1 is class 3, but `mask` has 3 classes, counted from 0");
    for input in [Input::Logits, Input::Probabilities] {
        let loss = SparseCategoricalCrossentropy { ignore: None, input };
        let mut slopes = [0.0; 3];
        loss.gradient(&[0.5; 3], &[3], &[3], 1.0, &mut slopes, Write::Set);
        assert!(slopes.iter().all(|g| g.is_nan()) && loss.value(&[0.5; 3], &[3], &[3]).is_nan());
    }
}

#[test]
fn no_samples_have_no_loss() {
    let error = value(&MeanSquaredError, "price", &[1], 0, &[], &[], None).unwrap_err();
    assert_eq!(error.to_string(), "the loss of `price` needs at least one sample");
    gradient(&MeanSquaredError, &[1], 0, 1.0, &[], &[], None, &mut [], Write::Set);
}
