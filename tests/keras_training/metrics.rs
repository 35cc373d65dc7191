//! Every metric, over two unequal batches: its value and its name.
//!
//! The targets carry weights of samples, which metrics do not see; Keras's `weighted_metrics` have no counterpart here.

use net_runtime::prelude::*;

use tests_common::keras::answers::{Answers, Node};
use tests_common::keras::compare::Tolerance;
use tests_common::keras::harness;

/// `case, its shape, { loss } { metrics } [Keras's name of each]`; the loss decides what the targets are.
macro_rules! metrics {
    ($($case:ident $shape:tt { $loss:ident } { $($metrics:tt)+ } $names:tt)+) => {
        $(mod $case {
            use super::*;

            network! {
                network Net(x: $shape) -> (y: $shape) {
                    // `x` itself: an output cannot be an input under a second name.
                    let y = (x, x) -> Average;
                    loss y: $loss;
                    metric y: $($metrics)+;
                }
            }

            #[test]
            fn is_as_in_keras() -> Result<(), Error> {
                let answers = Answers::read("metrics");
                let case = answers.case(stringify!($case));
                let given = case.at("given");
                let samples = NetSamples {
                    x: harness::batch(&given.at("prediction")),
                    y: harness::weighted(&given.at("target"), given.get("sample_weight")),
                };
                compare::<Net>(&case, &samples, &$names)
            }
        })+

        #[test]
        fn every_case_is_compared() {
            harness::assert_all_compared("metrics", &[$(stringify!($case)),+]);
        }
    };
}

/// `names` has a pair for each metric: our name for it, and where the case calls it otherwise.
fn compare<N: Trainable>(case: &Node, samples: &N::Samples, names: &[(&str, &str)]) -> Result<(), Error> {
    let mut trainer = Trainer::new(N::new(0), Sgd::new(0.01));
    let found = trainer.evaluate_in_batches(samples, case.at("batch_size").count())?;
    let expected: Vec<_> = ["loss"].into_iter().chain(names.iter().map(|(ours, _)| *ours)).collect();
    assert_eq!(found.names(), expected, "names in {}", case.path());
    let answers = case.at("metrics");
    assert_eq!(answers.fields().len(), names.len(), "metrics of {}", case.path());
    for ((_, keras), (_, value)) in names.iter().zip(found.iter().skip(1)) {
        answers.at(keras).check_number(value, Tolerance::ELEMENTWISE);
    }
    Ok(())
}

const ACCURACY: [(&str, &str); 1] = [("accuracy", "accuracy")];
const TOP: [(&str, &str); 3] = [
    ("top_k_categorical_accuracy", "top_1"),
    ("top_k_categorical_accuracy_1", "top_2"),
    ("top_k_categorical_accuracy_2", "top_3"),
];
const SPARSE_TOP: [(&str, &str); 3] = [
    ("sparse_top_k_categorical_accuracy", "top_1"),
    ("sparse_top_k_categorical_accuracy_1", "top_2"),
    ("sparse_top_k_categorical_accuracy_2", "top_3"),
];
const DISTANCES: [(&str, &str); 2] =
    [("mean_absolute_error", "mean_absolute_error"), ("mean_squared_error", "mean_squared_error")];
// A metric asked for by a short text goes by that text in Keras.
const NAMES: [(&str, &str); 3] = [
    ("top_k_categorical_accuracy", "top_k_categorical_accuracy"),
    ("mean_absolute_error", "mae"),
    ("mean_squared_error", "mse"),
];
const COUNTS: [(&str, &str); 7] = [
    ("precision", "Precision"),
    ("recall", "Recall"),
    ("binary_accuracy", "BinaryAccuracy"),
    ("true_positives", "TruePositives"),
    ("false_positives", "FalsePositives"),
    ("false_negatives", "FalseNegatives"),
    ("true_negatives", "TrueNegatives"),
];
const AREAS: [(&str, &str); 2] = [("auc", "roc"), ("auc_1", "pr")];
const SCORES: [(&str, &str); 4] =
    [("f1_score", "macro"), ("f1_score_1", "micro"), ("f1_score_2", "weighted"), ("f1_score_3", "high")];
const SCORES_ONE: [(&str, &str); 2] = [("f1_score", "f1"), ("mean_iou", "BinaryIoU")];
const IOU: [(&str, &str); 1] = [("mean_iou", "OneHotMeanIoU")];
const SPARSE_IOU: [(&str, &str); 2] = [("mean_iou", "MeanIoU"), ("mean_iou_1", "ignoring")];
const REGRESSION: [(&str, &str); 7] = [
    ("root_mean_squared_error", "RootMeanSquaredError"),
    ("r2_score", "R2Score"),
    ("cosine_similarity", "CosineSimilarity"),
    ("mean_absolute_percentage_error", "MeanAbsolutePercentageError"),
    ("mean_squared_logarithmic_error", "MeanSquaredLogarithmicError"),
    ("logcosh", "LogCoshError"),
    ("poisson", "Poisson"),
];
const OF_LOSSES: [(&str, &str); 6] = [
    ("kl_divergence", "KLDivergence"),
    ("hinge", "Hinge"),
    ("squared_hinge", "SquaredHinge"),
    ("categorical_hinge", "CategoricalHinge"),
    ("binary_crossentropy", "BinaryCrossentropy"),
    ("categorical_crossentropy", "CategoricalCrossentropy"),
];
const SHARES: [(&str, &str); 8] = [
    ("precision_at_recall", "PrecisionAtRecall_0.4"),
    ("precision_at_recall_1", "PrecisionAtRecall_0.75"),
    ("recall_at_precision", "RecallAtPrecision_0.4"),
    ("recall_at_precision_1", "RecallAtPrecision_0.75"),
    ("sensitivity_at_specificity", "SensitivityAtSpecificity_0.4"),
    ("sensitivity_at_specificity_1", "SensitivityAtSpecificity_0.75"),
    ("specificity_at_sensitivity", "SpecificityAtSensitivity_0.4"),
    ("specificity_at_sensitivity_1", "SpecificityAtSensitivity_0.75"),
];
const SHARES_EDGES: [(&str, &str); 1] = [("precision_at_recall", "PrecisionAtRecall_0.5")];
const BETAS: [(&str, &str); 3] =
    [("fbeta_score", "2.0_macro"), ("fbeta_score_1", "0.5_micro"), ("fbeta_score_2", "2.0_weighted")];
const CHOSEN: [(&str, &str); 1] = [("iou", "OneHotIoU")];
const CHOSEN_SPARSE: [(&str, &str); 1] = [("iou", "IoU")];
const YES: [(&str, &str); 1] = [("iou", "BinaryIoU")];
const CORRELATIONS: [(&str, &str); 2] =
    [("pearson_correlation", "PearsonCorrelation"), ("concordance_correlation", "ConcordanceCorrelation")];
const ENTROPY: [(&str, &str); 1] = [("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy")];
const SPARSE_NAMES: [(&str, &str); 1] = [("sparse_top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy")];

metrics! {
    accuracy_one_hot [4] { CategoricalCrossentropy } { Accuracy } ACCURACY
    accuracy_one_hot_pixels [2, 3, 4] { CategoricalCrossentropy } { Accuracy } ACCURACY
    accuracy_sparse [4] { SparseCategoricalCrossentropy } { Accuracy } ACCURACY
    accuracy_sparse_pixels [2, 3, 4] { SparseCategoricalCrossentropy } { Accuracy } ACCURACY
    accuracy_binary [1] { BinaryCrossentropy } { Accuracy } ACCURACY
    accuracy_binary_pixels [2, 3, 1] { BinaryCrossentropy } { Accuracy } ACCURACY
    accuracy_several_sigmoids [3] { BinaryCrossentropy } { Accuracy } ACCURACY
    accuracy_ties [4] { CategoricalCrossentropy } { Accuracy } ACCURACY
    accuracy_binary_half [1] { BinaryCrossentropy } { Accuracy } ACCURACY
    top_one_hot [5] { CategoricalCrossentropy } { TopK(1), TopK(2), TopK(3) } TOP
    top_one_hot_pixels [2, 3, 5] { CategoricalCrossentropy } { TopK(1), TopK(2), TopK(3) } TOP
    top_sparse [5] { SparseCategoricalCrossentropy } { TopK(1), TopK(2), TopK(3) } SPARSE_TOP
    top_sparse_pixels [2, 3, 5] { SparseCategoricalCrossentropy } { TopK(1), TopK(2), TopK(3) } SPARSE_TOP
    top_one_hot_ties [5] { CategoricalCrossentropy } { TopK(1), TopK(2), TopK(3) } TOP
    top_sparse_ties [5] { SparseCategoricalCrossentropy } { TopK(1), TopK(2), TopK(3) } SPARSE_TOP
    distances [3] { MeanSquaredError } { MeanAbsoluteError, MeanSquaredError } DISTANCES
    distances_one [1] { MeanSquaredError } { MeanAbsoluteError, MeanSquaredError } DISTANCES
    distances_pixels [2, 3, 2] { MeanSquaredError } { MeanAbsoluteError, MeanSquaredError } DISTANCES
    names [6] { CategoricalCrossentropy } { TopK, MeanAbsoluteError, MeanSquaredError } NAMES
    counts [3] { BinaryCrossentropy } {
        Precision, Recall, BinaryAccuracy(0.3), TruePositives(0.3), FalsePositives, FalseNegatives, TrueNegatives
    } COUNTS
    areas [3] { BinaryCrossentropy } { Auc, Auc(pr) } AREAS
    areas_one [1] { BinaryCrossentropy } { Auc, Auc(pr) } AREAS
    areas_few [2, 3, 1] { BinaryCrossentropy } { Auc(thresholds = 5), Auc(pr, thresholds = 5) } AREAS
    areas_edges [1] { BinaryCrossentropy } { Auc(thresholds = 5), Auc(pr, thresholds = 5) } AREAS
    scores [4] { CategoricalCrossentropy } { F1, F1(micro), F1(weighted), F1(threshold = 0.7) } SCORES
    scores_one [1] { BinaryCrossentropy } { F1, MeanIou } SCORES_ONE
    iou [4] { CategoricalCrossentropy } { MeanIou } IOU
    iou_sparse [2, 3, 4] { SparseCategoricalCrossentropy } { MeanIou, MeanIou(ignore = 1) } SPARSE_IOU
    regression [3] { MeanSquaredError } {
        RootMeanSquaredError,
        R2,
        CosineSimilarity,
        MeanAbsolutePercentageError,
        MeanSquaredLogarithmicError,
        LogCosh,
        Poisson
    } REGRESSION
    of_losses [4] { CategoricalCrossentropy } {
        KlDivergence, Hinge, SquaredHinge, CategoricalHinge, BinaryCrossentropy, CategoricalCrossentropy
    } OF_LOSSES
    shares [3] { BinaryCrossentropy } {
        PrecisionAtRecall(0.4),
        PrecisionAtRecall(0.75),
        RecallAtPrecision(0.4),
        RecallAtPrecision(0.75),
        SensitivityAtSpecificity(0.4),
        SensitivityAtSpecificity(0.75),
        SpecificityAtSensitivity(0.4),
        SpecificityAtSensitivity(0.75)
    } SHARES
    shares_edges [1] { BinaryCrossentropy } { PrecisionAtRecall(0.5, thresholds = 5) } SHARES_EDGES
    betas [4] { CategoricalCrossentropy } {
        FBeta(2), FBeta(0.5, average = micro, threshold = 0.6), FBeta(2, average = weighted)
    } BETAS
    iou_chosen [4] { CategoricalCrossentropy } { Iou((0, 2)) } CHOSEN
    iou_chosen_sparse [2, 3, 4] { SparseCategoricalCrossentropy } { Iou(3, ignore = 1) } CHOSEN_SPARSE
    iou_yes [1] { BinaryCrossentropy } { Iou(1, threshold = 0.3) } YES
    correlations [5] { MeanSquaredError } { PearsonCorrelation, ConcordanceCorrelation } CORRELATIONS
    entropy_sparse [4] { SparseCategoricalCrossentropy } { CategoricalCrossentropy } ENTROPY
    names_sparse [6] { SparseCategoricalCrossentropy } { TopK } SPARSE_NAMES
}
