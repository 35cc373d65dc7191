//! Losses and metrics.

use super::called;

/// `help` for a loss.
pub fn loss(name: &str) -> Option<String> {
    let behind = |loss: &str, stage: &str| format!("here it is called `{loss}`, and the output ends in `-> {stage}`");
    Some(match name {
        "categorical_crossentropy" | "CategoricalCrossEntropy" | "CrossEntropy" | "Crossentropy" => {
            called("CategoricalCrossentropy")
        }
        "sparse_categorical_crossentropy" | "SparseCategoricalCrossEntropy" => called("SparseCategoricalCrossentropy"),
        // PyTorch's take class numbers, and logits or their logarithms.
        "CrossEntropyLoss" | "cross_entropy" | "NLLLoss" | "nll_loss" => {
            behind("SparseCategoricalCrossentropy", "softmax")
        }
        "BCEWithLogitsLoss" | "binary_cross_entropy_with_logits" => behind("BinaryCrossentropy", "sigmoid"),
        "BCELoss" | "binary_crossentropy" | "BinaryCrossEntropy" | "binary_cross_entropy" => {
            called("BinaryCrossentropy")
        }
        "MSELoss" | "mse" | "MSE" | "mean_squared_error" | "mse_loss" => called("MeanSquaredError"),
        "L1Loss" | "mae" | "MAE" | "mean_absolute_error" | "l1_loss" => called("MeanAbsoluteError"),
        "HuberLoss" | "huber" | "huber_loss" => called("Huber"),
        "SmoothL1Loss" | "smooth_l1_loss" => {
            "here it is `Huber`, with the same default; for another `beta` write `1 / beta * Huber(beta)` in numbers, \
             e.g. `2.0 * Huber(0.5)`"
                .to_owned()
        }
        "KLDivergence" | "KLD" | "kld" | "kl_divergence" | "KLDiv" | "kullback_leibler_divergence" => {
            called("KlDivergence")
        }
        // PyTorch's takes logarithms.
        "KLDivLoss" | "kl_div" => behind("KlDivergence", "softmax"),
        "MAPE" | "mape" | "mean_absolute_percentage_error" => called("MeanAbsolutePercentageError"),
        "MSLE" | "msle" | "mean_squared_logarithmic_error" => called("MeanSquaredLogarithmicError"),
        "log_cosh" | "logcosh" | "LogCoshLoss" => called("LogCosh"),
        "hinge" | "HingeLoss" => called("Hinge"),
        "squared_hinge" => called("SquaredHinge"),
        "categorical_hinge" => called("CategoricalHinge"),
        "cosine_similarity" | "CosineEmbeddingLoss" | "cosine_embedding_loss" | "CosineLoss" => {
            called("CosineSimilarity")
        }
        "poisson" => called("Poisson"),
        // PyTorch's takes the logarithm of the rate.
        "PoissonNLLLoss" | "poisson_nll_loss" => behind("Poisson", "exp"),
        "dice" | "DiceLoss" => called("Dice"),
        "tversky" | "TverskyLoss" => called("Tversky"),
        "categorical_generalized_cross_entropy"
        | "CategoricalGeneralizedCrossEntropy"
        | "CategoricalGeneralizedCrossentropy" => called("GeneralizedCrossentropy"),
        "binary_focal_crossentropy" => called("BinaryFocalCrossentropy"),
        "categorical_focal_crossentropy" => called("CategoricalFocalCrossentropy"),
        "Focal" | "FocalLoss" | "focal" | "sigmoid_focal_loss" => {
            "here it is `BinaryFocalCrossentropy` behind `-> sigmoid`, `CategoricalFocalCrossentropy` behind `-> softmax`"
                .to_owned()
        }
        "RMSE" | "rmse" | "RootMeanSquaredError" => {
            "`MeanSquaredError` has its minimum at the same weights; as a metric there is `RootMeanSquaredError`".to_owned()
        }
        "GaussianNLLLoss"
        | "HingeEmbeddingLoss"
        | "MultiMarginLoss"
        | "MultiLabelMarginLoss"
        | "MultiLabelSoftMarginLoss"
        | "SoftMarginLoss"
        | "MarginRankingLoss"
        | "TripletMarginLoss"
        | "CTC"
        | "ctc"
        | "CTCLoss"
        | "Circle"
        | "circle"
        | "Minimize" => own(name, "loss"),
        _ => return None,
    })
}

/// `help` for a metric.
pub fn metric(name: &str) -> Option<String> {
    Some(match name {
        "accuracy" | "acc" | "CategoricalAccuracy" | "SparseCategoricalAccuracy" => called("Accuracy"),
        "binary_accuracy" => called("BinaryAccuracy"),
        "TopKCategoricalAccuracy" | "SparseTopKCategoricalAccuracy" | "SparseTopK" => called("TopK"),
        "AUC" | "auc" | "AUROC" | "ROCAUC" => called("Auc"),
        "AUPRC" | "AveragePrecision" => called("Auc(pr)"),
        "F1Score" | "f1_score" | "f1" => called("F1"),
        "R2Score" | "r2_score" => called("R2"),
        "MeanIoU" | "OneHotMeanIoU" | "BinaryIoU" | "mean_io_u" | "JaccardIndex" => called("MeanIou"),
        "MatthewsCorrCoef" | "MCC" | "mcc" => called("Mcc"),
        "RMSE" | "rmse" => called("RootMeanSquaredError"),
        "MAPE" | "mape" => called("MeanAbsolutePercentageError"),
        "MSLE" | "msle" => called("MeanSquaredLogarithmicError"),
        "LogCoshError" | "logcosh" | "log_cosh" => called("LogCosh"),
        "KLDivergence" | "KLD" | "kld" | "kl_divergence" => called("KlDivergence"),
        "precision" => called("Precision"),
        "recall" => called("Recall"),
        "cosine_similarity" => called("CosineSimilarity"),
        "binary_crossentropy" => called("BinaryCrossentropy"),
        "categorical_crossentropy" => called("CategoricalCrossentropy"),
        "hinge" => called("Hinge"),
        "squared_hinge" => called("SquaredHinge"),
        "categorical_hinge" => called("CategoricalHinge"),
        "poisson" => called("Poisson"),
        "mse" | "MSE" | "mean_squared_error" => called("MeanSquaredError"),
        "mae" | "MAE" | "mean_absolute_error" => called("MeanAbsoluteError"),
        "FBetaScore"
        | "IoU"
        | "OneHotIoU"
        | "SparseCategoricalCrossentropy"
        | "ConcordanceCorrelation"
        | "PearsonCorrelation"
        | "SensitivityAtSpecificity"
        | "SpecificityAtSensitivity"
        | "PrecisionAtRecall"
        | "RecallAtPrecision" => own(name, "metric"),
        _ => return None,
    })
}

fn own(name: &str, what: &str) -> String {
    format!("`{name}` is not there yet; your own {what} is written as a path, e.g. `self::{name}`")
}
