//! What `plan` decides: fusion, where losses enter, who wants a gradient, where tensors lie; and that the generated code
//! is the same in every run.

mod take_over;

use std::collections::BTreeSet;

use net_compiler::errors::Errors;
use net_compiler::graph::Program;
use net_compiler::layers::Read;
use net_compiler::plan::{Columns, Compute, GradientPlace, LayerCall, Part, Place, Plan, Step, TensorId, Wanted};
use net_compiler::{parse, plan, resolve, shapes};

fn program(source: &str) -> Program {
    let mut errors = Errors::default();
    let block = parse::parse(source.parse().unwrap(), &mut errors);
    let mut program = resolve::resolve(&block, &mut errors);
    shapes::shapes(&mut program, &mut errors);
    let messages: Vec<_> = errors.finish().iter().map(|message| message.rendered()).collect();
    assert!(messages.is_empty(), "{messages:?}");
    program
}

fn planned(body: &str, check: impl FnOnce(&Plan<'_>)) {
    let program = program(&format!("network Net(image: [8, 8, 3]) -> (y: [4]) {{ {body} }}"));
    check(&plan::plan(&program)[0]);
}

/// The descriptors of the steps, with the activation fused to each.
fn steps(plan: &Plan<'_>) -> Vec<String> {
    let steps = plan.steps.iter().map(|step| match &step.compute {
        Compute::Layer(LayerCall { activation: Some(activation), .. }) => {
            format!("{}+{}", step.descriptor, activation.constant)
        }
        _ => step.descriptor.to_string(),
    });
    steps.collect()
}

#[test]
fn an_activation_goes_into_the_layer_before_it() {
    planned("let y = image -> Conv2d(2, 3) -> relu -> Flatten -> Dense(4) -> tanh;", |plan| {
        assert_eq!(steps(plan), ["Y_CONV2D+Y_RELU", "Y_DENSE+Y_TANH"]);
    });
}

#[test]
fn what_somebody_else_reads_is_not_fused_away() {
    let body = "let z = image -> Flatten -> Dense(4); let a = z -> relu; let y = (a, z) -> Add;";
    planned(body, |plan| assert_eq!(steps(plan), ["Z_DENSE", "A_RELU", "Y_ADD"]));
}

#[test]
fn an_activation_whose_derivative_needs_its_operand_is_not_fused() {
    planned("let y = image -> Flatten -> Dense(4) -> gelu;", |plan| assert_eq!(steps(plan), ["Y_DENSE", "Y_GELU"]));
}

#[test]
fn a_cross_entropy_enters_at_the_logits() {
    let body = "let y = image -> Flatten -> Dense(4) -> softmax; loss y: CategoricalCrossentropy + MeanSquaredError;";
    planned(body, |plan| {
        let [head] = &*plan.heads else { panic!("one head") };
        let reads: Vec<_> = head.terms.iter().map(|term| (term.from_logits, term.reads)).collect();
        let softmax = &plan.steps[1];
        assert_eq!(softmax.operands, [Place::Tensor(reads[0].1)]);
        assert_eq!(reads, [(true, plan.steps[0].result()), (false, softmax.result())]);
    });
    // A sigmoid is fused unless a loss wants what is before it.
    let body = "let y = image -> Flatten -> Dense(4) -> sigmoid; loss y: BinaryCrossentropy;";
    planned(body, |plan| assert_eq!(steps(plan), ["Y_DENSE", "Y_SIGMOID"]));
    let body = "let y = image -> Flatten -> Dense(4) -> sigmoid; loss y: MeanSquaredError;";
    planned(body, |plan| assert_eq!(steps(plan), ["Y_DENSE+Y_SIGMOID"]));
}

#[test]
fn a_gradient_is_wanted_by_what_is_before_it() {
    planned("let pooled = image -> MaxPool2d(2); let y = pooled -> Flatten -> Dense(4);", |plan| {
        let wanted = |tensor: TensorId| plan.wanted(Place::Tensor(tensor));
        assert_eq!(wanted(plan.steps[0].result()), Wanted { by_weights: false, by_inputs: true });
        assert_eq!(wanted(plan.steps[1].result()), Wanted { by_weights: true, by_inputs: true });
    });
}

#[test]
fn uses_of_a_shared_layer_have_one_descriptor_and_one_place_of_weights() {
    let body = "layer eye = Conv2d(2, 3); let y = (image -> eye, image -> eye) -> Add -> Flatten -> Dense(4);";
    planned(body, |plan| {
        assert_eq!(steps(plan), ["EYE", "EYE", "Y_ADD", "Y_DENSE"]);
        assert_eq!(plan.fields.iter().map(|field| field.name.to_string()).collect::<Vec<_>>(), ["eye", "y_dense"]);
    });
}

#[test]
fn inference_keeps_only_what_is_read_again() {
    let deep = "let y = image -> Flatten -> Dense(64) -> Dense(64) -> Dense(64) -> Dense(64) -> Dense(4);";
    planned(deep, |plan| {
        assert_eq!(plan.inference.floats, 64 + 64, "two layers at a time");
        assert!(plan.training.floats >= 4 * 64);
    });
}

/// The lengths of what the steps compute.
fn lengths(plan: &Plan<'_>) -> Vec<usize> {
    plan.steps.iter().map(|step| plan.tensors[step.result().0].len).collect()
}

/// What a constant's field holds, as text.
fn field(plan: &Plan<'_>, constant: &str, field: &str) -> String {
    let constant = plan.constants.iter().find(|known| known.name == constant).unwrap();
    let value = constant.value.to_string().replace(' ', "");
    let begin = value.find(&format!("{field}:[")).unwrap() + field.len() + 1;
    value[begin..=begin + value[begin..].find(']').unwrap()].to_owned()
}

#[test]
fn what_no_window_reads_is_not_computed() {
    // 8 -> 7 -> 3, of which a window of 2 reads 6.
    let body = "let y = image -> Conv2d(2, 2) -> tanh -> MaxPool2d(2) -> Flatten -> Dense(4);";
    planned(body, |plan| {
        assert_eq!(lengths(plan), [6 * 6 * 2, 3 * 3 * 2, 4]);
        assert_eq!(field(plan, "Y_CONV2D", "input"), "[8,8,3]");
        assert_eq!(field(plan, "Y_CONV2D", "output"), "[6,6,2]");
        assert_eq!(field(plan, "Y_MAX_POOL2D", "input"), "[6,6,2]");
        assert_eq!(plan.table.rows[1].uses[0].outputs, [[7, 7, 2]], "the user sees what was declared");
    });
    // Through several layers: of 7x8 pixels the pool reads 6x7, for which the second kernel reads 7x7 of 8x8.
    let body = "let y = image -> Conv2d(2, 3, padding = same) -> gelu -> Conv2d(2, (2, 1)) -> AvgPool2d(2, stride = (2, 5)) \
                -> Flatten -> Dense(4);";
    planned(body, |plan| {
        assert_eq!(lengths(plan)[..4], [7 * 7 * 2, 7 * 7 * 2, 6 * 7 * 2, 3 * 2 * 2]);
        assert_eq!(field(plan, "Y_CONV2D", "padding"), "[1,1]");
    });
}

#[test]
fn what_others_see_is_computed_whole() {
    let whole = 7 * 7 * 2;
    // Another reader, a reader that is no window, a window that reaches the end.
    for body in [
        "let a = image -> Conv2d(2, 2); let b = a -> MaxPool2d(2) -> Flatten; let y = (b, a -> Flatten) -> Concat -> Dense(4);",
        "let y = image -> Conv2d(2, 2) -> Dropout(0.5) -> MaxPool2d(2) -> Flatten -> Dense(4);",
        "let y = image -> Conv2d(2, 2) -> MaxPool2d(2, padding = same) -> Flatten -> Dense(4);",
        "let y = image -> Conv2d(2, 2) -> MaxPool2d(3, stride = 2) -> Flatten -> Dense(4);",
        "let y = image -> Conv2d(2, 2) -> Reshape(14, 7, 1) -> MaxPool2d((2, 4)) -> Flatten -> Dense(4);",
    ] {
        planned(body, |plan| assert_eq!(lengths(plan)[0], whole, "{body}"));
    }
    let source = "network Net(image: [8, 8, 3]) -> (y: [3, 3, 2], a: [7, 7, 2]) {
        let a = image -> Conv2d(2, 2);
        let y = a -> MaxPool2d(2);
    }";
    assert_eq!(lengths(&plan::plan(&program(source))[0])[0], whole);
    // An input is what it is.
    planned("let y = image -> MaxPool2d(3) -> Flatten -> Dense(4);", |plan| {
        assert_eq!(field(plan, "Y_MAX_POOL2D", "input"), "[8,8,3]");
    });
}

#[test]
fn a_convolution_passes_on_the_largest_of_each_2x2_pixels() {
    // 8 -> 7, of which the pool reads 6.
    for activation in ["", "-> relu "] {
        let body = format!("let y = image -> Conv2d(2, 2) {activation}-> MaxPool2d(2) -> Flatten -> Dense(4);");
        planned(&body, |plan| {
            assert_eq!(lengths(plan), [3 * 3 * 2, 4]);
            let Compute::Layer(LayerCall { saved, pooled: true, .. }) = &plan.steps[0].compute else {
                panic!("{body}")
            };
            let [choices] = &**saved else { panic!("{body}") };
            let choices = choices.tensor;
            assert_eq!(plan.tensors[choices.0].len, 5, "four choices in the room of a number");
            assert!(plan.training.tensors[choices.0].is_some() && plan.inference.tensors[choices.0].is_none());
            assert!(plan.constants.iter().all(|constant| constant.name != "Y_MAX_POOL2D"));
        });
    }
    for body in [
        // Another window; outside of the image; a function of which the largest is not that of the largest; another reader; an image
        // of the same numbers with another shape.
        "let y = image -> Conv2d(2, 3) -> MaxPool2d(3) -> Flatten -> Dense(4);",
        "let y = image -> Conv2d(2, 3) -> MaxPool2d(2, stride = 1) -> Flatten -> Dense(4);",
        "let y = image -> Conv2d(2, 3) -> AvgPool2d(2) -> Flatten -> Dense(4);",
        "let y = image -> Conv2d(2, 2) -> MaxPool2d(2, padding = same) -> Flatten -> Dense(4);",
        "let y = image -> Conv2d(2, 3) -> gelu -> MaxPool2d(2) -> Flatten -> Dense(4);",
        "let a = image -> Conv2d(2, 3); let y = (a -> MaxPool2d(2) -> Flatten, a -> Flatten) -> Concat -> Dense(4);",
        "let y = image -> MaxPool2d(2) -> Flatten -> Dense(4);",
        "let y = image -> Conv2d(2, 3) -> Reshape(4, 9, 2) -> MaxPool2d(2) -> Flatten -> Dense(4);",
        "let y = image -> Conv2d(2, 3) -> relu -> Reshape(12, 2, 3) -> MaxPool2d(2) -> Flatten -> Dense(4);",
    ] {
        planned(body, |plan| {
            let pools = |compute: &Compute| matches!(compute, Compute::Layer(LayerCall { pooled: true, .. }));
            assert!(!plan.steps.iter().any(|step| pools(&step.compute)), "{body}");
        });
    }
}

/// How the gradients by what the steps compute lie: a place of their own, or `x` in that of the tensor, or `m` with a mask.
fn gradient_places(plan: &Plan<'_>) -> String {
    let places = plan.steps.iter().flat_map(|step| &step.results).map(|&result| {
        let (tensor, gradient) = (plan.training.tensors[result.0], plan.training.tensor_gradients[result.0]);
        let place = plan.gradient_place(Place::Tensor(result));
        assert!(tensor == gradient || place == GradientPlace::Own, "{}", plan.tensors[result.0].name);
        match place {
            GradientPlace::Own => '-',
            GradientPlace::Over { mask: false } => 'x',
            GradientPlace::Over { mask: true } => 'm',
        }
    });
    places.collect()
}

#[test]
fn a_gradient_takes_the_place_of_what_nobody_reads_any_more() {
    for (body, expected) in [
        // The output has a gradient from outside.
        ("let y = image -> Flatten -> Dense(4) -> relu;", "-"),
        ("let y = image -> Flatten -> Dense(6) -> relu -> Dense(5) -> Dense(4);", "mx-"),
        // A pool replaces its windows, and does not read its result then; windows that overlap cannot.
        ("let y = image -> Conv2d(4, 3) -> relu -> MaxPool2d(3) -> Flatten -> Dense(4);", "mx-"),
        ("let y = image -> Conv2d(4, 3) -> MaxPool2d(3) -> Flatten -> Dense(4);", "xx-"),
        // One of 2x2 is part of the convolution, whose result is what it passes on.
        ("let y = image -> Conv2d(4, 3) -> relu -> MaxPool2d(2) -> Flatten -> Dense(4);", "m-"),
        ("let y = image -> Conv2d(4, 3) -> MaxPool2d(2) -> Flatten -> Dense(4);", "x-"),
        ("let y = image -> Conv2d(4, 3) -> relu -> MaxPool2d(2, stride = 1) -> Flatten -> Dense(4);", "---"),
        // The derivative of tanh needs more than a sign.
        ("let y = image -> Flatten -> Dense(6) -> tanh -> Dense(4);", "--"),
        // What is not read needs no place until its gradient is written.
        ("let y = image -> Conv2d(4, 3) -> AvgPool2d(6) -> Flatten -> Dense(4);", "-x-"),
        ("let y = image -> Conv2d(4, 3) -> relu -> GlobalAvgPool2d -> Dense(4);", "mx-"),
        ("let y = image -> Flatten -> Dense(6) -> relu -> Dropout(0.5) -> Dense(4);", "mx-"),
        // A function by itself reads its operand or its result.
        ("let y = image -> Flatten -> Dense(6) -> gelu -> Dense(4);", "-x-"),
        ("let a = image -> Flatten; let y = (a -> Dense(6), a -> Dense(6)) -> Add -> relu -> Dense(4);", "---m-"),
        // Two readers.
        ("let a = image -> Flatten -> Dense(6) -> relu; let y = (a -> Dense(4), a -> Dense(4)) -> Add;", "----"),
        ("let a = image -> Flatten -> Dense(4) -> relu; let y = (a, a) -> Add;", "--"),
        // A loss reads the logits.
        ("let y = image -> Flatten -> Dense(4) -> softmax; loss y: CategoricalCrossentropy;", "--"),
        ("let y = image -> Flatten -> Dense(4) -> softmax; loss y: MeanSquaredError;", "--"),
    ] {
        planned(body, |plan| assert_eq!(gradient_places(plan), expected, "{body}"));
    }
    let source =
        "network Net(image: [8]) -> (y: [4], a: [6]) { let a = image -> Dense(6) -> relu; let y = a -> Dense(4); }";
    assert_eq!(gradient_places(&plan::plan(&program(source))[0]), "--", "an output");
}

/// The parts that steps write: tensor, start, pixel, line, length.
fn joined(plan: &Plan<'_>) -> Vec<(String, [usize; 4])> {
    let parts = plan.steps.iter().filter_map(|step| match &step.compute {
        Compute::Layer(LayerCall { part: Some(Part { start, pixel, line, sample }), .. }) => {
            Some((plan.tensors[step.result().0].name.to_string(), [*start, *pixel, *line, *sample]))
        }
        _ => None,
    });
    parts.collect()
}

#[test]
fn operands_are_written_where_they_are_joined() {
    let join = |axis: &str, rest: &str| {
        format!(
            "layer eye = Conv2d(2, 3) -> relu; let a = image -> eye; let b = image -> AvgPool2d(1) -> eye;
             let y = (a, b) -> Concat(axis = {axis}) -> {rest} -> Flatten -> Dense(4);"
        )
    };
    for (axis, parts) in [
        ("height", [[0, 2, 12, 144], [72, 2, 12, 144]]),
        ("width", [[0, 2, 24, 144], [12, 2, 24, 144]]),
        ("channels", [[0, 4, 24, 144], [2, 4, 24, 144]]),
    ] {
        planned(&join(axis, "Conv2d(3, 1, stride = 2)"), |plan| {
            assert_eq!(joined(plan), parts.map(|part| ("y_concat".to_owned(), part)));
            assert_eq!(gradient_places(plan), "mxmx-", "a part; the pool; a part; the reader; the output");
            assert!(plan.constants.iter().all(|constant| constant.name != "Y_CONCAT"));
            let inference = |step: usize| plan.inference.tensors[plan.steps[step].result().0];
            assert_eq!(inference(0), inference(2));
        });
    }
    // What reads it cannot write its gradient there; or adds up several terms.
    for rest in ["gelu", "MaxPool2d(3, stride = 1)", "AvgPool2d(2)"] {
        planned(&join("width", rest), |plan| assert_eq!(joined(plan), [], "{rest}"));
    }
    for body in [
        // Another reader of an operand, of the result; an operand twice; an operand by what writes no parts.
        "let a = image -> Conv2d(2, 3); let b = image -> Conv2d(2, 3); let c = (a, b) -> Concat -> Flatten;
         let y = (c, a -> Flatten) -> Concat -> Dense(4);",
        "let c = (image -> Conv2d(2, 3), image -> Conv2d(2, 3)) -> Concat -> Flatten; let y = (c -> Dense(4), c -> Dense(4)) -> Add;",
        "let a = image -> Conv2d(2, 3); let y = (a, a) -> Concat -> Flatten -> Dense(4);",
        "let y = (image -> Conv2d(2, 1), image) -> Concat -> Flatten -> Dense(4);",
        "let y = (image -> Conv2d(2, 1), image -> MaxPool2d(2, stride = 1, padding = same)) -> Concat -> Flatten -> Dense(4);",
        // With a mask and without; by a function that needs more than one.
        "let y = (image -> Conv2d(2, 1) -> relu, image -> Conv2d(2, 1)) -> Concat -> Flatten -> Dense(4);",
        "let y = (image -> Conv2d(2, 1) -> tanh, image -> Conv2d(2, 1) -> tanh) -> Concat -> Flatten -> Dense(4);",
        // Flat.
        "let y = (image -> Flatten -> Dense(3), image -> Flatten -> Dense(3)) -> Concat -> Dense(4);",
    ] {
        planned(body, |plan| assert_eq!(joined(plan), [], "{body}"));
    }
    let source = "network Net(image: [8, 8, 3]) -> (y: [4], c: [8, 8, 4]) {
        let c = (image -> Conv2d(2, 1), image -> Conv2d(2, 1)) -> Concat;
        let y = c -> Flatten -> Dense(4);
    }";
    assert_eq!(joined(&plan::plan(&program(source))[0]), [], "an output");
}

#[test]
fn tensors_that_a_step_uses_together_never_overlap() {
    let source = "extern network other::Two(x: [12, 12, 4], raw: [12, 12, 4]) -> (one: [12, 12, 4], two: [5]);
    network Net(a: [12, 12, 4], b: [12, 12, 4]) -> (y: [5], map: [12, 12, 4]) {
        layer eye = Conv2d(4, 3, padding = same) -> relu;
        layer both = Two;
        let p = a -> eye; let (p_2, tail) = (b -> eye, b) -> both; let (q, _) = (p_2 -> Dropout(0.5), p) -> both;
        let map = (p, q, p) -> Mul -> gelu;
        let rest = (map -> MaxPool2d(3), p -> AvgPool2d(3)) -> Concat -> Flatten -> Dense(7) -> elu -> Dense(5);
        let y = (rest, tail) -> Add -> softmax;
        loss y: CategoricalCrossentropy; loss map: Huber;
    }";
    let program = program(source);
    let plan = &plan::plan(&program)[1];
    assert_eq!(plan.workspaces.len(), 2, "one for each use");
    let tensor = |id: TensorId| (plan.training.tensors[id.0].unwrap(), plan.tensors[id.0].len);
    let gradient = |place: &Place| match *place {
        Place::Tensor(id) => (plan.training.tensor_gradients[id.0].unwrap(), plan.tensors[id.0].len),
        Place::Input(input) => {
            let len = plan.network.inputs[input].shape.iter().product();
            (plan.training.input_gradients[input].unwrap(), len)
        }
    };
    let apart = |step: &Step, used: &[(usize, usize)]| {
        for (index, &(start, len)) in used.iter().enumerate() {
            assert_eq!(start % 16, 0, "every tensor starts on a cache line");
            assert!(start + len <= plan.training.floats);
            for &(other, other_len) in &used[..index] {
                assert!(start + len <= other || other + other_len <= start, "at {}", step.descriptor);
            }
        }
    };
    for step in &plan.steps {
        let mut operands = step.operands.clone();
        operands.sort();
        operands.dedup();
        let values = operands.iter().filter_map(|place| match *place {
            Place::Tensor(id) => Some(tensor(id)),
            Place::Input(_) => None,
        });
        let results = step.results.iter().map(|&result| tensor(result));
        let forward: Vec<_> = values.clone().chain(results.clone()).collect();
        apart(step, &forward);

        let (reads_operands, reads_result) = match &step.compute {
            Compute::Layer(LayerCall { facts, activation, .. }) => (
                facts.backward.reads_operands(),
                activation.is_some() || facts.backward.reads_results() != Read::Nothing,
            ),
            Compute::Announced { .. } => (true, false),
        };
        // A gradient that lies where its tensor does is there instead of it.
        let keeps = |place: &Place| plan.gradient_place(*place) == GradientPlace::Own;
        let mut backward: Vec<_> = step.results.iter().map(|&result| gradient(&Place::Tensor(result))).collect();
        backward.extend(operands.iter().map(gradient));
        let operands = operands.iter().filter(|place| reads_operands && keeps(place));
        let results = step.results.iter().filter(|result| reads_result && keeps(&Place::Tensor(**result)));
        backward.extend(operands.filter_map(|place| match *place {
            Place::Tensor(id) => Some(tensor(id)),
            Place::Input(_) => None,
        }));
        backward.extend(results.map(|&result| tensor(result)));
        apart(step, &backward);
    }
}

#[test]
fn the_generated_code_is_the_same_in_every_run() {
    let source = "const N: usize = 3;
        network Inner(x: [6]) -> (low: [2], high: [N]) { let low = x -> Dense(2); let high = x -> Dense(N) -> relu; }
        network Outer(x: [6]) -> (y: [5]) { layer inner = Inner; let y = x -> inner -> Concat; loss y: MeanSquaredError; }";
    let expand = || net_compiler::compile(source.parse().unwrap()).to_string();
    let first = expand();
    assert!(first.contains("OuterWorkspace") && !first.contains("compile_error"));
    for _ in 0..3 {
        assert_eq!(expand(), first);
    }
}

#[test]
fn a_broken_network_still_has_its_types() {
    let source = "network Net(x: [6]) -> (y: [5]) { let y = x -> Dens(5); loss y: MeanSquaredError; }";
    let code = net_compiler::compile(source.parse().unwrap()).to_string();
    assert!(code.contains("compile_error"));
    for name in ["struct Net ", "struct NetInputs", "struct NetSamples", "struct NetWorkspace", "fn predict"] {
        assert!(code.contains(name), "{name} is missing");
    }
}

#[test]
fn names_that_become_one_in_upper_case_stay_apart() {
    let body = "let straße = weiß -> Dense(4); let strasse = weiss -> Dense(4); let σ = (straße, strasse) -> Add -> gelu; \
                let ς = σ -> gelu; let y = (σ, ς) -> Mul;";
    let program = program(&format!(
        "network Net(weiß: [4], weiss: [4], input_1_weiss: [4]) -> (y: [4], z: [4]) {{ {body} \
                let z = input_1_weiss -> relu; }}"
    ));
    let plans = plan::plan(&program);
    let constants: BTreeSet<String> = plans[0].constants.iter().map(|constant| constant.name.to_string()).collect();
    assert_eq!(constants.len(), plans[0].constants.len(), "{constants:?}");
    let tensors: BTreeSet<String> =
        plans[0].tensors.iter().map(|tensor| tensor.name.to_string().to_uppercase()).collect();
    assert_eq!(tensors.len(), plans[0].tensors.len(), "{tensors:?}");
    // The gradients by inputs and by tensors have constants of one form.
    let code = net_compiler::compile(
        "network Net(weiß: [4], weiss: [4]) -> (y: [4]) { let y = (weiß, weiss) -> Add; }".parse().unwrap(),
    );
    let code = code.to_string();
    assert!(code.contains("D_INPUT_1_WEISS") && code.contains("D_INPUT_2_WEISS"), "{code}");
}

/// The tensors that lie within others: their names, and the columns.
fn parts(plan: &Plan<'_>) -> Vec<(String, [usize; 3])> {
    let parts = plan.tensors.iter().filter_map(|tensor| {
        let Columns { start, count, of } = tensor.within?.columns;
        Some((tensor.name.to_string(), [start, count, of]))
    });
    parts.collect()
}

#[test]
fn what_is_split_is_read_where_it_lies() {
    let flat = "let x = image -> Flatten -> Dense(10) -> relu;";
    let (a, b) = (("a_split_1".to_owned(), [0, 4, 10]), ("a_split_2".to_owned(), [4, 6, 10]));
    for rest in [
        "let y = (a -> tanh, b -> Dense(4)) -> Add;",
        "let y = (a -> Dense(3), b -> gelu, a) -> Concat -> Dense(4);",
        // Nobody reads one.
        "let y = a -> sigmoid; let _c = b -> relu;",
    ] {
        planned(&format!("{flat} let (a, b) = x -> Split((4, 6)); {rest}"), |plan| {
            assert_eq!(parts(plan), [a.clone(), b.clone()], "{rest}");
            let split = plan.steps.iter().find(|step| step.results.len() == 2).expect("it stays for the backward pass");
            let whole = split.operands[0].in_arena().expect("a tensor");
            assert_eq!(plan.training.gradient_places[whole.0], GradientPlace::Own);
            for part in &split.results {
                assert_eq!(plan.training.tensors[part.0], None);
                assert_eq!(plan.inference.tensors[part.0], None);
                assert_eq!(plan.training.tensor_gradients[part.0], plan.training.tensor_gradients[whole.0]);
            }
        });
    }
    // An input; an axis of an image.
    let rows = [("a_split_1".to_owned(), [0, 72, 192]), ("a_split_2".to_owned(), [72, 120, 192])];
    planned(
        "let (a, b) = image -> Split((3, 5), axis = 0); let y = (a -> Flatten -> Dense(4), b -> Flatten -> Dense(4)) -> Add;",
        |plan| {
            assert_eq!(parts(plan), rows);
        },
    );
    for body in [
        // Somebody else reads the whole; a part is an output; it is read by what cannot read it there.
        format!("{flat} let (a, b) = x -> Split((4, 6)); let y = (x -> Dense(4), a, b -> Dense(4)) -> Add;"),
        format!("{flat} let (y, b) = x -> Split((4, 6)); let _c = b -> tanh;"),
        format!("{flat} let (a, b) = x -> Split((4, 6)); let y = (a -> softmax, b -> Dense(4)) -> Add;"),
        // The rows of a part do not lie together.
        "let (a, b) = image -> Split(2, axis = width); let y = (a -> Flatten -> Dense(4), b -> Flatten -> Dense(4)) -> Add;".to_owned(),
        // In inference it lies where something else does.
        "let x = image -> Flatten -> Dense(8) -> Dropout(0.5); let (a, b) = x -> Split(2); let y = (a, b) -> Mul;".to_owned(),
    ] {
        planned(&body, |plan| assert_eq!(parts(plan), [], "{body}"));
    }
    // Parts of parts.
    let body = format!(
        "{flat} let (a, b) = x -> Split((4, 6)); let (c, d) = b -> Split((4, 2)); let y = (a, c, d -> Dense(4)) -> Add;"
    );
    planned(&body, |plan| assert_eq!(parts(plan).len(), 2));
}
