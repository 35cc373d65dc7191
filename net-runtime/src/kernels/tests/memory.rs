//! Slices beside pages that must not be touched: reading or writing one element too many ends the test by a signal.

use std::ops::{Deref, DerefMut};

/// Numbers between two pages that must not be touched, right before the one or right behind the other.
#[cfg(unix)]
pub(super) struct Memory {
    map: *mut libc::c_void,
    bytes: usize,
    values: *mut f32,
    len: usize,
}

#[cfg(unix)]
impl Memory {
    /// A copy of these values that ends right before a forbidden page, or begins right behind one.
    pub(super) fn new(values: &[f32], at_end: bool) -> Self {
        // SAFETY: asks for a number.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
        let room = size_of_val(values).next_multiple_of(page);
        let bytes = room + 2 * page;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: a new map at a place of the system's choice.
        let map = unsafe { libc::mmap(std::ptr::null_mut(), bytes, libc::PROT_NONE, flags, -1, 0) };
        assert_ne!(map, libc::MAP_FAILED, "no memory");
        // SAFETY: the pages between the first and the last one of the map, which nobody else knows.
        let (inner, opened) = unsafe {
            let inner = map.byte_add(page);
            (inner, libc::mprotect(inner, room, libc::PROT_READ | libc::PROT_WRITE))
        };
        assert_eq!(opened, 0, "the pages cannot be opened");
        let first = if at_end { room - size_of_val(values) } else { 0 };
        // SAFETY: within the open pages.
        let begin = unsafe { inner.byte_add(first) }.cast::<f32>();
        let mut memory = Self { map, bytes, values: begin, len: values.len() };
        memory.copy_from_slice(values);
        memory
    }
}

#[cfg(unix)]
impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: the map is this value's alone.
        unsafe { libc::munmap(self.map, self.bytes) };
    }
}

#[cfg(unix)]
impl Deref for Memory {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        // SAFETY: so many floats are within the open pages, zero or written before, and aligned: a page is, and their length is
        // a multiple of a float's.
        unsafe { std::slice::from_raw_parts(self.values, self.len) }
    }
}

#[cfg(unix)]
impl DerefMut for Memory {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above, and the map is this value's alone.
        unsafe { std::slice::from_raw_parts_mut(self.values, self.len) }
    }
}

/// Plain memory where there is no way to forbid a page.
#[cfg(not(unix))]
pub(super) struct Memory(Vec<f32>);

#[cfg(not(unix))]
impl Memory {
    /// A copy of these values.
    pub(super) fn new(values: &[f32], _: bool) -> Self {
        Self(values.into())
    }
}

#[cfg(not(unix))]
impl Deref for Memory {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.0
    }
}

#[cfg(not(unix))]
impl DerefMut for Memory {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.0
    }
}
