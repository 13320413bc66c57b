//! Listeners that may be set, added and removed while they are being called.

use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

/// The listeners for one kind of event, called in the order in which they came.
///
/// A change takes effect at once, for the event that is being told too. Taking a listener away
/// from another thread returns only after a running call of it has ended; from inside that very
/// call it returns at once.
pub struct Slots<F: ?Sized> {
    state: Mutex<State<F>>,
    idle: Condvar,
}

struct State<F: ?Sized> {
    entries: Vec<Entry<F>>,
    next_age: u64,
    /// Calls under way: several on one thread when they are nested, and several threads may be at
    /// it at once.
    running: Vec<Running>,
}

struct Entry<F: ?Sized> {
    key: usize,
    age: u64,
    listener: Arc<F>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Running {
    age: u64,
    thread: usize,
}

/// Keeps `running` true to the facts even when the listener panics.
struct Call<'a, F: ?Sized>(&'a Slots<F>, Running);

impl<F: ?Sized> Drop for Call<'_, F> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        let mine = state.running.iter().rposition(|r| *r == self.1);
        mine.map(|at| state.running.remove(at));
        drop(state);
        self.0.idle.notify_all();
    }
}

impl<F: ?Sized> Default for Slots<F> {
    fn default() -> Self {
        let state = State {
            entries: Vec::new(),
            next_age: 0,
            running: Vec::new(),
        };
        Self {
            state: Mutex::new(state),
            idle: Condvar::new(),
        }
    }
}

impl<F: ?Sized> Slots<F> {
    /// Replaces whatever there is by this one, or by nothing.
    pub fn set(&self, listener: Option<Arc<F>>) {
        let mut state = self.state.lock();
        let old = std::mem::take(&mut state.entries);
        if let Some(listener) = listener {
            state.push(0, listener);
        }
        self.let_go(state, old);
    }

    /// Adds one under a key; one that has the key already is replaced.
    pub fn add(&self, key: usize, listener: Arc<F>) {
        let mut state = self.state.lock();
        let old = state.take(key);
        state.push(key, listener);
        self.let_go(state, old);
    }

    /// Removes the one with this key, if there is one.
    pub fn remove(&self, key: usize) {
        let mut state = self.state.lock();
        let old = state.take(key);
        self.let_go(state, old);
    }

    /// Whether nobody listens.
    pub fn is_empty(&self) -> bool {
        self.state.lock().entries.is_empty()
    }

    /// Calls `tell` with every listener that is there when its turn comes, without a lock. Those
    /// added meanwhile have to wait for the next event.
    pub fn for_each(&self, mut tell: impl FnMut(&F)) {
        let mut state = self.state.lock();
        let end = state.next_age;
        let mut from = 0;
        loop {
            let next = state.entries.iter().find(|e| (from..end).contains(&e.age));
            let Some(entry) = next else { return };
            let (age, listener) = (entry.age, entry.listener.clone());
            let running = Running {
                age,
                thread: this_thread(),
            };
            state.running.push(running);
            drop(state);
            let call = Call(self, running);
            tell(&listener);
            drop(call);
            drop(listener);
            from = age + 1;
            state = self.state.lock();
        }
    }

    /// Waits for the calls of one of `old` on other threads, then drops them without the lock.
    fn let_go(&self, mut state: parking_lot::MutexGuard<'_, State<F>>, old: Vec<Entry<F>>) {
        let me = this_thread();
        let is_old = |age| old.iter().any(|e| e.age == age);
        let waits = |running: &Running| running.thread != me && is_old(running.age);
        while state.running.iter().any(waits) {
            self.idle.wait(&mut state);
        }
        drop(state);
        drop(old);
    }
}

impl<F: ?Sized> State<F> {
    fn push(&mut self, key: usize, listener: Arc<F>) {
        let age = self.next_age;
        self.next_age += 1;
        self.entries.push(Entry { key, age, listener });
    }

    fn take(&mut self, key: usize) -> Vec<Entry<F>> {
        let at = self.entries.iter().position(|e| e.key == key);
        at.map(|at| self.entries.remove(at)).into_iter().collect()
    }
}

/// A number that no other living thread has.
fn this_thread() -> usize {
    thread_local!(static PLACE: u8 = const { 0 });
    PLACE.with(|place| std::ptr::from_ref(place) as usize)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    type Listener = dyn Fn(u32) + Send + Sync;

    fn counting(count: &Arc<AtomicU32>) -> Arc<Listener> {
        let count = count.clone();
        Arc::new(move |by| {
            count.fetch_add(by, Ordering::Relaxed);
        })
    }

    #[test]
    fn a_key_counts_once_and_set_replaces_all() {
        let (slots, count) = (Slots::<Listener>::default(), Arc::default());
        slots.add(1, counting(&count));
        slots.add(1, counting(&count));
        slots.add(2, counting(&count));
        slots.for_each(|f| f(1));
        assert_eq!(count.load(Ordering::Relaxed), 2);
        slots.set(Some(counting(&count)));
        slots.for_each(|f| f(10));
        assert_eq!(count.load(Ordering::Relaxed), 12);
        slots.set(None);
        slots.for_each(|f| f(100));
        assert_eq!(count.load(Ordering::Relaxed), 12);
        assert!(slots.is_empty());
    }

    #[test]
    fn removal_from_inside_takes_effect_at_once() {
        let (slots, count) = (Arc::new(Slots::<Listener>::default()), Arc::default());
        let inside = slots.clone();
        let first: Arc<Listener> = Arc::new(move |_| {
            inside.remove(1);
            inside.remove(2);
        });
        slots.add(1, first);
        slots.add(2, counting(&count));
        slots.for_each(|f| f(1));
        assert_eq!(count.load(Ordering::Relaxed), 0);
        assert!(slots.is_empty());
    }

    #[test]
    fn removal_from_another_thread_waits_for_the_running_call() {
        let slots = Arc::new(Slots::<Listener>::default());
        let (started, wait_for_start) = mpsc::channel();
        let (finish, finished) = mpsc::channel::<()>();
        let (started, finished) = (
            std::sync::Mutex::new(started),
            std::sync::Mutex::new(finished),
        );
        let ended = Arc::new(AtomicU32::new(0));
        let end = ended.clone();
        slots.set(Some(Arc::new(move |_| {
            started.lock().unwrap().send(()).unwrap();
            finished.lock().unwrap().recv().unwrap();
            end.store(1, Ordering::SeqCst);
        })));
        let calling = slots.clone();
        let caller = std::thread::spawn(move || calling.for_each(|f| f(0)));
        wait_for_start.recv().unwrap();
        let releaser = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(30));
            finish.send(()).unwrap();
        });
        slots.set(None);
        assert_eq!(ended.load(Ordering::SeqCst), 1);
        caller.join().unwrap();
        releaser.join().unwrap();
    }

    /// The log slot is told on whatever thread logs: calls overlap, and end in any order.
    #[test]
    fn removal_waits_for_every_thread_that_is_in_it_and_for_no_longer() {
        for first in [0, 1] {
            let slots = Arc::new(Slots::<Listener>::default());
            let (entered, wait_for_entry) = mpsc::channel();
            let entered = std::sync::Mutex::new(entered);
            let gates = [0, 1].map(|_| mpsc::channel::<()>());
            let (open, gates): (Vec<_>, Vec<_>) = gates.into_iter().unzip();
            let gates: Vec<_> = gates.into_iter().map(std::sync::Mutex::new).collect();
            slots.set(Some(Arc::new(move |which| {
                entered.lock().unwrap().send(()).unwrap();
                gates[which as usize].lock().unwrap().recv().unwrap();
            })));
            let callers = [0, 1].map(|which| {
                let slots = slots.clone();
                let caller = std::thread::spawn(move || slots.for_each(|f| f(which)));
                wait_for_entry.recv().unwrap();
                Some(caller)
            });
            let (removed, wait_for_removal) = mpsc::channel();
            let remover = std::thread::spawn(move || {
                slots.set(None);
                removed.send(()).unwrap();
            });
            let mut callers = callers;
            for (which, is_last) in [(first, false), (1 - first, true)] {
                let patience = Duration::from_millis(30);
                assert!(wait_for_removal.recv_timeout(patience).is_err());
                open[which].send(()).unwrap();
                callers[which].take().unwrap().join().unwrap();
                if is_last {
                    let patience = Duration::from_secs(10);
                    wait_for_removal.recv_timeout(patience).unwrap();
                }
            }
            remover.join().unwrap();
        }
    }

    #[test]
    fn a_panic_leaves_the_slot_usable() {
        let slots = Slots::<Listener>::default();
        slots.set(Some(Arc::new(|_| panic!("of the listener"))));
        let call = std::panic::AssertUnwindSafe(|| slots.for_each(|f| f(0)));
        assert!(std::panic::catch_unwind(call).is_err());
        slots.set(None);
    }
}
