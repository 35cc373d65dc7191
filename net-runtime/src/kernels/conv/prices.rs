//! What the parts of a pass over a convolution cost by each algorithm, in multiply-adds of one lane of AVX-512 on two threads.
//!
//! They were fitted to some 5,700 measured cases (convolutions of the grid of `kernels choices`, more with few pixels and with few channels, and a
//! U-Net's) on two threads of an Intel Xeon that stay awake: a random search for what makes the chosen algorithm take as little longer than the
//! best as can be, and the times come out right besides. Then again to 1,731 cases on an AMD EPYC that multiplies vectors of AVX-512 by halves, a
//! third of them small images in small batches, and those here are between both, in the logarithm four to six tenths of the way: the chosen
//! algorithm took 3.2, 3.2 and 4.1 % longer than the best there (forward, gradient of the input, of the weights), and 5.3, 5.0 and 9.4 % before. One
//! price alone means little, for what an algorithm does goes together: of numbers that are always written when others are read, one may have the
//! price of both. Nothing was fitted to AVX2.

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
                product: 0.82,
                taken: 26.0,
                given: 12.0,
                again: 2.8,
                far: 24.0,
                form: 46.0,
                once: 820e3,
                ..Prices::default()
            },
            Algorithm::FewTiles => Prices {
                product: 1.2,
                taken: 46.0,
                given: 26.0,
                again: 0.31,
                far: 20.0,
                form: 15.0,
                far_made: 0.44,
                once: 350e3,
                ..Prices::default()
            },
            Algorithm::Rows => Prices {
                product: 0.75,
                taken: 53.0,
                given: 24.0,
                again: 2.0,
                far: 3.4,
                form: 38.0,
                far_made: 35.0,
                once: 220e3,
                ..Prices::default()
            },
            Algorithm::Columns => Prices {
                product: 1.1,
                taken: 31.0,
                given: 9.8,
                again: 2.0,
                far: 9.7,
                form: 33.0,
                once: 180e3,
                ..Prices::default()
            },
            Algorithm::Strided => Prices { product: 1.7, taken: 29.0, again: 14.0, once: 710e3, ..Prices::default() },
            Algorithm::Patches => Prices {
                product: 1.5,
                taken: 6.7,
                given: 2.0,
                far: 12.0,
                form: 73.0,
                far_made: 1.8,
                step: 1.4e3,
                once: 150e3,
                ..Prices::default()
            },
            _ => Prices {
                product: 1.2,
                taken: 2.2,
                given: 2.8,
                again: 1.7,
                far: 12.0,
                form: 78.0,
                step: 800.0,
                once: 170e3,
                ..Prices::default()
            },
        },
        Pass::InputGradient => match algorithm {
            Algorithm::Winograd => Prices {
                product: 1.0,
                taken: 14.0,
                given: 12.0,
                again: 4.6,
                far: 20.0,
                form: 57.0,
                once: 1100e3,
                ..Prices::default()
            },
            Algorithm::FewTiles => Prices {
                product: 2.2,
                taken: 9.4,
                given: 2.6,
                again: 1.3,
                far: 11.0,
                form: 20.0,
                far_made: 9.6,
                once: 700e3,
                ..Prices::default()
            },
            Algorithm::Adjoint => Prices {
                product: 1.2,
                taken: 13.0,
                again: 4.1,
                far: 11.0,
                form: 37.0,
                far_made: 16.0,
                once: 350e3,
                ..Prices::default()
            },
            Algorithm::Rows => Prices {
                product: 0.88,
                taken: 48.0,
                given: 15.0,
                again: 4.1,
                far: 4.4,
                form: 67.0,
                far_made: 39.0,
                once: 16e3,
                ..Prices::default()
            },
            Algorithm::Columns => Prices {
                product: 1.2,
                taken: 37.0,
                given: 9.2,
                again: 1.6,
                far: 11.0,
                form: 60.0,
                far_made: 13.0,
                once: 25e3,
                ..Prices::default()
            },
            Algorithm::Strided => {
                Prices { product: 0.94, taken: 22.0, given: 38.0, again: 27.0, once: 1000e3, ..Prices::default() }
            }
            Algorithm::Patches => Prices {
                product: 1.5,
                taken: 23.0,
                given: 9.5,
                far: 14.0,
                form: 5.1,
                step: 1e3,
                once: 510e3,
                ..Prices::default()
            },
            _ => Prices {
                product: 1.2,
                taken: 4.1,
                given: 5.1,
                far: 9.8,
                form: 210.0,
                step: 550.0,
                once: 560e3,
                ..Prices::default()
            },
        },
        Pass::WeightGradient => match algorithm {
            Algorithm::FewChannels => Prices {
                product: 1.2,
                taken: 38.0,
                given: 7.0,
                packed: 27.0,
                again: 12.0,
                step: 8e3,
                once: 72e3,
                ..Prices::default()
            },
            Algorithm::Winograd => Prices {
                product: 0.78,
                taken: 50.0,
                beyond: 28.0,
                given: 18.0,
                again: 1.8,
                form: 42.0,
                step: 20e3,
                once: 760e3,
                ..Prices::default()
            },
            Algorithm::Rows => Prices { product: 0.78, taken: 96.0, given: 29.0, form: 72.0, ..Prices::default() },
            Algorithm::Columns => Prices {
                product: 0.83,
                taken: 89.0,
                given: 28.0,
                again: 0.31,
                form: 59.0,
                once: 420e3,
                ..Prices::default()
            },
            Algorithm::Strided => {
                Prices { product: 1.0, taken: 47.0, given: 14.0, again: 20.0, once: 1500e3, ..Prices::default() }
            }
            Algorithm::Patches => Prices {
                product: 1.2,
                taken: 46.0,
                given: 42.0,
                again: 0.48,
                step: 1.6e3,
                once: 51e3,
                ..Prices::default()
            },
            Algorithm::FewFilters => {
                Prices { product: 2.2, packed: 26.0, again: 15.0, step: 15e3, once: 200e3, ..Prices::default() }
            }
            _ => Prices {
                product: 1.2,
                taken: 68.0,
                packed: 26.0,
                form: 47.0,
                step: 6.7e3,
                once: 110e3,
                ..Prices::default()
            },
        },
    }
}
