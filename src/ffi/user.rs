//! Users: status, profiles, and who is told of changes.

use std::ffi::{c_char, c_int, c_void};

use tim_core::Command;

use super::args::{self, Kind};
use super::call::{Needs, call, listen_json};
use super::types::{
    tim_comm_callback, tim_self_info_updated_callback, tim_user_info_changed_callback,
    tim_user_status_changed_callback,
};

/// What `tim_set_self_status` takes.
#[derive(serde::Deserialize)]
struct OwnStatus {
    user_status_custom_status: String,
}

/// What `tim_profile_get_user_profile_list` takes.
#[derive(serde::Deserialize)]
struct ProfileQuery {
    friendship_getprofilelist_param_identifier_array: Vec<String>,
    #[serde(default)]
    friendship_getprofilelist_param_force_update: bool,
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
    listen_json(
        "tim_set_user_status_changed_callback",
        cb,
        user_data,
        |all| &all.user_status,
    );
}

/// Tells the profiles of users.
///
/// A profile that was fetched in the last 10 minutes is answered from this device, the others by
/// the server; when it does not answer in time, older ones that are remembered are told. One's own
/// ID gives one's own profile.
///
/// Keys of the query: friendship_getprofilelist_param_identifier_array (required), an array of 1
/// to 500 user IDs; friendship_getprofilelist_param_force_update, true to ask the server for all of
/// them (default false).
///
/// Keys of a UserProfile: user_profile_identifier, user_profile_nick_name, user_profile_gender (a
/// tim_gender_type), user_profile_face_url, user_profile_self_signature,
/// user_profile_add_permission (a tim_profile_add_permission), user_profile_location,
/// user_profile_language, user_profile_birthday, user_profile_level, user_profile_role (numbers of
/// the app's own), and user_profile_custom_string_array, an array of objects with
/// user_profile_custom_string_info_key and user_profile_custom_string_info_value.
///
/// @param json_get_user_profile_list_param  JSON object. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is an array of UserProfile in the order of the
///   query, without users who never registered. When one of the IDs can be no user ID:
///   TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: NULL or empty. TIM_ERR_JSON: not a JSON object.
///   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_profile_get_user_profile_list(
    json_get_user_profile_list_param: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call(
        "tim_profile_get_user_profile_list",
        Needs::Login,
        cb,
        user_data,
        |_| {
            // SAFETY: the header wants NULL or a NUL-terminated text.
            let json = unsafe { args::json(json_get_user_profile_list_param, Kind::Object) }?;
            let query = args::typed(&json).map(|query: ProfileQuery| Command::GetProfiles {
                users: query.friendship_getprofilelist_param_identifier_array,
                force: query.friendship_getprofilelist_param_force_update,
            });
            Ok(query.unwrap_or_else(Command::Invalid))
        },
    )
}

/// Changes one's own profile.
///
/// What is not named stays as it is. One's own devices are told by the own profile callback, this
/// one among them, and users who subscribed to the profile by the user info callback.
///
/// Keys, each of them optional: user_profile_item_nick_name, user_profile_item_face_url,
/// user_profile_item_self_signature (at most 500 bytes each), user_profile_item_location (at most
/// 16 bytes), user_profile_item_gender (a tim_gender_type), user_profile_item_add_permission (a
/// tim_profile_add_permission), user_profile_item_language, user_profile_item_birthday,
/// user_profile_item_level, user_profile_item_role (numbers of the app's own), and
/// user_profile_item_custom_string_array, an array of the custom fields to write: objects with
/// user_profile_custom_string_info_key, 1 to 8 letters, before which Tag_Profile_Custom_ is put
/// where it is missing, and user_profile_custom_string_info_value, at most 500 bytes; an empty one
/// takes the field away. A profile has at most 20 custom fields.
///
/// @param json_modify_self_user_profile_param  JSON object. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is empty. Codes among others:
///   TIM_ERR_SVR_PROFILE_SIZE_LIMIT, a text is too long; TIM_ERR_SVR_PROFILE_VALUE_ERROR, a value
///   that the field does not take, or too many custom fields;
///   TIM_ERR_SDK_FRIENDSHIP_INVALID_PROFILE_KEY, the name of a custom field.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: NULL or empty. TIM_ERR_JSON: not a JSON object.
///   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_profile_modify_self_user_profile(
    json_modify_self_user_profile_param: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call(
        "tim_profile_modify_self_user_profile",
        Needs::Login,
        cb,
        user_data,
        |_| {
            // SAFETY: the header wants NULL or a NUL-terminated text.
            let json = unsafe { args::json(json_modify_self_user_profile_param, Kind::Object) }?;
            Ok(args::typed(&json).map_or_else(Command::Invalid, Command::SetProfile))
        },
    )
}

/// Subscribes to changes of the profiles of users.
///
/// They come by the user info callback while this user is online. A user can subscribe to 200
/// others; beyond that the oldest subscription goes. Subscriptions outlive the login.
///
/// @param json_user_id_list  JSON array of 1 to 200 user IDs, not one's own. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is empty. When one of them can be no user
///   ID: TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: NULL or empty. TIM_ERR_JSON: not a JSON array.
///   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_subscribe_user_info(
    json_user_id_list: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call(
        "tim_subscribe_user_info",
        Needs::Login,
        cb,
        user_data,
        |_| {
            // SAFETY: the header wants NULL or a NUL-terminated text.
            let json = unsafe { args::json(json_user_id_list, Kind::Array) }?;
            Ok(args::typed(&json).map_or_else(Command::Invalid, Command::SubscribeUserInfo))
        },
    )
}

/// Ends subscriptions to the profiles of users.
///
/// @param json_user_id_list  JSON array of at most 200 user IDs; NULL, "" or [] ends all.
/// @param cb  Outcome; NULL allowed. json_params is empty. When one of them can be no user
///   ID: TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_JSON: not a JSON array. TIM_ERR_NOTLOGIN: not logged in, and cb is
///   NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_unsubscribe_user_info(
    json_user_id_list: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call(
        "tim_unsubscribe_user_info",
        Needs::Login,
        cb,
        user_data,
        |_| {
            // SAFETY: the header wants NULL or a NUL-terminated text.
            let json = unsafe { args::optional_json(json_user_id_list, Kind::Array) }?;
            let users = json.map_or(Ok(Vec::new()), |json| args::typed(&json));
            Ok(users.map_or_else(Command::Invalid, Command::UnsubscribeUserInfo))
        },
    )
}

/// Sets who is told that one's own profile changed.
///
/// Comes on each of one's own devices, also on the one that changed it; on a device that was away,
/// when it has caught up.
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
    listen_json("tim_set_self_info_updated_callback", cb, user_data, |all| {
        &all.self_info
    });
}

/// Sets who is told that profiles of users that were subscribed to changed.
///
/// Comes for users that were subscribed to with tim_subscribe_user_info. What changed while this
/// device was away is not told: ask for the profile.
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
    listen_json("tim_set_user_info_changed_callback", cb, user_data, |all| {
        &all.user_info
    });
}
