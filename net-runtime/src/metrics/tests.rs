//! Hand-counted values, and TensorFlow's answers where values are equal or not finite.

use super::*;

fn over<M: Metric>(metric: &M, dims: &[usize], output: &[f32], targets: &[M::Target]) -> f32 {
    let mut state = M::State::default();
    update(metric, &mut state, dims, output, targets);
    metric.result(&state)
}

#[test]
fn accuracies_count_right_positions() {
    // Two samples of two positions with three classes; the second position has a tie that goes to the first.
    let output = [0.1, 0.7, 0.2, 0.4, 0.2, 0.4, 0.0, 0.1, 0.9, 0.5, 0.3, 0.2];
    let one_hot = [0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0];
    assert_eq!(over(&CategoricalAccuracy, &[2, 3], &output, &one_hot), 0.75);
    assert_eq!(over(&SparseCategoricalAccuracy, &[2, 3], &output, &[1, 2, 2, 0]), 0.75);
    assert_eq!(over(&SparseCategoricalAccuracy, &[2, 3], &output, &[1, 9, 2, 0]), 0.75);
    // One half is not above one half.
    assert_eq!(over(&BinaryAccuracy, &[1], &[0.5, 0.51, 0.2, 0.9], &[0.0, 1.0, 1.0, 1.0]), 0.75);
}

#[test]
fn the_best_k_are_those_of_tensorflow() {
    let rows: [([f32; 3], u32, f32); 7] = [
        ([0.2, 0.5, 0.1], 1, 1.0),
        ([0.2, 0.5, 0.1], 2, 0.0),
        ([0.3, 0.3, 0.3], 2, 1.0),
        ([0.1, 0.2, 0.2], 0, 0.0),
        ([f32::NAN, 0.1, 0.2], 1, 0.0),
        ([0.1, 0.2, f32::INFINITY], 0, 0.0),
        ([0.1, 0.2, 0.3], 3, 0.0),
    ];
    for (output, class, expected) in rows {
        assert_eq!(over(&SparseTopK { k: 2 }, &[3], &output, &[class]), expected, "{output:?} {class}");
        if class < 3 {
            let mut target = [0.0; 3];
            target[class as usize] = 1.0;
            assert_eq!(over(&TopK { k: 2 }, &[3], &output, &target), expected, "{output:?} {class}");
        }
    }
}

#[test]
fn errors_are_over_all_elements_of_all_batches() {
    let mut state = Mean::default();
    update(&MeanAbsoluteError, &mut state, &[2], &[1.0, 2.0, 3.0, 4.0], &[1.0, 0.0, 4.0, 4.0]);
    update(&MeanAbsoluteError, &mut state, &[2], &[1.0, 1.0], &[0.0, -1.0]);
    assert_eq!(MeanAbsoluteError.result(&state), 1.0);
    assert_eq!(over(&MeanSquaredError, &[2], &[1.0, 2.0, 3.0, 4.0], &[1.0, 0.0, 4.0, 4.0]), 1.25);
}

#[test]
fn answers_of_yes_and_no_are_counted() {
    let (output, target) = ([0.9, 0.6, 0.5, 0.2, 0.7, 0.1], [1.0, 0.0, 1.0, 0.0, 1.0, 1.0]);
    let of = |metric: &dyn Fn(&[f32], &[f32]) -> f32| metric(&output, &target);
    // One half is not above one half: right are 0.9 and 0.7, wrong is 0.6, missed are 0.5 and 0.1.
    assert_eq!(of(&|y, t| over(&Precision::default(), &[2], y, t)), 2.0 / 3.0);
    assert_eq!(of(&|y, t| over(&Recall::default(), &[2], y, t)), 0.5);
    assert_eq!(of(&|y, t| over(&Recall { threshold: 0.4 }, &[2], y, t)), 0.75);
    assert_eq!(of(&|y, t| over(&TruePositives::default(), &[2], y, t)), 2.0);
    assert_eq!(of(&|y, t| over(&FalsePositives::default(), &[2], y, t)), 1.0);
    assert_eq!(of(&|y, t| over(&FalseNegatives::default(), &[2], y, t)), 2.0);
    assert_eq!(of(&|y, t| over(&TrueNegatives::default(), &[2], y, t)), 1.0);
    assert_eq!(of(&|y, t| over(&ThresholdAccuracy { threshold: 0.4 }, &[2], y, t)), 4.0 / 6.0);
    assert_eq!(over(&Precision::default(), &[2], &[0.1, 0.2], &[1.0, 0.0]), 0.0, "nothing is found");
}

#[test]
fn the_area_below_a_curve_is_that_of_the_order() {
    let roc = Auc { thresholds: 1001, ..Auc::default() };
    // Of six pairs of a yes and a no, the yes is higher in five.
    let (output, target) = ([0.9, 0.8, 0.3, 0.4, 0.1], [1.0, 1.0, 1.0, 0.0, 0.0]);
    assert!((over(&roc, &[1], &output, &target) - 5.0 / 6.0).abs() < 1e-6);
    assert_eq!(over(&roc, &[1], &[0.2, 0.1], &[1.0, 1.0]), 0.0, "there is no other kind");
    // All at once: half of the square, and the share of yes.
    assert!((over(&roc, &[1], &[0.5; 4], &[1.0, 0.0, 0.0, 0.0]) - 0.5).abs() < 1e-6);
    let pr = Auc { curve: Curve::Pr, ..roc };
    assert!((over(&pr, &[1], &[0.5; 4], &[1.0, 0.0, 0.0, 0.0]) - 0.25).abs() < 1e-6);
    assert!((over(&pr, &[1], &[0.9, 0.8, 0.1], &[1.0, 1.0, 0.0]) - 1.0).abs() < 1e-6);
    // What is none of these never panics.
    assert!(over(&roc, &[1], &[f32::NAN, 7.0, -7.0], &[1.0, 1.0, 0.0]).is_finite());
    assert_eq!(over(&Auc { thresholds: 0, ..roc }, &[1], &output, &target), 0.0);
}

#[test]
fn classes_that_are_taken_for_others() {
    // There are 0, 0, 1, 2, 2, 2; found are 0, 1, 1, 2, 2, 0.
    let rows = [[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1], [0.0, 0.0, 1.0], [0.2, 0.2, 0.6], [0.5, 0.2, 0.3]];
    let (output, classes) = (rows.concat(), [0, 0, 1, 2, 2, 2]);
    let one_hot: Vec<f32> = classes.iter().flat_map(|&class| [0, 1, 2].map(|of| f32::from(of == class))).collect();
    let iou = (1.0 / 3.0 + 1.0 / 2.0 + 2.0 / 3.0) / 3.0;
    // (4·6 - (2·2 + 1·2 + 3·2)) / sqrt((36 - 14)·(36 - 12))
    let mcc = 12.0 / (22.0_f32 * 24.0).sqrt();
    let close = |found: f32, expected: f32| assert!((found - expected).abs() < 1e-6, "{found} for {expected}");
    close(over(&SparseMeanIou::default(), &[3], &output, &classes), iou);
    close(over(&MeanIou::default(), &[3], &output, &one_hot), iou);
    close(over(&SparseMcc::default(), &[3], &output, &classes), mcc);
    close(over(&Mcc::default(), &[3], &output, &one_hot), mcc);
    // Without class 1: found are 0, 1, 2, 2, 0 where 0, 0, 2, 2, 2 are.
    let ignoring = SparseMeanIou { ignore: Some(1) };
    close(over(&ignoring, &[3], &output, &classes), (1.0 / 3.0 + 0.0 + 2.0 / 3.0) / 3.0);
    // Precision and recall of each: 1/2, 1/2; 1/2, 1; 1, 2/3.
    let scores = [0.5, 2.0 / 3.0, 0.8];
    close(over(&SparseF1::default(), &[3], &output, &classes), scores.iter().sum::<f32>() / 3.0);
    let f1 = |average| F1 { average, threshold: None };
    close(over(&f1(Average::Macro), &[3], &output, &one_hot), scores.iter().sum::<f32>() / 3.0);
    close(over(&f1(Average::Micro), &[3], &output, &one_hot), 4.0 / 6.0);
    close(over(&f1(Average::Weighted), &[3], &output, &one_hot), (2.0 * scores[0] + scores[1] + 3.0 * scores[2]) / 6.0);
    // Yes and no.
    let (output, target) = ([0.9, 0.6, 0.5, 0.2], [1.0, 0.0, 1.0, 0.0]);
    close(over(&MeanIou::default(), &[1], &output, &target), (2.0 / 3.0 + 1.0 / 2.0) / 2.0);
    close(over(&Mcc::default(), &[1], &output, &target), 2.0 / 12.0_f32.sqrt());
    close(over(&F1::default(), &[1], &output, &target), 0.5);
    // One class alone, and a number that is no class.
    close(over(&SparseMcc::default(), &[3], &[1.0, 0.0, 0.0], &[0]), 0.0);
    close(over(&SparseMeanIou::default(), &[3], &[1.0, 0.0, 0.0], &[9]), 0.0);
}

#[test]
fn what_is_explained_of_the_variance() {
    let (output, target) = ([2.5, 0.0, 2.0, 8.0], [3.0, -0.5, 2.0, 7.0]);
    assert!((over(&R2, &[1], &output, &target) - 0.948_608_14).abs() < 1e-6);
    assert!((over(&RootMeanSquaredError, &[1], &output, &target) - 0.375_f32.sqrt()).abs() < 1e-6);
    // Far from zero the digits stay.
    let far = |values: [f32; 4]| values.map(|value| value + 1e5);
    assert!((over(&R2, &[1], &far(output), &far(target)) - 0.948_608_14).abs() < 1e-2);
    assert_eq!(over(&R2, &[1], &[1.0, 2.0], &[3.0, 3.0]), 0.0, "the targets do not vary");
    assert!((over(&CosineSimilarity, &[2], &[1.0, 0.0, 1.0, 1.0], &[0.0, 2.0, 3.0, 3.0]) - 0.5).abs() < 1e-6);
}

#[test]
fn a_confusion_matrix_of_what_does_not_fit_is_an_error() {
    use crate::tensor::batch::Batch;
    use crate::tensor::shape::{Shape0, Shape1};
    let found: Batch<Shape1<2>> = Batch::from_vec(vec![0.9, 0.1, 0.2, 0.8]).unwrap();
    let of = |classes: Vec<u32>| ConfusionMatrix::of(&found, &Batch::<Shape0, u32>::from_vec(classes).unwrap());
    assert_eq!(
        of(vec![0]).unwrap_err().to_string(),
        "a confusion matrix needs a class number for each of the 2 rows of the outputs, but has 1"
    );
    assert_eq!(of(vec![0, 2]).unwrap_err().to_string(), "row 1 has class 2, but there are 2 classes, counted from 0");
    let matrix = of(vec![0, 1]).unwrap();
    assert_eq!((matrix.accuracy(), matrix.mcc(), matrix.classes(), matrix.answers()), (1.0, 1.0, 2, 2));
    let one_hot = Batch::from_vec(vec![1.0, 0.0, 0.0, 1.0]).unwrap();
    assert_eq!(ConfusionMatrix::of_one_hot(&found, &one_hot).unwrap(), matrix);
    let few = Batch::from_vec(vec![1.0, 0.0]).unwrap();
    assert!(ConfusionMatrix::of_one_hot(&found, &few).is_err());
}

#[test]
fn nothing_is_zero() {
    assert_eq!(over(&MeanSquaredError, &[2], &[], &[]), 0.0);
    assert_eq!(over(&Precision::default(), &[2], &[], &[]), 0.0);
    assert_eq!(over(&Auc::default(), &[2], &[], &[]), 0.0);
    assert_eq!(over(&SparseMeanIou::default(), &[2], &[], &[]), 0.0);
    assert_eq!(over(&Mcc::default(), &[2], &[], &[]), 0.0);
    assert_eq!(over(&F1::default(), &[2], &[], &[]), 0.0);
    assert_eq!(over(&R2, &[2], &[], &[]), 0.0);
    assert_eq!(over(&RootMeanSquaredError, &[2], &[], &[]), 0.0);
}

#[test]
fn a_recall_may_count_more_than_a_precision() {
    // Of class 0: precision 1/2, recall 1; of class 1: precision 1, recall 1/2.
    let (output, classes) = ([0.9, 0.1, 0.8, 0.2, 0.3, 0.7], [0, 1, 1]);
    let one_hot = [1.0, 0.0, 0.0, 1.0, 0.0, 1.0];
    let score = |p: f32, r: f32| 5.0 * p * r / (4.0 * p + r);
    let expected = (score(0.5, 1.0) + score(1.0, 0.5)) / 2.0;
    let sparse = SparseFBeta { beta: 2.0, average: Average::Macro };
    let numbers = FBeta { beta: 2.0, average: Average::Macro, threshold: None };
    assert!((over(&sparse, &[2], &output, &classes) - expected).abs() < 1e-6);
    assert!((over(&numbers, &[2], &output, &one_hot) - expected).abs() < 1e-6);
    let f1 = FBeta { beta: 1.0, ..numbers };
    assert_eq!(over(&f1, &[2], &output, &one_hot), over(&F1::default(), &[2], &output, &one_hot));
}

#[test]
fn the_overlap_of_chosen_classes() {
    // There are 0, 1, 1, 2; found are 0, 1, 2, 2.
    let rows = [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0, 0.0]];
    let (output, classes) = (rows.concat(), [0, 1, 1, 2]);
    let of = |classes_of| SparseIou { classes: classes_of, ignore: None };
    assert_eq!(over(&of(&[0]), &[4], &output, &classes), 1.0);
    assert_eq!(over(&of(&[1, 2]), &[4], &output, &classes), 0.5);
    // What is neither there nor found has no part, nor has what is no class.
    assert_eq!(over(&of(&[1, 3]), &[4], &output, &classes), 0.5);
    assert_eq!(over(&of(&[3, 9]), &[4], &output, &classes), 0.0);
    let yes = Iou { classes: &[1], threshold: 0.5 };
    assert_eq!(over(&yes, &[1], &[0.9, 0.6, 0.5, 0.2], &[1.0, 0.0, 1.0, 0.0]), 2.0 / 3.0);
}

#[test]
fn the_best_of_one_share_while_another_is_large_enough() {
    let (output, target) = ([0.9, 0.8, 0.7, 0.4, 0.2], [1.0, 0.0, 1.0, 1.0, 0.0]);
    let thresholds = 11;
    let at = |recall| over(&PrecisionAtRecall { recall, thresholds }, &[1], &output, &target);
    assert_eq!([at(0.3), at(0.5), at(1.0)], [1.0, 0.75, 0.75]);
    let at = |precision| over(&RecallAtPrecision { precision, thresholds }, &[1], &output, &target);
    assert_eq!([at(0.6), at(0.9), at(0.0)], [1.0, 1.0 / 3.0, 1.0]);
    let at = |specificity| over(&SensitivityAtSpecificity { specificity, thresholds }, &[1], &output, &target);
    assert_eq!([at(0.5), at(1.0)], [1.0, 1.0 / 3.0]);
    let at = |sensitivity| over(&SpecificityAtSensitivity { sensitivity, thresholds }, &[1], &output, &target);
    assert_eq!([at(0.3), at(1.0)], [1.0, 0.5]);
    // No threshold will do: 0 is above none.
    let none = over(&RecallAtPrecision { precision: 1.0, thresholds }, &[1], &[0.0, 0.0], &[1.0, 0.0]);
    assert_eq!(none, 0.0);
}

#[test]
fn rows_that_rise_together_are_correlated() {
    let (output, target) = ([1.0, 2.0, 3.0, 4.0], [3.0, 5.0, 7.0, 9.0]);
    assert!((over(&PearsonCorrelation, &[4], &output, &target) - 1.0).abs() < 1e-6);
    // 2·2.5 / (1.25 + 5 + 3.5²)
    assert!((over(&ConcordanceCorrelation, &[4], &output, &target) - 5.0 / 18.5).abs() < 1e-6);
    assert!((over(&ConcordanceCorrelation, &[4], &output, &output) - 1.0).abs() < 1e-6);
    let reversed = [4.0, 3.0, 2.0, 1.0];
    assert!((over(&PearsonCorrelation, &[4], &output, &reversed) + 1.0).abs() < 1e-6);
    assert!(over(&PearsonCorrelation, &[2], &[1.0, 1.0], &[0.0, 1.0]).is_nan());
}

/// After a reset, a state is as a new one, and its memory stays.
#[test]
fn what_is_reset_has_seen_nothing() {
    fn again<M: Metric>(metric: &M, dims: &[usize], output: &[f32], targets: &[M::Target]) {
        let mut state = M::State::default();
        update(metric, &mut state, dims, output, targets);
        let first = metric.result(&state);
        metric.reset(&mut state);
        assert_eq!(metric.result(&state), over(metric, dims, &[], &[]), "{}", M::NAME);
        update(metric, &mut state, dims, output, targets);
        assert_eq!(metric.result(&state), first, "{}", M::NAME);
    }
    let (output, classes, numbers) = ([0.9, 0.1, 0.3, 0.7], [0, 0], [1.0, 0.0, 1.0, 0.0]);
    again(&Auc::default(), &[2], &output, &numbers);
    again(&PrecisionAtRecall { recall: 0.5, thresholds: 20 }, &[2], &output, &numbers);
    again(&F1::default(), &[2], &output, &numbers);
    again(&SparseFBeta { beta: 0.5, average: Average::Macro }, &[2], &output, &classes);
    again(&MeanIou::default(), &[2], &output, &numbers);
    again(&SparseIou { classes: &[0], ignore: None }, &[2], &output, &classes);
    again(&R2, &[2], &output, &numbers);
    again(&Precision::default(), &[2], &output, &numbers);
}

#[test]
fn a_confusion_matrix_is_drawn() {
    let mut matrix = ConfusionMatrix::new(3).with_names(["cat", "<dog>", "owl"]);
    (0..1234).for_each(|_| matrix.add(0, 0));
    matrix.add(1, 2);
    let svg = matrix.draw();
    for text in ["1234", "&lt;dog&gt;", "accuracy 0.9992", "predicted"] {
        assert!(svg.contains(text), "{text} is not in {svg}");
    }
    assert!(ConfusionMatrix::new(0).draw().contains("accuracy"), "without classes");
}
