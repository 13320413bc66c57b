//! Groups as the C interface names them: what the app hands in, and what it gets.

use serde::{Deserialize, Serialize};

use super::{GroupState, Member, MemberResult};

/// `CreateGroupParam`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct CreateGroupParam {
    /// The group's name.
    #[serde(rename = "create_group_param_group_name")]
    pub name: String,
    /// Its ID; empty: the server gives one.
    #[serde(rename = "create_group_param_group_id", default)]
    pub group_id: String,
    /// Number of `TIMGroupType`.
    #[serde(rename = "create_group_param_group_type", default)]
    pub group_type: i32,
    /// The first members.
    #[serde(rename = "create_group_param_group_member_array", default)]
    pub members: Vec<NamedMember>,
    /// Notice.
    #[serde(rename = "create_group_param_notification", default)]
    pub notification: String,
    /// Introduction.
    #[serde(rename = "create_group_param_introduction", default)]
    pub introduction: String,
    /// URL of the picture.
    #[serde(rename = "create_group_param_face_url", default)]
    pub face_url: String,
    /// Number of `TIMGroupAddOption`.
    #[serde(rename = "create_group_param_add_option", default)]
    pub add_option: Option<i32>,
    /// Number of `TIMGroupAddOption`.
    #[serde(rename = "create_group_param_approve_option", default)]
    pub approve_option: Option<i32>,
    /// At most so many members.
    #[serde(rename = "create_group_param_max_member_num", default)]
    pub max_members: u32,
}

/// A `GroupMemberInfo` that names a member.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct NamedMember {
    /// User ID.
    #[serde(rename = "group_member_info_identifier")]
    pub user: String,
}

/// `CreateGroupResult`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CreateGroupResult {
    /// The group's ID.
    #[serde(rename = "create_group_result_groupid")]
    pub group_id: String,
}

/// `GroupInviteMemberParam`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct InviteParam {
    /// Which group.
    #[serde(rename = "group_invite_member_param_group_id")]
    pub group_id: String,
    /// User IDs.
    #[serde(rename = "group_invite_member_param_identifier_array")]
    pub users: Vec<String>,
}

/// `GroupInviteMemberResult`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct InviteResult {
    /// User ID.
    #[serde(rename = "group_invite_member_result_identifier")]
    pub user: String,
    /// Number of `HandleGroupMemberResult`.
    #[serde(rename = "group_invite_member_result_result")]
    pub result: i32,
}

impl From<MemberResult> for InviteResult {
    fn from(result: MemberResult) -> Self {
        Self {
            user: result.user,
            result: result.result,
        }
    }
}

/// `GroupGetMemberInfoListParam`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct MembersParam {
    /// Which group.
    #[serde(rename = "group_get_members_info_list_param_group_id")]
    pub group_id: String,
    /// Only these users; empty: all.
    #[serde(rename = "group_get_members_info_list_param_identifier_array", default)]
    pub users: Vec<String>,
    /// Which members.
    #[serde(rename = "group_get_members_info_list_param_option", default)]
    pub option: MembersOption,
    /// Where the page begins; 0 for the first.
    #[serde(rename = "group_get_members_info_list_param_next_seq", default)]
    pub next_seq: u64,
}

/// `GroupMemberGetInfoOption`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct MembersOption {
    /// Bits of `TIMGroupMemberRoleFlag`; 0: all.
    #[serde(rename = "group_member_get_info_option_role_flag", default)]
    pub role_flag: u64,
}

/// `GroupGetMemberInfoListResult`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MembersResult {
    /// Where the next page begins; 0: this was the last.
    #[serde(rename = "group_get_member_info_list_result_next_seq")]
    pub next_seq: u64,
    /// Members.
    #[serde(rename = "group_get_member_info_list_result_info_array")]
    pub members: Vec<GroupMemberInfo>,
}

/// `GroupMemberInfo`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct GroupMemberInfo {
    /// User ID.
    #[serde(rename = "group_member_info_identifier")]
    pub user: String,
    /// Which group.
    #[serde(rename = "group_member_info_group_id")]
    pub group_id: String,
    /// Seconds since 1970.
    #[serde(rename = "group_member_info_join_time")]
    pub joined_at: u64,
    /// Number of `TIMGroupMemberRole`.
    #[serde(rename = "group_member_info_member_role")]
    pub role: i32,
    /// As far as this device knows the profile.
    #[serde(rename = "group_member_info_nick_name")]
    pub nick_name: String,
    /// As far as this device knows the profile.
    #[serde(rename = "group_member_info_face_url")]
    pub face_url: String,
}

impl GroupMemberInfo {
    /// A member of a group.
    pub fn of(group_id: &str, member: Member) -> Self {
        Self {
            user: member.user,
            group_id: group_id.to_owned(),
            joined_at: member.joined_at,
            role: member.role,
            ..Self::default()
        }
    }
}

/// `GroupBaseInfo`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct GroupBaseInfo {
    /// ID.
    #[serde(rename = "group_base_info_group_id")]
    pub group_id: String,
    /// Name.
    #[serde(rename = "group_base_info_group_name")]
    pub name: String,
    /// Number of `TIMGroupType`.
    #[serde(rename = "group_base_info_group_type")]
    pub group_type: i32,
    /// URL of the picture.
    #[serde(rename = "group_base_info_face_url")]
    pub face_url: String,
    /// Rises with each change of the group's profile.
    #[serde(rename = "group_base_info_info_seq")]
    pub info_seq: u64,
    /// The newest message.
    #[serde(rename = "group_base_info_latest_seq")]
    pub latest_seq: u64,
    /// The user has read up to here.
    #[serde(rename = "group_base_info_readed_seq")]
    pub read_seq: u64,
    /// Number of `TIMReceiveMessageOpt`.
    #[serde(rename = "group_base_info_msg_flag")]
    pub recv_opt: i32,
    /// All members are muted.
    #[serde(rename = "group_base_info_is_shutup_all")]
    pub is_muted: bool,
    /// What the user is in it.
    #[serde(rename = "group_base_info_self_info")]
    pub me: GroupSelfInfo,
}

/// `GroupSelfInfo`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct GroupSelfInfo {
    /// Seconds since 1970.
    #[serde(rename = "group_self_info_join_time")]
    pub joined_at: u64,
    /// Number of `TIMGroupMemberRole`.
    #[serde(rename = "group_self_info_role")]
    pub role: i32,
    /// Unread messages.
    #[serde(rename = "group_self_info_unread_num")]
    pub unread: u64,
    /// Number of `TIMReceiveMessageOpt`.
    #[serde(rename = "group_self_info_msg_flag")]
    pub recv_opt: i32,
}

impl GroupBaseInfo {
    /// A group with what this device knows of its conversation: newest message, read mark, unread.
    pub fn of(state: GroupState, (latest_seq, read_seq, unread): (u64, u64, u64)) -> Self {
        let GroupState { info, me } = state;
        Self {
            group_id: info.group_id,
            name: info.name,
            group_type: info.group_type,
            face_url: info.face_url,
            info_seq: info.info_seq,
            latest_seq,
            read_seq,
            recv_opt: 0,
            is_muted: false,
            me: GroupSelfInfo {
                joined_at: me.joined_at,
                role: me.role,
                unread,
                recv_opt: 0,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{GroupInfo, Membership, role};
    use super::*;

    fn golden(value: &impl Serialize, json: &str) {
        assert_eq!(serde_json::to_string(value).unwrap(), json);
    }

    #[test]
    fn groups_as_the_app_gets_them() {
        let state = GroupState {
            info: GroupInfo {
                group_id: "g".into(),
                group_type: 1,
                name: "Friends".into(),
                ..GroupInfo::default()
            },
            me: Membership {
                role: role::OWNER,
                joined_at: 7,
                ..Membership::default()
            },
        };
        golden(
            &GroupBaseInfo::of(state, (5, 3, 2)),
            concat!(
                r#"{"group_base_info_group_id":"g","group_base_info_group_name":"Friends","#,
                r#""group_base_info_group_type":1,"group_base_info_face_url":"","#,
                r#""group_base_info_info_seq":0,"group_base_info_latest_seq":5,"#,
                r#""group_base_info_readed_seq":3,"group_base_info_msg_flag":0,"#,
                r#""group_base_info_is_shutup_all":false,"group_base_info_self_info":{"#,
                r#""group_self_info_join_time":7,"group_self_info_role":400,"#,
                r#""group_self_info_unread_num":2,"group_self_info_msg_flag":0}}"#
            ),
        );
        let members = MembersResult {
            next_seq: 9,
            members: vec![GroupMemberInfo {
                user: "bob".into(),
                group_id: "g".into(),
                joined_at: 7,
                role: role::MEMBER,
                nick_name: "Bob".into(),
                face_url: "u".into(),
            }],
        };
        golden(
            &members,
            concat!(
                r#"{"group_get_member_info_list_result_next_seq":9,"#,
                r#""group_get_member_info_list_result_info_array":[{"#,
                r#""group_member_info_identifier":"bob","group_member_info_group_id":"g","#,
                r#""group_member_info_join_time":7,"group_member_info_member_role":200,"#,
                r#""group_member_info_nick_name":"Bob","group_member_info_face_url":"u"}]}"#
            ),
        );
        let invited = InviteResult::from(MemberResult {
            user: "bob".into(),
            result: 1,
        });
        golden(
            &invited,
            r#"{"group_invite_member_result_identifier":"bob","group_invite_member_result_result":1}"#,
        );
        let created = CreateGroupResult {
            group_id: "g".into(),
        };
        golden(&created, r#"{"create_group_result_groupid":"g"}"#);
    }
}
