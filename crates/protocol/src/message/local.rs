//! Messages as an app hands them over to find them, or to keep them on its device.

use serde::Deserialize;

/// Of a `Message` given to be kept without being sent: who is to have sent it, and when.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// User ID; empty: the logged-in user.
    #[serde(rename = "message_sender")]
    pub sender: String,
    /// The server's clock, seconds; 0: now.
    #[serde(rename = "message_server_time", deserialize_with = "crate::number")]
    pub time: u64,
}

/// What is to become of a message's fields that stay on this device; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct LocalCustomUpdate {
    /// Integer of this device only.
    #[serde(rename = "message_custom_int")]
    pub int: Option<u32>,
    /// Text of this device only.
    #[serde(rename = "message_custom_str")]
    pub str: Option<String>,
}

/// `MsgLocator` as the app gives it. The sequence names a message of a conversation.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct MsgLocator {
    /// Place in the conversation.
    #[serde(rename = "message_locator_seq")]
    pub seq: u64,
    /// Has to be the message's, unless it is 0.
    #[serde(rename = "message_locator_rand", default)]
    pub rand: u64,
    /// The server's clock, seconds; has to be the message's, unless it is 0.
    #[serde(rename = "message_locator_time", default)]
    pub time: u64,
}
