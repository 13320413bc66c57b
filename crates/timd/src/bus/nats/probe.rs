//! A look at the bus from outside: as a node, but one that does not stay.

use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::time::timeout;

use async_nats::Event;

use super::{Address, ECHO, PATIENCE, options};

/// What was seen.
pub struct Probe {
    /// Of the server that answered.
    pub version: String,
    /// The longest note that it takes, in bytes.
    pub max_payload: usize,
    /// Whether the way to it is encrypted.
    pub has_tls: bool,
    /// How long a message to oneself took, the median of a few.
    pub echo: Duration,
}

/// So many messages go round.
const ROUNDS: usize = 9;

/// Connects, and sends messages to a subject of this probe alone. The error says what was seen,
/// and what to do.
pub async fn probe(address: &Address, ca: Option<&Path>) -> Result<Probe, (String, String)> {
    let (events, mut told) = mpsc::unbounded_channel();
    let options = options(address, "timd doctor", ca).map_err(|e| (e, "correct bus_ca".into()))?;
    let options = options.event_callback(move |event| {
        let _ = events.send(event);
        std::future::ready(())
    });
    let connected = timeout(PATIENCE, options.connect(&address.servers[..])).await;
    let way = || {
        "does a NATS server run there, are user and password right, does bus_ca name its authority?"
            .to_owned()
    };
    let client = connected
        .map_err(|_| (format!("{address} does not answer within 5 s"), way()))?
        .map_err(|e| (format!("{address}: {e}"), way()))?;
    let refused = |what: &str| {
        let subject = address.subject("*");
        let todo = format!("let its user publish and subscribe to {subject}");
        (format!("{address}: {what}"), todo)
    };
    let number = crate::setup::random_u64().map_err(|e| (e, "look at the system".into()))? >> 1;
    let subject = address.subject(number);
    let heard = client.subscribe(subject.clone()).await;
    let mut heard = heard.map_err(|e| refused(&e.to_string()))?;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let sent = client.publish(subject.clone(), ECHO.into()).await;
        sent.map_err(|e| refused(&e.to_string()))?;
        let _ = client.flush().await;
        if timeout(PATIENCE, heard.next())
            .await
            .ok()
            .flatten()
            .is_none()
        {
            let mut said = "a message to oneself does not come back".to_owned();
            while let Ok(event) = told.try_recv() {
                if let Event::ServerError(error) = event {
                    said = format!("{said}: {error}");
                }
            }
            return Err(refused(&said));
        }
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let info = client.server_info();
    Ok(Probe {
        version: info.version,
        max_payload: info.max_payload,
        has_tls: info.tls_required || address.wants_tls(),
        echo: times[ROUNDS / 2],
    })
}
