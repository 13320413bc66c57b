//! Snapshots, what users set on conversations, groups of conversations.

use protocol::conversation::settings::{
    ChangeGroupReq, ChangeGroupRes, ConvGroup, ConvResult, ConvSettings, EV_GROUPS, EV_SETTINGS,
    GroupsChanged, GroupsReq, GroupsRes, SetConvsReq, SetConvsRes, group_action,
};
use protocol::conversation::{ConvId, ConvState, SnapshotReq, SnapshotRes, conv_type};
use protocol::message::{EV_ERASED, Erased};
use protocol::receive::is_opt;
use protocol::session::features;
use protocol::{Error, codes, frame, limits};

use super::message::new_message;
use super::session::PAGE_BYTES;
use super::{Cx, Logic};
use crate::bus::Bus;
use crate::repo::{
    ChangeGroup, ConvRef, ConvSet, ConvView, GroupAction, GroupChanged, Repo, SetConvs,
};

impl<R: Repo, B: Bus> Logic<R, B> {
    pub(super) async fn snapshot(
        &self,
        cx: &mut Cx,
        req: SnapshotReq,
    ) -> Result<SnapshotRes, Error> {
        let who = cx.who()?;
        let after = match &*req.page {
            "" => 0,
            page => page.parse().map_err(|_| {
                let text = "page is the token of the page before, or empty";
                Error::new(codes::PROTOCOL, text)
            })?,
        };
        let limit = req.limit.clamp(1, limits::SNAPSHOT_PAGE);
        let page = self
            .repo
            .snapshot(who.account, after, limit, PAGE_BYTES)
            .await
            .map_err(|e| Self::repo_error(&e, codes::SVR_MSG_INTERNAL_ERROR1))?;
        let knows_groups = who.features & features::GROUPS != 0;
        let conversations = page
            .conversations
            .into_iter()
            .filter(|view| knows_groups || view.group.is_none())
            .map(|view| conv_state(view, &who.user_id));
        Ok(SnapshotRes {
            conversations: conversations.collect::<Result<_, _>>()?,
            event_seq: page.event_seq,
            has_groups: page.has_groups,
            receive_all: page.receive_all,
            next: page.next.map(|at| at.to_string()).unwrap_or_default(),
        })
    }
}

impl<R: Repo, B: Bus> Logic<R, B> {
    pub(super) async fn set_convs(
        &self,
        cx: &mut Cx,
        req: SetConvsReq,
    ) -> Result<SetConvsRes, Error> {
        let who = cx.who()?;
        if req.convs.is_empty() {
            return Err(bad("convs names 1 to 100 conversations"));
        }
        let custom = req.change.custom_data.as_ref();
        if custom.is_some_and(|data| data.len() > limits::CONV_CUSTOM_BYTES) {
            return Err(bad("custom_data has at most 256 bytes"));
        }
        if req.change.recv_opt.is_some_and(|opt| !is_opt(opt)) {
            return Err(bad("recv_opt is 0, 1, 2 or 3"));
        }
        let set = SetConvs {
            app_id: who.app_id,
            account: who.account,
            convs: self.named(&req.convs)?,
            change: req.change,
            now_ms: cx.now_ms,
        };
        let set = self.repo.set_convs(set).await;
        let done = set.map_err(|e| Self::repo_error(&e, codes::SVR_CONV_INTERNAL_ERROR))?;
        for (at, range) in done.erased {
            let erased = Erased {
                conv: req.convs[at].clone(),
                from: range.from,
                to: range.to,
            };
            let event = Some(range.event);
            let frame = frame::write_event(EV_ERASED, event, &erased);
            cx.push(who.account, event, frame.into());
        }
        let mut results = Vec::with_capacity(req.convs.len());
        for (conv, set) in req.convs.into_iter().zip(done.sets) {
            let (code, settings) = match set {
                ConvSet::Changed(settings) => {
                    let event = Some(settings.version);
                    let told = ConvSettings {
                        conv: conv.clone(),
                        settings,
                    };
                    let frame = frame::write_event(EV_SETTINGS, event, &told);
                    cx.push(who.account, event, frame.into());
                    (0, Some(told.settings))
                }
                ConvSet::Same(settings) => (0, Some(settings)),
                ConvSet::Refused(code) => (code, None),
            };
            results.push(ConvResult {
                conv,
                code,
                settings,
            });
        }
        if let Some(event) = done.groups_event {
            let frame = frame::write_event(EV_GROUPS, Some(event), &GroupsChanged {});
            cx.push(who.account, Some(event), frame.into());
        }
        Ok(SetConvsRes { results })
    }

    pub(super) async fn change_group(
        &self,
        cx: &mut Cx,
        req: ChangeGroupReq,
    ) -> Result<ChangeGroupRes, Error> {
        let who = cx.who()?;
        let action = match &*req.action {
            group_action::CREATE => GroupAction::Create,
            group_action::DELETE => GroupAction::Delete,
            group_action::RENAME => GroupAction::Rename,
            group_action::ADD => GroupAction::Add,
            group_action::REMOVE => GroupAction::Remove,
            _ => return Err(bad("action is create, delete, rename, add or remove")),
        };
        check_group_name(&req.name)?;
        if action == GroupAction::Rename {
            check_group_name(&req.new_name)?;
        }
        let change = ChangeGroup {
            app_id: who.app_id,
            account: who.account,
            action,
            name: req.name,
            new_name: req.new_name,
            convs: self.named(&req.convs)?,
        };
        let changed = self.repo.change_group(change).await;
        let changed = changed.map_err(|e| Self::repo_error(&e, codes::SVR_CONV_INTERNAL_ERROR))?;
        let (told, event) = match changed {
            GroupChanged::Done { codes, event } => (codes, event),
            GroupChanged::Refused(codes::SVR_CONV_INVALID_PARAMETERS) => {
                return Err(bad("there is a conversation group of this name"));
            }
            GroupChanged::Refused(code) => return Err(Error::of(code)),
        };
        if event.is_some() {
            let frame = frame::write_event(EV_GROUPS, event, &GroupsChanged {});
            cx.push(who.account, event, frame.into());
        }
        let results = req.convs.into_iter().zip(told);
        let results = results.map(|(conv, code)| ConvResult {
            conv,
            code,
            settings: None,
        });
        Ok(ChangeGroupRes {
            results: results.collect(),
            event: event.unwrap_or(0),
        })
    }

    pub(super) async fn groups(&self, cx: &mut Cx, req: GroupsReq) -> Result<GroupsRes, Error> {
        let who = cx.who()?;
        let page = self.repo.groups(who.account, req.page).await;
        let page = page.map_err(|e| Self::repo_error(&e, codes::SVR_CONV_INTERNAL_ERROR))?;
        let last = page.groups.last().map_or(0, |group| group.id);
        let groups = page.groups.into_iter().map(|group| ConvGroup {
            id: group.id,
            name: group.name,
            convs: group.convs,
        });
        Ok(GroupsRes {
            groups: groups.collect(),
            event_seq: page.event_seq,
            next: if page.more { last } else { 0 },
        })
    }

    /// These conversations, each with an id should it not be there yet.
    fn named(&self, convs: &[ConvId]) -> Result<Vec<(ConvId, ConvRef)>, Error> {
        if convs.len() > limits::CONVERSATIONS_A_CALL {
            return Err(Error::of(codes::SVR_CONV_CONV_MARK_REQ_COUNT_EXCEED_LIMIT));
        }
        let is_known = |conv: &ConvId| matches!(conv.kind, conv_type::C2C | conv_type::GROUP);
        if !convs.iter().all(is_known) {
            return Err(bad(
                "this server knows conversations of two (1) and of groups (2)",
            ));
        }
        let named = convs.iter().map(|conv| (conv.clone(), self.next_id()));
        Ok(named.collect())
    }
}

fn bad(text: &'static str) -> Error {
    Error::new(codes::SVR_CONV_INVALID_PARAMETERS, text)
}

fn check_group_name(name: &str) -> Result<(), Error> {
    match name.len() {
        0 => Err(bad("a conversation group has a name")),
        length if length > limits::CONV_GROUP_NAME_BYTES => {
            Err(Error::of(codes::SVR_CONV_CONV_GROUP_NAME_EXCEED_LENGTH))
        }
        _ => Ok(()),
    }
}

pub(super) fn conv_state(view: ConvView, user_id: &str) -> Result<ConvState, Error> {
    let conv = view.conv;
    let last = view.last.map(|m| new_message(&conv, user_id, m));
    Ok(ConvState {
        last: last.transpose()?,
        head_seq: view.head_seq,
        peer_ord: view.peer_ord,
        read_ord: view.read_ord,
        read_seq: view.read_seq,
        peer_read_seq: view.peer_read_seq,
        peer_read_time: view.peer_read_time,
        rev: view.rev,
        settings: view.settings,
        group: view.group,
        conv,
    })
}
