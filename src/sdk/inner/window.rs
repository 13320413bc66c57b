//! Window mode: jobs run in the message loop of the thread that started the client.

use std::io;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::{Inner, Wait};
use crate::dispatch::Slots;
use crate::sys::Window;

/// How long callbacks run at a time before input and painting get their turn. One that takes longer
/// takes what it takes.
const SLICE: Duration = Duration::from_millis(8);

type Wake = dyn Fn() + Send + Sync;

/// The window, and how it is told that jobs wait.
#[derive(Default)]
pub(super) struct Slot {
    wakeup: Arc<Slots<Wake>>,
    window: Mutex<Option<Arc<Window>>>,
}

impl Slot {
    pub(super) fn wakeup(&self) -> Arc<Slots<Wake>> {
        self.wakeup.clone()
    }

    /// Nothing is run by it any more.
    pub(super) fn close(&self) {
        self.wakeup.set(None);
        self.window.lock().take();
    }
}

impl Inner {
    /// Makes the window on the calling thread, and has it run what waits already.
    pub(in crate::sdk) fn open_window(self: &Arc<Self>) -> io::Result<()> {
        let inner = Arc::downgrade(self);
        let run = move || Weak::upgrade(&inner).is_some_and(|inner| inner.run_a_while());
        let window = Arc::new(Window::new(Box::new(run))?);
        let woken = window.clone();
        *self.window.window.lock() = Some(window);
        self.window.wakeup.set(Some(Arc::new(move || woken.wake())));
        self.queue.remind();
        Ok(())
    }

    /// Runs jobs for a moment; true when more wait.
    fn run_a_while(&self) -> bool {
        // Somebody is at it: this thread, when a callback runs a message loop, for a dialog for instance,
        // and then the others wait until it has returned; or one that stops the client.
        let Some(mut batch) = self.runner.try_lock() else {
            return false;
        };
        let end = Instant::now() + SLICE;
        while !batch.is_empty() || self.queue.take(&mut batch, Wait::No) {
            self.run(&mut batch, usize::MAX, Some(end));
            if self.stop_here.load(std::sync::atomic::Ordering::Acquire) {
                self.stop_from_inside(&mut batch);
                return false;
            }
            if !batch.is_empty() || Instant::now() >= end {
                break;
            }
        }
        self.queue.settle(batch.is_empty())
    }
}
