//! The data of the `tim.v1` protocol, shared by client and server: entities, the table of
//! operations, events, frames, codes, limits and login tickets.
//!
//! Nothing here does I/O, reads a clock or keeps state. `docs/protocol.md` describes the same wire
//! for readers who write another client.
#![warn(missing_docs)]
#![forbid(unsafe_code)]

pub mod codes;
pub mod conversation;
pub mod error;
pub mod frame;
pub mod group;
pub mod limits;
pub mod message;
pub mod ops;
pub mod reader;
pub mod receive;
pub mod session;
pub mod user;
pub mod usersig;

pub use error::Error;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// The WebSocket subprotocol of this wire. A server that does not speak it must not select it.
pub const SUBPROTOCOL: &str = "tim.v1";
/// The path of the WebSocket endpoint when a server URL names none.
pub const DEFAULT_PATH: &str = "/v1";

/// Reads a count, a place or a time. More than [`limits::NUMBER`] is none of these: refused here, so
/// that arithmetic with what comes over the wire, and a database's signed numbers, have room.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    match u64::deserialize(deserializer)? {
        number if number <= limits::NUMBER => Ok(number),
        _ => Err(D::Error::custom("a number beyond 2^53 - 1")),
    }
}

/// Leaves a field out of JSON when it has its default value.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
