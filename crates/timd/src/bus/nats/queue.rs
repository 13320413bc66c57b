//! Notes that wait for the bus: so many, so many bytes; then the oldest go. Whose notes were lost
//! here, or may have been on a connection that broke, is told so later.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};

use crate::bus::Note;
use crate::metrics::{Lost, Metrics};
use crate::repo::NodeId;

/// So many notes wait.
const WAITING_NOTES: usize = 16_384;
/// So many bytes of them, roughly.
const WAITING_BYTES: usize = 16 * 1024 * 1024;
/// So many are taken at a time.
const BATCH: usize = 256;
/// Or so many bytes.
const BATCH_BYTES: usize = 256 * 1024;
/// A dead connection is found sooner, so what was sent longer ago has arrived.
const DOUBT: Duration = Duration::from_secs(30);
/// What loses notes says so once in this time.
pub(super) const QUIET: Duration = Duration::from_secs(10);

/// What waits.
pub(super) enum Item {
    Note(NodeId, Note),
    /// Somebody wants to know when all before it have gone.
    Mark(oneshot::Sender<()>),
}

impl Item {
    /// About as many bytes as it takes.
    fn size(&self) -> usize {
        let body = match self {
            Item::Note(_, Note::Push(push)) => push.frame.len(),
            Item::Note(_, Note::Fan { accounts, frame }) => accounts.len() * 20 + frame.len(),
            Item::Note(_, Note::News(news)) => news.frame.len(),
            Item::Note(_, Note::Standing(_, standing)) => standing.places.held.len() * 128,
            Item::Note(_, Note::Watching(_, watching)) => {
                let watched = &watching.watched;
                let all = watched.statuses.iter().chain(&watched.profiles);
                all.map(|user_id| user_id.len() + 24).sum()
            }
            Item::Note(_, Note::Missed) | Item::Mark(_) => 0,
        };
        body + 128
    }
}

#[derive(Default)]
struct Waiting {
    items: VecDeque<Item>,
    bytes: usize,
    said: Option<Instant>,
    /// Where notes went lately: since a moment, and as long before that.
    recent: BTreeSet<NodeId>,
    earlier: BTreeSet<NodeId>,
    since: Option<Instant>,
    /// Who has to learn that he missed some.
    owed: BTreeSet<NodeId>,
}

impl Waiting {
    fn went(&mut self, node: NodeId) {
        if self.since.is_none_or(|since| since.elapsed() >= DOUBT) {
            self.earlier = std::mem::take(&mut self.recent);
            self.since = Some(Instant::now());
        }
        self.recent.insert(node);
    }
}

pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    wake: Notify,
    metrics: Arc<Metrics>,
}

impl Queue {
    pub fn new(metrics: Arc<Metrics>) -> Self {
        Self {
            waiting: Mutex::default(),
            wake: Notify::new(),
            metrics,
        }
    }

    /// Takes one more. The oldest go when there are too many: a later event of a stream shows the
    /// hole before it, and a later standing says all that an earlier one did.
    pub fn put(&self, item: Item) {
        let mut waiting = self.waiting.lock();
        waiting.bytes += item.size();
        waiting.items.push_back(item);
        let mut lost = 0;
        // One alone stays, however big: the server refuses it.
        while waiting.items.len() > 1
            && (waiting.items.len() > WAITING_NOTES || waiting.bytes > WAITING_BYTES)
            && let Some(oldest) = waiting.items.pop_front()
        {
            waiting.bytes -= oldest.size();
            if let Item::Note(node, _) = oldest {
                waiting.owed.insert(node);
                lost += 1;
            }
        }
        if lost > 0 {
            self.metrics.lost(Lost::Full, lost);
            if waiting.said.is_none_or(|said| said.elapsed() >= QUIET) {
                waiting.said = Some(Instant::now());
                tracing::warn!("too many notes wait for the bus: the oldest are dropped");
            }
        }
        drop(waiting);
        self.wake.notify_one();
    }

    /// The next ones, in their order; waits for the first.
    pub async fn take(&self) -> Vec<Item> {
        loop {
            let batch = self.take_now();
            if !batch.is_empty() {
                return batch;
            }
            self.wake.notified().await;
        }
    }

    /// Notes to a node did not go out.
    pub fn owe(&self, node: NodeId) {
        self.waiting.lock().owed.insert(node);
    }

    /// The connection broke: what was on it may be lost.
    pub fn doubt(&self) {
        let mut waiting = self.waiting.lock();
        let recent = std::mem::take(&mut waiting.recent);
        let earlier = std::mem::take(&mut waiting.earlier);
        waiting.owed.extend(recent.into_iter().chain(earlier));
    }

    /// Who has to learn that he missed something, once all that waits has gone.
    pub fn take_owed(&self) -> BTreeSet<NodeId> {
        let mut waiting = self.waiting.lock();
        if waiting.items.is_empty() {
            std::mem::take(&mut waiting.owed)
        } else {
            BTreeSet::new()
        }
    }

    fn take_now(&self) -> Vec<Item> {
        let mut waiting = self.waiting.lock();
        let mut batch = Vec::new();
        let mut bytes = 0;
        while batch.len() < BATCH && bytes < BATCH_BYTES {
            let Some(item) = waiting.items.pop_front() else {
                break;
            };
            let size = item.size();
            waiting.bytes -= size;
            bytes += size;
            if let Item::Note(node, _) = &item {
                waiting.went(*node);
            }
            batch.push(item);
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::logic::Push;

    fn put(queue: &Queue, seq: usize, bytes: usize) {
        let push = Push::new(1, Some(seq as u64), Bytes::from(vec![0; bytes]));
        queue.put(Item::Note(1, Note::Push(push)));
    }

    fn all(queue: &Queue) -> Vec<u64> {
        let batches = std::iter::from_fn(|| Some(queue.take_now()).filter(|b| !b.is_empty()));
        let seqs = batches.flatten().map(|item| match item {
            Item::Note(_, Note::Push(push)) => push.seq.unwrap(),
            _ => panic!("something else"),
        });
        seqs.collect()
    }

    #[test]
    fn the_oldest_go() {
        let metrics = Arc::new(Metrics::default());
        let queue = Queue::new(metrics.clone());
        for seq in 0..WAITING_NOTES + 10 {
            put(&queue, seq, 10);
        }
        assert_eq!(metrics.lost_so_far(Lost::Full), 10);
        let kept: Vec<u64> = (10..WAITING_NOTES as u64 + 10).collect();
        assert_eq!(all(&queue), kept);
        // By bytes.
        for seq in 0..100 {
            put(&queue, seq, 1024 * 1024);
        }
        let kept = all(&queue);
        assert!((10..16).contains(&kept.len()), "{kept:?}");
        assert_eq!(kept.last(), Some(&99));
        put(&queue, 0, 2 * WAITING_BYTES);
        assert_eq!(all(&queue), [0]);
        assert_eq!(queue.waiting.lock().bytes, 0);
    }
}
