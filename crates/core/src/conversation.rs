//! Conversations: what this device knows of each, and what it tells when one changes.

use std::collections::HashMap;

use protocol::conversation::settings::bits;
use protocol::conversation::{ConvId, ConvInfo, ConvState, conv_event, conv_type};
use protocol::message::{Message, msg_status};

use self::groups::ConvGroups;
use self::unread::{Counted, Watched};
use crate::message::add_gap;
use crate::store::{self, ConvRow, MessageRow, Place, Store};
use crate::{Core, Event, Output};

mod draft;
pub(crate) mod groups;
mod list;
mod receive;
pub(crate) mod settings;
mod unread;

/// Conversations that are remembered from one turn to the next; with more of them, the next turn
/// starts with none.
const KEPT: usize = 64;

/// Conversations that were looked at lately. A burst of messages reads and writes each row once,
/// and the next message of a conversation reads nothing.
#[derive(Debug, Default)]
pub(crate) struct Conversations {
    known: HashMap<ConvId, Entry>,
    /// Those that changed in this turn, in this order.
    changed: Vec<ConvId>,
    total_unread: u64,
    /// The greatest activity of those that were looked at since the login.
    newest_ms: u64,
    /// The app has asked for the total once, and hears of its changes since.
    is_total_watched: bool,
    told_total: u64,
    /// Filters of whose counts the app hears.
    watched: Vec<Watched>,
    groups: ConvGroups,
}

impl Conversations {
    fn changed_entries(&self) -> impl Iterator<Item = (&ConvId, &Entry)> {
        let changed = self.changed.iter();
        changed.filter_map(|conv| self.known.get_key_value(conv))
    }
}

#[derive(Debug)]
struct Entry {
    row: ConvRow,
    /// In the list, as the app was told.
    was_listed: bool,
    is_changed: bool,
    before: Counted,
    /// A message of it: the last one when it has the id that the row says.
    last: Option<MessageRow>,
    /// The read mark for which `read_time` was looked up.
    read_seq: u64,
    read_time: u64,
}

impl Core {
    /// The store has been closed: rows have to be read again.
    pub(crate) fn forget_conversations(&mut self) {
        let Conversations {
            newest_ms,
            is_total_watched,
            told_total,
            watched,
            groups,
            ..
        } = std::mem::take(&mut self.conversations);
        self.conversations = Conversations {
            newest_ms,
            is_total_watched,
            told_total,
            watched,
            groups,
            ..Conversations::default()
        };
    }

    pub(crate) fn load_conversations(&mut self, store: &mut dyn Store) -> store::Result<()> {
        self.conversations.total_unread = store.total_unread()?;
        self.load_groups(store)?;
        self.recount_watched(store)
    }

    /// The activity of a conversation in which something happened at a second of the server's
    /// clock: of what happens within one second, the later is the greater.
    pub(crate) fn activity(&mut self, time_s: u64) -> u64 {
        let (at, newest) = (time_s.saturating_mul(1000), self.conversations.newest_ms);
        let is_of_now = at <= newest && newest - at < 1000;
        let active = if is_of_now { newest + 1 } else { at };
        self.conversations.newest_ms = newest.max(active);
        active
    }

    /// A copy of the conversation's row, for who goes on to change it.
    pub(crate) fn conv_row(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
    ) -> store::Result<ConvRow> {
        self.conv(store, conv).cloned()
    }

    /// The conversation's row, remembered or from the store.
    pub(crate) fn conv(&mut self, store: &mut dyn Store, conv: &ConvId) -> store::Result<&ConvRow> {
        Ok(&self.entry(store, conv)?.row)
    }

    fn entry(&mut self, store: &mut dyn Store, conv: &ConvId) -> store::Result<&mut Entry> {
        if !self.conversations.known.contains_key(conv) {
            let row = store.conversation(conv)?;
            let was_listed = row.as_ref().is_some_and(|row| !row.is_hidden);
            let row = row.unwrap_or_else(|| ConvRow::new(conv.clone()));
            let before = Counted::of(&row);
            self.conversations.newest_ms = self.conversations.newest_ms.max(row.active_ms);
            let entry = Entry {
                row,
                was_listed,
                is_changed: false,
                before,
                last: None,
                read_seq: 0,
                read_time: 0,
            };
            self.conversations.known.insert(conv.clone(), entry);
        }
        Ok(self
            .conversations
            .known
            .get_mut(conv)
            .expect("inserted above when it was missing"))
    }

    /// Changes the conversation; what the app sees of it is told at the end of the turn.
    pub(crate) fn change_conv(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
        change: impl FnOnce(&mut ConvRow),
    ) -> store::Result<()> {
        let entry = self.entry(store, conv)?;
        let (head, active) = (entry.row.head_seq, entry.row.active_ms);
        change(&mut entry.row);
        let row = &mut entry.row;
        // Deleted, it comes back with what happens in it from then on.
        let has_news = match row.head_seq > head {
            true => Some(row.head_seq) > row.hidden_seq,
            false => row.active_ms > active,
        };
        row.is_hidden &= !has_news;
        if !std::mem::replace(&mut entry.is_changed, true) {
            self.conversations.changed.push(conv.clone());
        }
        Ok(())
    }

    /// Changes what the app does not see of the conversation.
    pub(crate) fn note_conv(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
        change: impl FnOnce(&mut ConvRow),
    ) -> store::Result<()> {
        let entry = self.entry(store, conv)?;
        change(&mut entry.row);
        store.put_conversation(&entry.row)
    }

    /// Whether there is anything of it here, in the list or not.
    pub(crate) fn is_known(&mut self, store: &mut dyn Store, conv: &ConvId) -> store::Result<bool> {
        let is_changed = self.entry(store, conv)?.is_changed;
        Ok(is_changed || store.conversation(conv)?.is_some())
    }

    /// Whether the app has it in its list.
    pub(crate) fn is_listed(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
    ) -> store::Result<bool> {
        let entry = self.entry(store, conv)?;
        let is_there = entry.was_listed || entry.is_changed;
        Ok(is_there && !entry.row.is_hidden)
    }

    /// A message has been stored or has changed: saves reading it back when it is the last one.
    pub(crate) fn remember_message(&mut self, row: &MessageRow) {
        if let Some(entry) = self.conversations.known.get_mut(&row.conv)
            && entry.row.last_msg_id == row.msg_id
        {
            entry.last = Some(row.clone());
        }
    }

    // ---- what the server tells ----

    /// The conversation's state in a snapshot.
    pub(crate) fn on_conv_state(
        &mut self,
        store: &mut dyn Store,
        state: ConvState,
    ) -> store::Result<()> {
        let was_outside = self.on_group_state(store, &state)?;
        let old = self.conv_row(store, &state.conv)?;
        // What a group had before the user came is not missing.
        let since = state.group.as_ref().map_or(0, |group| group.me.since_seq);
        let first = old.head_seq.max(since) + 1;
        if state.head_seq >= first {
            // Everything since the last message known is missing, but for the one that came along.
            add_gap(store, &state.conv, first, state.head_seq)?;
        }
        let mut last = None;
        if let Some(message) = state.last {
            let row = MessageRow::received(message);
            store.close_gap(&row.conv, row.place.seq, row.place.seq)?;
            if store.insert_message(&row)? {
                self.note_shown(&row.msg_id);
            } else if let Some(here) = store.message(&row.msg_id)? {
                self.apply_change(store, here, &row, true)?;
            }
            last = Some(row);
        }
        // What stands behind the server's last message has been erased, or is still to be sent.
        let is_kept = match old.last_msg_id.as_str() {
            "" => false,
            id => store.message(id)?.is_some_and(|here| {
                let is_behind = last.as_ref().is_none_or(|last| here.place > last.place);
                here.status == msg_status::SENDING
                    || (is_behind && here.place.sub > 0)
                    || here.place.seq > state.head_seq
            }),
        };
        let active_ms = last.as_ref().map_or(0, |last| last.time * 1000);
        let is_bare = state.settings.is_bare && state.head_seq == 0;
        let is_unlisted = is_bare && !self.is_known(store, &state.conv)?;
        self.change_conv(store, &state.conv, |row| {
            row.is_hidden |= is_unlisted;
            row.head_seq = row.head_seq.max(state.head_seq);
            row.peer_ord = row.peer_ord.max(state.peer_ord);
            row.read_seq = row.read_seq.max(state.read_seq);
            row.read_ord = row.read_ord.max(state.read_ord);
            row.peer_read_seq = row.peer_read_seq.max(state.peer_read_seq);
            row.peer_read_time = row.peer_read_time.max(state.peer_read_time);
            if was_outside {
                row.is_hidden = false;
            }
            if old.head_seq == 0 {
                // What this device will get is as new as this.
                row.rev = row.rev.max(state.rev);
            } else {
                row.is_stale = true;
            }
            row.active_ms = row.active_ms.max(active_ms);
            if !is_kept {
                row.last_msg_id = last.map(|last| last.msg_id).unwrap_or_default();
            }
            row.apply(state.settings);
        })
    }

    // ---- what is told ----

    /// Writes the rows that this turn changed, so that the store can be asked for lists.
    fn write_conversations(&mut self, store: &mut dyn Store) -> store::Result<()> {
        let all = &self.conversations;
        for entry in all.changed.iter().filter_map(|conv| all.known.get(conv)) {
            store.put_conversation(&entry.row)?;
        }
        Ok(())
    }

    /// The end of the turn: tells messages, conversations, receipts, the total, in this order.
    pub(crate) fn settle_notices(&mut self, store: &mut dyn Store) -> store::Result<()> {
        if !store.is_open() {
            return Ok(());
        }
        self.write_conversations(store)?;
        let is_owed = self.notices.are_owed();
        let messages = std::mem::take(&mut self.notices.messages);
        if !messages.is_empty() {
            self.notify(Event::NewMessages(messages));
        }
        let revoked = std::mem::take(&mut self.notices.revoked);
        if !revoked.is_empty() {
            self.notify(Event::Revoked(revoked));
        }
        let modified = std::mem::take(&mut self.notices.modified);
        if !modified.is_empty() {
            self.notify(Event::Modified(modified));
        }
        if is_owed {
            self.out.push_back(Output::Mark(self.last_mark));
        }
        let (mut added, mut updated, mut deleted) = (Vec::new(), Vec::new(), Vec::new());
        let total = self.total_unread();
        for conv in std::mem::take(&mut self.conversations.changed) {
            let entry = self.entry(store, &conv)?;
            let row = entry.row.clone();
            let is_listed = !row.is_hidden;
            let was_listed = std::mem::replace(&mut entry.was_listed, is_listed);
            entry.is_changed = false;
            let before = std::mem::replace(&mut entry.before, Counted::of(&row));
            Self::count_for_watched(&mut self.conversations.watched, &before, &row);
            let told = match (was_listed, is_listed) {
                (false, true) => &mut added,
                (true, true) => &mut updated,
                (true, false) => &mut deleted,
                (false, false) => continue,
            };
            told.push(self.conv_info(store, &row)?);
        }
        if !added.is_empty() {
            self.notify(Event::Conversations(conv_event::ADD, added));
        }
        if !updated.is_empty() {
            self.notify(Event::Conversations(conv_event::UPDATE, updated));
        }
        if !deleted.is_empty() {
            self.notify(Event::Conversations(conv_event::DEL, deleted));
        }
        let receipts = std::mem::take(&mut self.notices.receipts);
        if !receipts.is_empty() {
            self.notify(Event::Receipts(receipts));
        }
        let statuses = std::mem::take(&mut self.notices.statuses);
        if !statuses.is_empty() {
            self.notify(Event::UserStatus(statuses));
        }
        self.settle_profiles();
        self.settle_receive_all();
        self.conversations.total_unread = total;
        if self.conversations.known.len() > KEPT {
            self.conversations.known.clear();
        }
        if self.conversations.is_total_watched && self.conversations.told_total != total {
            self.conversations.told_total = total;
            self.notify(Event::TotalUnread(total));
        }
        self.tell_watched();
        if std::mem::take(&mut self.notices.is_sync_finished) {
            self.notify(Event::Conversations(conv_event::FINISH, Vec::new()));
        }
        Ok(())
    }

    /// A conversation as the app sees it.
    fn conv_info(&mut self, store: &mut dyn Store, row: &ConvRow) -> store::Result<ConvInfo> {
        let known = self.conversations.known.get(&row.conv);
        let read_before = known.map_or((0, 0), |entry| (entry.read_seq, entry.read_time));
        let last = known.and_then(|entry| entry.last.as_ref());
        let last = match last.filter(|last| last.msg_id == row.last_msg_id) {
            Some(last) => Some(last.clone()),
            None if row.last_msg_id.is_empty() => None,
            None => store.message(&row.last_msg_id)?,
        };
        let read_time = match last.as_ref() {
            _ if row.read_seq == 0 => 0,
            Some(last)
                if last.place
                    == (Place {
                        seq: row.read_seq,
                        sub: 0,
                    }) =>
            {
                last.time
            }
            // Once known it stays; a message that is missing may still come.
            _ if row.read_seq == read_before.0 && read_before.1 > 0 => read_before.1,
            _ => store
                .message_at(&row.conv, row.read_seq)?
                .map_or(0, |read| read.time),
        };
        if let Some(entry) = self.conversations.known.get_mut(&row.conv) {
            (entry.read_seq, entry.read_time) = (row.read_seq, read_time);
            entry.last.clone_from(&last);
        }
        let last_msg = last.map(|last| self.view(last, row));
        let is_group = row.conv.kind == conv_type::GROUP;
        let group = match is_group {
            true => self.group(store, &row.conv.id)?,
            false => None,
        };
        let info = group.as_ref().map(|group| &group.info);
        Ok(ConvInfo {
            show_name: info.map_or(&row.conv.id, |info| &info.name).clone(),
            face_url: info.map(|info| info.face_url.clone()).unwrap_or_default(),
            group_type: info.map(|info| info.group_type),
            group_read_seq: is_group.then_some(row.read_seq),
            unread: row.unread(),
            active_time: row.moved_ms(),
            has_last_msg: last_msg.is_some(),
            last_msg,
            has_draft: row.draft.is_some(),
            draft: row.draft.clone(),
            recv_opt: row.recv_opt,
            is_pinned: row.is_pinned,
            marks: bits(row.marks).into_iter().map(|bit| 1 << bit).collect(),
            custom_data: row.custom_data.clone(),
            groups: self.conversations.groups.names_of(&row.groups),
            c2c_read_time: if is_group { 0 } else { read_time },
            conv: row.conv.clone(),
        })
    }

    /// A message as the app sees it.
    pub(crate) fn view(&self, row: MessageRow, conv: &ConvRow) -> Message {
        let is_group = row.conv.kind == conv_type::GROUP;
        let is_others = row.sender.is_empty() || is_group || row.sender == row.conv.id;
        let from_self = row.sender == self.owner || !is_others;
        let Place { seq, sub } = row.place;
        let seq = if sub == 0 { seq } else { 0 };
        Message {
            is_read: from_self
                || row.status == msg_status::LOCAL
                || (seq > 0 && seq <= conv.read_seq),
            is_peer_read: from_self && seq > 0 && seq <= conv.peer_read_seq,
            conv: row.conv,
            sender: row.sender,
            msg_id: row.msg_id,
            seq,
            server_time: row.time,
            status: row.status,
            from_self,
            custom_int: row.custom_int,
            custom_str: row.custom_str,
            change: row.change,
            content: row.content,
        }
    }
}
