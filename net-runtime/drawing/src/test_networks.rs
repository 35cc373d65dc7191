//! Tables of known networks, as the compiler would make them, for the tests of the summary and the picture.

use net_drawing::{Connection, NetworkInfo, OutputInfo, RowInfo, UseInfo};

/// The first result of the first use of a row.
const fn of(row: usize) -> Connection {
    Connection { row, use_index: 0, tensor: 0 }
}

/// A result of a row.
const fn result(row: usize, use_index: usize, tensor: usize) -> Connection {
    Connection { row, use_index, tensor }
}

const fn used(outputs: &'static [&'static [usize]], connected_to: &'static [Connection]) -> UseInfo<'static> {
    UseInfo { outputs, connected_to }
}

const fn row(
    name: &'static str,
    kind: &'static str,
    arguments: &'static str,
    activation: &'static str,
    parameters: usize,
    uses: &'static [UseInfo<'static>],
) -> RowInfo<'static> {
    RowInfo {
        name,
        kind,
        arguments,
        activation,
        results: &[],
        parameters,
        non_trainable_parameters: 0,
        frozen: false,
        uses,
        inner: None,
    }
}

const fn input(name: &'static str, uses: &'static [UseInfo<'static>]) -> RowInfo<'static> {
    row(name, "Input", "", "", 0, uses)
}

/// The detector of the front page.
pub static DETECTOR: NetworkInfo<'static> = NetworkInfo {
    name: "Detector",
    rows: &[
        input("image", &[used(&[&[64, 64, 3]], &[])]),
        row("features_conv2d", "Conv2d", "128, 3", "relu", 3_584, &[used(&[&[62, 62, 128]], &[of(0)])]),
        row("features_max_pool2d", "MaxPool2d", "2", "", 0, &[used(&[&[31, 31, 128]], &[of(1)])]),
        row("features_conv2d_2", "Conv2d", "256, 3", "relu", 295_168, &[used(&[&[29, 29, 256]], &[of(2)])]),
        row("features_max_pool2d_2", "MaxPool2d", "2", "", 0, &[used(&[&[14, 14, 256]], &[of(3)])]),
        row("features_flatten", "Flatten", "", "", 0, &[used(&[&[50_176]], &[of(4)])]),
        row("class_dense", "Dense", "64", "relu", 3_211_328, &[used(&[&[64]], &[of(5)])]),
        row("class_dense_2", "Dense", "10", "softmax", 650, &[used(&[&[10]], &[of(6)])]),
        row("location_dense", "Dense", "64", "relu", 3_211_328, &[used(&[&[64]], &[of(5)])]),
        row("location_dense_2", "Dense", "4", "sigmoid", 260, &[used(&[&[4]], &[of(8)])]),
    ],
    outputs: &[OutputInfo { name: "class", from: of(7) }, OutputInfo { name: "location", from: of(9) }],
    parameters: 6_722_318,
    non_trainable_parameters: 0,
    multiply_adds: 267_896_192,
    inference_bytes: 2_460_672,
    training_bytes: 4_000_000,
};

/// What both eyes of [`STEREO`] share.
static EYE: NetworkInfo<'static> = NetworkInfo {
    name: "eye",
    rows: &[
        input("input", &[used(&[&[120, 160, 3]], &[])]),
        row("eye_conv2d", "Conv2d", "128, 3, padding = same", "relu", 3_584, &[used(&[&[120, 160, 128]], &[of(0)])]),
        row(
            "eye_conv2d_2",
            "Conv2d",
            "256, 3, padding = same",
            "relu",
            295_168,
            &[used(&[&[120, 160, 256]], &[of(1)])],
        ),
    ],
    outputs: &[OutputInfo { name: "output", from: of(2) }],
    parameters: 298_752,
    non_trainable_parameters: 0,
    multiply_adds: 5_728_665_600,
    inference_bytes: 0,
    training_bytes: 0,
};

/// Two images through one chain.
pub static STEREO: NetworkInfo<'static> = NetworkInfo {
    name: "Stereo",
    rows: &[
        input("left", &[used(&[&[120, 160, 3]], &[])]),
        input("right", &[used(&[&[120, 160, 3]], &[])]),
        RowInfo {
            name: "eye",
            kind: "Chain",
            arguments: "",
            activation: "",
            results: &[],
            parameters: 298_752,
            non_trainable_parameters: 0,
            frozen: false,
            uses: &[used(&[&[120, 160, 256]], &[of(0)]), used(&[&[120, 160, 256]], &[of(1)])],
            inner: Some(&EYE),
        },
        row(
            "distance_concat",
            "Concat",
            "axis = width",
            "",
            0,
            &[used(&[&[120, 320, 256]], &[of(2), result(2, 1, 0)])],
        ),
        row(
            "distance_conv2d",
            "Conv2d",
            "128, 3, stride = (1, 2), padding = same",
            "relu",
            295_040,
            &[used(&[&[120, 160, 128]], &[of(3)])],
        ),
        row(
            "distance_conv2d_2",
            "Conv2d",
            "32, 3, padding = same",
            "relu",
            36_896,
            &[used(&[&[120, 160, 32]], &[of(4)])],
        ),
        row("distance_conv2d_3", "Conv2d", "1, 1", "relu", 33, &[used(&[&[120, 160, 1]], &[of(5)])]),
    ],
    outputs: &[OutputInfo { name: "distance", from: of(6) }],
    parameters: 630_721,
    non_trainable_parameters: 0,
    multiply_adds: 18_000_000_000,
    inference_bytes: 70_000_000,
    training_bytes: 140_000_000,
};

/// A plain chain.
pub static FUNCTIONAL: NetworkInfo<'static> = NetworkInfo {
    name: "Functional",
    rows: &[
        input("x", &[used(&[&[32]], &[])]),
        row("y_dense", "Dense", "64", "relu", 2_112, &[used(&[&[64]], &[of(0)])]),
        row("y_dense_2", "Dense", "16", "softmax", 1_040, &[used(&[&[16]], &[of(1)])]),
    ],
    outputs: &[OutputInfo { name: "y", from: of(2) }],
    parameters: 3_152,
    non_trainable_parameters: 0,
    multiply_adds: 3_072,
    inference_bytes: 448,
    training_bytes: 896,
};

/// A layer whose second use reads, by way of another layer, its own first: drawn once, it closes a circle.
pub static CIRCLE: NetworkInfo<'static> = NetworkInfo {
    name: "M",
    rows: &[
        input("i", &[used(&[&[8]], &[])]),
        input("j", &[used(&[&[8]], &[])]),
        row("d", "Dense", "8", "", 72, &[used(&[&[8]], &[of(0)]), used(&[&[8]], &[of(3)])]),
        row("mid", "Dense", "8", "", 72, &[used(&[&[8]], &[of(2)])]),
        row("p", "Dense", "8", "", 72, &[used(&[&[8]], &[of(1)])]),
        row("add", "Add", "", "", 0, &[used(&[&[8]], &[result(2, 1, 0), of(4)])]),
    ],
    outputs: &[OutputInfo { name: "o", from: of(5) }, OutputInfo { name: "q", from: of(2) }],
    parameters: 216,
    non_trainable_parameters: 0,
    multiply_adds: 256,
    inference_bytes: 192,
    training_bytes: 384,
};

/// Branches of different lengths, a skip over several layers, an inner network with two results, a layer used on its
/// own result, and names with letters that XML and a table must take care of.
pub static MIXED: NetworkInfo<'static> = NetworkInfo {
    name: "Mixed",
    rows: &[
        input("picture", &[used(&[&[64, 64, 3]], &[])]),
        input("text", &[used(&[&[40]], &[])]),
        input("metadata", &[used(&[&[12]], &[])]),
        row("seen_conv2d", "Conv2d", "16, 3, padding = same", "relu", 448, &[used(&[&[64, 64, 16]], &[of(0)])]),
        row("seen_conv2d_2", "Conv2d", "16, 3, padding = same", "", 2_320, &[used(&[&[64, 64, 16]], &[of(3)])]),
        row("seen_add", "Add", "", "relu", 0, &[used(&[&[64, 64, 16]], &[of(4), of(3)])]),
        row("seen_pool", "GlobalAvgPool2d", "", "", 0, &[used(&[&[16]], &[of(5)])]),
        row("read_embedding", "Embedding", "5_000, 32", "", 160_000, &[used(&[&[40, 32]], &[of(1)])]),
        row("read_lstm", "Lstm", "32", "", 8_320, &[used(&[&[32]], &[of(7)])]),
        row("localização", "Dense", "16", "relu", 208, &[used(&[&[16]], &[of(2)])]),
        RowInfo {
            name: "detector",
            kind: "Detector",
            arguments: "",
            activation: "",
            results: &[],
            parameters: 6_722_318,
            non_trainable_parameters: 0,
            frozen: false,
            uses: &[used(&[&[10], &[4]], &[of(0)])],
            inner: Some(&DETECTOR),
        },
        row(
            "price_concat",
            "Concat",
            "",
            "",
            0,
            &[used(&[&[78]], &[of(6), of(8), of(9), result(10, 0, 0), result(10, 0, 1)])],
        ),
        row("again", "Dense", "78", "tanh", 6_162, &[used(&[&[78]], &[of(11)]), used(&[&[78]], &[of(12)])]),
        row("price_dense", "Dense", "1", "leaky_relu(a < 0.2 & b)", 79, &[used(&[&[1]], &[result(12, 1, 0)])]),
    ],
    outputs: &[OutputInfo { name: "price", from: of(13) }],
    parameters: 6_899_855,
    non_trainable_parameters: 0,
    multiply_adds: 280_000_000,
    inference_bytes: 3_000_000,
    training_bytes: 6_000_000,
};

/// Layers with several results, named and numbered, one of which nothing reads, and statistics that no optimizer changes.
pub static RECURRENT: NetworkInfo<'static> = NetworkInfo {
    name: "Recurrent",
    rows: &[
        input("words", &[used(&[&[40]], &[])]),
        row("embedding", "Embedding", "5_000, 32", "", 160_000, &[used(&[&[40, 32]], &[of(0)])]),
        RowInfo {
            results: &["sequences", "hidden", "cell"],
            ..row("lstm", "Lstm", "64", "", 24_832, &[used(&[&[40, 64], &[64], &[64]], &[of(1)])])
        },
        RowInfo {
            results: &["sequences", "hidden", "cell"],
            ..row(
                "lstm_2",
                "Lstm",
                "64",
                "",
                33_024,
                &[used(&[&[40, 64], &[64], &[64]], &[of(2), result(2, 0, 1), result(2, 0, 2)])],
            )
        },
        RowInfo {
            non_trainable_parameters: 128,
            frozen: false,
            ..row("norm", "BatchNorm", "", "relu", 256, &[used(&[&[64]], &[result(3, 0, 1)])])
        },
        row("parts", "Split", "2", "", 0, &[used(&[&[32], &[32]], &[of(4)])]),
        row("gate", "Mul", "", "", 0, &[used(&[&[32]], &[of(5), result(5, 0, 1)])]),
        row("class_dense", "Dense", "4", "softmax", 132, &[used(&[&[4]], &[of(6)])]),
    ],
    outputs: &[OutputInfo { name: "class", from: of(7) }, OutputInfo { name: "rest", from: result(5, 0, 1) }],
    parameters: 218_244,
    non_trainable_parameters: 128,
    multiply_adds: 2_000_000,
    inference_bytes: 40_000,
    training_bytes: 120_000,
};
