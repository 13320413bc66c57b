//! Messages on this device: found, kept without being sent, and the app's own data beside them.

use std::ffi::{c_char, c_int, c_void};

use protocol::message::{Content, LocalCustom, MessageRef, Origin};
use tim_core::Command;
use tim_core::command::KeptMessage;

use super::super::args::{self, Kind};
use super::super::call::{Needs, call};
use super::super::enums::tim_conv_type;
use super::super::types::tim_comm_callback;
use super::conv_and_json;
use crate::sdk::Client;

/// Changes the app's own data beside a message, which stays on this device.
///
/// Nobody else sees it, the user's other devices neither, and it is gone when the app is installed
/// anew. When the message is its conversation's last one, the conversation listener is told.
///
/// @param json_msg_param  JSON object: a Message, of which message_msg_id (required) says which it is,
///   and message_custom_int and message_custom_str what to keep; the one that is left out stays as it
///   is. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_INVALID_PARAMETERS: a key is
///   missing or wrong, or there is no such message on this device.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   object. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_msg_set_local_custom_data(
    json_msg_param: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_msg_set_local_custom_data";
    call(name, Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let json = unsafe { args::json(json_msg_param, Kind::Object) }?;
        let typed = args::typed::<MessageRef>(&json)
            .and_then(|wanted| Ok(Command::SetLocalCustom(wanted, args::typed(&json)?)));
        Ok(typed.unwrap_or_else(Command::Invalid))
    })
}

/// Gives messages by their ids, whatever their conversations.
///
/// Answered from this device; those that are not there are left out.
///
/// @param json_message_id_array  JSON array of texts, 1 to 1000: each the message_msg_id of a
///   message. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is an array of Message, in the order of the ids.
///   TIM_ERR_INVALID_PARAMETERS: not texts, none, or too many.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   array. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_msg_find_messages(
    json_message_id_array: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call("tim_msg_find_messages", Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let json = unsafe { args::json(json_message_id_array, Kind::Array) }?;
        let ids = args::typed(&json);
        Ok(ids.map_or_else(Command::Invalid, Command::FindMessages))
    })
}

/// Gives messages of a conversation by their places in it.
///
/// Answered from this device; those that are not there are left out. A message that the server has
/// not accepted, or that was only kept here, has no place: tim_msg_find_messages finds it.
///
/// @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
/// @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
/// @param json_msg_locator_array  JSON array of MsgLocator, 1 to 1000: objects with
///   message_locator_seq (required; the message_seq), and message_locator_rand and
///   message_locator_time (message_rand and message_server_time), which have to be the message's
///   unless they are 0 or left out. Other keys are not looked at. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is an array of Message, in the order of the
///   locators. TIM_ERR_INVALID_PARAMETERS: a key is missing or wrong, none, or too many. When
///   conv_id can be no user ID: TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   array. TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_msg_find_by_msg_locator_list(
    conv_id: *const c_char,
    conv_type: tim_conv_type,
    json_msg_locator_array: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_msg_find_by_msg_locator_list";
    call(name, Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or NUL-terminated texts.
        let (conv, json) =
            unsafe { conv_and_json(conv_id, conv_type, json_msg_locator_array, Kind::Array) }?;
        let locators = args::typed(&json);
        Ok(locators.map_or_else(Command::Invalid, |locators| {
            Command::FindByLocators(conv, locators)
        }))
    })
}

/// Keeps a message on this device without sending it.
///
/// It is part of the conversation here and nowhere else: in its history at its time, found by its
/// id, and the conversation's last message when it is the newest; a conversation that was not there
/// appears. It counts as read, its message_status is TIM_MSG_LOCAL_IMPORTED, and its message_seq 0.
///
/// Keys of the message: as for tim_msg_send_message, and message_sender (one of the two; left out or
/// empty: the logged-in user), message_server_time (seconds; left out or 0: now) and
/// message_client_time.
///
/// @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
/// @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
/// @param json_msg_param  JSON object. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is the Message as it is kept, with its new
///   message_msg_id. Codes as of tim_msg_send_message; TIM_ERR_INVALID_PARAMETERS also when
///   message_sender is somebody else.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   object. TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_msg_save_msg(
    conv_id: *const c_char,
    conv_type: tim_conv_type,
    json_msg_param: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call("tim_msg_save_msg", Needs::Login, cb, user_data, |client| {
        // SAFETY: the header wants NULL or NUL-terminated texts.
        let (conv, json) =
            unsafe { conv_and_json(conv_id, conv_type, json_msg_param, Kind::Object) }?;
        let message = args::typed(&json).and_then(|content| {
            let (local, origin) = (args::typed(&json)?, args::typed(&json)?);
            Ok(kept(client, content, local, origin))
        });
        Ok(message.map_or_else(Command::Invalid, |message| {
            Command::SaveMessage(conv, Box::new(message))
        }))
    })
}

/// Keeps messages on this device without sending them, such as those from before another system.
///
/// Each is kept as by tim_msg_save_msg, at its own time; messages of the same second stay in their
/// order. All of them are, or none. The listeners of new messages are not told of them. Nothing is
/// compared: what is imported twice is there twice.
///
/// @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
/// @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
/// @param json_msg_array  JSON array of Message, 1 to 1000, with the keys that tim_msg_save_msg
///   takes. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is empty. Codes as of tim_msg_save_msg;
///   TIM_ERR_INVALID_PARAMETERS also for none, or too many.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   array. TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_msg_import_msg_list(
    conv_id: *const c_char,
    conv_type: tim_conv_type,
    json_msg_array: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_msg_import_msg_list";
    call(name, Needs::Login, cb, user_data, |client| {
        // SAFETY: the header wants NULL or NUL-terminated texts.
        let (conv, json) =
            unsafe { conv_and_json(conv_id, conv_type, json_msg_array, Kind::Array) }?;
        let messages = args::typed::<Vec<Content>>(&json).and_then(|contents| {
            let locals = args::typed::<Vec<LocalCustom>>(&json)?;
            let origins = args::typed::<Vec<Origin>>(&json)?;
            let parts = contents.into_iter().zip(locals).zip(origins);
            let kept = parts.map(|((content, local), origin)| kept(client, content, local, origin));
            Ok(kept.collect())
        });
        Ok(messages.map_or_else(Command::Invalid, |messages| {
            Command::ImportMessages(conv, messages)
        }))
    })
}

/// A message that is to be kept, with its id; what the app says of its making stays.
fn kept(client: &Client, mut content: Content, local: LocalCustom, origin: Origin) -> KeptMessage {
    let (client_time, rand) = (content.client_time, content.rand);
    let msg_id = client.new_message_id(&mut content);
    if client_time > 0 {
        content.client_time = client_time;
    }
    if rand > 0 {
        content.rand = rand;
    }
    KeptMessage {
        msg_id,
        content,
        local,
        origin,
    }
}
