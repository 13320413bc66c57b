//! What a driver has to know of a request before it is handled.

use std::borrow::Cow;

use protocol::frame;
use protocol::ops::{Difference, GetProfiles, GetStatus, History, Logout, Op, Snapshot};

use super::session::PAGE_BYTES;

/// What an answer and an event have around a message.
const ENVELOPE: usize = 256;
/// The status of a user in an answer is so much longer than the user in the request.
const STATUS_GROWTH: usize = 64;

/// What can be told of a request from its frame alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// So many bytes, about, may come back to the caller.
    pub bytes: usize,
    /// Nobody but the caller learns of it.
    pub reads_only: bool,
    /// The session may be closed by it.
    pub logout: bool,
}

impl Forecast {
    /// Of a frame.
    pub fn of(text: &[u8]) -> Self {
        let op = op_of(text).unwrap_or_default();
        let (bytes, reads_only) = match &*op {
            Difference::NAME | GetProfiles::NAME | History::NAME | Snapshot::NAME => {
                (PAGE_BYTES, true)
            }
            GetStatus::NAME => (PAGE_BYTES.min(text.len() * STATUS_GROWTH), true),
            _ => (text.len(), false),
        };
        Self {
            bytes: bytes + ENVELOPE,
            reads_only,
            logout: op == Logout::NAME,
        }
    }
}

/// The operation's name: as a rule it can be seen without reading all of the frame.
fn op_of(text: &[u8]) -> Option<Cow<'_, str>> {
    let seen = || {
        let rest = text.strip_prefix(b"{\"id\":")?;
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let rest = rest[digits..].strip_prefix(b",\"op\":\"")?;
        let name = &rest[..rest.iter().position(|b| *b == b'"')?];
        std::str::from_utf8(name).ok().filter(|n| !n.contains('\\'))
    };
    match seen() {
        Some(name) => Some(Cow::Borrowed(name)),
        None => Some(frame::read_request(text)?.op),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_a_frame_does_not_matter() {
        for text in [
            r#"{"id":1,"op":"message.history","body":{}}"#,
            r#"{ "op" : "message.history", "id" : 1 }"#,
            r#"{"id":1,"op":"message.\u0068istory"}"#,
            r#"{"body":{"op":"message.send"},"op":"message.history","id":1}"#,
        ] {
            let forecast = Forecast::of(text.as_bytes());
            assert!(forecast.reads_only && forecast.bytes > PAGE_BYTES, "{text}");
        }
        let send = r#"{"id":1,"op":"message.send","body":{"op":"message.history"}}"#;
        let forecast = Forecast::of(send.as_bytes());
        assert_eq!(
            (forecast.bytes, forecast.reads_only),
            (send.len() + ENVELOPE, false)
        );
        assert!(Forecast::of(br#"{"id":1,"op":"session.logout"}"#).logout);
        for garbage in ["", "{\"id\":", "{\"id\":1,\"op\":\"", "[]"] {
            assert!(!Forecast::of(garbage.as_bytes()).reads_only);
        }
    }
}
