use super::*;
use crate::test_networks::{CIRCLE, DETECTOR, FUNCTIONAL, MIXED, RECURRENT, STEREO};

/// The cells of every row, a cell's lines joined; `Conv2D` and `InputLayer` are what Keras calls those kinds.
fn cells(summary: &Summary) -> Vec<Vec<String>> {
    let text = summary.to_string();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for line in text.lines() {
        if line.starts_with(['┡', '├']) {
            rows.push(Vec::new());
        } else if let (Some(row), true) = (rows.last_mut(), line.starts_with('│')) {
            let parts: Vec<&str> = line.trim_matches('│').split('│').map(str::trim).collect();
            row.resize(parts.len(), String::new());
            for (cell, part) in row.iter_mut().zip(parts).filter(|(_, part)| !part.is_empty()) {
                cell.push_str(if cell.is_empty() { "" } else { " " });
                cell.push_str(part);
            }
        }
    }
    rows
}

/// Name, parameters and connections of every row.
fn listing(summary: &Summary) -> Vec<String> {
    let row = |cells: Vec<String>| {
        let name = cells[0].split(' ').next().unwrap_or_default();
        format!("{name} {} {}", cells[2], cells.get(3).map_or("", String::as_str)).trim_end().to_owned()
    };
    cells(summary).into_iter().map(row).collect()
}

#[test]
fn the_detector_reads_as_keras_prints_it() {
    let expected = "\
Model: \"Detector\"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
┃ Layer (type)                      ┃ Output Shape        ┃   Param # ┃ Connected to                ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┩
│ image (Input)                     │ (None, 64, 64, 3)   │         0 │ -                           │
├───────────────────────────────────┼─────────────────────┼───────────┼─────────────────────────────┤
│ features_conv2d (Conv2d, relu)    │ (None, 62, 62, 128) │     3,584 │ image[0][0]                 │
├───────────────────────────────────┼─────────────────────┼───────────┼─────────────────────────────┤
│ features_max_pool2d (MaxPool2d)   │ (None, 31, 31, 128) │         0 │ features_conv2d[0][0]       │
├───────────────────────────────────┼─────────────────────┼───────────┼─────────────────────────────┤
│ features_conv2d_2 (Conv2d, relu)  │ (None, 29, 29, 256) │   295,168 │ features_max_pool2d[0][0]   │
├───────────────────────────────────┼─────────────────────┼───────────┼─────────────────────────────┤
│ features_max_pool2d_2 (MaxPool2d) │ (None, 14, 14, 256) │         0 │ features_conv2d_2[0][0]     │
├───────────────────────────────────┼─────────────────────┼───────────┼─────────────────────────────┤
│ features_flatten (Flatten)        │ (None, 50176)       │         0 │ features_max_pool2d_2[0][0] │
├───────────────────────────────────┼─────────────────────┼───────────┼─────────────────────────────┤
│ class_dense (Dense, relu)         │ (None, 64)          │ 3,211,328 │ features_flatten[0][0]      │
├───────────────────────────────────┼─────────────────────┼───────────┼─────────────────────────────┤
│ location_dense (Dense, relu)      │ (None, 64)          │ 3,211,328 │ features_flatten[0][0]      │
├───────────────────────────────────┼─────────────────────┼───────────┼─────────────────────────────┤
│ class_dense_2 (Dense, softmax)    │ (None, 10)          │       650 │ class_dense[0][0]           │
├───────────────────────────────────┼─────────────────────┼───────────┼─────────────────────────────┤
│ location_dense_2 (Dense, sigmoid) │ (None, 4)           │       260 │ location_dense[0][0]        │
└───────────────────────────────────┴─────────────────────┴───────────┴─────────────────────────────┘
 Total params: 6,722,318 (25.64 MB)
 Trainable params: 6,722,318 (25.64 MB)
 Non-trainable params: 0 (0.00 B)
 Multiply-adds per sample: 267,896,192
 Activations per sample: 2.35 MB in inference, 3.81 MB in training
";
    assert_eq!(Summary::new(&DETECTOR).to_string(), expected.trim_end());
}

#[test]
fn a_shared_chain_is_one_row_connected_to_both_inputs() {
    let expected = "\
Model: \"Stereo\"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━┓
┃ Layer (type)                     ┃ Output Shape          ┃ Param # ┃ Connected to            ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━┩
│ left (Input)                     │ (None, 120, 160, 3)   │       0 │ -                       │
├──────────────────────────────────┼───────────────────────┼─────────┼─────────────────────────┤
│ right (Input)                    │ (None, 120, 160, 3)   │       0 │ -                       │
├──────────────────────────────────┼───────────────────────┼─────────┼─────────────────────────┤
│ eye (Chain)                      │ (None, 120, 160, 256) │ 298,752 │ left[0][0], right[0][0] │
├──────────────────────────────────┼───────────────────────┼─────────┼─────────────────────────┤
│ distance_concat (Concat)         │ (None, 120, 320, 256) │       0 │ eye[0][0], eye[1][0]    │
├──────────────────────────────────┼───────────────────────┼─────────┼─────────────────────────┤
│ distance_conv2d (Conv2d, relu)   │ (None, 120, 160, 128) │ 295,040 │ distance_concat[0][0]   │
├──────────────────────────────────┼───────────────────────┼─────────┼─────────────────────────┤
│ distance_conv2d_2 (Conv2d, relu) │ (None, 120, 160, 32)  │  36,896 │ distance_conv2d[0][0]   │
├──────────────────────────────────┼───────────────────────┼─────────┼─────────────────────────┤
│ distance_conv2d_3 (Conv2d, relu) │ (None, 120, 160, 1)   │      33 │ distance_conv2d_2[0][0] │
└──────────────────────────────────┴───────────────────────┴─────────┴─────────────────────────┘
 Total params: 630,721 (2.41 MB)
 Trainable params: 630,721 (2.41 MB)
 Non-trainable params: 0 (0.00 B)
 Multiply-adds per sample: 18,000,000,000
 Activations per sample: 66.76 MB in inference, 133.51 MB in training
";
    assert_eq!(Summary::new(&STEREO).to_string(), expected.trim_end());
}

#[test]
fn a_chain_of_a_network_prints_its_own_layers_without_an_input() {
    let stereo = Summary::new(&STEREO);
    let expected = "\
Model: \"eye\"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━┓
┃ Layer (type)                ┃ Output Shape          ┃ Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━┩
│ eye_conv2d (Conv2d, relu)   │ (None, 120, 160, 128) │   3,584 │
├─────────────────────────────┼───────────────────────┼─────────┤
│ eye_conv2d_2 (Conv2d, relu) │ (None, 120, 160, 256) │ 295,168 │
└─────────────────────────────┴───────────────────────┴─────────┘
 Total params: 298,752 (1.14 MB)
 Trainable params: 298,752 (1.14 MB)
 Non-trainable params: 0 (0.00 B)
 Multiply-adds per sample: 5,728,665,600
";
    assert_eq!(stereo.layer("eye").unwrap().to_string(), expected.trim_end());
    assert!(stereo.layer("distance_conv2d").is_none());
    assert!(stereo.layer("nose").is_none());
}

#[test]
fn an_inner_network_prints_as_it_does_alone() {
    let inner = Summary::new(&MIXED).layer("detector").unwrap();
    assert_eq!(inner.to_string(), Summary::new(&DETECTOR).to_string());
}

#[test]
fn a_plain_chain_has_no_column_of_connections() {
    assert_eq!(listing(&Summary::new(&FUNCTIONAL)), ["x 0", "y_dense 2,112", "y_dense_2 1,040"]);
}

#[test]
fn a_layer_used_at_two_depths_stands_where_keras_puts_it() {
    // Printed by Keras 3 for the same layers.
    assert_eq!(
        listing(&Summary::new(&CIRCLE)),
        ["i 0 -", "d 72 i[0][0], mid[0][0]", "mid 72 d[0][0]", "j 0 -", "p 72 j[0][0]", "add 0 d[1][0], p[0][0]"]
    );
}

#[test]
fn several_results_are_listed_and_wide_letters_keep_the_columns_straight() {
    let summary = Summary::new(&MIXED);
    let detector = cells(&summary).into_iter().find(|row| row[0].starts_with("detector")).unwrap();
    assert_eq!(detector, ["detector (Detector)", "[(None, 10), (None, 4)]", "6,722,318", "picture[0][0]"]);
    let text = summary.to_string();
    let widths: Vec<usize> =
        text.lines().skip(1).take_while(|line| !line.starts_with(' ')).map(|line| line.chars().count()).collect();
    assert!(widths.iter().all(|&width| width == widths[0]), "{text}");
}

#[test]
fn totals_tell_what_is_trained_as_keras_does() {
    let text = Summary::new(&RECURRENT).to_string();
    let totals: Vec<&str> = text.lines().filter(|line| line.contains(" params: ")).collect();
    let expected = [
        " Total params: 218,244 (852.52 KB)",
        " Trainable params: 218,116 (852.02 KB)",
        " Non-trainable params: 128 (512.00 B)",
    ];
    assert_eq!(totals, expected);
    let rows = listing(&Summary::new(&RECURRENT));
    assert!(rows.contains(&"lstm_2 33,024 lstm[0][0], lstm[0][1], lstm[0][2]".to_owned()), "{rows:?}");
    assert!(rows.contains(&"norm 256 lstm_2[0][1]".to_owned()), "{rows:?}");
}

#[test]
fn numbers_read_as_keras_writes_them() {
    assert_eq!([0, 999, 1_000, 123_456, 6_722_318].map(thousands), ["0", "999", "1,000", "123,456", "6,722,318"]);
    assert_eq!([0, 864, 1_023, 1_024, 12_608].map(bytes), ["0.00 B", "864.00 B", "1023.00 B", "1.00 KB", "12.31 KB"]);
    assert_eq!(bytes(6_722_318 * 4), "25.64 MB");
    assert_eq!(bytes(630_721 * 4), "2.41 MB");
}
