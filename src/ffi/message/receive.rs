//! Receive options: of users, and for all.

use std::ffi::{c_char, c_int, c_void};

use protocol::receive::ReceiveAll;
use protocol::{Error, codes};
use tim_core::Command;

use super::super::args::{self, Kind};
use super::super::call::{Needs, call, listen_json};
use super::super::enums::tim_receive_message_opt;
use super::super::types::{tim_comm_callback, tim_msg_all_message_receive_option_callback};

/// Sets how messages of users reach this user.
///
/// The server keeps it for each of them, and the conversation callback is told on all devices of the
/// user (conv_recv_opt); nobody else sees it. It may be set before there is a conversation, puts none
/// into the list, and survives the deletion of one.
/// With TIM_RECV_MSG_OPT_NOT_RECEIVE what they send is in the history and in the conversation, but it is
/// not told as a new message and not counted as unread, also not later. With TIM_RECV_MSG_OPT_NOT_NOTIFY and
/// TIM_RECV_MSG_OPT_NOT_NOTIFY_EXCEPT_AT all comes as ever: not to notify is the app's part, and so is
/// what mentions the user. Conversations with any option but TIM_RECV_MSG_OPT_RECEIVE are left out of
/// the total unread count, and of counts by filter.
/// Wants a connection: without one it waits for 15 seconds.
///
/// @param json_identifier_array  JSON array of 1 to 30 user IDs. Not NULL, not empty.
/// @param opt  A tim_receive_message_opt.
/// @param cb  Outcome; NULL allowed. json_params is empty. When it fails for some of them, it is set for
///   the others, and the outcome is that of the first one that it fails for.
///   TIM_ERR_SVR_CONV_ACCOUNT_NOT_FOUND: there is no such user.
///   TIM_ERR_SDK_COMM_INVALID_IDENTIFIER: one of them can be no user ID; nothing is set.
///   TIM_ERR_INVALID_PARAMETERS: not texts, none, more than 30, or another opt; nothing is set.
///   TIM_ERR_UNKNOWN_OP: the server is older than receive options.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: NULL or empty. TIM_ERR_JSON: not a JSON array.
///   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_msg_set_c2c_receive_message_opt(
    json_identifier_array: *const c_char,
    opt: tim_receive_message_opt,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_msg_set_c2c_receive_message_opt";
    call(name, Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let json = unsafe { args::json(json_identifier_array, Kind::Array) }?;
        let users = args::typed(&json);
        Ok(users.map_or_else(Command::Invalid, |users| {
            Command::SetReceiveOpt(users, opt.0)
        }))
    })
}

/// Tells how messages of users reach this user.
///
/// Answers at once, from what this device knows. Of a user for whom nothing was set it is
/// TIM_RECV_MSG_OPT_RECEIVE, whether there is such a user or not.
///
/// @param json_identifier_array  JSON array of 1 to 30 user IDs. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is an array in the order of the request, of objects
///   with msg_recv_msg_opt_result_identifier and msg_recv_msg_opt_result_opt (a
///   tim_receive_message_opt). TIM_ERR_SDK_COMM_INVALID_IDENTIFIER: one of them can be no user ID.
///   TIM_ERR_INVALID_PARAMETERS: not texts, none, or more than 30.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: NULL or empty. TIM_ERR_JSON: not a JSON array.
///   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_msg_get_c2c_receive_message_opt(
    json_identifier_array: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_msg_get_c2c_receive_message_opt";
    call(name, Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let json = unsafe { args::json(json_identifier_array, Kind::Array) }?;
        Ok(args::typed(&json).map_or_else(Command::Invalid, Command::GetReceiveOpt))
    })
}

/// Sets the receive option for all messages, with a quiet time by the clock.
///
/// The server keeps the numbers as they are given, and tells all devices of the user, this one
/// included. It changes neither what is received nor what is counted, and libtim sends no push
/// messages: whether to notify is for the app to decide by it.
/// Wants a connection: without one it waits for 15 seconds.
///
/// @param opt  TIM_RECV_MSG_OPT_RECEIVE: no quiet time. TIM_RECV_MSG_OPT_NOT_NOTIFY, or
///   TIM_RECV_MSG_OPT_NOT_NOTIFY_EXCEPT_AT: in the quiet time.
/// @param start_hour  0 to 23, of the clock that the user sees.
/// @param start_minute  0 to 59.
/// @param start_second  0 to 59.
/// @param duration  Length of the quiet time in seconds. Below 86400 it comes every day; 86400 or more
///   means for ever, from that time of today on.
/// @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_INVALID_PARAMETERS: a number is not
///   one of these; its parameter is named.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_msg_set_all_receive_message_opt(
    opt: tim_receive_message_opt,
    start_hour: i32,
    start_minute: i32,
    start_second: i32,
    duration: u32,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_msg_set_all_receive_message_opt";
    call(name, Needs::Login, cb, user_data, |_| {
        // What is negative is more than each of them may be.
        let all = ReceiveAll {
            start_hour: start_hour.cast_unsigned(),
            start_minute: start_minute.cast_unsigned(),
            start_second: start_second.cast_unsigned(),
            start_time: 0,
            duration,
            opt: opt.0,
        };
        Ok(Command::SetReceiveAll(all))
    })
}

/// Sets the receive option for all messages, with one quiet time.
///
/// As tim_msg_set_all_receive_message_opt, which it replaces; this quiet time does not come again.
///
/// @param opt  TIM_RECV_MSG_OPT_RECEIVE: no quiet time. TIM_RECV_MSG_OPT_NOT_NOTIFY, or
///   TIM_RECV_MSG_OPT_NOT_NOTIFY_EXCEPT_AT: in the quiet time.
/// @param start_time_stamp  When it begins, seconds since 1970 (UTC); not 0.
/// @param duration  Its length in seconds.
/// @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_INVALID_PARAMETERS: a number is not
///   one of these; its parameter is named.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_msg_set_all_receive_message_opt2(
    opt: tim_receive_message_opt,
    start_time_stamp: u32,
    duration: u32,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_msg_set_all_receive_message_opt2";
    call(name, Needs::Login, cb, user_data, |_| {
        if start_time_stamp == 0 {
            let text = "start_time_stamp: seconds since 1970, not 0";
            let error = Error::new(codes::INVALID_PARAMETERS, text);
            return Ok(Command::Invalid(error));
        }
        let all = ReceiveAll {
            start_time: start_time_stamp,
            duration,
            opt: opt.0,
            ..ReceiveAll::default()
        };
        Ok(Command::SetReceiveAll(all))
    })
}

/// Tells the receive option for all messages.
///
/// Asks the server. Before one was set it is TIM_RECV_MSG_OPT_RECEIVE, and all else is 0.
///
/// @param cb  Outcome; NULL allowed. json_params is an object with msg_all_recv_msg_opt_level (a
///   tim_receive_message_opt), msg_all_recv_msg_opt_start_hour, msg_all_recv_msg_opt_start_minute,
///   msg_all_recv_msg_opt_start_second, msg_all_recv_msg_opt_start_time_stamp (seconds since 1970; 0:
///   the hour, minute and second count) and msg_all_recv_msg_duration (seconds).
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_msg_get_all_receive_message_opt(
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_msg_get_all_receive_message_opt";
    call(name, Needs::Login, cb, user_data, |_| {
        Ok(Command::GetReceiveAll)
    })
}

/// Sets the callback for changes of the receive option for all messages.
///
/// Told on all devices of the user, the one that changed it included; of several changes while a device
/// was away the last one. A device that is new, or was away for long, is told how it stands if it was
/// ever set.
///
/// @param cb  Replaces the one before; NULL removes it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the old callback is
///   waited for, unless this is called from inside it.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_msg_all_message_receive_option_callback(
    cb: tim_msg_all_message_receive_option_callback,
    user_data: *const c_void,
) {
    let name = "tim_set_msg_all_message_receive_option_callback";
    listen_json(name, cb, user_data, |all| &all.receive_all);
}
