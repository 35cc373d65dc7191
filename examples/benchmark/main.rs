//! Times networks: a training step (forward, losses, backward, the check for numbers that are not finite, Adam) and a
//! prediction, with the data in memory, one after the other within the thread pool, as `fit` works.
//!
//! `cargo run --release --example benchmark`, or only some cases: `-- detector train 32`
//!
//! Prints a line for each case, as scripts that time other libraries do: `network!,network,mode,batch,median_ms,min_ms`.
//!
//! Three words ask for something else: `paced` for predictions of `mlp` that come once a millisecond, as requests do, while
//! the threads sleep in between; `peak` for a line `peak,threads,GFLOP/s` with the multiply-adds that the cores can do now;
//! `list` for the names of the cases alone.

mod blocks;
mod course;
mod kinds;
mod timing;
mod wanted;

use net_runtime::Error;

use wanted::Wanted;

/// Prints the multiply-adds that all threads can do at once.
fn print_peak() {
    let peaks = rayon::broadcast(|_| net_runtime::machine::fma_peak());
    println!("peak,{},{:.1}", peaks.len(), peaks.iter().sum::<f64>());
}

fn main() -> Result<(), Error> {
    let wanted = Wanted::read();
    if wanted.names("peak") {
        print_peak();
        return Ok(());
    }
    course::run(&wanted)?;
    blocks::run(&wanted)?;
    kinds::run(&wanted)
}
