//! Embeddings: rows of a table, and its gradient.

use net_runtime::layers::Embedding;
use net_runtime::weights::Table;
use net_runtime::{Gradient, initializers};
use rand::RngExt;

use crate::reference::*;
use crate::threads::assert_same_bits;

fn numbers(rng: &mut impl rand::Rng, len: usize, rows: usize) -> Vec<u32> {
    (0..len).map(|_| rng.random_range(0..rows as u32)).collect()
}

#[test]
fn rows_are_looked_up_and_their_gradients_added_up() {
    let mut rng = rng(80);
    for (n, layer) in [
        (0, Embedding { len: 3, rows: 5, width: 2 }),
        (1, Embedding { len: 1, rows: 1, width: 1 }),
        (3, Embedding { len: 6, rows: 11, width: 5 }),
        (5, Embedding { len: 7, rows: 200, width: 37 }),
    ] {
        let Embedding { len, rows, width } = layer;
        let seed = initializers::Seed::new(1, "words");
        let weights = Table { embeddings: initializers::random_uniform(&[rows, width], -0.05, 0.05, seed) };
        let mut gradients = Table { embeddings: Gradient::zeros(&[rows, width]) };
        gradients.embeddings.values_mut().fill(f32::NAN);
        for _ in 0..2 {
            let x = numbers(&mut rng, n * len, rows);
            let mut y = vec![f32::NAN; n * len * width];
            layer.forward(n, &x, &weights, &mut y).unwrap();
            let dy = integers(&mut rng, y.len());
            let mut expected = vec![0.0; rows * width];
            for (index, (&row, y)) in x.iter().zip(y.chunks(width)).enumerate() {
                let row = row as usize * width;
                assert_eq!(y, &weights.embeddings.values()[row..row + width]);
                (0..width).for_each(|column| expected[row + column] += f64::from(dy[index * width + column]));
            }
            gradients.embeddings.begin();
            layer.backward_weights(n, &x, &dy, &mut gradients);
            gradients.embeddings.finish();
            assert_exact(gradients.embeddings.values(), &expected);
        }
    }
}

#[test]
fn the_bits_are_the_same_on_any_number_of_threads() {
    let layer = Embedding { len: 50, rows: 300, width: 150 };
    let mut rng = rng(81);
    let n = 100;
    let x = numbers(&mut rng, n * layer.len, layer.rows);
    let dy = uniform(&mut rng, n * layer.len * layer.width);
    let seed = initializers::Seed::new(1, "words");
    let weights = Table { embeddings: initializers::random_uniform(&[layer.rows, layer.width], -0.05, 0.05, seed) };
    assert_same_bits(|| {
        let mut y = vec![0.0; dy.len()];
        let mut gradients = Table { embeddings: Gradient::zeros(&[layer.rows, layer.width]) };
        layer.forward(n, &x, &weights, &mut y).unwrap();
        layer.backward_weights(n, &x, &dy, &mut gradients);
        vec![y, gradients.embeddings.values().into()]
    });
}

#[test]
#[should_panic(expected = "`x` does not hold 2 samples of [3] elements")]
fn lengths_are_checked() {
    let weights = Table { embeddings: initializers::ones(&[4, 2]) };
    let _ = Embedding { len: 3, rows: 4, width: 2 }.forward(2, &[0; 5], &weights, &mut [0.0; 12]);
}

#[test]
fn a_number_without_a_row_is_told() {
    let weights = Table { embeddings: initializers::ones(&[4, 2]) };
    let layer = Embedding { len: 3, rows: 4, width: 2 };
    let error = layer.forward(2, &[0, 3, 3, 1, 4, 9], &weights, &mut [0.0; 12]).unwrap_err().to_string();
    assert_eq!(error, "sample 1 has the number 4, but an `Embedding` has 4 rows, counted from 0");
}
