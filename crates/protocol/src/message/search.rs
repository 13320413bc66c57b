//! Searching messages.

use serde::{Deserialize, Serialize};

use super::Message;

/// Numbers of `TIMKeywordListMatchType`.
pub mod match_type {
    /// One of the keywords is enough.
    pub const OR: i32 = 0;
    /// All of them have to be there.
    pub const AND: i32 = 1;
}

/// `MessageSearchParam`, as far as it concerns a search on the device.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct MessageSearchParam {
    /// At least one, at most five.
    #[serde(rename = "msg_search_param_keyword_array")]
    pub keywords: Vec<String>,
    /// A number of [`match_type`].
    #[serde(rename = "msg_search_param_keyword_list_match_type", default)]
    pub match_type: i32,
    /// Kinds of elements whose texts are searched; empty: all that have some.
    #[serde(rename = "msg_search_param_message_type_array", default)]
    pub types: Vec<i32>,
    /// User IDs; empty: whoever sent it.
    #[serde(rename = "msg_search_param_send_identifier_array", default)]
    pub senders: Vec<String>,
    /// Where, when there is a type.
    #[serde(rename = "msg_search_param_conv_id", default)]
    pub conv_id: String,
    /// Number of `TIMConvType`; 0: all conversations.
    #[serde(rename = "msg_search_param_conv_type", default)]
    pub conv_type: i32,
    /// The newest second that counts; 0: now.
    #[serde(rename = "msg_search_param_search_time_position", default)]
    pub time_position: u64,
    /// How many seconds back from there; 0: all.
    #[serde(rename = "msg_search_param_search_time_period", default)]
    pub time_period: u64,
    /// Which page, from 0 on.
    #[serde(rename = "msg_search_param_page_index", default)]
    pub page_index: u32,
    /// How many on a page; 0: all on one.
    #[serde(rename = "msg_search_param_page_size", default)]
    pub page_size: u32,
}

/// `MessageSearchResult`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MessageSearchResult {
    /// In one conversation: messages found. In all: conversations with such.
    #[serde(rename = "msg_search_result_total_count")]
    pub total: u64,
    /// A page of conversations; the one when one was searched.
    #[serde(rename = "msg_search_result_item_array")]
    pub items: Vec<MessageSearchItem>,
}

/// `MessageSearchResultItem`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MessageSearchItem {
    /// User ID of the other one, or group ID.
    #[serde(rename = "msg_search_result_item_conv_id")]
    pub conv_id: String,
    /// Number of `TIMConvType`.
    #[serde(rename = "msg_search_result_item_conv_type")]
    pub conv_type: i32,
    /// How many were found here.
    #[serde(rename = "msg_search_result_item_total_message_count")]
    pub count: u64,
    /// In one conversation: a page of them. In all: the one, when there is no more than one.
    #[serde(rename = "msg_search_result_item_message_array")]
    pub messages: Vec<Message>,
}
