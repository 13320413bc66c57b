//! Keeping up with groups. Their messages are in no stream: those of a group are applied one after the
//! other, by its own numbers, and what is missing is asked for. What moved while this device was away,
//! or was pushed in vain, is found by comparing heads, after each login and with each heartbeat.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use protocol::conversation::{ConvId, ConvState, conv_type};
use protocol::group::{
    GroupGone, GroupReq, GroupState, HeadsReq, HeadsRes, MembershipChanged, tip_type,
};
use protocol::message::{ChangesReq, ChangesRes, Elem, HistoryReq, HistoryRes, NewMessage};
use protocol::{Error, codes, limits, ops, reader};

use super::untold::Untold;
use crate::request::Kind;
use crate::session::is_passing;
use crate::store::{self, Store};
use crate::{Core, LogLevel};

/// Of a group that is further ahead its state is taken, with a hole in its history: what nobody looks
/// at is not fetched.
const FAR: u64 = limits::GROUP_MISSED;
/// The server's clock when all groups were known, milliseconds since 1970.
const KNOWN: &str = "groups_ms";

/// How this device keeps up.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    /// Those that were looked at: none for a group that the user is not in.
    pub known: HashMap<String, Option<Arc<GroupState>>>,
    pub untold: Untold,
    /// The user is in some, as far as is known here.
    has_some: Option<bool>,
    /// What is asked of a group now.
    asked: HashSet<String>,
    /// How far groups have come, of those that are ahead of this device.
    ahead: HashMap<String, u64>,
    /// A group was heard of that is not known here: its membership is on its way.
    is_early: bool,
    /// The server's clock when the heads were asked for, until all that they tell is here.
    known_ms: Option<u64>,
    /// The app waits to be told that the synchronisation ended.
    owes_end: bool,
    /// Heads are being asked for; with the server's clock once the first page is there.
    heads: Option<Option<u64>>,
}

impl Groups {
    /// Something is missing that is being asked for.
    fn is_busy(&self) -> bool {
        self.heads.is_some() || !self.asked.is_empty() || !self.ahead.is_empty()
    }

    /// Whether the end of the synchronisation is told later, when what was missed is here.
    pub fn will_end(&mut self) -> bool {
        self.owes_end |= self.is_busy();
        self.owes_end
    }

    /// The store has been closed: all has to be read again, but for what has not been told.
    pub fn forget(&mut self) {
        *self = Self {
            untold: std::mem::take(&mut self.untold),
            ..Self::default()
        };
    }

    /// The link is gone. True when the app still waits for the end of the synchronisation.
    pub fn stop(&mut self) -> bool {
        self.asked.clear();
        self.ahead.clear();
        self.heads = None;
        self.known_ms = None;
        std::mem::take(&mut self.owes_end)
    }
}

impl Core {
    fn has_groups(&mut self, store: &mut dyn Store) -> store::Result<bool> {
        if self.groups.has_some.is_none() {
            self.groups.has_some = Some(store.has_groups()?);
        }
        Ok(self.groups.has_some == Some(true))
    }

    pub(crate) fn put_group(
        &mut self,
        store: &mut dyn Store,
        state: GroupState,
    ) -> store::Result<()> {
        store.put_group(&state)?;
        self.groups.has_some = Some(true);
        let group_id = state.info.group_id.clone();
        self.groups.known.insert(group_id, Some(Arc::new(state)));
        Ok(())
    }

    // ---- coming and going ----

    /// The user came into a group, or is in it no more: this is how it stands.
    pub(crate) fn on_membership(
        &mut self,
        store: &mut dyn Store,
        changed: MembershipChanged,
    ) -> store::Result<()> {
        match changed.state {
            Some(state) => self.on_conv_state(store, *state)?,
            None => self.on_left(store, &changed.conv)?,
        }
        if std::mem::take(&mut self.groups.is_early) {
            self.ask_heads(store)?;
        }
        Ok(())
    }

    pub(crate) fn on_group_gone(&mut self, store: &mut dyn Store, body: &str) -> store::Result<()> {
        match reader::read_text::<GroupGone>(body) {
            Ok(gone) => self.on_left(store, &gone.conv),
            Err(_) => Ok(()),
        }
    }

    /// The user is not in this group any more: it leaves the list. What is here of its messages stays.
    fn on_left(&mut self, store: &mut dyn Store, conv: &ConvId) -> store::Result<()> {
        self.groups.ahead.remove(&conv.id);
        if self.group(store, &conv.id)?.is_none() {
            return Ok(());
        }
        store.delete_group(&conv.id)?;
        self.groups.known.insert(conv.id.clone(), None);
        self.change_conv(store, conv, |row| {
            row.is_hidden = true;
            row.draft = None;
            row.draft_ms = 0;
        })
    }

    /// A group's conversation as the server has it. Gives whether the user was outside before.
    pub(crate) fn on_group_state(
        &mut self,
        store: &mut dyn Store,
        state: &ConvState,
    ) -> store::Result<bool> {
        let Some(group) = &state.group else {
            return Ok(false);
        };
        let old = self.group(store, &state.conv.id)?;
        if old.as_deref() != Some(group) {
            self.put_group(store, (**group).clone())?;
        }
        Ok(old.is_none())
    }

    // ---- messages ----

    /// A message of a group, as it was pushed.
    pub(crate) fn on_group_message(
        &mut self,
        store: &mut dyn Store,
        message: NewMessage,
    ) -> store::Result<()> {
        if self.group(store, &message.conv.id)?.is_none() {
            self.groups.is_early = true;
            return Ok(());
        }
        let head = self.conv(store, &message.conv)?.head_seq;
        if message.seq <= head {
            // A repeat, or one that came with the state of its group and was not told.
            let message = NewMessage { ord: 0, ..message };
            return self.on_new_message(store, message, false);
        }
        if message.seq == head + 1 && !self.groups.asked.contains(&message.conv.id) {
            return self.apply_group_message(store, message);
        }
        self.want(store, &message.conv, message.seq)
    }

    /// An own message whose answer came.
    pub(crate) fn on_own_group_message(
        &mut self,
        store: &mut dyn Store,
        message: NewMessage,
    ) -> store::Result<()> {
        if self.group(store, &message.conv.id)?.is_none() {
            self.forget_settled(&message.msg_id);
            return Ok(());
        }
        self.on_group_message(store, message)
    }

    /// The next message of its group.
    fn apply_group_message(
        &mut self,
        store: &mut dyn Store,
        mut message: NewMessage,
    ) -> store::Result<()> {
        let Some(known) = self.group(store, &message.conv.id)? else {
            return Ok(());
        };
        let mut state = (*known).clone();
        let is_own = message.sender == self.account.user_id();
        state.me.own_ord += u64::from(is_own && message.content.is_countable());
        for elem in &message.content.elems {
            if let Elem::GroupTips(tips) = elem
                && matches!(tips.tip_type, tip_type::INVITE | tip_type::QUIT)
            {
                state.info.members = tips.member_num;
            }
        }
        // It counts the messages of all; here those of others are counted.
        if message.ord > 0 {
            message.ord = message.ord.saturating_sub(state.me.own_ord);
        }
        if state != *known {
            self.put_group(store, state)?;
        }
        let (group_id, seq) = (message.conv.id.clone(), message.seq);
        let told = self.notices.messages.len();
        self.on_new_message(store, message, false)?;
        if self.notices.messages.len() > told && !is_own {
            self.groups.untold.note(&group_id, seq);
        }
        Ok(())
    }

    // ---- what was missed ----

    /// A group has come as far as this.
    fn want(&mut self, store: &mut dyn Store, conv: &ConvId, seq: u64) -> store::Result<()> {
        let ahead = self.groups.ahead.entry(conv.id.clone()).or_default();
        *ahead = seq.max(*ahead);
        self.fetch(store, conv)
    }

    /// Asks for what this device lacks of a group, unless it is being asked for.
    fn fetch(&mut self, store: &mut dyn Store, conv: &ConvId) -> store::Result<()> {
        let head = self.conv(store, conv)?.head_seq;
        let Some(&ahead) = self.groups.ahead.get(&conv.id) else {
            return self.note_known(store);
        };
        if ahead <= head {
            self.groups.ahead.remove(&conv.id);
            return self.note_known(store);
        }
        if !self.account.is_live() || !self.groups.asked.insert(conv.id.clone()) {
            return Ok(());
        }
        if ahead - head > FAR {
            self.ask_state(conv);
            return Ok(());
        }
        let history = HistoryReq {
            conv: conv.clone(),
            from: head + 1,
            to: ahead,
            limit: limits::HISTORY_PAGE,
            forward: true,
        };
        let kind = Kind::GroupMissed {
            conv: conv.clone(),
            to: ahead,
        };
        self.request::<ops::History>(kind, &history);
        Ok(())
    }

    fn ask_state(&mut self, conv: &ConvId) {
        let group_id = conv.id.clone();
        let kind = Kind::GroupState(conv.clone());
        self.request::<ops::GroupStateOf>(kind, &GroupReq { group_id });
    }

    pub(crate) fn on_group_missed(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
        to: u64,
        answer: Result<HistoryRes, Error>,
    ) -> store::Result<()> {
        self.groups.asked.remove(&conv.id);
        let page = match answer {
            Ok(page) => page,
            Err(error) => return self.on_group_refused(store, conv, error),
        };
        let is_all = !page.more && page.messages.len() < limits::HISTORY_PAGE as usize;
        let mut has_holes = false;
        for message in page.messages {
            let head = self.conv(store, conv)?.head_seq;
            // Erased by another device: nobody can count what is gone.
            has_holes |= message.seq > head + 1;
            if message.seq > head {
                self.apply_group_message(store, message)?;
            }
        }
        let head = self.conv(store, conv)?.head_seq;
        if has_holes || (is_all && head < to) {
            if self.groups.asked.insert(conv.id.clone()) {
                self.ask_state(conv);
            }
            return Ok(());
        }
        self.fetch(store, conv)
    }

    pub(crate) fn on_group_state_answer(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
        answer: Result<ConvState, Error>,
    ) -> store::Result<()> {
        self.groups.asked.remove(&conv.id);
        match answer {
            Ok(state) => {
                let head = state.head_seq;
                self.on_conv_state(store, state)?;
                self.groups
                    .ahead
                    .retain(|id, ahead| *id != conv.id || *ahead > head);
                self.fetch(store, conv)?;
                self.note_known(store)
            }
            Err(error) if error.code == codes::SVR_GROUP_PERMISSION_DENY => {
                self.on_left(store, conv)?;
                self.note_known(store)
            }
            Err(error) => self.on_group_refused(store, conv, error),
        }
    }

    fn on_group_refused(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
        error: Error,
    ) -> store::Result<()> {
        if is_passing(&error) {
            return self.lose_link(store, error);
        }
        // The next message of the group, or the next login, asks again.
        self.log(
            LogLevel::Warn,
            format!("a group was not caught up with: {error}"),
        );
        self.groups.ahead.remove(&conv.id);
        self.note_known(store)
    }

    // ---- heads ----

    /// Asks which groups moved, when the user is in some.
    pub(crate) fn ask_heads(&mut self, store: &mut dyn Store) -> store::Result<()> {
        if self.groups.heads.is_some() || !self.account.is_live() || !self.has_groups(store)? {
            return Ok(());
        }
        self.groups.heads = Some(None);
        let since_ms = store.meta(KNOWN)?.and_then(|text| text.parse().ok());
        let asked = HeadsReq {
            since_ms: since_ms.unwrap_or(0),
            page: 0,
        };
        let since_ms = asked.since_ms;
        self.request::<ops::GroupHeads>(Kind::GroupHeads { since_ms }, &asked);
        Ok(())
    }

    pub(crate) fn on_group_heads(
        &mut self,
        store: &mut dyn Store,
        since_ms: u64,
        answer: Result<HeadsRes, Error>,
    ) -> store::Result<()> {
        let page = match answer {
            Ok(page) => page,
            Err(error) => {
                self.groups.heads = None;
                self.note_known(store)?;
                if is_passing(&error) {
                    return self.lose_link(store, error);
                }
                self.log(LogLevel::Warn, format!("heads of groups refused: {error}"));
                return Ok(());
            }
        };
        for head in page.heads {
            let conv = ConvId::group(head.group_id);
            let is_known = self.group(store, &conv.id)?.is_some();
            if head.gone {
                self.on_left(store, &conv)?;
                continue;
            }
            if !is_known {
                // Its membership event is on its way, or was missed: how it stands says all.
                if self.groups.asked.insert(conv.id.clone()) {
                    self.ask_state(&conv);
                }
                continue;
            }
            self.check_rev(store, &conv, head.rev)?;
            if head.head_seq > self.conv(store, &conv)?.head_seq {
                self.want(store, &conv, head.head_seq)?;
            }
        }
        let now_ms = self.groups.heads.flatten().unwrap_or(page.now_ms);
        if page.next != 0 {
            self.groups.heads = Some(Some(now_ms));
            let page = page.next;
            let asked = HeadsReq { since_ms, page };
            self.request::<ops::GroupHeads>(Kind::GroupHeads { since_ms }, &asked);
            return Ok(());
        }
        self.groups.heads = None;
        self.groups.known_ms = Some(now_ms);
        self.note_known(store)
    }

    /// What was found by comparing heads is here: from now on only what moves later is of interest.
    fn note_known(&mut self, store: &mut dyn Store) -> store::Result<()> {
        if self.groups.is_busy() {
            return Ok(());
        }
        if std::mem::take(&mut self.groups.owes_end) {
            self.notices.is_sync_finished = true;
        }
        match self.groups.known_ms.take() {
            Some(now_ms) => store.set_meta(KNOWN, &now_ms.to_string()),
            None => Ok(()),
        }
    }

    /// Changes of messages up to this one there have been; the next one was told, or some were missed.
    pub(crate) fn check_rev(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
        rev: u64,
    ) -> store::Result<()> {
        if conv.kind != conv_type::GROUP || rev <= self.conv(store, conv)?.rev {
            return Ok(());
        }
        self.note_conv(store, conv, |row| row.is_stale = true)?;
        // An app that shows it looks again.
        self.change_conv(store, conv, |_| {})?;
        self.ask_group_changes(store, conv, 0)
    }

    /// What was taken back must not stay to be read: it is asked for at once.
    fn ask_group_changes(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
        erased_after: u64,
    ) -> store::Result<()> {
        let is_asked = |kind: &Kind| matches!(kind, Kind::GroupChanges(asked) if asked == conv);
        if !self.account.is_live() || self.requests.has(is_asked) {
            return Ok(());
        }
        let changes = ChangesReq {
            after: self.conv(store, conv)?.rev,
            conv: conv.clone(),
            erased_after,
        };
        self.request::<ops::Changes>(Kind::GroupChanges(conv.clone()), &changes);
        Ok(())
    }

    pub(crate) fn on_group_changes(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
        answer: Result<ChangesRes, Error>,
    ) -> store::Result<()> {
        match answer {
            Ok(answer) => match self.take_changes(store, conv, answer)? {
                Some(erased_after) => self.ask_group_changes(store, conv, erased_after),
                None => Ok(()),
            },
            Err(error) if is_passing(&error) => self.lose_link(store, error),
            // History asks again.
            Err(_) => Ok(()),
        }
    }
}
