//! Groups.

use std::ffi::{c_char, c_int, c_void};

use tim_core::Command;

use super::args::{self, Kind};
use super::call::{Needs, call};
use super::types::tim_comm_callback;

/// Creates a group, whose owner the user becomes.
///
/// Its members, the user among them, are told by the conversation callback, and by a first message with a
/// TIM_ELEM_GROUP_TIPS element of who came, but in a Meeting. This server has the types Public, Work and
/// Meeting. Wants a connection. When the connection is lost before the answer, nobody knows whether the
/// group was made: tim_group_get_joined_group_list tells.
///
/// @param json_group_create_param  JSON object: create_group_param_group_name (required, 1 to 30 bytes);
///   create_group_param_group_id (1 to 48 bytes of printable ASCII that do not begin with "@TGS#"; left
///   out or empty, the server gives one), create_group_param_group_type (TIM_GROUP_PUBLIC when left out),
///   create_group_param_group_member_array (at most 20 objects with group_member_info_identifier; their
///   roles are not looked at), create_group_param_introduction (240 bytes),
///   create_group_param_notification (300 bytes), create_group_param_face_url (100 bytes),
///   create_group_param_add_option: who decides about joining (left out: TIM_GROUP_ADD_OPT_AUTH in
///   Public, TIM_GROUP_ADD_OPT_ANY in Meeting; nobody joins a Work group; approvals are not here yet, so
///   nobody joins with TIM_GROUP_ADD_OPT_AUTH either), create_group_param_approve_option: who brings
///   others in (left out: TIM_GROUP_ADD_OPT_ANY in Work, TIM_GROUP_ADD_OPT_FORBID elsewhere),
///   create_group_param_max_member_num (at most the server's limit, 2,000 unless it was changed). Not
///   NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is a CreateGroupResult. Members who are not registered
///   are left out. TIM_ERR_INVALID_PARAMETERS: a key is missing or wrong.
///   TIM_ERR_SDK_GROUP_INVALID_ID, _NAME, _INTRODUCTION, _NOTIFICATION, _FACE_URL: too long, or not of
///   that form. TIM_ERR_SVR_GROUP_INVALID_PARAMETERS: another type or option.
///   TIM_ERR_SVR_GROUP_GROUPID_IN_USED, TIM_ERR_SVR_GROUP_GROUPID_IN_USED_FOR_SUPER: there is a group of
///   that ID, or was, of somebody else, or there is one of the user. TIM_ERR_SVR_GROUP_COUNT_LIMIT: the user is in too many
///   groups. TIM_ERR_SVR_GROUP_MEMBER_COUNT_LIMIT: more members than allowed.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON object.
///   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_group_create(
    json_group_create_param: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call("tim_group_create", Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let json = unsafe { args::json(json_group_create_param, Kind::Object) }?;
        let param = args::typed(&json).map(Box::new);
        Ok(param.map_or_else(Command::Invalid, Command::CreateGroup))
    })
}

/// Dissolves a group.
///
/// Its owner may, but nobody may dissolve a Work group. It leaves the conversation lists of all members,
/// whom the conversation callback tells with TIM_CONV_EVENT_DEL. Wants a connection.
///
/// @param group_id  Group ID. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_SVR_GROUP_PERMISSION_DENY: the user
///   is not the owner, or it is a Work group. TIM_ERR_SVR_GROUP_NOT_FOUND: there is no such group.
///   TIM_ERR_SDK_GROUP_INVALID_ID: this can be no group ID.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_NOTLOGIN: not logged in, and cb
///   is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_group_delete(
    group_id: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call("tim_group_delete", Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let group_id = unsafe { args::text(group_id) }?;
        Ok(Command::DeleteGroup(group_id))
    })
}

/// Comes into a group.
///
/// Its conversation enters the list; what was written before is not there. The other members get a
/// message with a TIM_ELEM_GROUP_TIPS element, but in a Meeting. Wants a connection.
///
/// @param group_id  Group ID. Not NULL, not empty.
/// @param hello_msg  Text for who decides about it; NULL or empty allowed. Groups that want a decision
///   take nobody yet, so nobody reads it.
/// @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_SVR_GROUP_PERMISSION_DENY: nobody
///   walks into this group: it is a Work group, or its add option is not TIM_GROUP_ADD_OPT_ANY.
///   TIM_ERR_SVR_GROUP_ALLREADY_MEMBER, TIM_ERR_SVR_GROUP_FULL_MEMBER_COUNT,
///   TIM_ERR_SVR_GROUP_NOT_FOUND: as their names say. TIM_ERR_SVR_GROUP_COUNT_LIMIT: the user is in too
///   many groups. TIM_ERR_SDK_GROUP_INVALID_ID: this can be no group ID.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: group_id is NULL or empty, or a text is not UTF-8.
///   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_group_join(
    group_id: *const c_char,
    hello_msg: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call("tim_group_join", Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let group_id = unsafe { args::text(group_id) }?;
        // SAFETY: as above.
        unsafe { args::optional_text(hello_msg) }?;
        Ok(Command::JoinGroup(group_id))
    })
}

/// Leaves a group.
///
/// Its conversation leaves the list, on all devices of the user. The owner stays, but in a Work group,
/// which has no owner afterwards; with its last member a group ends. Wants a connection.
///
/// @param group_id  Group ID. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_SVR_GROUP_SUPER_NOT_ALLOW_QUIT: the
///   owner cannot leave this group. TIM_ERR_SVR_GROUP_PERMISSION_DENY: the user is not in it.
///   TIM_ERR_SVR_GROUP_NOT_FOUND: there is no such group. TIM_ERR_SDK_GROUP_INVALID_ID: this can be no
///   group ID.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_NOTLOGIN: not logged in, and cb
///   is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_group_quit(
    group_id: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call("tim_group_quit", Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let group_id = unsafe { args::text(group_id) }?;
        Ok(Command::QuitGroup(group_id))
    })
}

/// The groups that the user is in, from the server.
///
/// Wants a connection. The rate is not limited, but the conversation callback tells what changes.
///
/// @param cb  Outcome; NULL allowed. json_params is an array of GroupBaseInfo, in any order;
///   group_base_info_latest_seq, group_base_info_readed_seq and the unread count are those of this device.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_group_get_joined_group_list(
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_group_get_joined_group_list";
    call(name, Needs::Login, cb, user_data, |_| {
        Ok(Command::GetJoinedGroups)
    })
}

/// Members of a group, a page of at most 100.
///
/// Members may ask. Wants a connection.
///
/// @param json_group_getmeminfos_param  JSON object: group_get_members_info_list_param_group_id
///   (required), group_get_members_info_list_param_identifier_array (only these, at most 100),
///   group_get_members_info_list_param_option (group_member_get_info_option_role_flag: bits of
///   TIM_GROUP_MEMBER_ROLE_FLAG, 0 for all), group_get_members_info_list_param_next_seq (0, or left out,
///   for the first page; else as the page before gave it, a number of up to 64 bits). Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is a GroupGetMemberInfoListResult, whose
///   group_get_member_info_list_result_next_seq is 0 on the last page. Nickname and picture are filled in
///   as far as this device has seen the profile. TIM_ERR_SVR_GROUP_PERMISSION_DENY: there is no such
///   group, or the user is not in it. TIM_ERR_INVALID_PARAMETERS: a key is missing or wrong.
///   TIM_ERR_SDK_GROUP_INVALID_ID: this can be no group ID.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON object.
///   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_group_get_member_info_list(
    json_group_getmeminfos_param: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let name = "tim_group_get_member_info_list";
    call(name, Needs::Login, cb, user_data, |_| {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let json = unsafe { args::json(json_group_getmeminfos_param, Kind::Object) }?;
        let param = args::typed(&json).map(Box::new);
        Ok(param.map_or_else(Command::Invalid, Command::GetGroupMembers))
    })
}

/// Brings users into a group.
///
/// They are members at once. Who may do so is the group's approve option: in a Work group all members,
/// unless its creator said otherwise. Wants a connection.
///
/// @param json_group_invite_param  JSON object: group_invite_member_param_group_id (required) and
///   group_invite_member_param_identifier_array (required, 1 to 20 user IDs). Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is an array of GroupInviteMemberResult in the order of
///   the users: TIM_GROUP_MEMBER_HANDLED_SUC, TIM_GROUP_MEMBER_INCLUDED for who was in it before,
///   TIM_GROUP_MEMBER_HANDLED_ERR for who is not registered or in too many groups.
///   TIM_ERR_SVR_GROUP_PERMISSION_DENY: the user may not, or is not in it.
///   TIM_ERR_SVR_GROUP_FULL_MEMBER_COUNT: not all of them have room; nobody came in.
///   TIM_ERR_SVR_GROUP_NOT_FOUND: there is no such group. TIM_ERR_SDK_GROUP_INVITE_NO_MEMBER: nobody is
///   named. TIM_ERR_INVALID_PARAMETERS: a key is missing or wrong. TIM_ERR_SDK_GROUP_INVALID_ID: this can
///   be no group ID.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON object.
///   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_group_invite_member(
    json_group_invite_param: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call(
        "tim_group_invite_member",
        Needs::Login,
        cb,
        user_data,
        |_| {
            // SAFETY: the header wants NULL or a NUL-terminated text.
            let json = unsafe { args::json(json_group_invite_param, Kind::Object) }?;
            let param = args::typed(&json);
            Ok(param.map_or_else(Command::Invalid, Command::InviteMembers))
        },
    )
}
