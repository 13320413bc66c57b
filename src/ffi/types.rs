//! The callbacks that an app hands in.

use std::ffi::{c_char, c_int, c_void};

use super::enums::{tim_conv_event, tim_log_level, tim_network_status};

/// Outcome of one call. Comes exactly once after the call returned 0, never after another value.
///
/// code: 0 for success, else a TIM_ERR_ constant. desc: what went wrong, for the developer; empty
/// on success. json_params: the result as named at the function, empty when there is none or the
/// call failed. user_data: what the call was given. The texts are valid until the callback returns.
pub type tim_comm_callback = Option<
    unsafe extern "C" fn(
        code: i32,
        desc: *const c_char,
        json_params: *const c_char,
        user_data: *const c_void,
    ),
>;

/// The link to the server changed. code and desc tell why it was lost or could not be made; they
/// are 0 and empty otherwise.
pub type tim_network_status_listener_callback = Option<
    unsafe extern "C" fn(
        status: tim_network_status,
        code: i32,
        desc: *const c_char,
        user_data: *const c_void,
    ),
>;

/// Another login of the same user ended this one.
pub type tim_kicked_offline_callback = Option<unsafe extern "C" fn(user_data: *const c_void)>;

/// The login ticket ran out while online.
pub type tim_user_sig_expired_callback = Option<unsafe extern "C" fn(user_data: *const c_void)>;

/// One's own profile changed; json_user_profile is a UserProfile.
pub type tim_self_info_updated_callback =
    Option<unsafe extern "C" fn(json_user_profile: *const c_char, user_data: *const c_void)>;

/// Users came, went, or changed their custom status; json_user_status_array is an array of
/// objects with user_status_identifier, user_status_status_type (a tim_user_status_type),
/// user_status_custom_status and user_status_online_devices.
pub type tim_user_status_changed_callback =
    Option<unsafe extern "C" fn(json_user_status_array: *const c_char, user_data: *const c_void)>;

/// Profiles of users that were subscribed to changed; json_user_info_array is an array of
/// UserProfile.
pub type tim_user_info_changed_callback =
    Option<unsafe extern "C" fn(json_user_info_array: *const c_char, user_data: *const c_void)>;

/// The library wrote a line into its log; it has no line break.
pub type tim_log_callback = Option<
    unsafe extern "C" fn(level: tim_log_level, log: *const c_char, user_data: *const c_void),
>;

/// Messages came that are new to this device; json_msg_array is an array of Message, oldest first.
pub type tim_recv_new_msg_callback =
    Option<unsafe extern "C" fn(json_msg_array: *const c_char, user_data: *const c_void)>;

/// Messages were taken back; json_msg_revoke_info_array is an array of objects with
/// message_locator_conv_id, message_locator_conv_type, message_locator_seq, message_locator_time,
/// message_locator_rand, message_locator_unique_id, message_locator_is_self,
/// message_locator_is_revoked, message_revoker_user_id and message_revoke_reason: tim_msg_find_by_msg_locator_list takes it.
pub type tim_msg_revoke_callback = Option<
    unsafe extern "C" fn(json_msg_revoke_info_array: *const c_char, user_data: *const c_void),
>;

/// Messages were changed; json_msg_array is an array of Message, as they stand.
pub type tim_msg_update_callback =
    Option<unsafe extern "C" fn(json_msg_array: *const c_char, user_data: *const c_void)>;

/// The receive option for all messages changed; json_receive_message_option_info is a
/// TIMReceiveMessageOptInfo, as tim_msg_get_all_receive_message_opt gives it.
pub type tim_msg_all_message_receive_option_callback = Option<
    unsafe extern "C" fn(json_receive_message_option_info: *const c_char, user_data: *const c_void),
>;

/// Peers read; json_msg_read_receipt_array is an array of objects with msg_receipt_conv_id (who
/// read), msg_receipt_conv_type, msg_receipt_time_stamp (seconds: everything sent up to then is
/// read) and msg_receipt_is_peer_read.
pub type tim_msg_readed_receipt_callback = Option<
    unsafe extern "C" fn(json_msg_read_receipt_array: *const c_char, user_data: *const c_void),
>;

/// Conversations appeared, left or changed, or their sync began or ended; json_conv_array is an
/// array of ConvInfo, empty text for TIM_CONV_EVENT_START and TIM_CONV_EVENT_FINISH.
pub type tim_conv_event_callback = Option<
    unsafe extern "C" fn(
        conv_event: tim_conv_event,
        json_conv_array: *const c_char,
        user_data: *const c_void,
    ),
>;

/// The number of unread messages in all conversations together changed.
pub type tim_conv_total_unread_message_count_changed_callback =
    Option<unsafe extern "C" fn(total_unread_count: c_int, user_data: *const c_void)>;

/// The number of unread messages that pass a filter changed; filter is the JSON object that was
/// subscribed to.
pub type tim_conv_total_unread_message_count_changed_by_filter_callback = Option<
    unsafe extern "C" fn(
        filter: *const c_char,
        total_unread_count: c_int,
        user_data: *const c_void,
    ),
>;

/// There is a new group of conversations; conversation_array is an array of ConvInfo: what is in it.
pub type tim_conv_conversation_group_created_callback = Option<
    unsafe extern "C" fn(
        group_name: *const c_char,
        conversation_array: *const c_char,
        user_data: *const c_void,
    ),
>;

/// A group of conversations is gone.
pub type tim_conv_conversation_group_deleted_callback =
    Option<unsafe extern "C" fn(group_name: *const c_char, user_data: *const c_void)>;

/// A group of conversations has another name.
pub type tim_conv_conversation_group_name_changed_callback = Option<
    unsafe extern "C" fn(
        old_name: *const c_char,
        new_name: *const c_char,
        user_data: *const c_void,
    ),
>;

/// Conversations came into a group of conversations; conversation_array is an array of ConvInfo.
pub type tim_conv_conversations_added_to_group_callback = Option<
    unsafe extern "C" fn(
        group_name: *const c_char,
        conversation_array: *const c_char,
        user_data: *const c_void,
    ),
>;

/// Conversations left a group of conversations; conversation_array is an array of ConvInfo. reason: 0
/// they were taken out; 1 the group was full, and others came.
pub type tim_conv_conversations_deleted_from_group_callback = Option<
    unsafe extern "C" fn(
        group_name: *const c_char,
        conversation_array: *const c_char,
        reason: u32,
        user_data: *const c_void,
    ),
>;

/// Poll mode: jobs wait for tim_poll.
pub type tim_wakeup_callback = Option<unsafe extern "C" fn(user_data: *const c_void)>;

/// A notice of an internal operation; what data is depends on key.
pub type tim_experimental_notify_callback =
    Option<unsafe extern "C" fn(key: *const c_char, data: *const c_char, user_data: *const c_void)>;
