//! The one global of the library: the instance behind the C interface, and what outlives it.

use std::ffi::c_int;
use std::sync::{Arc, LazyLock};
use std::thread::{self, JoinHandle, ThreadId};

use parking_lot::{Condvar, Mutex, MutexGuard, RwLock};
use serde_json::{Map, Value};

use super::enums::{TIM_ERR_PARAM, TIM_SUCC};
use super::settings::Settings;
use crate::log::{Level, Logger, Sink};
use crate::sdk::{Client, Config, Listeners, Preset};
use crate::sys;

static GLOBAL: LazyLock<Global> = LazyLock::new(Global::new);

struct Global {
    /// What calls are made on; gone from the first moment of `tim_uninit`.
    current: RwLock<Option<Arc<Client>>>,
    life: Mutex<Life>,
    moved: Condvar,
    listeners: Arc<Listeners>,
    logger: Arc<Logger>,
    settings: Mutex<Settings>,
    /// Why the last `tim_init` failed.
    trouble: Mutex<Option<String>>,
}

struct Life {
    state: State,
    /// A dispatcher thread that stopped its client from inside a callback and is about to end.
    leaving: Option<JoinHandle<()>>,
}

enum State {
    Off,
    /// This thread is at work on it. It will not wait for a callback, but when the start fails it
    /// tells the log callback of it.
    Starting(ThreadId),
    On(Arc<Client>, StartUp),
    /// Callbacks may still run; an init that came from one of them is carried out at the end.
    Closing(Arc<Client>, Option<StartUp>),
}

/// What a client is started with, and what of it was said before `tim_init`.
struct StartUp {
    config: Config,
    preset: Preset,
}

impl Global {
    fn new() -> Self {
        let (listeners, logger) = (Arc::<Listeners>::default(), Arc::<Logger>::default());
        logger.set_sink(Some(Arc::new(Direct(listeners.clone()))));
        Self {
            current: RwLock::new(None),
            life: Mutex::new(Life {
                state: State::Off,
                leaving: None,
            }),
            moved: Condvar::new(),
            listeners,
            logger,
            settings: Mutex::default(),
            trouble: Mutex::new(None),
        }
    }
}

/// While no instance runs there is no thread of ours: lines are told on the thread that causes
/// them.
struct Direct(Arc<Listeners>);

impl Sink for Direct {
    fn line(&self, level: Level, line: String) {
        if !Listeners::is_logging() {
            self.0.tell_log(level, &line);
        }
    }
}

/// The running client.
pub(super) fn current() -> Option<Arc<Client>> {
    GLOBAL.current.read().clone()
}

/// The listeners, which outlive the client.
pub(super) fn listeners() -> &'static Arc<Listeners> {
    &GLOBAL.listeners
}

/// The log, which outlives the client.
pub(super) fn logger() -> &'static Logger {
    &GLOBAL.logger
}

/// The settings, which outlive the client.
pub(super) fn settings() -> MutexGuard<'static, Settings> {
    GLOBAL.settings.lock()
}

/// Why the last init failed, until one succeeds.
pub(super) fn trouble() -> Option<String> {
    GLOBAL.trouble.lock().clone()
}

/// `tim_init` with its arguments parsed.
pub(super) fn init(app_id: u64, json: &Map<String, Value>) -> c_int {
    let preset = settings().preset.clone();
    let config = match Config::from_json(app_id, json, &preset) {
        Ok(config) => config,
        Err(error) => return fail(&error.to_string()),
    };
    let start_up = StartUp { config, preset };
    let mut life = settled();
    match &mut life.state {
        State::On(_, running) => {
            // Settings that were made since wait for the next one.
            let again = Config::from_json(app_id, json, &running.preset);
            if again.is_ok_and(|again| again == running.config) {
                return TIM_SUCC;
            }
            drop(life);
            fail("it is initialised already, with another app id or config")
        }
        // It would begin on the thread that is about to end.
        State::Closing(client, _) if start_up.config.wants_loop() && client.has_own_thread() => {
            drop(life);
            fail(
                "window mode begins on a thread with a message loop, not in thread mode's callbacks",
            )
        }
        State::Closing(_, next) => {
            *next = Some(start_up);
            TIM_SUCC
        }
        // From the log callback, on the thread that is starting it.
        State::Starting(_) => TIM_ERR_PARAM,
        State::Off => {
            life.state = State::Starting(thread::current().id());
            drop(life);
            start(start_up)
        }
    }
}

/// `tim_uninit`.
pub(super) fn uninit() {
    let mut life = settled();
    match &mut life.state {
        State::Off | State::Starting(_) => {}
        // From inside a callback: an init that came meanwhile is taken back.
        State::Closing(_, next) => *next = None,
        State::On(client, _) => {
            let client = client.clone();
            life.state = State::Closing(client.clone(), None);
            drop(life);
            *GLOBAL.current.write() = None;
            if client.stop_then(Box::new(closed)) {
                closed(None);
            }
        }
    }
}

/// Waits until no other thread is about to change the state. A state of `Closing` or `Starting` is
/// returned only inside a callback, which must not wait for itself.
fn settled() -> MutexGuard<'static, Life> {
    let me = thread::current().id();
    let mut life = GLOBAL.life.lock();
    loop {
        if let Some(thread) = life.leaving.take_if(|thread| thread.thread().id() != me) {
            drop(life);
            // It has only to end.
            drop(thread.join());
            life = GLOBAL.life.lock();
            continue;
        }
        let wait = match &life.state {
            State::Off | State::On(..) => false,
            State::Starting(thread) => *thread != me,
            State::Closing(client, _) => !client.inner().is_inside(),
        };
        if !wait {
            return life;
        }
        GLOBAL.moved.wait(&mut life);
    }
}

/// The client has stopped.
fn closed(leaving: Option<JoinHandle<()>>) {
    let mut life = GLOBAL.life.lock();
    // One that is there is this very thread, which told the log callback of a failed start.
    life.leaving = leaving.or(life.leaving.take());
    let state = std::mem::replace(&mut life.state, State::Off);
    if let State::Closing(_, Some(_)) = &state {
        life.state = State::Starting(thread::current().id());
    }
    drop(life);
    GLOBAL.moved.notify_all();
    // The client goes here, without the lock.
    if let State::Closing(_, Some(start_up)) = state {
        start(start_up);
    }
}

/// Starts the client; the state is `Starting` and belongs to this thread.
fn start(start_up: StartUp) -> c_int {
    sys::pin();
    let config = start_up.config.clone();
    let prepared = Client::prepare(config, GLOBAL.listeners.clone(), GLOBAL.logger.clone());
    let opened = prepared.and_then(|client| {
        let client = Arc::new(client);
        // Before the first callback, which may make calls.
        *GLOBAL.current.write() = Some(client.clone());
        client.open()?;
        Ok(client)
    });
    let (state, error) = match opened {
        Ok(client) => {
            *GLOBAL.trouble.lock() = None;
            (State::On(client, start_up), None)
        }
        Err(error) => {
            *GLOBAL.current.write() = None;
            (State::Off, Some(error))
        }
    };
    GLOBAL.life.lock().state = state;
    GLOBAL.moved.notify_all();
    // Only now, since the log callback may start or stop it in its turn.
    error.map_or(TIM_SUCC, |error| fail(&error.to_string()))
}

pub(super) fn fail(cause: &str) -> c_int {
    *GLOBAL.trouble.lock() = Some(cause.to_owned());
    GLOBAL
        .logger
        .write(Level::Error, "ffi", format_args!("tim_init: {cause}"));
    TIM_ERR_PARAM
}
