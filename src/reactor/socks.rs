//! What is said to a SOCKS5 proxy before a connection through it is the server's: RFC 1928, with
//! name and password of RFC 1929. The proxy is given the server's name, and looks it up itself.

use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::net::IpAddr;

use mio::event::Event;
use mio::net::TcpStream;
use protocol::{Error, codes};
use tim_core::Why;

use super::fault;
use super::url::ServerUrl;
use super::wire::{again, may_read};

const VERSION: u8 = 5;
const LOGIN_VERSION: u8 = 1;
const NO_LOGIN: u8 = 0;
const NAME_AND_PASSWORD: u8 = 2;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// A SOCKS5 proxy.
#[derive(Clone, PartialEq, Eq)]
pub struct Socks5 {
    /// A name or an IP address, without brackets.
    pub host: String,
    /// Never 0.
    pub port: u16,
    /// Name, 1 to [`Socks5::MAX_LOGIN`] bytes, and password, at most as many.
    pub login: Option<(String, String)>,
}

impl Socks5 {
    /// Bytes that the protocol has room for, in a name and in a password.
    pub const MAX_LOGIN: usize = 255;
}

impl fmt::Debug for Socks5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Socks5({}, login: {})", self, self.login.is_some())
    }
}

impl fmt::Display for Socks5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// What is being asked.
#[derive(Clone, Copy)]
enum Step {
    Method,
    Login,
    Connect,
}

/// A connection to a proxy that is not yet one to the server.
pub(super) struct Greeting {
    tcp: TcpStream,
    step: Step,
    words: Vec<u8>,
    sent: usize,
    answer: Vec<u8>,
    /// Name and password, as they go out.
    login: Option<Vec<u8>>,
    request: Vec<u8>,
    /// Nothing to read until the poll says so.
    is_drained: bool,
}

/// How far it came.
pub(super) enum Greeted {
    NotYet(Greeting),
    /// From here on the other side is the server.
    Through(TcpStream),
}

impl Greeting {
    pub(super) fn new(tcp: TcpStream, proxy: &Socks5, url: &ServerUrl) -> Self {
        let methods: &[u8] = match proxy.login {
            Some(_) => &[VERSION, 2, NO_LOGIN, NAME_AND_PASSWORD],
            None => &[VERSION, 1, NO_LOGIN],
        };
        let login = proxy.login.as_ref().map(|(name, password)| {
            let mut words = vec![LOGIN_VERSION];
            push_text(&mut words, name);
            push_text(&mut words, password);
            words
        });
        let mut request = vec![VERSION, CONNECT, 0];
        match url.ip() {
            Some(IpAddr::V4(ip)) => {
                request.push(IPV4);
                request.extend(ip.octets());
            }
            Some(IpAddr::V6(ip)) => {
                request.push(IPV6);
                request.extend(ip.octets());
            }
            None => {
                request.push(NAME);
                push_text(&mut request, &url.host);
            }
        }
        request.extend(url.port.to_be_bytes());
        Self {
            tcp,
            step: Step::Method,
            words: methods.to_vec(),
            sent: 0,
            answer: Vec::new(),
            login,
            request,
            is_drained: false,
        }
    }

    /// Takes note of what the poll reported.
    pub(super) fn on_event(&mut self, event: &Event) {
        self.is_drained &= !may_read(event);
    }

    /// Goes on as far as it can without waiting.
    pub(super) fn advance(mut self) -> Result<Greeted, Why> {
        loop {
            match self.exchange() {
                Ok(()) => {}
                Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(Greeted::NotYet(self)),
                Err(e) if e.kind() == ErrorKind::UnexpectedEof => {
                    return Err(failed("it hung up"));
                }
                Err(e) => return Err(Why::new(fault::of_proxy(&e))),
            }
            let answer = std::mem::take(&mut self.answer);
            self.sent = 0;
            (self.step, self.words) = match self.step {
                Step::Method => match (answer[0], answer[1], self.login.take()) {
                    (VERSION, NO_LOGIN, _) => (Step::Connect, std::mem::take(&mut self.request)),
                    (VERSION, NAME_AND_PASSWORD, Some(login)) => (Step::Login, login),
                    (VERSION, 0xff, Some(_)) => return Err(locked("it takes no password")),
                    (VERSION, 0xff, None) => return Err(locked("it wants a name and a password")),
                    (VERSION, ..) => return Err(failed("it chose what was not offered")),
                    _ => return Err(failed("it does not speak SOCKS5")),
                },
                Step::Login => match (answer[0], answer[1]) {
                    (LOGIN_VERSION, 0) => (Step::Connect, std::mem::take(&mut self.request)),
                    _ => return Err(locked("name or password are wrong")),
                },
                Step::Connect => match (answer[0], answer[1]) {
                    (VERSION, 0) => return Ok(Greeted::Through(self.tcp)),
                    (VERSION, reply) => return Err(refused(reply)),
                    _ => return Err(failed("it does not speak SOCKS5")),
                },
            };
        }
    }

    /// Says what is to be said, and reads the answer: not a byte more, as the next is the server's.
    fn exchange(&mut self) -> std::io::Result<()> {
        while self.sent < self.words.len() {
            let rest = &self.words[self.sent..];
            self.sent += again(|| self.tcp.write(rest))?;
        }
        loop {
            let missing = self.wanted().saturating_sub(self.answer.len());
            if missing == 0 {
                return Ok(());
            }
            // The longest answer: a head of 5 bytes, a name of 255, a port.
            let mut part = [0; 262];
            if self.is_drained {
                return Err(ErrorKind::WouldBlock.into());
            }
            let read = again(|| self.tcp.read(&mut part[..missing]));
            self.is_drained = matches!(&read, Err(e) if e.kind() == ErrorKind::WouldBlock);
            match read? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                count => self.answer.extend_from_slice(&part[..count]),
            }
        }
    }

    /// Bytes of the whole answer, as far as what has come of it tells.
    fn wanted(&self) -> usize {
        match (self.step, self.answer.as_slice()) {
            (Step::Method | Step::Login, _) => 2,
            // A refusal may come without the rest.
            (Step::Connect, [version, reply, ..]) if (*version, *reply) != (VERSION, 0) => 2,
            (Step::Connect, [_, _, _, IPV4, ..]) => 10,
            (Step::Connect, [_, _, _, IPV6, ..]) => 22,
            (Step::Connect, [_, _, _, _, length, ..]) => 7 + usize::from(*length),
            (Step::Connect, [_, _, _, _]) => 5,
            (Step::Connect, [_, _, ..]) => 4,
            (Step::Connect, _) => 2,
        }
    }
}

/// A text after its length. Whoever configures a proxy has seen to it that it is short enough.
fn push_text(words: &mut Vec<u8>, text: &str) {
    let text = &text.as_bytes()[..text.len().min(Socks5::MAX_LOGIN)];
    words.push(text.len() as u8);
    words.extend(text);
}

/// The proxy does not make the connection. What it says of the server has the server's codes.
fn refused(reply: u8) -> Why {
    let (code, what) = match reply {
        2 => (codes::PROXY_FAILED, "its rules forbid this server"),
        3 => (codes::SDK_NET_NET_UNREACH, "says the proxy"),
        4 => (
            codes::SDK_NET_NET_UNREACH,
            "the proxy does not reach the server's machine or find its name",
        ),
        5 => (codes::SDK_NET_CONN_REFUSE, "says the proxy"),
        6 => (codes::SDK_NET_CONN_TIMEOUT, "says the proxy"),
        _ => return failed(&format!("it answers with error {reply}")),
    };
    told(code, what)
}

fn locked(what: &str) -> Why {
    told(codes::PROXY_LOGIN, what)
}

fn failed(what: &str) -> Why {
    told(codes::PROXY_FAILED, what)
}

fn told(code: i32, what: &str) -> Why {
    let text = codes::text(code).unwrap_or_default();
    Why::new(Error::new(code, format!("{text} ({what})")))
}
