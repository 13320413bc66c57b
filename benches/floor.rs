//! The floors: bare rustls and tungstenite, bare SQLite, on this machine, in this run.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::client::Request;
use tungstenite::http::HeaderValue;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Message, WebSocket};

use crate::report::median_us;
use crate::setup::{Server, TempDir, read_line, start_role};

pub type Tls = rustls::StreamOwned<ClientConnection, TcpStream>;

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(4096)
        .write_buffer_size(4096)
}

fn secured(port: u16, tls: Arc<ClientConfig>) -> Tls {
    let tcp = TcpStream::connect(("127.0.0.1", port)).expect("a server");
    tcp.set_nodelay(true).expect("a socket");
    let name = ServerName::try_from("localhost").expect("a name");
    let conn = ClientConnection::new(tls, name).expect("a connection");
    rustls::StreamOwned::new(conn, tcp)
}

fn connect(port: u16, tls: Arc<ClientConfig>, request: Request) -> WebSocket<Tls> {
    let tls = secured(port, tls);
    let (socket, _) =
        tungstenite::client::client_with_config(request, tls, Some(config())).expect("a WebSocket");
    socket
}

fn port_of(server: &Server) -> u16 {
    let (_, rest) = server.url.split_once("://").expect("a URL");
    rest.split(['/', ':'])
        .nth(1)
        .and_then(|port| port.parse().ok())
        .expect("a port")
}

/// What timd's `/metrics` says of one line.
pub fn metric(server: &Server, line: &str) -> u64 {
    let pem = std::fs::read(&server.ca).expect("the CA's file");
    let mut stream = secured(port_of(server), trusting(&pem));
    let request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stream.write_all(request).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let value = answer.lines().find_map(|l| l.strip_prefix(line));
    value.and_then(|v| v.trim().parse().ok()).expect("a metric")
}

/// A bare connection to timd.
pub fn connect_to(server: &Server) -> WebSocket<Tls> {
    let mut request = server
        .url
        .as_str()
        .into_client_request()
        .expect("a request");
    let protocol = HeaderValue::from_static(protocol::SUBPROTOCOL);
    request
        .headers_mut()
        .insert("Sec-WebSocket-Protocol", protocol);
    let pem = std::fs::read(&server.ca).expect("the CA's file");
    connect(port_of(server), trusting(&pem), request)
}

fn trusting(pem: &[u8]) -> Arc<ClientConfig> {
    let cert = CertificateDer::from_pem_slice(pem).expect("a certificate");
    let mut roots = RootCertStore::empty();
    roots.add(cert).expect("a certificate");
    let mut tls = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("TLS 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    // A full handshake each time: the library may resume, the floor may not.
    tls.resumption = rustls::client::Resumption::disabled();
    Arc::new(tls)
}

/// A TLS WebSocket server without anything behind it: echoes, one thread a connection.
pub struct Echo {
    child: std::process::Child,
    port: u16,
    tls: Arc<ClientConfig>,
}

impl Echo {
    pub fn start() -> Self {
        let mut child = start_role("echo", &[]);
        let port = read_line(&mut child).parse().expect("a port");
        let pem = read_line(&mut child).replace("\\n", "\n");
        let tls = trusting(pem.as_bytes());
        Self { child, port, tls }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn connect(&self) -> WebSocket<Tls> {
        let url = format!("wss://localhost:{}/", self.port);
        let request = url.into_client_request().expect("a request");
        connect(self.port, self.tls.clone(), request)
    }

    /// Handshakes of TLS and WebSocket, one after the other: the median, microseconds.
    pub fn handshake_us(&self, times: usize) -> f64 {
        let mut taken: Vec<Duration> = (0..times)
            .map(|_| {
                let start = Instant::now();
                let socket = self.connect();
                let time = start.elapsed();
                drop(socket);
                time
            })
            .collect();
        median_us(&mut taken)
    }
}

/// Echoes of 200 bytes, one at a time, with a pause before each.
pub fn echoes(socket: &mut WebSocket<Tls>, count: usize, pause: Duration) -> Vec<Duration> {
    let text = "x".repeat(200);
    let mut one = || {
        rest(pause);
        let start = Instant::now();
        socket.send(Message::text(text.as_str())).expect("an echo");
        socket.read().expect("an echo");
        start.elapsed()
    };
    (0..count).map(|_| one()).collect()
}

impl Drop for Echo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The echo server's process.
pub fn serve_echo() {
    let cert = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(cert.signing_key.serialize_der()).expect("a key");
    let tls = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("TLS 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![cert.cert.der().clone()], key)
        .expect("a certificate and its key");
    let tls = Arc::new(tls);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    println!("{}", listener.local_addr().expect("bound").port());
    println!("{}", cert.cert.pem().replace('\n', "\\n"));
    std::io::stdout().flush().expect("a pipe");
    // The parent's death closes our standard input.
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    for tcp in listener.incoming() {
        let Ok(tcp) = tcp else { continue };
        let tls = tls.clone();
        // A small stack, so that an idle connection weighs what its buffers do.
        let thread = std::thread::Builder::new().stack_size(64 * 1024);
        let spawned = thread.spawn(move || {
            let _ = tcp.set_nodelay(true);
            let Ok(conn) = ServerConnection::new(tls) else {
                return;
            };
            let stream = rustls::StreamOwned::new(conn, tcp);
            let Ok(mut socket) = tungstenite::accept_with_config(stream, Some(config())) else {
                return;
            };
            while let Ok(message) = socket.read() {
                if message.is_close() || socket.send(message).is_err() {
                    break;
                }
            }
        });
        spawned.expect("a thread");
    }
}

fn database(dir: &Path) -> rusqlite::Connection {
    let conn = rusqlite::Connection::open(dir.join("floor.db")).expect("a database");
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE IF NOT EXISTS t (a INTEGER, b INTEGER, text TEXT, PRIMARY KEY (a, b))
         WITHOUT ROWID;",
    )
    .expect("a table");
    conn
}

/// Lets everybody go to sleep.
pub fn rest(pause: Duration) {
    if !pause.is_zero() {
        std::thread::sleep(pause);
    }
}

/// A database of its own.
pub struct Commits {
    conn: rusqlite::Connection,
    rows: u32,
    _dir: TempDir,
}

impl Commits {
    pub fn start() -> Self {
        let dir = TempDir::new("commit");
        Self {
            conn: database(dir.path()),
            rows: 0,
            _dir: dir,
        }
    }

    /// One row and its commit on disk, one at a time, with a pause before each.
    pub fn times(&mut self, count: usize, pause: Duration) -> Vec<Duration> {
        let text = "x".repeat(300);
        let mut insert = self
            .conn
            .prepare("INSERT INTO t VALUES (1, ?1, ?2)")
            .expect("a statement");
        let mut one = || {
            self.rows += 1;
            rest(pause);
            let start = Instant::now();
            insert.execute((self.rows, &text)).expect("an insert");
            start.elapsed()
        };
        (0..count).map(|_| one()).collect()
    }
}

/// Messages a second at 100 messages a commit, each of so many rows.
pub fn messages_per_second(rows: u32, messages: u32) -> f64 {
    let dir = TempDir::new("rows");
    let mut conn = database(dir.path());
    let text = "x".repeat(300);
    let start = Instant::now();
    let mut written = 0;
    while written < messages {
        let tx = conn.transaction().expect("a transaction");
        {
            let mut insert = tx
                .prepare_cached("INSERT INTO t VALUES (?1, ?2, ?3)")
                .expect("a statement");
            for n in written..written + 100 {
                for row in 0..rows {
                    // One row carries the text, as on the server; the others are small.
                    let text = if row == 0 { &*text } else { "" };
                    insert.execute((row, n, text)).expect("an insert");
                }
            }
        }
        tx.commit().expect("a commit");
        written += 100;
    }
    f64::from(messages) / start.elapsed().as_secs_f64()
}
