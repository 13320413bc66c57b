//! Friends and followers.

/// On how many sides a friendship counts.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_friend_type(pub i32);
/// On one side: only the one who added has the other in the list.
pub const TIM_FRIEND_TYPE_SINGLE: tim_friend_type = tim_friend_type(0);
/// On both sides.
pub const TIM_FRIEND_TYPE_BOTH: tim_friend_type = tim_friend_type(1);

/// Which way a friend request goes.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_friend_pendency_type(pub i32);
/// To this user.
pub const TIM_FRIEND_PENDENCY_TYPE_COME_IN: tim_friend_pendency_type = tim_friend_pendency_type(0);
/// From this user.
pub const TIM_FRIEND_PENDENCY_TYPE_SEND_OUT: tim_friend_pendency_type = tim_friend_pendency_type(1);
/// Either way.
pub const TIM_FRIEND_PENDENCY_TYPE_BOTH: tim_friend_pendency_type = tim_friend_pendency_type(2);

/// How to answer a friend request.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_friend_response_action(pub i32);
/// Let the other user have me as a friend.
pub const TIM_RESPONSE_ACTION_AGREE: tim_friend_response_action = tim_friend_response_action(0);
/// The same, and have the other user as a friend too.
pub const TIM_RESPONSE_ACTION_AGREE_AND_ADD: tim_friend_response_action =
    tim_friend_response_action(1);
/// Turn it down.
pub const TIM_RESPONSE_ACTION_REJECT: tim_friend_response_action = tim_friend_response_action(2);

/// Who has whom as a friend; A is this user, B the one asked about.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_friend_check_relation(pub i32);
/// Neither has the other.
pub const TIM_FRIEND_CHECK_NO_RELATION: tim_friend_check_relation = tim_friend_check_relation(0);
/// A has B, but B does not have A.
pub const TIM_FRIEND_CHECK_A_WITH_B: tim_friend_check_relation = tim_friend_check_relation(1);
/// B has A, but A does not have B.
pub const TIM_FRIEND_CHECK_B_WITH_A: tim_friend_check_relation = tim_friend_check_relation(2);
/// Each has the other.
pub const TIM_FRIEND_CHECK_BOTH_WAY: tim_friend_check_relation = tim_friend_check_relation(3);

/// Fields that a friend search looks into; bits, handed over as a list.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_friendship_search_field_key(pub i32);
/// User ID.
pub const TIM_FRIENDSHIP_SEARCH_FIELD_KEY_IDENTIFIER: tim_friendship_search_field_key =
    tim_friendship_search_field_key(1);
/// Nickname.
pub const TIM_FRIENDSHIP_SEARCH_FIELD_KEY_NICK_NAME: tim_friendship_search_field_key =
    tim_friendship_search_field_key(2);
/// This user's remark for the friend.
pub const TIM_FRIENDSHIP_SEARCH_FIELD_KEY_REMARK: tim_friendship_search_field_key =
    tim_friendship_search_field_key(4);

/// How this user and another are related.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_friendship_relation_type(pub i32);
/// They are no friends.
pub const TIM_FRIENDSHIP_RELATION_TYPE_NONE: tim_friendship_relation_type =
    tim_friendship_relation_type(0);
/// The other is a friend of this user, not the reverse.
pub const TIM_FRIENDSHIP_RELATION_TYPE_IN_MY_FRIEND_LIST: tim_friendship_relation_type =
    tim_friendship_relation_type(1);
/// This user is a friend of the other, not the reverse.
pub const TIM_FRIENDSHIP_RELATION_TYPE_IN_OTHER_FRIEND_LIST: tim_friendship_relation_type =
    tim_friendship_relation_type(2);
/// They are friends of each other.
pub const TIM_FRIENDSHIP_RELATION_TYPE_BOTH_FRIEND: tim_friendship_relation_type =
    tim_friendship_relation_type(3);

/// Who of two users follows whom.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_follow_type(pub i32);
/// Neither follows.
pub const TIM_FOLLOW_TYPE_NONE: tim_follow_type = tim_follow_type(0);
/// This user follows the other.
pub const TIM_FOLLOW_TYPE_IN_MY_FOLLOWING_LIST: tim_follow_type = tim_follow_type(1);
/// The other follows this user.
pub const TIM_FOLLOW_TYPE_IN_MY_FOLLOWERS_LIST: tim_follow_type = tim_follow_type(2);
/// Each follows the other.
pub const TIM_FOLLOW_TYPE_IN_BOTH_FOLLOWERS_LIST: tim_follow_type = tim_follow_type(3);

/// What changed among friends; only old message elements carry it.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_friend_change_type(pub i32);
/// Not known.
pub const TIM_FRIEND_CHANGE_NONE: tim_friend_change_type = tim_friend_change_type(0);
/// A friend was added.
pub const TIM_FRIEND_CHANGE_FRIEND_ADD: tim_friend_change_type = tim_friend_change_type(1);
/// A friend was removed.
pub const TIM_FRIEND_CHANGE_FRIEND_DEL: tim_friend_change_type = tim_friend_change_type(2);
/// A friend request came up.
pub const TIM_FRIEND_CHANGE_PENDENCY_ADD: tim_friend_change_type = tim_friend_change_type(3);
/// A friend request went away.
pub const TIM_FRIEND_CHANGE_PENDENCY_DEL: tim_friend_change_type = tim_friend_change_type(4);
/// A user was blocked.
pub const TIM_FRIEND_CHANGE_BLACK_LIST_ADD: tim_friend_change_type = tim_friend_change_type(5);
/// A user is no longer blocked.
pub const TIM_FRIEND_CHANGE_BLACK_LIST_DEL: tim_friend_change_type = tim_friend_change_type(6);
/// The friend requests were marked as read.
pub const TIM_FRIEND_CHANGE_PENDENCY_READED_REPORT: tim_friend_change_type =
    tim_friend_change_type(7);
/// The data of a friend changed.
pub const TIM_FRIEND_CHANGE_FRIEND_PROFILE_UPDATE: tim_friend_change_type =
    tim_friend_change_type(8);
/// A friend group was made.
pub const TIM_FRIEND_CHANGE_FRIEND_GROUP_ADD: tim_friend_change_type = tim_friend_change_type(9);
/// A friend group was deleted.
pub const TIM_FRIEND_CHANGE_FRIEND_GROUP_DEL: tim_friend_change_type = tim_friend_change_type(10);
/// A friend group changed.
pub const TIM_FRIEND_CHANGE_FRIEND_GROUP_MODIFY: tim_friend_change_type =
    tim_friend_change_type(11);
