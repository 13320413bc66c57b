//! Counters of an instance.

use std::sync::atomic::{AtomicU64, Ordering};

/// What the reactor has done for an instance so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Stats {
    /// Calls that wait to be taken up by the reactor.
    pub queue_depth: u64,
    /// Calls taken up that are not completed yet.
    pub pending: u64,
    /// Calls taken up.
    pub commands: u64,
    /// Turns of the reactor for this instance.
    pub turns: u64,
    /// Transactions of the local database that failed.
    pub failed_commits: u64,
    /// Connection attempts begun.
    pub attempts: u64,
    /// Connections that came to be open.
    pub connections: u64,
    /// Of these, all but the first.
    pub reconnects: u64,
    /// Text frames received.
    pub frames_in: u64,
    /// Text frames handed to the connection.
    pub frames_out: u64,
    /// Bytes read from sockets.
    pub bytes_in: u64,
    /// Bytes written to sockets.
    pub bytes_out: u64,
}

/// One number that only the reactor writes.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, count: usize) {
        // One writer: no need for a locked instruction.
        let next = self.0.load(Ordering::Relaxed).wrapping_add(count as u64);
        self.0.store(next, Ordering::Relaxed);
    }

    pub(super) fn set(&self, value: usize) {
        self.0.store(value as u64, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub pending: Counter,
    pub commands: Counter,
    pub turns: Counter,
    pub failed_commits: Counter,
    pub attempts: Counter,
    pub connections: Counter,
    pub frames_in: Counter,
    pub frames_out: Counter,
    pub bytes_in: Counter,
    pub bytes_out: Counter,
}

impl Counters {
    pub(super) fn snapshot(&self, queue_depth: usize) -> Stats {
        let connections = self.connections.get();
        Stats {
            queue_depth: queue_depth as u64,
            pending: self.pending.get(),
            commands: self.commands.get(),
            turns: self.turns.get(),
            failed_commits: self.failed_commits.get(),
            attempts: self.attempts.get(),
            connections,
            reconnects: connections.saturating_sub(1),
            frames_in: self.frames_in.get(),
            frames_out: self.frames_out.get(),
            bytes_in: self.bytes_in.get(),
            bytes_out: self.bytes_out.get(),
        }
    }
}
