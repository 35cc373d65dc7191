//! Vectors of `f32` of every instruction set that has kernels, and which of them this machine has.
//!
//! A kernel is written once, generic over [`Simd`], and always inlined; [`dispatch!`] makes a thin function with
//! `#[target_feature]` of it for every instruction set. `pulp` and `fearless_simd` do the same with closures and hundreds
//! of operations; these kernels need twenty, and their machine code is looked at.
//!
//! No closure is called with a vector: it would be a function of its own, without the instruction set.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
pub(crate) mod gelu;
#[cfg(target_arch = "x86_64")]
mod half;
pub(crate) mod math;
#[cfg(target_arch = "aarch64")]
mod neon;
// Of an x86-64, SSE2 is the least; there, arrays are what it is compared with.
#[cfg(any(test, not(target_arch = "x86_64")))]
mod portable;
#[cfg(target_arch = "x86_64")]
mod sse2;

use std::sync::atomic::{AtomicU8, Ordering};

#[cfg(target_arch = "x86_64")]
pub(crate) use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) use avx512::Avx512;
#[cfg(target_arch = "aarch64")]
pub(crate) use neon::Neon;
#[cfg(not(target_arch = "x86_64"))]
pub(crate) use portable::Portable as Baseline;
#[cfg(target_arch = "x86_64")]
pub(crate) use sse2::Sse2 as Baseline;

/// A vector of `f32`, and what is done with it.
///
/// # Safety
///
/// Every function needs the instruction set that the type stands for; those with pointers, that [`LANES`](Self::LANES)
/// floats can be read or written there. No alignment is needed.
pub(crate) trait Simd: Copy {
    /// The vector.
    type Vector: Copy;
    /// For each lane, which of four.
    type Choices: Copy;
    /// A vector of fewer floats, if there is one that may take less time; it has the same instruction set.
    type Half: Simd;
    /// Its number of floats.
    const LANES: usize;
    /// Floats that a packed row of one vector has, those of the vector that it is the half of.
    const STORED: usize = Self::LANES;
    /// Vectors of one row of a register tile: with [`ROWS`] rows the tile fills the registers.
    const VECTORS: usize;
    /// Whether a part of a vector, or all of it, is read and written by one instruction, which takes as long as that for a whole one.
    const MASKS: bool = false;

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
    /// The square root; a NaN of what is below 0.
    unsafe fn sqrt(a: Self::Vector) -> Self::Vector;
    /// |a|
    unsafe fn abs(a: Self::Vector) -> Self::Vector;
    /// Nearly 1/√a of a finite number above 0, with 11 digits of two or more.
    unsafe fn near_rsqrt(a: Self::Vector) -> Self::Vector;
    /// Nearly 1/a, as well, where that is no subnormal number.
    unsafe fn near_reciprocal(a: Self::Vector) -> Self::Vector;
    /// The whole number n with 2ⁿ <= a < 2ⁿ⁺¹, of normal numbers above 0; 128 of infinity, anything of others.
    unsafe fn exponent(a: Self::Vector) -> Self::Vector;
    /// The larger of each; the second where one of them is a NaN.
    unsafe fn max(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// The smaller of each; the second where one of them is a NaN.
    unsafe fn min(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `yes` where `a < b`, else `no`, also where one of them is a NaN.
    unsafe fn if_less(a: Self::Vector, b: Self::Vector, yes: Self::Vector, no: Self::Vector) -> Self::Vector;
    /// `yes` where `a = b`, else `no`, also where one of them is a NaN.
    unsafe fn if_equal(a: Self::Vector, b: Self::Vector, yes: Self::Vector, no: Self::Vector) -> Self::Vector;
    /// 0 where `a < b`, else `value`, also where one of them is a NaN.
    #[inline(always)]
    unsafe fn zero_where_less(a: Self::Vector, b: Self::Vector, value: Self::Vector) -> Self::Vector {
        // SAFETY: the caller's promise.
        unsafe { Self::if_less(a, b, Self::splat(0.0), value) }
    }
    /// Whether some element of `a` is less than that of `b`; no NaN is.
    unsafe fn any_less(a: Self::Vector, b: Self::Vector) -> bool;
    /// `a` where `mask` is above 0, else 0, also where it is a NaN.
    #[inline(always)]
    unsafe fn where_positive(mask: Self::Vector, a: Self::Vector) -> Self::Vector {
        // SAFETY: the caller's promise.
        unsafe { Self::if_less(Self::splat(0.0), mask, a, Self::splat(0.0)) }
    }
    /// `a` times 2 to the power of `n`, which is a whole number from -160 to 160; rounded once.
    unsafe fn scale(a: Self::Vector, n: Self::Vector) -> Self::Vector;
    /// The same where both `a` and the result are normal numbers, and anything elsewhere but for a NaN, which stays one.
    #[inline(always)]
    unsafe fn scale_normal(a: Self::Vector, n: Self::Vector) -> Self::Vector {
        // SAFETY: the caller's promise.
        unsafe { Self::scale(a, n) }
    }
    /// The first `count` floats, fewer than there are lanes unless it [masks](Self::MASKS), and `fill` in the other lanes.
    #[inline(always)]
    unsafe fn load_part(from: *const f32, count: usize, fill: Self::Vector) -> Self::Vector {
        let mut lanes = [0.0; MOST_LANES];
        // SAFETY: no vector has more than sixteen lanes; the caller has `count` floats.
        unsafe {
            Self::store(lanes.as_mut_ptr(), fill);
            for (lane, value) in lanes.iter_mut().enumerate().take(count) {
                *value = *from.add(lane);
            }
            Self::load(lanes.as_ptr())
        }
    }
    /// Writes the first `count` floats, fewer than there are lanes unless it [masks](Self::MASKS), and nothing else.
    #[inline(always)]
    unsafe fn store_part(to: *mut f32, count: usize, vector: Self::Vector) {
        let mut lanes = [0.0; MOST_LANES];
        // SAFETY: as above; the caller has room for `count` floats.
        unsafe {
            Self::store(lanes.as_mut_ptr(), vector);
            for (lane, value) in lanes.iter().enumerate().take(count) {
                *to.add(lane) = *value;
            }
        }
    }
    /// Writes four vectors as columns: lane number i of all four, side by side, to `to + i * step`.
    #[inline(always)]
    unsafe fn store_columns(to: *mut f32, step: usize, vectors: [Self::Vector; 4]) {
        for (column, vector) in vectors.into_iter().enumerate() {
            let mut lanes = [0.0; MOST_LANES];
            // SAFETY: no vector has more than sixteen lanes; the caller has four floats at each place.
            unsafe {
                Self::store(lanes.as_mut_ptr(), vector);
                for (lane, &value) in lanes.iter().enumerate().take(Self::LANES) {
                    *to.add(lane * step + column) = value;
                }
            }
        }
    }
    /// Writes the first `count` lanes, whole numbers from 0 to 255, as bytes; all if there are fewer.
    #[inline(always)]
    unsafe fn store_bytes(to: *mut u8, count: usize, vector: Self::Vector) {
        let mut lanes = [0.0; MOST_LANES];
        // SAFETY: no vector has more than sixteen lanes; the caller has room for `count` bytes.
        unsafe {
            Self::store(lanes.as_mut_ptr(), vector);
            for (lane, &value) in lanes.iter().enumerate().take(count.min(Self::LANES)) {
                *to.add(lane) = value as u8;
            }
        }
    }
    /// The numbers that [`store_bytes`](Self::store_bytes) has written, and 0 in the lanes from `count` on.
    #[inline(always)]
    unsafe fn load_bytes(from: *const u8, count: usize) -> Self::Vector {
        let mut lanes = [0.0; MOST_LANES];
        // SAFETY: as above.
        unsafe {
            for (lane, value) in lanes.iter_mut().enumerate().take(count.min(Self::LANES)) {
                *value = f32::from(*from.add(lane));
            }
            Self::load(lanes.as_ptr())
        }
    }
    /// Numbers from 0 to 3 that were written as bytes by [`store_bytes`](Self::store_bytes), one for each lane.
    unsafe fn load_choices(from: *const u8) -> Self::Choices;
    /// For each lane one of four floats.
    unsafe fn choose(four: *const f32, choices: Self::Choices) -> Self::Vector;
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

    /// The sums of all lanes of each of four.
    unsafe fn sums(vectors: [Self::Vector; 4]) -> [f32; 4];

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
    let mut lanes = [0.0; MOST_LANES];
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

/// Floats of the longest vector of all.
pub(crate) const MOST_LANES: usize = 16;

/// Rows of a register tile: 6 rows of 2 vectors of AVX2 are 12 of 16 registers, 6 of 4 vectors of AVX-512 24 of 32.
pub(crate) const ROWS: usize = 6;

/// The instruction sets that have kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Set {
    /// What every machine of this architecture has.
    Portable = 1,
    /// NEON of aarch64.
    #[cfg(target_arch = "aarch64")]
    Neon = 2,
    /// AVX2 with FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2 = 3,
    /// AVX-512F and VL.
    #[cfg(target_arch = "x86_64")]
    Avx512 = 4,
}

impl Set {
    #[cfg(target_arch = "x86_64")]
    const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];
    #[cfg(target_arch = "aarch64")]
    const ALL: [Self; 2] = [Self::Portable, Self::Neon];
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    const ALL: [Self; 1] = [Self::Portable];
}

/// An instruction set that this machine has: the field is private, so that whoever has one got it from
/// [`available`](Self::available) or [`current`](Self::current), which have asked the machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Isa(Set);

#[cfg(test)]
thread_local! {
    static FORCED: std::cell::Cell<Option<Isa>> = const { std::cell::Cell::new(None) };
}

impl Isa {
    /// What every machine has.
    pub(crate) const PORTABLE: Self = Self(Set::Portable);

    /// All that this machine has, the best one last.
    pub(crate) fn available() -> Vec<Self> {
        #[allow(unused_mut, reason = "machines without vectors have no more")]
        let mut available = vec![Self::PORTABLE];
        #[cfg(target_arch = "aarch64")]
        available.push(Self(Set::Neon));
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                available.push(Self(Set::Avx2));
            }
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl") {
                available.push(Self(Set::Avx512));
            }
        }
        available
    }

    /// The one that kernels use: the best, or what the environment variable `NETWORK_SIMD` restricts it to
    /// (`portable`, `avx2`). Decided at the first call.
    pub(crate) fn current() -> Self {
        static CURRENT: AtomicU8 = AtomicU8::new(0);
        #[cfg(test)]
        if let Some(isa) = FORCED.get() {
            return isa;
        }
        let known = CURRENT.load(Ordering::Relaxed);
        if let Some(set) = Set::ALL.into_iter().rev().find(|set| *set as u8 == known) {
            return Self(set);
        }
        let wish = std::env::var("NETWORK_SIMD").unwrap_or_default();
        let available = Self::available();
        let wished = available.iter().find(|isa| format!("{isa:?}").eq_ignore_ascii_case(&wish));
        let isa = wished.or(available.last()).copied().unwrap_or(Self::PORTABLE);
        CURRENT.store(isa.0 as u8, Ordering::Relaxed);
        isa
    }

    /// Which one it is.
    pub(crate) fn set(self) -> Set {
        self.0
    }

    /// Does something with this instruction set as the [current](Self::current) one of the calling thread.
    #[cfg(test)]
    pub(crate) fn force<R>(self, work: impl FnOnce() -> R) -> R {
        let before = FORCED.replace(Some(self));
        let result = work();
        FORCED.set(before);
        result
    }

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
        match self.0 {
            Set::Portable => of::<Baseline>(),
            #[cfg(target_arch = "aarch64")]
            Set::Neon => of::<Neon>(),
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => of::<Avx2>(),
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => of::<Avx512>(),
        }
    }
}

impl std::fmt::Debug for Isa {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Defines a function that runs a generic kernel with an instruction set:
/// `dispatch!(pub(crate) unsafe fn strip(strip: &Strip<'_>) = strip_generic);`
///
/// One that has other parameters than the vector has them in brackets, first as they are declared and then as they are given:
/// `dispatch!(unsafe fn piece[R: Rule<N>, const N: usize][R, N](rule: R) = piece_generic)`.
///
/// The function is unsafe for what the kernel asks for; that the machine has the instruction set, an [`Isa`] proves.
macro_rules! dispatch {
    (
        $(#[$doc:meta])*
        $visibility:vis unsafe fn $name:ident $([$($parameters:tt)*][$($given:ident),*])? ($($argument:ident: $kind:ty),* $(,)?) $(-> $result:ty)? = $generic:ident
    ) => {
        $(#[$doc])*
        $visibility unsafe fn $name $(<$($parameters)*>)? (isa: $crate::kernels::simd::Isa, $($argument: $kind),*) $(-> $result)? {
            use $crate::kernels::simd;

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            unsafe fn avx2 $(<$($parameters)*>)? ($($argument: $kind),*) $(-> $result)? {
                // SAFETY: the caller's promise, with the features that the vectors need.
                unsafe { $generic::<simd::Avx2 $(, $($given),*)?>($($argument),*) }
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512vl")]
            unsafe fn avx512 $(<$($parameters)*>)? ($($argument: $kind),*) $(-> $result)? {
                // SAFETY: as above.
                unsafe { $generic::<simd::Avx512 $(, $($given),*)?>($($argument),*) }
            }

            #[cfg(target_arch = "aarch64")]
            #[target_feature(enable = "neon")]
            unsafe fn neon $(<$($parameters)*>)? ($($argument: $kind),*) $(-> $result)? {
                // SAFETY: as above.
                unsafe { $generic::<simd::Neon $(, $($given),*)?>($($argument),*) }
            }

            // SAFETY: the kernel's own conditions are the caller's promise; an `Isa` is one that this machine has.
            unsafe {
                match isa.set() {
                    simd::Set::Portable => $generic::<simd::Baseline $(, $($given),*)?>($($argument),*),
                    #[cfg(target_arch = "x86_64")]
                    simd::Set::Avx2 => avx2($($argument),*),
                    #[cfg(target_arch = "x86_64")]
                    simd::Set::Avx512 => avx512($($argument),*),
                    #[cfg(target_arch = "aarch64")]
                    simd::Set::Neon => neon($($argument),*),
                }
            }
        }
    };
}

pub(crate) use dispatch;
