use net_runtime::prelude::*;

network! {
    block t0(x) { x -> Dense(8) }
    block t1(x) { x -> t0 -> t0 }
    block t2(x) { x -> t1 -> t1 }
    block t3(x) { x -> t2 -> t2 }
    block t4(x) { x -> t3 -> t3 }
    block t5(x) { x -> t4 -> t4 }
    block t6(x) { x -> t5 -> t5 }
    block t7(x) { x -> t6 -> t6 }
    block t8(x) { x -> t7 -> t7 }
    block t9(x) { x -> t8 -> t8 }
    block t10(x) { x -> t9 -> t9 }
    block t11(x) { x -> t10 -> t10 }
    block t12(x) { x -> t11 -> t11 }
    block t13(x) { x -> t12 -> t12 }

    network Digits(image: [8]) -> (class: [8]) { let class = image -> t13; }
}

fn main() {}
