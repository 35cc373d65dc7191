//! Steps that look at other steps.

pub(super) mod multi_head;
