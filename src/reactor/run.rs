//! The loop: wait, find out who has something to do, give each of them a turn.

use std::any::Any;
use std::collections::{BTreeSet, HashMap};
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use mio::{Events, Poll, Registry, Token};
use tim_core::Now;

use super::hub::{Inbox, Message};
use super::resident::Resident;
use super::resolver::{Asker, Found, Resolver};
use super::tls::ClientConfigs;

/// The waker's token.
pub(super) const WAKE: Token = Token(0);

/// Events taken from one poll; more come with the next.
const EVENTS: usize = 256;

/// What instances share.
pub(super) struct Shared {
    poll: Poll,
    pub resolver: Resolver,
    pub configs: ClientConfigs,
    start: Instant,
    next_token: usize,
    /// Which instance a socket belongs to.
    owners: HashMap<Token, u64>,
}

impl Shared {
    pub(super) fn registry(&self) -> &Registry {
        self.poll.registry()
    }

    pub(super) fn now(&self) -> Now {
        let unix = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Now {
            mono: self.start.elapsed(),
            unix_ms: unix.map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX)),
        }
    }

    /// A token that was never used, so that no event of an older socket reaches a newer one.
    pub(super) fn new_token(&mut self, instance: u64) -> Token {
        self.next_token += 1;
        let token = Token(self.next_token);
        self.owners.insert(token, instance);
        token
    }

    pub(super) fn release(&mut self, token: Token) {
        self.owners.remove(&token);
    }
}

pub(super) struct Reactor {
    inbox: Arc<Inbox>,
    shared: Shared,
    residents: HashMap<u64, Resident>,
    /// When instances want a turn whatever happens, and which time stands for which instance.
    timers: BTreeSet<(Duration, u64)>,
    /// Instances that get a turn before the next wait, each once.
    runnable: Vec<u64>,
}

impl Reactor {
    pub(super) fn new(poll: Poll, inbox: Arc<Inbox>) -> Self {
        let shared = Shared {
            poll,
            resolver: Resolver::new(Arc::downgrade(&inbox)),
            configs: ClientConfigs::default(),
            start: Instant::now(),
            next_token: WAKE.0,
            owners: HashMap::new(),
        };
        Self {
            inbox,
            shared,
            residents: HashMap::new(),
            timers: BTreeSet::new(),
            runnable: Vec::new(),
        }
    }

    pub(super) fn run(mut self) {
        let mut events = Events::with_capacity(EVENTS);
        let mut messages = Vec::new();
        loop {
            let timeout = self.timeout();
            match self.shared.poll.poll(&mut events, timeout) {
                Ok(()) => {}
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                // Nothing that is known makes it fail; a busy loop would make it worse.
                Err(_) => std::thread::sleep(Duration::from_millis(10)),
            }
            // Turns are guarded one by one; a panic between them would leave everybody waiting.
            let round = AssertUnwindSafe(|| self.round(&events, &mut messages));
            match catch_unwind(round) {
                Ok(is_last) if is_last => return,
                Ok(_) => {}
                Err(panic) => self.break_all(panic.as_ref()),
            }
        }
    }

    /// Sees what has come, and gives everybody concerned a turn. True when it was the last.
    fn round(&mut self, events: &Events, messages: &mut Vec<Message>) -> bool {
        self.inbox.take(messages);
        for event in events {
            let Some(&owner) = self.shared.owners.get(&event.token()) else {
                continue;
            };
            if let Some(resident) = self.residents.get_mut(&owner) {
                resident.on_event(event);
                self.mark(owner);
            }
        }
        let mut is_last = false;
        for message in messages.drain(..) {
            is_last |= matches!(message, Message::Quit);
            self.on_message(message);
        }
        if is_last {
            return true;
        }
        self.mark_due();
        for id in std::mem::take(&mut self.runnable) {
            self.turn(id);
        }
        false
    }

    fn break_all(&mut self, panic: &(dyn Any + Send)) {
        self.runnable.clear();
        for (id, resident) in &mut self.residents {
            resident.break_down(panic, &mut self.shared);
            resident.is_marked = true;
            self.runnable.push(*id);
        }
    }

    /// How long to wait; not at all while somebody has more to do.
    fn timeout(&mut self) -> Option<Duration> {
        if !self.runnable.is_empty() || !self.inbox.may_sleep() {
            return Some(Duration::ZERO);
        }
        let (due, _) = self.timers.first()?;
        Some(due.saturating_sub(self.shared.start.elapsed()))
    }

    fn on_message(&mut self, message: Message) {
        match message {
            Message::Add(id, newcomer) => {
                self.residents.insert(id, Resident::new(id, *newcomer));
                self.mark(id);
            }
            Message::Ready(id) => self.mark(id),
            Message::Stop(id, done) => {
                if let Some(resident) = self.residents.get_mut(&id) {
                    resident.stop(done);
                    self.mark(id);
                }
            }
            Message::Resolved(name, found) => {
                for (id, token) in self.shared.resolver.finish(&name) {
                    self.on_resolved((id, token), found.clone());
                }
            }
            Message::Quit => {}
        }
    }

    fn on_resolved(&mut self, (id, token): Asker, found: Found) {
        if let Some(resident) = self.residents.get_mut(&id) {
            resident.on_resolved(Token(token), found, &mut self.shared);
            self.mark(id);
        }
    }

    fn mark_due(&mut self) {
        let now = self.shared.start.elapsed();
        while let Some(&(due, id)) = self.timers.first() {
            if due > now {
                return;
            }
            self.timers.pop_first();
            if let Some(resident) = self.residents.get_mut(&id) {
                resident.alarm = None;
            }
            self.mark(id);
        }
    }

    fn mark(&mut self, id: u64) {
        if let Some(resident) = self.residents.get_mut(&id)
            && !std::mem::replace(&mut resident.is_marked, true)
        {
            self.runnable.push(id);
        }
    }

    fn turn(&mut self, id: u64) {
        let Some(resident) = self.residents.get_mut(&id) else {
            return;
        };
        resident.is_marked = false;
        let has_more = resident.turn(&mut self.shared);
        let alarm = resident.next_alarm();
        if alarm != resident.alarm {
            if let Some(old) = std::mem::replace(&mut resident.alarm, alarm) {
                self.timers.remove(&(old, id));
            }
            if let Some(new) = alarm {
                self.timers.insert((new, id));
            }
        }
        if resident.is_gone() {
            if let Some(old) = resident.alarm {
                self.timers.remove(&(old, id));
            }
            let Some(mut resident) = self.residents.remove(&id) else {
                return;
            };
            let done = resident.done.take();
            // Whoever waits goes on when really nothing is left of it.
            drop(resident);
            if let Some(done) = done {
                // The receiver is gone when it was not to be waited for.
                let _ = done.send(());
            }
        } else if has_more {
            self.mark(id);
        }
    }
}
