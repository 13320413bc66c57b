//! Where the app's threads leave calls and the reactor picks them up.

use std::collections::VecDeque;
use std::sync::{Arc, Weak, mpsc};

use parking_lot::Mutex;
use protocol::{Error, codes};
use tim_core::{Command, ReqId};

use super::stats::{Counters, Stats};
use super::{Control, Outlet};

/// What both sides of an instance know.
pub(super) struct Desk {
    queue: Mutex<Queue>,
    /// Not held by it: whoever is told usually owns the instance.
    outlet: Weak<dyn Outlet>,
    pub counters: Arc<Counters>,
}

/// Who waits for a control to be carried out.
pub(super) type Done = mpsc::Sender<Result<(), Error>>;

#[derive(Default)]
struct Queue {
    calls: VecDeque<(ReqId, Command)>,
    controls: VecDeque<(Control, Done)>,
    has_hint: bool,
    /// The newest mark up to which the app has been told.
    told: Option<u64>,
    /// The reactor was told that something is here and has not looked yet.
    is_announced: bool,
    is_stopping: bool,
    is_closed: bool,
}

impl Desk {
    pub(super) fn new(outlet: Weak<dyn Outlet>) -> Self {
        Self {
            queue: Mutex::default(),
            outlet,
            counters: Arc::default(),
        }
    }

    /// True when the reactor must be told.
    pub(super) fn submit(&self, req: ReqId, command: Command) -> bool {
        let mut queue = self.queue.lock();
        if queue.is_closed {
            drop(queue);
            if let Some(outlet) = self.outlet.upgrade() {
                outlet.complete(req, Err(Error::of(codes::SDK_COMM_INTERRUPT)));
                outlet.turn_end();
            }
            return false;
        }
        queue.calls.push_back((req, command));
        !std::mem::replace(&mut queue.is_announced, true)
    }

    /// True when the reactor must be told.
    pub(super) fn control(&self, control: Control, done: Done) -> bool {
        let mut queue = self.queue.lock();
        if queue.is_closed {
            return false;
        }
        queue.controls.push_back((control, done));
        !std::mem::replace(&mut queue.is_announced, true)
    }

    /// True when the reactor must be told.
    pub(super) fn hint(&self) -> bool {
        let mut queue = self.queue.lock();
        queue.has_hint = true;
        !queue.is_closed && !std::mem::replace(&mut queue.is_announced, true)
    }

    /// True when the reactor must be told.
    pub(super) fn told(&self, mark: u64) -> bool {
        let mut queue = self.queue.lock();
        queue.told = Some(mark);
        !queue.is_closed && !std::mem::replace(&mut queue.is_announced, true)
    }

    /// The newest mark up to which the app has been told since the last time.
    pub(super) fn pick_told(&self) -> Option<u64> {
        self.queue.lock().told.take()
    }

    /// True for the first one who stops.
    pub(super) fn begin_stop(&self) -> bool {
        !std::mem::replace(&mut self.queue.lock().is_stopping, true)
    }

    /// Takes all calls, behind those that were taken before. True when there was a hint.
    pub(super) fn pick(&self, calls: &mut VecDeque<(ReqId, Command)>) -> bool {
        let mut queue = self.queue.lock();
        queue.is_announced = false;
        if calls.is_empty() {
            // The buffers change places, so that neither side allocates.
            std::mem::swap(&mut queue.calls, calls);
        } else {
            calls.append(&mut queue.calls);
        }
        std::mem::take(&mut queue.has_hint)
    }

    /// Takes the controls; the calls that were made before them have been picked up with them.
    pub(super) fn pick_controls(&self) -> VecDeque<(Control, Done)> {
        std::mem::take(&mut self.queue.lock().controls)
    }

    /// Refuses what comes from now on.
    pub(super) fn close(&self) {
        self.queue.lock().is_closed = true;
    }

    pub(super) fn stats(&self) -> Stats {
        self.counters.snapshot(self.queue.lock().calls.len())
    }
}
