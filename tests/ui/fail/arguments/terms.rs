use net_runtime::prelude::*;

network! {
    network Held(x: [8], text: u32[8]) -> (y: [4]) {
        let a = x -> Dense(8, kernel_regularizer = 0.01) -> Dense(8, kernel_regularizer = "l2");
        let b = a -> Dense(8, kernel_regularizer = L2(0.01), kernel_constraint = MaxNorm(2));
        let c = b -> Dense(8, kernel_regularizer = regularizers::l2(0.01), bias_constraint = 2);
        let d = c -> Dense(8, kernel_regularizer = l2(-0.1), kernel_constraint = min_max_norm(2, 1));
        let e = d -> relu(kernel_regularizer = l2) -> Dense(8, bias = false, bias_regularizer = l2);
        let f = e -> Dense(8, weight_decay = 0.01) -> Dense(8, activity_regularizer = orthogonal);
        let g = text -> Embedding(8, 4, max_norm = 1) -> Flatten -> L1(0.1);
        let y = (f, g) -> Concat -> Dense(4);
    }
    network Axes(x: [8]) -> (y: [4]) {
        let a = x -> Dense(8, kernel_constraint = max_norm(2, axis = 2));
        let b = x -> Dense(8, bias_regularizer = orthogonal);
        let c = x -> Reshape(8, 1) -> Dense(8, kernel_regularizer = orthogonal) -> Flatten;
        let d = x -> BatchNorm(moving_mean_constraint = non_neg);
        let y = (a, b, c, d) -> Concat -> Dense(4, kernel_constraint = "unit_norm", bias_constraint = keras::NonNeg);
    }
    network Path(x: [8]) -> (y: [4]) {
        let y = x -> Dense(4, kernel_regularizer = regularizers.l2(0.01));
    }
}

fn main() {}
