//! The port: free, or a timd's, which is asked how it is.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error as TlsError, SignatureScheme,
    StreamOwned,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use super::Report;
use crate::config::Config;
use crate::tls;

const PATIENCE: Duration = Duration::from_secs(5);
/// Of an answer that is a timd's.
const MOST: u64 = 64 * 1024;

/// `leaf`: the certificate that it is to show.
pub fn look(report: &mut Report, config: &Config, is_running: bool, leaf: Option<&[u8]>) {
    let listen = config.listen;
    let error = match TcpListener::bind(listen) {
        Ok(_) if listen.port() == 0 => {
            return report.ok("port", format!("any free one at {}", listen.ip()));
        }
        Ok(_) if is_running => {
            return report.warn(
                "port",
                format!("nobody listens on {listen}, though a timd runs on the directory"),
                "it runs with another listen, or is just starting: look with the same settings",
            );
        }
        Ok(_) => return report.ok("port", format!("{listen} is free")),
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::AddrInUse => ask(report, config, is_running, leaf),
        ErrorKind::AddrNotAvailable => report.fail(
            "port",
            format!("this machine has no address {}", listen.ip()),
            "correct listen; 0.0.0.0 and [::] mean all addresses",
        ),
        ErrorKind::PermissionDenied => report.fail(
            "port",
            format!("{listen} is not for this user"),
            "ports below 1024 take AmbientCapabilities=CAP_NET_BIND_SERVICE in systemd, or a port \
             above",
        ),
        _ => report.fail("port", format!("{listen}: {error}"), "correct listen"),
    }
}

fn ask(report: &mut Report, config: &Config, is_running: bool, leaf: Option<&[u8]>) {
    let mut addr = config.listen;
    match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => addr.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => addr.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    let shown = Arc::new(Shown::default());
    let tls = (!config.plaintext).then_some(&shown);
    let is_alive = matches!(get(addr, "/healthz", tls), Ok((200, text)) if text == "alive\n");
    if !is_alive {
        report.fail(
            "port",
            format!("{} is taken, and not by a timd that answers", config.listen),
            "end the program that has it (ss -ltnp), or choose another listen; if it is timd: is \
             plaintext the same there and here?",
        );
        return;
    }
    if is_running {
        report.ok("port", format!("a timd answers on {}", config.listen));
    } else {
        report.warn(
            "port",
            format!(
                "a timd answers on {}, but not one of this directory",
                config.listen
            ),
            "look with the settings of that one, or choose another listen",
        );
    }
    certificate(report, &shown, leaf);
    match get(addr, "/readyz", tls) {
        Ok((status, text)) => state(report, status, &text),
        Err(error) => report.fail("ready", error, "look at the server's log"),
    }
}

fn state(report: &mut Report, status: u16, text: &str) {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    if status == 200 {
        report.ok("ready", first);
    } else {
        report.fail(
            "ready",
            first,
            "no client can log in: see database, and the server's log",
        );
    }
    for line in lines {
        report.warn("ready", line, "see bus, and the server's log");
    }
}

fn certificate(report: &mut Report, shown: &Shown, leaf: Option<&[u8]>) {
    let shown = shown.leaf.lock().clone();
    let Some(shown) = shown else { return };
    let todo = "restart timd: it reads certificates when it starts";
    let renew = "renew it, then restart timd: it reads certificates when it starts";
    if leaf.is_some_and(|leaf| leaf != shown) {
        let saw = "the server shows another certificate than tls_cert has";
        return report.warn("certificate.shown", saw, todo);
    }
    match tls::days_left(&shown) {
        Some(..0) => report.fail(
            "certificate.shown",
            "the server's has expired: clients refuse it",
            renew,
        ),
        Some(days) => report.expect(
            days >= 30,
            "certificate.shown",
            format!("the server's is valid for {days} days more"),
            renew,
        ),
        None => report.fail("certificate.shown", "the server's cannot be read", todo),
    }
}

/// Status and body.
fn get(addr: SocketAddr, path: &str, tls: Option<&Arc<Shown>>) -> io::Result<(u16, String)> {
    let tcp = TcpStream::connect_timeout(&addr, PATIENCE)?;
    tcp.set_read_timeout(Some(PATIENCE))?;
    tcp.set_write_timeout(Some(PATIENCE))?;
    match tls {
        None => exchange(tcp, path),
        Some(shown) => {
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(io::Error::other)?
                .dangerous()
                .with_custom_certificate_verifier(shown.clone())
                .with_no_client_auth();
            let name = ServerName::from(addr.ip());
            let connection =
                ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
            exchange(StreamOwned::new(connection, tcp), path)
        }
    }
}

fn exchange(mut stream: impl Read + Write, path: &str) -> io::Result<(u16, String)> {
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    // What the other side is may end as it likes.
    let read = stream.take(MOST).read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let bad = || io::Error::other("no answer of HTTP");
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        return Err(read.err().unwrap_or_else(bad));
    };
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    Ok((status.ok_or_else(bad)?, body.to_owned()))
}

/// Takes any certificate and keeps it: nothing secret is sent, and what is asked for is not either.
#[derive(Debug)]
struct Shown {
    provider: CryptoProvider,
    leaf: Mutex<Option<Vec<u8>>>,
}

impl Default for Shown {
    fn default() -> Self {
        Self {
            provider: rustls::crypto::ring::default_provider(),
            leaf: Mutex::default(),
        }
    }
}

impl ServerCertVerifier for Shown {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        *self.leaf.lock() = Some(end_entity.to_vec());
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
