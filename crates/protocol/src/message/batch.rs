//! One message to many users.

use serde::{Deserialize, Serialize};

use super::{Content, LocalCustom, Message};
use crate::is_default;

/// `MsgBatchSendParam`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct BatchSendParam {
    /// User IDs of the receivers.
    #[serde(rename = "msg_batch_send_param_identifier_array")]
    pub users: Vec<String>,
    /// What each of them gets.
    #[serde(rename = "msg_batch_send_param_msg")]
    pub content: Content,
}

/// What of it stays on this device.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct BatchSendLocal {
    /// Of the same message.
    #[serde(rename = "msg_batch_send_param_msg")]
    pub local: LocalCustom,
}

/// `MsgBatchSendResult`: what became of one receiver's message.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BatchSendResult {
    /// User ID of the receiver.
    #[serde(rename = "msg_batch_send_result_identifier")]
    pub user: String,
    /// A number of [`crate::codes::TABLE`].
    #[serde(rename = "msg_batch_send_result_code")]
    pub code: i32,
    /// What went wrong; empty on success.
    #[serde(rename = "msg_batch_send_result_desc")]
    pub desc: String,
    /// As it was sent.
    #[serde(
        rename = "msg_batch_send_result_msg",
        skip_serializing_if = "is_default"
    )]
    pub message: Option<Box<Message>>,
}
