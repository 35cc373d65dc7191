//! Vectors of `f32` of every instruction set that has kernels, and which of them this machine has.
//!
//! A kernel is written once, generic over [`Simd`], and always inlined; [`dispatch!`] makes a thin function with
//! `#[target_feature]` of it for every instruction set. `pulp` and `fearless_simd` do the same with closures and hundreds
//! of operations; these kernels need twenty, and their machine code is looked at.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
pub(crate) mod math;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;

use std::sync::atomic::{AtomicU8, Ordering};

#[cfg(target_arch = "x86_64")]
pub(crate) use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) use avx512::Avx512;
#[cfg(target_arch = "aarch64")]
pub(crate) use neon::Neon;
pub(crate) use portable::Portable;

/// A vector of `f32`, and what is done with it.
///
/// # Safety
///
/// Every function needs the instruction set that the type stands for; those with pointers, that [`LANES`](Self::LANES)
/// floats can be read or written there. No alignment is needed.
pub(crate) trait Simd: Copy {
    /// The vector.
    type Vector: Copy;
    /// Its number of floats.
    const LANES: usize;
    /// Vectors of one row of a register tile: with [`ROWS`] rows the tile fills the registers.
    const VECTORS: usize;

    unsafe fn splat(value: f32) -> Self::Vector;
    unsafe fn load(from: *const f32) -> Self::Vector;
    unsafe fn store(to: *mut f32, vector: Self::Vector);
    unsafe fn add(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    unsafe fn sub(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    unsafe fn mul(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a * b + c`, rounded once where the instruction set can.
    unsafe fn mul_add(a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// The larger of 0 and each; a NaN stays a NaN.
    unsafe fn relu(a: Self::Vector) -> Self::Vector;
    unsafe fn div(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// The larger of each; the second where one of them is a NaN.
    unsafe fn max(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// The smaller of each; the second where one of them is a NaN.
    unsafe fn min(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `yes` where `a < b`, else `no`, also where one of them is a NaN.
    unsafe fn if_less(a: Self::Vector, b: Self::Vector, yes: Self::Vector, no: Self::Vector) -> Self::Vector;
    /// `yes` where `a = b`, else `no`, also where one of them is a NaN.
    unsafe fn if_equal(a: Self::Vector, b: Self::Vector, yes: Self::Vector, no: Self::Vector) -> Self::Vector;
    /// `a` times 2 to the power of `n`, which is a whole number from -160 to 160; rounded once.
    unsafe fn scale(a: Self::Vector, n: Self::Vector) -> Self::Vector;
    /// The first `count` floats, fewer than there are lanes, and `fill` in the other lanes.
    unsafe fn load_part(from: *const f32, count: usize, fill: Self::Vector) -> Self::Vector;
    /// Writes the first `count` floats, fewer than there are lanes, and nothing else.
    unsafe fn store_part(to: *mut f32, count: usize, vector: Self::Vector);
    /// Asks for the cache line of an address, which need not exist, to be brought near.
    fn prefetch(from: *const f32);
    /// The same for what is used later: not into the nearest cache.
    fn prefetch_later(from: *const f32);

    /// The sum of all lanes, added in halves.
    #[inline(always)]
    unsafe fn sum(a: Self::Vector) -> f32 {
        // SAFETY: the caller has the instruction set; `LANES` are at most sixteen.
        unsafe { fold::<Self>(a, |a, b| a + b) }
    }

    /// The largest lane, where none is a NaN.
    #[inline(always)]
    unsafe fn largest(a: Self::Vector) -> f32 {
        // SAFETY: as above.
        unsafe { fold::<Self>(a, |a, b| if a > b { a } else { b }) }
    }
}

/// The vector from element `at` on of `len` elements; where fewer are left, the rest is `fill`.
#[inline(always)]
pub(crate) unsafe fn load_at<S: Simd>(from: *const f32, len: usize, at: usize, fill: S::Vector) -> S::Vector {
    // SAFETY: the caller has the instruction set, and `len` elements, of which `at` is one.
    unsafe { if len - at >= S::LANES { S::load(from.add(at)) } else { S::load_part(from.add(at), len - at, fill) } }
}

/// Writes a vector from element `at` on of `len` elements, so much of it as there is room for.
#[inline(always)]
pub(crate) unsafe fn store_at<S: Simd>(to: *mut f32, len: usize, at: usize, vector: S::Vector) {
    // SAFETY: as above.
    unsafe {
        if len - at >= S::LANES { S::store(to.add(at), vector) } else { S::store_part(to.add(at), len - at, vector) }
    }
}

/// Folds the upper half of the lanes onto the lower one until one is left.
#[inline(always)]
unsafe fn fold<S: Simd>(a: S::Vector, f: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0; 16];
    // SAFETY: no vector has more than sixteen lanes.
    unsafe { S::store(lanes.as_mut_ptr(), a) };
    let mut len = S::LANES;
    while len > 1 {
        len /= 2;
        for lane in 0..len {
            lanes[lane] = f(lanes[lane], lanes[lane + len]);
        }
    }
    lanes[0]
}

/// Rows of a register tile: 6 rows of 2 vectors of AVX2 are 12 of 16 registers, 6 of 4 vectors of AVX-512 24 of 32.
pub(crate) const ROWS: usize = 6;

/// An instruction set that has kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Isa {
    /// What every machine has.
    Portable = 1,
    /// NEON of aarch64.
    #[cfg(target_arch = "aarch64")]
    Neon = 2,
    /// AVX2 with FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2 = 3,
    /// AVX-512F.
    #[cfg(target_arch = "x86_64")]
    Avx512 = 4,
}

impl Isa {
    /// All that this machine has, the best one last.
    pub(crate) fn available() -> Vec<Self> {
        #[allow(unused_mut, reason = "machines without vectors have no more")]
        let mut available = vec![Self::Portable];
        #[cfg(target_arch = "aarch64")]
        available.push(Self::Neon);
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                available.push(Self::Avx2);
            }
            if is_x86_feature_detected!("avx512f") {
                available.push(Self::Avx512);
            }
        }
        available
    }

    /// The one that kernels use: the best, or what the environment variable `NETWORK_SIMD` restricts it to
    /// (`portable`, `avx2`). Decided at the first call.
    pub(crate) fn current() -> Self {
        static CURRENT: AtomicU8 = AtomicU8::new(0);
        let known = CURRENT.load(Ordering::Relaxed);
        if let Some(isa) = Self::ALL.into_iter().rev().find(|isa| *isa as u8 == known) {
            return isa;
        }
        let wish = std::env::var("NETWORK_SIMD").unwrap_or_default();
        let available = Self::available();
        let wished = available.iter().find(|isa| format!("{isa:?}").eq_ignore_ascii_case(&wish));
        let isa = wished.or(available.last()).copied().unwrap_or(Self::Portable);
        CURRENT.store(isa as u8, Ordering::Relaxed);
        isa
    }

    #[cfg(target_arch = "x86_64")]
    const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];
    #[cfg(target_arch = "aarch64")]
    const ALL: [Self; 2] = [Self::Portable, Self::Neon];
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    const ALL: [Self; 1] = [Self::Portable];

    /// Floats of a vector.
    pub(crate) fn lanes(self) -> usize {
        self.sizes().0
    }

    /// Floats of one row of a register tile.
    pub(crate) fn tile_columns(self) -> usize {
        let (lanes, vectors) = self.sizes();
        lanes * vectors
    }

    /// Floats of a vector, and vectors of one row of a register tile.
    fn sizes(self) -> (usize, usize) {
        fn of<S: Simd>() -> (usize, usize) {
            (S::LANES, S::VECTORS)
        }
        match self {
            Self::Portable => of::<Portable>(),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => of::<Neon>(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => of::<Avx2>(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => of::<Avx512>(),
        }
    }
}

/// Defines a function that runs a generic kernel with an instruction set:
/// `dispatch!(pub(crate) unsafe fn strip(strip: &Strip<'_>) = strip_generic);`
///
/// The function is unsafe for what the kernel asks for; and the instruction set has to be one that this machine has.
macro_rules! dispatch {
    (
        $(#[$doc:meta])*
        $visibility:vis unsafe fn $name:ident($($argument:ident: $kind:ty),* $(,)?) $(-> $result:ty)? = $generic:ident
    ) => {
        $(#[$doc])*
        $visibility unsafe fn $name(isa: $crate::kernels::simd::Isa, $($argument: $kind),*) $(-> $result)? {
            use $crate::kernels::simd;

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            unsafe fn avx2($($argument: $kind),*) $(-> $result)? {
                // SAFETY: the caller's promise, with the features that the vectors need.
                unsafe { $generic::<simd::Avx2>($($argument),*) }
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f")]
            unsafe fn avx512($($argument: $kind),*) $(-> $result)? {
                // SAFETY: as above.
                unsafe { $generic::<simd::Avx512>($($argument),*) }
            }

            #[cfg(target_arch = "aarch64")]
            #[target_feature(enable = "neon")]
            unsafe fn neon($($argument: $kind),*) $(-> $result)? {
                // SAFETY: as above.
                unsafe { $generic::<simd::Neon>($($argument),*) }
            }

            // SAFETY: the caller's promise: the kernel's own, and that this machine has the instruction set.
            unsafe {
                match isa {
                    simd::Isa::Portable => $generic::<simd::Portable>($($argument),*),
                    #[cfg(target_arch = "x86_64")]
                    simd::Isa::Avx2 => avx2($($argument),*),
                    #[cfg(target_arch = "x86_64")]
                    simd::Isa::Avx512 => avx512($($argument),*),
                    #[cfg(target_arch = "aarch64")]
                    simd::Isa::Neon => neon($($argument),*),
                }
            }
        }
    };
}

pub(crate) use dispatch;
