//! Communities: topics and permission groups.

/// Topic fields that a change sets; bits that may be combined.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_community_topic_modify_info_flag(pub i32);
/// No field.
pub const TIM_COMMUNITY_TOPIC_MODIFY_INFO_FLAG_NONE: tim_community_topic_modify_info_flag =
    tim_community_topic_modify_info_flag(0);
/// Topic name.
pub const TIM_COMMUNITY_TOPIC_MODIFY_INFO_FLAG_NAME: tim_community_topic_modify_info_flag =
    tim_community_topic_modify_info_flag(1);
/// Announcement.
pub const TIM_COMMUNITY_TOPIC_MODIFY_INFO_FLAG_NOTIFICATION: tim_community_topic_modify_info_flag =
    tim_community_topic_modify_info_flag(2);
/// Introduction.
pub const TIM_COMMUNITY_TOPIC_MODIFY_INFO_FLAG_INTRODUCTION: tim_community_topic_modify_info_flag =
    tim_community_topic_modify_info_flag(4);
/// URL of the picture.
pub const TIM_COMMUNITY_TOPIC_MODIFY_INFO_FLAG_FACE_URL: tim_community_topic_modify_info_flag =
    tim_community_topic_modify_info_flag(8);
/// Muting of all members.
pub const TIM_COMMUNITY_TOPIC_MODIFY_INFO_FLAG_MUTE_ALL: tim_community_topic_modify_info_flag =
    tim_community_topic_modify_info_flag(256);
/// Custom string.
pub const TIM_COMMUNITY_TOPIC_MODIFY_INFO_FLAG_CUSTOM_STRING: tim_community_topic_modify_info_flag =
    tim_community_topic_modify_info_flag(2048);
/// Draft.
pub const TIM_COMMUNITY_TOPIC_MODIFY_INFO_FLAG_DRAFT: tim_community_topic_modify_info_flag =
    tim_community_topic_modify_info_flag(16384);
/// What members may do by default.
pub const TIM_COMMUNITY_TOPIC_MODIFY_INFO_FLAG_DEFAULT_PERMISSIONS:
    tim_community_topic_modify_info_flag = tim_community_topic_modify_info_flag(32768);

/// Fields of a permission group that a change sets; bits that may be combined.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_permission_group_modify_info_flag(pub i32);
/// No field.
pub const TIM_PERMISSION_GROUP_MODIFY_INFO_FLAG_NONE: tim_permission_group_modify_info_flag =
    tim_permission_group_modify_info_flag(0);
/// Name.
pub const TIM_PERMISSION_GROUP_MODIFY_INFO_FLAG_NAME: tim_permission_group_modify_info_flag =
    tim_permission_group_modify_info_flag(1);
/// Permissions in the community.
pub const TIM_PERMISSION_GROUP_MODIFY_INFO_FLAG_GROUP_PERMISSION:
    tim_permission_group_modify_info_flag = tim_permission_group_modify_info_flag(2);
/// Custom data.
pub const TIM_PERMISSION_GROUP_MODIFY_INFO_FLAG_CUSTOM_DATA: tim_permission_group_modify_info_flag =
    tim_permission_group_modify_info_flag(4);

/// What a permission group may do in the whole community; 64 bits that may be combined.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_community_permission_value(pub u64);
/// Change the profile of the community.
pub const TIM_COMMUNITY_PERMISSION_MANAGE_GROUP_INFO: tim_community_permission_value =
    tim_community_permission_value(1);
/// Let members in, remove them and change their data.
pub const TIM_COMMUNITY_PERMISSION_MANAGE_GROUP_MEMBER: tim_community_permission_value =
    tim_community_permission_value(2);
/// Make, change and delete permission groups, and their rights in topics.
pub const TIM_COMMUNITY_PERMISSION_MANAGE_PERMISSION_GROUP_INFO: tim_community_permission_value =
    tim_community_permission_value(4);
/// Put members into permission groups and take them out.
pub const TIM_COMMUNITY_PERMISSION_MANAGE_PERMISSION_GROUP_MEMBER: tim_community_permission_value =
    tim_community_permission_value(8);
/// Make, change and delete topics.
pub const TIM_COMMUNITY_PERMISSION_MANAGE_TOPIC_IN_COMMUNITY: tim_community_permission_value =
    tim_community_permission_value(16);
/// Mute a member everywhere in the community.
pub const TIM_COMMUNITY_PERMISSION_MUTE_MEMBER: tim_community_permission_value =
    tim_community_permission_value(32);
/// Write in every topic.
pub const TIM_COMMUNITY_PERMISSION_SEND_MESSAGE: tim_community_permission_value =
    tim_community_permission_value(64);
/// Mention everybody in every topic.
pub const TIM_COMMUNITY_PERMISSION_AT_ALL: tim_community_permission_value =
    tim_community_permission_value(128);
/// Read what was written in the topics before joining.
pub const TIM_COMMUNITY_PERMISSION_GET_HISTORY_MESSAGE: tim_community_permission_value =
    tim_community_permission_value(256);
/// Recall messages of others in every topic.
pub const TIM_COMMUNITY_PERMISSION_REVOKE_OTHER_MEMBER_MESSAGE: tim_community_permission_value =
    tim_community_permission_value(512);
/// Ban members.
pub const TIM_COMMUNITY_PERMISSION_BAN_MEMBER: tim_community_permission_value =
    tim_community_permission_value(1024);

/// What a permission group may do in one topic; 64 bits that may be combined.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_topic_permission_value(pub u64);
/// Change or delete the topic.
pub const TIM_TOPIC_PERMISSION_MANAGE_TOPIC: tim_topic_permission_value =
    tim_topic_permission_value(1);
/// Give, change and take away rights in the topic.
pub const TIM_TOPIC_PERMISSION_MANAGE_TOPIC_PERMISSION: tim_topic_permission_value =
    tim_topic_permission_value(2);
/// Keep members from writing in the topic.
pub const TIM_TOPIC_PERMISSION_MUTE_MEMBER: tim_topic_permission_value =
    tim_topic_permission_value(4);
/// Write in the topic.
pub const TIM_TOPIC_PERMISSION_SEND_MESSAGE: tim_topic_permission_value =
    tim_topic_permission_value(8);
/// Read what was written in the topic before joining.
pub const TIM_TOPIC_PERMISSION_GET_HISTORY_MESSAGE: tim_topic_permission_value =
    tim_topic_permission_value(16);
/// Recall messages of others in the topic.
pub const TIM_TOPIC_PERMISSION_REVOKE_OTHER_MEMBER_MESSAGE: tim_topic_permission_value =
    tim_topic_permission_value(32);
/// Mention everybody in the topic.
pub const TIM_TOPIC_PERMISSION_AT_ALL: tim_topic_permission_value = tim_topic_permission_value(64);
