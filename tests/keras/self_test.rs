//! The tools of these tests, tested.

use tests_common::keras::answers::{Answers, Node};
use tests_common::keras::compare::{self, Tolerance};
use tests_common::keras::formula;

#[test]
fn the_formula_gives_what_python_computes() {
    let answers = Answers::read("formula");
    for (name, case) in answers.root().at("cases").fields() {
        let key = case.at("key").text();
        assert_eq!(f64::from(formula::key_number(key)), case.at("number").number(), "{name}");
        let integers = case.at("integers").numbers();
        let found: Vec<f64> = formula::integers(key).take(integers.len()).map(f64::from).collect();
        assert_eq!(found, integers, "{name}");
        for (kind, given) in case.at("given").fields() {
            let made: Vec<f32> = case.at("made").at(kind).numbers().iter().map(|&v| v as f32).collect();
            assert_eq!(given.tensor(), made, "{name}: {kind}");
        }
        let classes = case.at("given").at("classes").class_numbers();
        let made = case.at("made").at("classes").numbers();
        let found: Vec<f64> = classes.into_iter().map(f64::from).collect();
        assert_eq!(found, made, "{name}");
    }
}

/// Every recipe in the file can be followed, and gives as many elements as its shape says.
fn follow_recipes(node: &Node) {
    if node.get("key").is_some() && node.get("shape").is_some() {
        let count: usize = node.shape().iter().product();
        assert_eq!(node.tensor().len(), count, "{}", node.path());
        return;
    }
    if node.is_object() {
        for (_, field) in node.fields() {
            follow_recipes(&field);
        }
    }
}

#[test]
fn every_recipe_can_be_followed() {
    for theme in [
        "dense",
        "convolution",
        "pooling",
        "shaping",
        "merging",
        "activations",
        "losses",
        "metrics",
        "optimizers",
        "network_functional",
        "network_digits",
        "network_price",
        "fit",
    ] {
        follow_recipes(&Answers::read(theme).root());
    }
}

#[test]
fn a_small_tensor_is_compared_entry_by_entry() {
    let answers = Answers::read("dense");
    let output = answers.case("features").at("output");
    let mut found = expected(&output);
    output.check(&found, Tolerance::EXACT);

    found[3] += 0.5;
    found[7] = f32::NAN;
    let message = compare::tensor(&output, &found, Tolerance::LAYER).unwrap_err();
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(lines[0], "dense.cases.features.output [3, 5]: 2 of 15 entries differ");
    assert!(lines[1].starts_with("  [7]: Keras has 0.9937755, here is NaN"), "{message}");
    assert!(lines[2].starts_with("  [3]: Keras has -0.037827898, here is 0.46217"), "{message}");
    assert!(lines[2].contains("off by 5.0e-1, allowed"), "{message}");
    assert_eq!(lines.len(), 3, "{message}");
}

#[test]
fn a_large_tensor_is_compared_by_norm_and_sum_too() {
    let answers = Answers::read("convolution");
    let output = answers.case("same").at("output");
    let count: usize = output.shape().iter().product();
    let mut found = vec![0.0; count];
    for entry in output.at("entries").list() {
        let entry = entry.list();
        found[entry[0].count()] = entry[1].number() as f32;
    }
    let message = compare::tensor(&output, &found, Tolerance::LAYER).unwrap_err();
    assert!(message.contains("0 of 36 entries differ"), "{message}");
    assert!(message.contains("norm: Keras has"), "{message}");
    assert!(message.contains("sum: Keras has"), "{message}");
}

#[test]
fn not_a_number_must_be_met_by_not_a_number() {
    let answers = Answers::read("activations");
    let output = answers.case("relu_not_finite").at("output");
    let found = [f32::NAN, f32::INFINITY, 0.0, 1.0];
    output.check(&found, Tolerance::EXACT);
    let found = [0.0, f32::NEG_INFINITY, 0.0, 1.0];
    let message = compare::tensor(&output, &found, Tolerance::NETWORK).unwrap_err();
    assert!(message.contains("2 of 4 entries differ"), "{message}");
}

#[test]
fn a_wrong_length_is_said_at_once() {
    let answers = Answers::read("dense");
    let output = answers.case("features").at("output");
    let message = compare::tensor(&output, &[0.0; 14], Tolerance::LAYER).unwrap_err();
    assert_eq!(message, "dense.cases.features.output is [3, 5], 15 elements, but here are 14");
}

#[test]
fn a_number_is_compared_by_its_own_size() {
    let answers = Answers::read("losses");
    let value = answers.case("categorical_softmax_far").at("value");
    value.check_number(34.07143, Tolerance::ELEMENTWISE);
    let message = compare::number(&value, 34.08, Tolerance::NETWORK).unwrap_err();
    assert!(message.starts_with("losses.cases.categorical_softmax_far.value: Keras has 34.07143"), "{message}");
}

fn expected(answer: &Node) -> Vec<f32> {
    let values = answer.at("values").numbers();
    values.iter().map(|&v| v as f32).collect()
}
