//! Announcements that are wrong in themselves.

net_runtime::network! {
    extern network models::A() -> (code: [4]);
    extern network models::B(image: [8, 0], image: [4]) -> (code: [4]);
    extern network models::C(image: [8]) -> (code: [4], image: [4]) -> relu;
    extern network models::D(image: [8]);
    extern network models::Dense(image: [8]) -> (code: [4], code: [LARGE]);
    extern network models::E(image: f64[8]) -> (code: [4]);
    extern network models::F(image: [8]) -> (code: [4])

    network Outer(image: [8]) -> (code: [4]) {
        let code = (image -> A, image -> B, image -> C, image -> D, image -> E, image -> F) -> Concat -> Dense;
    }
}

fn main() {
    println!("{}", Outer::summary());
}
