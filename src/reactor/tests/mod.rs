//! Tests of the reactor with real sockets: the servers are threads that do what each test wants.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};
use protocol::Error;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::PrivateKeyDer;
use sha2::{Digest, Sha256};
use tim_core::{Event, LogLevel, LoginStatus, NetworkStatus, Reply, ReqId};
use tungstenite::WebSocket;
use tungstenite::handshake::server::{Request, Response};

use super::*;

mod addresses;
mod connect;
mod data;
mod lifecycle;
mod socks;
mod storage;

/// Longer than anything here takes on a busy machine.
const LONG: Duration = Duration::from_secs(20);

/// A certificate authority in a test.
struct Authority {
    params: CertificateParams,
    key: KeyPair,
    ca_file: PathBuf,
}

impl Authority {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "test authority");
        let key = KeyPair::generate().unwrap();
        let name = format!(
            "tim-ca-{}-{}.pem",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let ca_file = std::env::temp_dir().join(name);
        std::fs::write(&ca_file, params.self_signed(&key).unwrap().pem()).unwrap();
        Self {
            params,
            key,
            ca_file,
        }
    }

    /// A server for these names, until this year; and the pin of its key.
    fn server(&self, names: &[&str], until: i32) -> (Arc<ServerConfig>, [u8; 32]) {
        self.server_of(names, 2000, until)
    }

    /// The same, from this year until that.
    fn server_of(&self, names: &[&str], from: i32, until: i32) -> (Arc<ServerConfig>, [u8; 32]) {
        let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let issuer = Issuer::from_params(&self.params, &self.key);
        let certificate = params.signed_by(&key, &issuer).unwrap();
        let config = server_config(vec![certificate.der().clone()], &key);
        (config, pin(&key))
    }

    fn trust(&self) -> TlsSettings {
        TlsSettings {
            ca_file: Some(self.ca_file.clone()),
            pins: Vec::new(),
        }
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.ca_file);
    }
}

fn server_config(
    chain: Vec<rustls_pki_types::CertificateDer<'static>>,
    key: &KeyPair,
) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    Arc::new(config)
}

fn pin(key: &KeyPair) -> [u8; 32] {
    use rcgen::PublicKeyData;
    Sha256::digest(key.subject_public_key_info()).into()
}

/// Listens on loopback; every connection gets a thread that runs `serve`.
fn listen(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = serve.clone();
            std::thread::spawn(move || serve(stream));
        }
    });
    port
}

fn accept_tls(
    stream: TcpStream,
    config: &Arc<ServerConfig>,
) -> StreamOwned<ServerConnection, TcpStream> {
    StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream)
}

#[allow(clippy::result_large_err)]
fn accept_websocket<S: Read + Write>(stream: S) -> Option<WebSocket<S>> {
    let choose = |_: &Request, mut response: Response| {
        let name = protocol::SUBPROTOCOL.parse().unwrap();
        response
            .headers_mut()
            .insert("Sec-WebSocket-Protocol", name);
        Ok(response)
    };
    tungstenite::accept_hdr(stream, choose).ok()
}

/// Reads until the client goes.
fn drain(mut stream: impl Read) {
    let mut buf = [0; 4096];
    while matches!(stream.read(&mut buf), Ok(n) if n > 0) {}
}

/// What an outlet was told.
#[derive(Debug)]
enum Told {
    Complete(ReqId, Result<Reply, Error>),
    Notify(Event),
    LoginState(LoginStatus),
    Log(LogLevel, String),
    TurnEnd,
}

/// An outlet that passes everything on.
struct Ear {
    told: Sender<Told>,
    /// Panics when it is notified.
    is_rotten: bool,
}

impl Ear {
    fn new() -> (Arc<Self>, Receiver<Told>) {
        let (told, heard) = unbounded();
        let ear = Self {
            told,
            is_rotten: false,
        };
        (Arc::new(ear), heard)
    }

    fn tell(&self, told: Told) {
        let _ = self.told.send(told);
    }
}

impl Outlet for Ear {
    fn complete(&self, req: ReqId, result: Result<Reply, Error>) {
        self.tell(Told::Complete(req, result));
    }

    fn notify(&self, event: Event) {
        assert!(!self.is_rotten, "a test panics on purpose");
        self.tell(Told::Notify(event));
    }

    fn login_state(&self, status: LoginStatus, _: String, _: ReqId) {
        self.tell(Told::LoginState(status));
    }

    fn clock_offset(&self, _: i64) {}

    fn log(&self, level: LogLevel, text: String) {
        self.tell(Told::Log(level, text));
    }

    fn mark(&self, _: u64) {}
    fn turn_end(&self) {
        self.tell(Told::TurnEnd);
    }
}

fn config(urls: &str, tls: TlsSettings) -> InstanceConfig {
    InstanceConfig {
        core: tim_core::Config::new(1, 7),
        urls: ServerUrl::parse_list(urls).unwrap(),
        tls,
        storage: Storage::Memory,
        route: Route::default(),
    }
}

/// Starts an instance and waits for what becomes of its first connection.
fn outcome(urls: &str, tls: TlsSettings) -> Result<(), Error> {
    let (ear, heard) = Ear::new();
    let instance = start(config(urls, tls), ear).unwrap();
    let outcome = network_outcome(&heard);
    instance.stop();
    outcome
}

fn network_outcome(heard: &Receiver<Told>) -> Result<(), Error> {
    loop {
        match heard.recv_timeout(LONG).expect("an outcome") {
            Told::Notify(Event::Network(NetworkStatus::Connected)) => return Ok(()),
            Told::Notify(Event::Network(NetworkStatus::ConnectFailed(error))) => return Err(error),
            _ => {}
        }
    }
}
