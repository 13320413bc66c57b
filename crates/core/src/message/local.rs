//! What concerns this device alone: finding messages, keeping some that were never sent, and the
//! app's own data beside them.

use protocol::conversation::{ConvId, conv_type};
use protocol::message::{LocalCustomUpdate, MessageRef, MsgLocator, msg_status};
use protocol::{Error, codes};

use super::{check_content, check_conv, id_exists};
use crate::command::KeptMessage;
use crate::store::{self, MessageRow, Place, Store};
use crate::{Core, Reply, ReqId};

/// Messages that one call may name, or hand over.
const CALL_MESSAGES: usize = 1_000;

impl Core {
    pub(crate) fn set_local_custom(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        wanted: &MessageRef,
        update: LocalCustomUpdate,
    ) -> store::Result<()> {
        let Some(mut row) = store.message(&wanted.msg_id)? else {
            let text = "message_msg_id: no such message on this device";
            self.complete(req, Err(Error::new(codes::INVALID_PARAMETERS, text)));
            return Ok(());
        };
        row.custom_int = update.int.unwrap_or(row.custom_int);
        row.custom_str = update.str.unwrap_or(row.custom_str);
        store.set_message_custom(&row.msg_id, row.custom_int, &row.custom_str)?;
        // What is on its way is told from there.
        let outbox = &mut self.outbox;
        let waiting = outbox.ready.iter_mut().chain(outbox.in_flight.values_mut());
        for waiting in waiting.filter(|waiting| waiting.msg_id == row.msg_id) {
            waiting.custom_int = row.custom_int;
            waiting.custom_str.clone_from(&row.custom_str);
        }
        self.remember_message(&row);
        self.tell_if_last(store, &row)?;
        self.complete(req, Ok(Reply::Empty));
        Ok(())
    }

    pub(crate) fn find_messages(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        ids: &[String],
    ) -> store::Result<()> {
        if let Err(error) = check_count("json_message_id_array", ids.len()) {
            self.complete(req, Err(error));
            return Ok(());
        }
        let mut rows = Vec::new();
        for msg_id in ids {
            rows.extend(store.message(msg_id)?);
        }
        self.answer_found(store, req, rows)
    }

    pub(crate) fn find_by_locators(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        conv: &ConvId,
        locators: &[MsgLocator],
    ) -> store::Result<()> {
        let checked =
            check_conv(conv).and_then(|()| check_count("json_msg_locator_array", locators.len()));
        if let Err(error) = checked {
            self.complete(req, Err(error));
            return Ok(());
        }
        let mut rows = Vec::new();
        for locator in locators {
            let row = store.message_at(conv, locator.seq)?;
            rows.extend(row.filter(|row| {
                (locator.rand == 0 || locator.rand == u64::from(row.content.rand))
                    && (locator.time == 0 || locator.time == row.time)
            }));
        }
        self.answer_found(store, req, rows)
    }

    fn answer_found(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        rows: Vec<MessageRow>,
    ) -> store::Result<()> {
        let mut messages = Vec::with_capacity(rows.len());
        for row in rows {
            let conv = self.conv_row(store, &row.conv)?;
            messages.push(self.view(row, &conv));
        }
        self.complete(req, Ok(Reply::Messages(messages)));
        Ok(())
    }

    pub(crate) fn save_message(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        conv: &ConvId,
        message: KeptMessage,
    ) -> store::Result<()> {
        let checked = check_conv(conv).and_then(|()| self.check_kept(conv, "", &message));
        if let Err(error) = checked {
            self.complete(req, Err(error));
            return Ok(());
        }
        let Some(row) = self.keep_messages(store, conv, vec![message])? else {
            self.complete(req, Err(id_exists()));
            return Ok(());
        };
        let conv = self.conv_row(store, conv)?;
        let message = Box::new(self.view(row, &conv));
        self.complete(req, Ok(Reply::Message(message)));
        Ok(())
    }

    /// All of them or none.
    pub(crate) fn import_messages(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        conv: &ConvId,
        messages: Vec<KeptMessage>,
    ) -> store::Result<()> {
        let checked = check_conv(conv).and_then(|()| {
            check_count("json_msg_array", messages.len())?;
            let mut all = messages.iter().enumerate();
            all.try_for_each(|(at, message)| self.check_kept(conv, &format!("[{at}]."), message))
        });
        if let Err(error) = checked {
            self.complete(req, Err(error));
            return Ok(());
        }
        self.keep_messages(store, conv, messages)?;
        self.complete(req, Ok(Reply::Empty));
        Ok(())
    }

    fn check_kept(&self, conv: &ConvId, place: &str, message: &KeptMessage) -> Result<(), Error> {
        let sender = &message.origin.sender;
        let is_known = *sender == conv.id || *sender == self.account.user_id();
        if !sender.is_empty() && !is_known && conv.kind != conv_type::GROUP {
            let text = format!("{place}message_sender: it must be one of the two who talk here");
            return Err(Error::new(codes::INVALID_PARAMETERS, text));
        }
        check_content(&message.content)
    }

    /// Stores messages that nobody else knows; tells the last one. They count as read, and the
    /// newest may be the conversation's last message.
    fn keep_messages(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
        messages: Vec<KeptMessage>,
    ) -> store::Result<Option<MessageRow>> {
        let old = self.conv_row(store, conv)?;
        let mut last_place = match old.last_msg_id.as_str() {
            "" => Place::START,
            id => store.message(id)?.map_or(Place::START, |last| last.place),
        };
        let (mut newest, mut last, mut active_ms) = (None, None, old.active_ms);
        for message in messages {
            let row = self.kept_row(store, conv, message)?;
            if !store.insert_message(&row)? {
                continue;
            }
            let now_s = self.server_s();
            active_ms = active_ms.max(match row.time < now_s {
                true => row.time * 1000,
                false => self.activity(now_s),
            });
            if !row.content.excluded_from_last && row.place >= last_place {
                last_place = row.place;
                newest = Some(row.clone());
            }
            last = Some(row);
        }
        self.change_conv(store, conv, |conv| {
            conv.active_ms = active_ms;
            if let Some(newest) = &newest {
                conv.last_msg_id.clone_from(&newest.msg_id);
            }
        })?;
        if let Some(newest) = newest {
            self.remember_message(&newest);
        }
        Ok(last)
    }

    fn kept_row(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
        message: KeptMessage,
    ) -> store::Result<MessageRow> {
        let KeptMessage {
            msg_id,
            mut content,
            local,
            origin,
        } = message;
        content.online_only = false;
        let time = match origin.time {
            0 => self.server_s(),
            time => time,
        };
        let sender = match origin.sender {
            sender if sender.is_empty() => self.account.user_id().to_owned(),
            sender => sender,
        };
        Ok(MessageRow {
            conv: conv.clone(),
            msg_id,
            sender,
            place: self.place_at(store, conv, time)?,
            time,
            ord: 0,
            status: msg_status::LOCAL,
            custom_int: local.int,
            custom_str: local.str,
            change: None,
            content: content.into(),
        })
    }

    /// Where a message of this second of the server's clock stands that the server does not know:
    /// behind its messages up to then, and behind what was put there before.
    fn place_at(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
        time: u64,
    ) -> store::Result<Place> {
        let head = self.conv(store, conv)?.head_seq;
        let local_ms = time
            .saturating_mul(1000)
            .saturating_add_signed(self.clock_offset_ms.saturating_neg());
        // A second that is over gets no other message by itself.
        if local_ms.saturating_add(1000) > self.now.unix_ms {
            return Ok(self.place_behind(head));
        }
        let seq = seq_at(store, conv, head, time)?;
        let (first, end) = (local_ms << 12, (local_ms + 1000) << 12);
        let before = store.page(conv, Place { seq, sub: end }, false, 1)?;
        let before = before.first().map(|row| row.place);
        let sub = match before {
            Some(before) if before.seq == seq && before.sub >= first => before.sub + 1,
            _ => first.max(1),
        };
        Ok(Place { seq, sub })
    }
}

/// The last message here that the server has accepted by then, 0 for none: of those that are missing
/// nobody knows, and what comes from before this server stands before them all. Times rise with
/// places, so few messages have to be looked at.
fn seq_at(store: &mut dyn Store, conv: &ConvId, head: u64, time: u64) -> store::Result<u64> {
    let (mut low, mut high, mut found) = (0, head, 0);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        let behind = Place {
            seq: middle,
            sub: 1,
        };
        match store.page(conv, behind, false, 1)?.first() {
            Some(row) if row.time > time && row.place.sub == 0 => high = row.place.seq - 1,
            Some(row) if row.time > time => high = row.place.seq,
            row => {
                low = middle;
                found = row.map_or(found, |row| row.place.seq);
            }
        }
    }
    Ok(found)
}

fn check_count(place: &str, count: usize) -> Result<(), Error> {
    if (1..=CALL_MESSAGES).contains(&count) {
        return Ok(());
    }
    let text = format!("{place}: {count} messages, it must name 1 to {CALL_MESSAGES}");
    Err(Error::new(codes::INVALID_PARAMETERS, text))
}
