//! The session: connecting, logging in and out, staying, being kicked.
//!
//! Two machines. [`crate::link`] is the connection: down, waiting to retry, connecting, open.
//! [`Account`] is the user: out, logging in, in, logging out. The account decides whether the link
//! is wanted; the link never decides about the account, it only reports.

use std::time::Duration;

use protocol::session::{LoginReq, LoginRes, LogoutReq, features};
use protocol::{Error, codes, limits, ops, user, usersig};

use crate::request::Kind;
use crate::store::{self, Store};
use crate::{Core, Event, LogLevel, LoginStatus, Output, Reply, ReqId};

mod moves;
mod place;

pub use moves::{MOVES, Move};

/// How long a logout waits for the server.
const LOGOUT_WAIT: Duration = Duration::from_secs(2);

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
    pub ticket: String,
    pub waiting: Vec<ReqId>,
    pub deadline: Duration,
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
        if let Err(error) = self.check_login(&user_id, &ticket) {
            self.log(LogLevel::Warn, format!("login failed: {error}"));
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
                self.forget_place(store);
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
        if let Err(error) = self.open_store(store, &user_id) {
            self.log(LogLevel::Error, format!("login of {user_id}: {error}"));
            self.account = Account::Out;
            self.tell_login_state(req);
            self.complete(req, Err(error.error()));
            return Ok(());
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
        self.want_link();
        Ok(())
    }

    pub(crate) fn open_store(&mut self, store: &mut dyn Store, user_id: &str) -> store::Result<()> {
        let opened = store.open(self.config.app_id, user_id)?;
        user_id.clone_into(&mut self.owner);
        if let Some(aside) = opened.reset {
            let error = Error::of(codes::DB_RESET);
            let text = format!("{error} The damaged file is now {aside}.");
            self.log(LogLevel::Error, text);
        }
        Ok(())
    }

    /// Opens a user's store for local reads, before a login or without one.
    pub(crate) fn open_storage(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        user_id: String,
    ) -> store::Result<()> {
        let result = match &self.account {
            _ if !user::is_valid_user_id(&user_id) => {
                Err(Error::of(codes::SDK_COMM_INVALID_IDENTIFIER))
            }
            Account::Out => {
                self.reset_session_state();
                match self.open_store(store, &user_id) {
                    Ok(()) => self.load_session(store).map(|()| Ok(Reply::Empty))?,
                    Err(error) => Err(error.error()),
                }
            }
            _ if self.account.user_id() == user_id => Ok(Reply::Empty),
            _ => Err(Error::new(
                codes::INVALID_PARAMETERS,
                "request_init_local_storage_user_id_param: another user is here; log out first",
            )),
        };
        self.complete(req, result);
        Ok(())
    }

    pub(crate) fn load_session(&mut self, store: &mut dyn Store) -> store::Result<()> {
        if store.meta("device_id")?.is_none() {
            let id = format!("{:016x}{:016x}", self.random.next(), self.random.next());
            store.set_meta("device_id", &id)?;
        }
        self.link_device = store.meta("device_id")?.unwrap_or_default();
        self.load_place(store)?;
        self.load_sync(store)?;
        self.load_conversations(store)?;
        self.load_untold(store)?;
        self.load_outbox(store)
    }

    pub(crate) fn send_login(&mut self, is_resume: bool) {
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
        let is_it = |kind: &Kind| matches!(kind, Kind::Login { ticket: sent } if sent == ticket);
        if self.requests.has(is_it) {
            // The answer to an older one asks for the newest, which is on its way.
            return;
        }
        let login = LoginReq {
            app_id: self.config.app_id,
            user_id: user_id.clone(),
            user_sig: ticket.clone(),
            device_id: self.link_device.clone(),
            platform: self.config.platform,
            version: self.config.version.clone(),
            features: features::READ_RECEIPTS | features::ANSWER_IS_EVENT | features::GROUPS,
            resume: is_resume,
            user_data: self.config.user_data.clone(),
            place: self.device_place,
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
                // A newer ticket that came while this one was on its way has yet to be accepted.
                let renewal = (ticket != sent_ticket).then(|| Renewal {
                    ticket,
                    waiting: Vec::new(),
                    deadline: self.now.mono + self.config.login_deadline,
                });
                let has_newer = renewal.is_some();
                self.account = Account::In {
                    user_id,
                    ticket: sent_ticket,
                    renewal,
                    is_live: true,
                    is_expiry_told: false,
                };
                self.log(LogLevel::Info, "logged in");
                self.on_session_open(store, &answer, false)?;
                self.complete_login(waiting, Ok(()));
                if has_newer {
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
                if error.code == codes::LOGIN_KICKED_OFF_BY_OTHER {
                    // The app is told now: its next login is a new one.
                    self.forget_place(store);
                }
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
                *is_live = true;
                let waiting = answered.map_or_else(Vec::new, |renewed| {
                    *is_expiry_told = false;
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
                    self.link.stay_away();
                }
                self.lose_link(store, error)
            }
            Err(error) if error.code == codes::LOGIN_KICKED_OFF_BY_OTHER => {
                *renewal = answered.or_else(|| renewal.take());
                self.on_place_lost(store, error);
                Ok(())
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
        let is_told = self.is_expiry_told();
        self.drop_link();
        self.abandon(store, &Error::of(codes::SDK_NOT_LOGGED_IN));
        if !is_told {
            self.notify(Event::UserSigExpired);
        }
    }

    /// The link is logged in: tell the clock, fetch what was missed, send what waits.
    fn on_session_open(
        &mut self,
        store: &mut dyn Store,
        answer: &LoginRes,
        is_resume: bool,
    ) -> store::Result<()> {
        self.set_place(store, answer.place)?;
        self.tell_clock(answer.server_time_ms);
        self.link.beat_every(answer.heartbeat_s);
        self.start_sync(store, answer.event_seq, is_resume)?;
        self.flush_requests();
        self.restart_outbox(store)?;
        self.send_dirty_reads(store)
    }

    pub(crate) fn tell_clock(&mut self, server_time_ms: u64) {
        let offset = server_time_ms.cast_signed() - self.now.unix_ms.cast_signed();
        self.clock_offset_ms = offset;
        self.out.push_back(Output::ClockOffset(offset));
    }

    pub(crate) fn complete_login(&mut self, waiting: Vec<ReqId>, result: Result<(), Error>) {
        for req in waiting {
            self.tell_login_state(ReqId(0));
            self.complete(req, result.clone().map(|()| Reply::Empty));
        }
    }

    /// A pending login ends without a session. `by`: the newer call that ended it, or 0. It is told
    /// with the state of before that call, which holds for nobody who has made it.
    pub(crate) fn fail_login(&mut self, store: &mut dyn Store, error: &Error, by: ReqId) {
        let Account::LoggingIn { waiting, .. } = std::mem::take(&mut self.account) else {
            return;
        };
        self.log(LogLevel::Warn, format!("login failed: {error}"));
        self.drop_link();
        if by.0 != 0 {
            store.close();
        }
        self.complete_login(waiting, Err(error.clone()));
    }

    pub(crate) fn logout(&mut self, store: &mut dyn Store, req: ReqId) {
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
                self.forget_place(store);
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

    pub(crate) fn finish_logout(&mut self, store: &mut dyn Store) {
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

    /// The user leaves: whatever waits but `kept` is completed with 7009, the store is closed.
    fn leave_but(&mut self, store: &mut dyn Store, kept: ReqId) {
        // What this turn has already learnt is still told, before anything of the next user.
        let _ = self.settle_notices(store);
        let _ = self.leave_sync(store);
        store.close();
        self.reset_session_state();
        self.complete_all(Some(kept), &Error::of(codes::SDK_COMM_INTERRUPT));
    }

    /// The session ends, by itself or with the instance: calls complete with `error`, the state is 3.
    pub(crate) fn abandon(&mut self, store: &mut dyn Store, error: &Error) {
        let _ = self.settle_notices(store);
        let _ = self.leave_sync(store);
        store.close();
        self.give_up_searches(error);
        self.reset_session_state();
        self.account = Account::Out;
        self.tell_login_state(ReqId(0));
        self.complete_all(None, error);
    }

    pub(crate) fn on_ticket_expired(&mut self) {
        if let Account::In { is_expiry_told, .. } = &mut self.account
            && !std::mem::replace(is_expiry_told, true)
        {
            self.notify(Event::UserSigExpired);
        }
    }

    fn is_expiry_told(&self) -> bool {
        let Account::In { is_expiry_told, .. } = &self.account else {
            return false;
        };
        *is_expiry_told
    }

    /// The grace time after expiry is over: messages wait in the outbox for the next login.
    pub(crate) fn on_ticket_lapsed(&mut self, store: &mut dyn Store) {
        let is_told = self.is_expiry_told();
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
    pub(crate) fn tell_login_state(&mut self, by: ReqId) {
        self.session_req = self.session_req.max(by);
        let status = self.account.status();
        let before = std::mem::replace(&mut self.told_status, status);
        if !moves::is_move(before, status) {
            debug_assert!(false, "{before:?} to {status:?}");
            let text = format!("the login status went from {before:?} to {status:?}");
            self.log(LogLevel::Error, text);
        }
        self.out.push_back(Output::LoginState {
            status,
            user_id: match &self.account {
                Account::In { user_id, .. } => user_id.clone(),
                _ => String::new(),
            },
            by: self.session_req,
        });
    }
}
