//! Groups: one conversation of many users. Their messages are numbered and stored once, whatever
//! their size; what a member missed is found by comparing heads.

use serde::{Deserialize, Serialize};

use crate::conversation::{ConvId, ConvState};
use crate::is_default;

pub mod list;

/// Numbers of `TIMGroupType`.
pub mod group_type {
    /// People ask, and are let in.
    pub const PUBLIC: i32 = 0;
    /// Members bring others in.
    pub const WORK: i32 = 1;
    /// Anyone walks in.
    pub const MEETING: i32 = 2;
}

/// Numbers of `TIMGroupMemberRole`.
pub mod role {
    /// Plain member.
    pub const MEMBER: i32 = 200;
    /// Admin.
    pub const ADMIN: i32 = 300;
    /// Owner.
    pub const OWNER: i32 = 400;
}

/// Numbers of `TIMGroupAddOption`: who decides about joining, or about bringing others in.
pub mod add_option {
    /// Nobody: it is not possible.
    pub const FORBID: i32 = 0;
    /// The owner or an admin.
    pub const AUTH: i32 = 1;
    /// No decision is needed.
    pub const ANY: i32 = 2;
}

/// Numbers of `TIMGroupTipType`.
pub mod tip_type {
    /// Somebody came in.
    pub const INVITE: i32 = 1;
    /// Somebody left.
    pub const QUIT: i32 = 2;
}

/// Numbers of `TIMGroupJoinType`.
pub mod join_type {
    /// By oneself.
    pub const APPLY: i32 = 1;
    /// Brought in by another one.
    pub const INVITE: i32 = 2;
}

/// Numbers of `HandleGroupMemberResult`.
pub mod member_result {
    /// It was not possible.
    pub const FAIL: i32 = 0;
    /// The user is a member now.
    pub const DONE: i32 = 1;
    /// The user was one before.
    pub const INCLUDED: i32 = 2;
}

/// Who is said to send what the server tells a group.
pub const SYSTEM: &str = "@TIM#SYSTEM";
/// What IDs begin with that the server gives.
pub const ID_PREFIX: &str = "@TGS#";

/// A group as its members see it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupInfo {
    /// Its name in calls and on the wire.
    pub group_id: String,
    /// One of [`group_type`].
    pub group_type: i32,
    /// For people.
    pub name: String,
    /// URL of the picture.
    #[serde(default, skip_serializing_if = "is_default")]
    pub face_url: String,
    /// For those who look for it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub introduction: String,
    /// For its members.
    #[serde(default, skip_serializing_if = "is_default")]
    pub notification: String,
    /// User ID; empty when there is none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub owner: String,
    /// Seconds since 1970.
    #[serde(deserialize_with = "crate::number")]
    pub created_at: u64,
    /// How many members there are.
    pub members: u32,
    /// How many there may be.
    pub max_members: u32,
    /// Who decides about joining: one of [`add_option`].
    pub add_option: i32,
    /// Who decides about bringing others in: one of [`add_option`].
    pub approve_option: i32,
    /// It rises with each change of what is said here.
    #[serde(deserialize_with = "crate::number")]
    pub info_seq: u64,
}

/// What the user is in a group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// One of [`role`].
    pub role: i32,
    /// Seconds since 1970.
    #[serde(deserialize_with = "crate::number")]
    pub joined_at: u64,
    /// The messages after this one are there for the member.
    #[serde(deserialize_with = "crate::number")]
    pub since_seq: u64,
    /// Countable messages that the member has sent. With the `ord` of a message, which counts those
    /// of all, it gives how many others have sent.
    #[serde(deserialize_with = "crate::number")]
    pub own_ord: u64,
}

/// A group and what the user is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupState {
    /// The group.
    pub info: GroupInfo,
    /// The user.
    pub me: Membership,
}

/// Request of `group.create`. The user becomes the owner.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateGroupReq {
    /// Printable ASCII, 1 to 48 bytes, not beginning with [`ID_PREFIX`]; empty: the server gives one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub group_id: String,
    /// One of [`group_type`].
    pub group_type: i32,
    /// 1 to [`crate::limits::GROUP_NAME_BYTES`].
    pub name: String,
    /// At most [`crate::limits::GROUP_FACE_URL_BYTES`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub face_url: String,
    /// At most [`crate::limits::GROUP_INTRODUCTION_BYTES`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub introduction: String,
    /// At most [`crate::limits::GROUP_NOTIFICATION_BYTES`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub notification: String,
    /// Left out: as the type has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub add_option: Option<i32>,
    /// Left out: as the type has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approve_option: Option<i32>,
    /// At most as many as the server allows, which is also what 0 means.
    #[serde(default, skip_serializing_if = "is_default")]
    pub max_members: u32,
    /// User IDs of the other members, at most [`crate::limits::GROUP_USERS_A_CALL`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub members: Vec<String>,
}

/// Answer of `group.create`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateGroupRes {
    /// The group's ID.
    pub group_id: String,
    /// What became of `members`, in their order.
    #[serde(default, skip_serializing_if = "is_default")]
    pub results: Vec<MemberResult>,
}

/// What became of a user who was to become a member.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MemberResult {
    /// User ID.
    pub user: String,
    /// One of [`member_result`].
    pub result: i32,
}

/// Request of `group.join`, `group.quit` and `group.delete`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GroupReq {
    /// Which group.
    pub group_id: String,
}

/// Answer of these.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GroupRes {}

/// Request of `group.invite`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InviteReq {
    /// Which group.
    pub group_id: String,
    /// User IDs, 1 to [`crate::limits::GROUP_USERS_A_CALL`].
    pub users: Vec<String>,
}

/// Answer of `group.invite`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InviteRes {
    /// In the order of the request.
    pub results: Vec<MemberResult>,
}

/// Request of `group.joined`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct JoinedReq {
    /// `next` of the page before; 0 for the first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub page: i64,
}

/// Answer of `group.joined`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct JoinedRes {
    /// In any order.
    pub groups: Vec<GroupState>,
    /// Where the next page begins; 0 on the last.
    #[serde(default, skip_serializing_if = "is_default")]
    pub next: i64,
}

/// Request of `group.members`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MembersReq {
    /// Which group.
    pub group_id: String,
    /// Only members of these roles; empty: of all.
    #[serde(default, skip_serializing_if = "is_default")]
    pub roles: Vec<i32>,
    /// Only these users, at most [`crate::limits::GROUP_MEMBERS_PAGE`]; empty: all, page by page.
    #[serde(default, skip_serializing_if = "is_default")]
    pub users: Vec<String>,
    /// `next` of the page before; 0 for the first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub page: i64,
}

/// Answer of `group.members`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MembersRes {
    /// In any order.
    pub members: Vec<Member>,
    /// Where the next page begins; 0 on the last.
    #[serde(default, skip_serializing_if = "is_default")]
    pub next: i64,
}

/// A member of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// User ID.
    pub user: String,
    /// One of [`role`].
    pub role: i32,
    /// Seconds since 1970.
    #[serde(deserialize_with = "crate::number")]
    pub joined_at: u64,
}

/// Request of `group.heads`: what moved while the client was away.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HeadsReq {
    /// The server's clock when the client last knew all, milliseconds since 1970; 0: all groups.
    #[serde(default, skip_serializing_if = "is_default")]
    pub since_ms: u64,
    /// `next` of the page before; 0 for the first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub page: i64,
}

/// Answer of `group.heads`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HeadsRes {
    /// Groups of the user that moved since, or a little before: clocks of nodes differ.
    pub heads: Vec<GroupHead>,
    /// The server's clock before it looked.
    #[serde(deserialize_with = "crate::number")]
    pub now_ms: u64,
    /// Where the next page begins; 0 on the last.
    #[serde(default, skip_serializing_if = "is_default")]
    pub next: i64,
}

/// How far a group has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupHead {
    /// Which group.
    pub group_id: String,
    /// Its newest message.
    #[serde(deserialize_with = "crate::number")]
    pub head_seq: u64,
    /// How often a message of it has changed.
    #[serde(
        default,
        skip_serializing_if = "is_default",
        deserialize_with = "crate::number"
    )]
    pub rev: u64,
    /// How often what is said of it has changed.
    #[serde(
        default,
        skip_serializing_if = "is_default",
        deserialize_with = "crate::number"
    )]
    pub info_seq: u64,
    /// It was dissolved.
    #[serde(default, skip_serializing_if = "is_default")]
    pub gone: bool,
}

/// Stream event: the user came into a group, or is in it no more. A [`MembershipChanged`].
pub const EV_MEMBERSHIP: &str = "group.membership";
/// Passing event: a group was dissolved. A [`GroupGone`].
pub const EV_GONE: &str = "group.gone";

/// Body of [`EV_MEMBERSHIP`], as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MembershipChanged {
    /// Which group.
    pub conv: ConvId,
    /// The conversation; none when the user is not in the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Box<ConvState>>,
}

/// Body of [`EV_GONE`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupGone {
    /// Which group.
    pub conv: ConvId,
}
