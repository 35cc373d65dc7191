//! Losses and metrics.

use super::missing;
use super::stage::Here;

/// `help` for a loss.
pub fn loss(name: &str) -> Option<String> {
    head_loss(name).map(|here| help(here, name, "loss"))
}

/// `help` for a metric.
pub fn metric(name: &str) -> Option<String> {
    head_metric(name).map(|here| help(here, name, "metric"))
}

/// What is not there, one may write oneself.
fn help(here: Here, name: &str, what: &str) -> String {
    match here {
        Here::Missing(_) => {
            let missing = missing(&format!("`{name}` is"));
            format!("{missing}; your own {what} is written as a path, e.g. `self::{name}`")
        }
        _ => here.help(),
    }
}

/// What is here for a loss of this name, which is none here.
pub fn head_loss(name: &str) -> Option<Here> {
    Some(match name {
        "categorical_crossentropy" | "CategoricalCrossEntropy" | "CrossEntropy" | "Crossentropy" => {
            Here::Called("CategoricalCrossentropy")
        }
        "sparse_categorical_crossentropy" | "SparseCategoricalCrossEntropy" => {
            Here::Called("SparseCategoricalCrossentropy")
        }
        // PyTorch's take class numbers, and logits or their logarithms.
        "CrossEntropyLoss" | "cross_entropy" | "NLLLoss" | "NLLLoss2d" | "nll_loss" => {
            Here::Otherwise("here it is called `SparseCategoricalCrossentropy`, and the output ends in `-> softmax`")
        }
        "BCEWithLogitsLoss" | "binary_cross_entropy_with_logits" => {
            Here::Otherwise("here it is called `BinaryCrossentropy`, and the output ends in `-> sigmoid`")
        }
        "BCELoss" | "binary_crossentropy" | "BinaryCrossEntropy" | "binary_cross_entropy" => {
            Here::Called("BinaryCrossentropy")
        }
        "MSELoss" | "mse" | "MSE" | "mean_squared_error" | "mse_loss" => Here::Called("MeanSquaredError"),
        "L1Loss" | "mae" | "MAE" | "mean_absolute_error" | "l1_loss" => Here::Called("MeanAbsoluteError"),
        "HuberLoss" | "huber" | "huber_loss" => Here::Called("Huber"),
        "SmoothL1Loss" | "smooth_l1_loss" => Here::Otherwise(
            "here it is `Huber`, with the same default; for another `beta` write `1 / beta * Huber(beta)` in numbers, \
             e.g. `2.0 * Huber(0.5)`",
        ),
        "KLDivergence" | "KLD" | "kld" | "kl_divergence" | "KLDiv" | "kullback_leibler_divergence" => {
            Here::Called("KlDivergence")
        }
        // PyTorch's takes logarithms.
        "KLDivLoss" | "kl_div" => {
            Here::Otherwise("here it is called `KlDivergence`, and the output ends in `-> softmax`")
        }
        "MAPE" | "mape" | "mean_absolute_percentage_error" => Here::Called("MeanAbsolutePercentageError"),
        "MSLE" | "msle" | "mean_squared_logarithmic_error" => Here::Called("MeanSquaredLogarithmicError"),
        "log_cosh" | "logcosh" | "LogCoshLoss" => Here::Called("LogCosh"),
        "hinge" | "HingeLoss" => Here::Called("Hinge"),
        "squared_hinge" => Here::Called("SquaredHinge"),
        "categorical_hinge" => Here::Called("CategoricalHinge"),
        "cosine_similarity" | "CosineEmbeddingLoss" | "cosine_embedding_loss" | "CosineLoss" => {
            Here::Called("CosineSimilarity")
        }
        "poisson" => Here::Called("Poisson"),
        // PyTorch's takes the logarithm of the rate.
        "PoissonNLLLoss" | "poisson_nll_loss" => {
            Here::Otherwise("here it is called `Poisson`, and the output ends in `-> exp`")
        }
        "dice" | "DiceLoss" => Here::Called("Dice"),
        "tversky" | "TverskyLoss" => Here::Called("Tversky"),
        "categorical_generalized_cross_entropy"
        | "CategoricalGeneralizedCrossEntropy"
        | "CategoricalGeneralizedCrossentropy" => Here::Called("GeneralizedCrossentropy"),
        "binary_focal_crossentropy" => Here::Called("BinaryFocalCrossentropy"),
        "categorical_focal_crossentropy" => Here::Called("CategoricalFocalCrossentropy"),
        "Focal" | "FocalLoss" | "focal" | "sigmoid_focal_loss" => Here::Otherwise(
            "here it is `BinaryFocalCrossentropy` behind `-> sigmoid`, `CategoricalFocalCrossentropy` behind `-> softmax`",
        ),
        "RMSE" | "rmse" | "RootMeanSquaredError" => Here::Otherwise(
            "`MeanSquaredError` has its minimum at the same weights; as a metric there is `RootMeanSquaredError`",
        ),
        "GaussianNLLLoss"
        | "HingeEmbeddingLoss"
        | "MultiMarginLoss"
        | "MultiLabelMarginLoss"
        | "MultiLabelSoftMarginLoss"
        | "SoftMarginLoss"
        | "MarginRankingLoss"
        | "gaussian_nll_loss"
        | "hinge_embedding_loss"
        | "multi_margin_loss"
        | "multilabel_margin_loss"
        | "multilabel_soft_margin_loss"
        | "soft_margin_loss"
        | "margin_ranking_loss" => Here::Missing("this loss is"),
        "LinearCrossEntropyLoss" | "linear_cross_entropy" => Here::Otherwise(
            "it is `-> Dense(classes) -> softmax` in the network, and `SparseCategoricalCrossentropy` of that output",
        ),
        "TripletMarginLoss"
        | "TripletMarginWithDistanceLoss"
        | "triplet_margin_loss"
        | "triplet_margin_with_distance_loss"
        | "TripletLoss"
        | "TripletSemiHardLoss"
        | "triplet" => Here::Otherwise(
            "here it is `Triplet`, on two distances that the network makes: \
             `let apart = ((x, same) -> Distance, (x, other) -> Distance) -> Concat;`",
        ),
        "ContrastiveLoss" | "contrastive" | "contrastive_loss" => {
            Here::Otherwise("here it is `Contrastive`, on the distance of a pair: `let apart = (x, y) -> Distance;`")
        }
        "AddLoss" | "add_loss" => Here::Otherwise(
            "here it is `Minimize`, the mean of an output: `-> (.., divergence: [1])` and `loss divergence: Minimize;`",
        ),
        "Loss" => Here::Otherwise("a loss of your own implements `losses::Loss`"),
        "CTC" | "ctc" => Here::Otherwise(
            "here it is `Ctc(labels)`, with so many labels in a target at most, and the output ends in `-> softmax`",
        ),
        // PyTorch's takes logarithms of probabilities, steps first, and divides by the number of labels.
        "CTCLoss" | "ctc_loss" => Here::Otherwise(
            "here it is `Ctc(labels)`, with so many labels in a target at most, 0 behind them, and the output ends in \
             `-> softmax`; it is not divided by the number of labels",
        ),
        "Circle" | "circle" => Here::Missing("losses between the samples of a batch are"),
        _ => return None,
    })
}

/// What is here for a metric of this name, which is none here.
pub fn head_metric(name: &str) -> Option<Here> {
    Some(match name {
        "accuracy" | "acc" | "CategoricalAccuracy" | "SparseCategoricalAccuracy" => Here::Called("Accuracy"),
        "binary_accuracy" => Here::Called("BinaryAccuracy"),
        "TopKCategoricalAccuracy" | "SparseTopKCategoricalAccuracy" | "SparseTopK" => Here::Called("TopK"),
        "AUC" | "auc" | "AUROC" | "ROCAUC" => Here::Called("Auc"),
        "AUPRC" | "AveragePrecision" => Here::Called("Auc(pr)"),
        "F1Score" | "f1_score" | "f1" => Here::Called("F1"),
        "R2Score" | "r2_score" => Here::Called("R2"),
        "MeanIoU" | "OneHotMeanIoU" | "mean_io_u" | "JaccardIndex" => Here::Called("MeanIou"),
        "MatthewsCorrCoef" | "MCC" | "mcc" => Here::Called("Mcc"),
        "RMSE" | "rmse" => Here::Called("RootMeanSquaredError"),
        "MAPE" | "mape" => Here::Called("MeanAbsolutePercentageError"),
        "MSLE" | "msle" => Here::Called("MeanSquaredLogarithmicError"),
        "LogCoshError" | "logcosh" | "log_cosh" => Here::Called("LogCosh"),
        "KLDivergence" | "KLD" | "kld" | "kl_divergence" => Here::Called("KlDivergence"),
        "precision" => Here::Called("Precision"),
        "recall" => Here::Called("Recall"),
        "cosine_similarity" => Here::Called("CosineSimilarity"),
        "binary_crossentropy" => Here::Called("BinaryCrossentropy"),
        "categorical_crossentropy" => Here::Called("CategoricalCrossentropy"),
        "hinge" => Here::Called("Hinge"),
        "squared_hinge" => Here::Called("SquaredHinge"),
        "categorical_hinge" => Here::Called("CategoricalHinge"),
        "poisson" => Here::Called("Poisson"),
        "mse" | "MSE" | "mean_squared_error" => Here::Called("MeanSquaredError"),
        "mae" | "MAE" | "mean_absolute_error" => Here::Called("MeanAbsoluteError"),
        "Mean" | "Sum" | "MeanMetricWrapper" | "Metric" => {
            Here::Otherwise("a metric of your own implements `metrics::Metric`, mostly with `metrics::Mean`")
        }
        "FBetaScore" | "fbeta_score" => Here::Called("FBeta"),
        "IoU" | "OneHotIoU" => Here::Called("Iou"),
        "BinaryIoU" => Here::Otherwise("here it is `MeanIou`, or `Iou(1)` for yes alone"),
        "SparseCategoricalCrossentropy" | "sparse_categorical_crossentropy" => Here::Called("CategoricalCrossentropy"),
        "ConcordanceCorrCoef" => Here::Called("ConcordanceCorrelation"),
        "PearsonCorrCoef" => Here::Called("PearsonCorrelation"),
        "CohenKappa" | "HammingDistance" | "SpearmanCorrCoef" | "ExplainedVariance" | "BLEUScore" | "WordErrorRate" => {
            Here::Missing("this metric is")
        }
        "ConfusionMatrix" | "confusion_matrix" => {
            Here::Otherwise("`ConfusionMatrix::of(&outputs, &targets)` of predictions, in Rust, prints and draws one")
        }
        _ => return None,
    })
}
