//! Messages after they were sent: taken back, changed, deleted, and who is told of it.

use std::ffi::{c_char, c_int, c_void};

use protocol::conversation::ConvId;
use protocol::message::{MessageRef, ModifyParam, MsgDeleteParam};
use tim_core::Command;
use tim_core::command::Modification;

use super::super::args::{self, Kind};
use super::super::call::{Needs, call, listen_json};
use super::super::enums::tim_conv_type;
use super::super::types::{tim_comm_callback, tim_msg_revoke_callback, tim_msg_update_callback};
use super::{conv_and_json, kind};

/// Takes a message back, for everybody.
///
/// Its sender may, for two minutes, unless the server's revoke_time says otherwise; who repeats it is
/// never too late. The owner of a group takes back what others wrote, at any time. It wants a connection: without one it waits for 15 seconds (TIM_ERR_SDK_NET_…), and
/// is carried out when one comes. After an error of the network it may have been carried out; repeat
/// it. The message stays in its place with message_status TIM_MSG_REVOKED and without
/// elements or cloud text, and message_revoker_user_id says who it was; only the devices of its
/// sender that had it keep the elements, to write it anew. The other one, and the user's other
/// devices, hear of it through tim_set_msg_revoke_callback. A message that was not read counts as
/// unread still.
///
/// @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
/// @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
/// @param json_msg_param  JSON object: a Message, of which message_msg_id, or else message_seq, says
///   which it is. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_SVR_MSG_REVOKE_TIME_LIMIT: too
///   late. TIM_ERR_INVALID_PARAMETERS: somebody else's message, one that the server does not have, or
///   none of this conversation on this device.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   object. TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_msg_revoke(
    conv_id: *const c_char,
    conv_type: tim_conv_type,
    json_msg_param: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call("tim_msg_revoke", Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or NUL-terminated texts.
        let (conv, json) =
            unsafe { conv_and_json(conv_id, conv_type, json_msg_param, Kind::Object) }?;
        let message = args::typed::<MessageRef>(&json);
        Ok(message.map_or_else(Command::Invalid, |message| Command::Revoke(conv, message)))
    })
}

/// Changes a message that was sent, for everybody.
///
/// Both of a conversation may, at any time; it wants a connection, as tim_msg_revoke does. Elements and cloud text become
/// what is given; text, custom, face and location elements can be changed, and into each other.
/// Everybody else hears of it through tim_set_msg_update_callback. When somebody changed the message
/// after the state that is given here (message_version), nothing happens, and the outcome has the
/// newer state: change that.
///
/// @param json_msg_param  JSON object: a Message as it was told, with changes: message_conv_id,
///   message_conv_type and message_elem_array (required), message_msg_id or else message_seq,
///   message_version (left out: what this device has is taken to be known), message_cloud_custom_str
///   (left out: none). Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is the Message as it stands, on success and with
///   TIM_ERR_SDK_MSG_MODIFY_CONFLICT: somebody was faster, or took the message back (its
///   message_status is TIM_MSG_REVOKED). TIM_ERR_INVALID_CONVERSATION: another message_conv_type.
///   TIM_ERR_INVALID_PARAMETERS: a key is missing or wrong, a message that the server does not have,
///   or none of this conversation on this device. TIM_ERR_INVALID_MSG_ELEM,
///   TIM_ERR_SDK_MSG_BODY_SIZE_LIMIT: as of tim_msg_send_message.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   object. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_msg_modify_message(
    json_msg_param: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call(
        "tim_msg_modify_message",
        Needs::Login,
        cb,
        user_data,
        |_| {
            // SAFETY: the header wants NULL or a NUL-terminated text.
            let json = unsafe { args::json(json_msg_param, Kind::Object) }?;
            let typed = args::typed::<ModifyParam>(&json)
                .and_then(|param| Ok((param, args::typed::<MessageRef>(&json)?)));
            Ok(typed.map_or_else(Command::Invalid, |(param, message)| {
                Command::Modify(Box::new(Modification {
                    conv: ConvId {
                        kind: param.conv_type,
                        id: param.conv_id,
                    },
                    message,
                    rev: param.rev,
                    elems: param.elems,
                    cloud_custom: param.cloud_custom,
                }))
            }))
        },
    )
}

/// Deletes a message, on this device or on all devices of the user.
///
/// Others keep it. When it was its conversation's last message, the one before takes its place; the
/// conversation listener is told on all devices, and conv_active_time stays. A message that was not read
/// counts as unread until its conversation is read. A message that the server does not have (not
/// accepted, or only kept here) goes from this device. What is gone already is no error: after an error
/// of the network, when it may have been carried out, repeat it.
///
/// @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
/// @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
/// @param json_msgdel_param  JSON object: msg_delete_param_msg (required; a Message, of which
///   message_msg_id, or else message_seq, says which it is) and msg_delete_param_is_ramble: true
///   deletes it from the history at the server and on all devices of the user, which wants a
///   connection, as tim_msg_revoke does; false, or left out, on this device. With message_seq also one
///   that this device does not have. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_INVALID_PARAMETERS: a key is
///   missing or wrong, or the message is being sent.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   object. TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_msg_delete(
    conv_id: *const c_char,
    conv_type: tim_conv_type,
    json_msgdel_param: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call("tim_msg_delete", Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or NUL-terminated texts.
        let (conv, json) =
            unsafe { conv_and_json(conv_id, conv_type, json_msgdel_param, Kind::Object) }?;
        let param = args::typed::<MsgDeleteParam>(&json);
        Ok(
            param.map_or_else(Command::Invalid, |param| Command::Delete {
                conv,
                messages: vec![param.msg],
                is_everywhere: param.is_ramble,
            }),
        )
    })
}

/// Deletes messages of a conversation, on all devices of the user.
///
/// As tim_msg_delete with msg_delete_param_is_ramble, for several: all of them or none.
///
/// @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
/// @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
/// @param json_msg_array  JSON array of Message, 1 to 50, of which message_msg_id, or else
///   message_seq, says which they are. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_INVALID_PARAMETERS: as of
///   tim_msg_delete, none, or too many.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   array. TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_msg_list_delete(
    conv_id: *const c_char,
    conv_type: tim_conv_type,
    json_msg_array: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call("tim_msg_list_delete", Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or NUL-terminated texts.
        let (conv, json) =
            unsafe { conv_and_json(conv_id, conv_type, json_msg_array, Kind::Array) }?;
        let messages = args::typed(&json);
        Ok(
            messages.map_or_else(Command::Invalid, |messages| Command::Delete {
                conv,
                messages,
                is_everywhere: true,
            }),
        )
    })
}

/// Deletes all messages of a conversation, on all devices of the user.
///
/// The conversation stays, empty and read, of which the other one gets a receipt; others keep what they
/// have. What is being sent is not touched; what only another device has (not accepted, or kept there)
/// stays there. Wants a connection, as tim_msg_revoke does, when the server has messages of the
/// conversation.
///
/// @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
/// @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
/// @param cb  Outcome; NULL allowed. json_params is empty. When conv_id can be no user ID:
///   TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_CONV: another
///   conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_msg_clear_history_message(
    conv_id: *const c_char,
    conv_type: tim_conv_type,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_msg_clear_history_message";
    call(name, Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let id = unsafe { args::text(conv_id) }?;
        let kind = kind(conv_type)?;
        Ok(Command::ClearHistory(ConvId { kind, id }))
    })
}

/// Calls off a message that waits to be sent.
///
/// That is one for which there was no connection yet: it stays on this device with message_status
/// TIM_MSG_CANCEL, and its own callback gets TIM_ERR_SDK_SEND_MESSAGE_FAILED_WITH_CANCEL. One that
/// is on its way cannot be called off any more: take it back by tim_msg_revoke. One that went out
/// over a connection that was lost before the answer may have arrived all the same; then it becomes
/// an ordinary message of the conversation when this device learns of it.
///
/// @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
/// @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
/// @param message_id  The message_msg_id. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_SDK_INVALID_CANCEL_MESSAGE: no
///   such message waits in this conversation.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_CONV: another
///   conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_msg_cancel_send(
    conv_id: *const c_char,
    conv_type: tim_conv_type,
    message_id: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call("tim_msg_cancel_send", Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or NUL-terminated texts.
        let (id, message) = unsafe { (args::text(conv_id)?, args::text(message_id)?) };
        let kind = kind(conv_type)?;
        Ok(Command::CancelSend(ConvId { kind, id }, message))
    })
}

/// Sets the callback for messages that were taken back.
///
/// It is told by other users and by the user's other devices, also of what happened while this
/// device was away; who calls tim_msg_revoke has its outcome. A message that was taken back before
/// this device had it is not told, here or as a new one: history has it.
///
/// @param cb  Replaces the one before; NULL removes it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the old callback is
///   waited for, unless this is called from inside it.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_msg_revoke_callback(
    cb: tim_msg_revoke_callback,
    user_data: *const c_void,
) {
    listen_json("tim_set_msg_revoke_callback", cb, user_data, |all| {
        &all.revoked
    });
}

/// Sets the callback for messages that were changed.
///
/// It is told by other users and by the user's other devices, also of what happened while this
/// device was away; who calls tim_msg_modify_message has its outcome.
///
/// @param cb  Replaces the one before; NULL removes it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the old callback is
///   waited for, unless this is called from inside it.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_msg_update_callback(
    cb: tim_msg_update_callback,
    user_data: *const c_void,
) {
    listen_json("tim_set_msg_update_callback", cb, user_data, |all| {
        &all.modified
    });
}
