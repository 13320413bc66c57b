//! Messages: content, identity, sending, history, reading.

use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use crate::conversation::ConvId;
use crate::is_default;

mod batch;
mod change;
mod elem;
mod local;
mod search;

pub use batch::{BatchSendLocal, BatchSendParam, BatchSendResult};
pub use change::{
    Change, ChangeRes, ChangesReq, ChangesRes, EV_CHANGED, EV_ERASED, EraseReq, EraseRes, Erased,
    ModifyParam, ModifyReq, MsgDeleteParam, RevokeReq, Revoked, RevokedMessage,
};
pub use local::{LocalCustomUpdate, MsgLocator, Origin};
pub use search::{MessageSearchItem, MessageSearchParam, MessageSearchResult, match_type};

pub use elem::{CustomElem, Elem, FaceElem, GroupTipsElem, LocationElem, TextElem, elem_type};

/// What the sender made, or what became of it when it was changed. Keys are those of the C interface.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// At least one, at most [`crate::limits::MESSAGE_ELEMENTS`]; none when it was taken back.
    #[serde(rename = "message_elem_array")]
    pub elems: Vec<Elem>,
    /// The sender's clock, seconds.
    #[serde(
        rename = "message_client_time",
        default,
        deserialize_with = "crate::number"
    )]
    pub client_time: u64,
    /// Random part of the message's identity.
    #[serde(rename = "message_rand", default)]
    pub rand: u32,
    /// Number of `TIMPlatform` of the sender.
    #[serde(
        rename = "message_platform",
        default,
        skip_serializing_if = "is_default"
    )]
    pub platform: i32,
    /// Number of `TIMMsgPriority`.
    #[serde(
        rename = "message_priority",
        default,
        skip_serializing_if = "is_default"
    )]
    pub priority: i32,
    /// Text of the app that is stored at the server.
    #[serde(
        rename = "message_cloud_custom_str",
        default,
        skip_serializing_if = "is_default"
    )]
    pub cloud_custom: String,
    /// Only for receivers who are online: not stored, not counted.
    #[serde(
        rename = "message_is_online_msg",
        default,
        skip_serializing_if = "is_default"
    )]
    pub online_only: bool,
    /// The sender asks for a receipt of this very message.
    #[serde(
        rename = "message_need_read_receipt",
        default,
        skip_serializing_if = "is_default"
    )]
    pub need_read_receipt: bool,
    /// May carry extensions.
    #[serde(
        rename = "message_support_message_extension",
        default,
        skip_serializing_if = "is_default"
    )]
    pub support_extension: bool,
    /// Not counted as unread.
    #[serde(
        rename = "message_is_excluded_from_unread_count",
        default,
        skip_serializing_if = "is_default"
    )]
    pub excluded_from_unread: bool,
    /// Does not become the conversation's last message.
    #[serde(
        rename = "message_excluded_from_last_message",
        default,
        skip_serializing_if = "is_default"
    )]
    pub excluded_from_last: bool,
    /// Skips moderation.
    #[serde(
        rename = "message_excluded_from_content_moderation",
        default,
        skip_serializing_if = "is_default"
    )]
    pub excluded_from_moderation: bool,
    /// Only for these members of a group: read, to be refused.
    #[serde(
        rename = "message_target_group_member_array",
        default,
        skip_serializing_if = "is_default"
    )]
    pub target: Vec<String>,
    /// A forward of another message.
    #[serde(
        rename = "message_is_forward_message",
        default,
        skip_serializing_if = "is_default"
    )]
    pub forward: bool,
}

impl Content {
    /// Bytes that count towards [`crate::limits::MESSAGE_BYTES`].
    pub fn size(&self) -> usize {
        self.cloud_custom.len() + self.elems.iter().map(Elem::size).sum::<usize>()
    }

    /// Whether it moves the receiver's unread count.
    pub fn is_countable(&self) -> bool {
        !self.online_only && !self.excluded_from_unread
    }
}

/// Request of `message.send`. A repeat with the same `msg_id` gets the first answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SendReq {
    /// To whom.
    pub conv: ConvId,
    /// Made by the client, unique per sender, at most 127 bytes of printable ASCII.
    pub msg_id: String,
    /// What.
    pub content: Arc<Content>,
}

/// Answer of `message.send`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SendRes {
    /// Place in the conversation; 0 for an online-only message.
    #[serde(deserialize_with = "crate::number")]
    pub seq: u64,
    /// The server's clock when it was accepted, seconds.
    #[serde(deserialize_with = "crate::number")]
    pub time: u64,
    /// Place in the sender's stream: the sending session gets no event for it. 0: the event comes
    /// by itself, or has come, or there is none.
    #[serde(
        default,
        skip_serializing_if = "is_default",
        deserialize_with = "crate::number"
    )]
    pub event: u64,
}

/// A message as a member of the conversation receives it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewMessage {
    /// The conversation, as the receiver of this object sees it.
    pub conv: ConvId,
    /// User ID of the sender.
    pub sender: String,
    /// The id that the sender's client made.
    pub msg_id: String,
    /// Place in the conversation; 0 for an online-only message.
    #[serde(deserialize_with = "crate::number")]
    pub seq: u64,
    /// The server's clock when it was accepted, seconds.
    #[serde(deserialize_with = "crate::number")]
    pub time: u64,
    /// Countable messages of this sender in this conversation, this one included.
    #[serde(
        default,
        skip_serializing_if = "is_default",
        deserialize_with = "crate::number"
    )]
    pub ord: u64,
    /// What became of it since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Box<Change>>,
    /// What.
    pub content: Arc<Content>,
}

/// Request of `message.history`: the messages with `from <= seq <= to`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryReq {
    /// Which conversation.
    pub conv: ConvId,
    /// Oldest wanted.
    pub from: u64,
    /// Newest wanted.
    pub to: u64,
    /// At most so many, [`crate::limits::HISTORY_PAGE`] at most.
    pub limit: u32,
    /// True: the oldest `limit` of the range; false: the newest.
    #[serde(default, skip_serializing_if = "is_default")]
    pub forward: bool,
}

/// Answer of `message.history`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HistoryRes {
    /// In the order of `seq`. Fewer than the limit: the range holds no more, unless `more`.
    pub messages: Vec<NewMessage>,
    /// The answer was cut short because of its size: ask again for the rest of the range.
    #[serde(default, skip_serializing_if = "is_default")]
    pub more: bool,
}

/// Request of `message.read`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadReq {
    /// Which conversation.
    pub conv: ConvId,
    /// Read up to this message; beyond the head means all.
    pub seq: u64,
}

/// Answer of `message.read`, and body of [`EV_READ`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadRes {
    /// Which conversation.
    pub conv: ConvId,
    /// The user has read up to here; never goes back.
    #[serde(deserialize_with = "crate::number")]
    pub read_seq: u64,
    /// Countable messages of the peer up to there.
    #[serde(deserialize_with = "crate::number")]
    pub read_ord: u64,
}

/// Body of [`EV_RECEIPT`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// Which conversation: the one with the reader.
    pub conv: ConvId,
    /// The peer has read up to here.
    #[serde(deserialize_with = "crate::number")]
    pub peer_read_seq: u64,
    /// When the peer said so, seconds.
    #[serde(deserialize_with = "crate::number")]
    pub time: u64,
}

/// Stream event (a passing one when online-only): a [`NewMessage`], the sender's other devices
/// included.
pub const EV_NEW: &str = "message.new";
/// Stream event on the reader's other devices: a [`ReadRes`].
pub const EV_READ: &str = "message.read";
/// Stream event at the peer of the reader: a [`Receipt`].
pub const EV_RECEIPT: &str = "message.receipt";

/// Numbers of `TIMMsgStatus`.
pub mod msg_status {
    /// In the outbox.
    pub const SENDING: i32 = 1;
    /// Accepted by the server, or received.
    pub const SENT: i32 = 2;
    /// Refused for good.
    pub const FAILED: i32 = 3;
    /// Kept on this device by the app, without having been sent.
    pub const LOCAL: i32 = 5;
    /// Taken back.
    pub const REVOKED: i32 = 6;
    /// The app called it off before it went out.
    pub const CANCELLED: i32 = 7;
}

/// A message as the C interface shows it: what the sender made, and what this device knows of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The conversation.
    pub conv: ConvId,
    /// User ID of the sender.
    pub sender: String,
    /// The id that the sender's client made.
    pub msg_id: String,
    /// Place in the conversation; 0 until the server has accepted it.
    pub seq: u64,
    /// The server's clock, seconds; 0 until the server has accepted it.
    pub server_time: u64,
    /// One of [`msg_status`].
    pub status: i32,
    /// Sent by the logged-in user.
    pub from_self: bool,
    /// Read by the logged-in user.
    pub is_read: bool,
    /// Read by the peer.
    pub is_peer_read: bool,
    /// Integer of this device only.
    pub custom_int: u32,
    /// Text of this device only.
    pub custom_str: String,
    /// What became of it since it was sent.
    pub change: Option<Box<Change>>,
    /// What the sender made.
    pub content: Arc<Content>,
}

impl Content {
    /// The number by which apps of other platforms know the message.
    pub fn unique_id(&self) -> u64 {
        (self.client_time << 32) | u64::from(self.rand)
    }

    /// What is left of it when it is taken back.
    pub fn emptied(&self) -> Self {
        Self {
            elems: Vec::new(),
            cloud_custom: String::new(),
            ..self.clone()
        }
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let content = &self.content;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("message_conv_id", &self.conv.id)?;
        map.serialize_entry("message_conv_type", &self.conv.kind)?;
        map.serialize_entry("message_sender", &self.sender)?;
        map.serialize_entry("message_msg_id", &self.msg_id)?;
        map.serialize_entry("message_unique_id", &content.unique_id())?;
        map.serialize_entry("message_seq", &self.seq)?;
        map.serialize_entry("message_rand", &content.rand)?;
        map.serialize_entry("message_client_time", &content.client_time)?;
        map.serialize_entry("message_server_time", &self.server_time)?;
        let rev = self.change.as_ref().map_or(0, |change| change.rev);
        map.serialize_entry("message_version", &rev)?;
        map.serialize_entry("message_status", &self.status)?;
        map.serialize_entry("message_is_from_self", &self.from_self)?;
        map.serialize_entry("message_is_read", &self.is_read)?;
        map.serialize_entry("message_is_peer_read", &self.is_peer_read)?;
        map.serialize_entry("message_platform", &content.platform)?;
        map.serialize_entry("message_priority", &content.priority)?;
        map.serialize_entry("message_is_online_msg", &content.online_only)?;
        map.serialize_entry("message_need_read_receipt", &content.need_read_receipt)?;
        map.serialize_entry(
            "message_support_message_extension",
            &content.support_extension,
        )?;
        map.serialize_entry(
            "message_is_excluded_from_unread_count",
            &content.excluded_from_unread,
        )?;
        map.serialize_entry(
            "message_excluded_from_last_message",
            &content.excluded_from_last,
        )?;
        map.serialize_entry(
            "message_excluded_from_content_moderation",
            &content.excluded_from_moderation,
        )?;
        map.serialize_entry("message_is_forward_message", &content.forward)?;
        map.serialize_entry("message_cloud_custom_str", &content.cloud_custom)?;
        map.serialize_entry("message_custom_int", &self.custom_int)?;
        map.serialize_entry("message_custom_str", &self.custom_str)?;
        if let Some(revoked) = self.change.as_ref().and_then(|c| c.revoked.as_ref()) {
            map.serialize_entry("message_revoker_user_id", &revoked.by)?;
            map.serialize_entry("message_revoke_reason", &revoked.reason)?;
        }
        map.serialize_entry("message_elem_array", &content.elems)?;
        map.end()
    }
}

/// Fields of a `Message` given to a send that stay on this device.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct LocalCustom {
    /// Integer of this device only.
    #[serde(rename = "message_custom_int")]
    pub int: u32,
    /// Text of this device only.
    #[serde(rename = "message_custom_str")]
    pub str: String,
}

/// A `Message` given by the app to point at one that it was given before.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct MessageRef {
    /// Preferred.
    #[serde(rename = "message_msg_id")]
    pub msg_id: String,
    /// Used when there is no id.
    #[serde(rename = "message_seq")]
    pub seq: u64,
}

/// `MsgGetMsgListParam`. Keys that belong to groups are read by the group domain.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct GetMsgListParam {
    /// Start message, itself excluded; none: the newest.
    #[serde(rename = "msg_getmsglist_param_last_msg")]
    pub last_msg: Option<MessageRef>,
    /// How many; 0 counts as 20.
    #[serde(rename = "msg_getmsglist_param_count")]
    pub count: u32,
    /// Ask the server for what is missing here.
    #[serde(rename = "msg_getmsglist_param_is_ramble")]
    pub is_ramble: bool,
    /// True: newer than the start, oldest first; false: older, newest first.
    #[serde(rename = "msg_getmsglist_param_is_forward")]
    pub is_forward: bool,
    /// Kinds of elements wanted; empty means all. Only without `is_ramble`.
    #[serde(rename = "msg_getmsglist_param_message_type_array")]
    pub types: Vec<i32>,
    /// Start of the time range, seconds; 0 means none.
    #[serde(rename = "msg_getmsglist_param_time_begin")]
    pub time_begin: u64,
    /// Length of the time range, seconds.
    #[serde(rename = "msg_getmsglist_param_time_period")]
    pub time_period: u64,
}

/// `MessageReceipt`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MessageReceipt {
    /// User ID of the reader.
    #[serde(rename = "msg_receipt_conv_id")]
    pub conv_id: String,
    /// Number of `TIMConvType`.
    #[serde(rename = "msg_receipt_conv_type")]
    pub conv_type: i32,
    /// When the peer read, seconds.
    #[serde(rename = "msg_receipt_time_stamp")]
    pub time: u64,
    /// The peer read.
    #[serde(rename = "msg_receipt_is_peer_read")]
    pub is_peer_read: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;

    fn golden(content: &Content, json: &str) {
        assert_eq!(serde_json::to_string(content).unwrap(), json);
        assert_eq!(&serde_json::from_str::<Content>(json).unwrap(), content);
    }

    #[test]
    fn places_and_times_leave_room_for_arithmetic() {
        let answer = |seq: u64| {
            let text = format!(r#"{{"seq":{seq},"time":1}}"#);
            serde_json::from_str::<SendRes>(&text)
        };
        assert_eq!(answer(limits::NUMBER).unwrap().seq, limits::NUMBER);
        assert!(answer(limits::NUMBER + 1).is_err());
        let content = format!(
            r#"{{"message_elem_array":[],"message_client_time":{}}}"#,
            u64::MAX
        );
        assert!(serde_json::from_str::<Content>(&content).is_err());
    }

    #[test]
    fn elements_are_flat_objects() {
        let content = Content {
            elems: vec![
                Elem::Text(TextElem {
                    content: "héllo 👋".into(),
                }),
                Elem::Custom(CustomElem {
                    data: "d".into(),
                    ..Default::default()
                }),
                Elem::Face(FaceElem {
                    index: 3,
                    buf: "b".into(),
                }),
                Elem::Location(LocationElem {
                    desc: "here".into(),
                    longitude: 8.5,
                    latitude: 47.25,
                }),
            ],
            client_time: 1,
            rand: 2,
            ..Content::default()
        };
        golden(
            &content,
            concat!(
                r#"{"message_elem_array":[{"elem_type":0,"text_elem_content":"héllo 👋"},"#,
                r#"{"elem_type":3,"custom_elem_data":"d","custom_elem_desc":"","custom_elem_ext":"","custom_elem_sound":""},"#,
                r#"{"elem_type":6,"face_elem_index":3,"face_elem_buf":"b"},"#,
                r#"{"elem_type":7,"location_elem_desc":"here","location_elem_longitude":8.5,"location_elem_latitude":47.25}],"#,
                r#""message_client_time":1,"message_rand":2}"#
            ),
        );
        assert_eq!(content.size(), "héllo 👋".len() + 1 + 5 + 20);
    }
}
