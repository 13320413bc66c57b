//! Groups: created, joined, left, dissolved; their messages, and who is told.

use std::borrow::Cow;

use protocol::conversation::{ConvId, ConvState};
use protocol::group::{
    CreateGroupReq, CreateGroupRes, EV_GONE, EV_MEMBERSHIP, GroupGone, GroupReq, GroupRes,
    HeadsReq, HeadsRes, ID_PREFIX, InviteReq, InviteRes, JoinedReq, JoinedRes, MemberResult,
    MembersReq, MembersRes, MembershipChanged, SYSTEM, add_option, group_type,
};
use protocol::message::{EV_NEW, SendReq, SendRes};
use protocol::session::features;
use protocol::{Error, codes, frame, limits};

use super::conversation::conv_state;
use super::message::{MessageView, json};
use super::registry::Who;
use super::{Cx, Effect, Fan, Frame, Logic};
use crate::bus::Bus;
use crate::repo::{
    ConvRef, GroupAct, GroupBody, GroupDeed, GroupDone, GroupMessage, GroupMoved, GroupSent,
    MembersQuery, NewGroup, Repo, RepoError, StoredMessage,
};

/// Clocks of nodes are not further apart; what moved in between is told twice.
const CLOCKS_APART_MS: u64 = 120_000;

fn bad(text: impl Into<Cow<'static, str>>) -> Error {
    Error::new(codes::SVR_GROUP_INVALID_PARAMETERS, text)
}

fn failed<R: Repo, B: Bus>(error: RepoError) -> Error {
    Logic::<R, B>::repo_error(&error, codes::SVR_GROUP_INTERNAL_ERROR)
}

fn check_length(what: &str, text: &str, most: usize) -> Result<(), Error> {
    if text.len() > most {
        return Err(bad(format!("{what} has at most {most} bytes")));
    }
    Ok(())
}

/// There is none of that name, or the user is not in it.
pub(super) fn outside() -> Error {
    let text = "there is no such group, or you are not in it";
    Error::new(codes::SVR_GROUP_PERMISSION_DENY, text)
}

/// What an app may call its group.
fn check_own_id(id: &str) -> Result<(), Error> {
    let printable = id.bytes().all(|b| (0x20..=0x7e).contains(&b));
    if printable && id.len() <= limits::GROUP_ID_BYTES && !id.starts_with(ID_PREFIX) {
        return Ok(());
    }
    Err(Error::new(
        codes::SVR_GROUP_INVALID_GROUPID,
        "a group ID has 1 to 48 bytes of printable ASCII and does not begin with @TGS#",
    ))
}

/// Who decides about joining, and about bringing others in, unless the creator says otherwise.
fn options(kind: i32) -> Option<(i32, i32)> {
    match kind {
        group_type::PUBLIC => Some((add_option::AUTH, add_option::FORBID)),
        group_type::WORK => Some((add_option::FORBID, add_option::ANY)),
        group_type::MEETING => Some((add_option::ANY, add_option::FORBID)),
        _ => None,
    }
}

fn check_option(option: i32) -> Result<i32, Error> {
    match option {
        add_option::FORBID | add_option::AUTH | add_option::ANY => Ok(option),
        _ => Err(bad("add_option and approve_option are 0, 1 or 2")),
    }
}

fn check_users(users: &[String]) -> Result<(), Error> {
    if users.len() > limits::GROUP_USERS_A_CALL {
        return Err(Error::of(codes::SVR_GROUP_ACOUNT_COUNT_LIMIT));
    }
    Ok(())
}

fn results(users: Vec<String>, results: Vec<i32>) -> Vec<MemberResult> {
    let both = users.into_iter().zip(results);
    both.map(|(user, result)| MemberResult { user, result })
        .collect()
}

impl<R: Repo, B: Bus> Logic<R, B> {
    pub(super) async fn create_group(
        &self,
        cx: &mut Cx,
        req: CreateGroupReq,
    ) -> Result<CreateGroupRes, Error> {
        let who = cx.who()?;
        let (add, approve) = options(req.group_type).ok_or_else(|| {
            bad("this server has groups of the types Public (0), Work (1) and Meeting (2)")
        })?;
        check_own_id(&req.group_id)?;
        if req.name.is_empty() {
            return Err(bad("a group has a name"));
        }
        check_length("name", &req.name, limits::GROUP_NAME_BYTES)?;
        check_length("face_url", &req.face_url, limits::GROUP_FACE_URL_BYTES)?;
        let most = limits::GROUP_INTRODUCTION_BYTES;
        check_length("introduction", &req.introduction, most)?;
        let most = limits::GROUP_NOTIFICATION_BYTES;
        check_length("notification", &req.notification, most)?;
        check_users(&req.members)?;
        let add_option = match req.group_type {
            // Nobody walks into these.
            group_type::WORK => add,
            _ => check_option(req.add_option.unwrap_or(add))?,
        };
        let most = self.config.group_members;
        let conv = self.next_id();
        let group_id = match req.group_id {
            id if id.is_empty() => format!("{ID_PREFIX}{conv:X}"),
            id => id,
        };
        let new = NewGroup {
            conv,
            app_id: who.app_id,
            owner: who.account,
            owner_id: who.user_id.clone(),
            group_id: group_id.clone(),
            kind: req.group_type,
            body: GroupBody {
                name: req.name,
                face_url: req.face_url,
                introduction: req.introduction,
                notification: req.notification,
                add_option,
                approve_option: check_option(req.approve_option.unwrap_or(approve))?,
                max_members: match req.max_members {
                    0 => most,
                    wanted => wanted.min(most),
                },
            },
            members: req.members.clone(),
            groups_of_user: self.config.groups_of_user,
            now_ms: cx.now_ms,
        };
        let done = self.repo.create_group(new).await.map_err(failed::<R, B>)?;
        let moved = match done {
            GroupDone::Refused(code) => return Err(Error::of(code)),
            GroupDone::Done(moved) => moved,
        };
        let told = self.moved(cx, &ConvId::group(&*group_id), moved, &who)?;
        Ok(CreateGroupRes {
            group_id,
            results: results(req.members, told),
        })
    }

    pub(super) async fn join_group(&self, cx: &mut Cx, req: GroupReq) -> Result<GroupRes, Error> {
        let joined = self.act(cx, req.group_id, GroupDeed::Join).await;
        match joined {
            Err(error) if error.code == codes::SVR_GROUP_PERMISSION_DENY => Err(Error::new(
                error.code,
                "nobody walks into this group: its members bring others in, or its add_option is not 2 \
                 (this server has no approvals yet)",
            )),
            joined => joined.map(|_| GroupRes {}),
        }
    }

    pub(super) async fn invite(&self, cx: &mut Cx, req: InviteReq) -> Result<InviteRes, Error> {
        if req.users.is_empty() {
            return Err(bad("users names 1 to 20 users"));
        }
        check_users(&req.users)?;
        let deed = GroupDeed::Invite(req.users.clone());
        let told = self.act(cx, req.group_id, deed).await?;
        Ok(InviteRes {
            results: results(req.users, told),
        })
    }

    pub(super) async fn quit_group(&self, cx: &mut Cx, req: GroupReq) -> Result<GroupRes, Error> {
        self.act(cx, req.group_id, GroupDeed::Quit).await?;
        Ok(GroupRes {})
    }

    pub(super) async fn delete_group(&self, cx: &mut Cx, req: GroupReq) -> Result<GroupRes, Error> {
        self.act(cx, req.group_id, GroupDeed::Delete).await?;
        Ok(GroupRes {})
    }

    async fn act(&self, cx: &mut Cx, group_id: String, what: GroupDeed) -> Result<Vec<i32>, Error> {
        let who = cx.who()?;
        let is_end = what == GroupDeed::Delete;
        let act = GroupAct {
            app_id: who.app_id,
            account: who.account,
            user_id: who.user_id.clone(),
            group_id: group_id.clone(),
            what,
            groups_of_user: self.config.groups_of_user,
            now_ms: cx.now_ms,
        };
        let done = self.repo.act_on_group(act).await.map_err(failed::<R, B>)?;
        let moved = match done {
            GroupDone::Refused(code) => return Err(Error::of(code)),
            GroupDone::Done(moved) => moved,
        };
        let conv = ConvId::group(group_id);
        if is_end {
            let gone = GroupGone { conv: conv.clone() };
            let gone = frame::write_event(EV_GONE, None, &gone);
            fan(cx, moved.conv, u64::MAX, gone.into());
        }
        self.moved(cx, &conv, moved, &who)
    }

    /// Tells who came or went, and the group. Gives what became of those who were named.
    fn moved(
        &self,
        cx: &mut Cx,
        conv: &ConvId,
        moved: GroupMoved,
        who: &Who,
    ) -> Result<Vec<i32>, Error> {
        for member in moved.members {
            let state = member.view.map(|view| conv_state(*view, &who.user_id));
            let changed = MembershipChanged {
                conv: conv.clone(),
                state: state.transpose()?.map(Box::new),
            };
            let seq = Some(member.event);
            let event = frame::write_event(EV_MEMBERSHIP, seq, &changed);
            cx.push(member.account, seq, event.into());
        }
        if let Some(tip) = moved.tip {
            let view = MessageView::of(conv, SYSTEM, &tip)?;
            let event = frame::write_event(EV_NEW, None, &view);
            fan(cx, moved.conv, tip.seq, event.into());
            if let Some(Effect::Fan(fan)) = cx.effects.last_mut() {
                fan.is_last = true;
            }
        }
        Ok(moved.results)
    }

    pub(super) async fn send_to_group(
        &self,
        cx: &mut Cx,
        who: &Who,
        req: SendReq,
    ) -> Result<SendRes, Error> {
        if req.content.online_only {
            return self.pass_on_to_group(cx, who, req).await;
        }
        let message = GroupMessage {
            app_id: who.app_id,
            sender: who.account,
            group_id: req.conv.id.clone(),
            msg_id: req.msg_id.clone(),
            now_ms: cx.now_ms,
            content: json(&req.content),
            countable: req.content.is_countable(),
            may_be_last: !req.content.excluded_from_last,
        };
        let content = message.content.clone();
        let sent = match self.repo.send_to_group(message).await {
            Ok(sent) => sent,
            Err(error) => {
                self.take_no_more(cx);
                return Err(failed::<R, B>(error));
            }
        };
        let (conv, seq, ord) = match sent {
            GroupSent::Refused(codes::SVR_GROUP_PERMISSION_DENY) => {
                let text = "only members of a group write to it: join it first";
                return Err(Error::new(codes::SVR_GROUP_PERMISSION_DENY, text));
            }
            GroupSent::Refused(code) => return Err(Error::of(code)),
            GroupSent::Repeat { seq, time } => {
                self.metrics.repeats.inc();
                let event = 0;
                return Ok(SendRes { seq, time, event });
            }
            GroupSent::New { conv, seq, ord } => (conv, seq, ord),
        };
        self.metrics.messages.inc();
        let time = cx.now_s();
        let stored = StoredMessage {
            seq,
            mine: false,
            sender: who.user_id.clone(),
            msg_id: req.msg_id,
            time,
            ord,
            rev: 0,
            revoked: String::new(),
            content,
        };
        let event = frame::write_event(EV_NEW, None, &MessageView::of(&req.conv, "", &stored)?);
        fan(cx, conv, seq, event.into());
        if who.features & features::ANSWER_IS_EVENT != 0 {
            spare_sender(cx);
        }
        let event = 0;
        Ok(SendRes { seq, time, event })
    }

    /// An online-only message: not stored, not counted, only passed on.
    async fn pass_on_to_group(
        &self,
        cx: &mut Cx,
        who: &Who,
        req: SendReq,
    ) -> Result<SendRes, Error> {
        let conv = self
            .repo
            .group_conv(who.app_id, who.account, req.conv.id.clone());
        let conv = conv.await.map_err(failed::<R, B>)?.ok_or_else(outside)?;
        self.metrics.messages.inc();
        let time = cx.now_s();
        let passing = StoredMessage {
            seq: 0,
            mine: false,
            sender: who.user_id.clone(),
            msg_id: req.msg_id,
            time,
            ord: 0,
            rev: 0,
            revoked: String::new(),
            content: json(&req.content),
        };
        let event = frame::write_event(EV_NEW, None, &MessageView::of(&req.conv, "", &passing)?);
        fan(cx, conv, u64::MAX, event.into());
        spare_sender(cx);
        let (seq, event) = (0, 0);
        Ok(SendRes { seq, time, event })
    }

    pub(super) async fn joined_groups(
        &self,
        cx: &mut Cx,
        req: JoinedReq,
    ) -> Result<JoinedRes, Error> {
        let who = cx.who()?;
        let page = self.repo.joined_groups(who.account, req.page).await;
        let page = page.map_err(failed::<R, B>)?;
        Ok(JoinedRes {
            groups: page.rows,
            next: page.next.unwrap_or(0),
        })
    }

    pub(super) async fn members(&self, cx: &mut Cx, req: MembersReq) -> Result<MembersRes, Error> {
        let who = cx.who()?;
        if req.users.len() > limits::GROUP_MEMBERS_PAGE {
            return Err(Error::of(codes::SVR_GROUP_ACOUNT_COUNT_LIMIT));
        }
        let query = MembersQuery {
            app_id: who.app_id,
            account: who.account,
            group_id: req.group_id,
            roles: req.roles.into_iter().map(i64::from).collect(),
            users: req.users,
            after: req.page,
            limit: limits::GROUP_MEMBERS_PAGE,
        };
        let page = self.repo.members(query).await.map_err(failed::<R, B>)?;
        let page = page.ok_or_else(outside)?;
        Ok(MembersRes {
            members: page.rows,
            next: page.next.unwrap_or(0),
        })
    }

    pub(super) async fn group_state(&self, cx: &mut Cx, req: GroupReq) -> Result<ConvState, Error> {
        let who = cx.who()?;
        let view = self.repo.group_view(who.app_id, who.account, req.group_id);
        let view = view.await.map_err(failed::<R, B>)?;
        conv_state(view.ok_or_else(outside)?, &who.user_id)
    }

    pub(super) async fn group_heads(&self, cx: &mut Cx, req: HeadsReq) -> Result<HeadsRes, Error> {
        let who = cx.who()?;
        let since = req.since_ms.saturating_sub(CLOCKS_APART_MS);
        let page = self.repo.group_heads(who.account, req.page, since).await;
        let page = page.map_err(failed::<R, B>)?;
        Ok(HeadsRes {
            heads: page.rows,
            now_ms: cx.now_ms,
            next: page.next.unwrap_or(0),
        })
    }
}

/// The session that wrote is told by the answer.
fn spare_sender(cx: &mut Cx) {
    let session = cx.session;
    if let Some(Effect::Fan(fan)) = cx.effects.last_mut() {
        fan.except = Some(session);
    }
}

/// An event for the members of a group, of those for whom the message is there.
pub(super) fn fan(cx: &mut Cx, conv: ConvRef, seq: u64, frame: Frame) {
    cx.effects.push(Effect::Fan(Fan {
        conv,
        seq,
        except: None,
        is_last: false,
        frame,
        here: Vec::new(),
        there: Vec::new(),
    }));
}
