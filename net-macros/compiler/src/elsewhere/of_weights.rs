//! What weights are held to: terms of the loss, and constraints.

use super::called;

/// `help` for a regularizer.
pub fn regularizer(name: &str) -> Option<String> {
    let here = match name {
        "L1" | "lasso" | "Lasso" => "l1",
        "L2" | "ridge" | "Ridge" => "l2",
        "L1L2" | "l1l2" | "L1_L2" | "elastic_net" | "ElasticNet" => "l1_l2",
        "OrthogonalRegularizer" | "orthogonal_regularizer" | "Orthogonal" => "orthogonal",
        "weight_decay" | "WeightDecay" => {
            return Some("PyTorch's `weight_decay = d` of `SGD` and `Adam` is `l2(d / 2)`; decay apart from the loss is the optimizer's: `AdamW::new(1e-3).weight_decay(d)`".to_owned());
        }
        _ => return None,
    };
    Some(called(here))
}

/// `help` for a constraint.
pub fn constraint(name: &str) -> Option<String> {
    let here = match name {
        "MaxNorm" | "maxnorm" | "renorm" => "max_norm",
        "MinMaxNorm" => "min_max_norm",
        "NonNeg" | "nonneg" | "non_negative" | "NonNegative" => "non_neg",
        "UnitNorm" | "unitnorm" | "normalize" => "unit_norm",
        _ => return None,
    };
    Some(called(here))
}
