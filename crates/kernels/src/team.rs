//! The thread team: threads that spin while they wait for work.
//!
//! A product takes a fraction of a millisecond, and a step of training consists of some hundred products and shorter
//! loops. Waking a sleeping thread for each of them would cost as much as it gains. So a [`region`] borrows rayon's
//! threads for a whole step. They spin, and a job reaches them in less than a microsecond. The tasks of a job are dealt
//! out in equal shares, the same tasks to the same thread each time, so that what a thread wrote is still in its cache
//! when it reads it again. A thread that finishes early takes tasks of the others. Which thread runs a task therefore
//! varies from run to run, and no result depends on it.

use std::cell::{Cell, UnsafeCell};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

thread_local! {
    /// The team of the region that this thread has opened.
    static CURRENT: Cell<*const Team> = const { Cell::new(ptr::null()) };
    /// Whether this thread is running a task. It runs nested tasks itself: waiting for other threads could block for
    /// ever.
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

/// A job: a closure over task numbers. It outlives the job, which `share` waits for.
#[derive(Clone, Copy)]
struct Job {
    each: *const (dyn Fn(usize) + Sync),
    count: usize,
}

/// The state word: the job's number in the upper half, whether members may still join, and how many have joined.
const OPEN: u64 = 1 << 31;
const MEMBERS: u64 = OPEN - 1;

/// The most shares that tasks are dealt out in. With more threads than that, some threads use one share together.
const SHARES: usize = 64;

struct Team {
    state: Apart<AtomicU64>,
    /// How many tasks of each share are taken.
    taken: [Apart<AtomicUsize>; SHARES],
    shares: usize,
    job: UnsafeCell<Job>,
    over: AtomicBool,
    failed: AtomicBool,
}

/// Alone in its two cache lines, which a processor may load together: a thread that writes one word must not invalidate
/// the line of a thread that reads another.
#[repr(align(128))]
struct Apart<T>(T);

// SAFETY: `job` is written only while no member works on it (the state says so), and read only by members.
unsafe impl Sync for Team {}

/// Runs `body`, whose kernels share their tasks with rayon's other threads.
///
/// `body` must not call rayon itself: all threads but one are busy. Within another region, `body` is just called.
pub fn region<R>(body: impl FnOnce() -> R) -> R {
    if BUSY.get() || !CURRENT.get().is_null() {
        return body();
    }
    let threads = rayon::current_num_threads();
    if threads == 1 {
        // All tasks are this thread's own; rayon would pass each to a thread of its pool and wait.
        let _busy = Busy::begin();
        return body();
    }
    let team = Team {
        state: Apart(AtomicU64::new(0)),
        taken: [const { Apart(AtomicUsize::new(0)) }; SHARES],
        shares: threads.min(SHARES),
        job: UnsafeCell::new(Job { each: &|_| {}, count: 0 }),
        over: AtomicBool::new(false),
        failed: AtomicBool::new(false),
    };
    rayon::in_place_scope(|scope| {
        let team = &team;
        for member in 1..threads {
            scope.spawn(move |_| team.work(member));
        }
        // Dropped even if `body` panics: the scope waits for the team.
        let _end = End(team);
        CURRENT.set(team);
        body()
    })
}

/// While it lives, this thread runs all tasks itself.
struct Busy;

impl Busy {
    fn begin() -> Self {
        BUSY.set(true);
        Self
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        BUSY.set(false);
    }
}

/// Ends a region.
struct End<'a>(&'a Team);

impl Drop for End<'_> {
    fn drop(&mut self) {
        CURRENT.set(ptr::null());
        self.0.over.store(true, Ordering::Release);
    }
}

/// Calls `each(0)` to `each(count - 1)` with the team of this thread's region; `false` if it is in none.
pub(super) fn run(count: usize, each: &(dyn Fn(usize) + Sync)) -> bool {
    if BUSY.get() {
        (0..count).for_each(each);
        return true;
    }
    let team = CURRENT.get();
    if team.is_null() {
        return false;
    }
    // SAFETY: the team outlives its region, and CURRENT is reset when that ends.
    unsafe { &*team }.share(count, each);
    true
}

impl Team {
    fn share(&self, count: usize, each: &(dyn Fn(usize) + Sync)) {
        // SAFETY: only the lifetime changes. No member calls the closure after `share` has returned.
        let each: &'static (dyn Fn(usize) + Sync) = unsafe { std::mem::transmute(each) };
        let job = Job { each, count };
        // SAFETY: the last job was closed, and all members had left it, before `share` returned.
        unsafe { *self.job.get() = job };
        self.taken[..self.shares].iter().for_each(|taken| taken.0.store(0, Ordering::Relaxed));
        let number = (self.state.0.load(Ordering::Relaxed) >> 32).wrapping_add(1);
        self.state.0.store(number << 32 | OPEN, Ordering::Release);
        // Closes the job and waits for its members, even if a task panics here.
        let close = Close(self);
        self.take_tasks(job, 0);
        drop(close);
        assert!(!self.failed.load(Ordering::Relaxed), "a task panicked on another thread");
    }

    /// Runs the tasks of the member's own share, then the remaining tasks of the other shares.
    fn take_tasks(&self, job: Job, member: usize) {
        let _busy = Busy::begin();
        for share in (member..member + self.shares).map(|share| share % self.shares) {
            let [start, end] = [share, share + 1].map(|share| share * job.count / self.shares);
            loop {
                let task = start + self.taken[share].0.fetch_add(1, Ordering::Relaxed);
                if task >= end {
                    break;
                }
                // SAFETY: the closure lives: the job is open, or this member is counted.
                unsafe { (*job.each)(task) };
            }
        }
    }

    /// The loop of a borrowed thread until the region ends.
    fn work(&self, member: usize) {
        let mut last = 0;
        let mut idle = 0u32;
        while !self.over.load(Ordering::Acquire) {
            let state = self.state.0.load(Ordering::Relaxed);
            if state & OPEN == 0 || state >> 32 == last {
                wait(&mut idle);
                continue;
            }
            // Joining fails if the job has been closed, or another member has joined, in the meantime.
            if self.state.0.compare_exchange(state, state + 1, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                let _leave = Leave(self);
                last = state >> 32;
                idle = 0;
                // SAFETY: this member is counted, so the job is not replaced meanwhile.
                self.take_tasks(unsafe { *self.job.get() }, member);
            }
        }
    }
}

struct Leave<'a>(&'a Team);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.failed.store(true, Ordering::Relaxed);
        }
        self.0.state.0.fetch_sub(1, Ordering::Release);
    }
}

struct Close<'a>(&'a Team);

impl Drop for Close<'_> {
    fn drop(&mut self) {
        self.0.state.0.fetch_and(!OPEN, Ordering::AcqRel);
        let mut idle = 0;
        while self.0.state.0.load(Ordering::Acquire) & MEMBERS != 0 {
            wait(&mut idle);
        }
    }
}

/// How often a thread checks the state before it yields: about a tenth of a millisecond, longer than most waits.
const SPINS: u32 = 1 << 14;

/// Spins at first; later yields, because there may be more threads than cores.
fn wait(idle: &mut u32) {
    *idle = idle.saturating_add(1);
    if *idle < SPINS {
        std::hint::spin_loop();
    } else {
        std::thread::yield_now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(threads: usize) -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
    }

    #[test]
    fn every_task_runs_once_at_any_number_of_threads() {
        for threads in [1, 2, 3, 8] {
            pool(threads).install(|| {
                region(|| {
                    for count in [0, 1, 2, 100, 3] {
                        let seen: Vec<AtomicUsize> = (0..count).map(|_| AtomicUsize::new(0)).collect();
                        let each = |task: usize| {
                            // Nested tasks run on the thread of the outer task, and must not hang.
                            let inner = AtomicUsize::new(0);
                            let each = |_: usize| {
                                inner.fetch_add(1, Ordering::Relaxed);
                            };
                            assert!(run(3, &each));
                            assert_eq!(inner.load(Ordering::Relaxed), 3);
                            seen[task].fetch_add(1, Ordering::Relaxed);
                        };
                        assert!(run(count, &each));
                        assert!(seen.iter().all(|seen| seen.load(Ordering::Relaxed) == 1));
                    }
                });
                assert!(!run(1, &|_: usize| ()), "the region is over");
            });
        }
    }

    #[test]
    fn a_panic_in_a_task_reaches_the_caller_and_leaves_no_thread_behind() {
        for bad in [0, 50, 99] {
            let pool = pool(2);
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                pool.install(|| region(|| run(100, &|task: usize| assert_ne!(task, bad, "the bad task"))))
            }));
            assert!(result.is_err());
            assert_eq!(pool.install(|| 7), 7);
        }
    }
}
