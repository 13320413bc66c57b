//! The one reactor thread of the process: begun with the first instance, ended with the last.

use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle, ThreadId};

use mio::{Poll, Waker};
use parking_lot::Mutex;
use protocol::{Error, codes};

use super::resident::Newcomer;
use super::resolver::{Found, Name};
use super::run::{Reactor, WAKE};
use crate::sys;

static HUB: Mutex<Option<Hub>> = Mutex::new(None);

struct Hub {
    thread: JoinHandle<()>,
    inbox: Arc<Inbox>,
    instances: usize,
    next_id: u64,
    /// A fork from now on makes a child without the thread.
    _live: sys::Live,
}

/// What the reactor is told from other threads.
pub(super) enum Message {
    /// An instance begins.
    Add(u64, Box<Newcomer>),
    /// Calls or hints wait in the queue of an instance.
    Ready(u64),
    /// An instance shall end. The sender is used or dropped when it has.
    Stop(u64, mpsc::Sender<()>),
    /// A lookup has ended.
    Resolved(Name, Found),
    /// There is no instance any more.
    Quit,
}

pub(super) struct Inbox {
    state: Mutex<InboxState>,
    waker: Waker,
}

struct InboxState {
    messages: Vec<Message>,
    /// The reactor waits in the poll, or is about to: a message must wake it.
    is_asleep: bool,
}

impl Inbox {
    pub(super) fn push(&self, message: Message) {
        let mut state = self.state.lock();
        state.messages.push(message);
        let must_wake = std::mem::take(&mut state.is_asleep);
        drop(state);
        if must_wake {
            // It fails only when the system is out of memory, and then the next one wakes.
            let _ = self.waker.wake();
        }
    }

    /// Whether the reactor may sleep; false when there is something to take.
    pub(super) fn may_sleep(&self) -> bool {
        let mut state = self.state.lock();
        state.is_asleep = state.messages.is_empty();
        state.is_asleep
    }

    /// Swaps the waiting messages with an empty list.
    pub(super) fn take(&self, taken: &mut Vec<Message>) {
        let mut state = self.state.lock();
        state.is_asleep = false;
        std::mem::swap(&mut state.messages, taken);
    }
}

/// A running instance as the hub knows it.
pub(super) struct Seat {
    pub id: u64,
    pub inbox: Arc<Inbox>,
    reactor: ThreadId,
}

/// Gives an instance to the reactor, starting it when it does not run.
pub(super) fn join(newcomer: Newcomer) -> Result<Seat, Error> {
    let mut hub = HUB.lock();
    let running = match hub.as_mut() {
        Some(running) => running,
        None => hub.insert(start()?),
    };
    running.instances += 1;
    running.next_id += 1;
    let seat = Seat {
        id: running.next_id,
        inbox: running.inbox.clone(),
        reactor: running.thread.thread().id(),
    };
    seat.inbox.push(Message::Add(seat.id, Box::new(newcomer)));
    Ok(seat)
}

/// Ends an instance and waits until the reactor has let go of it; with the last one, the thread.
pub(super) fn leave(seat: &Seat) {
    let (done, wait) = mpsc::channel();
    seat.inbox.push(Message::Stop(seat.id, done));
    // Called on the reactor itself, by a host that ends an instance where it must not block,
    // waiting would be for ever.
    let is_inside = thread::current().id() == seat.reactor;
    if !is_inside {
        // An error means that the reactor dropped the sender, which it does when it is done.
        let _ = wait.recv();
    }
    let mut hub = HUB.lock();
    let Some(running) = hub.as_mut() else {
        return;
    };
    running.instances -= 1;
    if running.instances > 0 {
        return;
    }
    running.inbox.push(Message::Quit);
    if let Some(ended) = hub.take()
        && !is_inside
    {
        // The lock is held meanwhile, so that a new instance does not meet the old thread. A
        // panic on it has been reported where it was caught.
        let _ = ended.thread.join();
    }
}

fn start() -> Result<Hub, Error> {
    let failed = |e: std::io::Error| {
        Error::new(
            codes::INTERNAL,
            format!("the network thread cannot be started: {e}"),
        )
    };
    let live = sys::Live::new();
    let poll = Poll::new().map_err(failed)?;
    let inbox = Arc::new(Inbox {
        state: Mutex::new(InboxState {
            messages: Vec::new(),
            is_asleep: false,
        }),
        waker: Waker::new(poll.registry(), WAKE).map_err(failed)?,
    });
    let reactor_inbox = inbox.clone();
    let thread = thread::Builder::new()
        .name("tim-reactor".into())
        .spawn(move || {
            sys::block_sigpipe();
            Reactor::new(poll, reactor_inbox).run();
        })
        .map_err(failed)?;
    Ok(Hub {
        thread,
        inbox,
        instances: 0,
        next_id: 0,
        _live: live,
    })
}
