//! Products of matrices by this project, `matrixmultiply` and `gemm`, in turn, as shares of the peak that was measured
//! before and after. Prints the table of `examples/kernels`, with lines of theirs.

#[path = "../../../kernels/measure.rs"]
mod measure;
#[path = "../../../kernels/products.rs"]
mod products;

use gemm::Parallelism;
use measure::{Bench, Work};
use net_runtime::ndarray::linalg::general_mat_mul;
use net_runtime::ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis};
use products::{SIZES, name, numbers, operations, ours};

fn main() {
    println!("{}\n", net_runtime::machine::instruction_set());
    Bench::heads();
    for threads in [1, 2] {
        let mut bench = Bench::new(threads);
        for size in SIZES {
            bench.time(
                &name(size),
                operations(size),
                vec![ours(size), by_matrixmultiply(size, threads), by_gemm(size, threads)],
            );
        }
    }
}

/// Two factors and a place for their product.
fn matrices([rows, inner, columns]: [usize; 3]) -> [Array2<f32>; 3] {
    [[rows, inner], [inner, columns], [rows, columns]]
        .map(|shape| Array2::from_shape_vec(shape, numbers(shape[0] * shape[1])).expect("as many numbers"))
}

fn by_matrixmultiply(size: [usize; 3], threads: usize) -> Work<'static> {
    let [a, b, mut c] = matrices(size);
    Work::new("matrixmultiply", move || matrixmultiply(threads, a.view(), b.view(), c.view_mut()))
}

fn by_gemm(size: [usize; 3], threads: usize) -> Work<'static> {
    let [a, b, mut c] = matrices(size);
    Work::new("gemm", move || gemm(threads, &a, &b, &mut c))
}

/// `matrixmultiply` behind the safe function of `ndarray`. Its own threads are as many for the whole process as the
/// environment says; here each thread has some rows of the result.
fn matrixmultiply(threads: usize, a: ArrayView2<f32>, b: ArrayView2<f32>, mut c: ArrayViewMut2<f32>) {
    if threads == 1 {
        return general_mat_mul(1.0, &a, &b, 0.0, &mut c);
    }
    let middle = a.nrows() * (threads / 2) / threads;
    let (above, below) = a.split_at(Axis(0), middle);
    let (c_above, c_below) = c.split_at(Axis(0), middle);
    rayon::join(
        || matrixmultiply(threads / 2, above, b, c_above),
        || matrixmultiply(threads - threads / 2, below, b, c_below),
    );
}

fn gemm(threads: usize, a: &Array2<f32>, b: &Array2<f32>, c: &mut Array2<f32>) {
    let ((rows, inner), columns) = (a.dim(), b.ncols());
    assert!(b.nrows() == inner && c.dim() == (rows, columns));
    assert!(a.is_standard_layout() && b.is_standard_layout() && c.is_standard_layout());
    let parallelism = if threads == 1 { Parallelism::None } else { Parallelism::Rayon(threads) };
    let distances = |matrix: &Array2<f32>| (1, matrix.ncols() as isize);
    let ((c_column, c_row), (a_column, a_row), (b_column, b_row)) = (distances(c), distances(a), distances(b));
    let (place, a, b) = (c.as_mut_ptr(), a.as_ptr(), b.as_ptr());
    // The result is 0 times what is there, which is not read, and 1 times the product; nothing is complex.
    let (read, old, new, conjugate) = (false, 0.0, 1.0, false);
    // SAFETY: three matrices of these sizes with rows and columns so far apart, and the result is borrowed alone.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            place,
            c_column,
            c_row,
            read,
            a,
            a_column,
            a_row,
            b,
            b_column,
            b_row,
            old,
            new,
            conjugate,
            conjugate,
            conjugate,
            parallelism,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_give_the_product() {
        let [a, b, c] = matrices([7, 5, 9]);
        let expected = Array2::from_shape_fn((7, 9), |(i, j)| (0..5).map(|k| a[(i, k)] * b[(k, j)]).sum::<f32>());
        for threads in [1, 2] {
            let (mut first, mut second) = (c.clone(), c.clone());
            matrixmultiply(threads, a.view(), b.view(), first.view_mut());
            gemm(threads, &a, &b, &mut second);
            for found in [first, second] {
                assert!((found - &expected).iter().all(|error| error.abs() < 1e-5));
            }
        }
    }
}
