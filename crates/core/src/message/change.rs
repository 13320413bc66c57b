//! What becomes of messages after they were sent: taken back, changed, deleted.
//!
//! The server counts the changes of a conversation, and a message says by which one it last changed.
//! Changes come in the stream. A device whose stream did not reach back knows that it may have missed
//! some ([`ConvRow::is_stale`](store::ConvRow)), and asks for them before it shows history.

use std::collections::BTreeSet;

use protocol::conversation::{ConvId, conv_type};
use protocol::message::{
    ChangeRes, ChangesReq, ChangesRes, Content, EraseReq, EraseRes, Erased, MessageRef, ModifyReq,
    NewMessage, RevokeReq, RevokedMessage, msg_status,
};
use protocol::{Error, codes, limits, ops};

use super::history::HistoryCall;
use super::{check_content, check_conv};
use crate::command::Modification;
use crate::request::Kind;
use crate::session::is_passing;
use crate::store::{self, MessageRow, Store};
use crate::{Core, Reply, ReqId};

/// What an answer to `message.erase` is for.
#[derive(Debug)]
pub(crate) struct EraseCall {
    req: ReqId,
    conv: ConvId,
    ranges: Vec<(u64, u64)>,
    /// Messages that only this device has.
    local: Vec<String>,
    /// All that stands here goes, but what is being sent.
    is_all: bool,
}

impl MessageRow {
    fn rev(&self) -> u64 {
        self.change.as_ref().map_or(0, |change| change.rev)
    }

    fn is_at_server(&self) -> bool {
        self.place.sub == 0 && self.place.seq > 0
    }
}

impl Core {
    // ---- what the app asks ----

    /// A message that the app points at.
    fn pointed_at(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
        wanted: &MessageRef,
    ) -> store::Result<Result<MessageRow, Error>> {
        let row = match &*wanted.msg_id {
            "" if wanted.seq > 0 => store.message_at(conv, wanted.seq)?,
            msg_id => store.message(msg_id)?.filter(|row| row.conv == *conv),
        };
        Ok(row.ok_or_else(|| {
            let text = "message_msg_id: no such message of this conversation on this device";
            Error::new(codes::INVALID_PARAMETERS, text)
        }))
    }

    /// The same, or its place when this device does not have it.
    fn place_of(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
        wanted: &MessageRef,
    ) -> store::Result<Result<Pointed, Error>> {
        Ok(match self.pointed_at(store, conv, wanted)? {
            Ok(row) => Ok(Pointed::Here(Box::new(row))),
            Err(_) if wanted.seq > 0 => Ok(Pointed::There(wanted.seq)),
            Err(error) => Err(error),
        })
    }

    pub(crate) fn revoke_message(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        conv: ConvId,
        wanted: &MessageRef,
    ) -> store::Result<()> {
        if let Err(error) = check_conv(&conv) {
            self.complete(req, Err(error));
            return Ok(());
        }
        let text = match self.place_of(store, &conv, wanted)? {
            Err(error) => {
                self.complete(req, Err(error));
                return Ok(());
            }
            Ok(Pointed::Here(row)) if !row.is_at_server() => {
                "message_msg_id: the server does not have this message; delete it instead"
            }
            // Who may do so in a group the server knows.
            Ok(Pointed::Here(row))
                if row.sender != self.account.user_id() && conv.kind != conv_type::GROUP =>
            {
                "message_sender: only its sender may take a message back"
            }
            Ok(pointed) => {
                let (msg_id, known_rev, seq) = match pointed {
                    Pointed::Here(row) => (row.msg_id.clone(), row.rev(), row.place.seq),
                    Pointed::There(seq) => (String::new(), 0, seq),
                };
                let kind = Kind::Change {
                    req,
                    msg_id,
                    known_rev,
                };
                self.request::<ops::Revoke>(kind, &RevokeReq { conv, seq });
                return Ok(());
            }
        };
        self.complete(req, Err(Error::new(codes::INVALID_PARAMETERS, text)));
        Ok(())
    }

    pub(crate) fn modify_message(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        modification: Modification,
    ) -> store::Result<()> {
        let Modification {
            conv,
            message,
            rev,
            elems,
            cloud_custom,
        } = modification;
        let content = Content {
            elems,
            cloud_custom,
            ..Content::default()
        };
        if let Err(error) = check_conv(&conv).and_then(|()| check_content(&content)) {
            self.complete(req, Err(error));
            return Ok(());
        }
        let row = match self.pointed_at(store, &conv, &message)? {
            Ok(row) => row,
            Err(error) => {
                self.complete(req, Err(error));
                return Ok(());
            }
        };
        if !row.is_at_server() {
            let text = "message_msg_id: the server does not have this message";
            self.complete(req, Err(Error::new(codes::INVALID_PARAMETERS, text)));
            return Ok(());
        }
        let modify = ModifyReq {
            conv,
            seq: row.place.seq,
            rev: rev.unwrap_or_else(|| row.rev()),
            elems: content.elems,
            cloud_custom: content.cloud_custom,
        };
        let kind = Kind::Change {
            req,
            known_rev: row.rev(),
            msg_id: row.msg_id,
        };
        self.request::<ops::Modify>(kind, &modify);
        Ok(())
    }

    pub(crate) fn on_change_answer(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        msg_id: &str,
        known_rev: u64,
        answer: Result<ChangeRes, Error>,
    ) -> store::Result<()> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.complete(req, Err(error));
                return Ok(());
            }
        };
        if let Some(row) = store.message(msg_id)? {
            let newer = MessageRow::received(answer.message);
            self.apply_change(store, row, &newer, false)?;
        }
        let Some(row) = store.message(msg_id)? else {
            self.complete(req, Ok(Reply::Empty));
            return Ok(());
        };
        let is_revoked = row.status == msg_status::REVOKED;
        if answer.is_conflict && row.rev() > known_rev {
            // What somebody else did while this was asked.
            self.tell_change(store, &row, true)?;
        }
        let conv = self.conv_row(store, &row.conv)?;
        let message = Box::new(self.view(row, &conv));
        let reply = match answer.is_conflict {
            true => Reply::Refused(Error::of(codes::SDK_MSG_MODIFY_CONFLICT), message),
            false if is_revoked => Reply::Empty,
            false => Reply::Message(message),
        };
        self.complete(req, Ok(reply));
        Ok(())
    }

    /// Deletes messages: on this device, or at the server and on all devices of the user.
    pub(crate) fn delete_messages(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        conv: ConvId,
        wanted: &[MessageRef],
        is_everywhere: bool,
    ) -> store::Result<()> {
        let checked = check_conv(&conv).and_then(|()| {
            if (1..=limits::ERASE_RANGES).contains(&wanted.len()) {
                return Ok(());
            }
            let (count, most) = (wanted.len(), limits::ERASE_RANGES);
            let text = format!("json_msg_array: {count} messages, it must name 1 to {most}");
            Err(Error::new(codes::INVALID_PARAMETERS, text))
        });
        if let Err(error) = checked {
            self.complete(req, Err(error));
            return Ok(());
        }
        let (mut seqs, mut local) = (BTreeSet::new(), Vec::new());
        for wanted in wanted {
            let text = match self.place_of(store, &conv, wanted)? {
                Ok(Pointed::Here(row)) if row.status == msg_status::SENDING => {
                    "message_msg_id: it is being sent; delete it when that has ended"
                }
                Ok(Pointed::Here(row)) if is_everywhere && row.is_at_server() => {
                    seqs.insert(row.place.seq);
                    continue;
                }
                Ok(Pointed::Here(row)) => {
                    local.push(row.msg_id);
                    continue;
                }
                Ok(Pointed::There(seq)) if is_everywhere => {
                    seqs.insert(seq);
                    continue;
                }
                // What is gone already need not go.
                Ok(Pointed::There(_)) => continue,
                Err(_) if !wanted.msg_id.is_empty() => continue,
                Err(_) => "message_msg_id: it names no message",
            };
            self.complete(req, Err(Error::new(codes::INVALID_PARAMETERS, text)));
            return Ok(());
        }
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for seq in seqs {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == seq => *last = seq,
                _ => ranges.push((seq, seq)),
            }
        }
        let call = EraseCall {
            req,
            conv,
            ranges,
            local,
            is_all: false,
        };
        self.erase(store, call)
    }

    /// Deletes all messages of a conversation that there are, on all devices of the user.
    pub(crate) fn clear_history(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        conv: ConvId,
    ) -> store::Result<()> {
        if let Err(error) = check_conv(&conv) {
            self.complete(req, Err(error));
            return Ok(());
        }
        let head = self.conv(store, &conv)?.head_seq;
        let call = EraseCall {
            req,
            conv,
            ranges: (head > 0).then_some((1, head)).into_iter().collect(),
            local: Vec::new(),
            is_all: true,
        };
        self.erase(store, call)
    }

    fn erase(&mut self, store: &mut dyn Store, call: EraseCall) -> store::Result<()> {
        if call.ranges.is_empty() {
            return self.on_erase_answer(store, call, Ok(EraseRes::default()));
        }
        let erase = EraseReq {
            conv: call.conv.clone(),
            ranges: call.ranges.clone(),
        };
        self.request::<ops::Erase>(Kind::Erase(Box::new(call)), &erase);
        Ok(())
    }

    pub(crate) fn on_erase_answer(
        &mut self,
        store: &mut dyn Store,
        call: EraseCall,
        answer: Result<EraseRes, Error>,
    ) -> store::Result<()> {
        let head = match answer {
            Ok(erased) => erased.head,
            Err(error) => {
                self.complete(call.req, Err(error));
                return Ok(());
            }
        };
        if call.is_all {
            // What is gone is not unread.
            let up_to = call.ranges.last().map(|(_, to)| head.min(*to));
            self.mark_read(store, None, &call.conv, up_to)?;
        }
        for (from, to) in call.ranges {
            // What has come since is not gone.
            forget(store, &call.conv, from, to.min(head), call.is_all)?;
        }
        for msg_id in call.local {
            store.delete_message(&msg_id)?;
        }
        if call.is_all && self.conv(store, &call.conv)?.head_seq == 0 {
            store.delete_range(&call.conv, 0, 0, true)?;
        }
        self.tell_erased(store, &call.conv)?;
        self.complete(call.req, Ok(Reply::Empty));
        Ok(())
    }

    // ---- what the server tells ----

    /// A message of the stream has changed.
    pub(crate) fn on_changed(
        &mut self,
        store: &mut dyn Store,
        message: NewMessage,
        is_untold: bool,
    ) -> store::Result<()> {
        let rev = message.change.as_ref().map_or(0, |change| change.rev);
        // Who has missed some asks for all since then.
        self.note_conv(store, &message.conv, |row| {
            if !row.is_stale {
                row.rev = row.rev.max(rev);
            }
        })?;
        let Some(row) = store.message(&message.msg_id)? else {
            return Ok(());
        };
        // Whoever changed it here hears of it by the call's completion.
        let is_asked = |kind: &Kind| match kind {
            Kind::Change { msg_id, .. } => *msg_id == message.msg_id,
            _ => false,
        };
        let is_told = !self.requests.has(is_asked);
        if is_untold && rev > 0 && row.rev() == rev {
            // Stored by a process that died before it had told.
            return self.tell_change(store, &row, true);
        }
        self.apply_change(store, row, &MessageRow::received(message), is_told)
    }

    /// A message of a group has changed, which is in no stream.
    pub(crate) fn on_group_changed(
        &mut self,
        store: &mut dyn Store,
        body: &str,
    ) -> store::Result<()> {
        let Ok(message) = serde_json::from_str::<NewMessage>(body) else {
            return Ok(());
        };
        if self.group(store, &message.conv.id)?.is_none() {
            return Ok(());
        }
        let rev = message.change.as_ref().map_or(0, |change| change.rev);
        // Those before it have been told, or were missed.
        self.check_rev(store, &message.conv, rev.saturating_sub(1))?;
        self.on_changed(store, message, false)
    }

    /// A message that is here as the server has it: newer or not.
    pub(crate) fn apply_change(
        &mut self,
        store: &mut dyn Store,
        mut row: MessageRow,
        newer: &MessageRow,
        is_told: bool,
    ) -> store::Result<()> {
        let Some(change) = newer.change.clone().filter(|new| new.rev > row.rev()) else {
            return Ok(());
        };
        let was_revoked = row.status == msg_status::REVOKED;
        // Its author keeps the content, to write it again.
        let is_own = row.sender == self.account.user_id();
        if change.revoked.is_none() || !is_own {
            row.content = newer.content.clone();
        }
        if change.revoked.is_some() {
            row.status = msg_status::REVOKED;
        }
        row.change = Some(change);
        store.change_message(&row)?;
        self.remember_message(&row);
        self.tell_if_last(store, &row)?;
        match is_told {
            true => self.tell_change(store, &row, !was_revoked),
            false => Ok(()),
        }
    }

    fn tell_change(
        &mut self,
        store: &mut dyn Store,
        row: &MessageRow,
        is_new_revocation: bool,
    ) -> store::Result<()> {
        if row.status != msg_status::REVOKED {
            let conv = self.conv_row(store, &row.conv)?;
            let message = self.view(row.clone(), &conv);
            self.notices.modified.push(message);
        } else if is_new_revocation {
            let is_own = row.sender == self.account.user_id();
            self.notices.revoked.push(revoked(row, is_own));
        }
        Ok(())
    }

    /// This device, or another one of the user, has erased messages.
    pub(crate) fn on_erased(
        &mut self,
        store: &mut dyn Store,
        erased: &Erased,
    ) -> store::Result<()> {
        let Erased { conv, from, to } = erased;
        forget(store, conv, *from, *to, false)?;
        // What came with the same page and is gone again is no news.
        let is_gone = |seq: u64| (*from..=*to).contains(&seq);
        let new = &mut self.notices.messages;
        new.retain(|message| message.conv != *conv || !is_gone(message.seq));
        self.tell_erased(store, conv)
    }

    /// An app that shows the conversation looks at it again. One that nobody knows here stays unknown.
    fn tell_erased(&mut self, store: &mut dyn Store, conv: &ConvId) -> store::Result<()> {
        if !self.is_known(store, conv)? {
            return Ok(());
        }
        self.change_conv(store, conv, |_| {})?;
        self.find_last(store, conv)
    }

    // ---- what was missed ----

    /// Asks for what changed while the stream did not reach back, before history is shown.
    pub(super) fn ask_changes(
        &mut self,
        store: &mut dyn Store,
        call: Box<HistoryCall>,
        erased_after: u64,
    ) -> store::Result<()> {
        let conv = call.conv.clone();
        let changes = ChangesReq {
            after: self.conv(store, &conv)?.rev,
            conv,
            erased_after,
        };
        self.request::<ops::Changes>(Kind::Changes(call), &changes);
        Ok(())
    }

    pub(crate) fn on_changes(
        &mut self,
        store: &mut dyn Store,
        call: Box<HistoryCall>,
        answer: Result<ChangesRes, Error>,
    ) -> store::Result<()> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) if is_passing(&error) => return self.answer_locally(store, *call),
            Err(error) => {
                self.complete(call.req, Err(error));
                return Ok(());
            }
        };
        match self.take_changes(store, &call.conv, answer)? {
            Some(erased_after) => self.ask_changes(store, call, erased_after),
            None => self.continue_history(store, call),
        }
    }

    /// Applies what was missed. Gives the beginning of the last erased range when there is more.
    pub(crate) fn take_changes(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
        answer: ChangesRes,
    ) -> store::Result<Option<u64>> {
        for message in answer.messages {
            if let Some(row) = store.message(&message.msg_id)? {
                self.apply_change(store, row, &MessageRow::received(message), true)?;
            }
        }
        let mut erased_after = 0;
        for (from, to) in answer.erased {
            forget(store, conv, from, to, false)?;
            erased_after = from;
        }
        self.find_last(store, conv)?;
        self.note_conv(store, conv, |row| {
            row.rev = row.rev.max(answer.rev);
            row.is_stale = answer.more;
        })?;
        Ok(answer.more.then_some(erased_after))
    }
}

/// Accepted messages are gone, and are not missing either.
pub(crate) fn forget(
    store: &mut dyn Store,
    conv: &ConvId,
    from: u64,
    to: u64,
    is_all: bool,
) -> store::Result<()> {
    if from > to {
        return Ok(());
    }
    store.delete_range(conv, from, to, is_all)?;
    store.close_gap(conv, from, to)
}

/// A message that the app points at.
enum Pointed {
    Here(Box<MessageRow>),
    /// This device does not have it, and knows its place.
    There(u64),
}

fn revoked(row: &MessageRow, is_self: bool) -> RevokedMessage {
    let revoked = row.change.as_ref().and_then(|c| c.revoked.clone());
    let revoked = revoked.unwrap_or_default();
    RevokedMessage {
        conv_id: row.conv.id.clone(),
        conv_type: row.conv.kind,
        is_revoked: true,
        time: row.time,
        seq: row.place.seq,
        rand: row.content.rand.into(),
        is_self,
        unique_id: row.content.unique_id(),
        revoker: revoked.by,
        reason: revoked.reason,
    }
}
