//! Messages: sending through the outbox, receiving; [`history`] is beside it, and [`local`], what
//! concerns this device alone.
//!
//! A message that was accepted is a row in the store and a row in the outbox, in one transaction.
//! The outbox is sent first in, first out; after a reconnect it starts again at its first row,
//! under the same ids, so that the server can answer a repeat with the first result.

use std::collections::{HashMap, HashSet, VecDeque};

use protocol::conversation::{ConvId, conv_type};
use protocol::message::{
    Content, Elem, LocalCustom, Message, NewMessage, SendReq, SendRes, msg_status,
};
use protocol::receive::opt;
use protocol::{Error, codes, limits, ops};

use crate::client::WINDOW;
use crate::group::check_group_id;
use crate::request::Kind;
use crate::session::is_passing;
use crate::store::{self, MessageRow, Place, Store};
use crate::user::check_user_id;
use crate::{Core, LogLevel, Reply, ReqId};

mod batch;
mod change;
mod history;
mod last;
mod local;
mod search;

pub(crate) use batch::{Batch, Waiter};
pub(crate) use change::{EraseCall, forget};
pub(crate) use history::{HistoryCall, add_gap};
pub(crate) use search::SearchCall;

/// The state of sending.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Rows on disk.
    len: usize,
    /// [`Place::sub`] of the last row that was taken from the store.
    taken: u64,
    /// Taken, not sent yet.
    ready: VecDeque<MessageRow>,
    /// Every row of the store has been taken.
    is_drained: bool,
    /// Sent, not answered yet.
    in_flight: HashMap<String, MessageRow>,
    /// Who waits for a message.
    waiting: HashMap<String, Waiter>,
    /// Calls that send to many, and have not heard of all yet.
    batches: HashMap<ReqId, Batch>,
    /// Answered, but their echo in the stream has not come yet.
    settled: HashSet<String>,
    last_sub: u64,
}

impl Outbox {
    /// Nothing waits, and every own message has come back in the stream.
    fn is_settled(&self) -> bool {
        self.len == 0 && self.settled.is_empty()
    }
}

impl MessageRow {
    /// A message as the server tells it.
    pub(crate) fn received(message: NewMessage) -> Self {
        Self {
            msg_id: message.msg_id,
            sender: message.sender,
            place: Place {
                seq: message.seq,
                sub: 0,
            },
            time: message.time,
            // That of a group counts the messages of all: it says something in its order only.
            ord: match message.conv.kind {
                conv_type::GROUP => 0,
                _ => message.ord,
            },
            status: match message.change.as_ref().map(|change| &change.revoked) {
                Some(Some(_)) => msg_status::REVOKED,
                _ => msg_status::SENT,
            },
            custom_int: 0,
            custom_str: String::new(),
            change: message.change,
            content: message.content,
            conv: message.conv,
        }
    }
}

impl Core {
    // ---- sending ----

    pub(crate) fn accept_message(
        &mut self,
        store: &mut dyn Store,
        waiter: Waiter,
        conv: ConvId,
        msg_id: String,
        content: Content,
        local: LocalCustom,
    ) -> store::Result<()> {
        let checked = check_conv(&conv).and_then(|()| {
            check_content(&content)?;
            if self.outbox.len >= limits::OUTBOX_ROWS && !content.online_only {
                return Err(Error::of(codes::OUTBOX_FULL));
            }
            Ok(())
        });
        if let Err(error) = checked {
            self.complete_send(waiter, Err(error));
            return Ok(());
        }
        let head = self.conv(store, &conv)?.head_seq;
        let row = MessageRow {
            conv,
            msg_id,
            sender: self.account.user_id().into(),
            place: self.place_behind(head),
            time: 0,
            ord: 0,
            status: msg_status::SENDING,
            custom_int: local.int,
            custom_str: local.str,
            change: None,
            content: content.into(),
        };
        if row.content.online_only {
            return self.send_online_only(store, waiter, row);
        }
        if !store.insert_message(&row)? {
            self.complete_send(waiter, Err(id_exists()));
            return Ok(());
        }
        self.outbox.len += 1;
        self.outbox.waiting.insert(row.msg_id.clone(), waiter);
        let active_ms = self.activity(self.server_s());
        let last = (!row.content.excluded_from_last).then(|| row.msg_id.clone());
        self.change_conv(store, &row.conv, |conv| {
            conv.active_ms = conv.active_ms.max(active_ms);
            if let Some(last) = last {
                conv.last_msg_id = last;
            }
        })?;
        self.remember_message(&row);
        if self.outbox.is_drained {
            self.outbox.taken = row.place.sub;
            self.outbox.ready.push_back(row);
        }
        self.pump_outbox(store)
    }

    /// Behind all that this device has after a sequence.
    fn place_behind(&mut self, seq: u64) -> Place {
        self.outbox.last_sub = (self.now.unix_ms << 12).max(self.outbox.last_sub + 1);
        let sub = self.outbox.last_sub;
        Place { seq, sub }
    }

    /// Not stored, not repeated: it goes out now or not at all.
    fn send_online_only(
        &mut self,
        store: &mut dyn Store,
        waiter: Waiter,
        row: MessageRow,
    ) -> store::Result<()> {
        let send = SendReq {
            conv: row.conv.clone(),
            msg_id: row.msg_id.clone(),
            content: row.content.clone(),
        };
        let conv = self.conv_row(store, &row.conv)?;
        let message = Box::new(self.view(row, &conv));
        self.request::<ops::SendMessage>(Kind::SendOnline { waiter, message }, &send);
        Ok(())
    }

    pub(crate) fn on_send_online_answer(
        &mut self,
        waiter: Waiter,
        mut message: Box<Message>,
        answer: Result<SendRes, Error>,
    ) -> store::Result<()> {
        let result = answer.map(|sent| {
            message.server_time = sent.time;
            message.status = msg_status::SENT;
            message
        });
        self.complete_send(waiter, result);
        Ok(())
    }

    pub(crate) fn load_outbox(&mut self, store: &mut dyn Store) -> store::Result<()> {
        // A clock that went back must not put what comes before what waits.
        (self.outbox.len, self.outbox.last_sub) = store.outbox_extent()?;
        Ok(())
    }

    /// The store was closed for a while: what calls wait for may have been sent by another process.
    pub(crate) fn check_outbox(&mut self, store: &mut dyn Store) -> store::Result<()> {
        let mut waiting: Vec<_> = std::mem::take(&mut self.outbox.waiting)
            .into_iter()
            .collect();
        waiting.sort_unstable_by_key(|(_, waiter)| *waiter);
        for (msg_id, waiter) in waiting {
            match store.message(&msg_id)? {
                Some(row) if row.status == msg_status::SENDING => {
                    self.outbox.waiting.insert(msg_id, waiter);
                }
                Some(row) if row.status == msg_status::SENT => {
                    let conv = self.conv_row(store, &row.conv)?;
                    let message = Box::new(self.view(row, &conv));
                    self.complete_send(waiter, Ok(message));
                }
                _ => self.complete_send(waiter, Err(Error::of(codes::SDK_COMM_INTERRUPT))),
            }
        }
        Ok(())
    }

    /// A login has finished: everything that waits goes out, from the first row on.
    pub(crate) fn restart_outbox(&mut self, store: &mut dyn Store) -> store::Result<()> {
        self.outbox.taken = 0;
        self.outbox.ready.clear();
        self.outbox.is_drained = false;
        self.pump_outbox(store)
    }

    pub(crate) fn stop_outbox(&mut self) {
        self.outbox.in_flight.clear();
        self.outbox.ready.clear();
        self.outbox.settled.clear();
        self.outbox.is_drained = false;
    }

    /// Calls off a message that has not gone out.
    pub(crate) fn cancel_send(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        conv: &ConvId,
        msg_id: &str,
    ) -> store::Result<()> {
        if let Err(error) = check_conv(conv) {
            self.complete(req, Err(error));
            return Ok(());
        }
        let row = store.message(msg_id)?.filter(|row| {
            let is_waiting = !self.outbox.in_flight.contains_key(msg_id);
            row.conv == *conv && row.status == msg_status::SENDING && is_waiting
        });
        let Some(mut row) = row else {
            let error = Error::of(codes::SDK_INVALID_CANCEL_MESSAGE);
            self.complete(req, Err(error));
            return Ok(());
        };
        row.status = msg_status::CANCELLED;
        store.set_message_status(msg_id, row.status)?;
        self.outbox.ready.retain(|ready| ready.msg_id != msg_id);
        self.outbox.len = self.outbox.len.saturating_sub(1);
        self.remember_message(&row);
        self.tell_if_last(store, &row)?;
        if let Some(waiter) = self.outbox.waiting.remove(msg_id) {
            let error = Error::of(codes::SDK_SEND_MESSAGE_FAILED_WITH_CANCEL);
            self.complete_send(waiter, Err(error));
        }
        self.complete(req, Ok(Reply::Empty));
        Ok(())
    }

    fn pump_outbox(&mut self, store: &mut dyn Store) -> store::Result<()> {
        if !self.account.is_live() || !self.link.is_open() {
            return Ok(());
        }
        while self.outbox.in_flight.len() < WINDOW {
            if self.outbox.ready.is_empty() && !self.outbox.is_drained {
                let rows = store.outbox(self.outbox.taken, WINDOW)?;
                self.outbox.is_drained = rows.len() < WINDOW;
                if let Some(last) = rows.last() {
                    self.outbox.taken = last.place.sub;
                }
                self.outbox.ready.extend(rows);
            }
            let Some(row) = self.outbox.ready.pop_front() else {
                break;
            };
            let kind = Kind::Send {
                msg_id: row.msg_id.clone(),
            };
            let send = SendReq {
                conv: row.conv.clone(),
                msg_id: row.msg_id.clone(),
                content: row.content.clone(),
            };
            self.outbox.in_flight.insert(row.msg_id.clone(), row);
            self.request::<ops::SendMessage>(kind, &send);
        }
        Ok(())
    }

    pub(crate) fn on_send_answer(
        &mut self,
        store: &mut dyn Store,
        msg_id: &str,
        answer: Result<SendRes, Error>,
    ) -> store::Result<()> {
        match answer {
            Ok(sent) => {
                // Not in flight any more: the echo came first and settled it.
                if let Some(row) = self.outbox.in_flight.remove(msg_id) {
                    let is_group = row.conv.kind == conv_type::GROUP;
                    let echo = (sent.event > 0 || is_group).then(|| NewMessage {
                        conv: row.conv.clone(),
                        sender: row.sender.clone(),
                        msg_id: row.msg_id.clone(),
                        seq: sent.seq,
                        time: sent.time,
                        ord: 0,
                        change: None,
                        content: row.content.clone(),
                    });
                    self.outbox.settled.insert(msg_id.into());
                    self.settle_sent(store, row, sent.seq, sent.time)?;
                    match echo {
                        Some(echo) if is_group => self.on_own_group_message(store, echo)?,
                        Some(echo) => self.on_own_event(store, sent.event, echo)?,
                        None => {}
                    }
                } else if sent.event > 0 {
                    // History had it first; the event is still owed.
                    self.on_head(sent.event);
                }
            }
            // The order would suffer if the next ones went on: come back and start again.
            Err(error) if is_passing(&error) => return self.lose_link(store, error),
            Err(error) => {
                self.log(LogLevel::Warn, format!("message {msg_id} refused: {error}"));
                if let Some(mut row) = self.outbox.in_flight.remove(msg_id) {
                    row.status = msg_status::FAILED;
                    store.set_message_status(msg_id, row.status)?;
                    self.remember_message(&row);
                    self.outbox.len = self.outbox.len.saturating_sub(1);
                    self.tell_if_last(store, &row)?;
                    if self.is_foreign(store, &row.conv)? {
                        // Writing to it has put it into the list.
                        self.change_conv(store, &row.conv, |conv| conv.is_hidden = true)?;
                    }
                }
                if let Some(waiter) = self.outbox.waiting.remove(msg_id) {
                    self.complete_send(waiter, Err(error));
                }
            }
        }
        self.pump_outbox(store)
    }

    /// The server has the message: gives it its place and completes its call.
    fn settle_sent(
        &mut self,
        store: &mut dyn Store,
        mut row: MessageRow,
        seq: u64,
        time: u64,
    ) -> store::Result<()> {
        store.set_message_sent(&row.msg_id, seq, time, row.ord)?;
        if seq <= self.conv(store, &row.conv)?.head_seq {
            store.close_gap(&row.conv, seq, seq)?;
        }
        self.outbox.len = self.outbox.len.saturating_sub(1);
        (row.place, row.time) = (Place { seq, sub: 0 }, time);
        row.status = msg_status::SENT;
        self.remember_message(&row);
        self.tell_if_last(store, &row)?;
        if let Some(waiter) = self.outbox.waiting.remove(&row.msg_id) {
            let conv = self.conv_row(store, &row.conv)?;
            let message = self.view(row, &conv);
            self.complete_send(waiter, Ok(Box::new(message)));
        }
        Ok(())
    }

    /// The state of a conversation's last message is part of the conversation.
    fn tell_if_last(&mut self, store: &mut dyn Store, row: &MessageRow) -> store::Result<()> {
        if self.conv(store, &row.conv)?.last_msg_id == row.msg_id {
            self.change_conv(store, &row.conv, |_| {})?;
        }
        Ok(())
    }

    // ---- receiving ----

    /// The stream is past the echo of this message.
    pub(crate) fn forget_settled(&mut self, msg_id: &str) {
        self.outbox.settled.remove(msg_id);
    }

    /// An event of the stream: the echo of an own message, or a new one. `is_untold`: it may have been
    /// stored, but not told.
    pub(crate) fn on_new_message(
        &mut self,
        store: &mut dyn Store,
        message: NewMessage,
        is_untold: bool,
    ) -> store::Result<()> {
        let is_own = message.sender == self.account.user_id();
        let is_settled = is_own && self.outbox.settled.remove(&message.msg_id);
        let old = self.conv_row(store, &message.conv)?;
        if message.seq > old.head_seq + 1 {
            add_gap(store, &message.conv, old.head_seq + 1, message.seq - 1)?;
        } else if message.seq <= old.head_seq {
            store.close_gap(&message.conv, message.seq, message.seq)?;
        }
        let ord = message.ord;
        let row = MessageRow {
            ord,
            ..MessageRow::received(message)
        };
        let is_inserted = !is_settled && self.insert_or_settle(store, &row, is_own)?;
        // Which of one's own messages were written here is not known any more.
        let is_new = is_inserted || (is_untold && !is_own);
        let last_place = match old.last_msg_id.as_str() {
            "" => Place::START,
            // Only a repeat, or a message behind one that waits in the outbox, asks for more.
            _ if row.place.seq > old.head_seq && self.outbox.is_settled() => Place::START,
            id => store
                .message(id)?
                .map_or(Place::START, |last| match last.status {
                    msg_status::SENDING => Place::END,
                    _ => last.place,
                }),
        };
        let active_ms = if is_settled || row.place.seq <= old.head_seq {
            old.active_ms
        } else {
            self.activity(row.time)
        };
        self.change_conv(store, &row.conv, |conv| {
            conv.head_seq = conv.head_seq.max(row.place.seq);
            conv.active_ms = conv.active_ms.max(active_ms);
            if !is_own {
                conv.peer_ord = conv.peer_ord.max(row.ord);
            }
            if !row.content.excluded_from_last && row.place >= last_place {
                conv.last_msg_id.clone_from(&row.msg_id);
            }
        })?;
        if is_new && row.status != msg_status::REVOKED {
            self.remember_message(&row);
            let conv = self.conv_row(store, &row.conv)?;
            if !is_own && conv.recv_opt == opt::NOT_RECEIVE {
                return Ok(());
            }
            let message = self.view(row, &conv);
            self.notices.messages.push(message);
        }
        Ok(())
    }

    /// True when the message is new to this device.
    fn insert_or_settle(
        &mut self,
        store: &mut dyn Store,
        row: &MessageRow,
        is_own: bool,
    ) -> store::Result<bool> {
        if store.insert_message(row)? || self.was_shown(&row.msg_id) {
            return Ok(true);
        }
        if is_own {
            let old = match self.outbox.in_flight.remove(&row.msg_id) {
                Some(old) => Some(old),
                None => store.message(&row.msg_id)?,
            };
            let is_awaited = |status| {
                use msg_status::{CANCELLED, FAILED, SENDING};
                matches!(status, SENDING | FAILED | CANCELLED)
            };
            if let Some(mut old) = old.filter(|old| is_awaited(old.status)) {
                // The answer is behind the echo, or was lost with a connection.
                old.ord = row.ord;
                self.outbox.ready.retain(|ready| ready.msg_id != old.msg_id);
                self.settle_sent(store, old, row.place.seq, row.time)?;
            }
        }
        if row.change.is_some()
            && let Some(old) = store.message(&row.msg_id)?
        {
            self.apply_change(store, old, row, true)?;
        }
        Ok(false)
    }

    /// A message that is in no stream: of a group, or for whoever is online, which is told and not kept.
    pub(crate) fn on_passing_message(
        &mut self,
        store: &mut dyn Store,
        body: &str,
    ) -> store::Result<()> {
        let Ok(message) = serde_json::from_str::<NewMessage>(body) else {
            return Ok(());
        };
        if message.conv.kind == conv_type::GROUP && message.seq > 0 {
            return self.on_group_message(store, message);
        }
        let is_own = message.sender == self.account.user_id();
        let conv = self.conv(store, &message.conv)?;
        if !is_own && conv.recv_opt == opt::NOT_RECEIVE {
            return Ok(());
        }
        let conv = store::ConvRow::new(message.conv.clone());
        let message = self.view(MessageRow::received(message), &conv);
        self.notices.messages.push(message);
        Ok(())
    }
}

/// Whether a call's conversation can be one: nothing is kept for one that cannot.
pub(crate) fn check_conv(conv: &ConvId) -> Result<(), Error> {
    match conv.kind {
        conv_type::C2C => check_user_id(format_args!("conv_id"), &conv.id),
        conv_type::GROUP => check_group_id(&conv.id),
        _ => Err(Error::of(codes::INVALID_CONVERSATION)),
    }
}

fn id_exists() -> Error {
    let text = "message_msg_id: a message with this id exists";
    Error::new(codes::INVALID_PARAMETERS, text)
}

fn check_content(content: &Content) -> Result<(), Error> {
    if !(1..=limits::MESSAGE_ELEMENTS).contains(&content.elems.len()) {
        let text = format!(
            "message_elem_array: {} elements, it must have 1 to {}",
            content.elems.len(),
            limits::MESSAGE_ELEMENTS
        );
        return Err(Error::new(codes::INVALID_PARAMETERS, text));
    }
    let is_foreign = |elem: &Elem| matches!(elem, Elem::Unknown | Elem::GroupTips(_));
    if content.elems.iter().any(is_foreign) {
        return Err(Error::of(codes::INVALID_MSG_ELEM));
    }
    if !content.target.is_empty() {
        let text =
            "message_target_group_member_array: messages to some members only are not supported";
        return Err(Error::new(codes::NOT_SUPPORTED, text));
    }
    if content.size() > limits::MESSAGE_BYTES {
        return Err(Error::of(codes::SDK_MSG_BODY_SIZE_LIMIT));
    }
    Ok(())
}
