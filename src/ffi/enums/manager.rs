//! Link, login, log and profile.

/// State of the link to the chat server, which is not the state of the device's network.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_network_status(pub i32);
/// The link is up and the server has greeted.
pub const TIM_CONNECTED: tim_network_status = tim_network_status(0);
/// The link was lost.
pub const TIM_DISCONNECTED: tim_network_status = tim_network_status(1);
/// The link is being made.
pub const TIM_CONNECTING: tim_network_status = tim_network_status(2);
/// The link could not be made.
pub const TIM_CONNECT_FAILED: tim_network_status = tim_network_status(3);

/// Where this process stands between logged out and logged in.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_login_status(pub i32);
/// Somebody is logged in.
pub const TIM_LOGIN_STATUS_LOGINED: tim_login_status = tim_login_status(1);
/// A login is under way.
pub const TIM_LOGIN_STATUS_LOGINING: tim_login_status = tim_login_status(2);
/// Nobody is logged in.
pub const TIM_LOGIN_STATUS_UN_LOGINED: tim_login_status = tim_login_status(3);
/// A logout is under way.
pub const TIM_LOGIN_STATUS_LOGOUTING: tim_login_status = tim_login_status(4);

/// Least weight that a log line must have to be kept; a larger number keeps fewer lines.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_log_level(pub i32);
/// Logs nothing.
pub const TIM_LOG_OFF: tim_log_level = tim_log_level(0);
/// Logs all there is, for tests.
pub const TIM_LOG_TEST: tim_log_level = tim_log_level(1);
/// Logs every small step.
pub const TIM_LOG_VERBOSE: tim_log_level = tim_log_level(2);
/// Logs what helps to find faults.
pub const TIM_LOG_DEBUG: tim_log_level = tim_log_level(3);
/// Logs the normal course of things.
pub const TIM_LOG_INFO: tim_log_level = tim_log_level(4);
/// Logs what is odd but was coped with.
pub const TIM_LOG_WARN: tim_log_level = tim_log_level(5);
/// Logs what failed.
pub const TIM_LOG_ERROR: tim_log_level = tim_log_level(6);
/// Logs only what should be impossible.
pub const TIM_LOG_ASSERT: tim_log_level = tim_log_level(7);

/// Whether a user is reachable now.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_user_status_type(pub i32);
/// Not known.
pub const TIM_USER_STATUS_TYPE_UNKOWN: tim_user_status_type = tim_user_status_type(0);
/// Logged in and connected.
pub const TIM_USER_STATUS_TYPE_ONLINE: tim_user_status_type = tim_user_status_type(1);
/// Was logged in, and the connection is gone.
pub const TIM_USER_STATUS_TYPE_OFFLINE: tim_user_status_type = tim_user_status_type(2);
/// Logged out, or never logged in since the account was made.
pub const TIM_USER_STATUS_TYPE_UN_LOGINED: tim_user_status_type = tim_user_status_type(3);

/// Gender in a user's profile.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_gender_type(pub i32);
/// Not given.
pub const TIM_GENDER_TYPE_UNKNOWN: tim_gender_type = tim_gender_type(0);
/// Male.
pub const TIM_GENDER_TYPE_MALE: tim_gender_type = tim_gender_type(1);
/// Female.
pub const TIM_GENDER_TYPE_FEMALE: tim_gender_type = tim_gender_type(2);

/// Who may become a friend of a user.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_profile_add_permission(pub i32);
/// Not set.
pub const TIM_PROFILE_ADD_PERMISSION_UNKNOWN: tim_profile_add_permission =
    tim_profile_add_permission(0);
/// Everybody, without asking.
pub const TIM_PROFILE_ADD_PERMISSION_ALLOW_ANY: tim_profile_add_permission =
    tim_profile_add_permission(1);
/// Whoever the user agrees to.
pub const TIM_PROFILE_ADD_PERMISSION_NEED_CONFIRM: tim_profile_add_permission =
    tim_profile_add_permission(2);
/// Nobody.
pub const TIM_PROFILE_ADD_PERMISSION_DENY_ANY: tim_profile_add_permission =
    tim_profile_add_permission(3);

/// What a profile notice is about.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_profile_change_type(pub i32);
/// Not known.
pub const TIM_PROFILE_CHANGE_NONE: tim_profile_change_type = tim_profile_change_type(0);
/// Fields of the profile.
pub const TIM_PROFILE_CHANGE_PROFILE: tim_profile_change_type = tim_profile_change_type(1);

/// Old way to pick the group fields to fetch; bits that may be combined.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_group_get_info_flag(pub i32);
/// No field.
pub const TIM_GROUP_INFO_FLAG_NONE: tim_group_get_info_flag = tim_group_get_info_flag(0);
/// Group name.
pub const TIM_GROUP_INFO_FLAG_NAME: tim_group_get_info_flag = tim_group_get_info_flag(1);
/// When the group was made.
pub const TIM_GROUP_INFO_FLAG_CREATE_TIME: tim_group_get_info_flag = tim_group_get_info_flag(2);
/// Owner.
pub const TIM_GROUP_INFO_FLAG_OWNER_UIN: tim_group_get_info_flag = tim_group_get_info_flag(4);
/// Sequence of the newest message.
pub const TIM_GROUP_INFO_FLAG_SEQ: tim_group_get_info_flag = tim_group_get_info_flag(8);
/// When the profile last changed.
pub const TIM_GROUP_INFO_FLAG_LAST_TIME: tim_group_get_info_flag = tim_group_get_info_flag(16);
/// Sequence that the next message will get.
pub const TIM_GROUP_INFO_FLAG_NEXT_MSG_SEQ: tim_group_get_info_flag = tim_group_get_info_flag(32);
/// When the newest message was sent.
pub const TIM_GROUP_INFO_FLAG_LAST_MSG_TIME: tim_group_get_info_flag = tim_group_get_info_flag(64);
/// App id that the group belongs to.
pub const TIM_GROUP_INFO_FLAG_APP_ID: tim_group_get_info_flag = tim_group_get_info_flag(128);
/// Number of members.
pub const TIM_GROUP_INFO_FLAG_MEMBER_NUM: tim_group_get_info_flag = tim_group_get_info_flag(256);
/// Most members allowed.
pub const TIM_GROUP_INFO_FLAG_MAX_MEMBER_NUM: tim_group_get_info_flag =
    tim_group_get_info_flag(512);
/// Announcement.
pub const TIM_GROUP_INFO_FLAG_NOTIFICATION: tim_group_get_info_flag = tim_group_get_info_flag(1024);
/// Introduction.
pub const TIM_GROUP_INFO_FLAG_INTRODUCTION: tim_group_get_info_flag = tim_group_get_info_flag(2048);
/// URL of the picture.
pub const TIM_GROUP_INFO_FLAG_FACE_URL: tim_group_get_info_flag = tim_group_get_info_flag(4096);
/// Who may join.
pub const TIM_GROUP_INFO_FLAG_ADD_OPTION: tim_group_get_info_flag = tim_group_get_info_flag(8192);
/// Type of the group.
pub const TIM_GROUP_INFO_FLAG_GROUP_TYPE: tim_group_get_info_flag = tim_group_get_info_flag(16384);
/// The newest message itself.
pub const TIM_GROUP_INFO_FLAG_LAST_MSG: tim_group_get_info_flag = tim_group_get_info_flag(32768);
/// Members who are online.
pub const TIM_GROUP_INFO_FLAG_ONLINE_NUM: tim_group_get_info_flag = tim_group_get_info_flag(65536);
/// Whether the group can be seen.
pub const TIM_GROUP_INFO_FLAG_VISIBLE: tim_group_get_info_flag = tim_group_get_info_flag(131072);
/// Whether the group can be searched for.
pub const TIM_GROUP_INFO_FLAG_SEARCHABLE: tim_group_get_info_flag = tim_group_get_info_flag(262144);
/// Whether all members are muted.
pub const TIM_GROUP_INFO_FLAG_SHUTUP_ALL: tim_group_get_info_flag = tim_group_get_info_flag(524288);

/// Old way to pick the member fields to fetch; bits that may be combined.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_group_member_info_flag(pub i32);
/// No field.
pub const TIM_GROUP_MEMBER_INFO_FLAG_NONE: tim_group_member_info_flag =
    tim_group_member_info_flag(0);
/// When the member joined.
pub const TIM_GROUP_MEMBER_INFO_FLAG_JOIN_TIME: tim_group_member_info_flag =
    tim_group_member_info_flag(1);
/// How the member receives messages.
pub const TIM_GROUP_MEMBER_INFO_FLAG_MSG_FLAG: tim_group_member_info_flag =
    tim_group_member_info_flag(2);
/// Sequence up to which the member has read.
pub const TIM_GROUP_MEMBER_INFO_FLAG_MSG_SEQ: tim_group_member_info_flag =
    tim_group_member_info_flag(4);
/// Role in the group.
pub const TIM_GROUP_MEMBER_INFO_FLAG_MEMBER_ROLE: tim_group_member_info_flag =
    tim_group_member_info_flag(8);
/// When the mute ends, 0 if there is none.
pub const TIM_GROUP_MEMBER_INFO_FLAG_SHUTUP_UNTILL: tim_group_member_info_flag =
    tim_group_member_info_flag(16);
/// Name card.
pub const TIM_GROUP_MEMBER_INFO_FLAG_NAME_CARD: tim_group_member_info_flag =
    tim_group_member_info_flag(32);
