//! Session: login, logout, heartbeat, the user's stream.

use serde::{Deserialize, Serialize};

use crate::is_default;

/// Feature bits that a client or a server may announce. None is required in `tim.v1`.
pub mod features {
    /// The client understands the events of one-to-one read receipts.
    pub const READ_RECEIPTS: u64 = 1;
    /// The client takes the answer to a message for the message's event in its own stream.
    pub const ANSWER_IS_EVENT: u64 = 2;
    /// The client understands groups: their conversations, events and messages.
    pub const GROUPS: u64 = 4;
}

/// Request of `session.login`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoginReq {
    /// The app.
    pub app_id: u64,
    /// Who logs in.
    pub user_id: String,
    /// The login ticket.
    pub user_sig: String,
    /// A random id of this installation of this user: a newer connection of the same device
    /// replaces the older one silently and is never counted as another device.
    pub device_id: String,
    /// A number of [`crate::user::platform`].
    #[serde(default)]
    pub platform: i32,
    /// Version text of the client, for the operator's statistics.
    #[serde(default)]
    pub version: String,
    /// Feature bits of the client.
    #[serde(default, skip_serializing_if = "is_default")]
    pub features: u64,
    /// True when the client returns by itself after a lost connection: it never kicks others.
    #[serde(default, skip_serializing_if = "is_default")]
    pub resume: bool,
    /// Text of the app for its own server, at most [`crate::limits::USER_DATA_BYTES`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub user_data: String,
    /// The place among the user's devices that the server gave this one last; 0 when it has none,
    /// which is also so after a logout and once the device was told that it lost its place.
    #[serde(default, skip_serializing_if = "is_default")]
    pub place: u64,
}

/// Answer of `session.login`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoginRes {
    /// The server's clock, milliseconds since 1970.
    #[serde(deserialize_with = "crate::number")]
    pub server_time_ms: u64,
    /// Head of the user's stream.
    #[serde(deserialize_with = "crate::number")]
    pub event_seq: u64,
    /// Seconds between heartbeats.
    pub heartbeat_s: u32,
    /// Feature bits of the server.
    #[serde(default, skip_serializing_if = "is_default")]
    pub features: u64,
    /// The user's custom status, which all own devices share.
    #[serde(default, skip_serializing_if = "is_default")]
    pub custom_status: String,
    /// The device's place among those of its user: to be named in later logins.
    #[serde(default, skip_serializing_if = "is_default")]
    pub place: u64,
}

/// Request of `session.logout`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LogoutReq {}
/// Answer of `session.logout`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LogoutRes {}

/// Request of `session.heartbeat`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HeartbeatReq {}

/// Answer of `session.heartbeat`: a client that is behind asks for the difference.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HeartbeatRes {
    /// Head of the user's stream.
    #[serde(deserialize_with = "crate::number")]
    pub event_seq: u64,
    /// The server's clock, milliseconds since 1970.
    #[serde(deserialize_with = "crate::number")]
    pub server_time_ms: u64,
}

/// Request of `session.difference`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DifferenceReq {
    /// The last event that the client has applied.
    pub after: u64,
    /// At most so many events, [`crate::limits::DIFFERENCE_PAGE`] at most.
    pub limit: u32,
}

/// Answer of `session.difference`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct DifferenceRes {
    /// The events after the cursor, in order, without holes.
    pub events: Vec<StreamEvent>,
    /// Head of the stream.
    #[serde(deserialize_with = "crate::number")]
    pub head: u64,
    /// True when the stream no longer reaches back to the cursor: the client takes a snapshot.
    #[serde(default, skip_serializing_if = "is_default")]
    pub too_old: bool,
}

/// An event of the user's stream, with the same name and body as when it is pushed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StreamEvent {
    /// Its place.
    #[serde(deserialize_with = "crate::number")]
    pub seq: u64,
    /// Its name.
    pub ev: String,
    /// Its body.
    pub body: Box<serde_json::value::RawValue>,
}

/// Passing event: this session ends because another device of the user took its place.
pub const EV_KICKED: &str = "session.kicked";
/// Passing event: the ticket has expired; log in again within the grace time.
pub const EV_TICKET_EXPIRED: &str = "session.ticket_expired";
/// Passing event: the server stops; come back after the delay.
pub const EV_SHUTDOWN: &str = "session.shutdown";

/// Passing event: the user's stream stands at least there, should the client not have heard.
pub const EV_HEAD: &str = "session.head";

/// Body of [`EV_HEAD`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// Head of the user's stream.
    #[serde(deserialize_with = "crate::number")]
    pub event_seq: u64,
}

/// Body of [`EV_KICKED`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Kicked {
    /// Platform of the device that took over.
    pub platform: i32,
}

/// Body of [`EV_SHUTDOWN`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Shutdown {
    /// Wait this long before coming back; the client adds jitter.
    #[serde(deserialize_with = "crate::number")]
    pub retry_after_ms: u64,
}
