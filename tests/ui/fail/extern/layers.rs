use net_runtime::layers::{Backward, Forward, Layer};
use net_runtime::prelude::*;

/// Every second number.
pub struct Halved;

impl<const N: usize> Layer<Shape1<N>> for Halved {
    const OUTPUT: &'static [usize] = {
        assert!(N % 2 == 0, "`Halved` needs an even number of features");
        &[N / 2]
    };

    fn forward(Forward { x, y, .. }: Forward<'_>) -> Result<(), Error> {
        y.iter_mut().zip(x[0].numbers().iter().step_by(2)).for_each(|(y, x)| *y = *x);
        Ok(())
    }

    fn backward(Backward { dy, dx, .. }: Backward<'_>) {
        let Some(dx) = &mut dx[0] else { return };
        dx.fill(0.0);
        dx.iter_mut().step_by(2).zip(dy).for_each(|(dx, dy)| *dx = *dy);
    }
}

pub struct NoLayer;

network! {
    extern layer self::Halved as Wrong(x: [8]) -> (y: [8]);
    extern layer self::Halved as OfImages(x: [8, 8, 3]) -> (y: [4]);
    extern layer self::Halved as OfIndices(x: u32[8]) -> (y: [4]);
    extern layer self::Halved as OfTwo(x: [8], y: [8]) -> (z: [4]);
    extern layer self::NoLayer(x: [8]) -> (y: [8]);
    extern layer self::Nowhere(x: [8]) -> (y: [8]);

    network Net(x: [8], image: [8, 8, 3], words: u32[8]) -> (a: [8], b: [4], c: [4], d: [4], e: [8], f: [8]) {
        let a = x -> Wrong;
        let b = image -> OfImages;
        let c = words -> OfIndices;
        let d = (x, x) -> OfTwo;
        let e = x -> NoLayer;
        let f = x -> Nowhere;
    }
}

mod odd {
    net_runtime::network! {
        extern layer super::Halved(x: [7]) -> (y: [3]);

        pub network Net(x: [7]) -> (y: [3]) {
            let y = x -> Halved;
        }
    }
}

fn main() {
    let _ = Net::new(1);
    let _ = odd::Net::new(1);
}
