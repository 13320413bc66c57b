//! Messages and their elements.

/// How far a message has come.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_msg_status(pub i32);
/// On its way to the server.
pub const TIM_MSG_SENDING: tim_msg_status = tim_msg_status(1);
/// Stored by the server.
pub const TIM_MSG_SEND_SUCC: tim_msg_status = tim_msg_status(2);
/// Not sent; it can be sent again.
pub const TIM_MSG_SEND_FAIL: tim_msg_status = tim_msg_status(3);
/// Deleted.
pub const TIM_MSG_DELETED: tim_msg_status = tim_msg_status(4);
/// Put into the local history by the app.
pub const TIM_MSG_LOCAL_IMPORTED: tim_msg_status = tim_msg_status(5);
/// Recalled.
pub const TIM_MSG_REVOKED: tim_msg_status = tim_msg_status(6);
/// Called off by the app before it was sent.
pub const TIM_MSG_CANCEL: tim_msg_status = tim_msg_status(7);

/// How soon a group drops a message under load; the larger the number, the sooner.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_msg_priority(pub i32);
/// Kept longest, as for gifts.
pub const TIM_MSG_PRIORITY_HIGH: tim_msg_priority = tim_msg_priority(0);
/// As any message.
pub const TIM_MSG_PRIORITY_NORMAL: tim_msg_priority = tim_msg_priority(1);
/// Given up early, as for likes.
pub const TIM_MSG_PRIORITY_LOW: tim_msg_priority = tim_msg_priority(2);
/// Given up first; the server uses it for tips about members who come and go.
pub const TIM_MSG_PRIORITY_LOWEST: tim_msg_priority = tim_msg_priority(3);

/// What the sender's device runs.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_platform(pub i32);
/// Something else.
pub const TIM_PLATFORM_OTHER: tim_platform = tim_platform(0);
/// Windows.
pub const TIM_PLATFORM_WINDOWS: tim_platform = tim_platform(1);
/// Android.
pub const TIM_PLATFORM_ANDROID: tim_platform = tim_platform(2);
/// iOS.
pub const TIM_PLATFORM_IOS: tim_platform = tim_platform(3);
/// macOS.
pub const TIM_PLATFORM_MAC: tim_platform = tim_platform(4);
/// The simulator for iOS.
pub const TIM_PLATFORM_SIMULATOR: tim_platform = tim_platform(5);

/// What an element of a message holds; it decides which other keys the element has.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_elem_type(pub i32);
/// Text.
pub const TIM_ELEM_TEXT: tim_elem_type = tim_elem_type(0);
/// Picture.
pub const TIM_ELEM_IMAGE: tim_elem_type = tim_elem_type(1);
/// Voice or other sound.
pub const TIM_ELEM_SOUND: tim_elem_type = tim_elem_type(2);
/// The app's own data.
pub const TIM_ELEM_CUSTOM: tim_elem_type = tim_elem_type(3);
/// Any file.
pub const TIM_ELEM_FILE: tim_elem_type = tim_elem_type(4);
/// Tip about a group, made by the server only.
pub const TIM_ELEM_GROUP_TIPS: tim_elem_type = tim_elem_type(5);
/// Sticker.
pub const TIM_ELEM_FACE: tim_elem_type = tim_elem_type(6);
/// Place on the map.
pub const TIM_ELEM_LOCATION: tim_elem_type = tim_elem_type(7);
/// Notice of a group, made by the server only.
pub const TIM_ELEM_GROUP_REPORT: tim_elem_type = tim_elem_type(8);
/// Video.
pub const TIM_ELEM_VIDEO: tim_elem_type = tim_elem_type(9);
/// Change among friends.
pub const TIM_ELEM_FRIEND_CHANGE: tim_elem_type = tim_elem_type(10);
/// Change of a profile.
pub const TIM_ELEM_PROFILE_CHANGE: tim_elem_type = tim_elem_type(11);
/// Several messages packed into one.
pub const TIM_ELEM_MERGE: tim_elem_type = tim_elem_type(12);
/// Not known to this version.
pub const TIM_ELEM_INVALID: tim_elem_type = tim_elem_type(-1);

/// Size in which a picture is sent.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_image_level(pub i32);
/// As it is.
pub const TIM_IMAGE_LEVEL_ORIG: tim_image_level = tim_image_level(0);
/// Made much smaller; this is the default.
pub const TIM_IMAGE_LEVEL_COMPRESSION: tim_image_level = tim_image_level(1);
/// Made somewhat smaller.
pub const TIM_IMAGE_LEVEL_HD: tim_image_level = tim_image_level(2);

/// What a group notice to a single user says.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_group_report_type(pub i32);
/// Not known.
pub const TIM_GROUP_REPORT_NONE: tim_group_report_type = tim_group_report_type(0);
/// Somebody asks to join; goes to the admins.
pub const TIM_GROUP_REPORT_ADD_REQUEST: tim_group_report_type = tim_group_report_type(1);
/// The request to join was granted; goes to who asked.
pub const TIM_GROUP_REPORT_ADD_ACCEPT: tim_group_report_type = tim_group_report_type(2);
/// The request to join was turned down; goes to who asked.
pub const TIM_GROUP_REPORT_ADD_REFUSE: tim_group_report_type = tim_group_report_type(3);
/// The user was removed by an admin.
pub const TIM_GROUP_REPORT_BE_KICKED: tim_group_report_type = tim_group_report_type(4);
/// The group was dissolved; goes to everybody in it.
pub const TIM_GROUP_REPORT_DELETE: tim_group_report_type = tim_group_report_type(5);
/// The group was made; goes to its creator and is not meant to be shown.
pub const TIM_GROUP_REPORT_CREATE: tim_group_report_type = tim_group_report_type(6);
/// The user was put into the group without being asked.
pub const TIM_GROUP_REPORT_INVITE: tim_group_report_type = tim_group_report_type(7);
/// The user left; goes to that user and is not meant to be shown.
pub const TIM_GROUP_REPORT_QUIT: tim_group_report_type = tim_group_report_type(8);
/// The user is an admin from now on.
pub const TIM_GROUP_REPORT_GRANT_ADMIN: tim_group_report_type = tim_group_report_type(9);
/// The user is no admin any more.
pub const TIM_GROUP_REPORT_CANCEL_ADMIN: tim_group_report_type = tim_group_report_type(10);
/// The group was taken back by the system; goes to everybody, not meant to be shown.
pub const TIM_GROUP_REPORT_GROUP_RECYCLE: tim_group_report_type = tim_group_report_type(11);
/// The user is invited and has to agree.
pub const TIM_GROUP_REPORT_INVITE_REQ_TO_INVITEE: tim_group_report_type = tim_group_report_type(12);
/// The invitation was taken up; goes to who invited.
pub const TIM_GROUP_REPORT_INVITE_ACCEPT: tim_group_report_type = tim_group_report_type(13);
/// The invitation was turned down; goes to who invited.
pub const TIM_GROUP_REPORT_INVITE_REFUSE: tim_group_report_type = tim_group_report_type(14);
/// The user read the group on another device.
pub const TIM_GROUP_REPORT_READ_REPORT: tim_group_report_type = tim_group_report_type(15);
/// The app's own notice; goes to everybody unless named.
pub const TIM_GROUP_REPORT_USER_DEFINE: tim_group_report_type = tim_group_report_type(16);
/// The user was muted.
pub const TIM_GROUP_REPORT_SHUT_UP_MEMBER: tim_group_report_type = tim_group_report_type(17);
/// A topic was made.
pub const TIM_GROUP_REPORT_TOPIC_CREATE: tim_group_report_type = tim_group_report_type(18);
/// A topic was deleted.
pub const TIM_GROUP_REPORT_TOPIC_DELETE: tim_group_report_type = tim_group_report_type(19);
/// Somebody confirmed reading a message.
pub const TIM_GROUP_REPORT_GROUP_MESSAGE_READ: tim_group_report_type = tim_group_report_type(20);
/// The user changed how messages of the group are received.
pub const TIM_GROUP_REPORT_GROUP_MESSAGE_RECV_OPTION: tim_group_report_type =
    tim_group_report_type(21);
/// The user was banned from the group.
pub const TIM_GROUP_REPORT_BANNED_FROM_GROUP: tim_group_report_type = tim_group_report_type(22);
/// The ban on the user was lifted.
pub const TIM_GROUP_REPORT_UNBANNED_FROM_GROUP: tim_group_report_type = tim_group_report_type(23);
/// Somebody invited a user, and an admin has to agree.
pub const TIM_GROUP_REPORT_INVITE_REQ_TO_ADMIN: tim_group_report_type = tim_group_report_type(24);

/// Which part of an element to download.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_download_type(pub i32);
/// The still image of a video.
pub const TIM_DOWNLOAD_VIDEO_THUMB: tim_download_type = tim_download_type(0);
/// The file.
pub const TIM_DOWNLOAD_FILE: tim_download_type = tim_download_type(1);
/// The video itself.
pub const TIM_DOWNLOAD_VIDEO: tim_download_type = tim_download_type(2);
/// The sound.
pub const TIM_DOWNLOAD_SOUND: tim_download_type = tim_download_type(3);

/// How several keywords of a search work together.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_keyword_list_match_type(pub i32);
/// One of them is enough.
pub const TIM_KEYWORD_LIST_MATCH_TYPE_OR: tim_keyword_list_match_type =
    tim_keyword_list_match_type(0);
/// All of them must be there.
pub const TIM_KEYWORD_LIST_MATCH_TYPE_AND: tim_keyword_list_match_type =
    tim_keyword_list_match_type(1);

/// Which members to list for a message that asked for receipts.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_group_message_read_members_filter(pub i32);
/// Members who have read it.
pub const TIM_GROUP_MESSAGE_READ_MEMBERS_FILTER_READ: tim_group_message_read_members_filter =
    tim_group_message_read_members_filter(0);
/// Members who have not read it.
pub const TIM_GROUP_MESSAGE_READ_MEMBERS_FILTER_UNREAD: tim_group_message_read_members_filter =
    tim_group_message_read_members_filter(1);
