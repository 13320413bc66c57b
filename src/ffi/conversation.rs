//! Conversations: the list, single ones, drafts, and who is told of changes.

use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;

use protocol::conversation::list::{ConvFilter, Draft};
use protocol::conversation::{ConvId, GetConvParam, conv_type};
use protocol::message::Content;
use protocol::{codes, limits, user::is_valid_user_id};
use serde_json::Value;
use tim_core::{Command, Event};

use super::args::{self, Kind};
use super::call::{Needs, UserData, call, guard_listen};
use super::enums::{TIM_ERR_CONV, TIM_ERR_PARAM, tim_conv_event, tim_conv_type};
use super::instance;
use super::types::{tim_comm_callback, tim_conv_event_callback};
use crate::sdk::{Client, Listener};

mod groups;
mod settings;
mod unread;

pub use groups::*;
pub use settings::*;
pub use unread::*;

/// Gives all conversations: the pinned ones first, then those that a message or a draft moved last.
///
/// Answered from this device as soon as tim_login was called; what the server knows beyond that
/// comes by conversation events.
///
/// @param cb  Outcome; NULL allowed. json_params is an array of ConvInfo: objects with conv_id,
///   conv_type, conv_show_name, conv_unread_num, conv_active_time (milliseconds),
///   conv_is_has_lastmsg, conv_last_msg (a Message), conv_draft, conv_is_pinned, conv_mark_array,
///   conv_custom_data, conv_conversation_group_array and others.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_NOTLOGIN: tim_login was not called, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_conv_get_conv_list(cb: tim_comm_callback, user_data: *const c_void) -> c_int {
    call(
        "tim_conv_get_conv_list",
        Needs::LoginStarted,
        cb,
        user_data,
        |_| Ok(Command::GetConversations),
    )
}

/// Gives some conversations.
///
/// Those that do not exist are left out. Answered from this device as soon as tim_login was
/// called.
///
/// @param json_get_conv_list_param  JSON array of objects with get_conversation_list_param_conv_id
///   (user ID or group ID) and get_conversation_list_param_conv_type (a tim_conv_type). Not NULL,
///   not empty.
/// @param cb  Outcome; NULL allowed. json_params is an array of ConvInfo. When one of them can be
///   no user ID: TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: NULL or empty. TIM_ERR_JSON: not a JSON array.
///   TIM_ERR_NOTLOGIN: tim_login was not called, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_conv_get_conv_info(
    json_get_conv_list_param: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call(
        "tim_conv_get_conv_info",
        Needs::LoginStarted,
        cb,
        user_data,
        |_| {
            // SAFETY: the header wants NULL or a NUL-terminated text.
            let json = unsafe { args::json(json_get_conv_list_param, Kind::Array) }?;
            let params = args::typed::<Vec<GetConvParam>>(&json);
            Ok(params.map_or_else(Command::Invalid, |params| {
                let convs = params.into_iter().map(|p| ConvId {
                    kind: p.conv_type,
                    id: p.conv_id,
                });
                Command::GetConversationInfo(convs.collect())
            }))
        },
    )
}

/// Sets who is told that conversations appeared, left or changed.
///
/// After a login TIM_CONV_EVENT_START comes, then what changed while the user was away, then
/// TIM_CONV_EVENT_FINISH.
///
/// @param cb  Replaces the one before; NULL removes it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the old callback is
///   waited for, unless this is called from inside it.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_conv_event_callback(
    cb: tim_conv_event_callback,
    user_data: *const c_void,
) {
    let user_data = UserData(user_data);
    guard_listen("tim_set_conv_event_callback", || {
        let listener = cb.map(|cb| -> Arc<Listener> {
            Arc::new(move |told| {
                let Event::Conversations(kind, _) = told.event() else {
                    return;
                };
                let kind = tim_conv_event(*kind);
                // SAFETY: the app's function of this type; the text outlives the call.
                unsafe { cb(kind, told.json().as_ptr(), user_data.get()) };
            })
        });
        instance::listeners().conversations.set(listener);
    });
}

/// Gives one page of the conversations that pass a filter, in the order of tim_conv_get_conv_list.
///
/// Answered from this device as soon as tim_login was called. A conversation that moves between two
/// pages is told by the conversation callback; one that does not is on one page exactly.
///
/// @param filter  JSON object; what is absent does not matter, {} is all. Keys:
///   conversation_list_filter_conv_type (a tim_conv_type),
///   conversation_list_filter_conversation_group (name of a conversation group; empty: in none),
///   conversation_list_filter_mark_type (has these marks; 0: has none),
///   conversation_list_filter_has_unread_count, conversation_list_filter_has_group_at_info (true:
///   has some; false: has none). Not NULL, not empty.
/// @param next_seq  0 for the first page, then what the page before gave, digit by digit: it means
///   nothing but a place, and is mostly beyond 2^53, so that a JSON reader which keeps numbers as
///   double spoils it.
/// @param count  At most so many conversations; 1 or more.
/// @param cb  Outcome; NULL allowed. json_params is an object with
///   conversation_list_result_conv_list (an array of ConvInfo),
///   conversation_list_result_next_seq (64 bits; 0 when there is no further page: it would begin
///   anew) and conversation_list_result_is_finished.
///   TIM_ERR_INVALID_PARAMETERS: a key is of the wrong type, or count is 0.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON object.
///   TIM_ERR_NOTLOGIN: tim_login was not called, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_conv_get_conversation_list_by_filter(
    filter: *const c_char,
    next_seq: u64,
    count: u32,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_conv_get_conversation_list_by_filter";
    call(name, Needs::LoginStarted, cb, user_data, |_| {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let json = unsafe { args::json(filter, Kind::Object) }?;
        let filter = args::typed::<ConvFilter>(&json);
        Ok(
            filter.map_or_else(Command::Invalid, |filter| Command::GetConversationPage {
                filter,
                next_seq,
                count,
            }),
        )
    })
}

/// Gives a conversation, which enters the list on this device when it is not there.
///
/// Deprecated: a conversation is there with its first message.
///
/// @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
/// @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
/// @param cb  Outcome; NULL allowed. json_params is a ConvInfo.
///   TIM_ERR_SDK_COMM_INVALID_IDENTIFIER: this can be no user ID.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_CONV: another conv_type.
///   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_conv_create(
    conv_id: *const c_char,
    conv_type: tim_conv_type,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call("tim_conv_create", Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let conv = unsafe { conv(conv_id, conv_type) }?;
        Ok(Command::CreateConversation(conv))
    })
}

/// Keeps what the user has begun to write in a conversation. It stays on this device.
///
/// The conversation moves up as by a message, and enters the list when it is not there; the
/// conversation callback is told. A draft takes the place of the one before.
///
/// @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
/// @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
/// @param json_draft_param  JSON object: draft_msg (a Message), draft_user_define (text of the app);
///   draft_edit_time is filled in: now, by the server's clock, in seconds. At most 64 KiB. Not NULL,
///   not empty.
/// @return 0 kept. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8, a key of the wrong type, or the
///   draft too long. TIM_ERR_JSON: not a JSON object. TIM_ERR_CONV: another conv_type, or this can be
///   no user ID. TIM_ERR_NOTLOGIN: not logged in. TIM_ERR_SUSPENDED: after tim_suspend.
///   TIM_ERR_SDKUNINIT: not initialized.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_conv_set_draft(
    conv_id: *const c_char,
    conv_type: tim_conv_type,
    json_draft_param: *const c_char,
) -> c_int {
    call(
        "tim_conv_set_draft",
        Needs::Login,
        None,
        std::ptr::null(),
        |client| {
            heard(client)?;
            // SAFETY: the header wants NULL or NUL-terminated texts.
            let (conv, json) = unsafe {
                let conv = valid_conv(conv_id, conv_type)?;
                (conv, args::json(json_draft_param, Kind::Object)?)
            };
            let draft = args::typed::<Draft>(&json).map_err(|_| TIM_ERR_PARAM)?;
            let is_message = |message: &Value| args::typed::<Content>(message).is_ok();
            if !draft.message.as_ref().is_none_or(is_message)
                || json.to_string().len() > limits::DRAFT_BYTES
            {
                return Err(TIM_ERR_PARAM);
            }
            Ok(Command::SetDraft(conv, Some(draft)))
        },
    )
}

/// Drops what the user has begun to write in a conversation.
///
/// A conversation that was in the list for its draft only leaves it.
///
/// @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
/// @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
/// @return 0 dropped, or there was none. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_CONV:
///   another conv_type, or this can be no user ID. TIM_ERR_NOTLOGIN: not logged in.
///   TIM_ERR_SUSPENDED: after tim_suspend. TIM_ERR_SDKUNINIT: not initialized.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_conv_cancel_draft(
    conv_id: *const c_char,
    conv_type: tim_conv_type,
) -> c_int {
    call(
        "tim_conv_cancel_draft",
        Needs::Login,
        None,
        std::ptr::null(),
        |client| {
            heard(client)?;
            // SAFETY: the header wants NULL or a NUL-terminated text.
            let conv = unsafe { valid_conv(conv_id, conv_type) }?;
            Ok(Command::SetDraft(conv, None))
        },
    )
}

/// The conversation that a function is about.
///
/// # Safety
/// `conv_id` is NULL or points to a NUL-terminated text.
unsafe fn conv(conv_id: *const c_char, conv_type: tim_conv_type) -> Result<ConvId, c_int> {
    // SAFETY: as promised by the caller.
    let id = unsafe { args::text(conv_id) }?;
    match conv_type.0 {
        kind @ (conv_type::C2C | conv_type::GROUP) => Ok(ConvId { kind, id }),
        _ => Err(TIM_ERR_CONV),
    }
}

/// The same for a function without a callback, which could not be told later.
///
/// # Safety
/// `conv_id` is NULL or points to a NUL-terminated text.
unsafe fn valid_conv(conv_id: *const c_char, conv_type: tim_conv_type) -> Result<ConvId, c_int> {
    // SAFETY: as promised by the caller.
    let conv = unsafe { conv(conv_id, conv_type) }?;
    match conv.kind == conv_type::C2C && is_valid_user_id(&conv.id) {
        true => Ok(conv),
        false => Err(TIM_ERR_CONV),
    }
}

/// A call without a callback is refused while nobody would carry it out.
fn heard(client: &Client) -> Result<(), c_int> {
    match client.is_suspended() {
        true => Err(codes::SUSPENDED),
        false => Ok(()),
    }
}
