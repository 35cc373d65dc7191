//! Pools.

pub(super) mod avg_pool;
pub(super) mod global_pool;
pub(super) mod max_pool;
