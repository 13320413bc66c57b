//! The list of conversations as the C interface asks for it, and drafts.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ConvInfo;

/// `TIMConversationListFilter`: what is absent does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConvFilter {
    /// One of [`super::conv_type`]; 0 for all.
    #[serde(
        rename = "conversation_list_filter_conv_type",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub conv_type: Option<i32>,
    /// Name of a conversation group; empty for conversations in none.
    #[serde(
        rename = "conversation_list_filter_conversation_group",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub group: Option<String>,
    /// With all of these marks; 0 for conversations without any.
    #[serde(
        rename = "conversation_list_filter_mark_type",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub mark: Option<u64>,
    /// With unread messages, or without.
    #[serde(
        rename = "conversation_list_filter_has_unread_count",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub has_unread: Option<bool>,
    /// With mentions, or without.
    #[serde(
        rename = "conversation_list_filter_has_group_at_info",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub has_at: Option<bool>,
}

/// `TIMConversationListResult`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ConvListResult {
    /// The page.
    #[serde(rename = "conversation_list_result_conv_list")]
    pub conversations: Vec<ConvInfo>,
    /// For the next page; 0 when there is none.
    #[serde(rename = "conversation_list_result_next_seq")]
    pub next_seq: u64,
    /// Whether this was the last.
    #[serde(rename = "conversation_list_result_is_finished")]
    pub is_finished: bool,
}

/// `Draft`: what the user has begun to write. It stays on this device.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// The message so far, as the app gave it.
    #[serde(rename = "draft_msg", default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Value>,
    /// Text of the app.
    #[serde(rename = "draft_user_define", default)]
    pub user_define: String,
    /// When it was set, seconds.
    #[serde(rename = "draft_edit_time", default)]
    pub edit_time: u64,
}
