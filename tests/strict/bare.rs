//! Without the prelude: nothing of the standard library is in scope, neither are its macros.
#![no_implicit_prelude]

::net_runtime::network! {
    network Bare(image: [6, 6, 1], row: [3], _word: u32[2]) -> (class: [2], sum: [4]) {
        layer eye = Conv2d(2, 3) -> relu;
        let seen = image -> eye -> Flatten;
        let class = (seen, row -> Dense(3) -> gelu) -> Concat -> Dropout(0.5) -> Dense(2) -> softmax;
        let sum = (row -> Dense(4), row -> Dense(4)) -> Add;
        loss class: SparseCategoricalCrossentropy;
        loss sum: MeanSquaredError + 0.5 * MeanAbsoluteError;
        metric class: Accuracy;
    }

    network Around(image: [6, 6, 1], row: [3]) -> (class: [2]) {
        layer bare = Inner;
        let class = (image -> Flatten, row) -> Concat -> bare;
        loss class: CategoricalCrossentropy;
    }

    network Inner(x: [39]) -> (class: [2]) {
        let class = x -> Dense(2, bias = false) -> softmax;
    }
}

pub(crate) fn run() {
    Bare::summary();
    ::core::assert_eq!(Around::new(1).inner_parameters(), Inner::PARAMETERS);
}

impl Around {
    fn inner_parameters(&self) -> usize {
        self.bare.class_dense.kernel.values().len()
    }
}
