//! Calls that were accepted and not yet completed: each is completed exactly once.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use protocol::{Error, codes};
use tim_core::ReqId;

use super::Completion;

/// What a call is named, and what is to be run when it is over.
pub(super) type Call = (&'static str, Completion);

/// The table. A call holds its place until its completion has run, so that a slow app is refused
/// new calls instead of filling the memory.
pub(super) struct Pending {
    table: Mutex<Table>,
    open: AtomicUsize,
    limit: usize,
}

#[derive(Default)]
struct Table {
    calls: HashMap<u64, Call, BuildHasherDefault<Spread>>,
    newest: u64,
    closed: bool,
}

/// Request numbers only rise, so that they need no cryptographic hash.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, number: u64) {
        self.0 = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

impl Pending {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            table: Mutex::default(),
            open: AtomicUsize::new(0),
            limit,
        }
    }

    /// Takes a place, or refuses.
    pub(super) fn reserve(&self) -> Result<(), Error> {
        let places = self.open.fetch_add(1, Ordering::Relaxed);
        if places < self.limit {
            return Ok(());
        }
        self.release();
        Err(Error::of(codes::QUEUE_FULL))
    }

    /// Gives a place back: the completion has run.
    pub(super) fn release(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    /// Enters a call that has its place.
    pub(super) fn insert(
        &self,
        name: &'static str,
        completion: Completion,
    ) -> Result<ReqId, Completion> {
        let mut table = self.table.lock();
        if table.closed {
            return Err(completion);
        }
        table.newest += 1;
        let id = table.newest;
        table.calls.insert(id, (name, completion));
        Ok(ReqId(id))
    }

    /// Runs `take` with access to the calls, under one lock for a whole batch.
    pub(super) fn with<R>(
        &self,
        take: impl FnOnce(&mut dyn FnMut(ReqId) -> Option<Call>) -> R,
    ) -> R {
        let mut table = self.table.lock();
        take(&mut |req| table.calls.remove(&req.0))
    }

    /// Accepts nothing from now on.
    pub(super) fn close(&self) {
        self.table.lock().closed = true;
    }

    /// What is left, oldest first.
    pub(super) fn drain(&self) -> Vec<Call> {
        let mut left: Vec<_> = self.table.lock().calls.drain().collect();
        left.sort_unstable_by_key(|(id, _)| *id);
        left.into_iter().map(|(_, call)| call).collect()
    }

    /// Calls whose completion has not run.
    pub(super) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }
}
