//! Other forms of sending: to many, and an older one.

use std::ffi::{c_char, c_int, c_void};
use std::ptr;

use protocol::message::{BatchSendLocal, BatchSendParam};
use tim_core::command::BatchMessage;
use tim_core::{Command, LoginStatus};

use super::super::args::{self, Kind};
use super::super::call::{Needs, UserData, answer, call};
use super::super::enums::tim_conv_type;
use super::super::types::tim_comm_callback;
use super::send;

/// Sends a message to many users.
///
/// Each gets a message of his own, in his conversation with the user, as by tim_msg_send_message: it
/// is stored on this device first, and sent after a reconnect when the link is down. The callback
/// comes when something is known of all of them. A user who is named twice gets it twice.
///
/// @param json_batch_send_param  JSON object: msg_batch_send_param_identifier_array (required; 1 to
///   500 user IDs) and msg_batch_send_param_msg (required; a Message with the keys that
///   tim_msg_send_message takes). Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is an array of MsgBatchSendResult, in the order of
///   the user IDs: objects with msg_batch_send_result_identifier, msg_batch_send_result_code (the
///   code of tim_msg_send_message), msg_batch_send_result_desc and, on success,
///   msg_batch_send_result_msg (the Message as sent). Codes of the call itself:
///   TIM_ERR_INVALID_PARAMETERS, a key is missing or wrong, the number of elements or of users;
///   TIM_ERR_INVALID_MSG_ELEM; TIM_ERR_SDK_MSG_BODY_SIZE_LIMIT. When the session ends before all is
///   known, its code; what was accepted waits for the next login.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   object. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_msg_batch_send(
    json_batch_send_param: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call(
        "tim_msg_batch_send",
        Needs::Login,
        cb,
        user_data,
        |client| {
            // SAFETY: the header wants NULL or a NUL-terminated text.
            let json = unsafe { args::json(json_batch_send_param, Kind::Object) }?;
            let typed = args::typed::<BatchSendParam>(&json)
                .and_then(|param| Ok((param, args::typed::<BatchSendLocal>(&json)?)));
            let (BatchSendParam { users, mut content }, BatchSendLocal { local }) = match typed {
                Ok(typed) => typed,
                Err(error) => return Ok(Command::Invalid(error)),
            };
            let messages = users.into_iter().map(|user| BatchMessage {
                msg_id: client.new_message_id(&mut content),
                rand: content.rand,
                user,
            });
            Ok(Command::SendBatch {
                messages: messages.collect(),
                content: Box::new(content),
                local,
            })
        },
    )
}

/// Sends a message.
///
/// As tim_msg_send_message, without its message_id_buffer; an older form.
///
/// @param conv_id  User ID of the receiver, or group ID. Not NULL, not empty.
/// @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
/// @param json_msg_param  JSON object. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is the Message as sent. Codes as of
///   tim_msg_send_message.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   object. TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback. Messages of one thread arrive in the order of calls.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_msg_send_new_msg(
    conv_id: *const c_char,
    conv_type: tim_conv_type,
    json_msg_param: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_msg_send_new_msg";
    call(name, Needs::Login, cb, user_data, |client| {
        // SAFETY: the header wants NULL or NUL-terminated texts.
        unsafe { send(client, conv_id, conv_type, json_msg_param, ptr::null_mut()) }
    })
}

/// Sends a message.
///
/// As tim_msg_send_message, with a callback instead of its message_id_buffer; an older form.
///
/// @param conv_id  User ID of the receiver, or group ID. Not NULL, not empty.
/// @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
/// @param json_msg_param  JSON object. Not NULL, not empty.
/// @param msgid_cb  Told before res_cb, once the message has its id, whatever becomes of it then:
///   json_params is that id, not JSON. NULL allowed. Not called when the message cannot be read or
///   nobody is logged in.
/// @param res_cb  Outcome; NULL allowed. json_params is the Message as sent. Codes as of
///   tim_msg_send_message.
/// @param user_data  Handed to both as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   object. TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: not logged in, and res_cb is NULL.
/// @note Any thread, also inside a callback. Messages of one thread arrive in the order of calls.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_msg_send_new_msg_ex(
    conv_id: *const c_char,
    conv_type: tim_conv_type,
    json_msg_param: *const c_char,
    msgid_cb: tim_comm_callback,
    res_cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_msg_send_new_msg_ex";
    let to_both = UserData(user_data);
    call(name, Needs::Login, res_cb, user_data, |client| {
        // SAFETY: the header wants NULL or NUL-terminated texts.
        let command = unsafe { send(client, conv_id, conv_type, json_msg_param, ptr::null_mut()) }?;
        if let Command::Send { msg_id, .. } = &command
            && msgid_cb.is_some()
            && client.login_status() == LoginStatus::LoggedIn
        {
            let msg_id = msg_id.clone();
            // It is in the queue before the outcome can be.
            let told = client.complete(name, || {
                Box::new(move |_| answer(msgid_cb, to_both, Ok(msg_id)))
            });
            told.map_err(|(error, _)| error.code)?;
        }
        Ok(command)
    })
}
