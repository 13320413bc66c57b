//! Groups: creating, coming, going, who is in them; [`keep`] is how this device keeps up with them.

use std::sync::Arc;

use protocol::conversation::{ConvId, conv_type};
use protocol::group::list::{
    CreateGroupParam, CreateGroupResult, GroupBaseInfo, GroupMemberInfo, InviteParam, InviteResult,
    MembersParam, MembersResult,
};
use protocol::group::{
    CreateGroupReq, CreateGroupRes, GroupReq, GroupState, ID_PREFIX, InviteReq, InviteRes,
    JoinedReq, JoinedRes, MembersReq, MembersRes, role,
};
use protocol::ops::Op;
use protocol::{Error, codes, limits, ops};

use crate::request::Kind;
use crate::store::{self, Store};
use crate::{Core, Reply, ReqId};

mod keep;
mod untold;

pub(crate) use keep::Groups;

/// A call about groups whose answer has something to tell.
#[derive(Debug)]
pub(crate) enum GroupsCall {
    Create {
        req: ReqId,
    },
    Invite {
        req: ReqId,
    },
    Joined {
        req: ReqId,
        /// Those of the pages before.
        found: Vec<GroupState>,
    },
    Members {
        req: ReqId,
        group_id: String,
    },
}

impl GroupsCall {
    pub fn req(&self) -> ReqId {
        match self {
            Self::Create { req }
            | Self::Invite { req }
            | Self::Joined { req, .. }
            | Self::Members { req, .. } => *req,
        }
    }

    /// Must not be sent twice: a second group, or a refusal of what was done, would come of it.
    pub fn is_once(&self) -> bool {
        matches!(self, Self::Create { .. } | Self::Invite { .. })
    }
}

/// Bits of `TIMGroupMemberRoleFlag`.
const ROLE_FLAGS: [(u64, i32); 3] = [(1, role::OWNER), (2, role::ADMIN), (4, role::MEMBER)];

fn bad(text: impl Into<String>) -> Error {
    Error::new(codes::INVALID_PARAMETERS, text.into())
}

/// Whether a group can be called so: by its own name, or by one that a server gave.
pub(crate) fn check_group_id(id: &str) -> Result<(), Error> {
    let printable = id.bytes().all(|b| (0x20..=0x7e).contains(&b));
    if !id.is_empty() && printable && id.len() <= limits::GROUP_ID_BYTES {
        return Ok(());
    }
    Err(Error::new(
        codes::SDK_GROUP_INVALID_ID,
        "a group ID has 1 to 48 bytes of printable ASCII",
    ))
}

fn check_create(param: &CreateGroupParam) -> Result<(), Error> {
    if !param.group_id.is_empty() {
        check_group_id(&param.group_id)?;
        if param.group_id.starts_with(ID_PREFIX) {
            let text =
                "create_group_param_group_id: only the server gives IDs that begin with @TGS#";
            return Err(Error::new(codes::SDK_GROUP_INVALID_ID, text));
        }
    }
    let is_long = |text: &str, most: usize| text.len() > most;
    if param.name.is_empty() || is_long(&param.name, limits::GROUP_NAME_BYTES) {
        let text = "create_group_param_group_name: a name has 1 to 30 bytes of UTF-8";
        return Err(Error::new(codes::SDK_GROUP_INVALID_NAME, text));
    }
    if is_long(&param.introduction, limits::GROUP_INTRODUCTION_BYTES) {
        return Err(Error::of(codes::SDK_GROUP_INVALID_INTRODUCTION));
    }
    if is_long(&param.notification, limits::GROUP_NOTIFICATION_BYTES) {
        return Err(Error::of(codes::SDK_GROUP_INVALID_NOTIFICATION));
    }
    if is_long(&param.face_url, limits::GROUP_FACE_URL_BYTES) {
        return Err(Error::of(codes::SDK_GROUP_INVALID_FACE_URL));
    }
    if param.members.len() > limits::GROUP_USERS_A_CALL {
        return Err(bad(format!(
            "create_group_param_group_member_array: {} members, at most {} come with a new group",
            param.members.len(),
            limits::GROUP_USERS_A_CALL
        )));
    }
    Ok(())
}

impl Core {
    fn ask_group<O: Op>(&mut self, call: GroupsCall, asked: &O::Req) {
        self.request::<O>(Kind::Groups(Box::new(call)), asked);
    }

    /// `tim_group_create`
    pub(crate) fn create_group(&mut self, req: ReqId, param: CreateGroupParam) {
        if let Err(error) = check_create(&param) {
            self.complete(req, Err(error));
            return;
        }
        let create = CreateGroupReq {
            group_id: param.group_id,
            group_type: param.group_type,
            name: param.name,
            face_url: param.face_url,
            introduction: param.introduction,
            notification: param.notification,
            add_option: param.add_option,
            approve_option: param.approve_option,
            max_members: param.max_members,
            members: param
                .members
                .into_iter()
                .map(|member| member.user)
                .collect(),
        };
        self.ask_group::<ops::CreateGroup>(GroupsCall::Create { req }, &create);
    }

    /// `tim_group_join`, `tim_group_quit`, `tim_group_delete`
    pub(crate) fn act_on_group<O: Op<Req = GroupReq>>(&mut self, req: ReqId, group_id: String) {
        if let Err(error) = check_group_id(&group_id) {
            self.complete(req, Err(error));
            return;
        }
        self.request::<O>(Kind::GroupAct { req }, &GroupReq { group_id });
    }

    /// `tim_group_invite_member`
    pub(crate) fn invite(&mut self, req: ReqId, param: InviteParam) {
        let checked = check_group_id(&param.group_id).and_then(|()| match param.users.len() {
            1..=limits::GROUP_USERS_A_CALL => Ok(()),
            0 => Err(Error::of(codes::SDK_GROUP_INVITE_NO_MEMBER)),
            count => Err(bad(format!(
                "group_invite_member_param_identifier_array: {count} users, it must name 1 to {}",
                limits::GROUP_USERS_A_CALL
            ))),
        });
        if let Err(error) = checked {
            self.complete(req, Err(error));
            return;
        }
        let invite = InviteReq {
            group_id: param.group_id,
            users: param.users,
        };
        self.ask_group::<ops::Invite>(GroupsCall::Invite { req }, &invite);
    }

    /// `tim_group_get_joined_group_list`
    pub(crate) fn get_joined_groups(&mut self, req: ReqId) {
        let found = Vec::new();
        let call = GroupsCall::Joined { req, found };
        self.ask_group::<ops::JoinedGroups>(call, &JoinedReq::default());
    }

    /// `tim_group_get_member_info_list`
    pub(crate) fn get_members(&mut self, req: ReqId, param: MembersParam) {
        let checked = check_group_id(&param.group_id).and_then(|()| {
            if param.users.len() > limits::GROUP_MEMBERS_PAGE {
                let text = "group_get_members_info_list_param_identifier_array: at most 100 users";
                return Err(bad(text));
            }
            i64::try_from(param.next_seq)
                .map_err(|_| bad("group_get_members_info_list_param_next_seq: of no page before"))
        });
        let page = match checked {
            Ok(page) => page,
            Err(error) => {
                self.complete(req, Err(error));
                return;
            }
        };
        let flag = param.option.role_flag;
        let wanted = ROLE_FLAGS.iter().filter(|(bit, _)| flag & bit != 0);
        let mut roles: Vec<i32> = wanted.map(|(_, role)| *role).collect();
        if roles.len() == ROLE_FLAGS.len() {
            roles.clear();
        }
        let members = MembersReq {
            group_id: param.group_id.clone(),
            roles,
            users: param.users,
            page,
        };
        let group_id = param.group_id;
        self.ask_group::<ops::Members>(GroupsCall::Members { req, group_id }, &members);
    }

    pub(crate) fn on_groups_answer(
        &mut self,
        store: &mut dyn Store,
        call: GroupsCall,
        answer: Result<&str, Error>,
    ) -> store::Result<()> {
        let req = call.req();
        let reply = match self.read_groups(store, call, answer)? {
            Ok(Some(reply)) => Ok(reply),
            Ok(None) => return Ok(()),
            Err(error) => Err(error),
        };
        self.complete(req, reply);
        Ok(())
    }

    /// What an answer says; `None`: more is to come.
    fn read_groups(
        &mut self,
        store: &mut dyn Store,
        call: GroupsCall,
        answer: Result<&str, Error>,
    ) -> store::Result<Result<Option<Reply>, Error>> {
        use crate::client::read_small;
        let reply = match call {
            GroupsCall::Create { .. } => read_small(answer).map(|made: CreateGroupRes| {
                Reply::GroupCreated(CreateGroupResult {
                    group_id: made.group_id,
                })
            }),
            GroupsCall::Invite { .. } => read_small(answer).map(|invited: InviteRes| {
                let results = invited.results.into_iter().map(InviteResult::from);
                Reply::Invited(results.collect())
            }),
            GroupsCall::Joined { req, mut found } => {
                let page: JoinedRes = match read_small(answer) {
                    Ok(page) => page,
                    Err(error) => return Ok(Err(error)),
                };
                found.extend(page.groups);
                if page.next != 0 {
                    let call = GroupsCall::Joined { req, found };
                    let asked = JoinedReq { page: page.next };
                    self.ask_group::<ops::JoinedGroups>(call, &asked);
                    return Ok(Ok(None));
                }
                let mut groups = Vec::with_capacity(found.len());
                for state in found {
                    let conv = ConvId::group(&*state.info.group_id);
                    let row = self.conv(store, &conv)?;
                    let known = (row.head_seq, row.read_seq, row.unread());
                    groups.push(GroupBaseInfo::of(state, known));
                }
                Ok(Reply::JoinedGroups(groups))
            }
            GroupsCall::Members { group_id, .. } => {
                let page: MembersRes = match read_small(answer) {
                    Ok(page) => page,
                    Err(error) => return Ok(Err(error)),
                };
                let mut result = MembersResult {
                    next_seq: page.next.unsigned_abs(),
                    members: Vec::with_capacity(page.members.len()),
                };
                for member in page.members {
                    let mut info = GroupMemberInfo::of(&group_id, member);
                    if let Some((profile, _)) = store.profile(&info.user)? {
                        info.nick_name = profile.nick_name;
                        info.face_url = profile.face_url;
                    }
                    result.members.push(info);
                }
                Ok(Reply::Members(Box::new(result)))
            }
        };
        Ok(reply.map(Some))
    }

    /// Whether it is the conversation of a group that the user is not in, or not any more: nothing that
    /// is told of it makes it appear.
    pub(crate) fn is_foreign(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
    ) -> store::Result<bool> {
        Ok(conv.kind == conv_type::GROUP && self.group(store, &conv.id)?.is_none())
    }

    /// What is known of a group that the user is in.
    pub(crate) fn group(
        &mut self,
        store: &mut dyn Store,
        group_id: &str,
    ) -> store::Result<Option<Arc<GroupState>>> {
        if let Some(known) = self.groups.known.get(group_id) {
            return Ok(known.clone());
        }
        let found = store.group(group_id)?.map(Arc::new);
        self.groups.known.insert(group_id.to_owned(), found.clone());
        Ok(found)
    }
}
