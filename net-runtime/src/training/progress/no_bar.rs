//! What stands for the bar where the crate is built without its feature `progress`: there is none.

/// No bar can be made.
pub(super) enum Bar {}

impl Bar {
    pub(super) fn new(_samples: usize) -> Option<Self> {
        None
    }

    pub(super) fn begin_epoch(&mut self, _name: String) {
        match *self {}
    }

    pub(super) fn advance(&mut self, _samples: usize, _message: impl FnOnce() -> String) {
        match *self {}
    }

    pub(super) fn begin_validation(&mut self) {
        match *self {}
    }

    pub(super) fn suspend(&self, _work: impl FnOnce()) {
        match *self {}
    }

    pub(super) fn clear(&self) {
        match *self {}
    }
}
