//! What the repo is asked about conversations.

use protocol::conversation::ConvId;
use protocol::conversation::settings::{ConvChange, Settings};

use super::{AccountId, ConvRef, ErasedRange};

/// A user changes what is set on conversations.
#[derive(Debug, Clone)]
pub struct SetConvs {
    /// The app.
    pub app_id: u64,
    /// Who.
    pub account: AccountId,
    /// Which, each with an id should it have to be created.
    pub convs: Vec<(ConvId, ConvRef)>,
    /// What.
    pub change: ConvChange,
    /// Milliseconds since 1970.
    pub now_ms: u64,
}

/// What became of one conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConvSet {
    /// It stands so now: the event is the version.
    Changed(Settings),
    /// It stood so already.
    Same(Settings),
    /// Not done, with this code.
    Refused(i32),
}

/// What became of [`SetConvs`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConvsSet {
    /// In the order asked for.
    pub sets: Vec<ConvSet>,
    /// Conversations left their groups: place in the user's stream.
    pub groups_event: Option<u64>,
    /// Messages that are gone, of which of the conversations asked for.
    pub erased: Vec<(usize, ErasedRange)>,
}

/// What happens to a conversation group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupAction {
    /// There is a new one.
    Create,
    /// It goes.
    Delete,
    /// It gets another name.
    Rename,
    /// Conversations come into it.
    Add,
    /// Conversations leave it.
    Remove,
}

/// A user changes a conversation group.
#[derive(Debug, Clone)]
pub struct ChangeGroup {
    /// The app.
    pub app_id: u64,
    /// Who.
    pub account: AccountId,
    /// What.
    pub action: GroupAction,
    /// Its name.
    pub name: String,
    /// Its next name.
    pub new_name: String,
    /// Which, each with an id should it have to be created.
    pub convs: Vec<(ConvId, ConvRef)>,
}

/// What became of a [`ChangeGroup`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupChanged {
    /// Done as far as the codes say.
    Done {
        /// One for each conversation, in the order asked for; 0 for success.
        codes: Vec<i32>,
        /// Place in the user's stream, when something changed.
        event: Option<u64>,
    },
    /// Not done, with this code.
    Refused(i32),
}

/// A conversation group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredGroup {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// The conversations in it, in the order of adding.
    pub convs: Vec<ConvId>,
}

/// A page of a user's conversation groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupPage {
    /// By rising id.
    pub groups: Vec<StoredGroup>,
    /// Head of the stream, read in the same transaction.
    pub event_seq: u64,
    /// Whether there are more.
    pub more: bool,
}
