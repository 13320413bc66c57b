//! Puts a user's stream events into their order.
//!
//! Events are committed in order, but the requests that caused them are finished by different
//! tasks, so their pushes may arrive crosswise. A client would take that for a loss and ask for
//! the difference, so an early push waits a moment here for the one before it.

use std::collections::BTreeMap;

use super::Push;

/// Waiting longer than this means that the missing push does not come; the client finds out.
const PATIENCE_MS: u64 = 200;
/// More than this do not wait.
const MAX_WAITING: usize = 1024;

/// The order of one user's pushes on this node.
#[derive(Default)]
pub(super) struct Order {
    /// The last place that was passed on; none until the user's first session knows its head.
    passed: Option<u64>,
    /// The user's last session is gone, and the next one does not know its head yet.
    is_idle: bool,
    waiting: BTreeMap<u64, (u64, Push)>,
}

impl Order {
    /// Takes a push of the stream; gives those whose turn it is.
    pub fn take(&mut self, seq: u64, push: Push, now_ms: u64) -> Vec<Push> {
        match self.passed {
            Some(passed) if seq == passed + 1 && self.waiting.is_empty() && !self.is_idle => {
                self.passed = Some(seq);
                vec![push]
            }
            // Late, since the patience with it had ended.
            Some(passed) if seq <= passed => vec![push],
            _ => {
                self.waiting.insert(seq, (now_ms, push));
                if self.waiting.len() > MAX_WAITING {
                    return self.give_up();
                }
                self.ready()
            }
        }
    }

    /// A session of the user opened with the stream at `head`: what came until there its client
    /// fetches itself. Another session that is about to open may have begun before it.
    pub fn start(&mut self, head: u64) -> Vec<Push> {
        let was_idle = std::mem::take(&mut self.is_idle);
        let mut early = Vec::new();
        if self.passed.is_none() || was_idle {
            self.passed = self.passed.max(Some(head));
            let later = self.waiting.split_off(&(head + 1));
            let waiting = std::mem::replace(&mut self.waiting, later);
            early.extend(waiting.into_values().map(|(_, push)| push));
        }
        early.extend(self.ready());
        early
    }

    /// The last place that was passed on; 0 when none was.
    pub fn passed(&self) -> u64 {
        self.passed.unwrap_or(0)
    }

    /// The user's last session here is gone: events may pass by this node until the next one knows
    /// its head.
    pub fn stop(&mut self) {
        self.is_idle = true;
    }

    /// What came until `head` will not be passed on any more, since the clients are told to fetch it.
    /// Gives what may follow; `None` when that much was passed on already.
    pub fn skip_to(&mut self, head: u64) -> Option<Vec<Push>> {
        self.passed.filter(|passed| *passed < head)?;
        self.passed = Some(head);
        self.waiting = self.waiting.split_off(&(head + 1));
        Some(self.ready())
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Those that waited too long, and what they held up.
    pub fn overdue(&mut self, now_ms: u64) -> Vec<Push> {
        let oldest = self.waiting.values().map(|(since, _)| *since).min();
        match oldest {
            Some(since) if now_ms.saturating_sub(since) > PATIENCE_MS => self.give_up(),
            _ => Vec::new(),
        }
    }

    fn ready(&mut self) -> Vec<Push> {
        let mut ready = Vec::new();
        if self.is_idle {
            return ready;
        }
        while let (Some(passed), Some(first)) = (self.passed, self.waiting.first_entry()) {
            if *first.key() != passed + 1 {
                break;
            }
            self.passed = Some(passed + 1);
            ready.push(first.remove().1);
        }
        ready
    }

    fn give_up(&mut self) -> Vec<Push> {
        if let Some((&newest, _)) = self.waiting.last_key_value() {
            self.passed = self.passed.max(Some(newest));
        }
        let waiting = std::mem::take(&mut self.waiting);
        waiting.into_values().map(|(_, push)| push).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [u64; 0] = [];

    fn push(seq: u64) -> Push {
        Push::new(1, Some(seq), bytes::Bytes::new())
    }

    fn seqs(pushes: Vec<Push>) -> Vec<u64> {
        pushes.into_iter().filter_map(|p| p.seq).collect()
    }

    #[test]
    fn early_pushes_wait_for_the_one_before() {
        let mut order = Order::default();
        assert_eq!(seqs(order.take(4, push(4), 0)), NONE);
        assert_eq!(seqs(order.take(6, push(6), 0)), NONE);
        assert_eq!(seqs(order.start(5)), [4, 6]);
        assert_eq!(seqs(order.take(8, push(8), 0)), NONE);
        assert_eq!(seqs(order.take(9, push(9), 0)), NONE);
        assert_eq!(seqs(order.take(7, push(7), 0)), [7, 8, 9]);
        assert_eq!(seqs(order.take(10, push(10), 0)), [10]);
    }

    #[test]
    fn what_was_missed_is_skipped() {
        let mut order = Order::default();
        assert!(order.skip_to(3).is_none(), "no session knows its head yet");
        order.start(3);
        assert!(order.skip_to(3).is_none());
        assert_eq!(seqs(order.take(5, push(5), 0)), NONE);
        assert_eq!(seqs(order.take(7, push(7), 0)), NONE);
        assert_eq!(order.skip_to(6).map(seqs).unwrap(), [7]);
        assert_eq!(seqs(order.take(8, push(8), 0)), [8]);
    }

    #[test]
    fn what_passed_by_while_nobody_was_here_is_not_waited_for() {
        let mut order = Order::default();
        order.start(0);
        order.stop();
        assert_eq!(seqs(order.take(3, push(3), 0)), NONE);
        assert_eq!(seqs(order.start(2)), [3]);
        assert_eq!(seqs(order.take(4, push(4), 0)), [4]);
    }

    #[test]
    fn patience_ends() {
        let mut order = Order::default();
        order.start(0);
        assert_eq!(seqs(order.take(2, push(2), 1000)), NONE);
        assert_eq!(seqs(order.overdue(1100)), NONE);
        assert_eq!(seqs(order.overdue(1300)), [2]);
        assert_eq!(seqs(order.take(1, push(1), 1400)), [1]);
        assert_eq!(seqs(order.take(3, push(3), 1400)), [3]);
    }
}
