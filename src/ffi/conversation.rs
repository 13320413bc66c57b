//! Conversations: the list, single ones, unread messages, and who is told of changes.

use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;

use protocol::conversation::{ConvId, GetConvParam};
use tim_core::{Command, Event};

use super::args::{self, Kind};
use super::call::{Needs, UserData, call, guard_listen};
use super::enums::tim_conv_event;
use super::instance;
use super::types::{
    tim_comm_callback, tim_conv_event_callback,
    tim_conv_total_unread_message_count_changed_callback,
};
use crate::sdk::Listener;

/// Gives all conversations, the one that moved last first.
///
/// Answered from this device as soon as tim_login was called; what the server knows beyond that
/// comes by conversation events.
///
/// @param cb  Outcome; NULL allowed. json_params is an array of ConvInfo: objects with conv_id,
///   conv_type, conv_show_name, conv_unread_num, conv_active_time (milliseconds),
///   conv_is_has_lastmsg, conv_last_msg (a Message) and others.
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

/// Counts the unread messages of all conversations together.
///
/// The callback for changes of this number is silent until this was called once.
///
/// @param cb  Outcome; NULL allowed. json_params is an object with
///   conv_get_total_unread_message_count_result_unread_count.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_NOTLOGIN: tim_login was not called, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_conv_get_total_unread_message_count(
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_conv_get_total_unread_message_count";
    call(name, Needs::LoginStarted, cb, user_data, |_| {
        Ok(Command::GetTotalUnread)
    })
}

/// Sets who is told that the number of unread messages in all conversations together changed.
///
/// @param cb  Replaces the one before; NULL removes it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the old callback is
///   waited for, unless this is called from inside it.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_conv_total_unread_message_count_changed_callback(
    cb: tim_conv_total_unread_message_count_changed_callback,
    user_data: *const c_void,
) {
    let user_data = UserData(user_data);
    guard_listen(
        "tim_set_conv_total_unread_message_count_changed_callback",
        || {
            let listener = cb.map(|cb| -> Arc<Listener> {
                Arc::new(move |told| {
                    let Event::TotalUnread(count) = told.event() else {
                        return;
                    };
                    let count = c_int::try_from(*count).unwrap_or(c_int::MAX);
                    // SAFETY: the app's function of this type.
                    unsafe { cb(count, user_data.get()) };
                })
            });
            instance::listeners().total_unread.set(listener);
        },
    );
}
