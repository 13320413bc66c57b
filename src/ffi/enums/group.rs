//! Groups.

/// Which part of a group's profile a tip is about.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_group_tip_group_change_flag(pub i32);
/// Not known.
pub const TIM_GROUP_TIP_CHANGE_FLAG_UNKNOWN: tim_group_tip_group_change_flag =
    tim_group_tip_group_change_flag(0);
/// Group name.
pub const TIM_GROUP_TIP_CHANGE_FLAG_NAME: tim_group_tip_group_change_flag =
    tim_group_tip_group_change_flag(1);
/// Introduction.
pub const TIM_GROUP_TIP_CHANGE_FLAG_INTRODUCTION: tim_group_tip_group_change_flag =
    tim_group_tip_group_change_flag(2);
/// Announcement.
pub const TIM_GROUP_TIP_CHANGE_FLAG_NOTIFICATION: tim_group_tip_group_change_flag =
    tim_group_tip_group_change_flag(3);
/// URL of the picture.
pub const TIM_GROUP_TIP_CHANGE_FLAG_FACE_URL: tim_group_tip_group_change_flag =
    tim_group_tip_group_change_flag(4);
/// Owner.
pub const TIM_GROUP_TIP_CHANGE_FLAG_OWNER: tim_group_tip_group_change_flag =
    tim_group_tip_group_change_flag(5);
/// One of the custom fields.
pub const TIM_GROUP_TIP_CHANGE_FLAG_CUSTOM: tim_group_tip_group_change_flag =
    tim_group_tip_group_change_flag(6);
/// One of the group attributes.
pub const TIM_GROUP_TIP_CHANGE_FLAG_ATTRIBUTE: tim_group_tip_group_change_flag =
    tim_group_tip_group_change_flag(7);
/// Muting of all members.
pub const TIM_GROUP_TIP_CHANGE_FLAG_SHUTUP_ALL: tim_group_tip_group_change_flag =
    tim_group_tip_group_change_flag(8);
/// Custom data of a topic.
pub const TIM_GROUP_TIP_CHANGE_FLAG_TOPIC_CUSTOM_DATA: tim_group_tip_group_change_flag =
    tim_group_tip_group_change_flag(9);
/// How messages are received.
pub const TIM_GROUP_TIP_CHANGE_FLAG_MESSAGE_RECEIVE_OPT: tim_group_tip_group_change_flag =
    tim_group_tip_group_change_flag(10);
/// Who may join.
pub const TIM_GROUP_TIP_CHANGE_FLAG_GROUP_ADD_OPT: tim_group_tip_group_change_flag =
    tim_group_tip_group_change_flag(11);
/// Who may invite.
pub const TIM_GROUP_TIP_CHANGE_FLAG_GROUP_APPROVE_OPT: tim_group_tip_group_change_flag =
    tim_group_tip_group_change_flag(12);
/// Permission groups were switched on or off; communities only.
pub const TIM_GROUP_TIP_CHANGE_FLAG_ENABLE_PERMISSION_GROUP: tim_group_tip_group_change_flag =
    tim_group_tip_group_change_flag(13);
/// What members may do by default; communities only.
pub const TIM_GROUP_TIP_CHANGE_FLAG_DEFAULT_PERMISSIONS: tim_group_tip_group_change_flag =
    tim_group_tip_group_change_flag(14);

/// What a tip tells all members of a group.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_group_tip_type(pub i32);
/// Not valid.
pub const TIM_GROUP_TIP_NONE: tim_group_tip_type = tim_group_tip_type(0);
/// Somebody came in, asked or invited.
pub const TIM_GROUP_TIP_INVITE: tim_group_tip_type = tim_group_tip_type(1);
/// Somebody left.
pub const TIM_GROUP_TIP_QUIT: tim_group_tip_type = tim_group_tip_type(2);
/// Somebody was removed.
pub const TIM_GROUP_TIP_KICK: tim_group_tip_type = tim_group_tip_type(3);
/// Somebody became an admin.
pub const TIM_GROUP_TIP_SET_ADMIN: tim_group_tip_type = tim_group_tip_type(4);
/// Somebody is no admin any more.
pub const TIM_GROUP_TIP_CANCEL_ADMIN: tim_group_tip_type = tim_group_tip_type(5);
/// The group's profile changed.
pub const TIM_GROUP_TIP_GROUP_INFO_CHANGE: tim_group_tip_type = tim_group_tip_type(6);
/// A member's data changed.
pub const TIM_GROUP_TIP_MEMBER_INFO_CHANGE: tim_group_tip_type = tim_group_tip_type(7);
/// A member's mark changed.
pub const TIM_GROUP_TIP_MEMBER_MARK_CHANGE: tim_group_tip_type = tim_group_tip_type(8);
/// A topic's profile changed.
pub const TIM_GROUP_TIP_TOPIC_INFO_CHANGE: tim_group_tip_type = tim_group_tip_type(9);
/// A message was pinned.
pub const TIM_GROUP_TIP_PINNED_MESSAGE_ADDED: tim_group_tip_type = tim_group_tip_type(10);
/// A message is no longer pinned.
pub const TIM_GROUP_TIP_PINNED_MESSAGE_DELETED: tim_group_tip_type = tim_group_tip_type(11);

/// Type of a group, which decides how people get in and how many.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_group_type(pub i32);
/// Public: people ask, and the owner or an admin lets them in.
pub const TIM_GROUP_PUBLIC: tim_group_type = tim_group_type(0);
/// Work, once called private: members come by invitation only.
pub const TIM_GROUP_PRIVATE: tim_group_type = tim_group_type(1);
/// Meeting, once called chat room: anyone walks in.
pub const TIM_GROUP_CHAT_ROOM: tim_group_type = tim_group_type(2);
/// Broadcast room of old days; make a live room instead.
pub const TIM_GROUP_BCHAT_ROOM: tim_group_type = tim_group_type(3);
/// Live room (AVChatRoom): anyone walks in, and the number is not limited.
pub const TIM_GROUP_AV_CHAT_ROOM: tim_group_type = tim_group_type(4);
/// Community: very large, anyone walks in, and it can have topics.
pub const TIM_GROUP_COMMUNITY: tim_group_type = tim_group_type(5);

/// Who decides about joining or inviting.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_group_add_option(pub i32);
/// Nobody: it is not possible.
pub const TIM_GROUP_ADD_OPT_FORBID: tim_group_add_option = tim_group_add_option(0);
/// The owner or an admin.
pub const TIM_GROUP_ADD_OPT_AUTH: tim_group_add_option = tim_group_add_option(1);
/// No decision is needed.
pub const TIM_GROUP_ADD_OPT_ANY: tim_group_add_option = tim_group_add_option(2);
/// Not set.
pub const TIM_GROUP_ADD_OPT_UNKNOWN: tim_group_add_option = tim_group_add_option(3);

/// What a member is in the group.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_group_member_role(pub i32);
/// No role.
pub const TIM_MEMBER_ROLE_NONE: tim_group_member_role = tim_group_member_role(0);
/// Plain member.
pub const TIM_MEMBER_ROLE_NORMAL: tim_group_member_role = tim_group_member_role(200);
/// Admin.
pub const TIM_MEMBER_ROLE_ADMIN: tim_group_member_role = tim_group_member_role(300);
/// Owner.
pub const TIM_MEMBER_ROLE_OWNER: tim_group_member_role = tim_group_member_role(400);

/// Fields that a group search looks into; bits, handed over as a list.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_group_search_field_key(pub i32);
/// Group ID.
pub const TIM_GROUP_SEARCH_FIELD_KEY_GROUP_ID: tim_group_search_field_key =
    tim_group_search_field_key(1);
/// Group name.
pub const TIM_GROUP_SEARCH_FIELD_KEY_GROUP_NAME: tim_group_search_field_key =
    tim_group_search_field_key(2);

/// Group fields that a change sets; bits that may be combined.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_group_modify_info_flag(pub i32);
/// No field.
pub const TIM_GROUP_MODIFY_INFO_FLAG_NONE: tim_group_modify_info_flag =
    tim_group_modify_info_flag(0);
/// Group name.
pub const TIM_GROUP_MODIFY_INFO_FLAG_NAME: tim_group_modify_info_flag =
    tim_group_modify_info_flag(1);
/// Announcement.
pub const TIM_GROUP_MODIFY_INFO_FLAG_NOTIFICATION: tim_group_modify_info_flag =
    tim_group_modify_info_flag(2);
/// Introduction.
pub const TIM_GROUP_MODIFY_INFO_FLAG_INTRODUCTION: tim_group_modify_info_flag =
    tim_group_modify_info_flag(4);
/// URL of the picture.
pub const TIM_GROUP_MODIFY_INFO_FLAG_FACE_URL: tim_group_modify_info_flag =
    tim_group_modify_info_flag(8);
/// Who may join.
pub const TIM_GROUP_MODIFY_INFO_FLAG_ADD_OPTION: tim_group_modify_info_flag =
    tim_group_modify_info_flag(16);
/// Most members allowed.
pub const TIM_GROUP_MODIFY_INFO_FLAG_MAX_MEMBER_NUM: tim_group_modify_info_flag =
    tim_group_modify_info_flag(32);
/// Whether the group can be seen.
pub const TIM_GROUP_MODIFY_INFO_FLAG_VISIBLE: tim_group_modify_info_flag =
    tim_group_modify_info_flag(64);
/// Whether the group can be searched for.
pub const TIM_GROUP_MODIFY_INFO_FLAG_SEARCHABLE: tim_group_modify_info_flag =
    tim_group_modify_info_flag(128);
/// Muting of all members.
pub const TIM_GROUP_MODIFY_INFO_FLAG_SHUTUP_ALL: tim_group_modify_info_flag =
    tim_group_modify_info_flag(256);
/// Custom fields.
pub const TIM_GROUP_MODIFY_INFO_FLAG_CUSTOM: tim_group_modify_info_flag =
    tim_group_modify_info_flag(512);
/// Custom string of a topic.
pub const TIM_GROUP_TOPIC_MODIFY_INFO_FLAG_CUSTOM_STRING: tim_group_modify_info_flag =
    tim_group_modify_info_flag(2048);
/// Who may invite.
pub const TIM_GROUP_MODIFY_INFO_FLAG_APPROVE_OPTION: tim_group_modify_info_flag =
    tim_group_modify_info_flag(4096);
/// Permission groups on or off; communities only.
pub const TIM_GROUP_MODIFY_INFO_FLAG_ENABLE_PERMISSION_GROUP: tim_group_modify_info_flag =
    tim_group_modify_info_flag(8192);
/// What members may do by default; communities only.
pub const TIM_GROUP_MODIFY_INFO_FLAG_DEFAULT_PERMISSIONS: tim_group_modify_info_flag =
    tim_group_modify_info_flag(16384);
/// Hands the group to another owner, and nothing else in the same call. This is bit 31: as an int
/// it is -2147483648, and in JSON 2147483648 is accepted just as well.
pub const TIM_GROUP_MODIFY_INFO_FLAG_OWNER: tim_group_modify_info_flag =
    tim_group_modify_info_flag(-2147483647 - 1);

/// Roles to list; bits that may be combined. In a live room a mark of the app, 1000 or more, may
/// stand in their place.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_group_member_role_flag(pub i32);
/// Everybody.
pub const TIM_GROUP_MEMBER_ROLE_FLAG_ALL: tim_group_member_role_flag =
    tim_group_member_role_flag(0);
/// The owner.
pub const TIM_GROUP_MEMBER_ROLE_FLAG_OWNER: tim_group_member_role_flag =
    tim_group_member_role_flag(1);
/// Admins, the owner not among them.
pub const TIM_GROUP_MEMBER_ROLE_FLAG_ADMIN: tim_group_member_role_flag =
    tim_group_member_role_flag(2);
/// Members with no special role.
pub const TIM_GROUP_MEMBER_ROLE_FLAG_MEMBER: tim_group_member_role_flag =
    tim_group_member_role_flag(4);

/// Fields that a member search looks into; bits, handed over as a list.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_group_member_search_field_key(pub i32);
/// User ID.
pub const TIM_GROUP_MEMBER_SEARCH_FIELD_KEY_IDENTIFIER: tim_group_member_search_field_key =
    tim_group_member_search_field_key(1);
/// Nickname.
pub const TIM_GROUP_MEMBER_SEARCH_FIELD_KEY_NICK_NAME: tim_group_member_search_field_key =
    tim_group_member_search_field_key(2);
/// The searching user's remark for a friend.
pub const TIM_GROUP_MEMBER_SEARCH_FIELD_KEY_REMARK: tim_group_member_search_field_key =
    tim_group_member_search_field_key(4);
/// Name card in the group.
pub const TIM_GROUP_MEMBER_SEARCH_FIELD_KEY_NAME_CARD: tim_group_member_search_field_key =
    tim_group_member_search_field_key(8);

/// Member fields that a change sets; bits that may be combined.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_group_member_modify_info_flag(pub i32);
/// No field.
pub const TIM_GROUP_MEMBER_MODIFY_FLAG_NONE: tim_group_member_modify_info_flag =
    tim_group_member_modify_info_flag(0);
/// How the member receives messages.
pub const TIM_GROUP_MEMBER_MODIFY_FLAG_MSG_FLAG: tim_group_member_modify_info_flag =
    tim_group_member_modify_info_flag(1);
/// Role.
pub const TIM_GROUP_MEMBER_MODIFY_FLAG_MEMBER_ROLE: tim_group_member_modify_info_flag =
    tim_group_member_modify_info_flag(2);
/// How long the member is muted.
pub const TIM_GROUP_MEMBER_MODIFY_FLAG_SHUTUP_TIME: tim_group_member_modify_info_flag =
    tim_group_member_modify_info_flag(4);
/// Name card.
pub const TIM_GROUP_MEMBER_MODIFY_FLAG_NAME_CARD: tim_group_member_modify_info_flag =
    tim_group_member_modify_info_flag(8);
/// Custom fields.
pub const TIM_GROUP_MEMBER_MODIFY_FLAG_CUSTOM: tim_group_member_modify_info_flag =
    tim_group_member_modify_info_flag(16);

/// What came of adding or removing one member.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_handle_group_member_result(pub i32);
/// It failed.
pub const TIM_GROUP_MEMBER_HANDLED_ERR: tim_handle_group_member_result =
    tim_handle_group_member_result(0);
/// It was done.
pub const TIM_GROUP_MEMBER_HANDLED_SUC: tim_handle_group_member_result =
    tim_handle_group_member_result(1);
/// The user was in the group before.
pub const TIM_GROUP_MEMBER_INCLUDED: tim_handle_group_member_result =
    tim_handle_group_member_result(2);
/// An invitation is out and the user has to agree.
pub const TIM_GROUP_MEMBER_INVITED: tim_handle_group_member_result =
    tim_handle_group_member_result(3);

/// Who has to decide about a group request.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_group_pendency_type(pub i32);
/// Admins, about a user who asks to join.
pub const TIM_GROUP_PENDENCY_GROUP_JOIN_NEED_APPROVED_BY_ADMIN: tim_group_pendency_type =
    tim_group_pendency_type(0);
/// The invited user.
pub const TIM_GROUP_PENDENCY_GROUP_INVITE_NEED_APPROVED_BY_INVITEE: tim_group_pendency_type =
    tim_group_pendency_type(1);
/// Admins, about a user whom a member invited.
pub const TIM_GROUP_PENDENCY_GROUP_INVITE_NEED_APPROVED_BY_ADMIN: tim_group_pendency_type =
    tim_group_pendency_type(2);

/// Whether a group request was dealt with.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_group_pendency_handle(pub i32);
/// It waits.
pub const TIM_GROUP_PENDENCY_NOT_HANDLE: tim_group_pendency_handle = tim_group_pendency_handle(0);
/// Another user dealt with it.
pub const TIM_GROUP_PENDENCY_OTHER_HANDLE: tim_group_pendency_handle = tim_group_pendency_handle(1);
/// This user dealt with it.
pub const TIM_GROUP_PENDENCY_OPERATOR_HANDLE: tim_group_pendency_handle =
    tim_group_pendency_handle(2);

/// How a group request was decided.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_group_pendency_handle_result(pub i32);
/// Turned down.
pub const TIM_GROUP_PENDENCY_REFUSE: tim_group_pendency_handle_result =
    tim_group_pendency_handle_result(0);
/// Granted.
pub const TIM_GROUP_PENDENCY_ACCEPT: tim_group_pendency_handle_result =
    tim_group_pendency_handle_result(1);

/// How a member came into the group.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_group_join_type(pub i32);
/// Not known.
pub const TIM_GROUP_JOIN_NONE: tim_group_join_type = tim_group_join_type(0);
/// By asking.
pub const TIM_GROUP_JOIN_APPLY: tim_group_join_type = tim_group_join_type(1);
/// By being invited.
pub const TIM_GROUP_JOIN_INVITE: tim_group_join_type = tim_group_join_type(2);
