use net_runtime::prelude::*;

network! {
    network Digits(image: [28, 28, 1]) -> (class: [10]) {
        let class = image -> Flatten -> Dense(10) -> softmax;
    }

    network Stereo(left: [28, 28, 1], right: [28, 28, 1]) -> (distance: [1]) {
        let distance = (left, right) -> Concat -> Flatten -> Dense(1);
    }

    network Words(text: u32[40]) -> (mood: [1]) {
        let mood = text -> Embedding(100, 8) -> Lstm(4) -> Dense(1);
    }
}

fn main() -> Result<(), Error> {
    let photos = Batch::<Shape3<28, 32, 1>>::zeros(3);
    let digits = Digits::new(42);
    let _ = digits.predict(&photos)?;
    let _ = digits.predict(photos.view())?;

    let fitting = Batch::<Shape3<28, 28, 1>>::zeros(3);
    let _ = digits.predict(fitting)?;

    let bytes = Batch::<Shape3<28, 28, 1>, u32>::zeros(3);
    let _ = digits.predict(&bytes)?;

    let _ = Words::new(42).predict(&Batch::<Shape1<40>>::zeros(3))?;

    let right = Batch::<Shape3<28, 28, 3>>::zeros(3);
    let _ = Stereo::new(42).predict(StereoInputs { left: right.view(), right: right.view() })?;
    let _ = Stereo::new(42).predict(&right)?;
    Ok(())
}
