//! How the work of a call is divided, and how long each part takes on one thread: what is needed to say how much faster it may be on
//! machines of more cores than there are here.
//!
//! All that is divided comes through [`on_two_threads`](super::on_two_threads), so a record is a list of moments there. A thread that records nothing looks at
//! one flag of its own for each fork, of which none is shorter than ten microseconds. Steps of a recurrent layer that a
//! companion (`kernels::companion`) shares are no such forks; where there is one thread, it has none.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use super::awake;
use super::halves::Work;

/// Work on one thread that is divided now and then: parts that nobody else can help with, and between them forks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Division {
    /// How long the undivided parts take: one more than there are forks.
    pub alone: Vec<Duration>,
    /// The halves of each fork, which may be done at the same time.
    pub forks: Vec<[Self; 2]>,
}

impl Division {
    /// How long all of it takes on one thread.
    pub fn total(&self) -> Duration {
        self.undivided() + self.forks.iter().flatten().map(Self::total).sum::<Duration>()
    }

    /// How long that takes of it which nobody can help with.
    pub fn undivided(&self) -> Duration {
        self.alone.iter().sum()
    }

    /// How long each part takes that is not divided further.
    pub fn units(&self) -> Vec<Duration> {
        match &*self.forks {
            [] => self.alone.clone(),
            forks => forks.iter().flatten().flat_map(Self::units).collect(),
        }
    }

    /// Takes the shorter time of each part, if the same work is divided alike in both.
    #[must_use]
    pub fn least(self, other: Self) -> Self {
        if self.forks.len() != other.forks.len() {
            return self;
        }
        let alone = self.alone.into_iter().zip(other.alone).map(|(own, other)| own.min(other)).collect();
        let halves = self.forks.into_iter().zip(other.forks);
        let forks =
            halves.map(|([first, second], [of_first, of_second])| [first.least(of_first), second.least(of_second)]);
        Self { alone, forks: forks.collect() }
    }
}

#[derive(Clone, Copy, Debug)]
enum Moment {
    Fork,
    Between,
    Join,
}

thread_local! {
    static RECORDS: Cell<bool> = const { Cell::new(false) };
    static MOMENTS: RefCell<Vec<(Moment, Instant)>> = const { RefCell::new(Vec::new()) };
}

/// Forks of a call that have a place without asking for memory meanwhile.
const ROOM: usize = 3 << 14;

/// Says that a thread records no more, however that ends.
struct Recording {
    was_awake: bool,
}

impl Drop for Recording {
    fn drop(&mut self) {
        RECORDS.set(false);
        awake::set_here(self.was_awake);
    }
}

/// Does the work on this thread, and records how it is divided: as where the other threads of the pool are kept `awake`, or where they are
/// not, since there are too many or they are far from each other. A call outside of a thread pool divides less.
///
/// # Panics
///
/// If the work records something itself.
pub fn division(awake: bool, work: impl FnOnce()) -> Division {
    assert!(!RECORDS.get(), "one record at a time");
    MOMENTS.with_borrow_mut(|moments| {
        moments.clear();
        moments.reserve(ROOM);
    });
    let recording = Recording { was_awake: awake::here() };
    awake::set_here(awake);
    RECORDS.set(true);
    let begin = Instant::now();
    work();
    let end = Instant::now();
    drop(recording);
    let clock = (0..100).map(|_| Instant::now().elapsed()).min().unwrap_or_default();
    MOMENTS.with_borrow(|moments| {
        let mut moments = moments.iter().copied();
        read(&mut moments, begin, clock, Some(end)).0
    })
}

/// One half, or the whole, from its begin to its end: that of the last part if no moment follows. Says where it ended.
fn read(
    moments: &mut impl Iterator<Item = (Moment, Instant)>,
    mut begin: Instant,
    clock: Duration,
    last: Option<Instant>,
) -> (Division, Instant) {
    let mut division = Division::default();
    loop {
        let next = moments.next();
        let end = next.map(|(_, at)| at).or(last).expect("a fork has two halves");
        division.alone.push((end - begin).saturating_sub(clock));
        let Some((Moment::Fork, _)) = next else { return (division, end) };
        let (first, between) = read(moments, end, clock, None);
        let (second, join) = read(moments, between, clock, None);
        division.forks.push([first, second]);
        begin = join;
    }
}

/// Whether this thread records how its work is divided.
pub(super) fn records() -> bool {
    RECORDS.get()
}

/// Does both halves one after the other, and records it.
pub(super) fn fork(first: &mut Work, second: &mut Work) {
    mark(Moment::Fork);
    first();
    mark(Moment::Between);
    second();
    mark(Moment::Join);
}

fn mark(moment: Moment) {
    MOMENTS.with_borrow_mut(|moments| moments.push((moment, Instant::now())));
}

#[cfg(test)]
mod tests {
    use std::thread::sleep;

    use super::super::join;
    use super::*;

    const UNIT: Duration = Duration::from_millis(2);

    #[test]
    fn forks_are_recorded_with_the_time_of_each_part() {
        let division = division(false, || {
            sleep(UNIT);
            join(true, || sleep(UNIT), || join(true, || sleep(2 * UNIT), || ()));
            join(false, || sleep(UNIT), || sleep(UNIT));
        });
        let [[first, second]] = &*division.forks else { panic!("one fork: {division:?}") };
        assert_eq!((first.forks.len(), second.forks.len()), (0, 1));
        assert!(division.alone[0] >= UNIT && division.alone[1] >= 2 * UNIT, "{division:?}");
        assert!(first.total() >= UNIT && second.total() >= 2 * UNIT && division.total() >= 6 * UNIT);
        assert_eq!(division.units().len(), 3);
        assert!(!records());
    }

    #[test]
    fn the_least_of_two_records_is_that_of_each_part() {
        let of = |numbers: [u64; 4]| {
            let [before, first, second, after] = numbers.map(Duration::from_micros);
            let half = |time| Division { alone: vec![time], forks: Vec::new() };
            Division { alone: vec![before, after], forks: vec![[half(first), half(second)]] }
        };
        assert_eq!(of([1, 5, 3, 7]).least(of([2, 4, 9, 6])), of([1, 4, 3, 6]));
        assert_eq!(of([1, 5, 3, 7]).undivided(), Duration::from_micros(8));
    }

    #[test]
    fn small_work_is_divided_where_threads_are_awake() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let forks = |awake| {
            pool.install(|| division(awake, || join(super::super::pays(super::super::FORK_AWAKE), || (), || ()))).forks
        };
        assert_eq!([forks(false).len(), forks(true).len()], [0, 1]);
    }
}
