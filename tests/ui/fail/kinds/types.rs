use net_runtime::prelude::*;

network! {
    network Price(text: i64[8], picture: f64[8, 8, 3], flag: bool[1]) -> (price: f32[1]) {
        let price = picture -> Flatten -> Dense(1);
    }
}

fn main() {}
