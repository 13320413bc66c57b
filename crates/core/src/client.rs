//! The core itself: one input in, its consequences out. The rules are in the domain files.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use protocol::frame::{self, Incoming};
use protocol::ops::Op;
use protocol::{Error, codes, limits, ops, reader, session as wire};

use crate::command::NetworkStatus;
use crate::conversation::Conversations;
use crate::group::Groups;
use crate::link::Link;
use crate::message::{HistoryCall, Outbox, SearchCall, Waiter};
use crate::random::Random;
use crate::request::{Kind, Requests};
use crate::session::Account;
use crate::store::{self, Store};
use crate::suspend::Suspended;
use crate::sync::Sync;
use crate::{
    Command, Config, Epoch, Event, Input, LogLevel, LoginStatus, Now, Output, Reply, ReqId,
};

/// The state of one instance: see the crate's documentation for how to drive it.
pub struct Core {
    pub(crate) config: Config,
    pub(crate) random: Random,
    pub(crate) now: Now,
    pub(crate) out: VecDeque<Output>,
    /// Calls that were accepted and not completed yet.
    calls: BTreeSet<ReqId>,
    pub(crate) link: Link,
    /// This installation of this user, as the server tells devices apart.
    pub(crate) link_device: String,
    /// Its place among the user's devices, by the server's number; 0 for none.
    pub(crate) device_place: u64,
    /// The newest login or logout that has been taken into account.
    pub(crate) session_req: ReqId,
    /// The newest mark among what is to be told.
    pub(crate) last_mark: u64,
    /// Server clock less local clock.
    pub(crate) clock_offset_ms: i64,
    pub(crate) account: Account,
    /// Whose store was opened last.
    pub(crate) owner: String,
    /// What the app was last told.
    pub(crate) told_status: LoginStatus,
    pub(crate) suspended: Option<Suspended>,
    pub(crate) requests: Requests,
    pub(crate) sync: Sync,
    pub(crate) outbox: Outbox,
    /// History calls that wait until this device has caught up, with their deadlines.
    pub(crate) early_history: Vec<(Duration, Box<HistoryCall>)>,
    /// Searches that wait until the store has an index of what it holds.
    pub(crate) early_searches: Vec<SearchCall>,
    pub(crate) conversations: Conversations,
    pub(crate) groups: Groups,
    pub(crate) notices: Notices,
}

/// What is told once a turn rather than once an input.
#[derive(Default)]
pub(crate) struct Notices {
    pub messages: Vec<protocol::message::Message>,
    pub receipts: Vec<protocol::message::MessageReceipt>,
    pub modified: Vec<protocol::message::Message>,
    pub revoked: Vec<protocol::message::RevokedMessage>,
    pub statuses: Vec<protocol::user::UserStatus>,
    pub profiles: crate::user::profile::ProfileNotices,
    pub receive_all: Option<protocol::receive::ReceiveAll>,
    pub is_sync_finished: bool,
}

impl Notices {
    /// What the app has to hear of, also from the next process should this one die.
    pub fn are_owed(&self) -> bool {
        !(self.messages.is_empty() && self.modified.is_empty() && self.revoked.is_empty())
    }
}

impl Core {
    /// An instance that has not started.
    pub fn new(config: Config) -> Self {
        let random = Random::new(config.seed);
        let now = Now {
            mono: Duration::ZERO,
            unix_ms: 0,
        };
        Self {
            config,
            random,
            now,
            out: VecDeque::new(),
            calls: BTreeSet::new(),
            link: Link::default(),
            link_device: String::new(),
            device_place: 0,
            session_req: ReqId(0),
            last_mark: 0,
            clock_offset_ms: 0,
            account: Account::Out,
            owner: String::new(),
            told_status: LoginStatus::LoggedOut,
            suspended: None,
            requests: Requests::default(),
            sync: Sync::default(),
            outbox: Outbox::default(),
            early_history: Vec::new(),
            early_searches: Vec::new(),
            conversations: Conversations::default(),
            groups: Groups::default(),
            notices: Notices::default(),
        }
    }

    /// Takes one input.
    pub fn handle(&mut self, now: Now, store: &mut dyn Store, input: Input<'_>) {
        self.now = now;
        if let Err(error) = self.handle_input(store, input) {
            self.on_store_error(store, &error);
        }
    }

    fn handle_input(&mut self, store: &mut dyn Store, input: Input<'_>) -> store::Result<()> {
        match input {
            Input::Start => self.connect(),
            Input::Command(req, command) => {
                self.calls.insert(req);
                self.on_command(store, req, command)?;
            }
            Input::Connected(epoch) if self.link.is_current(epoch) => self.on_connected()?,
            Input::Disconnected(epoch, why) if self.link.is_current(epoch) => {
                self.on_disconnected(store, why)?;
            }
            Input::Frame(epoch, bytes) if self.link.is_current(epoch) => {
                self.link.on_heard(self.now.mono);
                self.on_frame(store, bytes)?;
            }
            // An older connection: nobody waits for it any more.
            Input::Connected(_) | Input::Disconnected(..) | Input::Frame(..) => {}
            Input::Network(_) => self.on_network_hint(),
            Input::Suspend => self.suspend(store)?,
            Input::Resume => self.resume(store)?,
            Input::Told(mark) => self.on_told(mark),
            Input::Timeout if self.suspended.is_some() => {}
            Input::Timeout => self.on_timeout(store)?,
            Input::CommitFailed(error) => self.on_store_error(store, &error),
            Input::Stop => {
                self.drop_link();
                // Another process may have the file: it tells it once more.
                let _ = self.leave_suspended_sync(store);
                self.abandon(store, &Error::of(codes::SDK_COMM_INTERRUPT));
            }
        }
        Ok(())
    }

    /// Ends a turn: what several inputs changed is told once. Call it before the commit.
    pub fn settle(&mut self, now: Now, store: &mut dyn Store) {
        self.now = now;
        let settled = self
            .settle_sync(store)
            .and_then(|()| self.resume_searches(store))
            .and_then(|()| self.settle_notices(store));
        if let Err(error) = settled {
            self.on_store_error(store, &error);
        }
    }

    /// What the driver shall do next, in order; `None` when nothing is left.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When the core wants an [`Input::Timeout`], on the monotonic clock.
    pub fn next_timeout(&self) -> Option<Duration> {
        if self.suspended.is_some() {
            return None;
        }
        let deadlines = [
            self.session_timeout(),
            self.sync.deadline(),
            self.requests.next_deadline(),
            self.history_deadline(),
        ];
        deadlines.into_iter().flatten().min()
    }

    fn on_command(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        command: Command,
    ) -> store::Result<()> {
        if self.refuse_suspended(req, &command) {
            return Ok(());
        }
        match &command {
            Command::Login { .. } | Command::Logout | Command::OpenStorage(_) => {}
            // Local reads are open as soon as login was called, and stay open without network.
            Command::GetConversations
            | Command::GetConversationInfo(_)
            | Command::GetConversationPage { .. }
            | Command::GetTotalUnread
            | Command::GetUnreadByFilter(_)
            | Command::GetMessages(..)
            | Command::SearchMessages(_)
                if store.is_open() && !self.account.is_leaving() => {}
            _ if self.account.is_in() => {}
            _ => {
                self.complete(req, Err(Error::of(codes::SDK_NOT_LOGGED_IN)));
                return Ok(());
            }
        }
        match command {
            Command::Login { user_id, user_sig } => self.login(store, req, user_id, user_sig)?,
            Command::Logout => self.logout(store, req),
            Command::OpenStorage(user_id) => self.open_storage(store, req, user_id)?,
            Command::Send {
                conv,
                msg_id,
                content,
                local,
            } => {
                let waiter = Waiter::Call(req);
                self.accept_message(store, waiter, conv, msg_id, content, local)?;
            }
            Command::SendBatch {
                messages,
                content,
                local,
            } => self.send_batch(store, req, messages, &content, &local)?,
            Command::GetMessages(conv, param) => self.get_messages(store, req, conv, param)?,
            Command::ReportRead(conv, message) => self.report_read(store, req, conv, message)?,
            Command::SetLocalCustom(wanted, update) => {
                self.set_local_custom(store, req, &wanted, update)?;
            }
            Command::Revoke(conv, message) => self.revoke_message(store, req, conv, &message)?,
            Command::Modify(modification) => self.modify_message(store, req, *modification)?,
            Command::Delete {
                conv,
                messages,
                is_everywhere,
            } => self.delete_messages(store, req, conv, &messages, is_everywhere)?,
            Command::CancelSend(conv, msg_id) => self.cancel_send(store, req, &conv, &msg_id)?,
            Command::ClearHistory(conv) => self.clear_history(store, req, conv)?,
            Command::FindMessages(ids) => self.find_messages(store, req, &ids)?,
            Command::FindByLocators(conv, locators) => {
                self.find_by_locators(store, req, &conv, &locators)?;
            }
            Command::SearchMessages(param) => self.search_messages(store, req, *param)?,
            Command::SaveMessage(conv, message) => {
                self.save_message(store, req, &conv, *message)?
            }
            Command::ImportMessages(conv, messages) => {
                self.import_messages(store, req, &conv, messages)?;
            }
            Command::GetConversations => self.get_conversations(store, req)?,
            Command::GetConversationInfo(convs) => self.get_conv_info(store, req, &convs)?,
            Command::GetConversationPage {
                filter,
                next_seq,
                count,
            } => self.get_conversation_page(store, req, &filter, next_seq, count)?,
            Command::CreateConversation(conv) => self.create_conversation(store, req, &conv)?,
            Command::SetDraft(conv, draft) => self.set_draft(store, req, &conv, draft)?,
            Command::GetTotalUnread => self.get_total_unread(req),
            Command::GetUnreadByFilter(filter) => {
                self.get_unread_by_filter(store, req, &filter)?;
            }
            Command::WatchUnread(filter) => self.watch_unread(store, req, filter)?,
            Command::UnwatchUnread(filter) => self.unwatch_unread(req, &filter),
            Command::CleanUnread { whose, time, seq } => {
                self.clean_unread(store, req, &whose, time, seq)?;
            }
            Command::DeleteConversation(conv) => self.delete_conversation(req, conv),
            Command::PinConversation(conv, pin) => self.pin_conversation(req, conv, pin),
            Command::SetConversations(named, change) => {
                self.set_conversations(req, named, change);
            }
            Command::SetReceiveOpt(users, opt) => self.set_receive_opt(req, users, opt),
            Command::GetReceiveOpt(users) => self.get_receive_opt(store, req, users)?,
            Command::SetReceiveAll(all) => self.set_receive_all(req, &all),
            Command::GetReceiveAll => self.get_receive_all(req),
            Command::GetConvGroups => self.get_conv_groups(req),
            Command::ChangeConvGroup {
                action,
                name,
                new_name,
                convs,
            } => self.change_conv_group(req, action, name, new_name, convs),
            Command::CreateGroup(param) => self.create_group(req, *param),
            Command::JoinGroup(group_id) => self.act_on_group::<ops::JoinGroup>(req, group_id),
            Command::QuitGroup(group_id) => self.act_on_group::<ops::QuitGroup>(req, group_id),
            Command::DeleteGroup(group_id) => self.act_on_group::<ops::DeleteGroup>(req, group_id),
            Command::InviteMembers(param) => self.invite(req, param),
            Command::GetJoinedGroups => self.get_joined_groups(req),
            Command::GetGroupMembers(param) => self.get_members(req, *param),
            Command::GetUserStatus(users) => self.get_user_status(req, users),
            Command::SetSelfStatus(text) => self.set_self_status(req, text),
            Command::SubscribeUserStatus(users) => self.subscribe_status(req, users),
            Command::UnsubscribeUserStatus(users) => self.unsubscribe_status(req, users),
            Command::GetProfiles { users, force } => self.get_profiles(store, req, users, force)?,
            Command::SetProfile(update) => self.set_profile(req, *update),
            Command::SubscribeUserInfo(users) => self.subscribe_profiles(req, users),
            Command::UnsubscribeUserInfo(users) => self.unsubscribe_profiles(req, users),
            // What the server will be told of it belongs to offline push.
            Command::Background => self.complete(req, Ok(Reply::Empty)),
            Command::Foreground => {
                self.on_network_hint();
                self.complete(req, Ok(Reply::Empty));
            }
            Command::Invalid(error) => self.complete(req, Err(error)),
        }
        Ok(())
    }

    fn on_frame(&mut self, store: &mut dyn Store, bytes: &[u8]) -> store::Result<()> {
        match frame::read_server_frame(bytes) {
            Some(Incoming::Answer { id, result }) => match self.requests.take(id) {
                Some(request) => self.on_answer(store, request.kind, result),
                // Its deadline has passed.
                None => Ok(()),
            },
            Some(Incoming::Event {
                name,
                seq: Some(seq),
                body,
            }) => self.on_stream_event(store, seq, &name, body),
            Some(Incoming::Event {
                name,
                seq: None,
                body,
            }) => self.on_passing_event(store, &name, body),
            None => self.lose_link(store, Error::of(codes::PROTOCOL)),
        }
    }

    fn on_answer(
        &mut self,
        store: &mut dyn Store,
        kind: Kind,
        result: Result<&str, Error>,
    ) -> store::Result<()> {
        match kind {
            Kind::Login { ticket } => self.on_login_answer(store, ticket, read_small(result)),
            Kind::Logout => self.on_logout_answer(store),
            Kind::Heartbeat => self.on_heartbeat_answer(store, read_small(result)),
            Kind::Difference => self.on_difference(store, read(result)),
            Kind::Snapshot => self.on_snapshot(store, read_small(result)),
            Kind::Send { msg_id } => self.on_send_answer(store, &msg_id, read(result)),
            Kind::SendOnline { waiter, message } => {
                self.on_send_online_answer(waiter, message, read(result))
            }
            Kind::History(call) => self.on_history(store, call, read(result)),
            Kind::Read { req, conv } => self.on_read_answer(store, req, &conv, read_small(result)),
            Kind::Change {
                req,
                msg_id,
                known_rev,
            } => self.on_change_answer(store, req, &msg_id, known_rev, read(result)),
            Kind::Last { conv, range } => self.on_last(store, &conv, range, read(result)),
            Kind::Erase(call) => self.on_erase_answer(store, *call, read_small(result)),
            Kind::Changes(call) => self.on_changes(store, call, read(result)),
            Kind::GetStatus { req } => self.on_status_answer(req, read_small(result)),
            Kind::Profiles(call) => self.on_profiles(store, call, read_small(result)),
            Kind::SetProfile { req, update } => {
                self.on_set_profile_answer(store, req, &update, read_small(result))
            }
            Kind::SetConvs(call) => self.on_set_convs_answer(store, call, read_small(result)),
            Kind::ChangeConvGroup(call) => {
                self.on_change_group_answer(store, call, read_small(result))
            }
            Kind::ConvGroups => self.on_groups(store, read_small(result)),
            Kind::SetReceiveAll { req } => self.on_set_receive_all_answer(req, read_small(result)),
            Kind::GetReceiveAll { req } => self.on_receive_all_answer(req, read_small(result)),
            Kind::Groups(call) => self.on_groups_answer(store, *call, result),
            Kind::GroupMissed { conv, to } => self.on_group_missed(store, &conv, to, read(result)),
            Kind::GroupState(conv) => self.on_group_state_answer(store, &conv, read_small(result)),
            Kind::GroupChanges(conv) => self.on_group_changes(store, &conv, read(result)),
            Kind::GroupHeads { since_ms } => {
                self.on_group_heads(store, since_ms, read_small(result))
            }
            Kind::GroupAct { req } | Kind::Plain { req } => {
                self.complete(req, result.map(|_| Reply::Empty));
                Ok(())
            }
        }
    }

    fn on_passing_event(
        &mut self,
        store: &mut dyn Store,
        name: &str,
        body: &str,
    ) -> store::Result<()> {
        match name {
            wire::EV_KICKED => self.on_kicked(store),
            wire::EV_TICKET_EXPIRED => self.on_ticket_expired(),
            wire::EV_SHUTDOWN => self.on_shutdown(body),
            wire::EV_HEAD => self.on_head_event(body),
            protocol::message::EV_NEW => self.on_passing_message(store, body)?,
            protocol::message::EV_CHANGED => self.on_group_changed(store, body)?,
            protocol::group::EV_GONE => self.on_group_gone(store, body)?,
            protocol::user::EV_STATUS => self.on_status_event(body),
            protocol::user::profile::EV_PROFILES => self.on_profiles_event(store, body)?,
            // A newer server knows more events than we do.
            _ => {}
        }
        Ok(())
    }

    fn on_timeout(&mut self, store: &mut dyn Store) -> store::Result<()> {
        let mut is_link_dead = false;
        for (id, mut request) in self.requests.take_expired(self.now.mono) {
            if request.is_sent && self.link.is_open() {
                let dead_at = self.link.dead_at(&request);
                is_link_dead |= dead_at <= self.now.mono;
                if dead_at > self.now.mono && request.kind.is_of_connection() {
                    request.deadline = dead_at;
                    self.requests.put_back(id, request);
                    continue;
                }
            }
            let error = self.timeout_error(request.was_sent);
            self.on_answer_missing(store, request.kind, error)?;
        }
        if is_link_dead {
            self.lose_link(store, Error::of(codes::SDK_NET_WAIT_ACK_TIMEOUT))?;
        }
        self.on_sync_timeout();
        self.on_history_timeout(store)?;
        self.on_session_timeout(store)
    }

    /// A request's deadline has come. What belongs to a connection ends with the connection.
    pub(crate) fn on_answer_missing(
        &mut self,
        store: &mut dyn Store,
        kind: Kind,
        error: Error,
    ) -> store::Result<()> {
        match kind {
            Kind::SendOnline { waiter, .. } => self.complete_send(waiter, Err(error)),
            Kind::GetStatus { req }
            | Kind::SetProfile { req, .. }
            | Kind::SetReceiveAll { req }
            | Kind::GetReceiveAll { req }
            | Kind::Change { req, .. }
            | Kind::GroupAct { req }
            | Kind::Plain { req } => {
                self.complete(req, Err(error));
            }
            Kind::Erase(call) => self.on_erase_answer(store, *call, Err(error))?,
            Kind::SetConvs(call) => self.complete(call.req(), Err(error)),
            Kind::ChangeConvGroup(call) => self.complete(call.req(), Err(error)),
            Kind::Groups(call) => self.complete(call.req(), Err(error)),
            Kind::Last { .. } => {}
            Kind::Profiles(call) => self.on_profiles_missing(store, call, error)?,
            Kind::History(call) | Kind::Changes(call) => self.answer_locally(store, *call)?,
            // The read mark is kept until the server has it.
            Kind::Read { req, conv } => {
                self.complete_some(req, Ok(Reply::Empty));
                self.tell_dirty_read(store, &conv)?;
            }
            Kind::Login { .. }
            | Kind::Logout
            | Kind::Heartbeat
            | Kind::Difference
            | Kind::Snapshot
            | Kind::ConvGroups
            | Kind::GroupMissed { .. }
            | Kind::GroupState(_)
            | Kind::GroupChanges(_)
            | Kind::GroupHeads { .. }
            | Kind::Send { .. } => {}
        }
        Ok(())
    }

    fn timeout_error(&self, was_sent: bool) -> Error {
        Error::of(match (was_sent, self.link.is_open()) {
            (true, true) => codes::SDK_NET_WAIT_ACK_TIMEOUT,
            (true, false) => codes::SDK_NET_WAIT_ACK_TIMEOUT_NO_NETWORK,
            (false, true) => codes::SDK_NET_WAIT_SEND_TIMEOUT,
            (false, false) => codes::SDK_NET_WAIT_SEND_TIMEOUT_NO_NETWORK,
        })
    }

    /// Asks the server; goes out at once when the login is finished, else after it.
    pub(crate) fn request<O: Op>(&mut self, kind: Kind, req: &O::Req) {
        let (now, patience) = (self.now.mono, self.config.request_timeout);
        let write = |id| frame::write_request(id, O::NAME, req);
        self.requests.add(kind, now, patience, write);
        self.flush_requests();
    }

    pub(crate) fn flush_requests(&mut self) {
        let Some(epoch) = self.link.open_epoch() else {
            return;
        };
        let frames = self
            .requests
            .take_frames(self.now.mono, self.account.is_live());
        if !frames.is_empty() {
            self.link.on_sent(self.now.mono);
        }
        self.out
            .extend(frames.into_iter().map(|text| Output::Send(epoch, text)));
    }

    /// Completes a call. Exactly once: a second completion is a bug and is dropped.
    pub(crate) fn complete(&mut self, req: ReqId, result: Result<Reply, Error>) {
        if self.calls.remove(&req) {
            self.out.push_back(Output::Complete(req, result));
        } else {
            self.log(
                LogLevel::Error,
                format!("call {} was completed twice", req.0),
            );
        }
    }

    pub(crate) fn complete_some(&mut self, req: Option<ReqId>, result: Result<Reply, Error>) {
        if let Some(req) = req {
            self.complete(req, result);
        }
    }

    /// Completes every call that waits, but for `kept`.
    pub(crate) fn complete_all(&mut self, kept: Option<ReqId>, error: &Error) {
        for req in std::mem::take(&mut self.calls) {
            if Some(req) == kept {
                self.calls.insert(req);
            } else {
                self.out
                    .push_back(Output::Complete(req, Err(error.clone())));
            }
        }
    }

    pub(crate) fn notify(&mut self, event: Event) {
        self.out.push_back(Output::Notify(event));
    }

    pub(crate) fn notify_network(&mut self, status: NetworkStatus) {
        self.notify(Event::Network(status));
    }

    pub(crate) fn log(&mut self, level: LogLevel, text: impl Into<String>) {
        self.out.push_back(Output::Log(level, text.into()));
    }

    /// Local time in seconds, for deadlines of tickets and times of messages.
    pub(crate) fn unix_s(&self) -> u64 {
        self.now.unix_ms / 1000
    }

    /// The server's time in seconds, as far as it is known.
    pub(crate) fn server_s(&self) -> u64 {
        self.now.unix_ms.saturating_add_signed(self.clock_offset_ms) / 1000
    }

    /// The database cannot be trusted to hold what we tell: the session ends, and says why.
    fn on_store_error(&mut self, store: &mut dyn Store, error: &store::StoreError) {
        let error = error.error();
        self.log(LogLevel::Error, format!("the session ends: {error}"));
        self.forget_suspended_store();
        self.lose_sync();
        self.drop_link();
        self.abandon(store, &error);
    }

    /// Forgets what belongs to one login.
    pub(crate) fn reset_session_state(&mut self) {
        self.requests.clear();
        self.sync = Sync::default();
        self.outbox = Outbox::default();
        self.early_history.clear();
        self.give_up_searches(&Error::of(codes::SDK_COMM_INTERRUPT));
        self.conversations = Conversations::default();
        self.groups = Groups::default();
        self.notices = Notices::default();
    }
}

/// Reads the body of an answer that is seldom, or small: with less code for each type.
pub(crate) fn read_small<T: serde::de::DeserializeOwned>(
    result: Result<&str, Error>,
) -> Result<T, Error> {
    reader::read_text(result?).map_err(|_| Error::of(codes::PARSE_RESPONSE_FAILED))
}

/// Reads the body of an answer.
fn read<T: serde::de::DeserializeOwned>(result: Result<&str, Error>) -> Result<T, Error> {
    let body = result?;
    serde_json::from_str(body).map_err(|_| Error::of(codes::PARSE_RESPONSE_FAILED))
}

/// A connection attempt, as the reactor reports it by number.
impl Epoch {
    pub(crate) fn next(self) -> Self {
        Epoch(self.0.wrapping_add(1))
    }
}

/// The window of messages in flight.
pub(crate) const WINDOW: usize = limits::CLIENT_IN_FLIGHT;
