//! What the parts of a pass over a convolution cost by each algorithm, in multiply-adds of one lane of AVX-512 on two threads.
//!
//! They were fitted to some 5,700 measured cases (convolutions of the grid of `kernels choices`, more with few pixels and with few channels, and a
//! U-Net's) on two threads that stay awake: a random search for what makes the chosen algorithm take as little longer than the best as can be, and
//! the times come out right besides. One price alone means little, for what an algorithm does goes together: of numbers that are always
//! written when others are read, one may have the price of both. Nothing was fitted to AVX2. Winograd's gradient of weights was fitted again, to 419
//! cases, when windows at the border and tiles by themselves got a price: small images are made of these.

use crate::memory::algorithm::{Algorithm, Pass};

/// What one of each of the [amounts](super::cost::Amounts) costs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Prices {
    pub product: f64,
    pub taken: f64,
    pub beyond: f64,
    pub given: f64,
    pub packed: f64,
    pub again: f64,
    pub far: f64,
    pub form: f64,
    /// What a far number costs besides in the pass that makes it.
    pub far_made: f64,
    pub step: f64,
    /// What the pass costs besides all that.
    pub once: f64,
}

/// Those of an algorithm in a pass. What computes no such pass has those of products by the definition.
pub(super) fn prices(pass: Pass, algorithm: Algorithm) -> Prices {
    match pass {
        Pass::Forward => match algorithm {
            Algorithm::Winograd => Prices {
                product: 1.0,
                taken: 19.0,
                given: 14.0,
                again: 5.0,
                far: 34.0,
                form: 62.0,
                once: 1900e3,
                ..Prices::default()
            },
            Algorithm::FewTiles => Prices {
                product: 1.2,
                taken: 59.0,
                given: 24.0,
                again: 0.32,
                far: 26.0,
                form: 20.0,
                far_made: 0.44,
                once: 1000e3,
                ..Prices::default()
            },
            Algorithm::Rows => Prices {
                product: 0.73,
                taken: 54.0,
                given: 23.0,
                again: 5.0,
                far: 4.4,
                form: 52.0,
                far_made: 59.0,
                once: 270e3,
                ..Prices::default()
            },
            Algorithm::Columns => Prices {
                product: 1.0,
                taken: 33.0,
                given: 16.0,
                again: 3.9,
                far: 16.0,
                form: 41.0,
                once: 200e3,
                ..Prices::default()
            },
            Algorithm::Strided => Prices { product: 1.9, taken: 26.0, again: 16.0, once: 910e3, ..Prices::default() },
            Algorithm::Patches => Prices {
                product: 1.6,
                taken: 11.0,
                given: 2.8,
                far: 13.0,
                form: 120.0,
                far_made: 1.8,
                step: 1.5e3,
                once: 160e3,
                ..Prices::default()
            },
            _ => Prices {
                product: 1.3,
                taken: 2.9,
                given: 5.2,
                again: 2.0,
                far: 17.0,
                form: 80.0,
                step: 860.0,
                once: 180e3,
                ..Prices::default()
            },
        },
        Pass::InputGradient => match algorithm {
            Algorithm::Winograd => Prices {
                product: 1.1,
                taken: 15.0,
                given: 15.0,
                again: 5.2,
                far: 35.0,
                form: 79.0,
                once: 1800e3,
                ..Prices::default()
            },
            Algorithm::FewTiles => Prices {
                product: 2.2,
                taken: 14.0,
                given: 3.2,
                again: 1.5,
                far: 12.0,
                form: 32.0,
                far_made: 10.0,
                once: 900e3,
                ..Prices::default()
            },
            Algorithm::Adjoint => Prices {
                product: 1.3,
                taken: 24.0,
                again: 4.7,
                far: 13.0,
                form: 63.0,
                far_made: 16.0,
                once: 520e3,
                ..Prices::default()
            },
            Algorithm::Rows => Prices {
                product: 0.87,
                taken: 45.0,
                given: 21.0,
                again: 4.8,
                far: 6.5,
                form: 100.0,
                far_made: 62.0,
                once: 15e3,
                ..Prices::default()
            },
            Algorithm::Columns => Prices {
                product: 1.2,
                taken: 35.0,
                given: 14.0,
                again: 1.9,
                far: 18.0,
                form: 86.0,
                far_made: 12.0,
                once: 21e3,
                ..Prices::default()
            },
            Algorithm::Strided => {
                Prices { product: 1.1, taken: 22.0, given: 41.0, again: 28.0, once: 1200e3, ..Prices::default() }
            }
            Algorithm::Patches => Prices {
                product: 1.6,
                taken: 29.0,
                given: 26.0,
                far: 14.0,
                form: 6.3,
                step: 1.1e3,
                once: 560e3,
                ..Prices::default()
            },
            _ => Prices {
                product: 1.2,
                taken: 13.0,
                given: 8.4,
                far: 14.0,
                form: 170.0,
                step: 900.0,
                once: 550e3,
                ..Prices::default()
            },
        },
        Pass::WeightGradient => match algorithm {
            Algorithm::FewChannels => Prices {
                product: 1.2,
                taken: 60.0,
                given: 6.1,
                packed: 26.0,
                again: 15.0,
                step: 8e3,
                once: 79e3,
                ..Prices::default()
            },
            Algorithm::Winograd => Prices {
                product: 0.87,
                taken: 56.0,
                beyond: 20.0,
                given: 22.0,
                again: 2.0,
                form: 56.0,
                step: 20e3,
                once: 1100e3,
                ..Prices::default()
            },
            Algorithm::Rows => Prices { product: 0.86, taken: 110.0, given: 32.0, form: 87.0, ..Prices::default() },
            Algorithm::Columns => Prices {
                product: 0.88,
                taken: 100.0,
                given: 33.0,
                again: 0.32,
                form: 66.0,
                once: 660e3,
                ..Prices::default()
            },
            Algorithm::Strided => {
                Prices { product: 1.1, taken: 54.0, given: 18.0, again: 19.0, once: 1700e3, ..Prices::default() }
            }
            Algorithm::Patches => Prices {
                product: 1.2,
                taken: 49.0,
                given: 49.0,
                again: 0.48,
                step: 1.8e3,
                once: 46e3,
                ..Prices::default()
            },
            Algorithm::FewFilters => {
                Prices { product: 1.3, packed: 26.0, again: 15.0, step: 8e3, once: 40e3, ..Prices::default() }
            }
            _ => Prices {
                product: 1.2,
                taken: 68.0,
                packed: 36.0,
                form: 53.0,
                step: 7.2e3,
                once: 140e3,
                ..Prices::default()
            },
        },
    }
}
