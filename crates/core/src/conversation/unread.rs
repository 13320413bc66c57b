//! Unread messages: read marks, totals, and the counts of filters that the app has subscribed to.

use protocol::conversation::list::ConvFilter;
use protocol::conversation::{ConvId, conv_type};
use protocol::message::{MessageReceipt, MessageRef, ReadReq, ReadRes, Receipt};
use protocol::{Error, codes, ops};

use super::list::{Filter, parse_conv};
use crate::message::check_conv;
use crate::request::Kind;
use crate::session::is_passing;
use crate::store::{self, ConvRow, Store};
use crate::{Core, Event, Reply, ReqId};

/// Filters whose counts are watched; of more, the one that was subscribed to first is dropped.
const WATCHED: usize = 100;

/// A filter that the app has subscribed to.
#[derive(Debug)]
pub(crate) struct Watched {
    /// As it was subscribed to.
    asked: ConvFilter,
    filter: Filter,
    count: u64,
    told: u64,
}

/// What a conversation counted for when the counts were last told.
#[derive(Debug, Default)]
pub(super) struct Counted {
    /// As [`ConvRow::counted`] has it.
    pub unread: u64,
    marks: u64,
    groups: Vec<u64>,
}

impl Counted {
    pub fn of(row: &ConvRow) -> Self {
        Self {
            unread: row.counted(),
            marks: row.marks,
            groups: row.groups.clone(),
        }
    }

    fn for_filter(&self, filter: &Filter, kind: i32) -> u64 {
        match filter.is_of(kind, self.marks, &self.groups) {
            true => self.unread,
            false => 0,
        }
    }
}

impl Core {
    pub(crate) fn get_total_unread(&mut self, req: ReqId) {
        let total = self.total_unread();
        self.conversations.is_total_watched = true;
        self.conversations.told_total = total;
        self.complete(req, Ok(Reply::TotalUnread(total)));
    }

    pub(super) fn total_unread(&self) -> u64 {
        let all = &self.conversations;
        all.changed_entries()
            .fold(all.total_unread, |total, (_, entry)| {
                (total + entry.row.counted()).saturating_sub(entry.before.unread)
            })
    }

    // ---- by filter ----

    pub(crate) fn get_unread_by_filter(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        filter: &ConvFilter,
    ) -> store::Result<()> {
        self.write_conversations(store)?;
        let filter = self.filter(filter);
        let count = count_unread(store, |row| filter.matches(row))?;
        self.complete(req, Ok(Reply::TotalUnread(count)));
        Ok(())
    }

    /// Of a filter, type, mark and group count here.
    pub(crate) fn watch_unread(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        asked: ConvFilter,
    ) -> store::Result<()> {
        self.write_conversations(store)?;
        let filter = self.filter(&asked);
        self.conversations
            .watched
            .retain(|watched| !is_same(&watched.asked, &asked));
        // What this turn has changed is counted as it was before: the turn's end adds it.
        let mut count = count_unread(store, |row| filter.counts(row))?;
        let told = count;
        for (conv, entry) in self.conversations.changed_entries() {
            let now = Counted::of(&entry.row).for_filter(&filter, conv.kind);
            count = (count + entry.before.for_filter(&filter, conv.kind)).saturating_sub(now);
        }
        let all = &mut self.conversations.watched;
        if all.len() >= WATCHED {
            all.remove(0);
        }
        all.push(Watched {
            asked,
            filter,
            count,
            told,
        });
        self.complete(req, Ok(Reply::Empty));
        Ok(())
    }

    pub(crate) fn unwatch_unread(&mut self, req: ReqId, asked: &ConvFilter) {
        let all = &mut self.conversations.watched;
        all.retain(|watched| !is_same(&watched.asked, asked));
        self.complete(req, Ok(Reply::Empty));
    }

    /// Conversation groups changed, or the store has been opened anew: counts start again.
    pub(super) fn recount_watched(&mut self, store: &mut dyn Store) -> store::Result<()> {
        if self.conversations.watched.is_empty() {
            return Ok(());
        }
        self.write_conversations(store)?;
        let mut all = std::mem::take(&mut self.conversations.watched);
        for watched in &mut all {
            watched.filter = self.filter(&watched.asked);
            watched.count = count_unread(store, |row| watched.filter.counts(row))?;
            for (conv, entry) in self.conversations.changed_entries() {
                let now = Counted::of(&entry.row).for_filter(&watched.filter, conv.kind);
                let before = entry.before.for_filter(&watched.filter, conv.kind);
                watched.count = (watched.count + before).saturating_sub(now);
            }
        }
        self.conversations.watched = all;
        Ok(())
    }

    /// A conversation has changed in this turn: `before` and now.
    pub(super) fn count_for_watched(watched: &mut [Watched], before: &Counted, row: &ConvRow) {
        for watched in watched {
            let was = before.for_filter(&watched.filter, row.conv.kind);
            let is = Counted::of(row).for_filter(&watched.filter, row.conv.kind);
            watched.count = (watched.count + is).saturating_sub(was);
        }
    }

    pub(super) fn tell_watched(&mut self) {
        let mut told = Vec::new();
        for watched in &mut self.conversations.watched {
            if watched.told != watched.count {
                watched.told = watched.count;
                told.push(Event::UnreadByFilter(watched.asked.clone(), watched.count));
            }
        }
        for event in told {
            self.notify(event);
        }
    }

    // ---- read marks ----

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
        self.read_all(store, req, Some(conv.kind), 0)
    }

    /// Marks all conversations read, or all of a type.
    fn read_all(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        kind: Option<i32>,
        time: u64,
    ) -> store::Result<()> {
        self.write_conversations(store)?;
        for row in store.unread_conversations()? {
            if kind.is_none_or(|kind| kind == row.conv.kind) {
                let up_to = match time {
                    0 => None,
                    time => Some(store.seq_at_time(&row.conv, time)?),
                };
                self.mark_read(store, None, &row.conv, up_to)?;
            }
        }
        self.complete(req, Ok(Reply::Empty));
        Ok(())
    }

    /// `tim_conv_clean_conversation_unread_message_count`
    pub(crate) fn clean_unread(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        whose: &str,
        time: u64,
        seq: u64,
    ) -> store::Result<()> {
        match whose {
            "" => return self.read_all(store, req, None, time),
            "c2c" => return self.read_all(store, req, Some(conv_type::C2C), time),
            "group" => return self.read_all(store, req, Some(conv_type::GROUP), 0),
            _ => {}
        }
        let conv = match parse_conv(whose) {
            Ok(conv) => conv,
            Err(error) => {
                self.complete(req, Err(error));
                return Ok(());
            }
        };
        let up_to = match (conv.kind, time, seq) {
            (conv_type::C2C, 0, _) | (conv_type::GROUP, _, 0) => None,
            (conv_type::C2C, ..) => Some(store.seq_at_time(&conv, time)?),
            _ => Some(seq),
        };
        self.mark_read(store, Some(req), &conv, up_to)
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
    pub(crate) fn mark_read(
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

    /// Another device of the user, or this one, has read.
    pub(crate) fn on_read_elsewhere(
        &mut self,
        store: &mut dyn Store,
        read: &ReadRes,
    ) -> store::Result<()> {
        if self.is_foreign(store, &read.conv)? {
            return Ok(());
        }
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
}

/// Filters are told apart by type, mark and group.
fn is_same(one: &ConvFilter, other: &ConvFilter) -> bool {
    let key = |filter: &ConvFilter| {
        let kind = filter.conv_type.unwrap_or(0);
        (kind, filter.mark, filter.group.clone())
    };
    key(one) == key(other)
}

/// Unread messages of the conversations that are it, as totals count them, all rows being written.
fn count_unread(store: &mut dyn Store, is_it: impl Fn(&ConvRow) -> bool) -> store::Result<u64> {
    let rows = store.unread_conversations()?;
    let counted = rows.iter().filter(|row| is_it(row));
    Ok(counted.map(ConvRow::counted).sum())
}
