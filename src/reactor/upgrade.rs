//! The HTTP request that turns a connection into a WebSocket.
//!
//! tungstenite's own handshake takes an answer that trickles in for an attack; here only its size
//! counts, since the core has the deadline.

use std::io::{ErrorKind, Read, Write};

use protocol::{Error, SUBPROTOCOL, codes, limits};
use tim_core::Why;
use tungstenite::WebSocket;
use tungstenite::handshake::client::{Response, generate_key};
use tungstenite::handshake::derive_accept_key;
use tungstenite::handshake::machine::TryParse;
use tungstenite::protocol::{Role, WebSocketConfig};

use super::fault;
use super::url::ServerUrl;
use super::wire::Wire;

/// Bytes of an answer's head; no server of ours needs a tenth of it.
const HEAD_BYTES: usize = 16 * 1024;

/// Idle connections keep no more than this for reading.
const READ_BUFFER: usize = 4 * 1024;
/// Beyond this, frames of one turn are encrypted before the turn ends.
const WRITE_BUFFER: usize = 64 * 1024;
/// Frames that wait for a server that does not read. A window of the longest messages, escaped,
/// fits.
const WRITE_LIMIT: usize = 8 * limits::WRITE_QUEUE_BYTES;

/// A request that is being sent, or whose answer is awaited.
#[derive(Debug)]
pub(super) struct Upgrade {
    wire: Wire,
    request: Vec<u8>,
    sent: usize,
    answer: Vec<u8>,
    accept_key: String,
}

/// How far it came.
pub(super) enum Upgraded {
    NotYet(Upgrade),
    Open(Box<WebSocket<Wire>>),
}

impl Upgrade {
    pub(super) fn new(wire: Wire, url: &ServerUrl) -> Self {
        let key = generate_key();
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\
             Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\nUser-Agent: libtim/{}\r\n\r\n",
            url.path,
            url.authority(),
            env!("CARGO_PKG_VERSION"),
        );
        Self {
            wire,
            request: request.into_bytes(),
            sent: 0,
            answer: Vec::new(),
            accept_key: derive_accept_key(key.as_bytes()),
        }
    }

    pub(super) fn wire(&mut self) -> &mut Wire {
        &mut self.wire
    }

    /// Goes on as far as it can without waiting.
    pub(super) fn advance(mut self) -> Result<Upgraded, Why> {
        match self.send() {
            Err(e) if e.kind() != ErrorKind::WouldBlock => {
                return Err(Why::new(fault::of_io(&e)));
            }
            _ => {}
        }
        let mut part = [0; 2048];
        loop {
            match self.wire.read(&mut part) {
                Ok(0) => return Err(Why::new(fault::of_io(&ErrorKind::UnexpectedEof.into()))),
                Ok(count) => self.answer.extend_from_slice(&part[..count]),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(Upgraded::NotYet(self)),
                Err(e) => return Err(Why::new(fault::of_io(&e))),
            }
            match Response::try_parse(&self.answer) {
                Ok(Some((size, response))) => return self.finish(size, &response),
                Ok(None) if self.answer.len() <= HEAD_BYTES => {}
                _ => return Err(foreign("its answer is not HTTP")),
            }
        }
    }

    fn send(&mut self) -> std::io::Result<()> {
        while self.sent < self.request.len() {
            self.sent += self.wire.write(&self.request[self.sent..])?;
        }
        self.wire.flush()
    }

    fn finish(self, size: usize, response: &Response) -> Result<Upgraded, Why> {
        let header = |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok());
        if response.status().as_u16() != 101 {
            let status = response.status().as_u16();
            return Err(fault::of_http_status(status, header("retry-after")));
        }
        let is_upgrade = header("upgrade").is_some_and(|v| v.eq_ignore_ascii_case("websocket"));
        if !is_upgrade || header("sec-websocket-accept") != Some(&self.accept_key) {
            return Err(foreign("its answer is no WebSocket handshake"));
        }
        if header("sec-websocket-protocol") != Some(SUBPROTOCOL) {
            return Err(foreign("it does not speak tim.v1"));
        }
        if header("sec-websocket-extensions").is_some() {
            return Err(foreign("it wants an extension that was not offered"));
        }
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(WRITE_BUFFER)
            .max_write_buffer_size(WRITE_LIMIT)
            .max_message_size(Some(limits::FRAME_BYTES))
            .max_frame_size(Some(limits::FRAME_BYTES));
        let rest = self.answer[size..].to_vec();
        let socket = WebSocket::from_partially_read(self.wire, rest, Role::Client, Some(config));
        Ok(Upgraded::Open(Box::new(socket)))
    }
}

fn foreign(what: &str) -> Why {
    let text = codes::text(codes::NOT_A_TIM_SERVER).unwrap_or_default();
    Why::new(Error::new(
        codes::NOT_A_TIM_SERVER,
        format!("{text} ({what})"),
    ))
}
