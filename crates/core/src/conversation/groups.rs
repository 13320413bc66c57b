//! Groups of conversations. The server keeps them; this device has their names, and with each
//! conversation the ids of those that it is in. When the stream says that they changed, all of them
//! are fetched, and what is told is the difference.

use std::collections::{BTreeMap, BTreeSet};

use protocol::conversation::settings::{
    ChangeGroupReq, ChangeGroupRes, ConvGroup, GroupsReq, GroupsRes,
};
use protocol::conversation::{ConvId, ConvInfo};
use protocol::{Error, codes, limits, ops};
use serde::{Deserialize, Serialize};

use super::settings::ConvCall;
use crate::request::Kind;
use crate::session::is_passing;
use crate::store::{self, Store};
use crate::{Core, Event, LogLevel, Reply, ReqId};

/// Where the store has what [`Kept`] says.
const KEPT: &str = "conv_groups";

/// What is known of the groups but for what is in them.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    /// Ids and names, in the order of creation.
    names: Vec<(u64, String)>,
    /// The stream up to here is in it.
    known: u64,
    /// They changed here: when that is more, they have to be fetched.
    wanted: u64,
}

#[derive(Debug, Default)]
pub(crate) struct ConvGroups {
    kept: Kept,
    /// Pages that have come, and the place in the stream of the first.
    pages: Option<(u64, Vec<ConvGroup>)>,
    /// Calls that are complete when the groups are known up to there.
    waiting: Vec<(u64, ReqId, Reply)>,
}

impl ConvGroups {
    pub fn id(&self, name: &str) -> Option<u64> {
        let mut names = self.kept.names.iter();
        names.find(|(_, n)| n == name).map(|(id, _)| *id)
    }

    /// Names of these, in the order of creation.
    pub fn names_of(&self, ids: &[u64]) -> Vec<String> {
        let names = self.kept.names.iter();
        let of = names.filter(|(id, _)| ids.contains(id));
        of.map(|(_, name)| name.clone()).collect()
    }
}

/// What happened to a group of conversations.
#[derive(Debug, Clone, PartialEq)]
pub enum ConvGroupEvent {
    /// There is a new one: its name and what is in it.
    Created(String, Vec<ConvInfo>),
    /// It is gone.
    Deleted(String),
    /// Its name before, its name now.
    Renamed(String, String),
    /// These came into it.
    Added(String, Vec<ConvInfo>),
    /// These left it. The number: 0 by a call, 1 because it was full.
    Removed(String, Vec<ConvInfo>, u32),
}

/// Who waits for `conversation.change_group`.
#[derive(Debug)]
pub(crate) enum GroupCall {
    /// One that names no conversations.
    Plain(ReqId),
    Convs(Box<ConvCall>),
}

impl GroupCall {
    pub fn req(&self) -> ReqId {
        match self {
            GroupCall::Plain(req) => *req,
            GroupCall::Convs(call) => call.req,
        }
    }
}

impl Core {
    pub(super) fn load_groups(&mut self, store: &mut dyn Store) -> store::Result<()> {
        let kept = store.meta(KEPT)?;
        let kept = kept.and_then(|text| protocol::reader::read_text(&text).ok());
        self.conversations.groups.kept = kept.unwrap_or_default();
        Ok(())
    }

    fn keep_groups(&mut self, store: &mut dyn Store) -> store::Result<()> {
        store.set_meta(KEPT, &crate::command::json(&self.conversations.groups.kept))
    }

    // ---- what the app asks ----

    pub(crate) fn get_conv_groups(&mut self, req: ReqId) {
        let names = self.conversations.groups.kept.names.iter();
        let names = names.map(|(_, name)| name.clone()).collect();
        self.complete(req, Ok(Reply::Names(names)));
    }

    /// `named`: the conversations, for an action that has some.
    pub(crate) fn change_conv_group(
        &mut self,
        req: ReqId,
        action: &'static str,
        name: String,
        new_name: String,
        named: Option<Vec<String>>,
    ) {
        let is_long = |name: &String| name.len() > limits::CONV_GROUP_NAME_BYTES;
        if is_long(&name) || is_long(&new_name) {
            let code = codes::SVR_CONV_CONV_GROUP_NAME_EXCEED_LENGTH;
            self.complete(req, Err(Error::of(code)));
            return;
        }
        let call = match named {
            None => Ok((GroupCall::Plain(req), Vec::new())),
            Some(named) => ConvCall::new(req, named)
                .map(|(call, convs)| (GroupCall::Convs(Box::new(call)), convs)),
        };
        match call {
            Ok((GroupCall::Convs(call), convs))
                // None of those named can be a conversation: there is nothing to ask for.
                if convs.is_empty() =>
            {
                self.complete(req, Ok(Reply::ConversationResults(call.finish(&[]))));
            }
            Ok((call, convs)) => {
                let change = ChangeGroupReq {
                    action: action.into(),
                    name,
                    new_name,
                    convs,
                };
                self.request::<ops::ChangeConvGroup>(Kind::ChangeConvGroup(call), &change);
            }
            Err(error) => self.complete(req, Err(error)),
        }
    }

    pub(crate) fn on_change_group_answer(
        &mut self,
        store: &mut dyn Store,
        call: GroupCall,
        answer: Result<ChangeGroupRes, Error>,
    ) -> store::Result<()> {
        let req = call.req();
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.complete(req, Err(error));
                return Ok(());
            }
        };
        let reply = match call {
            GroupCall::Plain(_) => Reply::Empty,
            GroupCall::Convs(call) => Reply::ConversationResults(call.finish(&answer.results)),
        };
        // The app that asks for the groups then finds them as they are.
        let groups = &mut self.conversations.groups;
        if answer.event <= groups.kept.known {
            self.complete(req, Ok(reply));
            return Ok(());
        }
        groups.waiting.push((answer.event, req, reply));
        self.want_groups(store, answer.event)
    }

    // ---- what the server tells ----

    /// The groups changed at this place in the stream.
    pub(crate) fn want_groups(&mut self, store: &mut dyn Store, event: u64) -> store::Result<()> {
        let kept = &mut self.conversations.groups.kept;
        if event > kept.wanted && event > kept.known {
            kept.wanted = event;
            self.keep_groups(store)?;
        }
        self.fetch_groups();
        Ok(())
    }

    /// A snapshot takes the place of what was missed.
    pub(crate) fn on_groups_missed(
        &mut self,
        store: &mut dyn Store,
        event: u64,
        has_groups: bool,
    ) -> store::Result<()> {
        let kept = &mut self.conversations.groups.kept;
        if !has_groups && kept.names.is_empty() {
            return Ok(());
        }
        (kept.known, kept.wanted) = (0, 0);
        self.want_groups(store, event.max(1))
    }

    /// Asks for the groups, when they are not known as they stand.
    pub(crate) fn fetch_groups(&mut self) {
        let kept = &self.conversations.groups.kept;
        let is_asked = |kind: &Kind| matches!(kind, Kind::ConvGroups);
        if kept.wanted > kept.known && self.account.is_live() && !self.requests.has(is_asked) {
            self.conversations.groups.pages = None;
            self.request::<ops::ConvGroups>(Kind::ConvGroups, &GroupsReq::default());
        }
    }

    /// The link is gone: what was changed is changed, and is fetched after the next login.
    pub(crate) fn stop_groups(&mut self) {
        self.complete_groups(u64::MAX);
    }

    fn complete_groups(&mut self, known: u64) {
        let waiting = &mut self.conversations.groups.waiting;
        let done: Vec<_> = waiting.extract_if(.., |(at, ..)| *at <= known).collect();
        for (_, req, reply) in done {
            self.complete(req, Ok(reply));
        }
    }

    pub(crate) fn on_groups(
        &mut self,
        store: &mut dyn Store,
        answer: Result<GroupsRes, Error>,
    ) -> store::Result<()> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) if is_passing(&error) => return self.lose_link(store, error),
            Err(error) => {
                let text = format!("conversation groups refused: {error}");
                self.log(LogLevel::Warn, text);
                self.stop_groups();
                return Ok(());
            }
        };
        let groups = &mut self.conversations.groups;
        let first = (answer.event_seq, Vec::new());
        let (event, mut pages) = groups.pages.take().unwrap_or(first);
        pages.extend(answer.groups);
        if answer.next > 0 {
            groups.pages = Some((event, pages));
            let next = GroupsReq { page: answer.next };
            self.request::<ops::ConvGroups>(Kind::ConvGroups, &next);
            return Ok(());
        }
        self.replace_groups(store, event, pages)?;
        self.complete_groups(event);
        self.fetch_groups();
        Ok(())
    }

    /// Takes the groups as they stand, and tells what is different.
    fn replace_groups(
        &mut self,
        store: &mut dyn Store,
        event: u64,
        now: Vec<ConvGroup>,
    ) -> store::Result<()> {
        self.write_conversations(store)?;
        let (mut before, mut after) = (Members::default(), Members::default());
        for row in store.grouped_conversations()? {
            for id in &row.groups {
                before.add(*id, &row.conv);
            }
        }
        for group in &now {
            for conv in &group.convs {
                after.add(group.id, conv);
            }
        }
        let all: BTreeSet<&ConvId> = before.groups.keys().chain(after.groups.keys()).collect();
        for conv in all {
            let ids = after.groups.get(conv).cloned().unwrap_or_default();
            if before.groups.get(conv) != Some(&ids) {
                self.change_conv(store, conv, |row| row.groups = ids)?;
            }
        }
        // A group's name is part of its conversations.
        let old_names = self.conversations.groups.kept.names.clone();
        for group in &now {
            let is_renamed = |(id, name): &(u64, String)| *id == group.id && *name != group.name;
            if old_names.iter().any(is_renamed) {
                for conv in &group.convs {
                    self.change_conv(store, conv, |_| {})?;
                }
            }
        }
        let names = now.into_iter().map(|group| (group.id, group.name));
        let names: Vec<_> = names.collect();
        let kept = &mut self.conversations.groups.kept;
        let old = std::mem::replace(&mut kept.names, names.clone());
        kept.known = event;
        self.keep_groups(store)?;
        self.tell_groups(store, &old, &names, &before, &after)?;
        self.recount_watched(store)
    }

    fn tell_groups(
        &mut self,
        store: &mut dyn Store,
        old: &[(u64, String)],
        new: &[(u64, String)],
        before: &Members,
        after: &Members,
    ) -> store::Result<()> {
        for (id, name) in old {
            if !new.iter().any(|(other, _)| other == id) {
                self.notify(Event::ConvGroup(ConvGroupEvent::Deleted(name.clone())));
            }
        }
        for (id, name) in new {
            let (was, is) = (before.of(*id), after.of(*id));
            let Some((_, old_name)) = old.iter().find(|(other, _)| other == id) else {
                let infos = self.infos_of(store, is.iter())?;
                let event = ConvGroupEvent::Created(name.clone(), infos);
                self.notify(Event::ConvGroup(event));
                continue;
            };
            if old_name != name {
                let event = ConvGroupEvent::Renamed(old_name.clone(), name.clone());
                self.notify(Event::ConvGroup(event));
            }
            let added = self.infos_of(store, is.difference(was))?;
            let removed = self.infos_of(store, was.difference(is))?;
            let is_full = is.len() >= limits::CONV_GROUP_SIZE && !added.is_empty();
            if !added.is_empty() {
                let event = ConvGroupEvent::Added(name.clone(), added);
                self.notify(Event::ConvGroup(event));
            }
            if !removed.is_empty() {
                let event = ConvGroupEvent::Removed(name.clone(), removed, u32::from(is_full));
                self.notify(Event::ConvGroup(event));
            }
        }
        Ok(())
    }

    fn infos_of<'c>(
        &mut self,
        store: &mut dyn Store,
        convs: impl Iterator<Item = &'c ConvId>,
    ) -> store::Result<Vec<ConvInfo>> {
        let mut infos = Vec::new();
        for conv in convs {
            let row = self.conv_row(store, conv)?;
            infos.push(self.conv_info(store, &row)?);
        }
        Ok(infos)
    }
}

/// Who is in which group, looked at from both sides.
#[derive(Default)]
struct Members {
    groups: BTreeMap<ConvId, Vec<u64>>,
    convs: BTreeMap<u64, BTreeSet<ConvId>>,
}

impl Members {
    fn add(&mut self, group: u64, conv: &ConvId) {
        let groups = self.groups.entry(conv.clone()).or_default();
        if !groups.contains(&group) {
            groups.push(group);
        }
        self.convs.entry(group).or_default().insert(conv.clone());
    }

    fn of(&self, group: u64) -> &BTreeSet<ConvId> {
        static NONE: BTreeSet<ConvId> = BTreeSet::new();
        self.convs.get(&group).unwrap_or(&NONE)
    }
}
