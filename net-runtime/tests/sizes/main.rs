//! Descriptors whose sizes are more than can be counted, and tensors that hold what is left of them when products wrap: a panic, and no
//! read beyond a slice. In a development build the multiplication itself would panic; so this runs as a release build, too.

mod attention;
mod convolution;
mod memory;
mod moves;
mod products;
mod recurrent;
mod rows;

use std::panic::{AssertUnwindSafe, catch_unwind};

use net_runtime::Param;
use net_runtime::weights::Affine;

/// One more than half of all numbers: twice it is 2.
const HALF: usize = (1 << (usize::BITS - 1)) + 1;

/// The square of it is 0.
const ROOT: usize = 1 << (usize::BITS / 2);

#[track_caller]
fn refused(what: &str, work: impl FnOnce()) {
    let panicked = catch_unwind(AssertUnwindSafe(work)).expect_err(what);
    let text = panicked.downcast_ref::<String>().map(String::as_str);
    let text = text.or(panicked.downcast_ref::<&str>().copied()).unwrap_or_default();
    let ours = [
        "does not hold",
        "does not have",
        "larger than memory",
        "farther than memory",
        "does not lie within",
        "elements of the",
    ];
    assert!(ours.iter().any(|ours| text.contains(ours)), "{what}: {text}");
}

fn weights(kernel: &[usize]) -> Affine {
    let outputs = *kernel.last().unwrap();
    Affine { kernel: Param::zeros(kernel), bias: Param::zeros(&[outputs]) }
}
