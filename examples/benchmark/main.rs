//! Measures networks: a training step (forward, losses, backward, the check for numbers that are not finite, Adam) and a
//! prediction, with the data in memory.
//!
//! `cargo run --release --example benchmark`, or only some cases: `-- detector train 32`, `-- suite infer`
//!
//! Prints a line for each case, as scripts that time other libraries do: `network!,network,mode,batch,median_ms,min_ms`. The mode
//! is `train` or `infer`; `paced` for predictions that come once a millisecond, as requests do, while the threads sleep in
//! between; or `memory` or `resident` for the most resident memory of the program in three training steps, in megabytes, where it is
//! asked for a single case.
//!
//! Other words ask for something else: `allocations` for lines `allocations,network,mode,batch,requests` of memory in warmed-up
//! calls, which fail unless there are none; `counted` for lines `counted,network,mode,batch,one_ms,alone,operations,units,spread` and how many
//! times as fast each of the simulated machines (`counted::MACHINES`) is; `size` for lines `size,network,parameters,multiply_adds`; `peak` for a line
//! `peak,threads,GFLOP/s` with the multiply-adds that the cores can do now; `list` for the names of the cases alone.

mod allocations;
mod blocks;
mod classifiers;
mod counted;
mod course;
mod kinds;
mod measure;
mod pictures;
mod subject;
mod vectors;
mod wanted;

use net_runtime::Error;

use crate::measure::Mode;
use crate::subject::Subject;
use crate::wanted::Wanted;

/// All networks, in groups under a name.
const GROUPS: &[(&str, &[&[&dyn Subject]])] = &[
    ("course", &[course::NETWORKS]),
    ("blocks", &[blocks::NETWORKS]),
    ("suite", &[classifiers::NETWORKS, pictures::NETWORKS, vectors::NETWORKS]),
    ("kinds", &[kinds::NETWORKS]),
];

/// Prints the multiply-adds that all threads can do at once.
fn print_peak() {
    let peaks = rayon::broadcast(|_| net_runtime::machine::fma_peak());
    println!("peak,{},{:.1}", peaks.len(), peaks.iter().sum::<f64>());
}

/// Counts requests of memory; there are to be none.
fn print_allocations(wanted: &Wanted) -> Result<(), Error> {
    let mut all = 0;
    for network in wanted.networks() {
        for batch in wanted.batches(network) {
            for mode in wanted.modes().filter(|mode| matches!(mode, Mode::Train | Mode::Infer)) {
                let count = allocations::count(network, mode, batch)?;
                println!("allocations,{},{},{batch},{count}", network.name(), mode.name());
                all += count;
            }
        }
    }
    if all > 0 {
        return Err(Error::Invalid(format!("calls that were warmed up asked for memory {all} times")));
    }
    Ok(())
}

/// Prints how a case is divided, and what that makes of it on more cores.
fn print_counted(network: &dyn Subject, mode: Mode, batch: usize) -> Result<(), Error> {
    let counted::Counted { one, alone, operations, units, spread, faster } = counted::count(network, mode, batch)?;
    let (name, mode) = (network.name(), mode.name());
    let faster = faster.map(|faster| format!("{faster:.2}")).join(",");
    println!("counted,{name},{mode},{batch},{one:.4},{alone:.1},{operations},{units:.1},{spread:.2},{faster}");
    Ok(())
}

fn main() -> Result<(), Error> {
    let wanted = Wanted::read();
    if wanted.names("peak") {
        print_peak();
        return Ok(());
    }
    if wanted.names("allocations") {
        return print_allocations(&wanted);
    }
    for network in wanted.networks() {
        let name = network.name();
        if wanted.names("size") {
            let (parameters, multiply_adds) = network.size();
            println!("size,{name},{parameters},{multiply_adds}");
            continue;
        }
        for batch in wanted.batches(network) {
            for mode in wanted.modes() {
                let mode_name = mode.name();
                if wanted.names("list") {
                    println!("{name},{mode_name},{batch}");
                    continue;
                }
                if wanted.names("counted") {
                    print_counted(network, mode, batch)?;
                    continue;
                }
                let [median, least] = measure::measure(network, mode, batch)?;
                // A clock counts nanoseconds: the sixth decimal of a millisecond.
                println!("network!,{name},{mode_name},{batch},{median:.6},{least:.6}");
            }
        }
    }
    Ok(())
}
