//! The user's stream: what this device has applied, what it is behind, how it catches up.
//!
//! The cursor is the last event applied, and moves only in the transaction that applied it. Pushes
//! that arrive while a difference is fetched are parked and applied in their order.
//!
//! What is stored has yet to be told, and a process may die before its app has heard of it. So the
//! driver says what has been told ([`crate::Input::Told`]), and that is where the next process takes
//! the stream up again: it tells once more what was not, or not surely.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::time::Duration;

use protocol::conversation::settings::{ConvSettings, EV_GROUPS, EV_SETTINGS};
use protocol::conversation::{SnapshotReq, SnapshotRes, conv_event};
use protocol::group::{EV_MEMBERSHIP, MembershipChanged};
use protocol::message::NewMessage;
use protocol::receive::EV_RECEIVE_ALL;
use protocol::session::{DifferenceReq, DifferenceRes, Head};
use protocol::user::profile::EV_OWN_PROFILE;
use protocol::{Error, limits, message, ops, reader};

use crate::request::Kind;
use crate::session::is_passing;
use crate::store::{self, Store};
use crate::{Core, Event, LogLevel};

/// A hole in the pushes is given this long to close by itself.
const GAP_WAIT: Duration = Duration::from_millis(200);
/// Pushes parked at most; what does not fit comes with the difference.
const PARKED: usize = 4096;
/// Up to where the app has been told is written with what comes next, or else after this.
const TOLD_WAIT: Duration = Duration::from_millis(50);
/// Marks kept at most; beyond it one stands for several.
const MARKS: usize = 1024;
/// Up to where the stream has been told, and up to where it is known, when that is more.
const CURSOR: &str = "cursor";
/// Head of the stream at the first login on this device.
const SINCE: &str = "since";

#[derive(Debug, Default)]
enum Stage {
    /// Pushes are applied as they come.
    #[default]
    Idle,
    /// A page of the difference is on its way.
    Difference,
    /// A page of the snapshot is on its way; what came after `since` is fetched behind it.
    Snapshot { since: u64 },
}

/// An event that waits for those before it.
#[derive(Debug)]
enum Parked {
    Event { name: String, body: String },
    Own(Box<NewMessage>),
}

/// When an event may be applied.
enum Turn {
    Now,
    /// It has been.
    Past,
    Later,
}

#[derive(Debug, Default)]
pub(crate) struct Sync {
    /// `None`: this device has never synchronised.
    cursor: Option<u64>,
    /// The stream up to here has left its traces in the store. More than the cursor when it was not
    /// told: by a process that died, or because a snapshot had it first.
    known: u64,
    /// Up to here the app has been told, and as the store has it.
    told: u64,
    told_here: u64,
    /// What has been given to the driver to tell, and where the stream stood then.
    marks: VecDeque<(u64, u64)>,
    is_cursor_dirty: bool,
    /// When to write what the app has been told.
    told_due: Option<Duration>,
    stage: Stage,
    /// The app was told that the synchronisation began.
    is_announced: bool,
    parked: BTreeMap<u64, Parked>,
    /// Messages that came with the snapshot. When one comes as an event as well, it is newer than
    /// the moment from which on messages are told.
    shown: HashSet<String>,
    gap_deadline: Option<Duration>,
}

impl Sync {
    pub fn deadline(&self) -> Option<Duration> {
        [self.gap_deadline, self.told_due]
            .into_iter()
            .flatten()
            .min()
    }

    /// What was missed is on its way.
    pub fn is_catching_up(&self) -> bool {
        !self.is_idle()
    }

    fn is_idle(&self) -> bool {
        matches!(self.stage, Stage::Idle)
    }
}

impl Core {
    pub(crate) fn load_sync(&mut self, store: &mut dyn Store) -> store::Result<()> {
        let Some(text) = store.meta(CURSOR)? else {
            return Ok(());
        };
        let (told, known) = text.split_once(' ').unwrap_or((&text, &text));
        let (Ok(told), Ok(known)) = (told.parse(), known.parse()) else {
            return Ok(());
        };
        self.sync.told_here = told;
        // Resumed, and nobody else has had the file: what has been told meanwhile is not written yet.
        if self.sync.cursor.is_none() || self.sync.known != known {
            (self.sync.cursor, self.sync.told) = (Some(told), told);
            self.sync.known = known;
            self.sync.marks.clear();
        } else if self.sync.told != told {
            self.sync.told_due = Some(self.now.mono + TOLD_WAIT);
        }
        Ok(())
    }

    /// After a login: catch up with the head of the stream.
    pub(crate) fn start_sync(
        &mut self,
        store: &mut dyn Store,
        head: u64,
        is_resume: bool,
    ) -> store::Result<()> {
        self.tell_again(store)?;
        let is_behind = self.sync.cursor != Some(head);
        if is_behind || !is_resume {
            self.announce_sync();
        }
        match self.sync.cursor {
            None => {
                let since = store.meta(SINCE)?.and_then(|text| text.parse().ok());
                if since.is_none() {
                    store.set_meta(SINCE, &head.to_string())?;
                }
                self.request_snapshot(since.unwrap_or(head), String::new());
            }
            Some(_) if is_behind => self.request_difference(),
            Some(_) => self.finish_sync(store)?,
        }
        Ok(())
    }

    /// A message was stored without having been told.
    pub(crate) fn note_shown(&mut self, msg_id: &str) {
        self.sync.shown.insert(msg_id.to_owned());
    }

    /// Whether it was, until now.
    pub(crate) fn was_shown(&mut self, msg_id: &str) -> bool {
        self.sync.shown.remove(msg_id)
    }

    fn announce_sync(&mut self) {
        if !std::mem::replace(&mut self.sync.is_announced, true) {
            self.notify(Event::Conversations(conv_event::START, Vec::new()));
        }
    }

    fn finish_sync(&mut self, store: &mut dyn Store) -> store::Result<()> {
        self.sync.stage = Stage::Idle;
        self.apply_parked(store)?;
        self.sync.shown.clear();
        self.resume_history(store)?;
        self.fetch_groups();
        self.ask_heads(store)?;
        if std::mem::take(&mut self.sync.is_announced) && !self.groups.will_end() {
            self.notices.is_sync_finished = true;
        }
        Ok(())
    }

    /// The store has been closed: the cursor has to be read again.
    pub(crate) fn forget_sync(&mut self) {
        let before = std::mem::take(&mut self.sync);
        self.sync = Sync {
            // The app still waits to be told of the end.
            is_announced: before.is_announced,
            cursor: before.cursor,
            known: before.known,
            told: before.told,
            told_here: before.told_here,
            marks: before.marks,
            ..Sync::default()
        };
    }

    /// The link is gone: what was on its way is asked for again after the next login.
    pub(crate) fn stop_sync(&mut self) {
        self.sync.stage = Stage::Idle;
        self.sync.parked.clear();
        self.sync.gap_deadline = None;
        self.stop_groups();
        self.sync.is_announced |= self.groups.stop();
    }

    pub(crate) fn on_stream_event(
        &mut self,
        store: &mut dyn Store,
        seq: u64,
        name: &str,
        body: &str,
    ) -> store::Result<()> {
        match self.turn_of(seq) {
            Turn::Now => {
                self.apply(store, seq, name, body)?;
                return self.apply_parked(store);
            }
            Turn::Past => {}
            Turn::Later => {
                let (name, body) = (name.into(), body.into());
                self.park(seq, Parked::Event { name, body });
            }
        }
        Ok(())
    }

    /// The event of a message of this session, which the answer to it stands for.
    pub(crate) fn on_own_event(
        &mut self,
        store: &mut dyn Store,
        seq: u64,
        message: NewMessage,
    ) -> store::Result<()> {
        match self.turn_of(seq) {
            Turn::Now => {
                self.apply_own(store, seq, message)?;
                return self.apply_parked(store);
            }
            Turn::Past => self.forget_settled(&message.msg_id),
            Turn::Later => self.park(seq, Parked::Own(Box::new(message))),
        }
        Ok(())
    }

    /// Whether an event is the next one. A hole before it gets its deadline.
    fn turn_of(&mut self, seq: u64) -> Turn {
        match (&self.sync.stage, self.sync.cursor) {
            (Stage::Idle, Some(cursor)) if seq == cursor + 1 => Turn::Now,
            (Stage::Idle, Some(cursor)) if seq <= cursor => Turn::Past,
            (Stage::Idle, Some(_)) => {
                let deadline = self.now.mono + GAP_WAIT;
                self.sync.gap_deadline.get_or_insert(deadline);
                Turn::Later
            }
            _ => Turn::Later,
        }
    }

    fn park(&mut self, seq: u64, event: Parked) {
        if self.sync.parked.len() < PARKED {
            self.sync.parked.insert(seq, event);
        }
    }

    /// Applies what has become contiguous; a hole that is left gets its deadline.
    fn apply_parked(&mut self, store: &mut dyn Store) -> store::Result<()> {
        self.sync.gap_deadline = None;
        while let Some(entry) = self.sync.parked.first_entry() {
            let cursor = self.sync.cursor.unwrap_or(0);
            if *entry.key() > cursor + 1 {
                self.sync.gap_deadline = Some(self.now.mono + GAP_WAIT);
                break;
            }
            let (seq, parked) = entry.remove_entry();
            match parked {
                Parked::Event { name, body } if seq == cursor + 1 => {
                    self.apply(store, seq, &name, &body)?;
                }
                Parked::Own(message) if seq == cursor + 1 => {
                    self.apply_own(store, seq, *message)?;
                }
                Parked::Own(message) => self.forget_settled(&message.msg_id),
                Parked::Event { .. } => {}
            }
        }
        Ok(())
    }

    fn apply(
        &mut self,
        store: &mut dyn Store,
        seq: u64,
        name: &str,
        body: &str,
    ) -> store::Result<()> {
        let is_read = match name {
            message::EV_NEW => match serde_json::from_str(body) {
                Ok(message) => {
                    let is_untold = seq <= self.sync.known;
                    self.on_new_message(store, message, is_untold)?;
                    true
                }
                Err(_) => false,
            },
            message::EV_READ => match reader::read_text(body) {
                Ok(read) => self.on_read_elsewhere(store, &read).map(|()| true)?,
                Err(_) => false,
            },
            message::EV_RECEIPT => match reader::read_text(body) {
                Ok(receipt) => self.on_receipt(store, &receipt).map(|()| true)?,
                Err(_) => false,
            },
            message::EV_CHANGED => match serde_json::from_str(body) {
                Ok(message) => {
                    let is_untold = seq <= self.sync.known;
                    self.on_changed(store, message, is_untold)?;
                    true
                }
                Err(_) => false,
            },
            message::EV_ERASED => match reader::read_text(body) {
                Ok(erased) => self.on_erased(store, &erased).map(|()| true)?,
                Err(_) => false,
            },
            EV_OWN_PROFILE => match reader::read_text(body) {
                Ok(profile) => self.on_own_profile(store, profile).map(|()| true)?,
                Err(_) => false,
            },
            EV_SETTINGS => match reader::read_text::<ConvSettings>(body) {
                Ok(set) => self
                    .on_settings(store, &set.conv, &set.settings)
                    .map(|()| true)?,
                Err(_) => false,
            },
            EV_RECEIVE_ALL => match reader::read_text(body) {
                Ok(all) => {
                    self.notices.receive_all = Some(all);
                    true
                }
                Err(_) => false,
            },
            EV_MEMBERSHIP => match reader::read_text::<MembershipChanged>(body) {
                Ok(changed) => self.on_membership(store, changed).map(|()| true)?,
                Err(_) => false,
            },
            EV_GROUPS => self.want_groups(store, seq).map(|()| true)?,
            // A newer server knows more events than we do: the cursor moves all the same.
            _ => true,
        };
        if !is_read {
            self.log(
                LogLevel::Warn,
                format!("event {seq} ({name}) could not be read; skipped"),
            );
        }
        self.move_cursor(seq);
        Ok(())
    }

    fn apply_own(
        &mut self,
        store: &mut dyn Store,
        seq: u64,
        message: NewMessage,
    ) -> store::Result<()> {
        self.on_new_message(store, message, false)?;
        self.move_cursor(seq);
        Ok(())
    }

    fn move_cursor(&mut self, seq: u64) {
        self.sync.cursor = Some(seq);
        self.sync.is_cursor_dirty = true;
    }

    /// Part of the turn's end: the cursor is written with what it stands for.
    pub(crate) fn settle_sync(&mut self, store: &mut dyn Store) -> store::Result<()> {
        let Some(cursor) = self.sync.cursor.filter(|_| store.is_open()) else {
            self.sync.told_due = None;
            return Ok(());
        };
        if self.notices.are_owed() {
            self.last_mark += 1;
            if self.sync.marks.len() >= MARKS {
                self.sync.marks.pop_back();
            }
            self.sync.marks.push_back((self.last_mark, cursor));
        } else if self.sync.marks.is_empty() {
            self.sync.told = cursor;
        }
        let is_due = self.sync.told_due.is_some_and(|due| due <= self.now.mono);
        self.settle_untold(store, is_due)?;
        if self.sync.is_cursor_dirty || is_due {
            self.write_cursor(store, cursor)?;
        }
        Ok(())
    }

    fn write_cursor(&mut self, store: &mut dyn Store, cursor: u64) -> store::Result<()> {
        self.sync.known = self.sync.known.max(cursor);
        (self.sync.is_cursor_dirty, self.sync.told_due) = (false, None);
        let (told, known) = (self.sync.told, self.sync.known);
        let text = match told == known {
            true => known.to_string(),
            false => format!("{told} {known}"),
        };
        self.sync.told_here = told;
        store.set_meta(CURSOR, &text)
    }

    /// The app has been told all up to this mark.
    pub(crate) fn on_told(&mut self, mark: u64) {
        while let Some((_, told)) = self.sync.marks.pop_front_if(|(first, _)| *first <= mark) {
            self.sync.told = told;
            if self.sync.marks.is_empty() {
                self.groups.untold.all_told();
            }
            let due = self.now.mono + TOLD_WAIT;
            self.sync.told_due.get_or_insert(due);
        }
    }

    /// What was applied since the last commit is lost: the next login takes up the stream where the
    /// store has it.
    pub(crate) fn lose_sync(&mut self) {
        self.sync.cursor = None;
    }

    /// The same when the store is closed, suspended: it is opened when there is something to write.
    pub(crate) fn leave_suspended_sync(&mut self, store: &mut dyn Store) -> store::Result<()> {
        let is_owed = self
            .sync
            .cursor
            .is_some_and(|cursor| cursor != self.sync.told_here)
            || self.groups.untold.is_owed();
        if is_owed && let Some(owner) = self.suspended_owner() {
            self.open_store(store, &owner)?;
            self.load_sync(store)?;
            self.keep_untold_of_others(store)?;
        }
        Ok(())
    }

    /// The session ends. What the driver has been given is told before its end is: that counts.
    pub(crate) fn leave_sync(&mut self, store: &mut dyn Store) -> store::Result<()> {
        match self.sync.cursor {
            Some(cursor) if store.is_open() => {
                self.sync.told = cursor;
                self.groups.untold.all_told();
                self.settle_untold(store, true)?;
                self.write_cursor(store, cursor)
            }
            _ => Ok(()),
        }
    }

    /// The server has told the head of the stream: a push may have been lost.
    pub(crate) fn on_head(&mut self, head: u64) {
        if self.sync.is_idle() && self.sync.cursor.is_some_and(|cursor| cursor < head) {
            self.request_difference();
        }
    }

    pub(crate) fn on_head_event(&mut self, body: &str) {
        if let Ok(head) = reader::read_text::<Head>(body) {
            self.on_head(head.event_seq);
        }
    }

    pub(crate) fn on_sync_timeout(&mut self) {
        if self
            .sync
            .gap_deadline
            .is_some_and(|deadline| deadline <= self.now.mono)
        {
            self.sync.gap_deadline = None;
            if self.sync.is_idle() && self.account.is_live() {
                self.request_difference();
            }
        }
    }

    fn request_difference(&mut self) {
        self.sync.stage = Stage::Difference;
        let after = self.sync.cursor.unwrap_or(0);
        let req = DifferenceReq {
            after,
            limit: limits::DIFFERENCE_PAGE,
        };
        self.request::<ops::Difference>(Kind::Difference, &req);
    }

    fn request_snapshot(&mut self, since: u64, page: String) {
        self.sync.stage = Stage::Snapshot { since };
        let req = SnapshotReq {
            page,
            limit: limits::SNAPSHOT_PAGE,
        };
        self.request::<ops::Snapshot>(Kind::Snapshot, &req);
    }

    pub(crate) fn on_difference(
        &mut self,
        store: &mut dyn Store,
        answer: Result<DifferenceRes, Error>,
    ) -> store::Result<()> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return self.on_sync_refused(store, error),
        };
        if answer.too_old {
            self.announce_sync();
            self.request_snapshot(answer.head, String::new());
            return Ok(());
        }
        for event in &answer.events {
            if event.seq == self.sync.cursor.unwrap_or(0) + 1 {
                self.apply(store, event.seq, &event.ev, event.body.get())?;
            }
        }
        let cursor = self.sync.cursor.unwrap_or(0);
        if cursor < answer.head && !answer.events.is_empty() {
            self.request_difference();
            return Ok(());
        }
        self.finish_sync(store)
    }

    pub(crate) fn on_snapshot(
        &mut self,
        store: &mut dyn Store,
        answer: Result<SnapshotRes, Error>,
    ) -> store::Result<()> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return self.on_sync_refused(store, error),
        };
        let Stage::Snapshot { since } = self.sync.stage else {
            return Ok(());
        };
        // Whether it changed meanwhile is not known.
        if answer.receive_all.is_some() {
            self.notices.receive_all = answer.receive_all;
        }
        for state in answer.conversations {
            self.on_conv_state(store, state)?;
        }
        if !answer.next.is_empty() {
            self.request_snapshot(since, answer.next);
            return Ok(());
        }
        self.on_groups_missed(store, answer.event_seq, answer.has_groups)?;
        // Of what came since then, some is here already, shown and not told.
        self.sync.known = answer.event_seq.max(since);
        self.move_cursor(since);
        if since < answer.event_seq {
            self.request_difference();
            return Ok(());
        }
        self.finish_sync(store)
    }

    /// The server cannot tell what was missed. Trouble that passes is met by coming back; any
    /// other refusal would be met again, so what is known stays, and the next login asks again.
    fn on_sync_refused(&mut self, store: &mut dyn Store, error: Error) -> store::Result<()> {
        self.log(LogLevel::Warn, format!("synchronisation refused: {error}"));
        if is_passing(&error) {
            self.lose_link(store, error)
        } else {
            self.finish_sync(store)
        }
    }
}
