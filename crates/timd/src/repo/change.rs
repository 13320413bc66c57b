//! What becomes of messages after they were sent.

use protocol::conversation::ConvId;

use super::{AccountId, ConvRef, StoredMessage};

/// A change of a message.
#[derive(Debug, Clone)]
pub struct ChangeMessage {
    /// The app.
    pub app_id: u64,
    /// Who changes it.
    pub account: AccountId,
    /// Where.
    pub conv: ConvId,
    /// Which message.
    pub seq: u64,
    /// The content that it gets, as JSON.
    pub content: String,
    /// What happens.
    pub what: Alteration,
    /// Milliseconds since 1970.
    pub now_ms: u64,
}

/// Ways to change a message.
#[derive(Debug, Clone)]
pub enum Alteration {
    /// It is taken back, and this says by whom, as JSON.
    Revoke(String),
    /// It is changed, should it still be at this `rev`.
    Modify(u64),
}

/// What became of a [`ChangeMessage`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// It has changed.
    Done {
        /// As it stands, as the one sees it who changed it.
        message: StoredMessage,
        /// Place in that one's stream.
        event: u64,
        /// The other one and the place in that stream; none when a user talks to oneself.
        peer: Option<(AccountId, u64)>,
    },
    /// A message of a group has changed, for all of its members.
    InGroup {
        /// The group's conversation.
        conv: ConvRef,
        /// As it stands, as the one sees it who changed it.
        message: StoredMessage,
    },
    /// It was so already.
    Same(StoredMessage),
    /// Somebody else was faster: this is how it stands.
    Conflict(StoredMessage),
    /// This one may not do that to it.
    Denied,
    /// There is none.
    NoMessage,
}

/// A member erases messages for oneself.
#[derive(Debug, Clone)]
pub struct Erase {
    /// The app.
    pub app_id: u64,
    /// Who.
    pub account: AccountId,
    /// Where.
    pub conv: ConvId,
    /// First and last of each range.
    pub ranges: Vec<(u64, u64)>,
}

/// Messages that are gone now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErasedRange {
    /// The first.
    pub from: u64,
    /// The last.
    pub to: u64,
    /// Place in the stream of the one who erased.
    pub event: u64,
}

/// What became of an [`Erase`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erasure {
    /// The newest message of the conversation: what comes behind it is not erased.
    pub head: u64,
    /// What is gone now, and was there before.
    pub ranges: Vec<ErasedRange>,
}

/// A question for what was missed.
#[derive(Debug, Clone)]
pub struct ChangesQuery {
    /// The app.
    pub app_id: u64,
    /// Who asks.
    pub account: AccountId,
    /// Where.
    pub conv: ConvId,
    /// Changes after this one.
    pub after: u64,
    /// Erased ranges that begin behind this message.
    pub erased_after: u64,
    /// At most so many bytes of content, but one message at least.
    pub max_bytes: usize,
}

/// The answer to a [`ChangesQuery`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangesPage {
    /// By rising `rev`.
    pub messages: Vec<StoredMessage>,
    /// All up to this change has been told.
    pub rev: u64,
    /// First and last of each range, rising.
    pub erased: Vec<(u64, u64)>,
    /// There is more.
    pub more: bool,
}
