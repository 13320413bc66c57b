//! The local store as the core sees it: the facts of one user on this device.
//!
//! All writes since the last commit belong to one transaction; the reactor commits at the end of a
//! turn and only then releases what the core put out. One conformance suite ([`crate::store_suite!`])
//! holds for every implementation.

use std::fmt;
use std::sync::Arc;

use protocol::conversation::ConvId;
use protocol::message::Content;
use protocol::user::profile::UserProfile;
use protocol::{Error, codes};

mod memory;
mod suite;

pub use memory::MemoryStore;
#[doc(hidden)]
pub use suite::suite_row;

/// Why the store could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// Another process has this user's file open.
    InUse,
    /// The file was written by a newer libtim.
    TooNew,
    /// Anything else: no permission, disk full, I/O error. The text names it.
    Failed(String),
}

impl StoreError {
    /// As a completion reports it.
    pub fn error(&self) -> Error {
        match self {
            StoreError::InUse => Error::of(codes::DB_IN_USE),
            StoreError::TooNew => Error::of(codes::DB_TOO_NEW),
            StoreError::Failed(cause) => Error::new(
                codes::DATABASE_OPERATE_FAILED,
                format!("the local database: {cause}"),
            ),
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error().fmt(f)
    }
}

/// Short for the results of a store.
pub type Result<T> = std::result::Result<T, StoreError>;

/// What opening found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opened {
    /// The file was damaged and has been moved aside to this name; the store is new and empty.
    pub reset: Option<String>,
}

/// Where a message stands in its conversation: by the server's sequence; a message that the
/// server has not accepted stands behind the newest one known when it was written, in the order
/// of writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The message's sequence, or the one that it stands behind.
    pub seq: u64,
    /// 0 for an accepted message, else rising.
    pub sub: u64,
}

impl Place {
    /// Behind everything.
    pub const END: Place = Place {
        seq: u64::MAX >> 1,
        sub: u64::MAX >> 1,
    };
    /// Before everything.
    pub const START: Place = Place { seq: 0, sub: 0 };
}

/// One message.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageRow {
    /// Its conversation.
    pub conv: ConvId,
    /// Made by the sender's client, unique.
    pub msg_id: String,
    /// User ID of the sender.
    pub sender: String,
    /// See [`Place`].
    pub place: Place,
    /// The server's clock, seconds; 0 until accepted.
    pub time: u64,
    /// Countable messages of the sender up to this one; 0 until known.
    pub ord: u64,
    /// A number of [`protocol::message::msg_status`].
    pub status: i32,
    /// Integer of this device only.
    pub custom_int: u32,
    /// Text of this device only.
    pub custom_str: String,
    /// What the sender made.
    pub content: Arc<Content>,
}

/// One conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct ConvRow {
    /// Which one.
    pub conv: ConvId,
    /// Newest sequence that the stream has told of.
    pub head_seq: u64,
    /// Id of the last message to show; empty when none.
    pub last_msg_id: String,
    /// Countable messages of the peer so far.
    pub peer_ord: u64,
    /// Of these, how many are read.
    pub read_ord: u64,
    /// The user has read up to here.
    pub read_seq: u64,
    /// The read mark has not reached the server yet.
    pub read_dirty: bool,
    /// The peer has read up to here.
    pub peer_read_seq: u64,
    /// When the peer said so, seconds.
    pub peer_read_time: u64,
    /// When it last moved, milliseconds since 1970: the order of the list, newest first.
    pub active_ms: u64,
}

impl ConvRow {
    /// A conversation of which nothing is known yet.
    pub fn new(conv: ConvId) -> Self {
        Self {
            conv,
            head_seq: 0,
            last_msg_id: String::new(),
            peer_ord: 0,
            read_ord: 0,
            read_seq: 0,
            read_dirty: false,
            peer_read_seq: 0,
            peer_read_time: 0,
            active_ms: 0,
        }
    }

    /// Unread messages: counted, never incremented.
    pub fn unread(&self) -> u64 {
        self.peer_ord.saturating_sub(self.read_ord)
    }
}

/// Profiles that a store keeps at least.
pub const KEPT_PROFILES: usize = 5_000;

/// The facts of one user on this device. Every method but `open` wants an open store.
pub trait Store {
    /// Opens, or creates, the store of a user. Closes the one that was open.
    fn open(&mut self, app_id: u64, user_id: &str) -> Result<Opened>;
    /// Commits and closes; the file is free afterwards. Harmless when closed.
    fn close(&mut self);
    /// Whether one is open.
    fn is_open(&self) -> bool;

    /// A small fact by name.
    fn meta(&mut self, key: &str) -> Result<Option<String>>;
    /// Writes a small fact.
    fn set_meta(&mut self, key: &str, value: &str) -> Result<()>;

    /// Adds a message. False when one with this id is there already (nothing is changed). Another
    /// one at the same place, which only a server that lost its memory brings about, gives way.
    fn insert_message(&mut self, row: &MessageRow) -> Result<bool>;
    /// One message by id.
    fn message(&mut self, msg_id: &str) -> Result<Option<MessageRow>>;
    /// One message by its sequence.
    fn message_at(&mut self, conv: &ConvId, seq: u64) -> Result<Option<MessageRow>>;
    /// The server accepted it: gives it its final place and status `SENT`.
    fn set_message_sent(&mut self, msg_id: &str, seq: u64, time: u64, ord: u64) -> Result<()>;
    /// Changes the status only.
    fn set_message_status(&mut self, msg_id: &str, status: i32) -> Result<()>;
    /// At most `limit` messages of a conversation beyond `from` (itself excluded): newer ones,
    /// oldest first, when `forward`; else older ones, newest first.
    fn page(
        &mut self,
        conv: &ConvId,
        from: Place,
        forward: bool,
        limit: usize,
    ) -> Result<Vec<MessageRow>>;
    /// The greatest `ord` among the messages not sent by `user` up to `seq`; 0 when none.
    fn peer_ord_at(&mut self, conv: &ConvId, user: &str, seq: u64) -> Result<u64>;

    /// The ranges of sequences (both ends included) that this device lacks, rising.
    fn gaps(&mut self, conv: &ConvId) -> Result<Vec<(u64, u64)>>;
    /// Adds a range; it does not touch the others.
    fn add_gap(&mut self, conv: &ConvId, from: u64, to: u64) -> Result<()>;
    /// Takes a range out of the gaps, splitting what it cuts.
    fn close_gap(&mut self, conv: &ConvId, from: u64, to: u64) -> Result<()>;

    /// The outbox is the messages whose status is `SENDING`, in the order of [`Place::sub`]: at
    /// most `limit` of those behind `after` (0: from the start).
    fn outbox(&mut self, after: u64, limit: usize) -> Result<Vec<MessageRow>>;
    /// How many wait in the outbox, and the greatest `sub` among them.
    fn outbox_extent(&mut self) -> Result<(usize, u64)>;

    /// One conversation.
    fn conversation(&mut self, conv: &ConvId) -> Result<Option<ConvRow>>;
    /// All of them, the one that moved last first.
    fn conversations(&mut self) -> Result<Vec<ConvRow>>;
    /// Those whose read mark has not reached the server.
    fn dirty_conversations(&mut self) -> Result<Vec<ConvRow>>;
    /// Adds or replaces one.
    fn put_conversation(&mut self, row: &ConvRow) -> Result<()>;
    /// Unread messages in all of them together.
    fn total_unread(&mut self) -> Result<u64>;

    /// A profile, and when it was fetched, milliseconds since 1970.
    fn profile(&mut self, user_id: &str) -> Result<Option<(UserProfile, u64)>>;
    /// Adds or replaces one. Of more than [`KEPT_PROFILES`] those fetched longest ago may go.
    fn put_profile(&mut self, profile: &UserProfile, fetched_ms: u64) -> Result<()>;
}
