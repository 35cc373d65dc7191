//! Matrix products, through `matrixmultiply`.

use ndarray::{ArrayView2, ArrayViewMut2, Axis, Slice};

use super::epilogue::Epilogue;
use super::parallel::{self, Tiles};
use crate::{Scratch, Write};

/// Tiles that a product is cut into when it is worth it.
const TILES: usize = 32;

/// Sides of a tile below which packing its operands costs too much.
const SMALLEST_SIDE: usize = 64;

/// A product with fewer elements than this and a longer common axis than [`LONG`] is cut along the common axis.
const SMALL: usize = 32 << 10;
const LONG: usize = 4096;

/// Chunks that the common axis is cut into at most.
const CHUNKS: usize = 16;

/// The first `rows * columns` elements of a slice as a matrix.
pub(crate) fn matrix(values: &[f32], rows: usize, columns: usize) -> ArrayView2<'_, f32> {
    ArrayView2::from_shape((rows, columns), &values[..rows * columns]).expect("the slice has the matrix's size")
}

/// The first `rows * columns` elements of a slice as a matrix for writing.
pub(crate) fn matrix_mut(values: &mut [f32], rows: usize, columns: usize) -> ArrayViewMut2<'_, f32> {
    ArrayViewMut2::from_shape((rows, columns), &mut values[..rows * columns]).expect("the slice has the matrix's size")
}

/// The factor of what a place holds.
pub(crate) fn beta(write: Write) -> f32 {
    match write {
        Write::Set => 0.0,
        Write::Add => 1.0,
    }
}

/// `c = alpha * a · b + beta * c` on the calling thread; with `beta` 0 what `c` held is not read.
///
/// # Panics
///
/// If the sizes do not fit.
pub(crate) fn gemm(alpha: f32, a: ArrayView2<f32>, b: ArrayView2<f32>, beta: f32, mut c: ArrayViewMut2<f32>) {
    let (rows, inner) = a.dim();
    let columns = b.ncols();
    assert_eq!(b.nrows(), inner, "the inner sizes of a product differ");
    assert_eq!(c.dim(), (rows, columns), "a product has another size than its place");
    // SAFETY: a view's pointer and strides reach every index below its dimensions, which are rows x inner, inner x
    // columns and rows x columns as just checked; `c` is borrowed mutably, so it overlaps neither of the others, and a
    // mutable view has no two indices for one element. For beta = 0 the library only writes to `c`.
    unsafe {
        matrixmultiply::sgemm(
            rows,
            inner,
            columns,
            alpha,
            a.as_ptr(),
            a.strides()[0],
            a.strides()[1],
            b.as_ptr(),
            b.strides()[0],
            b.strides()[1],
            beta,
            c.as_mut_ptr(),
            c.strides()[0],
            c.strides()[1],
        );
    }
}

/// `c = epilogue(a · b)` or `c += a · b`, on all threads where that pays. The epilogue is for [`Write::Set`].
pub(crate) fn parallel(
    a: ArrayView2<f32>,
    b: ArrayView2<f32>,
    write: Write,
    c: ArrayViewMut2<f32>,
    epilogue: Epilogue,
    scratch: &mut Scratch,
) {
    let (rows, columns) = c.dim();
    let inner = a.ncols();
    if rows == 0 || columns == 0 {
        return;
    }
    let threads = parallel::pays(rows * columns * inner);
    if threads && rows * columns <= SMALL && inner >= LONG {
        return along_the_inner_axis(a, b, write, c, epilogue, scratch);
    }
    let block = if threads { block(rows, columns) } else { [rows, columns] };
    Tiles { matrix: c, at: [0, 0], block }.for_each(threads, (&mut [], 0), &|[row, column], mut tile, _| {
        let columns = column..column + tile.ncols();
        let a = a.slice_axis(Axis(0), Slice::from(row..row + tile.nrows()));
        let b = b.slice_axis(Axis(1), Slice::from(columns.clone()));
        gemm(1.0, a, b, beta(write), tile.view_mut());
        for row in tile.rows_mut() {
            let row = row.into_slice().expect("the rows of a product are contiguous");
            epilogue.apply(columns.clone(), row);
        }
    });
}

/// The size of a tile: the longer side is halved until there are enough tiles.
fn block(rows: usize, columns: usize) -> [usize; 2] {
    let mut block = [rows, columns];
    while rows.div_ceil(block[0]) * columns.div_ceil(block[1]) < TILES {
        let longer = usize::from(block[1] > block[0]);
        if block[longer] <= SMALLEST_SIDE {
            break;
        }
        block[longer] = block[longer].div_ceil(2).next_multiple_of(16);
    }
    block
}

/// A small product with a long common axis: chunks of that axis are tasks, their products are added up in order.
fn along_the_inner_axis(
    a: ArrayView2<f32>,
    b: ArrayView2<f32>,
    write: Write,
    mut c: ArrayViewMut2<f32>,
    epilogue: Epilogue,
    scratch: &mut Scratch,
) {
    let (rows, columns) = c.dim();
    let inner = a.ncols();
    let chunk = inner.div_ceil(CHUNKS).max(LONG / 2);
    let parts = inner.div_ceil(chunk);
    let size = rows * columns;
    let products = scratch.take(parts * size);
    parallel::for_each_part(true, parts, &|part| part * size, products, (&mut [], 0), &|part, product, _| {
        let range = Slice::from(part * chunk..inner.min((part + 1) * chunk));
        let a = a.slice_axis(Axis(1), range);
        let b = b.slice_axis(Axis(0), range);
        gemm(1.0, a, b, 0.0, matrix_mut(product, rows, columns));
    });
    let (sum, others) = products.split_at_mut(size);
    for product in others.chunks_exact(size) {
        sum.iter_mut().zip(product).for_each(|(sum, value)| *sum += value);
    }
    epilogue.apply_rows(sum);
    match write {
        Write::Set => c.assign(&matrix(sum, rows, columns)),
        Write::Add => c += &matrix(sum, rows, columns),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small integers, so that every order of summation gives the same bits.
    fn integers(len: usize, step: usize) -> Vec<f32> {
        (0..len).map(|i| ((i * step) % 7) as f32 - 3.0).collect()
    }

    fn naive(a: ArrayView2<f32>, b: ArrayView2<f32>) -> Vec<f32> {
        let mut product = Vec::new();
        for i in 0..a.nrows() {
            for j in 0..b.ncols() {
                product.push((0..a.ncols()).map(|l| a[[i, l]] * b[[l, j]]).sum());
            }
        }
        product
    }

    #[test]
    fn a_product_is_exact_on_small_integers_in_every_layout() {
        for (m, k, n) in [(1, 1, 1), (3, 5, 2), (17, 300, 33), (64, 9, 40), (2, 0, 3), (0, 4, 2), (5, 1, 0)] {
            let (left, right) = (integers(m * k, 3), integers(k * n, 5));
            let lefts = [matrix(&left, m, k), matrix(&left, k, m).reversed_axes()];
            let rights = [matrix(&right, k, n), matrix(&right, n, k).reversed_axes()];
            for (a, b) in lefts.iter().flat_map(|a| rights.iter().map(move |b| (*a, *b))) {
                let expected = naive(a, b);
                let mut c = vec![f32::NAN; m * n];
                gemm(1.0, a, b, 0.0, matrix_mut(&mut c, m, n));
                assert_eq!(c, expected, "{m} {k} {n}");
                gemm(2.0, a, b, 1.0, matrix_mut(&mut c, m, n));
                assert!(c.iter().zip(&expected).all(|(&c, e)| c == 3.0 * e), "{m} {k} {n}");
            }
        }
    }

    #[test]
    fn a_parallel_product_is_exact_by_tiles_and_along_the_inner_axis() {
        for (m, k, n) in [(300, 130, 190), (20, 9000, 30), (4, 4, 4), (7, 5000, 1), (1, 300, 9000)] {
            let (left, right) = (integers(m * k, 3), integers(k * n, 5));
            let (a, b) = (matrix(&left, m, k), matrix(&right, k, n));
            let expected = naive(a, b);
            let mut c = vec![f32::NAN; m * n];
            let bias: Vec<_> = (0..n).map(|j| (j % 5) as f32).collect();
            let epilogue = Epilogue { bias: Some(&bias), activation: crate::activations::Activation::Relu };
            parallel(a, b, Write::Set, matrix_mut(&mut c, m, n), epilogue, &mut Scratch::default());
            for (i, (&c, &expected)) in c.iter().zip(&expected).enumerate() {
                assert_eq!(c, (expected + bias[i % n]).max(0.0), "{m} {k} {n}");
            }
            c.fill(1.0);
            parallel(a, b, Write::Add, matrix_mut(&mut c, m, n), Epilogue::NONE, &mut Scratch::default());
            assert!(c.iter().zip(&expected).all(|(&c, e)| c == 1.0 + e), "{m} {k} {n}");
        }
    }

    #[test]
    #[should_panic(expected = "the inner sizes of a product differ")]
    fn sizes_are_checked() {
        gemm(1.0, matrix(&[0.0; 6], 2, 3), matrix(&[0.0; 4], 2, 2), 0.0, matrix_mut(&mut [0.0; 4], 2, 2));
    }
}
