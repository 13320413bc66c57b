//! What a user sets on conversations: pin, marks, custom data, deletion; and groups of them.

use serde::{Deserialize, Serialize};

use super::ConvId;
use crate::is_default;

/// Event in the user's own stream: how a conversation stands for the user.
pub const EV_SETTINGS: &str = "conversation.settings";
/// Event in the user's own stream: the conversation groups changed; `conversation.groups` tells how
/// they stand.
pub const EV_GROUPS: &str = "conversation.groups";

/// How one member wants a conversation shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Place in the user's stream of the last change: of two states the greater one is newer.
    #[serde(deserialize_with = "crate::number")]
    pub version: u64,
    /// Shown on top.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_pinned: bool,
    /// Marks: the numbers of the bits that are set, rising.
    #[serde(default, skip_serializing_if = "is_default")]
    pub marks: Vec<u32>,
    /// Text of the app.
    #[serde(default, skip_serializing_if = "is_default")]
    pub custom_data: String,
    /// One of [`crate::receive::opt`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub recv_opt: i32,
    /// There is nothing but a receive option: not in the list until there is more, or a message.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_bare: bool,
    /// Deleted when this was the newest message: a later one brings the conversation back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden_seq: Option<u64>,
    /// Countable messages of the others then: they are unread no more.
    #[serde(
        default,
        skip_serializing_if = "is_default",
        deserialize_with = "crate::number"
    )]
    pub hidden_ord: u64,
}

/// The numbers of the bits that are set, rising.
pub fn bits(marks: u64) -> Vec<u32> {
    (0..u64::BITS).filter(|bit| marks >> bit & 1 == 1).collect()
}

/// The way back. Numbers beyond 63 mean nothing.
pub fn from_bits(bits: &[u32]) -> u64 {
    let known = bits.iter().filter(|bit| **bit < u64::BITS);
    known.fold(0, |marks, bit| marks | 1 << bit)
}

/// [`Settings`] of one conversation: the body of [`EV_SETTINGS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConvSettings {
    /// Which one.
    pub conv: ConvId,
    /// As they stand.
    pub settings: Settings,
}

/// Request of `conversation.set`: changes what is named of each conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetConvsReq {
    /// 1 to [`crate::limits::CONVERSATIONS_A_CALL`].
    pub convs: Vec<ConvId>,
    /// What to change.
    #[serde(flatten)]
    pub change: ConvChange,
}

/// A change of [`Settings`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConvChange {
    /// Pin or unpin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<bool>,
    /// Numbers of bits to set.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mark: Vec<u32>,
    /// Numbers of bits to clear.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unmark: Vec<u32>,
    /// The new text, [`crate::limits::CONV_CUSTOM_BYTES`] at most; empty takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<String>,
    /// One of [`crate::receive::opt`]. A deletion leaves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recv_opt: Option<i32>,
    /// Take it out of the list until the next message; all else that is set but the receive option goes
    /// with it, and it leaves its conversation groups.
    #[serde(default, skip_serializing_if = "is_default")]
    pub delete: bool,
    /// With `delete`: its messages are erased, too.
    #[serde(default, skip_serializing_if = "is_default")]
    pub clear: bool,
}

/// What became of one conversation of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConvResult {
    /// Which one.
    pub conv: ConvId,
    /// 0, or why not.
    #[serde(default, skip_serializing_if = "is_default")]
    pub code: i32,
    /// How it stands now, when that was asked for and `code` is 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
}

/// Answer of `conversation.set`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetConvsRes {
    /// In the order asked for.
    pub results: Vec<ConvResult>,
}

/// What `conversation.change_group` does.
pub mod group_action {
    /// A new group with these conversations.
    pub const CREATE: &str = "create";
    /// The group goes, its conversations stay.
    pub const DELETE: &str = "delete";
    /// It is called `new_name`.
    pub const RENAME: &str = "rename";
    /// Conversations come into it.
    pub const ADD: &str = "add";
    /// Conversations leave it.
    pub const REMOVE: &str = "remove";
}

/// Request of `conversation.change_group`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeGroupReq {
    /// One of [`group_action`].
    pub action: String,
    /// Its name, 1 to [`crate::limits::CONV_GROUP_NAME_BYTES`].
    pub name: String,
    /// Its next name, when it is renamed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub new_name: String,
    /// Conversations, up to [`crate::limits::CONVERSATIONS_A_CALL`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub convs: Vec<ConvId>,
}

/// Answer of `conversation.change_group`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeGroupRes {
    /// In the order asked for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub results: Vec<ConvResult>,
    /// Place in the user's stream; 0 when nothing changed.
    #[serde(
        default,
        skip_serializing_if = "is_default",
        deserialize_with = "crate::number"
    )]
    pub event: u64,
}

/// Body of [`EV_GROUPS`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupsChanged {}

/// Request of `conversation.groups`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupsReq {
    /// `next` of the page before; 0 for the first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub page: u64,
}

/// One page of the user's conversation groups.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupsRes {
    /// By rising id.
    pub groups: Vec<ConvGroup>,
    /// Head of the user's stream when this page was read.
    #[serde(deserialize_with = "crate::number")]
    pub event_seq: u64,
    /// The next page; 0 when this is the last.
    #[serde(default, skip_serializing_if = "is_default")]
    pub next: u64,
}

/// A group of conversations, which only its owner sees.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConvGroup {
    /// Stays when the name changes, and is never used again.
    #[serde(deserialize_with = "crate::number")]
    pub id: u64,
    /// Unique among the user's.
    pub name: String,
    /// What is in it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub convs: Vec<ConvId>,
}

/// `TIMConversationOperationResult`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConvOperationResult {
    /// As the app named it.
    #[serde(rename = "conversation_operation_result_conversation_id")]
    pub conversation_id: String,
    /// 0, or why not.
    #[serde(rename = "conversation_operation_result_result_code")]
    pub code: i32,
    /// What the code means.
    #[serde(rename = "conversation_operation_result_result_info")]
    pub info: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_travel_as_bits() {
        for marks in [0, 1, 0b1010, 1 << 32 | 4, 1 << 63, u64::MAX] {
            assert_eq!(from_bits(&bits(marks)), marks);
        }
        assert_eq!(bits(1 << 63 | 2), [1, 63]);
        assert_eq!(from_bits(&[1, 64, 4_000_000_000]), 2);
    }
}
