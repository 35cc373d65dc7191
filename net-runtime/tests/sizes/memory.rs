//! Parameters, gradients, moments, batches.

use std::panic::{AssertUnwindSafe, catch_unwind};

use net_runtime::optimizers::Moment;
use net_runtime::{Batch, Gradient, Param, Shape1};

use crate::{HALF, ROOT, refused};

#[test]
fn parameters() {
    for dims in [&[ROOT, ROOT][..], &[HALF, 2], &[ROOT, ROOT, 0]] {
        refused("parameter", || drop(Param::zeros(dims)));
        refused("gradient", || drop(Gradient::zeros(dims)));
    }
}

/// What can be counted and memory cannot hold: the number of bytes is told, and the process goes on.
#[test]
fn too_little_memory() {
    let many = usize::MAX / 8;
    let bytes = format!("{} bytes", many * size_of::<f32>());
    let constructors: [(&str, &dyn Fn()); 4] = [
        ("parameter", &|| drop(Param::zeros(&[many]))),
        ("gradient", &|| drop(Gradient::zeros(&[many]))),
        ("moment", &|| drop(Moment::zeros("velocity", many))),
        ("batch", &|| drop(Batch::<Shape1<1>>::zeros(many))),
    ];
    for (what, construct) in constructors {
        let panicked = catch_unwind(AssertUnwindSafe(construct)).expect_err(what);
        let text = panicked.downcast_ref::<String>().map_or("", String::as_str);
        assert!(text.contains(&bytes) && text.contains("more than memory can hold"), "{what}: {text}");
    }
}
