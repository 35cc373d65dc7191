//! What a message says to do has to help: each program here is wrong, and right once it has been done.

use crate::front;

/// A wrong program, what is to be replaced in it, and by what.
struct Cure {
    wrong: &'static str,
    instead_of: &'static str,
    write: &'static str,
}

const fn cure(wrong: &'static str, instead_of: &'static str, write: &'static str) -> Cure {
    Cure { wrong, instead_of, write }
}

/// In most, the message has the very text to write.
const CURES: &[Cure] = &[
    cure("network N(x: [8]) -> (y: [2]) { let y = Dense(2)(x); }", "Dense(2)(x)", "x -> Dense(2)"),
    cure("network N(x: [8]) -> (y: [8]) { let y = relu(x); }", "relu(x)", "x -> relu"),
    cure("network N(a: [8], b: [8]) -> (y: [8]) { let y = a + b; }", "a + b", "(a, b) -> Add"),
    cure("network N(x: [8]) -> (y: [2]) { let y = x -> Linear(8, 2); }", "Linear(8, 2)", "Dense(2)"),
    cure("network N(x: [8]) -> (y: [2]) { let y = x -> Dense(8, 2); }", "Dense(8, 2)", "Dense(2)"),
    cure(
        "network N(x: [8]) -> (y: [2]) { let y = x -> Dense(2, activation = tanh); }",
        "Dense(2, activation = tanh)",
        "Dense(2) -> tanh",
    ),
    cure(
        "network N(x: [8]) -> (y: [2]) { let y = x -> Dense(2) -> Activation(\"tanh\"); }",
        "Activation(\"tanh\")",
        "tanh",
    ),
    cure(
        "network N(x: [8, 8, 1]) -> (y: [8, 8, 4]) { let y = x -> Conv2d(4, 3, same); }",
        "3, same",
        "3, padding = same",
    ),
    cure(
        "network N(x: [28, 28]) -> (y: [26, 26, 4]) { let y = x -> Conv2d(4, 3); }",
        "x -> ",
        "x -> Reshape(28, 28, 1) -> ",
    ),
    cure("network N(x: [3, 32, 32]) -> (y: [28, 28, 4]) { let y = x -> Conv2d(4, 5); }", "[3, 32, 32]", "[32, 32, 3]"),
    cure(
        "network N(x: [1, 28, 28]) -> (y: [1, 28, 4]) { let y = x -> Conv2d(4, 3, padding = same); }",
        "x -> ",
        "x -> Reshape(1, 28, 28) -> ",
    ),
    cure(
        "network N(x: [1, 28, 28]) -> (y: [28, 28, 4]) { let y = x -> Conv2d(4, 3, padding = same); }",
        "[1, 28, 28]",
        "[28, 28, 1]",
    ),
    cure(
        "network N(x: [8]) -> (y: [2]) { let y = x -> Dense(2) -> relu -> softmax; loss y: CategoricalCrossentropy; }",
        " -> relu",
        "",
    ),
    cure(
        "network N(x: [28, 28, 1]) -> (y: [26, 26, 32]) { let y = x -> Conv2d(1, 32, 3); }",
        "Conv2d(1, 32, 3)",
        "Conv2d(32, 3)",
    ),
    cure(
        "network N(x: [28, 28, 1]) -> (y: [12, 12, 6]) { let y = x -> Conv2d(6, 5, 2); }",
        "Conv2d(6, 5, 2)",
        "Conv2d(6, 5, stride = 2)",
    ),
    cure("network N(x: [8, 8, 1]) -> (y: [4, 4, 1]) { let y = x -> MaxPool2d(2, 2); }", "(2, 2)", "(2)"),
    cure("network N(x: [8, 8, 1]) -> (y: [4, 2, 1]) { let y = x -> MaxPool2d(2, 4); }", "(2, 4)", "((2, 4))"),
    cure(
        "network N(x: [8, 6, 3]) -> (y: [8, 18]) { let y = x -> Reshape(8, 17); }",
        "Reshape(8, 17)",
        "Reshape(8, 18)",
    ),
    cure(
        "network N(a: [8, 3], b: [7, 3]) -> (y: [15, 3]) { let y = (a, b) -> Concat; }",
        "Concat",
        "Concat(axis = steps)",
    ),
    cure(
        "network N(x: [8, 6, 3]) -> (y: [8, 6, 4]) {
            let a = x -> Conv2d(4, 3, padding = same);
            let y = (a, x) -> Add;
        }",
        "(a, x)",
        "(a, x -> Conv2d(4, 1))",
    ),
    cure(
        "network N(x: [8, 6, 3]) -> (y: [8, 6, 3]) {
            let a = x -> GlobalAvgPool2d;
            let y = (x, a) -> Mul;
        }",
        "(x, a)",
        "(x, a -> Reshape(1, 1, 3))",
    ),
    cure("network N(x: [8, 6, 3]) -> (y: [2]) { let y = x -> Dense(2); }", "x -> ", "x -> Flatten -> "),
    cure("network N(x: [8, 6, 3]) -> (y: [2]) { let y = x -> Dense(2); }", "x -> ", "x -> GlobalAvgPool2d -> "),
    cure("network N(x: [16]) -> (y: [14, 4]) { let y = x -> Conv1d(4, 3); }", "x -> ", "x -> Reshape(16, 1) -> "),
    cure("network N(x: [16, 8]) -> (y: [8, 8]) { let y = x -> MaxPooling1D(2); }", "MaxPooling1D", "MaxPool1d"),
    cure(
        "network N(x: [16, 8]) -> (y: [16, 4]) { let y = x -> AvgPool2d((1, 2)) -> Reshape(16, 4); }",
        "AvgPool2d",
        "Reshape(16, 8, 1) -> AvgPool2d",
    ),
    cure("network N(x: [16]) -> (y: [8, 1]) { let y = x -> MaxPool1d; }", "x -> ", "x -> Reshape(16, 1) -> "),
    cure(
        "network N(x: [4, 6, 5]) -> (y: [2, 3, 2, 1]) { let y = x -> MaxPool3d; }",
        "x -> ",
        "x -> Reshape(4, 6, 5, 1) -> ",
    ),
    cure("network N(x: [6, 5]) -> (y: [1, 5]) { let y = x -> Crop1d((2, 4)); }", "(2, 4)", "(2, 3)"),
    cure("block f(x, N) { x -> Dense(N) } network N(x: [8]) -> (y: [2]) { let y = x -> f(2); }", "x, N", "x, const N"),
    cure(
        "network N(x: [8]) -> (y: [2]) { let y = x -> Dense(2); loss y: BCEWithLogitsLoss; }",
        "; loss y: BCEWithLogitsLoss",
        " -> sigmoid; loss y: BinaryCrossentropy",
    ),
    cure(
        "network N(x: [8]) -> (y: [2]) { let y = x -> Dense(2); loss y: CrossEntropyLoss; }",
        "; loss y: CrossEntropyLoss",
        " -> softmax; loss y: SparseCategoricalCrossentropy",
    ),
    cure(
        "network N(x: [8]) -> (y: [2]) { let y = x -> Dense(2); loss y: Huber + Huber; }",
        "Huber + Huber",
        "2.0 * Huber",
    ),
    cure(
        "network N(x: [8]) -> (y: [2]) { let y = x -> vision::Encoder; }",
        "network N(x: [8]) -> (y: [2]) { let y = x -> vision::Encoder; }",
        "extern network vision::Encoder(x: [8]) -> (y: [2]); network N(x: [8]) -> (y: [2]) { let y = x -> Encoder; }",
    ),
    cure(
        "network N(x: [8]) -> (y: [4]) { let y = x -> Dense(config::UNITS); }",
        "network N(x: [8]) -> (y: [4]) { let y = x -> Dense(config::UNITS); }",
        "extern const config::UNITS = 4; network N(x: [8]) -> (y: [4]) { let y = x -> Dense(UNITS); }",
    ),
    cure(
        "network N(x: [8]) -> (y: [2]) { let h = x -> Dense(2); let y = h; }",
        "let h = x -> Dense(2); let y = h;",
        "let y = x -> Dense(2);",
    ),
];

#[test]
fn what_is_said_to_do_helps() {
    for Cure { wrong, instead_of, write } in CURES {
        let errors = front(wrong).1;
        let [error] = errors.as_slice() else { panic!("one error was expected of\n{wrong}\n{errors:#?}") };
        assert!(error.contains("help: ") || error.contains("write `"), "nothing is said to do about\n{wrong}\n{error}");
        assert!(wrong.contains(instead_of), "there is no {instead_of} in\n{wrong}");
        crate::accepted(&wrong.replace(instead_of, write));
    }
}
