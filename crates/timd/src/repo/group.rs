//! Groups: their members, their messages, what moved.

use protocol::group::{GroupHead, GroupInfo, GroupState, Member};
use serde::{Deserialize, Serialize};

use super::{AccountId, ConvRef, ConvView, StoredMessage};

/// What is said of a group and nothing is decided by in the database: its JSON is one column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupBody {
    /// For people.
    pub name: String,
    /// URL of the picture.
    #[serde(default)]
    pub face_url: String,
    /// For those who look for it.
    #[serde(default)]
    pub introduction: String,
    /// For its members.
    #[serde(default)]
    pub notification: String,
    /// Who decides about joining: a number of `TIMGroupAddOption`.
    pub add_option: i32,
    /// Who decides about bringing others in.
    pub approve_option: i32,
    /// How many members there may be.
    pub max_members: u32,
}

/// A new group.
#[derive(Debug, Clone)]
pub struct NewGroup {
    /// The id of its conversation.
    pub conv: ConvRef,
    /// The app.
    pub app_id: u64,
    /// Who creates it.
    pub owner: AccountId,
    /// User ID of who creates it.
    pub owner_id: String,
    /// Its ID.
    pub group_id: String,
    /// A number of `TIMGroupType`.
    pub kind: i32,
    /// What is said of it.
    pub body: GroupBody,
    /// User IDs of the other members.
    pub members: Vec<String>,
    /// Groups that a user may be in.
    pub groups_of_user: u32,
    /// Milliseconds since 1970.
    pub now_ms: u64,
}

/// Somebody does something to a group.
#[derive(Debug, Clone)]
pub struct GroupAct {
    /// The app.
    pub app_id: u64,
    /// Who.
    pub account: AccountId,
    /// User ID of who does it.
    pub user_id: String,
    /// Which group.
    pub group_id: String,
    /// What.
    pub what: GroupDeed,
    /// Groups that a user may be in.
    pub groups_of_user: u32,
    /// Milliseconds since 1970.
    pub now_ms: u64,
}

/// What somebody does to a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupDeed {
    /// Comes in.
    Join,
    /// Brings these users in.
    Invite(Vec<String>),
    /// Leaves.
    Quit,
    /// Dissolves it.
    Delete,
}

/// What became of a [`NewGroup`] or a [`GroupAct`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupDone {
    /// It was not possible, for a reason of the protocol's codes.
    Refused(i32),
    /// It was.
    Done(GroupMoved),
}

/// What is different in a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupMoved {
    /// Its conversation.
    pub conv: ConvRef,
    /// Those who came or went, with the place in their streams, and the conversation as they have it
    /// now: none for who went.
    pub members: Vec<MemberMoved>,
    /// For each user named: a number of `HandleGroupMemberResult`.
    pub results: Vec<i32>,
    /// What all members are told, as a message of the group.
    pub tip: Option<StoredMessage>,
}

/// Somebody came into a group, or went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberMoved {
    /// Who.
    pub account: AccountId,
    /// Place in that one's stream.
    pub event: u64,
    /// The conversation; none for who went.
    pub view: Option<Box<ConvView>>,
}

/// One message to a group.
#[derive(Debug, Clone)]
pub struct GroupMessage {
    /// The app.
    pub app_id: u64,
    /// Who sends.
    pub sender: AccountId,
    /// To which group.
    pub group_id: String,
    /// Made by the sender's client.
    pub msg_id: String,
    /// Milliseconds since 1970.
    pub now_ms: u64,
    /// The content as JSON.
    pub content: String,
    /// Whether it counts as unread.
    pub countable: bool,
    /// Whether it may become the conversation's last message.
    pub may_be_last: bool,
}

/// What became of a [`GroupMessage`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupSent {
    /// Stored.
    New {
        /// The group's conversation.
        conv: ConvRef,
        /// Place in it.
        seq: u64,
        /// Countable messages of all, this one included.
        ord: u64,
    },
    /// The sender's client had sent it before: the first result.
    Repeat {
        /// Place in the conversation.
        seq: u64,
        /// When it was accepted, seconds.
        time: u64,
    },
    /// It was not possible, for a reason of the protocol's codes.
    Refused(i32),
}

/// A question for a group's members.
#[derive(Debug, Clone)]
pub struct MembersQuery {
    /// The app.
    pub app_id: u64,
    /// Who asks: a member.
    pub account: AccountId,
    /// Which group.
    pub group_id: String,
    /// Only of these roles; empty: of all.
    pub roles: Vec<i64>,
    /// Only these users; empty: all.
    pub users: Vec<String>,
    /// After this account.
    pub after: AccountId,
    /// At most so many.
    pub limit: usize,
}

/// A page of something that is told page by page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paged<T> {
    /// The page.
    pub rows: Vec<T>,
    /// Where the next one begins.
    pub next: Option<i64>,
}

/// Members of a group. `None`: the one who asks is not in it.
pub type MemberPage = Option<Paged<Member>>;
/// Groups of a user.
pub type JoinedPage = Paged<GroupState>;
/// Heads of a user's groups.
pub type HeadPage = Paged<GroupHead>;

impl GroupBody {
    /// Together with what the database keeps of the group.
    pub(super) fn info(self, row: GroupInfo) -> GroupInfo {
        GroupInfo {
            name: self.name,
            face_url: self.face_url,
            introduction: self.introduction,
            notification: self.notification,
            add_option: self.add_option,
            approve_option: self.approve_option,
            max_members: self.max_members,
            ..row
        }
    }
}
