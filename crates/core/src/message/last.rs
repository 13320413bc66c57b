//! The last message of a conversation, when the one that was it is erased.

use protocol::conversation::ConvId;
use protocol::message::{HistoryReq, HistoryRes};
use protocol::{Error, ops};

use crate::Core;
use crate::request::Kind;
use crate::store::{self, MessageRow, Place, Store};

/// Messages that are looked at in one go for a conversation's last one.
const PAGE: usize = 20;

impl Core {
    /// The conversation's last message may be gone: the one before is the last now.
    pub(crate) fn find_last(&mut self, store: &mut dyn Store, conv: &ConvId) -> store::Result<()> {
        let row = self.conv(store, conv)?;
        let (last, head) = (row.last_msg_id.clone(), row.head_seq);
        if store.message(&last)?.is_some() {
            return Ok(());
        }
        let (mut from, mut found) = (Place::END, String::new());
        loop {
            let page = store.page(conv, from, false, PAGE)?;
            let shown = page.iter().find(|row| !row.content.excluded_from_last);
            if let Some(row) = shown {
                found.clone_from(&row.msg_id);
                break;
            }
            match page.last() {
                Some(row) if page.len() == PAGE => from = row.place,
                _ => break,
            }
        }
        // Of what this device lacks, the server may have one that is newer.
        let known = store.message(&found)?.map_or(0, |row| row.place.seq);
        let gaps = store.gaps(conv)?;
        if let Some((from, to)) = gaps.iter().rev().find(|(_, to)| *to > known) {
            self.ask_last(conv, (*from).max(known + 1), (*to).min(head));
        }
        if found != last {
            self.change_conv(store, conv, |row| row.last_msg_id = found)?;
        }
        Ok(())
    }

    fn ask_last(&mut self, conv: &ConvId, from: u64, to: u64) {
        let is_asked =
            |kind: &Kind| matches!(kind, Kind::Last { conv: asked, .. } if asked == conv);
        if !self.account.is_live() || self.requests.has(is_asked) {
            return;
        }
        let kind = Kind::Last {
            conv: conv.clone(),
            range: (from, to),
        };
        let history = HistoryReq {
            conv: conv.clone(),
            from,
            to,
            limit: 1,
            forward: false,
        };
        self.request::<ops::History>(kind, &history);
    }

    pub(crate) fn on_last(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
        (from, to): (u64, u64),
        answer: Result<HistoryRes, Error>,
    ) -> store::Result<()> {
        let Ok(answer) = answer else {
            // The next message, or the next page of history, will do.
            return Ok(());
        };
        let mut from = from;
        for message in answer.messages {
            from = message.seq;
            let is_own = message.sender == self.account.user_id();
            self.insert_or_settle(store, &MessageRow::received(message), is_own)?;
        }
        store.close_gap(conv, from, to)?;
        self.note_conv(store, conv, |row| row.last_msg_id.clear())?;
        self.find_last(store, conv)
    }
}
