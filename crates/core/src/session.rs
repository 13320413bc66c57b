//! The session: connecting, logging in and out, staying, being kicked.
//!
//! Two machines. [`Link`] is the connection: down, waiting to retry, connecting, open.
//! [`Account`] is the user: out, logging in, in, logging out. The account decides whether the link
//! is wanted; the link never decides about the account, it only reports.

use std::collections::BTreeSet;
use std::time::Duration;

use protocol::session::{HeartbeatReq, LoginReq, LoginRes, LogoutReq, Shutdown, features};
use protocol::{Error, codes, frame::close, limits, ops, user, usersig};

use crate::command::NetworkStatus;
use crate::request::Kind;
use crate::store::{self, Store};
use crate::{Core, Epoch, Event, LogLevel, LoginStatus, Output, Reply, ReqId, Why};

/// First step of the back-off.
const BACK_OFF_FIRST: Duration = Duration::from_millis(500);
/// The back-off doubles up to this.
const BACK_OFF_MOST: Duration = Duration::from_secs(60);
/// A connection that lasted this long forgives the failures before it.
const STABLE: Duration = Duration::from_secs(60);
/// How long a logout waits for the server.
const LOGOUT_WAIT: Duration = Duration::from_secs(2);
/// How long an address stays away that the server has locked.
const LOCKED_WAIT: Duration = Duration::from_secs(30);
/// A probe of an open connection must be answered within this.
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
enum Stage {
    #[default]
    Down,
    Waiting {
        until: Duration,
    },
    Connecting {
        deadline: Duration,
    },
    Open {
        since: Duration,
    },
}

/// The connection.
#[derive(Debug, Default)]
pub(crate) struct Link {
    epoch: Epoch,
    stage: Stage,
    /// Failures in a row: the exponent of the back-off.
    failures: u32,
    /// Server URLs whose newest attempt since the login began was refused outright.
    refused: BTreeSet<usize>,
    /// Which server URL is next.
    endpoint: usize,
    /// The last failure of this login.
    last_error: Option<Error>,
    /// The server said how long to stay away.
    retry_after: Duration,
    heartbeat: Duration,
    last_sent: Duration,
}

impl Link {
    pub fn is_current(&self, epoch: Epoch) -> bool {
        self.epoch == epoch && matches!(self.stage, Stage::Connecting { .. } | Stage::Open { .. })
    }

    pub fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Open { .. })
    }

    pub fn open_epoch(&self) -> Option<Epoch> {
        self.is_open().then_some(self.epoch)
    }

    pub fn on_sent(&mut self, now: Duration) {
        self.last_sent = now;
    }
}

/// The user.
#[derive(Debug, Default)]
pub(crate) enum Account {
    #[default]
    Out,
    LoggingIn {
        user_id: String,
        ticket: String,
        /// Calls that wait for it: several logins of one user are one login.
        waiting: Vec<ReqId>,
        deadline: Duration,
    },
    In {
        user_id: String,
        ticket: String,
        renewal: Option<Renewal>,
        /// The open link has been logged in.
        is_live: bool,
        is_expiry_told: bool,
    },
    LoggingOut {
        req: ReqId,
        deadline: Duration,
    },
}

/// A login of the user who is in: a newer ticket, adopted when the server has accepted it.
#[derive(Debug)]
pub(crate) struct Renewal {
    ticket: String,
    waiting: Vec<ReqId>,
    deadline: Duration,
}

impl Account {
    pub fn is_in(&self) -> bool {
        matches!(self, Account::In { .. })
    }

    /// Logged in over the open link.
    pub fn is_live(&self) -> bool {
        matches!(self, Account::In { is_live: true, .. })
    }

    pub fn is_leaving(&self) -> bool {
        matches!(self, Account::LoggingOut { .. })
    }

    pub fn user_id(&self) -> &str {
        match self {
            Account::LoggingIn { user_id, .. } | Account::In { user_id, .. } => user_id,
            Account::Out | Account::LoggingOut { .. } => "",
        }
    }

    fn status(&self) -> LoginStatus {
        match self {
            Account::Out => LoginStatus::LoggedOut,
            Account::LoggingIn { .. } => LoginStatus::LoggingIn,
            Account::In { .. } => LoginStatus::LoggedIn,
            Account::LoggingOut { .. } => LoginStatus::LoggingOut,
        }
    }
}

/// Errors that another attempt will meet again: a login fails with them at once.
fn is_outright(error: &Error) -> bool {
    match error.code {
        codes::SDK_NET_CONN_REFUSE => true,
        codes::SERVER_BUSY | codes::SERVER_SHUTDOWN | codes::PROTOCOL => false,
        code => (codes::TLS_HOST_MISMATCH..=codes::BAD_SERVER_URL).contains(&code),
    }
}

/// Refusals of the server that pass.
pub(crate) fn is_passing(error: &Error) -> bool {
    matches!(
        error.code,
        codes::SERVER_BUSY
            | codes::SERVER_SHUTDOWN
            | codes::SVR_SSO_OVERLOAD
            | codes::SVR_SSO_FREQ_LIMIT
            | codes::SVR_SSO_NO_IMEI_AND_A2
            | codes::SVR_ACCOUNT_FREQ_LIMIT
            | codes::SVR_ACCOUNT_INTERNAL_TIMEOUT
            | codes::SVR_ACCOUNT_INTERNAL_ERROR
            | codes::SVR_MSG_NET_ERROR
            | codes::SVR_MSG_INTERNAL_ERROR1
            | codes::PARSE_RESPONSE_FAILED
    )
}

impl Core {
    // ---- the account ----

    pub(crate) fn login(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        user_id: String,
        ticket: String,
    ) -> store::Result<()> {
        self.session_req = self.session_req.max(req);
        if let Err(error) = self.check_login(&user_id, &ticket) {
            self.tell_login_state(req);
            self.complete(req, Err(error));
            return Ok(());
        }
        match &mut self.account {
            Account::LoggingIn {
                user_id: current,
                ticket: old,
                waiting,
                ..
            } if *current == user_id => {
                *old = ticket;
                waiting.push(req);
                self.tell_login_state(req);
                return Ok(());
            }
            Account::In {
                user_id: current,
                renewal,
                is_live,
                ..
            } if *current == user_id => {
                let mut waiting = renewal.take().map_or_else(Vec::new, |old| old.waiting);
                waiting.push(req);
                let deadline = self.now.mono + self.config.login_deadline;
                *renewal = Some(Renewal {
                    ticket,
                    waiting,
                    deadline,
                });
                let is_live = *is_live;
                self.tell_login_state(req);
                if is_live {
                    self.send_login(false);
                }
                return Ok(());
            }
            Account::LoggingIn { .. } => {
                self.fail_login(
                    store,
                    &Error::of(codes::LOGGED_OUT_BEFORE_LOGIN_FINISHED),
                    req,
                );
            }
            Account::In { .. } => {
                self.say_goodbye();
                self.leave_but(store, req);
            }
            Account::LoggingOut { .. } => self.finish_logout(store),
            Account::Out => {}
        }
        self.start_login(store, req, user_id, ticket)
    }

    /// What can be known without a packet.
    fn check_login(&self, user_id: &str, ticket: &str) -> Result<(), Error> {
        if !user::is_valid_user_id(user_id) {
            return Err(Error::of(codes::SDK_COMM_INVALID_IDENTIFIER));
        }
        let ticket = usersig::read(ticket)?;
        ticket.check_owner(self.config.app_id, user_id)?;
        if ticket.is_expired(self.unix_s().saturating_sub(limits::CLOCK_SKEW.as_secs())) {
            return Err(Error::of(codes::USER_SIG_EXPIRED));
        }
        Ok(())
    }

    fn start_login(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        user_id: String,
        ticket: String,
    ) -> store::Result<()> {
        self.reset_session_state();
        match store.open(self.config.app_id, &user_id) {
            Ok(opened) => {
                if let Some(aside) = opened.reset {
                    let error = Error::of(codes::DB_RESET);
                    let text = format!("{error} The damaged file is now {aside}.");
                    self.log(LogLevel::Error, text);
                }
            }
            Err(error) => {
                self.log(LogLevel::Error, format!("login of {user_id}: {error}"));
                self.account = Account::Out;
                self.tell_login_state(req);
                self.complete(req, Err(error.error()));
                return Ok(());
            }
        }
        self.load_session(store)?;
        let deadline = self.now.mono + self.config.login_deadline;
        self.account = Account::LoggingIn {
            user_id,
            ticket,
            waiting: vec![req],
            deadline,
        };
        self.tell_login_state(req);
        self.link.refused.clear();
        (self.link.failures, self.link.last_error) = (0, None);
        match self.link.stage {
            Stage::Connecting { .. } => {}
            Stage::Open { .. } => self.send_login(false),
            Stage::Down | Stage::Waiting { .. } => self.connect(),
        }
        Ok(())
    }

    fn load_session(&mut self, store: &mut dyn Store) -> store::Result<()> {
        if store.meta("device_id")?.is_none() {
            let id = format!("{:016x}{:016x}", self.random.next(), self.random.next());
            store.set_meta("device_id", &id)?;
        }
        self.link_device = store.meta("device_id")?.unwrap_or_default();
        self.load_sync(store)?;
        self.load_conversations(store)?;
        self.load_outbox(store)
    }

    fn send_login(&mut self, is_resume: bool) {
        let (user_id, ticket) = match &self.account {
            Account::LoggingIn {
                user_id, ticket, ..
            } => (user_id, ticket),
            Account::In {
                user_id,
                ticket,
                renewal,
                ..
            } => (
                user_id,
                renewal.as_ref().map_or(ticket, |newer| &newer.ticket),
            ),
            Account::Out | Account::LoggingOut { .. } => return,
        };
        let login = LoginReq {
            app_id: self.config.app_id,
            user_id: user_id.clone(),
            user_sig: ticket.clone(),
            device_id: self.link_device.clone(),
            platform: self.config.platform,
            version: self.config.version.clone(),
            features: features::READ_RECEIPTS,
            resume: is_resume,
        };
        self.request::<ops::Login>(
            Kind::Login {
                ticket: ticket.clone(),
            },
            &login,
        );
    }

    pub(crate) fn on_login_answer(
        &mut self,
        store: &mut dyn Store,
        sent_ticket: String,
        answer: Result<LoginRes, Error>,
    ) -> store::Result<()> {
        match (&mut self.account, answer) {
            (
                Account::LoggingIn {
                    user_id,
                    ticket,
                    waiting,
                    ..
                },
                Ok(answer),
            ) => {
                let (user_id, waiting) = (std::mem::take(user_id), std::mem::take(waiting));
                let ticket = std::mem::take(ticket);
                let is_renewed = ticket != sent_ticket;
                self.account = Account::In {
                    user_id,
                    ticket,
                    renewal: None,
                    is_live: true,
                    is_expiry_told: false,
                };
                self.log(LogLevel::Info, "logged in");
                self.on_session_open(store, &answer, false)?;
                self.complete_login(waiting, Ok(()));
                if is_renewed {
                    // A newer ticket came while this one was on its way.
                    self.send_login(false);
                }
                Ok(())
            }
            (Account::In { .. }, answer) => self.on_session_answer(store, &sent_ticket, answer),
            (Account::LoggingIn { ticket, .. }, Err(_)) if *ticket != sent_ticket => {
                self.send_login(false);
                Ok(())
            }
            (Account::LoggingIn { .. }, Err(error)) => {
                self.log(LogLevel::Warn, format!("login refused: {error}"));
                if !is_passing(&error) {
                    // A refused ticket closes the local store; trouble of the server does not.
                    store.close();
                }
                self.fail_login(store, &error, ReqId(0));
                Ok(())
            }
            (Account::Out | Account::LoggingOut { .. }, _) => Ok(()),
        }
    }

    /// The answer to a login of the user who is in: a return over a new link, or a renewal.
    fn on_session_answer(
        &mut self,
        store: &mut dyn Store,
        sent_ticket: &str,
        answer: Result<LoginRes, Error>,
    ) -> store::Result<()> {
        let Account::In {
            ticket,
            renewal,
            is_live,
            is_expiry_told,
            ..
        } = &mut self.account
        else {
            return Ok(());
        };
        let answered = renewal.take_if(|newer| newer.ticket == sent_ticket);
        let has_newer = renewal.is_some();
        let was_live = *is_live;
        match answer {
            Ok(answer) => {
                (*is_live, *is_expiry_told) = (true, false);
                let waiting = answered.map_or_else(Vec::new, |renewed| {
                    *ticket = renewed.ticket;
                    renewed.waiting
                });
                if !was_live {
                    self.log(LogLevel::Info, "back online");
                    self.on_session_open(store, &answer, true)?;
                }
                self.complete_login(waiting, Ok(()));
                if has_newer {
                    self.send_login(false);
                }
                Ok(())
            }
            Err(error) if is_passing(&error) && !was_live => {
                *renewal = answered.or_else(|| renewal.take());
                if error.code == codes::SVR_ACCOUNT_FREQ_LIMIT {
                    self.link.retry_after = LOCKED_WAIT;
                }
                self.lose_link(store, error)
            }
            Err(error) => {
                let was_renewal = answered.is_some();
                if let Some(refused) = answered {
                    // The session is as it was.
                    self.complete_login(refused.waiting, Err(error.clone()));
                }
                if was_renewal || has_newer {
                    if has_newer || !was_live {
                        self.send_login(!was_live);
                    }
                    return Ok(());
                }
                self.on_session_refused(store, &error);
                Ok(())
            }
        }
    }

    /// The server does not take the session back.
    fn on_session_refused(&mut self, store: &mut dyn Store, error: &Error) {
        let text = format!("the server refuses the session: {error}");
        self.log(LogLevel::Warn, text);
        self.drop_link();
        self.abandon(store, &Error::of(codes::SDK_NOT_LOGGED_IN));
        self.notify(match error.code {
            codes::LOGIN_KICKED_OFF_BY_OTHER => Event::KickedOffline,
            _ => Event::UserSigExpired,
        });
    }

    /// The link is logged in: tell the clock, fetch what was missed, send what waits.
    fn on_session_open(
        &mut self,
        store: &mut dyn Store,
        answer: &LoginRes,
        is_resume: bool,
    ) -> store::Result<()> {
        self.tell_clock(answer.server_time_ms);
        self.link.heartbeat = Duration::from_secs(u64::from(answer.heartbeat_s.max(1)));
        self.start_sync(store, answer.event_seq, is_resume)?;
        self.flush_requests();
        self.restart_outbox(store)?;
        self.send_dirty_reads(store)
    }

    fn tell_clock(&mut self, server_time_ms: u64) {
        let offset = server_time_ms.cast_signed() - self.now.unix_ms.cast_signed();
        self.clock_offset_ms = offset;
        self.out.push_back(Output::ClockOffset(offset));
    }

    fn complete_login(&mut self, waiting: Vec<ReqId>, result: Result<(), Error>) {
        for req in waiting {
            self.tell_login_state(ReqId(0));
            self.complete(req, result.clone().map(|()| Reply::Empty));
        }
    }

    /// A pending login ends without a session. `by`: the newer call that ended it, or 0.
    fn fail_login(&mut self, store: &mut dyn Store, error: &Error, by: ReqId) {
        let Account::LoggingIn { waiting, .. } = std::mem::take(&mut self.account) else {
            return;
        };
        self.drop_link();
        if by.0 != 0 {
            store.close();
        }
        self.complete_login(waiting, Err(error.clone()));
    }

    pub(crate) fn logout(&mut self, store: &mut dyn Store, req: ReqId) {
        self.session_req = self.session_req.max(req);
        match &self.account {
            Account::Out => {
                store.close();
                self.tell_login_state(req);
                self.complete(req, Ok(Reply::Empty));
            }
            Account::LoggingIn { .. } => {
                self.fail_login(
                    store,
                    &Error::of(codes::LOGGED_OUT_BEFORE_LOGIN_FINISHED),
                    req,
                );
                self.tell_login_state(req);
                self.complete(req, Ok(Reply::Empty));
            }
            Account::In { is_live, .. } => {
                let is_live = *is_live;
                self.leave_but(store, req);
                let deadline = self.now.mono + LOGOUT_WAIT;
                self.account = Account::LoggingOut { req, deadline };
                self.tell_login_state(req);
                if is_live {
                    self.request::<ops::Logout>(Kind::Logout, &LogoutReq {});
                } else {
                    self.finish_logout(store);
                }
            }
            Account::LoggingOut { .. } => {
                self.tell_login_state(req);
                self.complete(req, Err(Error::of(codes::SDK_ACCOUNT_LOGOUT_IN_PROCESS)));
            }
        }
    }

    pub(crate) fn on_logout_answer(&mut self, store: &mut dyn Store) -> store::Result<()> {
        self.finish_logout(store);
        Ok(())
    }

    fn finish_logout(&mut self, store: &mut dyn Store) {
        let Account::LoggingOut { req, .. } = std::mem::take(&mut self.account) else {
            return;
        };
        store.close();
        self.drop_link();
        self.log(LogLevel::Info, "logged out");
        self.tell_login_state(ReqId(0));
        self.complete(req, Ok(Reply::Empty));
    }

    /// Tells the server without waiting for it, as an account switch does.
    fn say_goodbye(&mut self) {
        if self.account.is_live() {
            self.request::<ops::Logout>(Kind::Logout, &LogoutReq {});
        }
        self.drop_link();
    }

    /// The user leaves: whatever waits is completed with 7009, the store is closed.
    pub(crate) fn leave(&mut self, store: &mut dyn Store) {
        self.leave_but(store, ReqId(0));
        self.account = Account::Out;
    }

    fn leave_but(&mut self, store: &mut dyn Store, kept: ReqId) {
        // What this turn has already learnt is still told, before anything of the next user.
        let _ = self.settle_notices(store);
        store.close();
        self.reset_session_state();
        self.complete_all(Some(kept), &Error::of(codes::SDK_COMM_INTERRUPT));
    }

    /// The session ends by itself: calls complete with `error`, the state is 3.
    pub(crate) fn abandon(&mut self, store: &mut dyn Store, error: &Error) {
        let _ = self.settle_notices(store);
        store.close();
        self.reset_session_state();
        self.account = Account::Out;
        self.tell_login_state(ReqId(0));
        self.complete_all(None, error);
    }

    pub(crate) fn on_kicked(&mut self, store: &mut dyn Store) {
        if !self.account.is_in() {
            return;
        }
        self.log(
            LogLevel::Warn,
            "kicked offline by another device of the user",
        );
        self.drop_link();
        self.abandon(store, &Error::of(codes::SDK_NOT_LOGGED_IN));
        self.tell_login_state(ReqId(0));
        self.notify(Event::KickedOffline);
    }

    pub(crate) fn on_ticket_expired(&mut self) {
        if let Account::In { is_expiry_told, .. } = &mut self.account
            && !std::mem::replace(is_expiry_told, true)
        {
            self.notify(Event::UserSigExpired);
        }
    }

    /// The grace time after expiry is over: messages wait in the outbox for the next login.
    fn on_ticket_lapsed(&mut self, store: &mut dyn Store) {
        let is_told = matches!(
            self.account,
            Account::In {
                is_expiry_told: true,
                ..
            }
        );
        self.log(
            LogLevel::Warn,
            "the ticket has lapsed: log in with a new one",
        );
        self.abandon(store, &Error::of(codes::SDK_NOT_LOGGED_IN));
        if !is_told {
            self.notify(Event::UserSigExpired);
        }
    }

    /// The state as of the next completion or event; `by` is a login or logout, or 0.
    fn tell_login_state(&mut self, by: ReqId) {
        self.session_req = self.session_req.max(by);
        self.out.push_back(Output::LoginState {
            status: self.account.status(),
            user_id: match &self.account {
                Account::In { user_id, .. } => user_id.clone(),
                _ => String::new(),
            },
            by: self.session_req,
        });
    }

    // ---- the link ----

    pub(crate) fn connect(&mut self) {
        if self.config.endpoints == 0 {
            let error = Error::of(codes::NO_SERVER);
            self.notify_network(NetworkStatus::ConnectFailed(error.clone()));
            self.link.last_error = Some(error);
            // A pending login is failed by the next timeout, which is due at once.
            self.link.stage = Stage::Waiting {
                until: self.now.mono,
            };
            return;
        }
        self.link.epoch = self.link.epoch.next();
        let deadline = self.now.mono + self.config.connect_timeout;
        self.link.stage = Stage::Connecting { deadline };
        self.notify_network(NetworkStatus::Connecting);
        let endpoint = self.link.endpoint % self.config.endpoints;
        self.out
            .push_back(Output::Connect(self.link.epoch, endpoint));
    }

    pub(crate) fn on_connected(&mut self) -> store::Result<()> {
        self.link.stage = Stage::Open {
            since: self.now.mono,
        };
        self.link.last_sent = self.now.mono;
        self.notify_network(NetworkStatus::Connected);
        match self.account {
            // Nobody is logged in: the network has been reported, that is all.
            Account::Out | Account::LoggingOut { .. } => self.drop_link(),
            Account::LoggingIn { .. } => self.send_login(false),
            Account::In { .. } => self.send_login(true),
        }
        Ok(())
    }

    pub(crate) fn on_disconnected(&mut self, store: &mut dyn Store, why: Why) -> store::Result<()> {
        let was_open_since = match self.link.stage {
            Stage::Open { since } => Some(since),
            _ => None,
        };
        self.link.stage = Stage::Down;
        self.forget_connection();
        if let Some(ms) = why.retry_after_ms {
            self.link.retry_after = Duration::from_millis(ms).min(BACK_OFF_MOST);
        }
        if let Some(since) = was_open_since {
            if self.now.mono.saturating_sub(since) >= STABLE {
                self.link.failures = 0;
            }
            self.notify_network(NetworkStatus::Disconnected(why.error.clone()));
        } else {
            let endpoint = self.link.endpoint % self.config.endpoints.max(1);
            if is_outright(&why.error) {
                self.link.refused.insert(endpoint);
            } else {
                self.link.refused.remove(&endpoint);
            }
            self.link.endpoint = endpoint + 1;
            self.notify_network(NetworkStatus::ConnectFailed(why.error.clone()));
        }
        self.log(LogLevel::Info, format!("link down: {}", why.error));
        let is_refused = self.link.refused.len() >= self.config.endpoints.max(1);
        self.link.last_error = Some(why.error.clone());
        match &mut self.account {
            Account::Out => {}
            Account::LoggingIn { .. } if is_refused => {
                self.fail_login(store, &why.error, ReqId(0));
            }
            Account::LoggingIn { .. } => self.retry_later(),
            Account::In { .. } if why.close_code == Some(close::KICKED) => self.on_kicked(store),
            Account::In { .. } if why.close_code == Some(close::TICKET_EXPIRED) => {
                self.on_ticket_lapsed(store);
            }
            Account::In { .. } if why.error.code == codes::VERSION_REFUSED => {
                self.log(
                    LogLevel::Error,
                    "the server refuses this version: update libtim",
                );
                self.abandon(store, &why.error);
            }
            Account::In { is_live, .. } => {
                *is_live = false;
                self.retry_later();
            }
            Account::LoggingOut { .. } => self.finish_logout(store),
        }
        Ok(())
    }

    /// Full jitter: anywhere between now and the back-off, which doubles.
    fn retry_later(&mut self) {
        let most = BACK_OFF_FIRST.saturating_mul(1 << self.link.failures.min(16));
        let most = u64::try_from(most.min(BACK_OFF_MOST).as_millis()).unwrap_or(u64::MAX);
        let wait = Duration::from_millis(self.random.up_to(most));
        self.link.failures = self.link.failures.saturating_add(1);
        let until = self.now.mono + std::mem::take(&mut self.link.retry_after) + wait;
        self.link.stage = Stage::Waiting { until };
    }

    /// The app leaves the link, or has no use for it.
    pub(crate) fn drop_link(&mut self) {
        if matches!(
            self.link.stage,
            Stage::Connecting { .. } | Stage::Open { .. }
        ) {
            self.out.push_back(Output::Close(self.link.epoch));
        }
        self.link.stage = Stage::Down;
        self.forget_connection();
    }

    /// What was bound to the connection that has gone.
    fn forget_connection(&mut self) {
        for kind in self.requests.on_disconnect() {
            // Sent, and nobody knows whether it arrived: told, not repeated.
            if let Kind::SendOnline { req, .. } = kind {
                let error = Error::of(codes::SDK_NET_WAIT_ACK_TIMEOUT_NO_NETWORK);
                self.complete(req, Err(error));
            }
        }
        self.stop_sync();
        self.stop_outbox();
    }

    /// The link is of no use any more: close it, and go on as when it had been lost.
    pub(crate) fn lose_link(&mut self, store: &mut dyn Store, error: Error) -> store::Result<()> {
        if !matches!(
            self.link.stage,
            Stage::Connecting { .. } | Stage::Open { .. }
        ) {
            return Ok(());
        }
        self.out.push_back(Output::Close(self.link.epoch));
        self.on_disconnected(store, Why::new(error))
    }

    pub(crate) fn on_shutdown(&mut self, body: &str) {
        if let Ok(shutdown) = serde_json::from_str::<Shutdown>(body) {
            let wait = Duration::from_millis(shutdown.retry_after_ms);
            self.link.retry_after = wait.min(BACK_OFF_MOST);
        }
    }

    pub(crate) fn on_network_hint(&mut self) {
        match self.link.stage {
            Stage::Waiting { .. } => {
                self.link.failures = 0;
                self.connect();
            }
            Stage::Open { .. } if self.account.is_live() => self.probe(),
            _ => {}
        }
    }

    /// Asks whether the server is still there, with a short deadline.
    fn probe(&mut self) {
        let timeout = self.config.request_timeout;
        self.config.request_timeout = PROBE_TIMEOUT.min(timeout);
        self.request::<ops::Heartbeat>(Kind::Heartbeat, &HeartbeatReq {});
        self.config.request_timeout = timeout;
    }

    pub(crate) fn on_heartbeat_answer(
        &mut self,
        answer: Result<protocol::session::HeartbeatRes, Error>,
    ) -> store::Result<()> {
        if let Ok(answer) = answer {
            self.tell_clock(answer.server_time_ms);
            self.on_head(answer.event_seq);
        }
        Ok(())
    }

    pub(crate) fn session_timeout(&self) -> Option<Duration> {
        let account = match &self.account {
            Account::LoggingIn { deadline, .. } | Account::LoggingOut { deadline, .. } => {
                Some(*deadline)
            }
            Account::In { renewal, .. } => renewal.as_ref().map(|newer| newer.deadline),
            Account::Out => None,
        };
        let is_wanted = !matches!(self.account, Account::Out);
        let link = match self.link.stage {
            Stage::Down => None,
            Stage::Waiting { until } => is_wanted.then_some(until),
            Stage::Connecting { deadline } => Some(deadline),
            Stage::Open { .. } if self.account.is_live() => {
                Some(self.link.last_sent + self.link.heartbeat)
            }
            Stage::Open { .. } => None,
        };
        [account, link].into_iter().flatten().min()
    }

    pub(crate) fn on_session_timeout(&mut self, store: &mut dyn Store) -> store::Result<()> {
        let now = self.now.mono;
        match self.link.stage {
            Stage::Waiting { until } if until <= now => {
                if self.config.endpoints == 0 {
                    self.link.stage = Stage::Down;
                    self.fail_login(store, &Error::of(codes::NO_SERVER), ReqId(0));
                } else if !matches!(self.account, Account::Out) {
                    self.connect();
                }
            }
            Stage::Connecting { deadline } if deadline <= now => {
                self.lose_link(store, Error::of(codes::SDK_NET_CONN_TIMEOUT))?;
            }
            Stage::Open { .. }
                if self.account.is_live() && self.link.last_sent + self.link.heartbeat <= now =>
            {
                self.request::<ops::Heartbeat>(Kind::Heartbeat, &HeartbeatReq {});
            }
            _ => {}
        }
        if let Account::In { renewal, .. } = &mut self.account
            && let Some(late) = renewal.take_if(|newer| newer.deadline <= now)
        {
            let error = Error::of(codes::SDK_NET_WAIT_SEND_TIMEOUT_NO_NETWORK);
            self.complete_login(late.waiting, Err(error));
        }
        match &self.account {
            Account::LoggingIn { deadline, .. } if *deadline <= now => {
                let is_silent = self.link.is_open()
                    || self.link.last_error.as_ref().is_some_and(|error| {
                        matches!(
                            error.code,
                            codes::SDK_NET_CONN_TIMEOUT | codes::SDK_NET_WAIT_ACK_TIMEOUT
                        )
                    });
                let code = if is_silent {
                    codes::SDK_NET_WAIT_SEND_TIMEOUT
                } else {
                    codes::SDK_NET_WAIT_SEND_TIMEOUT_NO_NETWORK
                };
                self.fail_login(store, &Error::of(code), ReqId(0));
            }
            Account::LoggingOut { deadline, .. } if *deadline <= now => self.finish_logout(store),
            _ => {}
        }
        Ok(())
    }
}
