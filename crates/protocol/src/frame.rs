//! The envelope: one JSON object in each text frame of the WebSocket.
//!
//! | from   | object                                                   | is            |
//! |--------|----------------------------------------------------------|---------------|
//! | client | `{"id":7,"op":"message.send","body":{…}}`                | a request     |
//! | server | `{"id":7,"code":0,"body":{…}}`                           | its answer    |
//! | server | `{"id":7,"code":80002,"desc":"…"}`                       | its refusal   |
//! | server | `{"ev":"message.new","seq":42,"body":{…}}`               | a stream event|
//! | server | `{"ev":"user.status","body":{…}}`                        | a passing event, not in the stream |

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Error, limits};

/// A request as the server reads it.
#[derive(Deserialize)]
pub struct Request<'a> {
    /// Chosen by the client, unique among its requests in flight, echoed in the answer.
    pub id: u64,
    /// Name of an operation of [`crate::ops`].
    #[serde(borrow)]
    pub op: Cow<'a, str>,
    /// The operation's request type as JSON.
    #[serde(borrow, default)]
    pub body: Option<&'a RawValue>,
}

/// What a server sends, as the client reads it.
#[derive(Deserialize)]
struct ServerFrame<'a> {
    id: Option<u64>,
    #[serde(default)]
    code: i32,
    #[serde(borrow, default)]
    desc: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    ev: Option<Cow<'a, str>>,
    seq: Option<u64>,
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
}

/// A server frame, sorted out.
pub enum Incoming<'a> {
    /// The answer to request `id`.
    Answer {
        /// The request's id.
        id: u64,
        /// The answer's body, or the refusal.
        result: Result<&'a str, Error>,
    },
    /// An event; with a `seq` it belongs to the user's stream.
    Event {
        /// Name of the event.
        name: Cow<'a, str>,
        /// Its place in the user's stream.
        seq: Option<u64>,
        /// Its body as JSON text.
        body: &'a str,
    },
}

/// Reads a frame of the server. `None`: not an object of this protocol.
pub fn read_server_frame(frame: &[u8]) -> Option<Incoming<'_>> {
    let frame: ServerFrame<'_> = serde_json::from_slice(frame).ok()?;
    if frame.seq.is_some_and(|seq| seq > limits::NUMBER) {
        return None;
    }
    let body = frame.body.map_or("null", RawValue::get);
    match (frame.id, frame.ev) {
        (Some(id), _) if frame.code == 0 => Some(Incoming::Answer {
            id,
            result: Ok(body),
        }),
        (Some(id), _) => {
            let desc = frame.desc.unwrap_or_default().into_owned();
            Some(Incoming::Answer {
                id,
                result: Err(Error::new(frame.code, desc)),
            })
        }
        (None, Some(name)) => Some(Incoming::Event {
            name,
            seq: frame.seq,
            body,
        }),
        (None, None) => None,
    }
}

/// Reads a frame of a client. `None`: not an object of this protocol.
pub fn read_request(frame: &[u8]) -> Option<Request<'_>> {
    serde_json::from_slice(frame).ok()
}

#[derive(Serialize)]
struct Out<'a, B: Serialize> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    op: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    desc: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ev: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<B>,
}

impl<B: Serialize> Out<'_, B> {
    const EMPTY: Self = Self {
        id: None,
        op: None,
        code: None,
        desc: None,
        ev: None,
        seq: None,
        body: None,
    };

    fn text(&self) -> String {
        serde_json::to_string(self).expect("protocol types always serialise")
    }
}

/// Writes a request.
pub fn write_request<B: Serialize>(id: u64, op: &str, body: &B) -> String {
    Out {
        id: Some(id),
        op: Some(op),
        body: Some(body),
        ..Out::EMPTY
    }
    .text()
}

/// Writes the answer to a request.
pub fn write_answer<B: Serialize>(id: u64, body: &B) -> String {
    Out {
        id: Some(id),
        code: Some(0),
        body: Some(body),
        ..Out::EMPTY
    }
    .text()
}

/// Writes the refusal of a request.
pub fn write_refusal(id: u64, error: &Error) -> String {
    let out: Out<'_, ()> = Out {
        id: Some(id),
        code: Some(error.code),
        desc: Some(&error.desc),
        ..Out::EMPTY
    };
    out.text()
}

/// Writes an event; `seq` is its place in the user's stream, `None` for a passing event.
pub fn write_event<B: Serialize>(name: &str, seq: Option<u64>, body: &B) -> String {
    Out {
        ev: Some(name),
        seq,
        body: Some(body),
        ..Out::EMPTY
    }
    .text()
}

/// Close codes of the WebSocket beyond the standard ones, each with what the client does.
pub mod close {
    /// The server stops; come back after the delay in the reason (`retry_after_ms=…`).
    pub const GOING_AWAY: u16 = 1001;
    /// The peer broke the protocol (not JSON, not the envelope, a binary frame).
    pub const PROTOCOL: u16 = 1002;
    /// A frame larger than [`crate::limits::FRAME_BYTES`].
    pub const TOO_BIG: u16 = 1009;
    /// The session was replaced by a newer one of the same user; do not come back by itself.
    pub const KICKED: u16 = 4001;
    /// No login in time after the handshake.
    pub const LOGIN_TIMEOUT: u16 = 4002;
    /// Nothing was heard for [`crate::limits::IDLE_TIMEOUT`].
    pub const IDLE: u16 = 4003;
    /// The client does not read what it is sent; it catches up by a difference.
    pub const SLOW_READER: u16 = 4004;
    /// Requests come faster than the limit allows.
    pub const TOO_FAST: u16 = 4005;
    /// The ticket expired and its grace time is over.
    pub const TICKET_EXPIRED: u16 = 4006;
    /// The client's protocol version or features are refused.
    pub const VERSION: u16 = 4007;
    /// The server has no room or trouble of its own; come back after the delay in the reason.
    pub const BUSY: u16 = 4008;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_refusals_and_events_are_told_apart() {
        let answer = write_answer(7, &serde_json::json!({"a": 1}));
        assert_eq!(answer, r#"{"id":7,"code":0,"body":{"a":1}}"#);
        let Some(Incoming::Answer {
            id: 7,
            result: Ok(body),
        }) = read_server_frame(answer.as_bytes())
        else {
            panic!("an answer")
        };
        assert_eq!(body, r#"{"a":1}"#);

        let refusal = write_refusal(8, &Error::new(80002, "too \"long\""));
        let Some(Incoming::Answer {
            id: 8,
            result: Err(error),
        }) = read_server_frame(refusal.as_bytes())
        else {
            panic!("a refusal")
        };
        assert_eq!((error.code, &*error.desc), (80002, "too \"long\""));

        let event = write_event("message.new", Some(42), &[1]);
        let Some(Incoming::Event {
            name,
            seq: Some(42),
            body: "[1]",
        }) = read_server_frame(event.as_bytes())
        else {
            panic!("an event")
        };
        assert_eq!(name, "message.new");
    }

    #[test]
    fn foreign_frames_are_refused() {
        for bad in [
            "",
            "[]",
            "{}",
            "null",
            "3",
            "{\"id\":\"x\"}",
            "\u{0}",
            "{\"id\":1",
            "{\"ev\":\"x\",\"seq\":9007199254740992}",
        ] {
            assert!(read_server_frame(bad.as_bytes()).is_none(), "{bad:?}");
            assert!(read_request(bad.as_bytes()).is_none(), "{bad:?}");
        }
        assert!(read_request(&[0xff, 0xfe]).is_none());
    }
}
