//! One attempt to reach the server, and the connection that it becomes.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mio::event::Event;
use mio::net::TcpStream;
use mio::{Registry, Token};
use protocol::{Error, codes};
use rustls::{ClientConfig, ClientConnection};
use rustls_pki_types::ServerName;
use tim_core::{Epoch, Why};
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Message, Utf8Bytes, WebSocket};

use super::race::{Experience, Race, Raced};
use super::resolver::{Found, Name};
use super::socks::{Greeted, Greeting};
use super::stats::Counters;
use super::upgrade::{Upgrade, Upgraded};
use super::url::ServerUrl;
use super::wire::Wire;
use super::{Route, fault};

/// How long a closed connection may take to say goodbye.
const FAREWELL_TIME: Duration = Duration::from_millis(200);

/// Reads of a connection in farewell that are thrown away at a time.
const FAREWELL_READS: usize = 16;

/// What a connection reports.
pub(super) enum Happened {
    /// It is open.
    Connected,
    /// A text frame came.
    Frame(Utf8Bytes),
}

/// A connection from the first lookup to its end.
pub(super) struct Link {
    pub(super) epoch: Epoch,
    pub(super) token: Token,
    /// Which of the server URLs.
    pub(super) index: usize,
    url: ServerUrl,
    route: Arc<Route>,
    /// None without TLS.
    tls: Option<Arc<ClientConfig>>,
    counters: Arc<Counters>,
    race: Race,
    /// See [`Link::take_peer`].
    peer: Option<SocketAddr>,
    stage: Stage,
    /// Frames were queued that no flush has seen.
    is_unflushed: bool,
}

enum Stage {
    Resolving,
    Connecting,
    /// Talking to the proxy.
    Greeting(Greeting),
    Upgrading(Upgrade),
    Open(Box<WebSocket<Wire>>),
    /// Failed or being advanced.
    Gone,
}

impl Link {
    pub(super) fn new(
        epoch: Epoch,
        token: Token,
        (index, url): (usize, ServerUrl),
        route: Arc<Route>,
        tls: Option<Arc<ClientConfig>>,
        counters: Arc<Counters>,
    ) -> Self {
        counters.attempts.add(1);
        Self {
            epoch,
            token,
            index,
            url,
            route,
            tls,
            counters,
            race: Race::default(),
            peer: None,
            stage: Stage::Resolving,
            is_unflushed: false,
        }
    }

    /// When [`Link::drive`] wants to be called even if nothing happens.
    pub(super) fn deadline(&self) -> Option<Duration> {
        match &self.stage {
            Stage::Connecting => self.race.deadline(),
            _ => None,
        }
    }

    /// The address that took the connection, as long as nothing has been learnt from it.
    pub(super) fn take_peer(&mut self) -> Option<SocketAddr> {
        self.peer.take()
    }

    /// Whose address is wanted: the proxy's, or the server's.
    pub(super) fn next_hop(&self) -> Name {
        match &self.route.proxy {
            Some(proxy) => (proxy.host.clone(), proxy.port),
            None => (self.url.host.clone(), self.url.port),
        }
    }

    /// What an attempt is at, in words for the log; `None` when the connection is open.
    pub(super) fn doing(&self) -> Option<String> {
        let (host, port) = self.next_hop();
        Some(match &self.stage {
            Stage::Resolving => format!("looking up {host}"),
            Stage::Connecting => format!("connecting to {host}:{port}"),
            Stage::Greeting(_) => format!("waiting for the proxy {host}:{port}"),
            Stage::Upgrading(_) => format!("shaking hands with {}", self.url.authority()),
            Stage::Open(_) | Stage::Gone => return None,
        })
    }

    /// The name has been looked up.
    pub(super) fn on_resolved(&mut self, found: Found, experience: &Experience) -> Result<(), Why> {
        if !matches!(self.stage, Stage::Resolving) {
            return Ok(());
        }
        let no_address = |cause: &str| {
            let code = match self.route.proxy {
                Some(_) => codes::PROXY_UNREACHABLE,
                None => codes::SDK_NET_HOST_GETADDRINFO_FAILED,
            };
            let (text, (host, _)) = (codes::text(code).unwrap_or_default(), self.next_hop());
            Why::new(Error::new(code, format!("{text} ({host}: {cause})")))
        };
        let mut addresses = match found {
            Ok(addresses) if addresses.is_empty() => return Err(no_address("no address")),
            Ok(addresses) => addresses,
            Err(cause) => return Err(no_address(&cause)),
        };
        if self.route.prefers_ipv6 {
            addresses.sort_by_key(|address| !address.is_ipv6());
        }
        self.race = Race::new(experience.order(&addresses));
        self.stage = Stage::Connecting;
        Ok(())
    }

    pub(super) fn on_event(&mut self, event: &Event) {
        match &mut self.stage {
            Stage::Greeting(greeting) => greeting.on_event(event),
            Stage::Upgrading(upgrade) => upgrade.wire().on_event(event),
            Stage::Open(socket) => socket.get_mut().on_event(event),
            _ => {}
        }
    }

    /// Goes on as far as it can without waiting. At most `frames` frames are read; true when more
    /// may be there.
    pub(super) fn drive(
        &mut self,
        now: Duration,
        registry: &Registry,
        frames: usize,
        tell: &mut dyn FnMut(Happened),
    ) -> Result<bool, Why> {
        let is_attempt = !matches!(self.stage, Stage::Open(_));
        self.advance(now, registry, frames, tell)
            .map_err(|why| match is_attempt {
                true => self.named(why),
                false => why,
            })
    }

    /// Says which server an attempt was for: there may be several.
    fn named(&self, mut why: Why) -> Why {
        let text = format!("{} [{}]", why.error.desc, self.url.authority());
        why.error.desc = text.into();
        why
    }

    fn advance(
        &mut self,
        now: Duration,
        registry: &Registry,
        frames: usize,
        tell: &mut dyn FnMut(Happened),
    ) -> Result<bool, Why> {
        loop {
            match std::mem::replace(&mut self.stage, Stage::Gone) {
                Stage::Connecting => {
                    let (token, proxy) = (self.token, &self.route.proxy);
                    let fault = match proxy {
                        Some(_) => fault::of_proxy,
                        None => fault::of_io,
                    };
                    match self.race.advance(now, token, registry, fault) {
                        Raced::NotYet => {
                            self.stage = Stage::Connecting;
                            return Ok(false);
                        }
                        Raced::Won(peer, tcp) => {
                            self.peer = Some(peer);
                            self.stage = match proxy {
                                Some(proxy) => {
                                    Stage::Greeting(Greeting::new(tcp, proxy, &self.url))
                                }
                                None => Stage::Upgrading(self.upgrade(tcp)?),
                            };
                        }
                        Raced::Lost(error) => return Err(Why::new(error)),
                    }
                }
                Stage::Greeting(greeting) => match greeting.advance()? {
                    Greeted::NotYet(greeting) => {
                        self.stage = Stage::Greeting(greeting);
                        return Ok(false);
                    }
                    Greeted::Through(tcp) => {
                        self.stage = Stage::Upgrading(self.upgrade(tcp)?);
                    }
                },
                Stage::Upgrading(upgrade) => match upgrade.advance() {
                    Err(why) => self.disqualify(why)?,
                    Ok(Upgraded::NotYet(upgrade)) => {
                        self.stage = Stage::Upgrading(upgrade);
                        return Ok(false);
                    }
                    Ok(Upgraded::Open(socket)) => {
                        self.stage = Stage::Open(socket);
                        self.counters.connections.add(1);
                        tell(Happened::Connected);
                    }
                },
                Stage::Open(mut socket) => {
                    let more = self.read(&mut socket, frames, tell)?;
                    self.stage = Stage::Open(socket);
                    return Ok(more);
                }
                stage @ (Stage::Resolving | Stage::Gone) => {
                    self.stage = stage;
                    return Ok(false);
                }
            }
        }
    }

    /// Queues a text frame; [`Link::flush`] sends what is queued.
    pub(super) fn send(&mut self, text: String) -> Result<(), Why> {
        let Stage::Open(socket) = &mut self.stage else {
            return Ok(());
        };
        self.counters.frames_out.add(1);
        self.is_unflushed = true;
        // A frame that finds the socket full is queued: only errors that end the connection are
        // errors here.
        blocked_is_fine(socket.write(Message::text(text))).map(drop)
    }

    /// Hands what is queued to the socket; what the socket does not take goes when it can.
    pub(super) fn flush(&mut self) -> Result<(), Why> {
        let Stage::Open(socket) = &mut self.stage else {
            return Ok(());
        };
        if !std::mem::take(&mut self.is_unflushed) {
            return Ok(());
        }
        let is_sent = blocked_is_fine(socket.flush())?;
        self.is_unflushed = !is_sent;
        Ok(())
    }

    /// Ends it. What was queued is still sent when the connection was open.
    pub(super) fn close(self, now: Duration) -> Option<Farewell> {
        let Stage::Open(mut socket) = self.stage else {
            return None;
        };
        let frame = CloseFrame {
            code: CloseCode::Normal,
            reason: "".into(),
        };
        match socket.close(Some(frame)) {
            Ok(()) => {}
            Err(tungstenite::Error::Io(e)) if e.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return None,
        }
        let mut farewell = Farewell {
            token: self.token,
            until: now + FAREWELL_TIME,
            socket,
            is_sent: false,
        };
        (!farewell.drive(now)).then_some(farewell)
    }

    fn read(
        &mut self,
        socket: &mut WebSocket<Wire>,
        frames: usize,
        tell: &mut dyn FnMut(Happened),
    ) -> Result<bool, Why> {
        // A writable socket is reported as an event like any other.
        if self.is_unflushed {
            self.is_unflushed = !blocked_is_fine(socket.flush())?;
        }
        for _ in 0..frames {
            match socket.read() {
                Ok(Message::Text(text)) => {
                    self.counters.frames_in.add(1);
                    tell(Happened::Frame(text));
                }
                // The pong is queued and leaves with the next read or flush.
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
                Ok(Message::Binary(_)) => {
                    goodbye(socket, CloseCode::Unsupported);
                    let text = "the server sent a binary frame";
                    return Err(Why::new(Error::new(codes::PROTOCOL, text)));
                }
                Ok(Message::Close(frame)) => {
                    // The answer to it, if the socket takes it.
                    let _ = socket.flush();
                    return Err(fault::of_close(frame.as_ref()));
                }
                Err(tungstenite::Error::Io(e)) if e.kind() == ErrorKind::WouldBlock => {
                    return Ok(false);
                }
                Err(error) => {
                    match &error {
                        tungstenite::Error::Capacity(_) => goodbye(socket, CloseCode::Size),
                        tungstenite::Error::Protocol(_) => goodbye(socket, CloseCode::Protocol),
                        _ => {}
                    }
                    return Err(Why::new(fault::of_websocket(&error)));
                }
            }
        }
        Ok(true)
    }

    fn upgrade(&self, tcp: TcpStream) -> Result<Upgrade, Why> {
        // Failing to set it costs latency, nothing else.
        let _ = tcp.set_nodelay(true);
        let tls = match &self.tls {
            Some(config) => {
                let name = ServerName::try_from(self.url.host.clone());
                let session = name.map_err(|e| e.to_string()).and_then(|name| {
                    ClientConnection::new(config.clone(), name).map_err(|e| e.to_string())
                });
                Some(session.map_err(|e| {
                    Why::new(Error::new(
                        codes::TLS_FAILED,
                        format!("TLS cannot start: {e}"),
                    ))
                })?)
            }
            None => None,
        };
        let wire = Wire::new(tcp, tls, self.counters.clone());
        Ok(Upgrade::new(wire, &self.url))
    }

    /// The address that took the connection made nothing of it. A server that can be understood and
    /// does not fit will not fit at another address of the same name.
    fn disqualify(&mut self, why: Why) -> Result<(), Why> {
        let is_silent = matches!(
            why.error.code,
            codes::SDK_NET_DISCONNECT | codes::SDK_NET_RESET_BY_PEER
        );
        if !is_silent {
            return Err(why);
        }
        if !self.race.disqualify(why.error) {
            return Err(Why::new(self.race.verdict()));
        }
        self.peer = None;
        self.stage = Stage::Connecting;
        Ok(())
    }
}

/// A connection that was closed by us and may still say so.
pub(super) struct Farewell {
    pub(super) token: Token,
    pub(super) until: Duration,
    socket: Box<WebSocket<Wire>>,
    is_sent: bool,
}

impl Farewell {
    pub(super) fn on_event(&mut self, event: &Event) {
        self.socket.get_mut().on_event(event);
    }

    /// Everything that was to be sent is with the system.
    pub(super) fn is_sent(&self) -> bool {
        self.is_sent
    }

    /// True when it is over. Closing a socket with unread bytes in it would cut off what the
    /// server has not read yet, hence the reading.
    pub(super) fn drive(&mut self, now: Duration) -> bool {
        if now >= self.until {
            return true;
        }
        if !self.is_sent {
            let flushed = self.socket.flush();
            match flushed {
                Ok(()) => {}
                Err(tungstenite::Error::Io(e)) if e.kind() == ErrorKind::WouldBlock => {
                    return false;
                }
                Err(_) => return true,
            }
            match self.socket.get_mut().finish_writing() {
                Ok(()) => self.is_sent = true,
                Err(e) if e.kind() == ErrorKind::WouldBlock => return false,
                Err(_) => return true,
            }
        }
        self.socket.get_mut().discard(FAREWELL_READS)
    }
}

/// True when all went out, false when some of it waits for the socket.
fn blocked_is_fine(result: tungstenite::Result<()>) -> Result<bool, Why> {
    match result {
        Ok(()) => Ok(true),
        Err(tungstenite::Error::Io(e)) if e.kind() == ErrorKind::WouldBlock => Ok(false),
        Err(error) => Err(Why::new(fault::of_websocket(&error))),
    }
}

/// Tells the server why it is left, if the socket takes it.
fn goodbye(socket: &mut WebSocket<Wire>, code: CloseCode) {
    let reason = "".into();
    let _ = socket.close(Some(CloseFrame { code, reason }));
}
