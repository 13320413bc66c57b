//! Messages of groups that are stored and have yet to be told. They are in no stream whose cursor would
//! say it, so this does: the next process tells them again, should this one die before.

use std::collections::BTreeMap;

use protocol::conversation::ConvId;
use protocol::message::msg_status;
use protocol::receive::opt;

use crate::Core;
use crate::store::{self, Place, Store};

/// By group, the first message that may not have been told: lines of the number and the group's ID.
const UNTOLD: &str = "groups_untold";
/// Messages that are read at once.
const PAGE: usize = 100;

#[derive(Debug, Default)]
pub(crate) struct Untold {
    first: BTreeMap<String, u64>,
    /// What is here is not what is written; when less is untold, that has time.
    is_more: bool,
    is_less: bool,
    is_loaded: bool,
    /// What this process has read or written last.
    written: String,
    /// What a process before this one may not have told: first and last.
    again: BTreeMap<String, (u64, u64)>,
}

impl Untold {
    /// A message will be told at the end of the turn.
    pub fn note(&mut self, group_id: &str, seq: u64) {
        if !self.first.contains_key(group_id) {
            self.first.insert(group_id.to_owned(), seq);
            self.is_more = true;
        }
    }

    /// What is written is not true any more.
    pub fn is_owed(&self) -> bool {
        self.is_less || !self.first.is_empty()
    }

    /// The app has been told all.
    pub fn all_told(&mut self) {
        self.is_less |= !self.first.is_empty();
        self.first.clear();
    }
}

impl Core {
    pub(crate) fn load_untold(&mut self, store: &mut dyn Store) -> store::Result<()> {
        if std::mem::replace(&mut self.groups.untold.is_loaded, true) {
            return Ok(());
        }
        let text = store.meta(UNTOLD)?.unwrap_or_default();
        let mut first = BTreeMap::new();
        for (seq, group_id) in text.lines().filter_map(|line| line.split_once(' ')) {
            if let Ok(seq) = seq.parse::<u64>() {
                first.insert(group_id.to_owned(), seq);
            }
        }
        for (group_id, from) in &first {
            let head = self.conv(store, &ConvId::group(&**group_id))?.head_seq;
            let again = &mut self.groups.untold.again;
            again.insert(group_id.clone(), (*from, head));
        }
        self.groups.untold.first = first;
        self.groups.untold.written = text;
        Ok(())
    }

    /// Tells what a process before this one may not have told, ahead of all that comes now.
    pub(crate) fn tell_again(&mut self, store: &mut dyn Store) -> store::Result<()> {
        for (group_id, (from, to)) in std::mem::take(&mut self.groups.untold.again) {
            let conv = ConvId::group(&*group_id);
            let row = self.conv_row(store, &conv)?;
            if self.is_foreign(store, &conv)? || row.recv_opt == opt::NOT_RECEIVE {
                continue;
            }
            let sub = Place::END.sub;
            let mut place = Place { seq: from - 1, sub };
            loop {
                let page = store.page(&conv, place, true, PAGE)?;
                let is_last = page.len() < PAGE;
                for message in page {
                    place = message.place;
                    let is_own = message.sender == self.account.user_id();
                    let is_accepted = place.sub == 0 && place.seq <= to;
                    if is_accepted && !is_own && message.status != msg_status::REVOKED {
                        let message = self.view(message, &row);
                        self.notices.messages.push(message);
                    }
                }
                if is_last || place.seq > to {
                    break;
                }
            }
        }
        Ok(())
    }

    /// The store was closed for a while: what another process has written since is not this one's to
    /// change.
    pub(crate) fn keep_untold_of_others(&mut self, store: &mut dyn Store) -> store::Result<()> {
        let text = store.meta(UNTOLD)?.unwrap_or_default();
        if text != self.groups.untold.written {
            self.groups.untold = Untold::default();
        }
        Ok(())
    }

    /// Part of the turn's end. `is_due`: also what has time is written.
    pub(crate) fn settle_untold(
        &mut self,
        store: &mut dyn Store,
        is_due: bool,
    ) -> store::Result<()> {
        let untold = &mut self.groups.untold;
        let is_it = untold.is_more || (untold.is_less && is_due);
        if !is_it {
            return Ok(());
        }
        (untold.is_more, untold.is_less) = (false, false);
        let mut text = String::new();
        for (group_id, seq) in &untold.first {
            text += &format!("{seq} {group_id}\n");
        }
        store.set_meta(UNTOLD, &text)?;
        self.groups.untold.written = text;
        Ok(())
    }
}
