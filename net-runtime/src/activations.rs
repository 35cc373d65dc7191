//! Functions of one element, as Keras 3 defines them: its activations, and some of mathematics; and functions of rows.
//!
//! In `network!` each is a stage, `x -> relu` or `x -> leaky_relu(0.1)`, on any shape, which stays; none has weights ([`PRelu`],
//! whose slopes are learnt, is a layer). Behind a `Dense`, a convolution or a norm it is computed along with it. The page of a
//! function has its formula, its arguments with their defaults, what its gradient is where there is none, and the paper.
//!
//! In a program, a function makes an [`Activation`], which computes:
//!
//! ```
//! use net_runtime::activations::leaky_relu;
//!
//! let mut y = [-2.0, 0.0, 3.0];
//! leaky_relu(0.5).apply(&mut y);
//! assert_eq!(y, [-1.0, 0.0, 3.0]);
//! ```
//!
//! Exponentials are computed by polynomials, of which each result of `sigmoid`, `tanh`, `softplus` and the exponential itself is
//! within 3 units in the last place, on every machine; the last digits differ between instruction sets.
//!
//! # Rectifiers
//!
//! [`relu`], [`leaky_relu`], [`relu6`], [`elu`], [`selu`], [`celu`], and with slopes that are learnt [`PRelu`].
//!
//! ```
//! use net_runtime::prelude::*;
//!
//! network! {
//!     network Rectifiers(x: [3]) -> (plain: [3], limited: [3], leaky: [3], six: [3], smooth: [9]) {
//!         let plain = x -> relu;
//!         let limited = x -> relu(max_value = 2);
//!         let leaky = x -> leaky_relu(0.5);
//!         let six = x -> relu6;
//!         let smooth = (x -> elu, x -> selu, x -> celu(2.0)) -> Concat;
//!     }
//! }
//! let found = Rectifiers::new(1).predict(&Batch::from_vec(vec![-2.0, 0.0, 9.0]).unwrap()).unwrap();
//! assert_eq!(found.plain.data(), [0.0, 0.0, 9.0]);
//! assert_eq!(found.limited.data(), [0.0, 0.0, 2.0]);
//! assert_eq!(found.leaky.data(), [-1.0, 0.0, 9.0]);
//! assert_eq!(found.six.data(), [0.0, 0.0, 6.0]);
//! ```
//!
//! # Smooth ones, and gates
//!
//! [`gelu`], [`silu`], [`mish`], [`hard_silu`], [`softplus`], [`squareplus`], [`sparse_plus`]; between two limits [`sigmoid`],
//! [`hard_sigmoid`], [`sparse_sigmoid`], [`log_sigmoid`], [`tanh`], [`hard_tanh`], [`softsign`].
//!
//! ```
//! use net_runtime::prelude::*;
//!
//! network! {
//!     network Smooth(x: [1]) -> (units: [4], plus: [3], limits: [7]) {
//!         let units = (x -> gelu, x -> silu, x -> mish, x -> hard_silu) -> Concat;
//!         let plus = (x -> softplus, x -> squareplus, x -> sparse_plus) -> Concat;
//!         let gates = (x -> sigmoid, x -> hard_sigmoid, x -> sparse_sigmoid) -> Concat;
//!         let limits = (gates, x -> tanh, x -> hard_tanh, x -> softsign, x -> log_sigmoid) -> Concat;
//!     }
//! }
//! let found = Smooth::new(1).predict(&Batch::zeros(1)).unwrap();
//! assert_eq!(found.units.data(), [0.0; 4]);
//! assert_eq!(found.plus.data()[1..], [1.0, 0.25]);
//! assert_eq!(found.limits.data()[..6], [0.5, 0.5, 0.5, 0.0, 0.0, 0.0]);
//! ```
//!
//! # Shrinkages and thresholds
//!
//! [`hard_shrink`], [`soft_shrink`], [`tanh_shrink`], [`threshold`], [`clip`].
//!
//! ```
//! use net_runtime::prelude::*;
//!
//! network! {
//!     network Shrink(x: [3]) -> (hard: [3], soft: [3], by_tanh: [3], high: [3], within: [3]) {
//!         let hard = x -> hard_shrink(1.0);
//!         let soft = x -> soft_shrink(1.0);
//!         let by_tanh = x -> tanh_shrink;
//!         let high = x -> threshold(1.0, 5.0);
//!         let within = x -> clip(-1.0, 1.0);
//!     }
//! }
//! let found = Shrink::new(1).predict(&Batch::from_vec(vec![-3.0, 0.5, 2.0]).unwrap()).unwrap();
//! assert_eq!(found.hard.data(), [-3.0, 0.0, 2.0]);
//! assert_eq!(found.soft.data(), [-2.0, 0.0, 1.0]);
//! assert_eq!(found.high.data(), [5.0, 5.0, 2.0]);
//! assert_eq!(found.within.data(), [-1.0, 0.5, 1.0]);
//! ```
//!
//! # Mathematics
//!
//! [`exp`], [`log`], [`square`], [`sqrt`], [`rsqrt`], [`reciprocal`], [`abs`], [`neg`].
//!
//! ```
//! use net_runtime::prelude::*;
//!
//! network! {
//!     network Calculate(x: [2]) -> (powers: [8], curves: [4], signs: [4]) {
//!         let powers = (x -> square, x -> sqrt, x -> rsqrt, x -> reciprocal) -> Concat;
//!         let curves = (x -> exp, x -> log) -> Concat;
//!         let signs = (x -> neg, x -> neg -> abs) -> Concat;
//!     }
//! }
//! let found = Calculate::new(1).predict(&Batch::from_vec(vec![1.0, 4.0]).unwrap()).unwrap();
//! assert_eq!(found.powers.data(), [1.0, 16.0, 1.0, 2.0, 1.0, 0.5, 1.0, 0.25]);
//! assert_eq!(found.signs.data(), [-1.0, -4.0, 1.0, 4.0]);
//! ```
//!
//! # Rows
//!
//! [`softmax`], [`log_softmax`], [`sparsemax`], [`glu`], [`argmax`].
//!
//! ```
//! use net_runtime::prelude::*;
//!
//! network! {
//!     network Rows(x: [4]) -> (shares: [4], few: [4], logs: [4], gated: [2], best: [1]) {
//!         let shares = x -> softmax;
//!         let few = x -> sparsemax;
//!         let logs = x -> log_softmax;
//!         let gated = x -> glu;
//!         let best = shares -> argmax;
//!     }
//! }
//! let found = Rows::new(1).predict(&Batch::from_vec(vec![1.0, 1.0, 9.0, 0.0]).unwrap()).unwrap();
//! assert!((found.shares.data().iter().sum::<f32>() - 1.0).abs() < 1e-6);
//! assert_eq!(found.few.data(), [0.0, 0.0, 1.0, 0.0]);
//! assert_eq!(found.best.data(), [2.0]);
//! ```
//!
//! [`PRelu`]: crate::layers::PRelu

pub use crate::layers::argmax::argmax;
pub use crate::layers::glu::glu;
pub use crate::layers::softmax::{log_softmax, softmax, sparsemax};
pub use crate::tensor::activation::{
    Activation, abs, celu, clip, elu, exp, gelu, hard_shrink, hard_sigmoid, hard_silu, hard_tanh, leaky_relu, log,
    log_sigmoid, mish, neg, reciprocal, rectified_linear, relu, relu6, rsqrt, selu, sigmoid, silu, soft_shrink,
    softplus, softsign, sparse_plus, sparse_sigmoid, sqrt, square, squareplus, tanh, tanh_shrink, threshold,
};
