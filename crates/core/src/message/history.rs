//! History: pages of what is here, and exactly what is missing from the server.

use std::time::Duration;

use protocol::conversation::ConvId;
use protocol::message::{GetMsgListParam, HistoryReq, HistoryRes};
use protocol::{Error, codes, limits, ops};

use super::check_conv;
use crate::client::WINDOW;
use crate::request::Kind;
use crate::session::is_passing;
use crate::store::{self, MessageRow, Place, Store};
use crate::{Core, Reply, ReqId};

/// Messages that a history call without a count delivers.
const DEFAULT_COUNT: u32 = 20;
/// Questions to the server that one history call may cost.
const HISTORY_ROUNDS: u32 = 20;

/// A history call on its way through the gaps.
#[derive(Debug)]
pub(crate) struct HistoryCall {
    pub(super) req: ReqId,
    pub(super) conv: ConvId,
    param: GetMsgListParam,
    start: Place,
    asked: (u64, u64, u32),
    rounds: u32,
}

impl Core {
    pub(crate) fn get_messages(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        conv: ConvId,
        param: GetMsgListParam,
    ) -> store::Result<()> {
        if let Err(error) = check_conv(&conv) {
            self.complete(req, Err(error));
            return Ok(());
        }
        let start = match &param.last_msg {
            None if param.is_forward => Place::START,
            None => Place::END,
            Some(wanted) => match store.message(&wanted.msg_id)? {
                Some(row) if row.conv == conv => row.place,
                None if wanted.seq > 0 => Place {
                    seq: wanted.seq.min(Place::END.seq),
                    sub: 0,
                },
                _ => {
                    let text = "msg_getmsglist_param_last_msg: no such message on this device";
                    self.complete(req, Err(Error::new(codes::INVALID_PARAMETERS, text)));
                    return Ok(());
                }
            },
        };
        let call = HistoryCall {
            req,
            conv,
            param,
            start,
            asked: (0, 0, 0),
            rounds: 0,
        };
        let call = Box::new(call);
        if call.param.is_ramble && self.account.is_live() && self.sync.is_catching_up() {
            // What is missing is not known yet: an answer now would show an end that is none.
            let deadline = self.now.mono + self.config.request_timeout;
            self.early_history.push((deadline, call));
            return Ok(());
        }
        self.continue_history(store, call)
    }

    /// This device has caught up.
    pub(crate) fn resume_history(&mut self, store: &mut dyn Store) -> store::Result<()> {
        for (_, call) in std::mem::take(&mut self.early_history) {
            self.continue_history(store, call)?;
        }
        Ok(())
    }

    pub(crate) fn history_deadline(&self) -> Option<Duration> {
        self.early_history
            .iter()
            .map(|(deadline, _)| *deadline)
            .min()
    }

    /// Catching up takes too long: what is here is the answer.
    pub(crate) fn on_history_timeout(&mut self, store: &mut dyn Store) -> store::Result<()> {
        let now = self.now.mono;
        let early = &mut self.early_history;
        let late: Vec<_> = early
            .extract_if(.., |(deadline, _)| *deadline <= now)
            .collect();
        for (_, call) in late {
            self.answer_locally(store, *call)?;
        }
        Ok(())
    }

    /// Answers when the wanted page has no hole, else asks the server for exactly that hole.
    pub(super) fn continue_history(
        &mut self,
        store: &mut dyn Store,
        mut call: Box<HistoryCall>,
    ) -> store::Result<()> {
        // What was taken back is not shown, from this device either.
        if self.account.is_live() && self.conv(store, &call.conv)?.is_stale {
            return self.ask_changes(store, call, 0);
        }
        let may_ask = call.param.is_ramble && self.account.is_in() && call.rounds < HISTORY_ROUNDS;
        let hole = if may_ask {
            self.first_hole(store, &call)?
        } else {
            None
        };
        let Some((from, to)) = hole else {
            return self.answer_locally(store, *call);
        };
        let limit = count_of(&call.param).clamp(1, limits::HISTORY_PAGE);
        call.asked = (from, to, limit);
        call.rounds += 1;
        let req = HistoryReq {
            conv: call.conv.clone(),
            from,
            to,
            limit,
            forward: call.param.is_forward,
        };
        self.request::<ops::History>(Kind::History(call), &req);
        Ok(())
    }

    /// The part of the nearest gap that lies on the way of this page.
    fn first_hole(
        &mut self,
        store: &mut dyn Store,
        call: &HistoryCall,
    ) -> store::Result<Option<(u64, u64)>> {
        let rows = self.local_page(store, call)?;
        let is_full = rows.len() >= count_of(&call.param) as usize;
        let gaps = store.gaps(&call.conv)?;
        if call.param.is_forward {
            let end = match rows.last() {
                Some(last) if is_full => last.place.seq,
                _ => u64::MAX >> 1,
            };
            let start = call.start.seq.saturating_add(1);
            let hole = gaps.iter().find(|(from, to)| *to >= start && *from <= end);
            return Ok(hole.map(|(from, to)| ((*from).max(start), (*to).min(end))));
        }
        let begin = match rows.last() {
            Some(last) if is_full => last.place.seq,
            _ => 0,
        };
        let top = if call.start.sub == 0 {
            call.start.seq.saturating_sub(1)
        } else {
            call.start.seq
        };
        let hole = gaps
            .iter()
            .rev()
            .find(|(from, to)| *from <= top && *to >= begin);
        Ok(hole.map(|(from, to)| ((*from).max(begin).max(1), (*to).min(top))))
    }

    pub(crate) fn on_history(
        &mut self,
        store: &mut dyn Store,
        call: Box<HistoryCall>,
        answer: Result<HistoryRes, Error>,
    ) -> store::Result<()> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) if is_passing(&error) => return self.answer_locally(store, *call),
            Err(error) => {
                self.complete(call.req, Err(error));
                return Ok(());
            }
        };
        let (from, to, limit) = call.asked;
        // A full page covers the range only as far as it reaches.
        let is_full = answer.more || answer.messages.len() >= limit as usize;
        let seqs = answer.messages.iter().map(|message| message.seq);
        let (first, last) = (seqs.clone().min(), seqs.max());
        let (from, to) = match (first, last) {
            (Some(_), Some(last)) if is_full && call.param.is_forward => (from, last),
            (Some(first), Some(_)) if is_full => (first, to),
            _ => (from, to),
        };
        for message in answer.messages {
            let is_own = message.sender == self.account.user_id();
            let row = MessageRow::received(message);
            self.insert_or_settle(store, &row, is_own)?;
        }
        store.close_gap(&call.conv, from, to)?;
        if self.conv(store, &call.conv)?.last_msg_id.is_empty() {
            self.find_last(store, &call.conv)?;
        }
        self.continue_history(store, call)
    }

    fn local_page(
        &mut self,
        store: &mut dyn Store,
        call: &HistoryCall,
    ) -> store::Result<Vec<MessageRow>> {
        let (param, count) = (&call.param, count_of(&call.param) as usize);
        let is_filtered = param.time_begin > 0 || (!param.types.is_empty() && !param.is_ramble);
        if !is_filtered {
            return store.page(&call.conv, call.start, param.is_forward, count);
        }
        let (mut rows, mut from) = (Vec::new(), call.start);
        loop {
            let page = store.page(&call.conv, from, param.is_forward, 100)?;
            let Some(last) = page.last() else {
                return Ok(rows);
            };
            from = last.place;
            for row in page {
                if is_wanted(param, &row) {
                    rows.push(row);
                    if rows.len() == count {
                        return Ok(rows);
                    }
                }
            }
        }
    }

    /// Completes a history call with what this device has.
    pub(crate) fn answer_locally(
        &mut self,
        store: &mut dyn Store,
        call: HistoryCall,
    ) -> store::Result<()> {
        let rows = self.local_page(store, &call)?;
        let conv = self.conv_row(store, &call.conv)?;
        let messages = rows.into_iter().map(|row| self.view(row, &conv)).collect();
        self.complete(call.req, Ok(Reply::Messages(messages)));
        Ok(())
    }
}

/// Notes what this device lacks. Own messages whose answer came before their echo are there.
pub(crate) fn add_gap(
    store: &mut dyn Store,
    conv: &ConvId,
    from: u64,
    to: u64,
) -> store::Result<()> {
    store.add_gap(conv, from, to)?;
    let mut place = Place {
        seq: from - 1,
        sub: Place::END.sub,
    };
    loop {
        let page = store.page(conv, place, true, WINDOW)?;
        for row in page
            .iter()
            .filter(|row| row.place.sub == 0 && row.place.seq <= to)
        {
            store.close_gap(conv, row.place.seq, row.place.seq)?;
        }
        match page.last() {
            Some(last) if page.len() == WINDOW && last.place.seq <= to => place = last.place,
            _ => return Ok(()),
        }
    }
}

fn count_of(param: &GetMsgListParam) -> u32 {
    if param.count == 0 {
        DEFAULT_COUNT
    } else {
        param.count.min(10 * limits::HISTORY_PAGE)
    }
}

fn is_wanted(param: &GetMsgListParam, row: &MessageRow) -> bool {
    let time = row.shown_time();
    let is_in_time = param.time_begin == 0
        || (time >= param.time_begin && time <= param.time_begin.saturating_add(param.time_period));
    let has_type = param.types.is_empty()
        || row
            .content
            .elems
            .iter()
            .any(|elem| param.types.contains(&elem.elem_type()));
    is_in_time && (has_type || param.is_ramble)
}
