//! The three products of a dense layer.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::memory::Memory;
use super::{assert_close, on_every_isa, scratch, uniform};
use crate::kernels::gemm::dense;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::gemm::rows::Rows;
use crate::kernels::gemm::sizes::Sizes;
use crate::kernels::gemm::weight_gradient;
use crate::memory::mode::Arithmetic;
use crate::tensor::activation::Activation;
use crate::tensor::param::{Param, Store, Write};

#[test]
fn all_products_are_close_to_naive_loops() {
    let mut rng = ChaCha8Rng::seed_from_u64(41);
    let mut sizes: Vec<Sizes> = (0..60)
        .map(|kind| {
            let [rows, inputs, outputs]: [usize; 3] = [0; 3].map(|_| rng.random_range(1..=40));
            // Every other one with whole vectors, and with few rows.
            if kind % 2 == 0 {
                Sizes { rows: rows.div_ceil(8), inputs, outputs: outputs.next_multiple_of(16) }
            } else {
                Sizes { rows, inputs, outputs }
            }
        })
        .collect();
    // Packed factors; several blocks of rows; an inner axis that is cut.
    sizes.push(Sizes { rows: 70, inputs: 50, outputs: 33 });
    sizes.push(Sizes { rows: 300, inputs: 130, outputs: 48 });
    sizes.push(Sizes { rows: 4, inputs: 20_000, outputs: 56 });
    // Rows for several products of the gradient by weights, whose right factor is read where it lies, is packed because its rows are
    // long, or because it is no whole vectors.
    sizes.push(Sizes { rows: 769, inputs: 20, outputs: 48 });
    sizes.push(Sizes { rows: 400, inputs: 9, outputs: 272 });
    sizes.push(Sizes { rows: 1153, inputs: 7, outputs: 33 });
    // Columns of x in strips, of which the last one is not whole, with dy packed; the same for parts of the rows.
    sizes.push(Sizes { rows: 800, inputs: 98, outputs: 112 });
    sizes.push(Sizes { rows: 2053, inputs: 65, outputs: 100 });
    // Parts of the rows, with the transposed product: of a dy that is read where it lies, and in strips.
    sizes.push(Sizes { rows: 2100, inputs: 20, outputs: 7 });
    sizes.push(Sizes { rows: 2050, inputs: 160, outputs: 67 });
    for sizes in sizes {
        let Sizes { rows, inputs, outputs } = sizes;
        let x = uniform(&mut rng, rows * inputs);
        let w = uniform(&mut rng, inputs * outputs);
        let (dy, bias) = (uniform(&mut rng, rows * outputs), uniform(&mut rng, outputs));
        let mut y: Vec<f64> = (0..rows * outputs).map(|index| f64::from(bias[index % outputs])).collect();
        let (mut dx, mut dw) = (vec![0.0; x.len()], vec![0.0; w.len()]);
        for (row, input) in (0..rows).flat_map(|row| (0..inputs).map(move |input| (row, input))) {
            let (a, b, c) = (row * inputs + input, input * outputs, row * outputs);
            for output in 0..outputs {
                y[c + output] += f64::from(x[a]) * f64::from(w[b + output]);
                dx[a] += f64::from(dy[c + output]) * f64::from(w[b + output]);
                dw[b + output] += f64::from(dy[c + output]) * f64::from(x[a]);
            }
        }
        let mut weights = Param::zeros(&[w.len()]);
        weights.values_mut().copy_from_slice(&w);
        on_every_isa(|isa, at_end| {
            let given = |values: &[f32]| Memory::new(values, at_end);
            let result = |len: usize| Memory::new(&vec![f32::NAN; len], at_end);
            let (x, w, dy, bias) = (given(&x), given(&w), given(&dy), given(&bias));
            let what = (isa, sizes);
            let memory = &mut scratch(Arithmetic::Fast);
            let mut actual = result(y.len());
            let epilogue = Epilogue { bias: Some(&bias), activation: Activation::Linear };
            dense::forward(sizes, (&*x).into(), (&weights).into(), epilogue, &mut actual, memory);
            assert_close(&actual, &y, 2e-6, &("forward", what));
            let mut actual = result(dx.len());
            dense::backward_input(sizes, &w, &dy, (&mut *actual).into(), Store::Set, memory);
            assert_close(&actual, &dx, 2e-6, &("backward_input", what));
            let mut actual = result(dw.len());
            weight_gradient::backward_weights(sizes, (&*x).into(), (&*dy).into(), &mut actual, Write::Set, memory);
            assert_close(&actual, &dw, 2e-6, &("backward_weights", what));
        });
    }
}

#[test]
fn rows_that_lie_apart_give_the_gradient_of_those_that_do_not() {
    let mut rng = ChaCha8Rng::seed_from_u64(43);
    // In place, in place but too far apart for that, packed, as the left factor.
    for (sizes, distance) in [([700, 20, 32], 40), ([2048, 80, 64], 512), ([2048, 64, 100], 130), ([2048, 128, 16], 48)]
    {
        let [rows, inputs, outputs] = sizes;
        let sizes = Sizes { rows, inputs, outputs };
        assert!(weight_gradient::is_by_parts(sizes));
        let x = uniform(&mut rng, rows * inputs);
        let apart = uniform(&mut rng, rows * distance);
        let beside: Vec<f32> = apart.chunks_exact(distance).flat_map(|row| &row[..outputs]).copied().collect();
        on_every_isa(|isa, _| {
            let memory = &mut scratch(Arithmetic::Fast);
            let rows = [Rows { values: &apart, distance: Some(distance) }, Rows { values: &beside, distance: None }];
            let [apart, beside] = rows.map(|dy| {
                let (mut dw, mut sums) = (vec![0.5; inputs * outputs], vec![0.5; outputs]);
                let sums_of = Some((&mut *sums, Write::Add));
                weight_gradient::with_sums(sizes, (&*x).into(), dy, (&mut dw, Write::Add), sums_of, memory);
                (dw, sums)
            });
            assert!(apart == beside, "{isa:?}, {sizes:?}");
        });
    }
}
