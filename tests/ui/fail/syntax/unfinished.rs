mod a {
    net_runtime::network! { network }
}

mod b {
    net_runtime::network! { network Digits }
}

mod c {
    net_runtime::network! { network Digits(image: [64]) -> }
}

mod d {
    net_runtime::network! { network Digits(image: [64]) -> (class: [10]) }
}

mod e {
    net_runtime::network! { pub }
}

mod f {
    net_runtime::network! { const CLASSES: usize = 10 }
}

mod g {
    net_runtime::network! {
        /// A network.
    }
}

mod h {
    net_runtime::network! { network Digits(image: [64]) -> (class: [10]) { let class } }
}

fn main() {}
