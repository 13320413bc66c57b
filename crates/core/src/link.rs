//! The link: connecting, backing off, beating, noticing that it is gone.
//!
//! It serves the account of [`crate::session`], which decides whether a link is wanted.

use std::collections::BTreeSet;
use std::time::Duration;

use protocol::session::{HeartbeatReq, Shutdown};
use protocol::{Error, codes, frame::close, ops, reader};

use crate::command::NetworkStatus;
use crate::request::{Kind, Request};
use crate::session::Account;
use crate::store::{self, Store};
use crate::{Core, Epoch, LogLevel, Output, ReqId, Why};

/// First step of the back-off.
const BACK_OFF_FIRST: Duration = Duration::from_millis(500);
/// The back-off doubles up to this: with the attempt after it, everybody is back within a minute of a
/// fault's end.
const BACK_OFF_MOST: Duration = Duration::from_secs(45);
/// A connection that lasted this long forgives the failures before it.
const STABLE: Duration = Duration::from_secs(60);
/// A link on which others are answered may owe an answer for so many times its time.
const PATIENCE_TIMES: u32 = 4;
/// A probe of an open connection must be answered within this.
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);
/// An attempt that is younger is not begun anew, however many hints come.
const HASTE: Duration = Duration::from_secs(1);
/// How long an address stays away that the server has locked.
const LOCKED_WAIT: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
enum Stage {
    #[default]
    Down,
    Waiting {
        until: Duration,
    },
    Connecting {
        since: Duration,
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
    /// When the peer last said something.
    last_heard: Duration,
}

impl Link {
    pub fn is_current(&self, epoch: Epoch) -> bool {
        self.epoch == epoch && matches!(self.stage, Stage::Connecting { .. } | Stage::Open { .. })
    }

    pub fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Open { .. })
    }

    pub fn is_connecting(&self) -> bool {
        matches!(self.stage, Stage::Connecting { .. })
    }

    pub fn open_epoch(&self) -> Option<Epoch> {
        self.is_open().then_some(self.epoch)
    }

    /// The server wants to hear from us this often.
    pub fn beat_every(&mut self, seconds: u32) {
        self.heartbeat = Duration::from_secs(u64::from(seconds.max(1)));
    }

    /// The server has locked this address.
    pub fn stay_away(&mut self) {
        self.retry_after = LOCKED_WAIT;
    }

    pub fn on_sent(&mut self, now: Duration) {
        self.last_sent = now;
    }

    pub fn on_heard(&mut self, now: Duration) {
        self.last_heard = now;
    }

    /// When the link has to be taken for dead that owes an answer to this request: it has said nothing
    /// for as long as that may take. A server that is slow still talks.
    pub fn dead_at(&self, request: &Request) -> Duration {
        let silent = self.last_heard.max(request.sent_at) + request.patience;
        silent.min(request.sent_at + PATIENCE_TIMES * request.patience)
    }
}

/// Errors that another attempt will meet again: a login fails with them at once.
fn is_outright(error: &Error) -> bool {
    match error.code {
        codes::SDK_NET_CONN_REFUSE => true,
        codes::SERVER_BUSY | codes::SERVER_SHUTDOWN | codes::PROTOCOL => false,
        codes::PROXY_UNREACHABLE | codes::PROXY_LOGIN | codes::PROXY_FAILED => true,
        code => (codes::TLS_HOST_MISMATCH..=codes::BAD_SERVER_URL).contains(&code),
    }
}

impl Core {
    /// A login begins: what failed before does not count.
    pub(crate) fn want_link(&mut self) {
        self.link.refused.clear();
        (self.link.failures, self.link.last_error) = (0, None);
        match self.link.stage {
            Stage::Connecting { .. } => {}
            Stage::Open { .. } => self.send_login(false),
            Stage::Down | Stage::Waiting { .. } => self.connect(),
        }
    }

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
        let since = self.now.mono;
        let deadline = since + self.config.connect_timeout;
        self.link.stage = Stage::Connecting { since, deadline };
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
        let endpoint = self.link.endpoint % self.config.endpoints.max(1);
        // A node that is going, or that takes no login, is no place to ask again first.
        if was_open_since.is_none()
            || !self.account.is_live()
            || why.error.code == codes::SERVER_SHUTDOWN
        {
            self.link.endpoint = endpoint + 1;
        }
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
            if is_outright(&why.error) {
                self.link.refused.insert(endpoint);
            } else {
                self.link.refused.remove(&endpoint);
            }
            self.notify_network(NetworkStatus::ConnectFailed(why.error.clone()));
        }
        // What another attempt will meet again is somebody's to mend.
        let level = match is_outright(&why.error) {
            true => LogLevel::Warn,
            false => LogLevel::Info,
        };
        self.log(level, format!("link down: {}", why.error));
        let is_refused = self.link.refused.len() >= self.config.endpoints.max(1);
        self.link.last_error = Some(why.error.clone());
        match &mut self.account {
            Account::Out => {}
            Account::LoggingIn { .. } if why.close_code == Some(close::KICKED) => {
                self.on_kicked(store);
            }
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
            let error = Error::of(codes::SDK_NET_WAIT_ACK_TIMEOUT_NO_NETWORK);
            match kind {
                Kind::SendOnline { waiter, .. } => self.complete_send(waiter, Err(error)),
                Kind::SetConvs(call) => self.complete(call.req(), Err(error)),
                Kind::ChangeConvGroup(call) => self.complete(call.req(), Err(error)),
                Kind::SetReceiveAll { req } => self.complete(req, Err(error)),
                Kind::Groups(call) => self.complete(call.req(), Err(error)),
                Kind::GroupAct { req } => self.complete(req, Err(error)),
                kind => debug_assert!(false, "{kind:?} may be sent again"),
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
        if let Ok(shutdown) = reader::read_text::<Shutdown>(body) {
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
            // Perhaps over the network that was.
            Stage::Connecting { since, .. }
                if !matches!(self.account, Account::Out) && self.now.mono >= since + HASTE =>
            {
                self.out.push_back(Output::Close(self.link.epoch));
                self.connect();
            }
            _ => {}
        }
    }

    /// Asks whether the server is still there, with a short deadline.
    fn probe(&mut self) {
        let timeout = self.config.request_timeout;
        let soon = PROBE_TIMEOUT.min(timeout);
        let is_probe = |kind: &Kind| matches!(kind, Kind::Heartbeat);
        if self.requests.has_by(self.now.mono + soon, is_probe) {
            return;
        }
        self.config.request_timeout = soon;
        self.request::<ops::Heartbeat>(Kind::Heartbeat, &HeartbeatReq {});
        self.config.request_timeout = timeout;
    }

    pub(crate) fn on_heartbeat_answer(
        &mut self,
        store: &mut dyn Store,
        answer: Result<protocol::session::HeartbeatRes, Error>,
    ) -> store::Result<()> {
        if let Ok(answer) = answer {
            self.tell_clock(answer.server_time_ms);
            self.on_head(answer.event_seq);
            self.ask_heads(store)?;
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
            Stage::Connecting { deadline, .. } => Some(deadline),
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
            Stage::Connecting { deadline, .. } if deadline <= now => {
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
