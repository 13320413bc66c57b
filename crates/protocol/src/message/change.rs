//! What becomes of messages after they were sent: taken back, changed, erased by one member.

use serde::{Deserialize, Serialize};

use super::{Elem, NewMessage};
use crate::conversation::ConvId;
use crate::is_default;

/// What became of a message. One that never changed has none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The change of its conversation by which it last changed, from 1 on. The higher one is newer.
    #[serde(deserialize_with = "crate::number")]
    pub rev: u64,
    /// It was taken back: its elements and its cloud text are gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revoked>,
}

/// Who took a message back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// User ID.
    pub by: String,
    /// What was said about it; may be empty.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reason: String,
}

/// Request of `message.revoke`. A message that was taken back already stays so, and that is no error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RevokeReq {
    /// Which conversation.
    pub conv: ConvId,
    /// Which message.
    #[serde(deserialize_with = "crate::number")]
    pub seq: u64,
}

/// Request of `message.modify`. The same content once more is no conflict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModifyReq {
    /// Which conversation.
    pub conv: ConvId,
    /// Which message.
    #[serde(deserialize_with = "crate::number")]
    pub seq: u64,
    /// The [`Change::rev`] of the state that was changed, 0 for a message as it was sent: when it is
    /// not the present one, somebody was faster, and nothing happens.
    #[serde(
        default,
        skip_serializing_if = "is_default",
        deserialize_with = "crate::number"
    )]
    pub rev: u64,
    /// The elements that it shall have.
    pub elems: Vec<Elem>,
    /// The cloud text that it shall have.
    #[serde(default, skip_serializing_if = "is_default")]
    pub cloud_custom: String,
}

/// Answer of `message.revoke` and `message.modify`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeRes {
    /// The message as it stands.
    pub message: NewMessage,
    /// Somebody else was faster.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_conflict: bool,
}

/// Request of `message.erase`: these messages are gone for the one who asks, on all of that user's
/// devices. Others keep them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EraseReq {
    /// Which conversation.
    pub conv: ConvId,
    /// First and last of each range, both included; beyond the head means up to it.
    pub ranges: Vec<(u64, u64)>,
}

/// Answer of `message.erase`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EraseRes {
    /// The newest message of the conversation then: what comes behind it is not erased.
    #[serde(deserialize_with = "crate::number")]
    pub head: u64,
}

/// Body of [`EV_ERASED`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Erased {
    /// Which conversation.
    pub conv: ConvId,
    /// The first message that is gone.
    #[serde(deserialize_with = "crate::number")]
    pub from: u64,
    /// The last one.
    #[serde(deserialize_with = "crate::number")]
    pub to: u64,
}

/// Request of `message.changes`: what a device has missed whose stream does not reach back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangesReq {
    /// Which conversation.
    pub conv: ConvId,
    /// Messages whose [`Change::rev`] is greater.
    #[serde(deserialize_with = "crate::number")]
    pub after: u64,
    /// Erased ranges that begin behind this message; 0 for all.
    #[serde(
        default,
        skip_serializing_if = "is_default",
        deserialize_with = "crate::number"
    )]
    pub erased_after: u64,
}

/// Answer of `message.changes`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ChangesRes {
    /// As they stand, by rising [`Change::rev`].
    pub messages: Vec<NewMessage>,
    /// Up to this change nothing is missing now.
    #[serde(deserialize_with = "crate::number")]
    pub rev: u64,
    /// Ranges that are gone for the one who asks, rising. None while messages are left to tell.
    #[serde(default, skip_serializing_if = "is_default")]
    pub erased: Vec<(u64, u64)>,
    /// There is more: ask again, after `rev` and behind the last range.
    #[serde(default, skip_serializing_if = "is_default")]
    pub more: bool,
}

/// Stream event of both members: a [`NewMessage`] that has changed, as it stands.
pub const EV_CHANGED: &str = "message.changed";
/// Stream event of the one who erased: an [`Erased`].
pub const EV_ERASED: &str = "message.erased";

/// An entry of what `tim_msg_revoke_callback` gets: a `MsgLocator` with who took the message back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RevokedMessage {
    /// User ID of the peer, or group ID.
    #[serde(rename = "message_locator_conv_id")]
    pub conv_id: String,
    /// Number of `TIMConvType`.
    #[serde(rename = "message_locator_conv_type")]
    pub conv_type: i32,
    /// It is one.
    #[serde(rename = "message_locator_is_revoked")]
    pub is_revoked: bool,
    /// The server's clock when it was accepted, seconds.
    #[serde(rename = "message_locator_time")]
    pub time: u64,
    /// Place in the conversation.
    #[serde(rename = "message_locator_seq")]
    pub seq: u64,
    /// Random part of the message's identity.
    #[serde(rename = "message_locator_rand")]
    pub rand: u64,
    /// The logged-in user had sent it.
    #[serde(rename = "message_locator_is_self")]
    pub is_self: bool,
    /// Number of the message that apps of other platforms know.
    #[serde(rename = "message_locator_unique_id")]
    pub unique_id: u64,
    /// User ID of who took it back.
    #[serde(rename = "message_revoker_user_id")]
    pub revoker: String,
    /// What was said about it.
    #[serde(rename = "message_revoke_reason")]
    pub reason: String,
}

/// A `Message` given by the app to change one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ModifyParam {
    /// Its conversation.
    #[serde(rename = "message_conv_id")]
    pub conv_id: String,
    /// Number of `TIMConvType`.
    #[serde(rename = "message_conv_type")]
    pub conv_type: i32,
    /// The state that was changed: what the app was given.
    #[serde(rename = "message_version", default)]
    pub rev: Option<u64>,
    /// The elements that it shall have.
    #[serde(rename = "message_elem_array")]
    pub elems: Vec<Elem>,
    /// The cloud text that it shall have.
    #[serde(rename = "message_cloud_custom_str", default)]
    pub cloud_custom: String,
}

/// `MsgDeleteParam`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct MsgDeleteParam {
    /// Which message.
    #[serde(rename = "msg_delete_param_msg")]
    pub msg: super::MessageRef,
    /// From the server's history and all devices of the user; else from this device.
    #[serde(rename = "msg_delete_param_is_ramble", default)]
    pub is_ramble: bool,
}
