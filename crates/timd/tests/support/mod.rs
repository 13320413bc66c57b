//! A blocking client of the wire, for tests over real sockets and TLS.
#![allow(dead_code, clippy::unwrap_used, clippy::disallowed_methods)]

pub mod process;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject};
use serde_json::{Value, json};
use timd::Server;
use timd::testing::TestServer;
use tungstenite::client::IntoClientRequest;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error as WsError, Message, WebSocket};

pub type Tls = StreamOwned<ClientConnection, TcpStream>;

/// Longer than anything in a test takes; only a failing test waits for it.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Something to connect to.
pub trait Target {
    fn addr(&self) -> SocketAddr;
    fn ca_pem(&self) -> Option<String>;
    fn app_id(&self) -> u64;
    fn usersig(&self, user_id: &str, expire_s: u64) -> String;
}

impl Target for Server {
    fn addr(&self) -> SocketAddr {
        self.addr()
    }
    fn ca_pem(&self) -> Option<String> {
        self.ca_pem()
    }
    fn app_id(&self) -> u64 {
        self.app_id()
    }
    fn usersig(&self, user_id: &str, expire_s: u64) -> String {
        self.usersig(user_id, expire_s)
    }
}

impl Target for TestServer {
    fn addr(&self) -> SocketAddr {
        Server::addr(self)
    }
    fn ca_pem(&self) -> Option<String> {
        Server::ca_pem(self)
    }
    fn app_id(&self) -> u64 {
        Server::app_id(self)
    }
    fn usersig(&self, user_id: &str, expire_s: u64) -> String {
        Server::usersig(self, user_id, expire_s)
    }
}

pub fn tcp(server: &impl Target) -> TcpStream {
    let tcp = TcpStream::connect(server.addr()).unwrap();
    tcp.set_nodelay(true).unwrap();
    tcp.set_read_timeout(Some(PATIENCE)).unwrap();
    tcp.set_write_timeout(Some(PATIENCE)).unwrap();
    tcp
}

pub fn tls(server: &impl Target) -> Tls {
    let mut roots = RootCertStore::empty();
    let pem = server.ca_pem().unwrap();
    roots
        .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    StreamOwned::new(connection, tcp(server))
}

/// A plain HTTP request over TLS: status line and headers, body.
pub fn get(server: &impl Target, path: &str) -> (String, String) {
    let mut stream = tls(server);
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

/// What a connection ended with: the close code, or none when it just ended.
pub type Ended = Option<(u16, String)>;

pub struct Client {
    pub ws: WebSocket<Tls>,
    next_id: u64,
    /// Events that arrived while something else was waited for.
    pub events: Vec<Value>,
    answers: Vec<Value>,
    /// The code that the server closed with, once that was read.
    pub closed: Option<u16>,
}

impl Client {
    pub fn connect(server: &impl Target) -> Self {
        let mut request = "wss://localhost/v1".into_client_request().unwrap();
        request
            .headers_mut()
            .insert("Sec-WebSocket-Protocol", "tim.v1".parse().unwrap());
        let config = WebSocketConfig::default().max_write_buffer_size(usize::MAX);
        let (ws, _) =
            tungstenite::client::client_with_config(request, tls(server), Some(config)).unwrap();
        Self {
            ws,
            next_id: 1,
            events: Vec::new(),
            answers: Vec::new(),
            closed: None,
        }
    }

    pub fn login(server: &impl Target, user: &str) -> Self {
        let mut client = Self::connect(server);
        client.log_in(server, user, json!({}));
        client
    }

    pub fn login_body(server: &impl Target, user: &str, extra: &Value) -> Value {
        let mut body = json!({
            "app_id": server.app_id(),
            "user_id": user,
            "user_sig": server.usersig(user, 3600),
            "device_id": format!("device of {user}"), "features": 3,
            "platform": 0,
        });
        for (key, value) in extra.as_object().unwrap() {
            body[key] = value.clone();
        }
        body
    }

    pub fn log_in(&mut self, server: &impl Target, user: &str, extra: Value) -> Value {
        let answer = self.ask("session.login", Self::login_body(server, user, &extra));
        assert_eq!(answer["code"], 0, "{answer}");
        answer["body"].clone()
    }

    pub fn start(&mut self, op: &str, body: Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.raw(&json!({"id": id, "op": op, "body": body}).to_string());
        id
    }

    pub fn raw(&mut self, text: &str) {
        self.ws.send(Message::text(text)).unwrap();
    }

    /// Sends a request and waits for its answer, which may be a refusal.
    pub fn ask(&mut self, op: &str, body: Value) -> Value {
        let id = self.start(op, body);
        self.answer(id)
    }

    /// The body of an answer that has to be good.
    pub fn ok(&mut self, op: &str, body: Value) -> Value {
        let answer = self.ask(op, body);
        assert_eq!(answer["code"], 0, "{op}: {answer}");
        answer["body"].clone()
    }

    pub fn answer(&mut self, id: u64) -> Value {
        loop {
            if let Some(at) = self.answers.iter().position(|a| a["id"] == id) {
                return self.answers.remove(at);
            }
            self.read_one();
        }
    }

    /// Like [`Client::start`]; `None`: the connection has ended.
    pub fn try_start(&mut self, op: &str, body: Value) -> Option<u64> {
        let id = self.next_id;
        self.next_id += 1;
        let text = json!({"id": id, "op": op, "body": body}).to_string();
        self.ws.send(Message::text(text)).ok()?;
        Some(id)
    }

    /// Like [`Client::answer`]; `None`: the connection ended without one.
    pub fn try_answer(&mut self, id: u64) -> Option<Value> {
        loop {
            if let Some(at) = self.answers.iter().position(|a| a["id"] == id) {
                return Some(self.answers.remove(at));
            }
            self.try_read_one()?;
        }
    }

    /// The next event of this name; others are kept.
    pub fn event(&mut self, name: &str) -> Value {
        loop {
            if let Some(at) = self.events.iter().position(|e| e["ev"] == name) {
                return self.events.remove(at);
            }
            self.read_one();
        }
    }

    fn read_one(&mut self) {
        let message = self.ws.read().unwrap();
        self.take(message);
    }

    fn try_read_one(&mut self) -> Option<()> {
        let message = self.ws.read().ok()?;
        self.take(message);
        Some(())
    }

    fn take(&mut self, message: Message) {
        if let Message::Close(Some(close)) = &message {
            self.closed = Some(close.code.into());
        }
        let Message::Text(text) = message else {
            return;
        };
        let frame: Value = serde_json::from_str(&text).unwrap();
        if frame.get("ev").is_some() {
            self.events.push(frame);
        } else {
            self.answers.push(frame);
        }
    }

    /// Reads until the connection ends.
    pub fn ended(&mut self) -> Ended {
        let start = Instant::now();
        loop {
            assert!(start.elapsed() < PATIENCE, "the server does not close");
            match self.ws.read() {
                Ok(Message::Close(frame)) => {
                    let frame = frame.unwrap();
                    return Some((frame.code.into(), frame.reason.to_string()));
                }
                Ok(Message::Text(text)) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    if frame.get("ev").is_some() {
                        self.events.push(frame);
                    }
                }
                Ok(_) => {}
                Err(WsError::ConnectionClosed) => return None,
                Err(error) => {
                    eprintln!("ended by {error}");
                    return None;
                }
            }
        }
    }

    pub fn send_text(&mut self, to: &str, msg_id: &str, text: &str) -> Value {
        self.ok("message.send", message(to, msg_id, text))
    }
}

pub fn message(to: &str, msg_id: &str, text: &str) -> Value {
    json!({
        "conv": c2c(to),
        "msg_id": msg_id,
        "content": {"message_elem_array": [{"elem_type": 0, "text_elem_content": text}]},
    })
}

pub fn c2c(peer: &str) -> Value {
    json!({"conv_type": 1, "conv_id": peer})
}
