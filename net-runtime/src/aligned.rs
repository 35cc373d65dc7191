//! Memory aligned to a cache line, which is also the width of the widest vector register.

use bytemuck::{Pod, Zeroable};

/// Floats in one line of 64 bytes.
pub(crate) const LINE: usize = 16;

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
struct Line([f32; LINE]);

/// A buffer of `f32` that starts at a multiple of 64 bytes.
#[derive(Clone, Default)]
pub(crate) struct AlignedBuffer {
    lines: Vec<Line>,
    len: usize,
}

impl AlignedBuffer {
    /// A buffer of `len` zeros.
    pub(crate) fn zeros(len: usize) -> Self {
        // Zeroed by the allocator: pages that nobody touches cost nothing.
        Self { lines: bytemuck::zeroed_vec(len.div_ceil(LINE)), len }
    }

    /// The first `len` elements, of any content, with room made for them.
    pub(crate) fn take(&mut self, len: usize) -> &mut [f32] {
        self.grow(len);
        &mut self[..len]
    }

    /// Makes room for at least `len` elements. What was there is lost if the room has to grow.
    pub(crate) fn grow(&mut self, len: usize) {
        if len > self.len {
            // The old memory goes before the new comes: at the peak there is only one.
            *self = Self::default();
            *self = Self::zeros(len);
        }
    }
}

impl std::ops::Deref for AlignedBuffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &bytemuck::cast_slice(&self.lines)[..self.len]
    }
}

impl std::ops::DerefMut for AlignedBuffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut bytemuck::cast_slice_mut(&mut self.lines)[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_on_a_cache_line_and_grows_but_never_shrinks() {
        let mut buffer = AlignedBuffer::zeros(3);
        buffer.copy_from_slice(&[1.0, 2.0, 3.0]);
        buffer.grow(2);
        assert_eq!(*buffer, [1.0, 2.0, 3.0]);
        buffer.grow(100);
        assert_eq!(buffer.as_ptr().addr() % 64, 0);
        assert_eq!(buffer.len(), 100);
    }
}
