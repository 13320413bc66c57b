//! The reactor: one thread that carries out what the cores of all instances want.
//!
//! Sockets, clocks and files are here; the rules are in the core. A turn of an instance is: read
//! the socket, take up calls, fire the timer, let the core settle, commit the store, and only then
//! carry out what the core put out ("commit, then tell").

use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use protocol::{Error, codes};
use tim_core::{Command, Event, LogLevel, LoginStatus, Reply, ReqId};

mod fault;
mod hub;
mod link;
mod race;
mod resident;
mod resolver;
mod run;
mod socks;
mod stats;
mod submit;
mod tls;
mod upgrade;
mod url;
mod wire;

#[cfg(test)]
mod tests;

pub use socks::Socks5;
pub use stats::Stats;
pub use tls::TlsSettings;
pub use url::ServerUrl;

use crate::sys;

/// Where the local database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// In files below this folder, which is made when it is missing.
    Disk(PathBuf),
    /// Nowhere: it is forgotten with the instance.
    Memory,
}

/// What an instance is started with.
#[derive(Debug, Clone)]
pub struct InstanceConfig {
    /// For the core; how many server URLs there are is filled in.
    pub core: tim_core::Config,
    /// The servers, tried in turn. None: every attempt fails with `NO_SERVER`.
    pub urls: Vec<ServerUrl>,
    /// Whom to trust.
    pub tls: TlsSettings,
    /// Where to store.
    pub storage: Storage,
    /// How to get to the servers.
    pub route: Route,
}

/// The way to the servers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Route {
    /// All connections go through it; it is what looks up the servers' names.
    pub proxy: Option<Socks5>,
    /// Of a name's addresses, those of IPv6 are tried first.
    pub prefers_ipv6: bool,
}

/// Who is told what the core puts out. Called on the reactor thread, after the commit, in the
/// order of the core; must not block, and must not stop the instance.
pub trait Outlet: Send + Sync {
    /// A call is completed. Once for every call that was submitted.
    fn complete(&self, req: ReqId, result: Result<Reply, Error>);
    /// Something happened.
    fn notify(&self, event: Event);
    /// The app has yet to be given what came before this: then [`Instance::told`] is to be called.
    fn mark(&self, mark: u64);
    /// The login state as of the next completion or event; see [`tim_core::Output::LoginState`].
    fn login_state(&self, status: LoginStatus, user_id: String, by: ReqId);
    /// Server clock less local clock, milliseconds.
    fn clock_offset(&self, ms: i64);
    /// For the log.
    fn log(&self, level: LogLevel, text: String);
    /// A turn in which something was told has ended.
    fn turn_end(&self);
}

/// Starts an instance. It returns when the settings are known to be usable, before anything else
/// was done; an error leaves nothing behind.
pub fn start(mut config: InstanceConfig, outlet: Arc<dyn Outlet>) -> Result<Instance, Error> {
    if sys::is_cut_off() {
        return Err(Error::of(codes::FORKED));
    }
    if let Storage::Disk(folder) = &config.storage {
        let usable = sys::create_private_dir(folder).and_then(|()| sys::check_writable(folder));
        usable.map_err(|e| {
            let folder = folder.display();
            Error::new(
                codes::IO_OPERATION_FAILED,
                format!("the folder {folder} cannot be used: {e}"),
            )
        })?;
    }
    let trust = tls::Trust::read(&config.tls)?;
    config.core.endpoints = config.urls.len();
    let desk = Arc::new(submit::Desk::new(Arc::downgrade(&outlet)));
    let newcomer = resident::Newcomer {
        config,
        trust,
        desk: desk.clone(),
        outlet,
    };
    let seat = hub::join(newcomer)?;
    Ok(Instance { desk, seat })
}

/// What [`Instance::control`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Nothing is open from then on; calls get [`codes::SUSPENDED`].
    Suspend,
    /// The session goes on.
    Resume,
}

/// A running instance. Dropping it stops it.
pub struct Instance {
    desk: Arc<submit::Desk>,
    seat: hub::Seat,
}

impl Instance {
    /// Hands over a call. Its completion comes through the outlet, also when the instance stops;
    /// after that, with 7009 on the caller's thread.
    pub fn submit(&self, req: ReqId, command: Command) {
        if self.desk.submit(req, command) {
            self.seat.inbox.push(hub::Message::Ready(self.seat.id));
        }
    }

    /// The network may have changed, or the machine woke up.
    pub fn network_hint(&self) {
        if self.desk.hint() {
            self.seat.inbox.push(hub::Message::Ready(self.seat.id));
        }
    }

    /// The app has been given all that came before this [`Outlet::mark`].
    pub fn told(&self, mark: u64) {
        if self.desk.told(mark) {
            self.seat.inbox.push(hub::Message::Ready(self.seat.id));
        }
    }

    /// Closes the store and the connection, or opens them again. The answer comes when it is done
    /// and the connection's end has gone out; an error means that the session has ended, with 7009
    /// that the instance has stopped; then the sender may also be dropped.
    pub fn control(&self, control: Control) -> mpsc::Receiver<Result<(), Error>> {
        let (done, wait) = mpsc::channel();
        if self.desk.control(control, done) {
            self.seat.inbox.push(hub::Message::Ready(self.seat.id));
        }
        wait
    }

    /// Completes what is pending with 7009, commits, closes the store and the connection. Nothing
    /// of the instance runs any more when it returns, and when it was the last one of the process,
    /// there is no reactor any more. A second call does nothing.
    pub fn stop(&self) {
        // In a forked child there is no reactor that could answer.
        if !sys::is_cut_off() && self.desk.begin_stop() {
            hub::leave(&self.seat);
        }
    }

    /// Counters.
    pub fn stats(&self) -> Stats {
        self.desk.stats()
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.stop();
    }
}
