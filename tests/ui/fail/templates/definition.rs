use net_runtime::prelude::*;

network! {
    block first(x, const N) { let main = x -> Conv2D(N, 3) -> rellu; main -> Dense(M) }
    block second(x) { let y = x -> Dense(4); }
    block third(x) { x -> Dense(4); }
    block fourth(x) { lat y = x -> Dense(4); y -> relu }
    block fifth(x) { x -> Dense(3); x -> relu }
    block sixth(x) { return x }
    block seventh(x) { let y = x -> Dense(4); loss y: MeanSquaredError; y }

    network Net(image: [3]) -> (class: [4]) {
        let class = image -> first(1) -> second -> third -> fourth -> fifth -> sixth -> seventh;
    }
}

fn main() {}
