use net_runtime::prelude::*;

network! {
    block first(x, N) { x -> Dense(N) }
    block second(x, const N: usize) { x -> Dense(N) }
    block third(x: [8]) { x -> relu }
    block fourth(x) -> (y: [3]) { x -> Dense(3) }
    pub block fifth(x) { x -> relu }
    block sixth(const N) { x -> Dense(N) }
    block seventh(x, const x) { x -> relu }
    const WIDTH: usize = 3;
    block eighth(x, const WIDTH) { x -> Dense(WIDTH) }
    #[inline]
    block ninth(x) { x -> relu }

    network Net(image: [3]) -> (class: [4]) {
        let head = image -> first(1) -> second(2) -> third -> fourth -> fifth;
        let class = head -> sixth(3) -> seventh(4) -> eighth(5) -> ninth;
    }
}

fn main() {}
