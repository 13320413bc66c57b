//! Groups of conversations, and who is told of them.

use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;

use protocol::conversation::settings::group_action;
use tim_core::{Command, ConvGroupEvent, Event};

use super::super::args::{self, Kind};
use super::super::call::{Needs, UserData, c_text, call, guard_listen};
use super::super::instance;
use super::super::types::{
    tim_comm_callback, tim_conv_conversation_group_created_callback,
    tim_conv_conversation_group_deleted_callback,
    tim_conv_conversation_group_name_changed_callback,
    tim_conv_conversations_added_to_group_callback,
    tim_conv_conversations_deleted_from_group_callback,
};
use crate::sdk::Listener;

/// Creates a group of conversations.
///
/// Only this user sees it, on all devices. There are at most 20; a conversation may be in several.
///
/// @param group_name  Its name, 1 to 32 bytes. Not NULL, not empty.
/// @param conversation_id_array  JSON array of 1 to 100 texts: "c2c_" with the user ID behind it, or
///   "group_" with the group ID. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed.
///   json_params is an array of objects, one for each conversation in their order, with
///   conversation_operation_result_conversation_id, conversation_operation_result_result_code (0 for
///   success) and conversation_operation_result_result_info.
///   TIM_ERR_SVR_CONV_CONV_GROUP_TOTAL_COUNT_EXCEED_LIMIT: there are 20.
///   TIM_ERR_SVR_CONV_INVALID_PARAMETERS: there is one of this name.
///   TIM_ERR_SVR_CONV_CONV_GROUP_NAME_EXCEED_LENGTH: more than 32 bytes.
///   TIM_ERR_SVR_CONV_CONV_MARK_REQ_COUNT_EXCEED_LIMIT: more than 100 conversations.
///   TIM_ERR_INVALID_PARAMETERS: not texts, or none. In a result:
///   TIM_ERR_SVR_CONV_ACCOUNT_NOT_FOUND: there is no such user.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   array. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_conv_create_conversation_group(
    group_name: *const c_char,
    conversation_id_array: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_conv_create_conversation_group";
    call(name, Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or NUL-terminated texts.
        unsafe { with_convs(group_action::CREATE, group_name, conversation_id_array) }
    })
}

/// Gives the names of the groups of conversations, in the order of creation.
///
/// Answered from this device; what the server knows beyond that comes by the callbacks of groups.
///
/// @param cb  Outcome; NULL allowed. json_params is an array of texts.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_conv_get_conversation_group_list(
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_conv_get_conversation_group_list";
    call(name, Needs::Login, cb, user_data, |_| {
        Ok(Command::GetConvGroups)
    })
}

/// Deletes a group of conversations. The conversations stay.
///
/// @param group_name  Its name, 1 to 32 bytes. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is empty.
///   TIM_ERR_SVR_CONV_CONV_GROUP_NOT_EXIST: there is none of this name.
///   TIM_ERR_SVR_CONV_CONV_GROUP_NAME_EXCEED_LENGTH: more than 32 bytes.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_NOTLOGIN: not
///   logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_conv_delete_conversation_group(
    group_name: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_conv_delete_conversation_group";
    call(name, Needs::Login, cb, user_data, |_| {
        Ok(Command::ChangeConvGroup {
            action: group_action::DELETE,
            // SAFETY: the header wants NULL or a NUL-terminated text.
            name: unsafe { args::text(group_name) }?,
            new_name: String::new(),
            convs: None,
        })
    })
}

/// Gives a group of conversations another name.
///
/// @param old_name  Its name. Not NULL, not empty.
/// @param new_name  Its next name, 1 to 32 bytes. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is empty.
///   TIM_ERR_SVR_CONV_CONV_GROUP_NOT_EXIST: there is none of this name.
///   TIM_ERR_SVR_CONV_CONV_GROUP_NAME_EXCEED_LENGTH: more than 32 bytes.
///   TIM_ERR_SVR_CONV_INVALID_PARAMETERS: there is another one of the new name.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_NOTLOGIN: not
///   logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_conv_rename_conversation_group(
    old_name: *const c_char,
    new_name: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_conv_rename_conversation_group";
    call(name, Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or NUL-terminated texts.
        let (name, new_name) = unsafe { (args::text(old_name)?, args::text(new_name)?) };
        Ok(Command::ChangeConvGroup {
            action: group_action::RENAME,
            name,
            new_name,
            convs: None,
        })
    })
}

/// Puts conversations into a group of conversations.
///
/// A group has at most 1000: for a further one the one that was added first leaves.
///
/// @param group_name  Its name, 1 to 32 bytes. Not NULL, not empty.
/// @param conversation_id_array  JSON array of 1 to 100 texts: "c2c_" with the user ID behind it, or
///   "group_" with the group ID. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed.
///   json_params is an array of objects, one for each conversation in their order, with
///   conversation_operation_result_conversation_id, conversation_operation_result_result_code (0 for
///   success) and conversation_operation_result_result_info.
///   TIM_ERR_SVR_CONV_CONV_GROUP_NOT_EXIST: there is none of this name.
///   TIM_ERR_SVR_CONV_CONV_GROUP_NAME_EXCEED_LENGTH: more than 32 bytes.
///   TIM_ERR_SVR_CONV_CONV_MARK_REQ_COUNT_EXCEED_LIMIT: more than 100 conversations.
///   TIM_ERR_INVALID_PARAMETERS: not texts, or none. In a result:
///   TIM_ERR_SVR_CONV_ACCOUNT_NOT_FOUND: there is no such user.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   array. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_conv_add_conversations_to_group(
    group_name: *const c_char,
    conversation_id_array: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_conv_add_conversations_to_group";
    call(name, Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or NUL-terminated texts.
        unsafe { with_convs(group_action::ADD, group_name, conversation_id_array) }
    })
}

/// Takes conversations out of a group of conversations.
///
/// @param group_name  Its name, 1 to 32 bytes. Not NULL, not empty.
/// @param conversation_id_array  JSON array of 1 to 100 texts: "c2c_" with the user ID behind it, or
///   "group_" with the group ID. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed.
///   json_params is an array of objects, one for each conversation in their order, with
///   conversation_operation_result_conversation_id, conversation_operation_result_result_code (0 for
///   success) and conversation_operation_result_result_info.
///   TIM_ERR_SVR_CONV_CONV_GROUP_NOT_EXIST: there is none of this name.
///   TIM_ERR_SVR_CONV_CONV_GROUP_NAME_EXCEED_LENGTH: more than 32 bytes.
///   TIM_ERR_SVR_CONV_CONV_MARK_REQ_COUNT_EXCEED_LIMIT: more than 100 conversations.
///   TIM_ERR_INVALID_PARAMETERS: not texts, or none. In a result:
///   TIM_ERR_SVR_CONV_ACCOUNT_NOT_FOUND: there is no such user.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
///   array. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_conv_delete_conversations_from_group(
    group_name: *const c_char,
    conversation_id_array: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_conv_delete_conversations_from_group";
    call(name, Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or NUL-terminated texts.
        unsafe { with_convs(group_action::REMOVE, group_name, conversation_id_array) }
    })
}

/// # Safety
/// The pointers are NULL or point to NUL-terminated texts.
unsafe fn with_convs(
    action: &'static str,
    group_name: *const c_char,
    conversation_id_array: *const c_char,
) -> Result<Command, c_int> {
    // SAFETY: as promised by the caller.
    let (name, json) = unsafe {
        let name = args::text(group_name)?;
        (name, args::json(conversation_id_array, Kind::Array)?)
    };
    let named = args::typed::<Vec<String>>(&json);
    Ok(
        named.map_or_else(Command::Invalid, |convs| Command::ChangeConvGroup {
            action,
            name,
            new_name: String::new(),
            convs: Some(convs),
        }),
    )
}

/// Sets who is told that there is a new group of conversations.
///
/// @param cb  Replaces the one before; NULL removes it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the old callback is
///   waited for, unless this is called from inside it.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_conv_conversation_group_created_callback(
    cb: tim_conv_conversation_group_created_callback,
    user_data: *const c_void,
) {
    let user_data = UserData(user_data);
    guard_listen("tim_set_conv_conversation_group_created_callback", || {
        let listener = cb.map(|cb| -> Arc<Listener> {
            Arc::new(move |told| {
                let Event::ConvGroup(ConvGroupEvent::Created(name, _)) = told.event() else {
                    return;
                };
                let name = c_text(name.clone());
                // SAFETY: the app's function of this type; the texts outlive the call.
                unsafe { cb(name.as_ptr(), told.json().as_ptr(), user_data.get()) };
            })
        });
        instance::listeners().conv_group_created.set(listener);
    });
}

/// Sets who is told that a group of conversations is gone.
///
/// @param cb  Replaces the one before; NULL removes it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the old callback is
///   waited for, unless this is called from inside it.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_conv_conversation_group_deleted_callback(
    cb: tim_conv_conversation_group_deleted_callback,
    user_data: *const c_void,
) {
    let user_data = UserData(user_data);
    guard_listen("tim_set_conv_conversation_group_deleted_callback", || {
        let listener = cb.map(|cb| -> Arc<Listener> {
            Arc::new(move |told| {
                let Event::ConvGroup(ConvGroupEvent::Deleted(name)) = told.event() else {
                    return;
                };
                let name = c_text(name.clone());
                // SAFETY: the app's function of this type; the texts outlive the call.
                unsafe { cb(name.as_ptr(), user_data.get()) };
            })
        });
        instance::listeners().conv_group_deleted.set(listener);
    });
}

/// Sets who is told that a group of conversations has another name.
///
/// @param cb  Replaces the one before; NULL removes it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the old callback is
///   waited for, unless this is called from inside it.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_conv_conversation_group_name_changed_callback(
    cb: tim_conv_conversation_group_name_changed_callback,
    user_data: *const c_void,
) {
    let user_data = UserData(user_data);
    guard_listen(
        "tim_set_conv_conversation_group_name_changed_callback",
        || {
            let listener = cb.map(|cb| -> Arc<Listener> {
                Arc::new(move |told| {
                    let Event::ConvGroup(ConvGroupEvent::Renamed(old, new)) = told.event() else {
                        return;
                    };
                    let (old, new) = (c_text(old.clone()), c_text(new.clone()));
                    // SAFETY: the app's function of this type; the texts outlive the call.
                    unsafe { cb(old.as_ptr(), new.as_ptr(), user_data.get()) };
                })
            });
            instance::listeners().conv_group_renamed.set(listener);
        },
    );
}

/// Sets who is told that conversations came into a group of conversations.
///
/// @param cb  Replaces the one before; NULL removes it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the old callback is
///   waited for, unless this is called from inside it.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_conv_conversations_added_to_group_callback(
    cb: tim_conv_conversations_added_to_group_callback,
    user_data: *const c_void,
) {
    let user_data = UserData(user_data);
    guard_listen("tim_set_conv_conversations_added_to_group_callback", || {
        let listener = cb.map(|cb| -> Arc<Listener> {
            Arc::new(move |told| {
                let Event::ConvGroup(ConvGroupEvent::Added(name, _)) = told.event() else {
                    return;
                };
                let name = c_text(name.clone());
                // SAFETY: the app's function of this type; the texts outlive the call.
                unsafe { cb(name.as_ptr(), told.json().as_ptr(), user_data.get()) };
            })
        });
        instance::listeners().conv_group_added.set(listener);
    });
}

/// Sets who is told that conversations left a group of conversations.
///
/// @param cb  Replaces the one before; NULL removes it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the old callback is
///   waited for, unless this is called from inside it.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_conv_conversations_deleted_from_group_callback(
    cb: tim_conv_conversations_deleted_from_group_callback,
    user_data: *const c_void,
) {
    let user_data = UserData(user_data);
    guard_listen(
        "tim_set_conv_conversations_deleted_from_group_callback",
        || {
            let listener = cb.map(|cb| -> Arc<Listener> {
                Arc::new(move |told| {
                    let Event::ConvGroup(ConvGroupEvent::Removed(name, _, reason)) = told.event()
                    else {
                        return;
                    };
                    let name = c_text(name.clone());
                    // SAFETY: the app's function of this type; the texts outlive the call.
                    unsafe {
                        cb(
                            name.as_ptr(),
                            told.json().as_ptr(),
                            *reason,
                            user_data.get(),
                        )
                    };
                })
            });
            instance::listeners().conv_group_removed.set(listener);
        },
    );
}
