//! Requests of memory in calls that have been warmed up, counted over all threads of the program.

use std::alloc::System;

use net_runtime::Error;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use crate::measure::Mode;
use crate::subject::Subject;

/// Counting costs nothing where nothing is allocated, so that what is timed has it, too.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Calls before those that are counted.
const WARM_UP: usize = 3;
/// Calls that are counted.
const COUNTED: usize = 3;

/// How often some calls of a mode ask for memory.
pub fn count(network: &dyn Subject, mode: Mode, batch: usize) -> Result<usize, Error> {
    // Every thread of the pool has begun, and has looked for work.
    rayon::broadcast(|_| ());
    let mut step = mode.step(network, batch);
    net_runtime::in_threads(|| {
        (0..WARM_UP).try_for_each(|_| step())?;
        let before = requests();
        (0..COUNTED).try_for_each(|_| step())?;
        Ok(requests() - before)
    })
}

/// What the allocator has been asked for so far.
fn requests() -> usize {
    let stats = ALLOCATOR.stats();
    stats.allocations + stats.reallocations
}
