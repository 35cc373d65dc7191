//! Pools.

pub(super) mod adaptive_pool;
pub(super) mod avg_pool;
pub(super) mod global_pool;
pub(super) mod masked_avg_pool;
pub(super) mod max_pool;
