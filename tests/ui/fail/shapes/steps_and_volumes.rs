use net_runtime::prelude::*;

network! {
    pub network Net(x: [8], image: [8, 6, 3]) -> (y: [2]) {
        let a = x -> MaxPool1d -> Flatten -> Dense(2);
        let b = image -> AvgPool3d -> Flatten -> Dense(2);
        let c = image -> Crop2d(((1, 1), (4, 2))) -> Flatten -> Dense(2);
        let d = image -> Reshape(8, 18) -> ZeroPad1d((1, 2, 3)) -> AvgPool1d((2, 2)) -> Flatten -> Dense(2);
        let e = image -> Reshape(2, 4, 6, 3) -> MaxPool3d((2, 2)) -> Flatten -> Dense(2);
        let y = (a, b, c, d, e) -> Add;
    }
}

fn main() {}
