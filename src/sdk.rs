//! The safe facade: start a client, submit calls, listen, poll, stop. Many fit in one process.
//!
//! A call that is accepted is completed exactly once, with
//! [`SDK_COMM_INTERRUPT`](codes::SDK_COMM_INTERRUPT) when the client stops first. Completions and
//! listeners run one at a time, in order: on one thread of the client, or inside [`Client::poll`].

use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use protocol::conversation::ConvId;
use protocol::message::{Content, LocalCustom};
use protocol::{Error, codes, user};
use tim_core::{Command, LoginStatus, Reply, ReqId};

use crate::dispatch::Wait;
use crate::log::{self, Level, Logger};
use crate::reactor::{self, Control, InstanceConfig, Route, ServerUrl, Storage, TlsSettings};
use crate::sys;

mod config;
mod events;
mod inner;
mod listeners;
mod pending;
mod session;
mod write_log;

pub(crate) use config::pin_of_key;
pub use config::{CallbackMode, Config, MAX_PENDING, Preset};
pub(crate) use inner::{Inner, Then};
pub(crate) use listeners::network_error;
pub use listeners::{ExperimentalListener, Listener, Listeners, LogListener, Told};
pub use write_log::write_log;

/// Called once with the outcome of a call.
pub type Completion = Box<dyn FnOnce(Result<Reply, Error>) + Send>;

/// A running client. Dropping it stops it.
pub struct Client {
    inner: Arc<Inner>,
    is_suspended: AtomicBool,
}

/// How a client is doing, for the developer who wonders.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ClientStats {
    /// Calls that were accepted and whose completion has not run.
    pub calls_open: usize,
    /// Jobs that wait for the dispatcher or for a poll.
    pub jobs_waiting: usize,
    /// Completions, events and log lines that were delivered.
    pub jobs_run: u64,
    /// Items of events that were dropped because the app was too slow.
    pub events_dropped: u64,
    /// Lines that the log callback missed because the app was too slow.
    pub log_lines_dropped: u64,
    /// Panics that were caught in callbacks.
    pub panics: u64,
    /// What the reactor tells.
    #[serde(with = "ReactorStats")]
    pub reactor: reactor::Stats,
}

/// The reactor's figures as JSON has them.
#[derive(serde::Serialize)]
#[serde(remote = "reactor::Stats")]
struct ReactorStats {
    queue_depth: u64,
    pending: u64,
    commands: u64,
    turns: u64,
    failed_commits: u64,
    attempts: u64,
    connections: u64,
    reconnects: u64,
    frames_in: u64,
    frames_out: u64,
    bytes_in: u64,
    bytes_out: u64,
}

impl Client {
    /// Starts a client whose listeners are set later.
    pub fn start(config: Config) -> Result<Self, Error> {
        Self::start_with(config, Arc::default(), Arc::default())
    }

    /// Starts a client with listeners and a log of one's own.
    pub fn start_with(
        config: Config,
        listeners: Arc<Listeners>,
        logger: Arc<Logger>,
    ) -> Result<Self, Error> {
        let client = Self::prepare(config, listeners, logger)?;
        client.open()?;
        Ok(client)
    }

    /// Starts everything but the callbacks, which wait for [`Client::open`].
    pub(crate) fn prepare(
        config: Config,
        listeners: Arc<Listeners>,
        logger: Arc<Logger>,
    ) -> Result<Self, Error> {
        if sys::is_cut_off() {
            return Err(Error::of(codes::FORKED));
        }
        if config.app_id == 0 {
            return Err(Error::new(
                codes::INVALID_PARAMETERS,
                "the app id must not be 0",
            ));
        }
        let urls = config
            .urls
            .iter()
            .map(|url| ServerUrl::parse(url))
            .collect::<Result<Vec<_>, Error>>()?;
        for folder in [&config.data_dir, &config.log_dir].into_iter().flatten() {
            let usable = sys::create_private_dir(folder).and_then(|()| sys::check_writable(folder));
            usable.map_err(|error| {
                let text = format!("the folder {} cannot be used: {error}", folder.display());
                Error::new(codes::IO_OPERATION_FAILED, text)
            })?;
        }
        let storage = config.data_dir.map_or(Storage::Memory, Storage::Disk);
        let mut core = tim_core::Config::new(config.app_id, random());
        core.endpoints = urls.len();
        core.platform = config.platform;
        core.user_data = config.user_data;
        core.version = env!("CARGO_PKG_VERSION").into();
        core.connect_timeout = config.connect_timeout;
        core.login_deadline = config.login_timeout;
        core.request_timeout = config.request_timeout;

        let (mode, max) = (config.mode.here(), config.max_pending);
        let inner = Inner::new(mode, max, config.platform, listeners, logger);
        let inner = Arc::new(inner.map_err(|error| {
            Error::new(
                codes::IO_OPERATION_FAILED,
                format!("no descriptor to be had: {error}"),
            )
        })?);
        inner.logger.open(config.log_dir.map(|path| log::Folder {
            path,
            kept_days: config.log_kept_days,
            day_bytes: config.log_day_bytes,
        }));
        inner.attach_log();
        inner.logger.write(
            Level::Info,
            "sdk",
            format_args!(
                "libtim {} starts for app {}, callbacks by {}",
                core.version,
                core.app_id,
                mode.name()
            ),
        );
        let tls = TlsSettings {
            ca_file: config.ca_file,
            pins: config.pins,
        };
        let started = reactor::start(
            InstanceConfig {
                core,
                urls,
                tls,
                storage,
                route: Route {
                    proxy: config.proxy,
                    prefers_ipv6: config.prefers_ipv6,
                },
            },
            inner.clone(),
        );
        match started {
            Ok(instance) => *inner.instance.lock() = Some(instance),
            Err(error) => {
                inner.stop(None);
                return Err(error);
            }
        }
        let is_suspended = AtomicBool::new(false);
        Ok(Self {
            inner,
            is_suspended,
        })
    }

    /// Lets the callbacks run.
    pub(crate) fn open(&self) -> Result<(), Error> {
        match self.inner.mode {
            CallbackMode::Poll => return Ok(()),
            #[cfg(windows)]
            CallbackMode::Window => {
                return self.inner.open_window().map_err(|error| {
                    self.stop();
                    Error::new(codes::INTERNAL, format!("no window to be had: {error}"))
                });
            }
            _ => {}
        }
        let inner = self.inner.clone();
        let mut thread = self.inner.thread.lock();
        let spawned = std::thread::Builder::new()
            .name("tim-dispatch".into())
            .spawn(move || inner.dispatch());
        match spawned {
            Ok(handle) => {
                *thread = Some(handle);
                Ok(())
            }
            Err(error) => {
                drop(thread);
                self.stop();
                Err(Error::new(
                    codes::INTERNAL,
                    format!("no thread to be had: {error}"),
                ))
            }
        }
    }

    /// Makes a call. Refused with [`QUEUE_FULL`](codes::QUEUE_FULL) when too many are open, with
    /// [`SDK_NOT_INITIALIZED`](codes::SDK_NOT_INITIALIZED) after the stop; the completion is
    /// dropped then.
    pub fn submit(&self, command: Command, completion: Completion) -> Result<ReqId, Error> {
        self.try_submit(command, completion)
            .map_err(|(error, _)| error)
    }

    /// The same, with the completion given back.
    pub(crate) fn try_submit(
        &self,
        command: Command,
        completion: Completion,
    ) -> Result<ReqId, (Error, Completion)> {
        self.inner.submit(command, completion)
    }

    /// Sends a message; the id that it will have for ever is returned at once.
    pub fn send(
        &self,
        conv: ConvId,
        mut content: Content,
        local: LocalCustom,
        completion: Completion,
    ) -> Result<String, Error> {
        let msg_id = self.new_message_id(&mut content);
        let command = Command::Send {
            conv,
            msg_id: msg_id.clone(),
            content,
            local,
        };
        self.submit(command, completion)?;
        Ok(msg_id)
    }

    /// Makes the id of a message by the user of the newest login, and fills in what belongs to it.
    pub fn new_message_id(&self, content: &mut Content) -> String {
        let now = now_ms();
        content.client_time = now / 1000;
        content.rand = next_rand();
        content.platform = user::platform::tim_platform(self.inner.platform);
        // IDs that are too long to be valid would only burst the caller's buffer.
        let sender: String = self.inner.session.sender().chars().take(32).collect();
        format!("{sender}-{now}-{}", content.rand)
    }

    /// Who is told of what.
    pub fn listeners(&self) -> &Arc<Listeners> {
        &self.inner.listeners
    }

    /// Its log, for lines of the app: see [`write_log`].
    pub fn logger(&self) -> &Logger {
        &self.inner.logger
    }

    /// Carries out the call `name`, which needs no core, and completes it where and when callbacks
    /// run. Refused, nothing is carried out; carried out as the client stopped, what completes it
    /// is given back.
    pub(crate) fn complete(
        &self,
        name: &'static str,
        run: impl FnOnce() -> Completion,
    ) -> Result<(), (Error, Option<Completion>)> {
        self.inner.complete_here(name, run)
    }

    /// Tells the network listener how things stand, as the first thing that it hears.
    pub fn tell_network(&self) {
        self.inner.tell_network();
    }

    /// Poll mode: runs jobs that wait, `max_jobs` at most (0: all), after waiting for the first
    /// for `timeout` (`None`: for ever). Returns how many ran.
    pub fn poll(&self, max_jobs: usize, timeout: Option<Duration>) -> Result<usize, Error> {
        let max = if max_jobs == 0 { usize::MAX } else { max_jobs };
        let wait = match timeout {
            None => Wait::Forever,
            Some(Duration::ZERO) => Wait::No,
            Some(time) => Wait::For(time),
        };
        self.inner.poll(max, wait)
    }

    /// Poll mode: a descriptor that is readable while jobs wait; -1 where there are none.
    pub fn poll_descriptor(&self) -> i32 {
        self.inner.queue.descriptor()
    }

    /// Poll mode: wakes the app when jobs wait, for a wake-up listener that was set just now.
    pub fn remind(&self) {
        self.inner.queue.remind();
    }

    /// The login state, never older than what a completion or listener has told.
    pub fn login_status(&self) -> LoginStatus {
        self.inner.session.status()
    }

    /// Who is logged in; empty when nobody is.
    pub fn login_user(&self) -> String {
        self.inner.session.user()
    }

    /// The server's clock as far as it is known, milliseconds since 1970.
    pub fn server_time_ms(&self) -> u64 {
        now_ms().saturating_add_signed(self.inner.clock_offset_ms())
    }

    /// How it is doing.
    pub fn stats(&self) -> ClientStats {
        let counters = &self.inner.counters;
        ClientStats {
            calls_open: self.inner.pending.open(),
            jobs_waiting: self.inner.queue.len(),
            jobs_run: counters.jobs_run.load(Ordering::Relaxed),
            events_dropped: counters.events_dropped.load(Ordering::Relaxed),
            log_lines_dropped: counters.log_lines_dropped.load(Ordering::Relaxed),
            panics: counters.panics.load(Ordering::Relaxed),
            reactor: self
                .inner
                .instance
                .lock()
                .as_ref()
                .map(reactor::Instance::stats)
                .unwrap_or_default(),
        }
    }

    /// Closes the database and the connection until [`Client::resume`]. When it returns, the file is
    /// free. Calls get [`SUSPENDED`](codes::SUSPENDED) meanwhile; messages that were accepted go out
    /// afterwards. An error means that the session has ended.
    pub fn suspend(&self) -> Result<(), Error> {
        // Before it is so: a call that comes beside this one is refused rather than lost.
        self.is_suspended.store(true, Ordering::Release);
        self.control(Control::Suspend)
    }

    /// Whether it is suspended, or about to be: a call that nobody would hear of is refused then.
    pub fn is_suspended(&self) -> bool {
        self.is_suspended.load(Ordering::Acquire)
    }

    /// Opens the database again, and connects at once. An error means that the session has ended.
    pub fn resume(&self) -> Result<(), Error> {
        let resumed = self.control(Control::Resume);
        self.is_suspended.store(false, Ordering::Release);
        resumed
    }

    fn control(&self, control: Control) -> Result<(), Error> {
        let instance = self.inner.instance.lock();
        let answer = instance.as_ref().map(|i| i.control(control));
        // Others go on making calls meanwhile.
        drop(instance);
        let stopped = || Err(Error::of(codes::SDK_NOT_INITIALIZED));
        let answer = answer.and_then(|answer| answer.recv().ok());
        answer.unwrap_or_else(stopped)
    }

    /// Something about the network changed: probe or reconnect at once.
    pub fn network_hint(&self) {
        if let Some(instance) = self.inner.instance.lock().as_ref() {
            instance.network_hint();
        }
    }

    /// Completes what is pending with [`SDK_COMM_INTERRUPT`](codes::SDK_COMM_INTERRUPT) and stops;
    /// afterwards nothing of this client runs. Called inside one of its callbacks it returns at
    /// once, and the client stops as soon as that callback has returned.
    pub fn stop(&self) {
        self.inner.stop(None);
    }

    /// The same; false when it was called inside a callback, in which case `then` runs at the end.
    pub(crate) fn stop_then(&self, then: Then) -> bool {
        self.inner.stop(Some(then))
    }

    /// Its callbacks run on a thread of its own.
    pub(crate) fn has_own_thread(&self) -> bool {
        self.inner.mode == CallbackMode::Thread
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Milliseconds since 1970 by the local clock.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// 64 bits that differ from process to process and from call to call.
fn random() -> u64 {
    let mut hasher = std::hash::RandomState::new().build_hasher();
    hasher.write_u64(now_ms());
    hasher.write_u32(std::process::id());
    hasher.finish()
}

/// Counts up from a random start: unique within the process, and hard to meet again in another.
fn next_rand() -> u32 {
    static NEXT: OnceLock<AtomicU32> = OnceLock::new();
    let next = NEXT.get_or_init(|| AtomicU32::new(random() as u32));
    next.fetch_add(1, Ordering::Relaxed)
}
