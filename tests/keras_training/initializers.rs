//! Initial values: those that are drawn have Keras's moments and bounds over a million draws, the others are Keras's.

use net_runtime::Param;
use net_runtime::initializers::{self as begin, Distribution, Fan, Seed};

use tests_common::keras::answers::{Answers, Node};

const SEED: fn() -> Seed = || Seed::new(5, "layer");

/// What Keras calls by this name, with the arguments of the script.
fn drawn(name: &str, dims: &[usize]) -> Param {
    let scaling = |fan, distribution| begin::variance_scaling(dims, 3.0, fan, distribution, SEED());
    let distribution = |name: &str| match name {
        "truncated_normal" => Distribution::TruncatedNormal,
        "untruncated_normal" => Distribution::Normal,
        "uniform" => Distribution::Uniform,
        other => panic!("a distribution {other}"),
    };
    match name.split_once('.') {
        Some(("fan_in", of)) => return scaling(Fan::In, distribution(of)),
        Some(("fan_out", of)) => return scaling(Fan::Out, distribution(of)),
        Some(("fan_avg", of)) => return scaling(Fan::Average, distribution(of)),
        _ => {}
    }
    match name {
        "random_normal" => begin::random_normal(dims, 0.5, 0.2, SEED()),
        "random_uniform" => begin::random_uniform(dims, -0.1, 0.3, SEED()),
        "truncated_normal" => begin::truncated_normal(dims, 0.5, 0.2, SEED()),
        "glorot_normal" => begin::glorot_normal(dims, SEED()),
        "glorot_uniform" => begin::glorot_uniform(dims, SEED()),
        "he_normal" => begin::he_normal(dims, SEED()),
        "he_uniform" => begin::he_uniform(dims, SEED()),
        "lecun_normal" => begin::lecun_normal(dims, SEED()),
        "lecun_uniform" => begin::lecun_uniform(dims, SEED()),
        other => panic!("an initializer {other}"),
    }
}

/// Both are samples of a million, so their means differ by less than seven of a mean's deviations, and their deviations by 0.5 %. The
/// largest of a million normal numbers are all different: there only the bounds of the other distributions say anything.
#[test]
fn draws_have_the_moments_and_bounds_of_keras() {
    let answers = Answers::read("initializers");
    let dims: Vec<usize> = answers.root().at("cases").shape();
    for (name, case) in answers.case("random").fields() {
        let param = drawn(name, &dims);
        let values = || param.values().iter().map(|&value| f64::from(value));
        let count = param.values().len() as f64;
        let mean = values().sum::<f64>() / count;
        let moment = |power| values().map(|value| (value - mean).powi(power)).sum::<f64>() / count;
        let deviation = moment(2).sqrt();
        let at = |name: &str| case.at(name).number();
        let [least, most] = [values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max)];
        let what = format!("{name}: mean {mean}, deviation {deviation}, from {least} to {most}");
        assert!((mean - at("mean")).abs() < 1e-2 * deviation, "{what}");
        assert!((deviation / at("deviation") - 1.0).abs() < 5e-3, "{what}");
        assert!((moment(4) / deviation.powi(4) / at("kurtosis") - 1.0).abs() < 2e-2, "{what}");
        let slack = if name.ends_with("untruncated_normal") || name == "random_normal" { 1.0 } else { 2e-3 };
        assert!((least - at("least")).abs() < slack * deviation, "{what}");
        assert!((most - at("most")).abs() < slack * deviation, "{what}");
    }
}

#[test]
fn what_is_not_drawn_is_the_same() {
    let answers = Answers::read("initializers");
    let fixed = answers.case("fixed");
    let values = |of: Node<'_>| of.numbers().into_iter().map(|value| value as f32).collect::<Vec<_>>();
    assert_eq!(begin::identity(&[3, 4], 1.5).values(), values(fixed.at("identity")));
    assert_eq!(begin::identity(&[4, 3], 1.5).values(), values(fixed.at("identity_tall")));
    assert_eq!(begin::constant(&[2, 2], -0.25).values(), values(fixed.at("constant")));
}

#[test]
fn the_fans_are_those_of_keras() {
    let answers = Answers::read("initializers");
    for (name, dims) in [("line", &[100_000][..]), ("depthwise", &[3, 3, 1000, 10])] {
        let param = begin::he_uniform(dims, SEED());
        let most = param.values().iter().fold(0.0, |most: f32, value| most.max(value.abs()));
        assert!((f64::from(most) / answers.case("fans").at(name).number() - 1.0).abs() < 1e-3, "{name}: {most}");
    }
}
