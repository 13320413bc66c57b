//! How a client may behave towards the server, as docs/protocol.md has it: when it may come back,
//! and how often it may log in.

use std::collections::VecDeque;

use tim_core::LoginStatus;

const FIRST_MS: u64 = 500;
const MOST_MS: u64 = 60_000;
const STABLE_MS: u64 = 60_000;
/// Attempts in a row, each after a random wait, that cannot all have been short.
const RUN: usize = 20;

/// A wait for the next attempt.
#[derive(Debug)]
struct Wait {
    since: u64,
    /// The server asked for so much.
    least: u64,
    /// The random part is at most this.
    bound: u64,
}

/// The conduct of one life of a device.
#[derive(Debug, Default)]
pub struct Conduct {
    failures: u32,
    retry_after: u64,
    wait: Option<Wait>,
    /// The app or the machine gave a reason to connect at once.
    may_connect: bool,
    is_connecting: bool,
    is_suspended: bool,
    open_since: Option<u64>,
    /// When attempts began that nobody asked for, since the back-off began anew.
    run: VecDeque<u64>,
    status: Option<LoginStatus>,
    connects: u32,
    login_calls: u32,
    logins: u32,
    pub waits: Waits,
    pub broken: Option<String>,
}

/// All waits together: random ones are half their bounds on the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waits {
    pub count: u64,
    pub waited_ms: u64,
    pub bounds_ms: u64,
}

impl Waits {
    pub fn add(&mut self, other: &Waits) {
        self.count += other.count;
        self.waited_ms += other.waited_ms;
        self.bounds_ms += other.bounds_ms;
    }
}

impl Conduct {
    fn must(&mut self, holds: bool, text: impl FnOnce() -> String) {
        if !holds && self.broken.is_none() {
            self.broken = Some(text());
        }
    }

    /// The instance starts: it looks once whether the server is there.
    pub fn on_start(&mut self) {
        self.may_connect = true;
    }

    pub fn on_login_call(&mut self) {
        self.login_calls += 1;
        self.may_connect = true;
    }

    pub fn on_hint(&mut self) {
        if self.wait.is_some() {
            self.failures = 0;
            self.run.clear();
            self.may_connect = true;
        }
    }

    /// Suspended, it does not come back.
    pub fn on_suspend(&mut self) {
        (self.is_suspended, self.wait) = (true, None);
    }

    /// As a login does: the app wants it back, whatever failed before.
    pub fn on_resume(&mut self) {
        (self.is_suspended, self.failures) = (false, 0);
        self.run.clear();
        self.may_connect = true;
    }

    pub fn on_retry_after(&mut self, ms: u64) {
        self.retry_after = ms.min(MOST_MS);
    }

    /// The core has said how the login stands.
    pub fn on_status(&mut self, status: LoginStatus) {
        let before = self.status.replace(status);
        if status == LoginStatus::LoggingIn && before != Some(status) {
            // A new login owes nothing for earlier failures.
            self.failures = 0;
            self.run.clear();
            self.wait = None;
        }
    }

    /// The core has said that nobody is logged in.
    pub fn is_out(&self) -> bool {
        self.status == Some(LoginStatus::LoggedOut)
    }

    fn is_wanted(&self) -> bool {
        let is_wanted = matches!(
            self.status,
            Some(LoginStatus::LoggingIn | LoginStatus::LoggedIn)
        );
        is_wanted && !self.is_suspended
    }

    pub fn on_connect(&mut self, now: u64) {
        let by_itself = !std::mem::take(&mut self.may_connect);
        match self.wait.take() {
            Some(wait) if by_itself => {
                let earliest = wait.since + wait.least;
                let latest = earliest + wait.bound;
                self.must((earliest..=latest + 1).contains(&now), || {
                    format!("came back at {now}, not within {earliest} to {latest}")
                });
                self.waits.count += 1;
                self.waits.waited_ms += now.saturating_sub(earliest);
                self.waits.bounds_ms += wait.bound;
                self.run.push_back(now);
                if self.run.len() > RUN {
                    self.run.pop_front();
                    let took = now - self.run[0];
                    self.must(took >= MOST_MS, || {
                        format!("{RUN} attempts to connect in {took} ms")
                    });
                }
            }
            None if by_itself => self.must(false, || format!("connects at {now} for no reason")),
            _ => {}
        }
        let is_second = self.is_connecting || self.open_since.is_some();
        self.must(!is_second, || "a second connection beside the first".into());
        self.is_connecting = true;
        self.connects += 1;
    }

    pub fn on_connected(&mut self, now: u64) {
        self.is_connecting = false;
        self.open_since = Some(now);
    }

    /// The connection is gone, whoever ended it; [`Conduct::settle`] follows.
    pub fn on_gone(&mut self, now: u64) {
        if self
            .open_since
            .is_some_and(|since| now - since >= STABLE_MS)
        {
            self.failures = 0;
            self.run.clear();
        }
        (self.is_connecting, self.open_since) = (false, None);
    }

    /// The turn is over: without a connection, and wanted, it waits.
    pub fn settle(&mut self, now: u64) {
        let is_down = !self.is_connecting && self.open_since.is_none();
        if is_down && self.wait.is_none() && self.is_wanted() {
            let bound = (FIRST_MS << self.failures.min(16)).min(MOST_MS);
            self.failures += 1;
            self.wait = Some(Wait {
                since: now,
                least: std::mem::take(&mut self.retry_after),
                bound,
            });
        } else if !self.is_wanted() {
            self.wait = None;
        }
        self.may_connect = false;
    }

    /// A login goes out.
    pub fn on_login_sent(&mut self) {
        self.logins += 1;
        let is_asked = self.is_wanted();
        self.must(is_asked, || "logs in though nobody is logged in".into());
        let (logins, most) = (self.logins, self.connects + self.login_calls);
        self.must(logins <= most, || {
            format!("{logins} logins for {most} connections and calls")
        });
    }
}
