//! The sans-IO chat client: every rule of chat as a state machine.
//!
//! No socket, clock, thread, file or randomness in here: inputs come through [`Core::handle`],
//! each with the time; what shall happen comes out of [`Core::poll_output`]; storage is the trait
//! [`store::Store`]. One turn of a driver is: any number of `handle`, one [`Core::settle`], commit
//! the store, then drain `poll_output` and carry it out.
#![warn(missing_docs)]
#![forbid(unsafe_code)]

use std::time::Duration;

use protocol::{Error, limits};

pub mod command;
pub mod search;
pub mod store;

mod client;
mod conversation;
mod group;
mod link;
mod message;
mod random;
mod request;
mod session;
mod suspend;
mod sync;
mod user;

pub use client::Core;
pub use command::{Command, ConvGroupEvent, Event, LoginStatus, NetworkStatus, Reply, ReqId};
pub use session::{MOVES, Move};

/// A connection attempt and what comes of it. Inputs that carry an older number are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Epoch(pub u32);

/// The time of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Monotonic, since any fixed moment.
    pub mono: Duration,
    /// Wall clock, milliseconds since 1970.
    pub unix_ms: u64,
}

/// What the core needs to know of its instance.
#[derive(Debug, Clone)]
pub struct Config {
    /// The app.
    pub app_id: u64,
    /// What this runs on, to report: a number of [`protocol::user::platform`].
    pub platform: i32,
    /// Version text to report.
    pub version: String,
    /// Text of the app that every login takes to the server.
    pub user_data: String,
    /// How many server URLs there are; they are tried in turn.
    pub endpoints: usize,
    /// Seed of everything that has to be random.
    pub seed: u64,
    /// Time that one connection attempt may take.
    pub connect_timeout: Duration,
    /// Time that a login may take, whatever happens on the way.
    pub login_deadline: Duration,
    /// Time that one request may take.
    pub request_timeout: Duration,
}

impl Config {
    /// The defaults of [`limits`] for an app with one server URL.
    pub fn new(app_id: u64, seed: u64) -> Self {
        Self {
            app_id,
            platform: protocol::user::platform::OTHER,
            version: env!("CARGO_PKG_VERSION").into(),
            user_data: String::new(),
            endpoints: 1,
            seed,
            connect_timeout: limits::HANDSHAKE_TIMEOUT,
            login_deadline: limits::LOGIN_DEADLINE,
            request_timeout: limits::REQUEST_TIMEOUT,
        }
    }
}

/// Why a connection attempt failed or an open connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The code that the app is told: 9508, 9510-9514, 9516, 5010-5026.
    pub error: Error,
    /// The close code of the WebSocket, when the server sent one.
    pub close_code: Option<u16>,
    /// The server asked to wait so long.
    pub retry_after_ms: Option<u64>,
}

impl Why {
    /// A reason without a word from the server.
    pub fn new(error: Error) -> Self {
        Self {
            error,
            close_code: None,
            retry_after_ms: None,
        }
    }
}

/// Something the machine tells that it knows of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetHint {
    /// It changed, or the machine woke up: probe or reconnect at once.
    Changed,
}

/// What happens to the core.
#[derive(Debug)]
pub enum Input<'a> {
    /// The instance has started: look once whether the server can be reached.
    Start,
    /// The app calls.
    Command(ReqId, Command),
    /// The WebSocket is open, with the subprotocol agreed.
    Connected(Epoch),
    /// The attempt failed, or the connection ended.
    Disconnected(Epoch, Why),
    /// A text frame came.
    Frame(Epoch, &'a [u8]),
    /// A hint about the network.
    Network(NetHint),
    /// Close the store and the connection, until [`Input::Resume`]; answered by
    /// [`Output::Controlled`].
    Suspend,
    /// Open them again; answered in the same way.
    Resume,
    /// The app has been given all that came before [`Output::Mark`] with this number.
    Told(u64),
    /// Time has passed; at or after [`Core::next_timeout`].
    Timeout,
    /// The last commit failed: nothing of that turn may be told.
    CommitFailed(store::StoreError),
    /// The instance stops: every pending call is completed with 7009. Nothing comes after it.
    Stop,
}

/// What the core wants done, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Connect to the server URL with this index.
    Connect(Epoch, usize),
    /// Write what was sent before, then close; no `Disconnected` is wanted.
    Close(Epoch),
    /// Send a text frame.
    Send(Epoch, String),
    /// Complete a call.
    Complete(ReqId, Result<Reply, Error>),
    /// Tell the app.
    Notify(Event),
    /// New messages came before this: say [`Input::Told`] when the app has been given them. What it has
    /// not been given when the process dies is told again after the user's next login.
    Mark(u64),
    /// The login state as of the next completion or event. It holds only while `by`, the newest
    /// login or logout that the core knows, is the newest that the app has made.
    LoginState {
        /// 1, 2, 3 or 4.
        status: LoginStatus,
        /// The user; empty when logged out.
        user_id: String,
        /// The newest login or logout that has been taken into account.
        by: ReqId,
    },
    /// The answer to [`Input::Suspend`] or [`Input::Resume`]. After an error the session has ended.
    Controlled(Result<(), Error>),
    /// Server clock less local clock, milliseconds.
    ClockOffset(i64),
    /// For the log: something that an operator or developer should see.
    Log(LogLevel, String),
}

/// Severity of a line of [`Output::Log`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Detail.
    Debug,
    /// A step of the session.
    Info,
    /// Something that went wrong and was dealt with.
    Warn,
    /// A bug, or a lost file.
    Error,
}
