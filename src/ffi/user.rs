//! Users: status, and who is told of changes.

use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;

use tim_core::Command;

use super::args::{self, Kind};
use super::call::{Needs, UserData, call, guard_listen};
use super::instance;
use super::types::{
    tim_comm_callback, tim_self_info_updated_callback, tim_user_info_changed_callback,
    tim_user_status_changed_callback,
};
use crate::sdk::Listener;

/// What `tim_set_self_status` takes.
#[derive(serde::Deserialize)]
struct OwnStatus {
    user_status_custom_status: String,
}

/// Tells the status of users.
///
/// Asks the server. One's own ID gives one's own status.
///
/// @param json_identifier_array  JSON array of 1 to 500 user IDs. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is an array in the order of the request, of
///   objects with user_status_identifier, user_status_status_type (a tim_user_status_type),
///   user_status_custom_status and user_status_online_devices (names of platforms). When one of
///   them can be no user ID: TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: NULL or empty. TIM_ERR_JSON: not a JSON array.
///   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_get_user_status(
    json_identifier_array: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call("tim_get_user_status", Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let json = unsafe { args::json(json_identifier_array, Kind::Array) }?;
        Ok(args::typed(&json).map_or_else(Command::Invalid, Command::GetUserStatus))
    })
}

/// Sets one's own custom status.
///
/// Users who subscribed to it are told, and so are one's own other devices. It lasts until the
/// user goes offline.
///
/// @param json_current_user_status  JSON object with user_status_custom_status: at most 100 bytes,
///   empty to clear it. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is empty.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: NULL or empty. TIM_ERR_JSON: not a JSON object.
///   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_set_self_status(
    json_current_user_status: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call("tim_set_self_status", Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let json = unsafe { args::json(json_current_user_status, Kind::Object) }?;
        let status = args::typed::<OwnStatus>(&json).map(|own| own.user_status_custom_status);
        Ok(status.map_or_else(Command::Invalid, Command::SetSelfStatus))
    })
}

/// Subscribes to the status of users.
///
/// Their changes come by the user status callback. A user can subscribe to 200 others; beyond
/// that the oldest subscription goes.
///
/// @param json_identifier_array  JSON array of 1 to 100 user IDs, not one's own. Not NULL, not
///   empty.
/// @param cb  Outcome; NULL allowed. json_params is empty. When one of them can be no user
///   ID: TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: NULL or empty. TIM_ERR_JSON: not a JSON array.
///   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_subscribe_user_status(
    json_identifier_array: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call(
        "tim_subscribe_user_status",
        Needs::Login,
        cb,
        user_data,
        |_| {
            // SAFETY: the header wants NULL or a NUL-terminated text.
            let json = unsafe { args::json(json_identifier_array, Kind::Array) }?;
            Ok(args::typed(&json).map_or_else(Command::Invalid, Command::SubscribeUserStatus))
        },
    )
}

/// Ends subscriptions to the status of users.
///
/// @param json_identifier_array  JSON array of user IDs; NULL, "" or [] ends all.
/// @param cb  Outcome; NULL allowed. json_params is empty. When one of them can be no user
///   ID: TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_JSON: not a JSON array. TIM_ERR_NOTLOGIN: not logged in, and cb is
///   NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_unsubscribe_user_status(
    json_identifier_array: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call(
        "tim_unsubscribe_user_status",
        Needs::Login,
        cb,
        user_data,
        |_| {
            // SAFETY: the header wants NULL or a NUL-terminated text.
            let json = unsafe { args::optional_json(json_identifier_array, Kind::Array) }?;
            let users = json.map_or(Ok(Vec::new()), |json| args::typed(&json));
            Ok(users.map_or_else(Command::Invalid, Command::UnsubscribeUserStatus))
        },
    )
}

/// Sets who is told of the status of users.
///
/// Comes for users that were subscribed to, and for one's own custom status when another device
/// changed it.
///
/// @param cb  Replaces the one before; NULL removes it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the old callback is
///   waited for, unless this is called from inside it.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_user_status_changed_callback(
    cb: tim_user_status_changed_callback,
    user_data: *const c_void,
) {
    let user_data = UserData(user_data);
    guard_listen("tim_set_user_status_changed_callback", || {
        let listener = cb.map(|cb| -> Arc<Listener> {
            // SAFETY: the app's function of this type; the text outlives the call.
            Arc::new(move |told| unsafe { cb(told.json().as_ptr(), user_data.get()) })
        });
        instance::listeners().user_status.set(listener);
    });
}

/// Sets who is told that one's own profile changed.
///
/// Nothing is told before profiles are there, which a later version brings.
///
/// @param cb  Replaces the one before; NULL removes it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the old callback is
///   waited for, unless this is called from inside it.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_self_info_updated_callback(
    cb: tim_self_info_updated_callback,
    user_data: *const c_void,
) {
    let user_data = UserData(user_data);
    guard_listen("tim_set_self_info_updated_callback", || {
        let listener = cb.map(|cb| -> Arc<Listener> {
            // SAFETY: the app's function of this type; the text outlives the call.
            Arc::new(move |told| unsafe { cb(told.json().as_ptr(), user_data.get()) })
        });
        instance::listeners().self_info.set(listener);
    });
}

/// Sets who is told that profiles of users that were subscribed to changed.
///
/// Nothing is told before profiles are there, which a later version brings.
///
/// @param cb  Replaces the one before; NULL removes it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the old callback is
///   waited for, unless this is called from inside it.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_user_info_changed_callback(
    cb: tim_user_info_changed_callback,
    user_data: *const c_void,
) {
    let user_data = UserData(user_data);
    guard_listen("tim_set_user_info_changed_callback", || {
        let listener = cb.map(|cb| -> Arc<Listener> {
            // SAFETY: the app's function of this type; the text outlives the call.
            Arc::new(move |told| unsafe { cb(told.json().as_ptr(), user_data.get()) })
        });
        instance::listeners().user_info.set(listener);
    });
}
