//! A body that cannot be read leaves the types of the header.

use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        class := image.dense(10).softmax();
    }
}

fn main() -> Result<(), Error> {
    let found = Digits::new(42).predict(&Batch::<Shape1<64>>::zeros(3))?;
    println!("{:?}", found.class);
    Ok(())
}
