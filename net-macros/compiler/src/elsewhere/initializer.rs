//! How weights begin.

use super::{called, missing};

/// `help` for an initializer.
pub fn initializer(name: &str) -> Option<String> {
    let here = match name {
        "Zeros" | "zeros_" | "zero" | "Zero" => "zeros",
        "Ones" | "ones_" | "one" | "One" => "ones",
        "Constant" | "constant_" => "constant(value)",
        "Identity" | "IdentityInitializer" | "eye" | "eye_" => "identity",
        "RandomNormal" | "normal" | "normal_" => "random_normal(stddev = 0.05)",
        "RandomUniform" | "uniform" | "uniform_" => "random_uniform(low = -0.05, high = 0.05)",
        "TruncatedNormal" | "trunc_normal_" => "truncated_normal(stddev = 0.05)",
        "VarianceScaling" => "variance_scaling",
        "GlorotNormal" | "xavier_normal" | "xavier_normal_" => "glorot_normal",
        "GlorotUniform" | "xavier_uniform" | "xavier_uniform_" | "xavier" | "glorot" => "glorot_uniform",
        "HeNormal" => "he_normal",
        "HeUniform" | "he" => "he_uniform",
        "LecunNormal" => "lecun_normal",
        "LecunUniform" | "lecun" => "lecun_uniform",
        "Orthogonal" | "OrthogonalInitializer" | "orthogonal_" => "orthogonal",
        // PyTorch's slope is that of a leaky ReLU, and its default mode the same.
        "kaiming_normal" | "kaiming_normal_" | "kaiming" => {
            return Some("here it is called `he_normal`; PyTorch's is not truncated: `variance_scaling(scale = 2.0, distribution = untruncated_normal)`".to_owned());
        }
        "kaiming_uniform" | "kaiming_uniform_" => {
            return Some("here it is called `he_uniform`; what PyTorch's layers begin with is `variance_scaling(scale = 0.3333333, distribution = uniform)`".to_owned());
        }
        "STFT" | "STFTInitializer" | "stft" | "dirac_" | "sparse_" => return Some(missing(&format!("`{name}` is"))),
        _ => return None,
    };
    Some(called(here))
}
