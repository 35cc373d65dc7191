use net_runtime::prelude::*;

network! {
    network Begun(x: [8]) -> (y: [4]) {
        let a = x -> Dense(8, init = he_norm) -> relu(init = ones);
        let b = a -> Dense(8, kernel_initializer = "he_normal", init = "he_normal") -> Dense(8, init = HeNormal);
        let c = b -> Dense(8, init = 0.5, gamma_init = ones) -> BatchNorm(init = ones);
        let d = c -> Dense(8, init = ones, kernel_init = zeros) -> Dense(8, bias = false, bias_init = ones);
        let e = d -> Dense(8, bias_init = identity) -> Dense(8, init = random_uniform(low = 1.0));
        let f = e -> Dense(8, init = variance_scaling(mode = fan_inn, scale = 0.0)) -> Dense(8, init = (1, 2));
        let y = f -> Dense(4, init = kaiming_normal_);
    }
}

fn main() {}
