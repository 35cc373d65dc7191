//! Products of matrices by `matrixmultiply`, to stand beside ours.

use net_runtime::ndarray::Array2;
use net_runtime::ndarray::linalg::general_mat_mul;

use crate::measure::Work;
use crate::products::numbers;

/// The product by `ndarray`, which calls `matrixmultiply`, on one thread.
pub fn product([rows, inner, columns]: [usize; 3]) -> Work<'static> {
    let [x, w, mut y] = [[rows, inner], [inner, columns], [rows, columns]]
        .map(|dims| Array2::from_shape_vec(dims, numbers(dims[0] * dims[1])).expect("as many numbers as elements"));
    Work::new("matrixmultiply", move || general_mat_mul(1.0, &x, &w, 0.0, &mut y))
}
