use net_runtime::prelude::*;

network! {
    network Digits(image: [64], in: [3]) -> (class: [10]) {
        let type = image -> Dense(128);
        let r#match = type -> relu;
        let class = (r#match, in) -> Concat -> Dense(10, name = loop);
    }
}

fn main() {}
