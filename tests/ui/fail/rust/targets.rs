use net_runtime::data::one_hot;
use net_runtime::prelude::*;

network! {
    network Sparse(image: [64]) -> (class: [10]) {
        let class = image -> Dense(10) -> softmax;
        loss class: SparseCategoricalCrossentropy;
    }

    network OneHot(image: [64]) -> (class: [10]) {
        let class = image -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }
}

fn main() -> Result<(), Error> {
    let classes = vec![3, 1, 4];
    let image = Batch::<Shape1<64>>::zeros(3);
    let _ = SparseSamples { image: image.clone(), class: one_hot::<10>(&classes)? };
    let _ = OneHotSamples { image: image.clone(), class: Batch::from_vec(classes)? };
    let numbers: Batch<Shape0, u32> = Batch::from_vec(vec![3, 1, 4])?;
    let _ = OneHotSamples { image, class: numbers };
    Ok(())
}
