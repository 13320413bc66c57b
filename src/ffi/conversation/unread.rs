//! Unread messages: totals, counts by filter, and marking as read.

use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;

use protocol::conversation::list::ConvFilter;
use tim_core::{Command, Event};

use super::super::args::{self, Kind};
use super::super::call::{Needs, UserData, call, guard_listen};
use super::super::enums::TIM_ERR_PARAM;
use super::super::instance;
use super::super::types::{
    tim_comm_callback, tim_conv_total_unread_message_count_changed_by_filter_callback,
    tim_conv_total_unread_message_count_changed_callback,
};
use super::heard;
use crate::sdk::Listener;

/// Counts the unread messages of all conversations together.
///
/// Conversations with a receive option other than TIM_RECV_MSG_OPT_RECEIVE are left out. The callback
/// for changes of this number is silent until this was called once in the session; after another login
/// it has to be called anew.
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
/// Silent until tim_conv_get_total_unread_message_count was called, which tells the number at that
/// moment; from then on told of each change, once for all that comes together, until the session ends.
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

/// Counts the unread messages of the conversations that pass a filter.
///
/// Conversations with a receive option other than TIM_RECV_MSG_OPT_RECEIVE are left out.
///
/// @param filter  JSON object with the keys that tim_conv_get_conversation_list_by_filter takes.
///   Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is an object with
///   conv_get_total_unread_message_count_result_unread_count. TIM_ERR_INVALID_PARAMETERS: a key is of
///   the wrong type.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON object.
///   TIM_ERR_NOTLOGIN: tim_login was not called, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_conv_get_unread_message_count_by_filter(
    filter: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_conv_get_unread_message_count_by_filter";
    call(name, Needs::LoginStarted, cb, user_data, |_| {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let json = unsafe { args::json(filter, Kind::Object) }?;
        let filter = args::typed(&json);
        Ok(filter.map_or_else(Command::Invalid, Command::GetUnreadByFilter))
    })
}

/// Begins to tell when the number of unread messages that pass a filter changes.
///
/// The callback for it is tim_set_conv_unread_message_count_changed_by_filter_callback. It is not told
/// of the number as it is now: tim_conv_get_unread_message_count_by_filter gives that. Filters are told
/// apart by conversation type, group and marks, other keys do not count here; of two that are the same
/// in these, however they are written, the later one takes the place of the earlier. At most 100 are
/// watched: a further one takes the place of the one subscribed to first. They end with the session.
///
/// @param filter  JSON object with the keys that tim_conv_get_conversation_list_by_filter takes.
///   Not NULL, not empty.
/// @return 0 accepted. TIM_ERR_PARAM: NULL, empty, not UTF-8, or a key of the wrong type.
///   TIM_ERR_JSON: not a JSON object. TIM_ERR_NOTLOGIN: not logged in. TIM_ERR_SUSPENDED: after
///   tim_suspend. TIM_ERR_SDKUNINIT: not initialized.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_conv_subscribe_unread_message_count_by_filter(
    filter: *const c_char,
) -> c_int {
    let name = "tim_conv_subscribe_unread_message_count_by_filter";
    call(name, Needs::Login, None, std::ptr::null(), |client| {
        heard(client)?;
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let filter = unsafe { read_filter(filter) }?;
        Ok(Command::WatchUnread(filter))
    })
}

/// Ends what tim_conv_subscribe_unread_message_count_by_filter began.
///
/// @param filter  JSON object: a filter of the same conversation type, group and marks; another one
///   changes nothing. Not NULL, not empty.
/// @return 0 accepted. TIM_ERR_PARAM: NULL, empty, not UTF-8, or a key of the wrong type.
///   TIM_ERR_JSON: not a JSON object. TIM_ERR_NOTLOGIN: not logged in. TIM_ERR_SUSPENDED: after
///   tim_suspend. TIM_ERR_SDKUNINIT: not initialized.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_conv_unsubscribe_unread_message_count_by_filter(
    filter: *const c_char,
) -> c_int {
    let name = "tim_conv_unsubscribe_unread_message_count_by_filter";
    call(name, Needs::Login, None, std::ptr::null(), |client| {
        heard(client)?;
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let filter = unsafe { read_filter(filter) }?;
        Ok(Command::UnwatchUnread(filter))
    })
}

/// # Safety
/// `filter` is NULL or points to a NUL-terminated text.
unsafe fn read_filter(filter: *const c_char) -> Result<ConvFilter, c_int> {
    // SAFETY: as promised by the caller.
    let json = unsafe { args::json(filter, Kind::Object) }?;
    args::typed(&json).map_err(|_| TIM_ERR_PARAM)
}

/// Sets who is told that the number of unread messages that pass a filter changed.
///
/// Told at most once for all that comes together, for each filter that
/// tim_conv_subscribe_unread_message_count_by_filter named, with the JSON of that filter as libtim
/// writes it: the same keys and values, maybe in another order.
///
/// @param cb  Replaces the one before; NULL removes it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the old callback is
///   waited for, unless this is called from inside it.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_conv_unread_message_count_changed_by_filter_callback(
    cb: tim_conv_total_unread_message_count_changed_by_filter_callback,
    user_data: *const c_void,
) {
    let user_data = UserData(user_data);
    let name = "tim_set_conv_unread_message_count_changed_by_filter_callback";
    guard_listen(name, || {
        let listener = cb.map(|cb| -> Arc<Listener> {
            Arc::new(move |told| {
                let Event::UnreadByFilter(_, count) = told.event() else {
                    return;
                };
                let count = c_int::try_from(*count).unwrap_or(c_int::MAX);
                // SAFETY: the app's function of this type; the text outlives the call.
                unsafe { cb(told.json().as_ptr(), count, user_data.get()) };
            })
        });
        instance::listeners().unread_by_filter.set(listener);
    });
}

/// Marks messages as read: of one conversation, of all of a type, or of all.
///
/// Here at once, at the server as soon as there is a link. The conversation callback is told, and
/// who wrote the messages gets a receipt.
///
/// @param conversation_id  "c2c_" with the user ID behind it, or "group_" with the group ID; "c2c" for
///   all one-to-one conversations, "group" for all groups, NULL or empty for all.
/// @param clean_timestamp  One-to-one: what was sent up to this second; 0 for everything.
/// @param clean_sequence  Group: up to the message of this sequence; 0 for everything.
/// @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_INVALID_PARAMETERS: no
///   conversation is named like this. TIM_ERR_SDK_COMM_INVALID_IDENTIFIER: this can be no user ID.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: not UTF-8. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_conv_clean_conversation_unread_message_count(
    conversation_id: *const c_char,
    clean_timestamp: u64,
    clean_sequence: u64,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_conv_clean_conversation_unread_message_count";
    call(name, Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let whose = unsafe { args::optional_text(conversation_id) }?;
        Ok(Command::CleanUnread {
            whose: whose.unwrap_or_default(),
            time: clean_timestamp,
            seq: clean_sequence,
        })
    })
}
