//! The server's side: its futures, polled in any order, its outcomes, its restarts.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::task::noop_waker_ref;
use timd::logic::{Harness, LogicConfig, Outcome, Output, SessionId};
use timd::metrics::Kick;
use timd::policy::Policy;
use timd::repo::Repo;

use crate::device::is_login;
use crate::engine::SimRepo;
use crate::network::Happening;
use crate::world::{APP, World};

pub(crate) type Server = Harness<SimRepo>;

/// A request that the server works on, or its outcome that waits for its turn.
pub(crate) enum Work {
    Running(Pin<Box<dyn Future<Output = Outcome>>>),
    Done(Outcome),
}

impl World {
    pub(crate) fn start_server(&mut self, repo: SimRepo) {
        let config = LogicConfig {
            id_seed: self.seed ^ self.now_ms,
            ..self.config.clone()
        };
        let server = Harness::new(repo, config);
        ready(server.logic().start()).expect("the repo is there");
        self.server = Some(Arc::new(server));
    }

    pub fn server(&self) -> &Server {
        self.server
            .as_deref()
            .expect("the server is only gone while it restarts")
    }

    /// Makes an account, as a user's first login does.
    pub(crate) fn register(&mut self, user: &str) {
        let number = i64::try_from(self.new_number()).expect("a few accounts");
        let repo = self.server().logic().repo();
        let account = ready(repo.register(number, APP, user.into(), 0));
        account.expect("the repo is there");
    }

    /// Sets the policy of the app, as its operator may at any time.
    pub fn set_policy(&mut self, policy: Policy) {
        let repo = self.server().logic().repo();
        assert!(ready(repo.set_policy(APP, policy)).expect("the repo is there"));
        self.policy = policy;
    }

    /// How many times a device lost its place to another one.
    pub fn kicks(&self) -> u64 {
        let metrics = self.server().metrics();
        self.kicks + metrics.kicks(Kick::Online) + metrics.kicks(Kick::Away)
    }

    /// The platforms on which a user is online, as the server sees it.
    pub fn online(&self, user: &str) -> Vec<i32> {
        let repo = self.server().logic().repo();
        let accounts = ready(repo.accounts(APP, vec![user.into()])).expect("the repo is there");
        let accounts = accounts.into_iter().flatten();
        let devices = accounts.flat_map(|account| self.server().devices(account.id));
        devices.map(|(_, platform)| platform).collect()
    }

    pub(crate) fn start_work(&mut self, session: SessionId, frame: Vec<u8>) {
        let server = Arc::clone(self.server.as_ref().expect("the server runs"));
        let is_open = server.logic().is_open(session);
        let login = login_of(&frame);
        let now = self.now().unix_ms;
        let Some(conn) = self.conns.get_mut(&session) else {
            return;
        };
        if !is_open && (!conn.work.is_empty() || !conn.held.is_empty()) {
            conn.held.push_back(frame);
            return;
        }
        if let Some(user) = login {
            conn.user = user;
        }
        let mut future: Pin<Box<dyn Future<Output = Outcome>>> =
            Box::pin(async move { server.handle(session, now, &frame).await });
        // Asked once at its start, as the real server does: writes are queued in this order.
        let work = match poll(future.as_mut()) {
            Some(outcome) => Work::Done(outcome),
            None => Work::Running(future),
        };
        conn.work.push_back(work);
        self.apply_done(session);
    }

    fn apply_done(&mut self, session: SessionId) {
        loop {
            let Some(conn) = self.conns.get_mut(&session) else {
                return;
            };
            if !matches!(conn.work.front(), Some(Work::Done(_))) {
                break;
            }
            let Some(Work::Done(outcome)) = conn.work.pop_front() else {
                return;
            };
            let outputs = self.server().apply(session, outcome);
            self.let_out(outputs);
        }
        let Some(conn) = self.conns.get_mut(&session) else {
            return;
        };
        if conn.work.is_empty()
            && let Some(frame) = conn.held.pop_front()
        {
            let rest = std::mem::take(&mut conn.held);
            self.start_work(session, frame);
            for frame in rest {
                self.start_work(session, frame);
            }
        }
    }

    pub(crate) fn let_out(&mut self, mut outputs: Vec<Output>) {
        // The order of one session's outputs is a promise, that of the sessions is chance.
        outputs.sort_by_key(|output| match output {
            Output::Send(session, _) | Output::Close(session, ..) => *session,
        });
        self.watch_kicks(&outputs);
        self.watch_sessions();
        for output in outputs {
            match output {
                Output::Send(session, frame) => {
                    self.send_to_client(session, frame.to_vec());
                }
                Output::Close(session, code, reason) => {
                    let at = self.now_ms + self.delay();
                    let Some(conn) = self.conns.get(&session) else {
                        continue;
                    };
                    let at = conn.last_to_client.max(at);
                    self.later(at, Happening::EndAtClient(session, Some((code, reason))));
                    self.later(at, Happening::EndAtServer(session));
                }
            }
        }
    }

    /// Polls one of the server's futures, any of them.
    pub(crate) fn poll_some_work(&mut self) -> bool {
        let running: Vec<(SessionId, usize)> = self
            .conns
            .iter()
            .flat_map(|(id, conn)| {
                let work = conn.work.iter().enumerate();
                work.filter(|(_, work)| matches!(work, Work::Running(_)))
                    .map(|(n, _)| (*id, n))
            })
            .collect();
        if running.is_empty() {
            return false;
        }
        let (session, n) = *self.random.pick(&running);
        let conn = self.conns.get_mut(&session).expect("listed above");
        if let Work::Running(future) = &mut conn.work[n]
            && let Some(outcome) = poll(future.as_mut())
        {
            conn.work[n] = Work::Done(outcome);
            self.apply_done(session);
        }
        true
    }

    pub(crate) fn finish_all_work(&mut self) {
        while self.poll_some_work() {}
    }

    /// The server dies and starts again: what was committed is there, nothing else.
    pub fn restart_server(&mut self) {
        // A future that has begun a write has written it; what was not begun never happens.
        for conn in self.conns.values_mut() {
            self.uncounted += conn.work.len() as u64;
            conn.work.clear();
            conn.held.clear();
        }
        self.replace_server();
    }

    /// The server stops as an operator stops it, and starts again after a while.
    pub fn stop_server(&mut self, retry_after_ms: u64, down_ms: u64) {
        self.finish_all_work();
        let outputs = self
            .server()
            .shutdown(Duration::from_millis(retry_after_ms));
        self.let_out(outputs);
        self.finish_all_work();
        self.replace_server();
        self.down_until = self.now_ms + down_ms;
    }

    fn replace_server(&mut self) {
        let sessions: Vec<SessionId> = self.conns.keys().copied().collect();
        for session in sessions {
            let random = self.random.number() % 3_000;
            let conn = self.conns.get_mut(&session).expect("listed above");
            conn.is_server_open = false;
            conn.held.clear();
            let at = conn.last_to_client.max(self.now_ms) + random;
            self.later(at, Happening::EndAtClient(session, None));
        }
        self.agenda.retain(|_, happening| {
            !matches!(
                happening,
                Happening::ToServer(..) | Happening::EndAtServer(_)
            )
        });
        self.kicks = self.kicks();
        let server = self.server.take().expect("it runs");
        let Ok(server) = Arc::try_unwrap(server) else {
            panic!("no future is left")
        };
        self.start_server(server.into_repo());
    }

    pub(crate) fn end_at_server(&mut self, session: SessionId) {
        let Some(conn) = self.conns.get_mut(&session) else {
            return;
        };
        if !std::mem::replace(&mut conn.is_server_open, false) {
            return;
        }
        // What it has begun is finished first, as the real server does.
        self.finish_all_work();
        let now = self.now().unix_ms;
        let server = Arc::clone(self.server.as_ref().expect("the server runs"));
        let outputs = finish(Box::pin(
            async move { server.disconnected(session, now).await },
        ));
        self.let_out(outputs);
    }
}

/// Whose login a frame is.
fn login_of(frame: &[u8]) -> Option<String> {
    if !is_login(frame) {
        return None;
    }
    let request: serde_json::Value = serde_json::from_slice(frame).ok()?;
    Some(request["body"]["user_id"].as_str()?.to_owned())
}

fn poll<T>(future: Pin<&mut (dyn Future<Output = T> + '_)>) -> Option<T> {
    match future.poll(&mut Context::from_waker(noop_waker_ref())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

fn finish<T>(mut future: Pin<Box<dyn Future<Output = T> + '_>>) -> T {
    loop {
        if let Some(value) = poll(future.as_mut()) {
            return value;
        }
    }
}

/// Runs a future of the simulated server to its end.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    finish(Box::pin(future))
}
