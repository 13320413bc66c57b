//! The HTTP side of a connection: the upgrade at `/v1`, health and metrics.

use std::convert::Infallible;
use std::future::ready;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use protocol::{DEFAULT_PATH, SUBPROTOCOL};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::node::Node;
use crate::config::Audience;
use crate::metrics::Metrics;

/// What the HTTP side has to know.
pub(super) struct Http {
    pub node: Arc<dyn Node>,
    pub metrics: Arc<Metrics>,
    pub audience: Audience,
    /// True while the server takes sessions.
    pub ready: AtomicBool,
}

/// Bytes of request line and headers.
const HEAD_BYTES: usize = 16 * 1024;

/// Serves HTTP until the upgrade. Gives the stream back and what was read beyond the upgrade;
/// `None` when the connection was for something else and is done.
pub(super) async fn upgrade<S>(stream: S, peer: IpAddr, http: Arc<Http>) -> Option<(S, Bytes)>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let upgraded = Arc::new(AtomicBool::new(false));
    let service = service_fn(|request: Request<hyper::body::Incoming>| {
        let response = http.answer(&request, peer);
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            upgraded.store(true, Ordering::Relaxed);
        }
        ready(Ok::<_, Infallible>(response))
    });
    let parts = http1::Builder::new()
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .without_shutdown()
        .await
        .ok()?;
    let mut stream = parts.io.into_inner();
    if upgraded.load(Ordering::Relaxed) {
        return Some((stream, parts.read_buf));
    }
    let _ = stream.shutdown().await;
    None
}

impl Http {
    fn answer<B>(&self, request: &Request<B>, peer: IpAddr) -> Response<Full<Bytes>> {
        let metrics_allowed = match self.audience {
            Audience::All => true,
            Audience::Loopback => peer.is_loopback(),
            Audience::Off => false,
        };
        match (request.method(), request.uri().path()) {
            (&Method::GET, DEFAULT_PATH) => upgrade_answer(request.headers()),
            (&Method::GET | &Method::HEAD, "/healthz") => text(StatusCode::OK, "alive\n"),
            (&Method::GET | &Method::HEAD, "/readyz") => self.readiness(),
            (&Method::GET, "/metrics") if metrics_allowed => {
                text(StatusCode::OK, self.metrics.text())
            }
            _ => text(
                StatusCode::NOT_FOUND,
                "timd: clients connect at /v1; /healthz and /readyz tell its state\n",
            ),
        }
    }

    fn readiness(&self) -> Response<Full<Bytes>> {
        if !self.ready.load(Ordering::Relaxed) {
            return text(StatusCode::SERVICE_UNAVAILABLE, "not ready: stopping\n");
        }
        let health = self.node.health();
        let status = match health.is_ready() {
            true => StatusCode::OK,
            false => StatusCode::SERVICE_UNAVAILABLE,
        };
        text(status, health.text())
    }
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let plain = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, plain);
    // One answer a connection: idle HTTP connections would cost and bring nothing.
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Whether a header, a list with commas, names a word.
fn names(headers: &HeaderMap, name: header::HeaderName, word: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|part| part.trim().eq_ignore_ascii_case(word))
}

fn upgrade_answer(headers: &HeaderMap) -> Response<Full<Bytes>> {
    let asked = names(headers, header::UPGRADE, "websocket")
        && names(headers, header::CONNECTION, "upgrade")
        && names(headers, header::SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY);
    let (true, Some(key)) = (asked, key) else {
        let mut refusal = text(
            StatusCode::UPGRADE_REQUIRED,
            "this is a WebSocket endpoint (version 13)\n",
        );
        let version = HeaderValue::from_static("13");
        refusal
            .headers_mut()
            .insert(header::SEC_WEBSOCKET_VERSION, version);
        return refusal;
    };
    if !names(headers, header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL) {
        return text(
            StatusCode::BAD_REQUEST,
            "this server speaks the subprotocol tim.v1 only\n",
        );
    }
    let Ok(accept) = HeaderValue::try_from(derive_accept_key(key.as_bytes())) else {
        return text(StatusCode::BAD_REQUEST, "Sec-WebSocket-Key is not good\n");
    };
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    let protocol = HeaderValue::from_static(SUBPROTOCOL);
    headers.insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    response
}
