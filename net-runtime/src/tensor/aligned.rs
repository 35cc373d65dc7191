//! Memory aligned to a cache line, which is also the width of the widest vector register.

use bytemuck::{Pod, Zeroable};
#[cfg(target_os = "linux")]
use memmap2::{Advice, MmapMut};

/// Floats in one line of 64 bytes.
pub(crate) const LINE: usize = 16;

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
struct Line([f32; LINE]);

/// A buffer of `f32` that starts at a multiple of 64 bytes. A large one is made of huge pages where the system gives them: a
/// thread that reads weights passes through several pages of the usual size in a microsecond, and the processor looks ahead only
/// to the end of one.
#[derive(Default)]
pub(crate) struct AlignedBuffer {
    memory: Memory,
    len: usize,
}

/// Where the elements are.
enum Memory {
    Heap(Vec<Line>),
    #[cfg(target_os = "linux")]
    Pages(MmapMut),
}

/// Bytes from which on memory is asked for in pages: two huge ones.
#[cfg(target_os = "linux")]
const LARGE: usize = 4 << 20;

impl Default for Memory {
    fn default() -> Self {
        Self::Heap(Vec::new())
    }
}

/// More than memory can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutOfMemory {
    len: usize,
}

impl std::fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes are more than memory can hold", self.len as u128 * size_of::<f32>() as u128)
    }
}

impl Memory {
    /// Zeros, of which nobody has touched any: pages cost nothing until then.
    fn zeros(len: usize) -> Result<Self, OutOfMemory> {
        #[cfg(target_os = "linux")]
        if let Some(bytes) = len.checked_mul(size_of::<f32>()).filter(|bytes| *bytes >= LARGE)
            && let Ok(pages) = MmapMut::map_anon(bytes)
        {
            // A wish: pages of the usual size do as well.
            let _ = pages.advise(Advice::HugePage);
            return Ok(Self::Pages(pages));
        }
        bytemuck::try_zeroed_vec(len.div_ceil(LINE)).map(Self::Heap).map_err(|()| OutOfMemory { len })
    }
}

impl AlignedBuffer {
    /// A buffer of `len` zeros.
    ///
    /// # Panics
    ///
    /// If memory cannot hold them; the message has the number of bytes.
    #[track_caller]
    pub(crate) fn zeros(len: usize) -> Self {
        Self::try_zeros(len).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The same for who has an error to return.
    pub(crate) fn try_zeros(len: usize) -> Result<Self, OutOfMemory> {
        Ok(Self { memory: Memory::zeros(len)?, len })
    }

    /// The first `len` elements, of any content, with room made for them.
    ///
    /// # Panics
    ///
    /// As [`zeros`](Self::zeros).
    #[track_caller]
    pub(crate) fn take(&mut self, len: usize) -> &mut [f32] {
        self.grow(len).unwrap_or_else(|error| panic!("{error}"));
        &mut self[..len]
    }

    /// Makes room for at least `len` elements. What was there is lost if the room has to grow, also after an error.
    pub(crate) fn grow(&mut self, len: usize) -> Result<(), OutOfMemory> {
        if len > self.len {
            // The old memory goes before the new comes: at the peak there is only one.
            *self = Self::default();
            *self = Self::try_zeros(len)?;
        }
        Ok(())
    }
}

impl Clone for AlignedBuffer {
    fn clone(&self) -> Self {
        let mut copy = Self::zeros(self.len);
        copy.copy_from_slice(self);
        copy
    }
}

impl std::ops::Deref for AlignedBuffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        let all = match &self.memory {
            Memory::Heap(lines) => bytemuck::cast_slice(lines),
            #[cfg(target_os = "linux")]
            Memory::Pages(pages) => bytemuck::cast_slice(pages),
        };
        &all[..self.len]
    }
}

impl std::ops::DerefMut for AlignedBuffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        let all = match &mut self.memory {
            Memory::Heap(lines) => bytemuck::cast_slice_mut(lines),
            #[cfg(target_os = "linux")]
            Memory::Pages(pages) => bytemuck::cast_slice_mut(pages),
        };
        &mut all[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_on_a_cache_line_and_grows_but_never_shrinks() {
        let mut buffer = AlignedBuffer::zeros(3);
        buffer.copy_from_slice(&[1.0, 2.0, 3.0]);
        buffer.grow(2).unwrap();
        assert_eq!(*buffer, [1.0, 2.0, 3.0]);
        buffer.grow(100).unwrap();
        assert_eq!(buffer.as_ptr().addr() % 64, 0);
        assert_eq!(buffer.len(), 100);
    }

    #[test]
    fn what_memory_cannot_hold_is_an_error_with_its_bytes() {
        // What no address of these machines reaches, whatever a system promises.
        let len =
            if cfg!(target_pointer_width = "64") { 1 << 48 } else { isize::MAX as usize / size_of::<f32>() - LINE };
        let told = format!("{} bytes are more than memory can hold", len * size_of::<f32>());
        let mut buffer = AlignedBuffer::zeros(3);
        assert_eq!(buffer.grow(len).unwrap_err().to_string(), told);
        assert_eq!(buffer.take(5).len(), 5);
        let panicked = std::panic::catch_unwind(|| AlignedBuffer::zeros(len)).map(drop).unwrap_err();
        assert_eq!(panicked.downcast_ref::<String>(), Some(&told));
        let most = AlignedBuffer::try_zeros(usize::MAX).map(drop).unwrap_err().to_string();
        assert_eq!(most, format!("{} bytes are more than memory can hold", usize::MAX as u128 * 4));
    }

    #[test]
    fn a_large_one_is_like_a_small_one() {
        for len in [5, 3 << 20] {
            let mut buffer = AlignedBuffer::zeros(len);
            assert_eq!((buffer.len(), buffer.as_ptr().addr() % 64), (len, 0));
            assert!(buffer.iter().all(|value| *value == 0.0));
            buffer[len - 1] = 1.0;
            let copy = buffer.clone();
            buffer[len - 1] = 2.0;
            assert_eq!((copy.len(), copy[len - 1], buffer[len - 1]), (len, 1.0, 2.0));
            assert_eq!(buffer.take(2), [0.0; 2]);
            assert_eq!(buffer.len(), len);
        }
    }
}
