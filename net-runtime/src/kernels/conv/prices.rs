//! What the parts of a pass over a convolution cost by each algorithm, in multiply-adds of one lane of AVX-512 on two threads.
//!
//! They were fitted to some 4,600 measured cases (convolutions of the grid of `kernels choices`, more of 3x3 with many channels, and a U-Net's) on two
//! threads that stay awake: a random search for what makes the chosen algorithm take as little longer than the best as can be, and the times
//! come out right besides. One price alone means little, for what an algorithm does goes together: of numbers that are always written when
//! others are read, one may have the price of both. With AVX2 the same prices choose as well, 2.5 % from the best in the mean of 510 cases that
//! they were not fitted to.

use crate::memory::algorithm::{Algorithm, Pass};

/// What one of each of the [amounts](super::cost::Amounts) costs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Prices {
    pub product: f64,
    pub taken: f64,
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
                product: 1.1,
                taken: 17.0,
                given: 12.0,
                again: 5.3,
                far: 28.0,
                form: 45.0,
                once: 1800e3,
                ..Prices::default()
            },
            Algorithm::FewTiles => Prices {
                product: 1.1,
                taken: 17.0,
                given: 12.0,
                again: 5.3,
                far: 28.0,
                form: 45.0,
                once: 1800e3,
                ..Prices::default()
            },
            Algorithm::Rows => Prices {
                product: 0.76,
                taken: 63.0,
                given: 17.0,
                again: 4.4,
                far: 11.0,
                form: 59.0,
                far_made: 13.0,
                once: 170e3,
                ..Prices::default()
            },
            Algorithm::Columns => Prices {
                product: 0.95,
                taken: 60.0,
                given: 12.0,
                again: 3.7,
                far: 22.0,
                form: 34.0,
                once: 82e3,
                ..Prices::default()
            },
            Algorithm::Strided => Prices { product: 1.6, taken: 33.0, again: 15.0, once: 1200e3, ..Prices::default() },
            Algorithm::Patches => Prices {
                product: 1.3,
                taken: 21.0,
                given: 6.9,
                far: 16.0,
                form: 160.0,
                far_made: 4.5,
                step: 2.3e3,
                once: 80e3,
                ..Prices::default()
            },
            _ => Prices {
                product: 1.3,
                taken: 3.0,
                given: 4.9,
                again: 2.8,
                far: 16.0,
                form: 110.0,
                step: 490.0,
                once: 180e3,
                ..Prices::default()
            },
        },
        Pass::InputGradient => match algorithm {
            Algorithm::Winograd => Prices {
                product: 1.3,
                taken: 19.0,
                given: 9.9,
                again: 3.6,
                far: 31.0,
                form: 96.0,
                far_made: 0.0024,
                once: 1300e3,
                ..Prices::default()
            },
            Algorithm::FewTiles => Prices {
                product: 1.3,
                taken: 19.0,
                given: 9.9,
                again: 3.6,
                far: 31.0,
                form: 96.0,
                far_made: 0.0024,
                once: 1300e3,
                ..Prices::default()
            },
            Algorithm::Adjoint => Prices {
                product: 0.98,
                taken: 11.0,
                again: 6.2,
                far: 12.0,
                form: 52.0,
                far_made: 32.0,
                once: 360e3,
                ..Prices::default()
            },
            Algorithm::Rows => Prices {
                product: 0.87,
                taken: 43.0,
                given: 11.0,
                again: 4.8,
                far: 13.0,
                form: 100.0,
                far_made: 27.0,
                once: 3e3,
                ..Prices::default()
            },
            Algorithm::Columns => Prices {
                product: 1.3,
                taken: 24.0,
                given: 11.0,
                again: 3.4,
                far: 24.0,
                form: 65.0,
                far_made: 11.0,
                once: 0.64,
                ..Prices::default()
            },
            Algorithm::Strided => {
                Prices { product: 1.1, taken: 22.0, given: 41.0, again: 28.0, once: 1200e3, ..Prices::default() }
            }
            Algorithm::Patches => Prices {
                product: 1.6,
                taken: 29.0,
                given: 19.0,
                far: 1.5,
                form: 10.0,
                step: 990.0,
                once: 550e3,
                ..Prices::default()
            },
            _ => Prices {
                product: 1.2,
                taken: 7.3,
                given: 8.1,
                again: 0.17,
                far: 50.0,
                form: 180.0,
                step: 880.0,
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
                taken: 72.0,
                given: 24.0,
                again: 3.6,
                form: 34.0,
                once: 2000e3,
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
            Algorithm::FewFilters => Prices { product: 1.3, once: 40e3, ..Prices::default() },
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
