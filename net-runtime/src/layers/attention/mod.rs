//! Steps that look at other steps.

pub(super) mod multi_head;
pub(super) mod one_head;
pub(super) mod operands;
