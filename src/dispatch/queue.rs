//! The queue between whoever makes jobs and the one thread that runs them.
//!
//! Whole batches go in and come out under one lock; a sleeper is woken once a batch. The queue has
//! no bound of its own: its users reserve places before they accept a call.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::Slots;
use super::signal::{Signal, Wake};

/// How long to wait for jobs.
#[derive(Clone, Copy)]
pub(crate) enum Wait {
    /// Not at all.
    No,
    /// So long.
    For(Duration),
    /// Until there are some, or the queue is closed.
    Forever,
}

/// Jobs in order.
pub(crate) struct Queue<J> {
    state: Mutex<State<J>>,
    ready: Condvar,
    signal: Option<Signal>,
}

struct State<J> {
    jobs: VecDeque<J>,
    sleeping: bool,
    closed: bool,
    /// The descriptor is readable.
    raised: bool,
}

impl<J> Queue<J> {
    /// One for a thread that waits in [`Queue::take`].
    pub(crate) fn for_thread() -> Self {
        Self::new(None)
    }

    /// One for an app that polls: `wake` is called, and a descriptor raised, when jobs come.
    pub(crate) fn for_polling(wake: Arc<Slots<Wake>>) -> std::io::Result<Self> {
        Ok(Self::new(Some(Signal::new(wake)?)))
    }

    fn new(signal: Option<Signal>) -> Self {
        let state = State {
            jobs: VecDeque::new(),
            sleeping: false,
            closed: false,
            raised: false,
        };
        Self {
            state: Mutex::new(state),
            ready: Condvar::new(),
            signal,
        }
    }

    /// Adds one job.
    pub(crate) fn push(&self, job: J) {
        let mut state = self.state.lock();
        state.jobs.push_back(job);
        self.wake(state);
    }

    /// Adds all of `jobs`, leaving it empty. `merge` may melt the first of them into the last one
    /// that waits, or give it back.
    pub(crate) fn append(
        &self,
        jobs: &mut VecDeque<J>,
        merge: impl FnOnce(&mut J, J) -> Option<J>,
    ) {
        let mut state = self.state.lock();
        if let Some(last) = state.jobs.back_mut()
            && let Some(first) = jobs.pop_front()
            && let Some(first) = merge(last, first)
        {
            jobs.push_front(first);
        }
        if state.jobs.is_empty() {
            std::mem::swap(&mut state.jobs, jobs);
        } else {
            state.jobs.append(jobs);
        }
        self.wake(state);
    }

    fn wake(&self, mut state: MutexGuard<'_, State<J>>) {
        if state.jobs.is_empty() && !state.closed {
            return;
        }
        let sleeping = std::mem::take(&mut state.sleeping);
        let raise = self.signal.as_ref().filter(|_| !state.raised);
        if let Some(signal) = raise {
            state.raised = true;
            signal.raise();
        }
        drop(state);
        if sleeping {
            self.ready.notify_one();
        }
        if let Some(signal) = raise {
            signal.call();
        }
    }

    /// Moves everything that waits into `batch`, which must be empty; waits when there is
    /// nothing. False when the time is over, or the queue is closed and empty.
    pub(crate) fn take(&self, batch: &mut VecDeque<J>, wait: Wait) -> bool {
        let end = match wait {
            Wait::For(time) => Instant::now().checked_add(time),
            Wait::No | Wait::Forever => None,
        };
        let mut state = self.state.lock();
        while state.jobs.is_empty() {
            if state.closed || matches!(wait, Wait::No) {
                return false;
            }
            state.sleeping = true;
            let in_time = match end {
                Some(end) => !self.ready.wait_until(&mut state, end).timed_out(),
                None => {
                    self.ready.wait(&mut state);
                    true
                }
            };
            state.sleeping = false;
            if !in_time && state.jobs.is_empty() {
                return false;
            }
        }
        std::mem::swap(&mut state.jobs, batch);
        true
    }

    /// The poller is done. When it has run all that it took and no more came, the descriptor becomes
    /// unreadable; otherwise true: remind the app, so that it may poll once each time it is called.
    pub(crate) fn settle(&self, ran_all: bool) -> bool {
        let Some(signal) = &self.signal else {
            return false;
        };
        let mut state = self.state.lock();
        if state.raised && ran_all && state.jobs.is_empty() {
            state.raised = false;
            signal.clear();
        }
        state.raised
    }

    /// Calls the app again when jobs wait: whoever is to be called may have changed.
    pub(crate) fn remind(&self) {
        let raised = self.state.lock().raised;
        if let Some(signal) = self.signal.as_ref().filter(|_| raised) {
            signal.call();
        }
    }

    /// Nobody waits any more; what comes still may be pushed and taken.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        self.wake(state);
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.state.lock().jobs.len()
    }

    /// The descriptor of the poll mode; -1 where there is none.
    pub(crate) fn descriptor(&self) -> i32 {
        self.signal.as_ref().map_or(-1, Signal::descriptor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(_: &mut u32, job: u32) -> Option<u32> {
        Some(job)
    }

    #[test]
    fn batches_come_out_in_order_and_may_merge() {
        let queue = Queue::for_thread();
        queue.push(1);
        queue.append(&mut VecDeque::from([2, 3]), keep);
        queue.append(&mut VecDeque::from([10, 4]), |last, job| {
            *last += job;
            None
        });
        let mut batch = VecDeque::new();
        assert!(queue.take(&mut batch, Wait::No));
        assert_eq!(batch, [1, 2, 13, 4]);
        batch.clear();
        assert!(!queue.take(&mut batch, Wait::For(Duration::from_millis(1))));
    }

    #[test]
    fn closing_ends_the_waiting_but_loses_nothing() {
        let queue = Arc::new(Queue::for_thread());
        let waiting = queue.clone();
        let waiter = std::thread::spawn(move || waiting.take(&mut VecDeque::new(), Wait::Forever));
        std::thread::sleep(Duration::from_millis(10));
        queue.close();
        assert!(!waiter.join().unwrap());
        queue.push(1);
        assert!(queue.take(&mut VecDeque::new(), Wait::Forever));
    }

    #[test]
    fn the_app_is_woken_once_until_it_has_emptied_the_queue() {
        let wakes = Arc::new(std::sync::atomic::AtomicU32::new(0));
        let (slots, count) = (Arc::new(Slots::<Wake>::default()), wakes.clone());
        slots.set(Some(Arc::new(move || {
            count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        })));
        let queue = Queue::for_polling(slots).unwrap();
        let woken = || wakes.load(std::sync::atomic::Ordering::Relaxed);
        queue.push(1);
        queue.push(2);
        assert_eq!(woken(), 1);
        let mut batch = VecDeque::new();
        queue.take(&mut batch, Wait::No);
        queue.push(3);
        assert_eq!(woken(), 1, "it is not through with the first batch");
        assert!(queue.settle(true), "3 waits");
        queue.remind();
        assert_eq!(woken(), 2);
        batch.clear();
        queue.take(&mut batch, Wait::No);
        assert!(queue.settle(false), "not all of it ran");
        assert!(!queue.settle(true));
        queue.push(4);
        assert_eq!(woken(), 3);
    }
}
