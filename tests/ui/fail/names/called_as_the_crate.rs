use net_runtime::network;

network! {
    network net_runtime(x: [8]) -> (y: [2]) {
        let y = x -> Dense(2);
    }
}

fn main() {}
