//! Conversations: what this device knows of each, and what it tells when one changes.

use std::collections::HashMap;

use protocol::conversation::{ConvId, ConvInfo, ConvState, conv_event, conv_type};
use protocol::message::{Message, MessageReceipt, ReadReq, ReadRes, Receipt};
use protocol::{Error, codes, message::MessageRef, ops};

use crate::message::{add_gap, check_conv};
use crate::request::Kind;
use crate::session::is_passing;
use crate::store::{self, ConvRow, MessageRow, Place, Store};
use crate::user::check_user_id;
use crate::{Core, Event, Output, Reply, ReqId};

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
}

#[derive(Debug)]
struct Entry {
    row: ConvRow,
    is_new: bool,
    is_changed: bool,
    unread_before: u64,
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
            ..
        } = std::mem::take(&mut self.conversations);
        self.conversations = Conversations {
            newest_ms,
            is_total_watched,
            told_total,
            ..Conversations::default()
        };
    }

    pub(crate) fn load_conversations(&mut self, store: &mut dyn Store) -> store::Result<()> {
        self.conversations.total_unread = store.total_unread()?;
        Ok(())
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
            let is_new = row.is_none();
            let row = row.unwrap_or_else(|| ConvRow::new(conv.clone()));
            let unread_before = row.unread();
            self.conversations.newest_ms = self.conversations.newest_ms.max(row.active_ms);
            let entry = Entry {
                row,
                is_new,
                is_changed: false,
                unread_before,
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
        change(&mut entry.row);
        if !std::mem::replace(&mut entry.is_changed, true) {
            self.conversations.changed.push(conv.clone());
        }
        Ok(())
    }

    /// A message has been stored or has changed: saves reading it back when it is the last one.
    pub(crate) fn remember_message(&mut self, row: &MessageRow) {
        if let Some(entry) = self.conversations.known.get_mut(&row.conv)
            && entry.row.last_msg_id == row.msg_id
        {
            entry.last = Some(row.clone());
        }
    }

    // ---- what the app asks ----

    pub(crate) fn get_conversations(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
    ) -> store::Result<()> {
        self.write_conversations(store)?;
        let mut infos = Vec::new();
        for row in store.conversations()? {
            infos.push(self.conv_info(store, &row)?);
        }
        self.complete(req, Ok(Reply::Conversations(infos)));
        Ok(())
    }

    pub(crate) fn get_conv_info(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        convs: &[ConvId],
    ) -> store::Result<()> {
        if convs.is_empty() {
            let text = "json_get_conv_list_param: name at least one conversation";
            self.complete(req, Err(Error::new(codes::INVALID_PARAMETERS, text)));
            return Ok(());
        }
        for (at, conv) in convs.iter().enumerate() {
            let place = format_args!("[{at}].get_conversation_list_param_conv_id");
            if conv.kind == conv_type::C2C
                && let Err(error) = check_user_id(place, &conv.id)
            {
                self.complete(req, Err(error));
                return Ok(());
            }
        }
        self.write_conversations(store)?;
        let mut infos = Vec::new();
        for conv in convs {
            if let Some(row) = store.conversation(conv)? {
                infos.push(self.conv_info(store, &row)?);
            }
        }
        self.complete(req, Ok(Reply::Conversations(infos)));
        Ok(())
    }

    pub(crate) fn get_total_unread(&mut self, req: ReqId) {
        let total = self.total_unread();
        self.conversations.is_total_watched = true;
        self.conversations.told_total = total;
        self.complete(req, Ok(Reply::TotalUnread(total)));
    }

    fn total_unread(&self) -> u64 {
        let all = &self.conversations;
        let changed = all.changed.iter().filter_map(|conv| all.known.get(conv));
        changed.fold(all.total_unread, |total, entry| {
            (total + entry.row.unread()).saturating_sub(entry.unread_before)
        })
    }

    /// Marks one conversation read, or all of a type.
    pub(crate) fn report_read(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        conv: ConvId,
        message: Option<MessageRef>,
    ) -> store::Result<()> {
        // Of no conversation in particular: of all of a type.
        let is_all = conv.id.is_empty() && conv.kind == conv_type::C2C;
        if !is_all {
            if let Err(error) = check_conv(&conv) {
                self.complete(req, Err(error));
                return Ok(());
            }
            let up_to = match message {
                None => None,
                Some(wanted) => match self.find_seq(store, &conv, &wanted)? {
                    Some(seq) => Some(seq),
                    None => {
                        let text = "message_msg_id: no such message on this device";
                        let error = Error::new(codes::INVALID_PARAMETERS, text);
                        self.complete(req, Err(error));
                        return Ok(());
                    }
                },
            };
            return self.mark_read(store, Some(req), &conv, up_to);
        }
        self.write_conversations(store)?;
        for row in store.conversations()? {
            if row.conv.kind == conv.kind && row.unread() > 0 {
                self.mark_read(store, None, &row.conv, None)?;
            }
        }
        self.complete(req, Ok(Reply::Empty));
        Ok(())
    }

    fn find_seq(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
        wanted: &MessageRef,
    ) -> store::Result<Option<u64>> {
        if wanted.msg_id.is_empty() {
            return Ok((wanted.seq > 0).then_some(wanted.seq));
        }
        let row = store.message(&wanted.msg_id)?;
        Ok(row.filter(|row| row.conv == *conv).map(|row| row.place.seq))
    }

    /// Moves the read mark here at once, and at the server as soon as there is a link.
    fn mark_read(
        &mut self,
        store: &mut dyn Store,
        req: Option<ReqId>,
        conv: &ConvId,
        up_to: Option<u64>,
    ) -> store::Result<()> {
        let row = self.conv_row(store, conv)?;
        let seq = up_to.unwrap_or(row.head_seq).min(row.head_seq);
        if seq <= row.read_seq {
            self.complete_some(req, Ok(Reply::Empty));
            return Ok(());
        }
        let ord = if seq == row.head_seq {
            row.peer_ord
        } else {
            let user = self.account.user_id().to_owned();
            store.peer_ord_at(conv, &user, seq)?
        };
        self.change_conv(store, conv, |row| {
            row.read_seq = seq;
            row.read_ord = row.read_ord.max(ord);
            row.read_dirty = true;
        })?;
        if self.account.is_live() {
            let kind = Kind::Read {
                req,
                conv: conv.clone(),
            };
            self.request::<ops::ReadMessages>(
                kind,
                &ReadReq {
                    conv: conv.clone(),
                    seq,
                },
            );
        } else {
            // Kept on disk, told after the reconnect: the app need not wait for that.
            self.complete_some(req, Ok(Reply::Empty));
        }
        Ok(())
    }

    pub(crate) fn on_read_answer(
        &mut self,
        store: &mut dyn Store,
        req: Option<ReqId>,
        conv: &ConvId,
        answer: Result<ReadRes, Error>,
    ) -> store::Result<()> {
        let told = match answer {
            // The mark is kept and told after the return.
            Err(error) if is_passing(&error) => {
                self.complete_some(req, Ok(Reply::Empty));
                return self.lose_link(store, error);
            }
            Err(error) => {
                self.complete_some(req, Err(error));
                u64::MAX
            }
            Ok(read) => {
                self.complete_some(req, Ok(Reply::Empty));
                read.read_seq
            }
        };
        let mut row = self.conv_row(store, conv)?;
        if row.read_dirty && told >= row.read_seq {
            row.read_dirty = false;
            store.put_conversation(&row)?;
            self.entry(store, conv)?.row.read_dirty = false;
        } else if row.read_dirty {
            // The mark has moved since, maybe without a link.
            self.send_read(conv, row.read_seq);
        }
        Ok(())
    }

    /// After a login: read marks that the server has not seen.
    pub(crate) fn send_dirty_reads(&mut self, store: &mut dyn Store) -> store::Result<()> {
        self.write_conversations(store)?;
        for row in store.dirty_conversations()? {
            self.send_read(&row.conv, row.read_seq);
        }
        Ok(())
    }

    /// A request with the read mark has had no answer: another one takes its place.
    pub(crate) fn tell_dirty_read(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
    ) -> store::Result<()> {
        let row = self.conv_row(store, conv)?;
        if row.read_dirty && self.account.is_in() {
            self.send_read(conv, row.read_seq);
        }
        Ok(())
    }

    /// Tells a read mark, unless one of the conversation is on its way: its answer looks again.
    fn send_read(&mut self, conv: &ConvId, seq: u64) {
        if self
            .requests
            .has(|kind| matches!(kind, Kind::Read { conv: other, .. } if other == conv))
        {
            return;
        }
        let read = ReadReq {
            conv: conv.clone(),
            seq,
        };
        self.request::<ops::ReadMessages>(
            Kind::Read {
                req: None,
                conv: conv.clone(),
            },
            &read,
        );
    }

    // ---- what the server tells ----

    /// The conversation's state in a snapshot.
    pub(crate) fn on_conv_state(
        &mut self,
        store: &mut dyn Store,
        state: ConvState,
    ) -> store::Result<()> {
        let old = self.conv_row(store, &state.conv)?;
        if state.head_seq > old.head_seq {
            // Everything since the last message known is missing, but for the one that came along.
            add_gap(store, &state.conv, old.head_seq + 1, state.head_seq)?;
        }
        let mut last = None;
        if let Some(message) = state.last {
            let row = MessageRow::received(message);
            store.close_gap(&row.conv, row.place.seq, row.place.seq)?;
            if store.insert_message(&row)? {
                self.note_shown(&row.msg_id);
                last = Some(row);
            }
        }
        let active_ms = last.as_ref().map_or(0, |last| last.time * 1000);
        self.change_conv(store, &state.conv, |row| {
            row.head_seq = row.head_seq.max(state.head_seq);
            row.peer_ord = row.peer_ord.max(state.peer_ord);
            row.read_seq = row.read_seq.max(state.read_seq);
            row.read_ord = row.read_ord.max(state.read_ord);
            row.peer_read_seq = row.peer_read_seq.max(state.peer_read_seq);
            row.peer_read_time = row.peer_read_time.max(state.peer_read_time);
            if let Some(last) = last {
                row.active_ms = row.active_ms.max(active_ms);
                row.last_msg_id = last.msg_id;
            }
        })
    }

    /// Another device of the user, or this one, has read.
    pub(crate) fn on_read_elsewhere(
        &mut self,
        store: &mut dyn Store,
        read: &ReadRes,
    ) -> store::Result<()> {
        let row = self.conv_row(store, &read.conv)?;
        if read.read_seq <= row.read_seq && read.read_ord <= row.read_ord {
            return Ok(());
        }
        self.change_conv(store, &read.conv, |row| {
            row.read_seq = row.read_seq.max(read.read_seq);
            row.read_ord = row.read_ord.max(read.read_ord);
        })
    }

    /// The peer has read.
    pub(crate) fn on_receipt(
        &mut self,
        store: &mut dyn Store,
        receipt: &Receipt,
    ) -> store::Result<()> {
        if receipt.peer_read_seq <= self.conv(store, &receipt.conv)?.peer_read_seq {
            return Ok(());
        }
        self.change_conv(store, &receipt.conv, |row| {
            row.peer_read_seq = receipt.peer_read_seq;
            row.peer_read_time = receipt.time;
        })?;
        self.notices.receipts.push(MessageReceipt {
            conv_id: receipt.conv.id.clone(),
            conv_type: receipt.conv.kind,
            time: receipt.time,
            is_peer_read: true,
        });
        Ok(())
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
        let messages = std::mem::take(&mut self.notices.messages);
        if !messages.is_empty() {
            self.notify(Event::NewMessages(messages));
            self.out.push_back(Output::Mark(self.last_mark));
        }
        let (mut added, mut updated) = (Vec::new(), Vec::new());
        let total = self.total_unread();
        for conv in std::mem::take(&mut self.conversations.changed) {
            let entry = self.entry(store, &conv)?;
            let row = entry.row.clone();
            let is_new = std::mem::take(&mut entry.is_new);
            entry.is_changed = false;
            entry.unread_before = row.unread();
            let info = self.conv_info(store, &row)?;
            if is_new {
                added.push(info)
            } else {
                updated.push(info)
            }
        }
        if !added.is_empty() {
            self.notify(Event::Conversations(conv_event::ADD, added));
        }
        if !updated.is_empty() {
            self.notify(Event::Conversations(conv_event::UPDATE, updated));
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
        self.conversations.total_unread = total;
        if self.conversations.known.len() > KEPT {
            self.conversations.known.clear();
        }
        if self.conversations.is_total_watched && self.conversations.told_total != total {
            self.conversations.told_total = total;
            self.notify(Event::TotalUnread(total));
        }
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
        Ok(ConvInfo {
            show_name: row.conv.id.clone(),
            face_url: String::new(),
            unread: row.unread(),
            active_time: row.active_ms,
            has_last_msg: last_msg.is_some(),
            last_msg,
            has_draft: false,
            recv_opt: 0,
            is_pinned: false,
            marks: Vec::new(),
            custom_data: String::new(),
            groups: Vec::new(),
            c2c_read_time: read_time,
            conv: row.conv.clone(),
        })
    }

    /// A message as the app sees it.
    pub(crate) fn view(&self, row: MessageRow, conv: &ConvRow) -> Message {
        let from_self =
            row.sender == self.owner || (!row.sender.is_empty() && row.sender != row.conv.id);
        let Place { seq, sub } = row.place;
        let seq = if sub == 0 { seq } else { 0 };
        Message {
            is_read: from_self || (seq > 0 && seq <= conv.read_seq),
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
            content: row.content,
        }
    }
}
