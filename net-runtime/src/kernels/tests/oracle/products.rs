//! The three products of a dense layer.

use super::super::{on_every_isa, scratch};
use super::{Expected, Failures, Filling, Matrix};
use crate::kernels::gemm::dense;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::gemm::factors::Factors;
use crate::kernels::gemm::sizes::{BLOCK, Sizes};
use crate::kernels::gemm::weight_gradient;
use crate::kernels::simd::{Isa, ROWS};
use crate::memory::mode::Arithmetic;
use crate::tensor::param::{Param, Store, Write};

/// Sizes around those of tiles and blocks.
fn sizes(isa: Isa) -> Vec<Sizes> {
    let (tile, lanes) = (isa.tile_columns(), isa.lanes());
    let mut sizes = Vec::new();
    for rows in [0, 1, ROWS - 1, ROWS, ROWS + 1, BLOCK + 1] {
        for inputs in [0, 1, lanes, tile - 1, tile + 1, BLOCK + 1] {
            for outputs in [0, 1, lanes - 1, lanes + 1, tile - 1, tile, tile + 1, 2 * tile + 1] {
                sizes.push(Sizes { rows, inputs, outputs });
            }
        }
    }
    // An inner axis that is cut; enough rows for blocks on several threads; weights that are transposed.
    sizes.push(Sizes { rows: 3, inputs: 4096 + 1, outputs: 2 * tile });
    sizes.push(Sizes { rows: 8 * BLOCK + 1, inputs: tile + 1, outputs: tile - 1 });
    sizes.push(Sizes { rows: 2 * 256 + 1, inputs: 384 + 1, outputs: 256 + 1 });
    // Factors whose product is wider than a piece, and of several tasks.
    sizes.push(Sizes { rows: 17, inputs: 2 * 64 + 3, outputs: 4096 + tile + 1 });
    sizes
}

#[test]
fn products_are_those_of_matrixmultiply() {
    let mut failures = Failures::default();
    on_every_isa(|isa, at_end| {
        // Where slices lie does not matter here.
        if !at_end {
            return;
        }
        for sizes in sizes(isa) {
            for filling in [Filling::Integers, Filling::Fractions] {
                let Sizes { rows, inputs, outputs } = sizes;
                let (x, dy) = (filling.numbers(1, rows * inputs), filling.numbers(2, rows * outputs));
                let mut w = Param::zeros(&[inputs, outputs]);
                w.values_mut().copy_from_slice(&filling.numbers(3, inputs * outputs));
                let [x_matrix, dy_matrix, w_matrix] =
                    [(&x[..], rows, inputs), (&dy, rows, outputs), (w.values(), inputs, outputs)]
                        .map(|(values, rows, columns)| Matrix::new(values, rows, columns));
                let mut compare = |actual: &[f32], expected: &Expected, what: &str| {
                    failures.compare(
                        actual,
                        expected,
                        filling,
                        1.0,
                        format!("{isa:?}, {what}, {filling:?}: {sizes:?}"),
                    );
                };
                let memory = &mut scratch(Arithmetic::Exact);

                let mut y = vec![f32::NAN; rows * outputs];
                dense::forward(sizes, (&x).into(), (&w).into(), Epilogue::NONE, &mut y, memory);
                compare(&y, &Expected::new(x_matrix, w_matrix), "x · w");

                let mut dx = vec![f32::NAN; rows * inputs];
                dense::backward_input(sizes, w.values(), &dy, (&mut dx).into(), Store::Set, memory);
                compare(&dx, &Expected::new(dy_matrix, w_matrix.transposed()), "dy · wᵀ");

                let by_weights = Expected::new(x_matrix.transposed(), dy_matrix);
                let mut dw = vec![f32::NAN; inputs * outputs];
                weight_gradient::backward_weights(sizes, (&x).into(), (&dy).into(), &mut dw, Write::Set, memory);
                compare(&dw, &by_weights, "xᵀ · dy");

                if sizes.factors_pay() {
                    let (mut own_x, mut own_dy) = (vec![f32::NAN; x.len()], vec![f32::NAN; Factors::packed_len(sizes)]);
                    Factors::take(sizes, [&x, &dy], &mut own_x, &mut own_dy);
                    let factors = Factors { sizes, x: &own_x, dy: &own_dy };
                    dw.fill(f32::NAN);
                    factors.for_each_piece([&mut dw], &|values, [piece]| piece.copy_from_slice(values));
                    compare(&dw, &by_weights, "factors of xᵀ · dy");
                }
            }
        }
    });
    failures.assert_none();
}
