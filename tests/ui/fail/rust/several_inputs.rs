use net_runtime::prelude::*;

network! {
    network Stereo(left: [28, 28, 1], right: [28, 28, 1]) -> (distance: [1]) {
        let distance = (left, right) -> Concat -> Flatten -> Dense(1);
        loss distance: MeanSquaredError;
    }
}

fn main() -> Result<(), Error> {
    let photos = Batch::<Shape3<28, 28, 1>>::zeros(3);
    let _ = Stereo::new(42).predict(&photos)?;
    let _ = Stereo::new(42).predict(StereoInputs { left: photos.view() })?;
    let _ = Stereo::new(42).predict(StereoInputs { left: photos.view(), rigth: photos.view() })?;
    Ok(())
}
