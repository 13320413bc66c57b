//! The way between nodes.

use std::future::Future;

use crate::repo::{AccountId, NodeId, Standing, Watching};

mod any;
mod local;
mod nats;
mod wire;

pub use any::AnyBus;
pub use local::LocalBus;
pub use nats::{Address, Incoming, NatsBus, probe};

use crate::logic::{Frame, News, Push};

/// What one node tells another.
#[derive(Debug, Clone)]
pub enum Note {
    /// An event for a user who is online there.
    Push(Push),
    /// An event for members of a group who are online there.
    Fan {
        /// The members.
        accounts: Vec<AccountId>,
        /// The event.
        frame: Frame,
    },
    /// News of a user whom somebody watches there.
    News(News),
    /// How a user stands who is, or was, online there.
    Standing(AccountId, Standing),
    /// Whom a user watches who is online there.
    Watching(AccountId, Watching),
    /// Notes were lost on their way there: what they told has to be read from the database.
    Missed,
}

/// Carries notes to the other nodes.
///
/// A note may get lost: what it told is in the database, and a client's heartbeat finds it out. A bus
/// that knows it has lost notes says so with [`Note::Missed`], to this node and to those concerned,
/// once they can be reached again.
/// Two notes of one node to another arrive in their order.
pub trait Bus: Send + Sync + 'static {
    /// Whether there may be other nodes to talk to.
    fn is_shared(&self) -> bool;

    /// Whether notes arrive at present, as far as this node can tell.
    fn is_up(&self) -> bool {
        true
    }

    /// Hands over a note. This runs while the order of a user's events is being decided, so it
    /// only puts the note into a queue; it neither blocks nor awaits.
    fn publish(&self, to: NodeId, note: &Note);

    /// From here on this process is that node: notes to it arrive, no others. The error says what
    /// to do.
    fn attend(&self, node: NodeId) -> impl Future<Output = Result<(), String>> + Send;

    /// Waits until what was published before is on its way, a few seconds at most.
    fn settle(&self) -> impl Future<Output = ()> + Send {
        async {}
    }
}
