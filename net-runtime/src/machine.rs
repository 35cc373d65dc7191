//! The machine that a program runs on, as the kernels see it: for benchmarks.

use crate::kernels::peak;
use crate::kernels::simd::{Isa, Set};
use crate::parallel::awake::{self, Need};

#[doc(hidden)]
pub use crate::memory::algorithm::{Algorithm, Pass};
pub use crate::parallel::recorded::{Division, division};

/// The instruction set that the kernels use: the best of this machine, or what the environment variable `NETWORK_SIMD`
/// restricts them to.
///
/// `"AVX-512"`, `"AVX2"`, `"NEON"`, or `"portable"` where there is none of these.
pub fn instruction_set() -> &'static str {
    match Isa::current().set() {
        Set::Portable => "portable",
        #[cfg(target_arch = "aarch64")]
        Set::Neon => "NEON",
        #[cfg(target_arch = "x86_64")]
        Set::Avx2 => "AVX2",
        #[cfg(target_arch = "x86_64")]
        Set::Avx512 => "AVX-512",
    }
}

/// Measures how many billion floating-point operations a second (GFLOP/s, two for each multiply-add) the calling thread
/// can do with vectors of that instruction set, in `f32`: what no kernel can exceed but by doing fewer operations than its
/// definition says, as Winograd's algorithm does.
///
/// It takes some milliseconds, and the fastest of many short runs counts. The speed of a core changes with what its
/// neighbours do, so compare with a time that was measured right before or after it, on as many threads.
///
/// ```
/// let peak = net_runtime::machine::fma_peak();
/// println!("{peak:.0} GFLOP/s with {}", net_runtime::machine::instruction_set());
/// assert!(peak > 0.0);
/// ```
pub fn fma_peak() -> f64 {
    peak::gflops(Isa::current())
}

/// Does some work as a pass of a large network is done: the other threads of the caller's pool stay awake for it, where there are few, and
/// take what is divided in it.
///
/// ```
/// let sum = net_runtime::in_threads(|| net_runtime::machine::as_in_a_pass(|| 1 + 1));
/// assert_eq!(sum, 2);
/// ```
pub fn as_in_a_pass<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    awake::during(Need::Operations, work)
}
