//! What a user sets on conversations: pin, marks, custom data.

use std::ffi::{c_char, c_int, c_void};

use protocol::conversation::settings::{ConvChange, bits};
use tim_core::Command;

use super::super::args::{self, Kind};
use super::super::call::{Needs, call};
use super::super::enums::tim_conv_type;
use super::super::types::tim_comm_callback;
use super::conv;

/// Puts a conversation on top of the list, or back to its place.
///
/// The server keeps it, and the conversation callback is told on all devices of the user. At most
/// 50 conversations are pinned.
///
/// @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
/// @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
/// @param is_pinned  true: on top.
/// @param cb  Outcome; NULL allowed. json_params is empty.
///   TIM_ERR_SVR_CONV_CONV_PIN_COUNT_EXCEED_LIMIT: 50 are pinned.
///   TIM_ERR_SVR_CONV_ACCOUNT_NOT_FOUND: there is no such user.
///   TIM_ERR_SDK_COMM_INVALID_IDENTIFIER: this can be no user ID.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_CONV: another conv_type.
///   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_conv_pin_conversation(
    conv_id: *const c_char,
    conv_type: tim_conv_type,
    is_pinned: bool,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call(
        "tim_conv_pin_conversation",
        Needs::Login,
        cb,
        user_data,
        |_| {
            // SAFETY: the header wants NULL or a NUL-terminated text.
            let conv = unsafe { conv(conv_id, conv_type) }?;
            Ok(Command::PinConversation(conv, is_pinned))
        },
    )
}

/// Deletes a conversation with its messages.
///
/// It leaves the list on all devices of the user, with its unread count, pin, marks, custom data, draft
/// and conversation groups, but not its receive option; the conversation callback is told with
/// TIM_CONV_EVENT_DEL. Its messages are
/// gone from the history at the server and on these devices; the other one keeps them, and gets no
/// receipt. The next message brings it back, empty before it. Messages that wait to be sent are not
/// touched. Wants a connection: without one it waits for 15 seconds, and is carried out when one comes.
/// A conversation that is not there is no error.
///
/// @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
/// @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
/// @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_SDK_COMM_INVALID_IDENTIFIER: this
///   can be no user ID.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_CONV: another conv_type.
///   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_conv_delete(
    conv_id: *const c_char,
    conv_type: tim_conv_type,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call("tim_conv_delete", Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let conv = unsafe { conv(conv_id, conv_type) }?;
        Ok(Command::DeleteConversation(conv))
    })
}

/// Deletes conversations, with their messages or without.
///
/// As tim_conv_delete for several. Without the messages they are there again when the next message
/// brings the conversation back; tim_msg_get_msg_list has them all the while.
///
/// @param conversation_id_array  JSON array of 1 to 100 texts: "c2c_" with the user ID behind it, or
///   "group_" with the group ID. Not NULL, not empty.
/// @param clear_message  true: with their messages.
/// @param cb  Outcome; NULL allowed.
///   json_params is an array of objects, one for each conversation in their order, with
///   conversation_operation_result_conversation_id, conversation_operation_result_result_code (0 for
///   success) and conversation_operation_result_result_info.
///   TIM_ERR_SVR_CONV_CONV_MARK_REQ_COUNT_EXCEED_LIMIT: more than 100.
///   TIM_ERR_INVALID_PARAMETERS: not texts, or none.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   array. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_conv_delete_conversation_list(
    conversation_id_array: *const c_char,
    clear_message: bool,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_conv_delete_conversation_list";
    call(name, Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let json = unsafe { args::json(conversation_id_array, Kind::Array) }?;
        let change = ConvChange {
            delete: true,
            clear: clear_message,
            ..ConvChange::default()
        };
        Ok(args::typed(&json).map_or_else(Command::Invalid, |named| {
            Command::SetConversations(named, change)
        }))
    })
}

/// Sets marks on conversations, or takes them away.
///
/// The server keeps them, and the conversation callback is told on all devices of the user. What
/// they mean is the app's matter; at most 1000 conversations carry some.
///
/// @param conversation_id_array  JSON array of 1 to 100 texts: "c2c_" with the user ID behind it, or
///   "group_" with the group ID. Not NULL, not empty.
/// @param mark_type  Bits of tim_conversation_mark_type; 1 << 32 to 1 << 63 are the app's own.
/// @param enable_mark  true: set; false: take away.
/// @param cb  Outcome; NULL allowed.
///   json_params is an array of objects, one for each conversation in their order, with
///   conversation_operation_result_conversation_id, conversation_operation_result_result_code (0 for
///   success) and conversation_operation_result_result_info.
///   TIM_ERR_SVR_CONV_CONV_MARK_REQ_COUNT_EXCEED_LIMIT: more than 100.
///   TIM_ERR_INVALID_PARAMETERS: not texts, none, or no mark. In a result:
///   TIM_ERR_SVR_CONV_CONV_MARK_TOTAL_COUNT_EXCEED_LIMIT: 1000 are marked;
///   TIM_ERR_SVR_CONV_ACCOUNT_NOT_FOUND: there is no such user.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   array. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_conv_mark_conversation(
    conversation_id_array: *const c_char,
    mark_type: u64,
    enable_mark: bool,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call(
        "tim_conv_mark_conversation",
        Needs::Login,
        cb,
        user_data,
        |_| {
            // SAFETY: the header wants NULL or a NUL-terminated text.
            let json = unsafe { args::json(conversation_id_array, Kind::Array) }?;
            let (mark, unmark) = match enable_mark {
                true => (bits(mark_type), Vec::new()),
                false => (Vec::new(), bits(mark_type)),
            };
            let change = ConvChange {
                mark,
                unmark,
                ..ConvChange::default()
            };
            Ok(args::typed(&json).map_or_else(Command::Invalid, |named| {
                Command::SetConversations(named, change)
            }))
        },
    )
}

/// Attaches a text of the app to conversations.
///
/// The server keeps it, and the conversation callback is told on all devices of the user; nobody
/// else sees it. At most 1000 conversations carry one.
///
/// @param conversation_id_array  JSON array of 1 to 100 texts: "c2c_" with the user ID behind it, or
///   "group_" with the group ID. Not NULL, not empty.
/// @param custom_data  The text, at most 256 bytes; NULL or empty takes it away.
/// @param cb  Outcome; NULL allowed.
///   json_params is an array of objects, one for each conversation in their order, with
///   conversation_operation_result_conversation_id, conversation_operation_result_result_code (0 for
///   success) and conversation_operation_result_result_info.
///   TIM_ERR_SVR_CONV_CONV_MARK_REQ_COUNT_EXCEED_LIMIT: more than 100.
///   TIM_ERR_INVALID_PARAMETERS: not texts, none, or custom_data is too long. In a result:
///   TIM_ERR_SVR_CONV_CONV_MARK_TOTAL_COUNT_EXCEED_LIMIT: 1000 carry some;
///   TIM_ERR_SVR_CONV_ACCOUNT_NOT_FOUND: there is no such user.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   array. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_conv_set_conversation_custom_data(
    conversation_id_array: *const c_char,
    custom_data: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_conv_set_conversation_custom_data";
    call(name, Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or NUL-terminated texts.
        let (json, custom) = unsafe {
            let json = args::json(conversation_id_array, Kind::Array)?;
            (json, args::optional_text(custom_data)?)
        };
        let change = ConvChange {
            custom_data: Some(custom.unwrap_or_default()),
            ..ConvChange::default()
        };
        Ok(args::typed(&json).map_or_else(Command::Invalid, |named| {
            Command::SetConversations(named, change)
        }))
    })
}
