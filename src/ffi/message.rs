//! Messages: sending, history, reading, and who is told of new ones.

use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;

use protocol::conversation::{ConvId, conv_type};
use protocol::message::{Content, LocalCustom};
use serde_json::Value;
use tim_core::Command;

use super::args::{self, Kind};
use super::call::{Needs, UserData, call, fill, guard_listen, listen_json};
use super::enums::{TIM_ERR_CONV, tim_conv_type};
use super::instance;
use super::session::ID_BUFFER;
use super::types::{tim_comm_callback, tim_msg_readed_receipt_callback, tim_recv_new_msg_callback};
use crate::sdk::{Client, Listener};

mod change;
mod local;
mod receive;
mod search;
mod send;

pub use change::*;
pub use local::*;
pub use receive::*;
pub use search::*;
pub use send::*;

/// Adds a callback for messages that are new to this device.
///
/// Several may be there; each is told. Add them before tim_login: what came while the user was
/// away is told right after it. After the first login of a user on a device there is no such
/// while: messages that are older come as conversations, with their unread counts and last
/// messages, and not through this callback; tim_msg_get_msg_list has them. Messages of users with
/// TIM_RECV_MSG_OPT_NOT_RECEIVE are not told. Adding the same function again only changes its
/// user_data.
///
/// @param cb  NULL does nothing.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect with the next event.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_add_recv_new_msg_callback(
    cb: tim_recv_new_msg_callback,
    user_data: *const c_void,
) {
    let user_data = UserData(user_data);
    guard_listen("tim_add_recv_new_msg_callback", || {
        let Some(cb) = cb else { return };
        // SAFETY: the app's function of this type; the text outlives the call.
        let listener = move |told: &crate::sdk::Told| unsafe {
            cb(told.json().as_ptr(), user_data.get());
        };
        let listener: Arc<Listener> = Arc::new(listener);
        instance::listeners()
            .new_messages
            .add(cb as usize, listener);
    });
}

/// Removes a callback for new messages.
///
/// @param cb  The same function that was added; another one, or NULL, does nothing.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the callback is waited
///   for, unless this is called from inside it.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_remove_recv_new_msg_callback(cb: tim_recv_new_msg_callback) {
    guard_listen("tim_remove_recv_new_msg_callback", || {
        if let Some(cb) = cb {
            instance::listeners().new_messages.remove(cb as usize);
        }
    });
}

/// Sends a message.
///
/// The message is stored on this device first. While the link is down it waits there and is sent
/// after the reconnect, once, in order, also by a later run of the program. The callback comes
/// when the server has it or has refused it for good.
///
/// Keys of the message: message_elem_array (required), an array of 1 to 100 elements, each with
/// elem_type (a tim_elem_type) and the keys of its kind:
/// - TIM_ELEM_TEXT: text_elem_content.
/// - TIM_ELEM_CUSTOM: custom_elem_data, custom_elem_desc, custom_elem_ext, custom_elem_sound.
/// - TIM_ELEM_FACE: face_elem_index, face_elem_buf.
/// - TIM_ELEM_LOCATION: location_elem_desc, location_elem_longitude, location_elem_latitude.
///
/// Optional: message_cloud_custom_str, message_priority, message_is_online_msg (only for those
/// who are online: not stored, not counted), message_need_read_receipt,
/// message_is_excluded_from_unread_count, message_excluded_from_last_message, message_custom_int
/// and message_custom_str (stay on this device). All texts together: at most 12 KB.
///
/// @param conv_id  User ID of the receiver, or group ID. Not NULL, not empty.
/// @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
/// @param json_msg_param  JSON object. Not NULL, not empty.
/// @param message_id_buffer  At least 128 bytes, or NULL; gets the message's id before the call
///   returns and before cb runs. The id never changes.
/// @param cb  Outcome; NULL allowed. json_params is the Message as sent: what was given, and
///   message_msg_id, message_seq, message_server_time, message_status and others. Codes among
///   others: TIM_ERR_SDK_COMM_INVALID_IDENTIFIER, conv_id can be no user ID;
///   TIM_ERR_INVALID_PARAMETERS, a key is missing or wrong, or the number of elements;
///   TIM_ERR_INVALID_MSG_ELEM, an elem_type that is none of these; TIM_ERR_OUTBOX_FULL.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   object. TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback. Messages of one thread arrive in the order of calls.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_msg_send_message(
    conv_id: *const c_char,
    conv_type: tim_conv_type,
    json_msg_param: *const c_char,
    message_id_buffer: *mut c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call(
        "tim_msg_send_message",
        Needs::Login,
        cb,
        user_data,
        |client| {
            // SAFETY: the header wants NULL or NUL-terminated texts, and NULL or a buffer of this size.
            unsafe {
                send(
                    client,
                    conv_id,
                    conv_type,
                    json_msg_param,
                    message_id_buffer,
                )
            }
        },
    )
}

/// Gives messages of a conversation.
///
/// Answers from this device; with is_ramble, what is missing here is fetched from the server
/// first. What that has not told after 15 seconds, as without a link, is left out: then messages may
/// be missing in between. After a login that failed for want of a network it is what this device has;
/// before any login cb gets TIM_ERR_SDK_NOT_LOGGED_IN.
///
/// Keys, all optional: msg_getmsglist_param_last_msg (a Message to start from, itself left out;
/// its message_msg_id is enough; without it: the newest, or with is_forward the oldest),
/// msg_getmsglist_param_count (0 or left out: 20; more than 1000 count as 1000),
/// msg_getmsglist_param_is_ramble, msg_getmsglist_param_is_forward (true: newer ones, oldest first;
/// false: older ones, newest first), msg_getmsglist_param_message_type_array (tim_elem_type; only
/// without is_ramble), msg_getmsglist_param_time_begin and msg_getmsglist_param_time_period
/// (seconds).
///
/// @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
/// @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
/// @param json_get_msg_param  JSON object; {} for the newest 20. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is an array of Message. When conv_id can be no
///   user ID: TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   object. TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: no login, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_msg_get_msg_list(
    conv_id: *const c_char,
    conv_type: tim_conv_type,
    json_get_msg_param: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call(
        "tim_msg_get_msg_list",
        Needs::LoginStarted,
        cb,
        user_data,
        |_| {
            // SAFETY: the header wants NULL or NUL-terminated texts.
            let (conv, json) =
                unsafe { conv_and_json(conv_id, conv_type, json_get_msg_param, Kind::Object) }?;
            let param = args::typed(&json);
            Ok(param.map_or_else(Command::Invalid, |param| Command::GetMessages(conv, param)))
        },
    )
}

/// Marks messages as read.
///
/// The other one is told by a read receipt, one's own other devices by conversation events.
///
/// @param conv_id  User ID of the other one, or group ID; NULL or "" means every conversation of
///   this type.
/// @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
/// @param json_msg_param  JSON object: the Message up to which all is read; its message_msg_id is
///   enough. NULL or "": everything that is there.
/// @param cb  Outcome; NULL allowed. json_params is empty. When conv_id can be no user ID:
///   TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is not UTF-8. TIM_ERR_JSON: not a JSON object.
///   TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_msg_report_readed(
    conv_id: *const c_char,
    conv_type: tim_conv_type,
    json_msg_param: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call("tim_msg_report_readed", Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or NUL-terminated texts.
        let (id, json) = unsafe {
            (
                args::optional_text(conv_id)?,
                args::optional_json(json_msg_param, Kind::Object)?,
            )
        };
        let conv = ConvId {
            kind: kind(conv_type)?,
            id: id.unwrap_or_default(),
        };
        let message = json.map(|json| args::typed(&json)).transpose();
        Ok(message.map_or_else(Command::Invalid, |message| {
            Command::ReportRead(conv, message)
        }))
    })
}

/// Sets who is told that peers have read.
///
/// @param cb  Replaces the one before; NULL removes it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the old callback is
///   waited for, unless this is called from inside it.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_msg_readed_receipt_callback(
    cb: tim_msg_readed_receipt_callback,
    user_data: *const c_void,
) {
    listen_json(
        "tim_set_msg_readed_receipt_callback",
        cb,
        user_data,
        |all| &all.receipts,
    );
}

/// Marks everything as read, in all conversations.
///
/// As tim_msg_report_readed for every conversation of every type; an older form.
///
/// @param cb  Outcome; NULL allowed. json_params is empty.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_msg_mark_all_message_as_read(
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_msg_mark_all_message_as_read";
    call(name, Needs::Login, cb, user_data, |_| {
        // Groups have none yet.
        Ok(Command::ReportRead(ConvId::c2c(""), None))
    })
}

/// What sends a message: its id is made, and written into the buffer when there is one.
///
/// # Safety
/// The texts are NULL or NUL-terminated; the buffer is NULL or has [`ID_BUFFER`] bytes.
unsafe fn send(
    client: &Client,
    conv_id: *const c_char,
    conv_type: tim_conv_type,
    json_msg_param: *const c_char,
    message_id_buffer: *mut c_char,
) -> Result<Command, c_int> {
    // SAFETY: as promised by the caller.
    let (conv, json) = unsafe { conv_and_json(conv_id, conv_type, json_msg_param, Kind::Object) }?;
    let fill_id = |id: &str| {
        if !message_id_buffer.is_null() {
            // SAFETY: as promised by the caller.
            unsafe { fill(message_id_buffer, ID_BUFFER, id) };
        }
    };
    let typed = args::typed::<Content>(&json)
        .and_then(|content| Ok((content, args::typed::<LocalCustom>(&json)?)));
    let (mut content, local) = match typed {
        Ok(typed) => typed,
        Err(error) => {
            fill_id("");
            return Ok(Command::Invalid(error));
        }
    };
    let msg_id = client.new_message_id(&mut content);
    fill_id(&msg_id);
    Ok(Command::Send {
        conv,
        msg_id,
        content,
        local,
    })
}

/// What functions about one conversation begin with.
///
/// # Safety
/// The pointers are NULL or point to NUL-terminated texts.
unsafe fn conv_and_json(
    conv_id: *const c_char,
    conv_type: tim_conv_type,
    json: *const c_char,
    wanted: Kind,
) -> Result<(ConvId, Value), c_int> {
    // SAFETY: as promised by the caller.
    let (id, json) = unsafe { (args::text(conv_id)?, args::json(json, wanted)?) };
    let kind = kind(conv_type)?;
    Ok((ConvId { kind, id }, json))
}

/// The types of conversations that have messages.
fn kind(conv_type: tim_conv_type) -> Result<i32, c_int> {
    match conv_type.0 {
        kind @ (conv_type::C2C | conv_type::GROUP) => Ok(kind),
        _ => Err(TIM_ERR_CONV),
    }
}
