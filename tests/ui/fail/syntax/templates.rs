use net_runtime::prelude::*;

network! {
    block (x) { x -> relu }
    block gate { x -> relu }
    block deep(x) 3
}

fn main() {}
