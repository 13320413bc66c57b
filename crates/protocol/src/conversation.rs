//! Conversations: their state as the server knows it.

use serde::{Deserialize, Serialize};

use crate::{
    is_default,
    message::{Message, NewMessage},
};

/// Numbers of `TIMConvType`.
pub mod conv_type {
    /// One-to-one.
    pub const C2C: i32 = 1;
    /// Group.
    pub const GROUP: i32 = 2;
}

/// A conversation as one of its members sees it: the peer's user ID, or the group's ID.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConvId {
    /// One of [`conv_type`].
    #[serde(rename = "conv_type")]
    pub kind: i32,
    /// User ID of the peer, or group ID; no prefix.
    #[serde(rename = "conv_id")]
    pub id: String,
}

impl ConvId {
    /// The one-to-one conversation with a user.
    pub fn c2c(peer: impl Into<String>) -> Self {
        Self {
            kind: conv_type::C2C,
            id: peer.into(),
        }
    }
}

/// What the server knows of one conversation of the user.
///
/// Unread is never a counter of its own: it is `peer_ord - read_ord`, the countable messages of
/// the others less those up to the last one read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConvState {
    /// Which one.
    pub conv: ConvId,
    /// Sequence of the newest message.
    #[serde(deserialize_with = "crate::number")]
    pub head_seq: u64,
    /// The newest message that may be a conversation's last message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<NewMessage>,
    /// Countable messages of the peer so far.
    #[serde(deserialize_with = "crate::number")]
    pub peer_ord: u64,
    /// Of these, how many are read.
    #[serde(deserialize_with = "crate::number")]
    pub read_ord: u64,
    /// The user has read up to this message.
    #[serde(deserialize_with = "crate::number")]
    pub read_seq: u64,
    /// The peer has read up to this message.
    #[serde(
        default,
        skip_serializing_if = "is_default",
        deserialize_with = "crate::number"
    )]
    pub peer_read_seq: u64,
    /// When the peer said so, seconds.
    #[serde(
        default,
        skip_serializing_if = "is_default",
        deserialize_with = "crate::number"
    )]
    pub peer_read_time: u64,
}

/// Request of `conversation.snapshot`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SnapshotReq {
    /// The token of the previous page; empty for the first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub page: String,
    /// At most so many, [`crate::limits::SNAPSHOT_PAGE`] at most.
    pub limit: u32,
}

/// Answer of `conversation.snapshot`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SnapshotRes {
    /// In any order.
    pub conversations: Vec<ConvState>,
    /// Head of the user's stream when this page was read. The cursor after a snapshot is the one
    /// of its first page: what came between the pages is applied once more, harmlessly.
    #[serde(deserialize_with = "crate::number")]
    pub event_seq: u64,
    /// Token of the next page; empty when this is the last.
    #[serde(default, skip_serializing_if = "is_default")]
    pub next: String,
}

/// Numbers of `TIMConvEvent`.
pub mod conv_event {
    /// Appeared.
    pub const ADD: i32 = 0;
    /// Was deleted.
    pub const DEL: i32 = 1;
    /// Changed.
    pub const UPDATE: i32 = 2;
    /// Synchronisation began.
    pub const START: i32 = 3;
    /// Synchronisation ended.
    pub const FINISH: i32 = 4;
}

/// `ConvInfo`: a conversation as the C interface shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConvInfo {
    /// Which one.
    #[serde(flatten)]
    pub conv: ConvId,
    /// The name to show.
    #[serde(rename = "conv_show_name")]
    pub show_name: String,
    /// The avatar to show.
    #[serde(rename = "conv_face_url")]
    pub face_url: String,
    /// Unread messages.
    #[serde(rename = "conv_unread_num")]
    pub unread: u64,
    /// When it last moved, milliseconds since 1970: the order of the list.
    #[serde(rename = "conv_active_time")]
    pub active_time: u64,
    /// Whether there is a last message.
    #[serde(rename = "conv_is_has_lastmsg")]
    pub has_last_msg: bool,
    /// The last message.
    #[serde(rename = "conv_last_msg", skip_serializing_if = "Option::is_none")]
    pub last_msg: Option<Message>,
    /// Whether there is a draft.
    #[serde(rename = "conv_is_has_draft")]
    pub has_draft: bool,
    /// Number of `TIMReceiveMessageOpt`.
    #[serde(rename = "conv_recv_opt")]
    pub recv_opt: i32,
    /// Pinned on top.
    #[serde(rename = "conv_is_pinned")]
    pub is_pinned: bool,
    /// Marks.
    #[serde(rename = "conv_mark_array")]
    pub marks: Vec<u64>,
    /// Text of the app.
    #[serde(rename = "conv_custom_data")]
    pub custom_data: String,
    /// Conversation groups that it is in.
    #[serde(rename = "conv_conversation_group_array")]
    pub groups: Vec<String>,
    /// Server time of the newest message that the user has read, seconds.
    #[serde(rename = "conv_c2c_read_timestamp")]
    pub c2c_read_time: u64,
}

/// `GetConversationListParam`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct GetConvParam {
    /// User ID or group ID.
    #[serde(rename = "get_conversation_list_param_conv_id")]
    pub conv_id: String,
    /// Number of `TIMConvType`.
    #[serde(rename = "get_conversation_list_param_conv_type")]
    pub conv_type: i32,
}
