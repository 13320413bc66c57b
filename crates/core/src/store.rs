//! The local store as the core sees it: the facts of one user on this device.
//!
//! All writes since the last commit belong to one transaction; the reactor commits at the end of a
//! turn and only then releases what the core put out. One conformance suite ([`crate::store_suite!`])
//! holds for every implementation.

use std::fmt;
use std::sync::Arc;

use protocol::conversation::ConvId;
use protocol::conversation::list::Draft;
use protocol::conversation::settings::{Settings, bits, from_bits};
use protocol::group::GroupState;
use protocol::message::{Change, Content};
use protocol::user::profile::UserProfile;
use protocol::{Error, codes};

use crate::search::{FoundIn, Search};

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
    /// 0 for an accepted message, else rising: in the outbox milliseconds since 1970, shifted by 12
    /// bits, or a little more; so are those of messages that the app keeps here without sending them.
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
    /// What became of it since it was sent.
    pub change: Option<Box<Change>>,
    /// What the sender made, or what it was changed to.
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
    /// When a message last moved it, milliseconds since 1970.
    pub active_ms: u64,
    /// Changes of its messages up to this one are here.
    pub rev: u64,
    /// Later changes, and messages that another device has erased, may have been missed.
    pub is_stale: bool,
    /// Deleted, and nothing has happened in it since: not in the list.
    pub is_hidden: bool,
    /// Of what the user has set, the newest that is known.
    pub settings_version: u64,
    /// Above all that are not.
    pub is_pinned: bool,
    /// Bits.
    pub marks: u64,
    /// Text of the app.
    pub custom_data: String,
    /// One of [`protocol::receive::opt`].
    pub recv_opt: i32,
    /// As [`Settings::is_bare`].
    pub is_bare: bool,
    /// The newest message when it was last deleted.
    pub hidden_seq: Option<u64>,
    /// Countable messages of the peer then.
    pub hidden_ord: u64,
    /// Ids of the conversation groups that it is in, rising.
    pub groups: Vec<u64>,
    /// What the user has begun to write here.
    pub draft: Option<Arc<Draft>>,
    /// When that was, milliseconds since 1970.
    pub draft_ms: u64,
}

impl MessageRow {
    /// When it was sent, seconds: by the server's clock, or, until it has one, by the sender's.
    pub fn shown_time(&self) -> u64 {
        match self.time {
            0 => self.content.client_time,
            time => time,
        }
    }
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
            rev: 0,
            is_stale: false,
            is_hidden: false,
            settings_version: 0,
            is_pinned: false,
            marks: 0,
            custom_data: String::new(),
            recv_opt: 0,
            is_bare: false,
            hidden_seq: None,
            hidden_ord: 0,
            groups: Vec::new(),
            draft: None,
            draft_ms: 0,
        }
    }

    /// Unread messages: counted, never incremented.
    pub fn unread(&self) -> u64 {
        if self.is_hidden {
            return 0;
        }
        self.peer_ord
            .saturating_sub(self.read_ord.max(self.hidden_ord))
    }

    /// When it last moved: by a message, or by its draft.
    pub fn moved_ms(&self) -> u64 {
        self.active_ms.max(self.draft_ms)
    }

    /// Its place in the list, the greatest first: the pinned ones above, then by when they last
    /// moved. `number` tells those of the same moment apart.
    pub fn rank(&self, number: u64) -> u64 {
        const NUMBER_BITS: u32 = 20;
        const PINNED: u64 = 1 << 62;
        let at = self.moved_ms().min((PINNED >> NUMBER_BITS) - 1) << NUMBER_BITS;
        let pinned = if self.is_pinned { PINNED } else { 0 };
        pinned | at | (number & ((1 << NUMBER_BITS) - 1))
    }

    /// What the user has set, as the server tells it.
    pub fn settings(&self) -> Settings {
        Settings {
            version: self.settings_version,
            is_pinned: self.is_pinned,
            marks: bits(self.marks),
            custom_data: self.custom_data.clone(),
            recv_opt: self.recv_opt,
            is_bare: self.is_bare,
            hidden_seq: self.hidden_seq,
            hidden_ord: self.hidden_ord,
        }
    }

    /// Takes what the server tells, unless something newer is known.
    pub fn apply(&mut self, settings: Settings) {
        if settings.version < self.settings_version {
            return;
        }
        let is_newer = settings.version > self.settings_version;
        self.settings_version = settings.version;
        self.is_pinned = settings.is_pinned;
        self.marks = from_bits(&settings.marks);
        self.custom_data = settings.custom_data;
        self.recv_opt = settings.recv_opt;
        self.is_bare = settings.is_bare;
        if is_newer && !self.is_bare && settings.hidden_seq.is_none() {
            // Something is set on it, and it was never deleted.
            self.is_hidden = false;
        }
        let is_deleted_anew = settings.hidden_seq > self.hidden_seq;
        self.hidden_seq = settings.hidden_seq;
        self.hidden_ord = settings.hidden_ord;
        if is_deleted_anew && self.hidden_seq >= Some(self.head_seq) {
            self.is_hidden = true;
            self.draft = None;
            self.draft_ms = 0;
        }
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
    /// Changes what of a message belongs to this device only.
    fn set_message_custom(&mut self, msg_id: &str, int: u32, str: &str) -> Result<()>;
    /// Changes what another device, or the peer, can change: content, status and
    /// [`MessageRow::change`].
    fn change_message(&mut self, row: &MessageRow) -> Result<()>;
    /// Removes a message.
    fn delete_message(&mut self, msg_id: &str) -> Result<()>;
    /// Removes the accepted messages from one sequence to another, both included; with `is_all`
    /// also those that stand behind them without having been accepted, but for what is being sent.
    fn delete_range(&mut self, conv: &ConvId, from: u64, to: u64, is_all: bool) -> Result<()>;
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
    /// The sequence of the newest accepted message that is not younger than a second of the server's
    /// clock; 0 when there is none here.
    fn seq_at_time(&mut self, conv: &ConvId, time: u64) -> Result<u64>;

    /// Where [`Search::finds`] is true, by conversation. None: some messages are not indexed yet;
    /// the store sees to that between turns, and has an answer then.
    fn search(&mut self, search: &Search) -> Result<Option<Vec<FoundIn>>>;

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
    /// All that are in the list, by falling [`ConvRow::rank`].
    fn conversations(&mut self) -> Result<Vec<ConvRow>>;
    /// The first `limit` of those whose rank is less than this, with their ranks.
    fn conversations_below(&mut self, rank: u64, limit: usize) -> Result<Vec<(u64, ConvRow)>>;
    /// Those in the list that have unread messages.
    fn unread_conversations(&mut self) -> Result<Vec<ConvRow>>;
    /// Those that are in a conversation group, in the list or not.
    fn grouped_conversations(&mut self) -> Result<Vec<ConvRow>>;
    /// Those whose read mark has not reached the server.
    fn dirty_conversations(&mut self) -> Result<Vec<ConvRow>>;
    /// Adds or replaces one.
    fn put_conversation(&mut self, row: &ConvRow) -> Result<()>;
    /// Unread messages in all of them together, as [`ConvRow::counted`] has them.
    fn total_unread(&mut self) -> Result<u64>;

    /// What is known of a group that the user is in.
    fn group(&mut self, group_id: &str) -> Result<Option<GroupState>>;
    /// Adds or replaces one.
    fn put_group(&mut self, state: &GroupState) -> Result<()>;
    /// Removes one.
    fn delete_group(&mut self, group_id: &str) -> Result<()>;
    /// Whether there are any.
    fn has_groups(&mut self) -> Result<bool>;

    /// A profile, and when it was fetched, milliseconds since 1970.
    fn profile(&mut self, user_id: &str) -> Result<Option<(UserProfile, u64)>>;
    /// Adds or replaces one. Of more than [`KEPT_PROFILES`] those fetched longest ago may go.
    fn put_profile(&mut self, profile: &UserProfile, fetched_ms: u64) -> Result<()>;
}
