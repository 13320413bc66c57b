//! Searching messages.

use std::ffi::{c_char, c_int, c_void};

use tim_core::Command;

use super::super::args::{self, Kind};
use super::super::call::{Needs, call};
use super::super::types::tim_comm_callback;

/// Searches the messages of this device.
///
/// What is searched: the texts of text elements, and the descriptions of custom and location elements,
/// without regard to case. Words with spaces between them are found by their beginnings ("hel" finds
/// "Hello", "ello" does not), Chinese, Japanese, Korean and Thai by any part of them, from one character
/// on; a keyword of several words is found where they stand in this order. Messages that were taken back
/// or deleted are not found. Only what is on this device is searched: history that it never had, and
/// what happened to it while it was away, are not known here before tim_msg_get_msg_list.
/// As tim_msg_get_msg_list it answers after a login that failed for want of a network, too. The first
/// search after an update of libtim may wait until the messages from before are indexed: about half a
/// minute for a million.
///
/// Keys: msg_search_param_keyword_array (required), 1 to 5 texts of at most 256 bytes;
/// msg_search_param_keyword_list_match_type: TIM_KEYWORD_LIST_MATCH_TYPE_OR, one of them is enough
/// (default), or TIM_KEYWORD_LIST_MATCH_TYPE_AND, all are in the message;
/// msg_search_param_message_type_array (tim_elem_type): only the texts of these elements (default: of
/// all three); msg_search_param_send_identifier_array: only messages of these senders, at most 100;
/// msg_search_param_conv_type and msg_search_param_conv_id: one conversation (default, or type 0: all);
/// msg_search_param_search_time_position (seconds; 0, the default: now) and
/// msg_search_param_search_time_period (seconds back from there; 0, the default: all);
/// msg_search_param_page_size (at most 10000; 0, the default: no pages, but never more than that) and
/// msg_search_param_page_index, from 0 on. The keys of a search at the server are not looked at.
///
/// The result for one conversation: msg_search_result_total_count, how many messages were found, and
/// one item with the messages of the page, newest first; no item when there are none. For all
/// conversations: how many conversations have some, and a page of items, the one with the newest
/// message first. Such an item has the number of messages, and the message itself only when it is the
/// only one: for the others search in that conversation.
///
/// @param json_search_message_param  JSON object: a MessageSearchParam. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is a MessageSearchResult. TIM_ERR_INVALID_PARAMETERS:
///   a key is missing or wrong, no keyword or too many, one without a letter, digit or symbol, only
///   elements without texts. When msg_search_param_conv_id can be no user ID:
///   TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   object. TIM_ERR_NOTLOGIN: no login, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_msg_search_local_messages(
    json_search_message_param: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_msg_search_local_messages";
    call(name, Needs::LoginStarted, cb, user_data, |_| {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let json = unsafe { args::json(json_search_message_param, Kind::Object) }?;
        let param = args::typed(&json);
        Ok(param.map_or_else(Command::Invalid, |param| {
            Command::SearchMessages(Box::new(param))
        }))
    })
}
