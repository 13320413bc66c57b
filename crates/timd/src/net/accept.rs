//! Accepting: limits, TLS, the handshake.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::{Either, select};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::connection::{Connection, Rules};
use super::http::{self, Http};
use super::node::Node;
use super::outbox::Outbox;
use crate::config::Config;
use crate::metrics::Metrics;

/// A socket that listens, with what its connections need.
pub struct Listener {
    /// Bound, nonblocking.
    pub socket: std::net::TcpListener,
    /// TLS, unless plaintext was asked for.
    pub tls: Option<Arc<rustls::ServerConfig>>,
}

struct Shared {
    node: Arc<dyn Node>,
    tls: Option<TlsAcceptor>,
    http: Arc<Http>,
    rules: Rules,
    handshake_timeout: Duration,
    max_connections: usize,
    max_per_address: usize,
    addresses: Mutex<HashMap<IpAddr, usize>>,
    sessions: AtomicU64,
    metrics: Arc<Metrics>,
}

/// Timeouts are looked at this often, or more often when they are short.
const TICK: Duration = Duration::from_millis(500);

/// In so many batches a second connections are told to go.
const BATCHES: u32 = 10;

/// Serves until `stop`, or until the database is not for this version any more, which it gives; then
/// lets everybody go.
pub async fn serve(
    listener: Listener,
    node: Arc<dyn Node>,
    config: &Config,
    metrics: Arc<Metrics>,
    stop: oneshot::Receiver<()>,
) -> io::Result<Option<String>> {
    let socket = TcpListener::from_std(listener.socket)?;
    let shared = Arc::new(Shared {
        node: node.clone(),
        tls: listener.tls.map(TlsAcceptor::from),
        http: Arc::new(Http {
            node: node.clone(),
            metrics: metrics.clone(),
            audience: config.metrics,
            ready: AtomicBool::new(true),
        }),
        rules: Rules {
            max_in_flight: config.max_in_flight,
            write_queue_bytes: config.write_queue_bytes,
            requests_per_second: config.requests_per_second,
            request_burst: config.request_burst,
            close_timeout: config.close_timeout,
        },
        handshake_timeout: config.handshake_timeout,
        max_connections: config.max_connections,
        max_per_address: config.max_connections_per_address,
        addresses: Mutex::default(),
        sessions: AtomicU64::new(1),
        metrics,
    });
    let shortest = config.login_timeout.min(config.idle_timeout);
    let every = TICK.min(shortest / 4).max(Duration::from_millis(10));
    let ticker = tokio::spawn({
        let node = node.clone();
        async move {
            loop {
                sleep(every).await;
                node.tick();
            }
        }
    });
    let outdated = Arc::new(Notify::new());
    let beats = tokio::spawn({
        let (node, every) = (node.clone(), config.node_lease / 4);
        let outdated = outdated.clone();
        async move {
            let mut is_cut_off = false;
            let mut house = JoinSet::new();
            loop {
                sleep(every).await;
                node.clone().beat().await;
                // Done beside the beats, and by one at a time.
                while house.try_join_next().is_some() {}
                if house.is_empty() {
                    house.spawn(node.clone().keep_house());
                }
                let health = node.health();
                if health.is_outdated {
                    outdated.notify_one();
                }
                let others = health.unreachable;
                if others > 0 && !is_cut_off {
                    tracing::warn!(
                        others,
                        "other nodes use this database: set bus on all of them"
                    );
                }
                is_cut_off = others > 0;
            }
        }
    });
    // Each connection holds a sender; when the last is gone, the receiver knows.
    let (alive, mut all_gone) = mpsc::channel::<()>(1);
    let mut accepting = Box::pin(accept(&socket, &shared, &alive));
    let is_outdated = pin!(outdated.notified());
    let told = select(stop, is_outdated);
    let reason = match select(&mut accepting, told).await {
        Either::Right((Either::Right(_), _)) => Some(OUTDATED.to_owned()),
        _ => None,
    };
    tracing::info!("stopping");
    // First whoever sends clients here has to learn of it.
    shared.http.ready.store(false, Ordering::Relaxed);
    let _ = timeout(config.drain_grace, accepting).await;
    drop(socket);
    drop(alive);
    release(&*node, config).await;
    if timeout(config.shutdown_timeout, all_gone.recv())
        .await
        .is_err()
    {
        tracing::warn!("some connections did not end in time");
    }
    ticker.abort();
    beats.abort();
    node.resign().await;
    Ok(reason)
}

/// What the operator reads whose node ended by itself.
const OUTDATED: &str = "the database was changed by a newer timd beyond what this one may work on: start the newer one";

/// Tells all connections to go, no more of them in a second than logins are let in elsewhere.
async fn release(node: &dyn Node, config: &Config) {
    let (batch, pause) = match config.logins_per_second {
        0 => (usize::MAX, Duration::ZERO),
        rate => {
            let batch = rate.div_ceil(BATCHES);
            (batch as usize, Duration::from_secs(1) * batch / rate)
        }
    };
    loop {
        let left = node.release(batch, config.retry_after);
        if left == 0 {
            return;
        }
        tracing::info!(left, "connections are told to go");
        sleep(pause).await;
    }
}

async fn accept(socket: &TcpListener, shared: &Arc<Shared>, alive: &mpsc::Sender<()>) {
    loop {
        match socket.accept().await {
            Ok((stream, address)) => {
                let Some(seat) = Seat::take(shared, address) else {
                    shared.metrics.turned_away.inc();
                    continue;
                };
                tokio::spawn(connection(stream, seat, alive.clone()));
            }
            Err(error) => {
                // Out of descriptors, mostly: it passes, but not at once.
                tracing::warn!(%error, "cannot accept");
                sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// A place among the connections; given back on drop.
struct Seat {
    shared: Arc<Shared>,
    peer: IpAddr,
}

impl Seat {
    fn take(shared: &Arc<Shared>, address: SocketAddr) -> Option<Self> {
        let peer = address.ip().to_canonical();
        let open = shared.metrics.connections.get();
        if shared.max_connections > 0 && open >= shared.max_connections as i64 {
            tracing::warn!(open, "turned a connection away: max_connections");
            return None;
        }
        let mut addresses = shared.addresses.lock();
        let count = addresses.entry(peer).or_default();
        if shared.max_per_address > 0 && *count >= shared.max_per_address {
            tracing::warn!(%peer, "turned a connection away: max_connections_per_address");
            return None;
        }
        *count += 1;
        drop(addresses);
        shared.metrics.accepted.inc();
        shared.metrics.connections.add(1);
        Some(Self {
            shared: shared.clone(),
            peer,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.shared.metrics.connections.add(-1);
        let mut addresses = self.shared.addresses.lock();
        if let Some(count) = addresses.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                addresses.remove(&self.peer);
            }
        }
    }
}

async fn connection(stream: TcpStream, seat: Seat, alive: mpsc::Sender<()>) {
    let _ = stream.set_nodelay(true);
    let limit = seat.shared.handshake_timeout;
    // Boxed, so that the memory of a handshake does not stay with the connection.
    match &seat.shared.tls {
        None => {
            let handshake = http::upgrade(stream, seat.peer, seat.shared.http.clone());
            let done = timeout(limit, Box::pin(handshake)).await;
            session(done.ok(), &seat).await;
        }
        Some(acceptor) => {
            let handshake = async {
                // On the heap, so that moving it through the stages leaves no copies behind.
                let stream = Box::new(acceptor.accept(stream).await.ok()?);
                Some(http::upgrade(stream, seat.peer, seat.shared.http.clone()).await)
            };
            let done = timeout(limit, Box::pin(handshake)).await;
            session(done.ok().flatten(), &seat).await;
        }
    }
    drop(seat);
    drop(alive);
}

/// The outer `None`: the handshake failed; the inner one: it was another HTTP request.
async fn session<S>(handshake: Option<Option<(S, bytes::Bytes)>>, seat: &Seat)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let shared = &seat.shared;
    let (stream, read) = match handshake {
        Some(Some(upgraded)) => upgraded,
        Some(None) => return,
        None => {
            shared.metrics.handshakes_failed.inc();
            return;
        }
    };
    let id = shared.sessions.fetch_add(1, Ordering::Relaxed);
    let (limit, metrics) = (shared.rules.write_queue_bytes, &shared.metrics);
    let outbox = Arc::new(Outbox::new(limit, metrics.clone()));
    shared.node.connect(id, seat.peer, outbox.clone());
    let connection = Connection::new(
        stream,
        read,
        id,
        shared.node.clone(),
        outbox,
        metrics.clone(),
        &shared.rules,
    );
    Box::new(connection.await).run().await;
}
