//! What waits to be written to one connection.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;
use std::time::Instant;

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use protocol::frame::close;

use crate::logic::{Frame, Link};
use crate::metrics::Metrics;

/// A frame and since when it is due.
pub(super) type Due = (Instant, Frame);

/// The queue between the logic and the task of a connection.
pub(super) struct Outbox {
    queue: Mutex<Queue>,
    waker: AtomicWaker,
    max_bytes: usize,
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Due>,
    /// Of all frames that were not handed to the socket yet.
    bytes: usize,
    close: Option<(u16, String)>,
    /// The reader was too slow: nothing that waits is worth sending any more.
    overrun: bool,
}

impl Queue {
    fn wanted(&self) -> Wanted {
        match &self.close {
            None => Wanted::Open,
            Some((code, reason)) if self.overrun => Wanted::Cut(*code, reason.clone()),
            Some((code, reason)) => Wanted::Close(*code, reason.clone()),
        }
    }
}

/// What a connection's task finds.
pub(super) enum Wanted {
    /// To go on.
    Open,
    /// To close once everything went out.
    Close(u16, String),
    /// To close at once.
    Cut(u16, String),
}

impl Outbox {
    pub fn new(max_bytes: usize, metrics: Arc<Metrics>) -> Self {
        Self {
            queue: Mutex::default(),
            waker: AtomicWaker::new(),
            max_bytes,
            metrics,
        }
    }

    /// Whom to wake when something is put in.
    pub fn register(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    /// Moves all frames to `sending`, which has to be empty; tells what is wanted beyond.
    pub fn take(&self, sending: &mut VecDeque<Due>) -> Wanted {
        let mut queue = self.queue.lock();
        std::mem::swap(&mut queue.frames, sending);
        queue.wanted()
    }

    /// What is wanted beyond sending.
    pub fn wanted(&self) -> Wanted {
        self.queue.lock().wanted()
    }

    /// So many bytes of frames were handed to the socket.
    pub fn sent(&self, bytes: usize) {
        self.queue.lock().bytes -= bytes;
        self.metrics.outgoing_bytes.add(-(bytes as i64));
    }

    /// Whether an answer need not wait for the peer to read: less than half of it is full, or
    /// nothing will be sent any more.
    pub fn takes_answers(&self) -> bool {
        let queue = self.queue.lock();
        queue.close.is_some() || queue.bytes <= self.max_bytes / 2
    }

    /// Whether less than half of it is full, with `expected` bytes on their way: otherwise it is
    /// no time to take requests that fill it further.
    pub fn has_room(&self, expected: usize) -> bool {
        self.queue.lock().bytes + expected <= self.max_bytes / 2
    }
}

impl Link for Outbox {
    fn send(&self, frame: Frame) {
        let mut queue = self.queue.lock();
        if queue.close.is_some() {
            return;
        }
        // Looked at before the frame is added: a single large answer is no fault of the reader.
        if queue.bytes > self.max_bytes {
            queue.overrun = true;
            queue.close = Some((close::SLOW_READER, "does not read".into()));
            queue.frames = VecDeque::new();
        } else {
            queue.bytes += frame.len();
            self.metrics.outgoing_bytes.add(frame.len() as i64);
            queue.frames.push_back((Instant::now(), frame));
        }
        drop(queue);
        self.waker.wake();
    }

    fn close(&self, code: u16, reason: &str) {
        self.queue
            .lock()
            .close
            .get_or_insert_with(|| (code, reason.to_owned()));
        self.waker.wake();
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        let bytes = self.queue.get_mut().bytes;
        self.metrics.outgoing_bytes.add(-(bytes as i64));
    }
}
