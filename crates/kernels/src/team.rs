//! Threads that wait for work without going to sleep.
//!
//! A product takes a fraction of a millisecond, and a step has a hundred of them and of shorter loops: to wake a
//! sleeping thread for each would cost as much as it gains. So for the length of a step a [`region`] borrows
//! rayon's threads; they spin, and a job reaches them in less than a microsecond. Tasks of a job are handed out
//! in equal shares, the same tasks to the same thread each time, so that what it wrote is still near when it comes back;
//! who is done early helps the others. Who takes which task is then a matter of chance, and no result depends on it.

use std::cell::{Cell, UnsafeCell};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

thread_local! {
    /// The team of the region that this thread has opened.
    static CURRENT: Cell<*const Team> = const { Cell::new(ptr::null()) };
    /// Whether this thread is at a task: tasks within it are its own, since to wait for others could be for ever.
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

/// A job: a closure over task numbers, with its type erased.
#[derive(Clone, Copy)]
struct Job {
    call: unsafe fn(*const (), usize),
    closure: *const (),
    count: usize,
}

/// The state word: a job's number in the upper half, whether it takes hands, and how many are at it.
const OPEN: u64 = 1 << 31;
const HANDS: u64 = OPEN - 1;

/// Shares that tasks are dealt out in, at most; of more threads, some have one share together.
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

/// Alone in its lines of the cache, of which a processor may fetch two at once: who writes one word must not take the
/// line from a thread that looks at another.
#[repr(align(128))]
struct Apart<T>(T);

// SAFETY: `job` is written only while no hand is at it (the state says so), and read only by hands.
unsafe impl Sync for Team {}

/// Runs `body`, whose kernels share their tasks with rayon's other threads.
///
/// `body` must not call rayon itself: all threads but one are taken. Within another region it is just called.
pub fn region<R>(body: impl FnOnce() -> R) -> R {
    if BUSY.get() || !CURRENT.get().is_null() {
        return body();
    }
    let threads = rayon::current_num_threads();
    if threads == 1 {
        // All tasks are this thread's own; rayon would hand each to a thread of its pool and wait.
        let _busy = Busy::begin();
        return body();
    }
    unsafe fn nothing(_: *const (), _: usize) {}
    let team = Team {
        state: Apart(AtomicU64::new(0)),
        taken: [const { Apart(AtomicUsize::new(0)) }; SHARES],
        shares: threads.min(SHARES),
        job: UnsafeCell::new(Job { call: nothing, closure: ptr::null(), count: 0 }),
        over: AtomicBool::new(false),
        failed: AtomicBool::new(false),
    };
    rayon::in_place_scope(|scope| {
        let team = &team;
        for hand in 1..threads {
            scope.spawn(move |_| team.work(hand));
        }
        // Dropped even if `body` panics: the scope waits for the team.
        let _end = End(team);
        CURRENT.set(team);
        body()
    })
}

/// For as long as it lives, this thread does all tasks itself.
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
pub(super) fn run<F: Fn(usize) + Sync>(count: usize, each: &F) -> bool {
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
    fn share<F: Fn(usize) + Sync>(&self, count: usize, each: &F) {
        unsafe fn call<F: Fn(usize)>(closure: *const (), task: usize) {
            // SAFETY: `closure` is the F of the job, which `share` keeps alive until no hand is at it.
            unsafe { (*closure.cast::<F>())(task) }
        }
        let job = Job { call: call::<F>, closure: ptr::from_ref(each).cast(), count };
        // SAFETY: the last job was closed and left by all hands before `share` returned.
        unsafe { *self.job.get() = job };
        self.taken[..self.shares].iter().for_each(|taken| taken.0.store(0, Ordering::Relaxed));
        let number = (self.state.0.load(Ordering::Relaxed) >> 32).wrapping_add(1);
        self.state.0.store(number << 32 | OPEN, Ordering::Release);
        // Closes the job, and waits for the hands at it, even if a task panics here.
        let close = Close(self);
        self.take_tasks(job, 0);
        drop(close);
        assert!(!self.failed.load(Ordering::Relaxed), "a task panicked on another thread");
    }

    /// Takes the tasks of the hand's own share, then what is left of the others'.
    fn take_tasks(&self, job: Job, hand: usize) {
        let _busy = Busy::begin();
        for share in (hand..hand + self.shares).map(|share| share % self.shares) {
            let [start, end] = [share, share + 1].map(|share| share * job.count / self.shares);
            loop {
                let task = start + self.taken[share].0.fetch_add(1, Ordering::Relaxed);
                if task >= end {
                    break;
                }
                // SAFETY: as `call` asks; the job is open, or this hand is counted.
                unsafe { (job.call)(job.closure, task) };
            }
        }
    }

    /// What a borrowed thread does until the region ends.
    fn work(&self, hand: usize) {
        let mut last = 0;
        let mut idle = 0u32;
        while !self.over.load(Ordering::Acquire) {
            let state = self.state.0.load(Ordering::Relaxed);
            if state & OPEN == 0 || state >> 32 == last {
                wait(&mut idle);
                continue;
            }
            // Joining fails if the job has been closed, or another hand has joined, since.
            if self.state.0.compare_exchange(state, state + 1, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                let _leave = Leave(self);
                last = state >> 32;
                idle = 0;
                // SAFETY: this hand is counted, so the job is not replaced meanwhile.
                self.take_tasks(unsafe { *self.job.get() }, hand);
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
        while self.0.state.0.load(Ordering::Acquire) & HANDS != 0 {
            wait(&mut idle);
        }
    }
}

/// Looks at the state before a thread lets others run: a tenth of a millisecond or so, longer than most waits.
const SPINS: u32 = 1 << 14;

/// Spins at first; later lets others run, for there may be more threads than cores.
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
                            // Tasks within a task are done by whoever is at it, and must not hang.
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
