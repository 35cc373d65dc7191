//! Items of the user's whose names are those that generated code needs: it writes every path in full.

use net_runtime::network;

/// Stand in the way of `core`.
#[allow(dead_code)]
mod core {}
/// Stand in the way of `std`.
#[allow(dead_code)]
mod std {}
/// Stand in the way of `alloc`.
#[allow(dead_code)]
mod alloc {}

macro_rules! hostile {
    ($($name:ident)*) => { $(
        #[allow(dead_code, non_camel_case_types)]
        #[derive(Debug)]
        struct $name;
    )* };
}

hostile! {
    Option Some None Result Ok Err Vec String Box Iterator AsRef FnMut Send Sync Into From Default Clone Copy
    Batch View Shape Shape1 Shape3 Network Trainable Workspace Samples Gradients Inputs Outputs Error Mode Param Gradient
    Summary Arena Slot Write Adam Trainer Debug PartialEq
    f32 f64 u8 u16 u32 u64 i32 i64 usize isize char str
}

/// Constants, which patterns of their names would mean.
#[allow(dead_code, non_upper_case_globals)]
mod constants {
    pub(super) const sum: () = ();
    pub(super) const class: () = ();
}
#[allow(unused_imports)]
use constants::{class, sum};

// A local variable may be called as a function is.
macro_rules! functions {
    ($($name:ident)*) => { $( #[allow(dead_code)] fn $name() {} )* };
}

functions! { visitor new arena n write slots x y dy dx total weighted gradients inputs samples mode scratch random name param }

#[allow(unused_macros)]
macro_rules! vec {
    () => {
        compile_error!("the user's own")
    };
}
#[allow(unused_macros)]
macro_rules! assert {
    () => {
        compile_error!("the user's own")
    };
}

network! {
    network Surrounded(image: [6, 6, 1], row: [3]) -> (class: [2], sum: [4]) {
        layer eye = Conv2d(2, 3) -> relu;
        let seen = image -> eye -> Flatten;
        let class = (seen, row -> Dense(3) -> gelu) -> Concat -> Dropout(0.5) -> Dense(2) -> softmax;
        let sum = (row -> Dense(4), row -> Dense(4)) -> Add;
        loss class: CategoricalCrossentropy(0.1);
        loss sum: MeanSquaredError + 0.5 * MeanAbsoluteError;
        metric class: Accuracy;
    }
}

pub(crate) fn run() {
    let net = Surrounded::new(3);
    let image = net_runtime::Batch::zeros(2);
    let row = net_runtime::Batch::zeros(2);
    let found = net.predict(SurroundedInputs { image: image.view(), row: row.view() });
    assert_eq!(found.map(|found| found.class.len()).ok(), ::core::option::Option::Some(2));
}

/// Outputs whose names are patterns that do not bind.
#[allow(dead_code, non_snake_case, unused_imports)]
mod patterns {
    use super::*;
    use net_runtime::network;

    network! {
        network OfPatterns(x: [3]) -> (Some: [2], Ok: [1], None: [3]) {
            let Some = x -> Dense(2) -> softmax;
            let Ok = x -> Dense(1);
            let None = x -> Dense(3) -> relu;
            loss Some: SparseCategoricalCrossentropy;
            loss Ok: MeanSquaredError + 0.5 * MeanAbsoluteError;
            loss None: Huber;
            metric Ok: MeanAbsoluteError;
        }
    }
}
