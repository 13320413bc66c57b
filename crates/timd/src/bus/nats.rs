//! Nodes reach each other by NATS: each listens to a subject of its own.
//!
//! Core NATS is enough, which forgets what nobody hears: what a node must remember is in the
//! database. Two tasks stand between the logic and the connection. One sends what waits in a
//! bounded queue. The other, the keeper, listens, and finds out whether the bus works by what
//! matters: it sends an echo to its own subject, and as long as that comes back, notes arrive.

use std::future::pending;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_nats::{Client, ConnectOptions, Event, Message, PublishErrorKind, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Bus, Note};
use crate::metrics::{Lost, Metrics};
use crate::repo::NodeId;

mod address;
mod probe;
mod queue;

pub use address::Address;
use address::Credentials;
pub use probe::probe;
use queue::{Item, QUIET, Queue};

/// A call waits so long for the bus.
const PATIENCE: Duration = Duration::from_secs(5);
/// An echo that has not come back for so long is sent again.
const ECHO_EVERY: Duration = Duration::from_secs(1);
/// A dead connection is found after two of these.
const PING_EVERY: Duration = Duration::from_secs(5);
/// So many messages wait for the keeper; then NATS's client drops the newest.
const ARRIVED_NOTES: usize = 16_384;
/// So many notes wait for the logic; then the keeper waits.
const UNREAD: usize = 256;
const ECHO: &[u8] = b"echo ";

/// The bus of an installation of several nodes.
pub struct NatsBus {
    address: Address,
    queue: Arc<Queue>,
    signals: mpsc::UnboundedSender<Signal>,
    /// By the last echo.
    is_up: Arc<AtomicBool>,
    has_attended: AtomicBool,
    tasks: [JoinHandle<()>; 2],
}

/// Notes from other nodes, in the order of their arrival.
pub struct Incoming(mpsc::Receiver<Note>);

impl Incoming {
    /// The next one; `None` once the bus is gone.
    pub async fn next(&mut self) -> Option<Note> {
        // This lets other tasks run now and then, however many there are: see tokio::task::coop.
        self.0.recv().await
    }
}

/// What the keeper learns besides messages.
enum Signal {
    /// Listen as this node; tell when it can be reached.
    Attend(NodeId, oneshot::Sender<()>),
    /// Tell when the server has all that was sent before.
    Echo(oneshot::Sender<()>),
    Event(Event),
}

impl NatsBus {
    /// Connects. `name` is shown to those who look after the NATS server, `ca` a PEM file of the
    /// authorities to trust instead of the system's. The error says what to do.
    ///
    /// Needs a runtime, in which its tasks run until the bus is dropped.
    pub async fn connect(
        address: Address,
        name: &str,
        ca: Option<&Path>,
        metrics: Arc<Metrics>,
    ) -> Result<(Self, Incoming), String> {
        let (signals, signalled) = mpsc::unbounded_channel();
        let (events, counters) = (signals.clone(), metrics.clone());
        let options = options(&address, name, ca)?.event_callback(move |event| {
            if matches!(event, Event::SlowConsumer(_)) {
                counters.lost(Lost::Slow, 1);
            }
            let _ = events.send(Signal::Event(event));
            std::future::ready(())
        });
        let client = options.connect(&address.servers[..]).await.map_err(|e| {
            format!("cannot reach the bus at {address}: {e}; is a NATS server running there?")
        })?;
        let (notes, unread) = mpsc::channel(UNREAD);
        let queue = Arc::new(Queue::new(metrics.clone()));
        let is_up = Arc::new(AtomicBool::new(false));
        let keeper = Keeper {
            client: client.clone(),
            address: address.clone(),
            metrics: metrics.clone(),
            notes,
            queue: queue.clone(),
            is_up: is_up.clone(),
            has_missed: false,
            is_connected: true,
            node: None,
            subscriber: None,
            echo: 0,
            valid_from: 0,
            sent: Instant::now(),
            waiting: Vec::new(),
            outage: None,
            said: None,
        };
        let sender = Sender {
            client,
            address: address.clone(),
            metrics,
            queue: queue.clone(),
            signals: signals.clone(),
            is_up: is_up.clone(),
            said: None,
        };
        let bus = Self {
            address,
            queue,
            signals,
            is_up,
            has_attended: AtomicBool::new(false),
            tasks: [
                tokio::spawn(keeper.run(signalled)),
                tokio::spawn(sender.run()),
            ],
        };
        Ok((bus, Incoming(unread)))
    }
}

/// How to connect; `ca` as for [`NatsBus::connect`].
fn options(address: &Address, name: &str, ca: Option<&Path>) -> Result<ConnectOptions, String> {
    let mut options = ConnectOptions::new()
        .name(name)
        .ping_interval(PING_EVERY)
        .subscription_capacity(ARRIVED_NOTES);
    options = match address.credentials.clone() {
        Some(Credentials::User(user, password)) => options.user_and_password(user, password),
        Some(Credentials::Token(token)) => options.token(token),
        None => options,
    };
    if let Some(ca) = ca {
        if !ca.is_file() {
            return Err(format!("bus_ca: there is no file {}", ca.display()));
        }
        options = options.add_root_certificates(ca.to_owned());
    }
    Ok(options)
}

impl Drop for NatsBus {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Bus for NatsBus {
    fn is_shared(&self) -> bool {
        true
    }

    fn is_up(&self) -> bool {
        self.is_up.load(Ordering::Relaxed)
    }

    fn publish(&self, to: NodeId, note: &Note) {
        self.queue.put(Item::Note(to, note.clone()));
    }

    /// While the bus is away this returns at once, and the keeper listens when it is back.
    async fn attend(&self, node: NodeId) -> Result<(), String> {
        let is_first = !self.has_attended.load(Ordering::Relaxed);
        let is_away = !is_first && !self.is_up();
        let (heard, hears) = oneshot::channel();
        let _ = self.signals.send(Signal::Attend(node, heard));
        if is_away {
            return Ok(());
        }
        let is_heard = matches!(timeout(PATIENCE, hears).await, Ok(Ok(())));
        if is_first && !is_heard {
            return Err(format!(
                "the bus at {} does not bring back what this node sends to itself: let its user \
                 publish and subscribe to {}",
                self.address,
                self.address.subject("*")
            ));
        }
        self.has_attended.store(true, Ordering::Relaxed);
        Ok(())
    }

    async fn settle(&self) {
        let (done, all_sent) = oneshot::channel();
        self.queue.put(Item::Mark(done));
        if self.is_up() {
            let _ = timeout(PATIENCE, all_sent).await;
        }
    }
}

/// Sends what waits: as much as there is, then flushes once. While the connection is away, the
/// flush waits for it, and the queue fills.
struct Sender {
    client: Client,
    address: Address,
    metrics: Arc<Metrics>,
    queue: Arc<Queue>,
    signals: mpsc::UnboundedSender<Signal>,
    is_up: Arc<AtomicBool>,
    said: Option<Instant>,
}

impl Sender {
    async fn run(mut self) {
        loop {
            let mut marks = Vec::new();
            for item in self.queue.take().await {
                match item {
                    Item::Note(node, note) => self.send(node, &note).await,
                    Item::Mark(done) => marks.push(done),
                }
            }
            let _ = self.client.flush().await;
            if self.is_up.load(Ordering::Relaxed) {
                for node in self.queue.take_owed() {
                    self.queue.put(Item::Note(node, Note::Missed));
                }
            }
            for done in marks {
                let _ = self.signals.send(Signal::Echo(done));
            }
        }
    }

    async fn send(&mut self, node: NodeId, note: &Note) {
        let payload = Bytes::from(note.to_bytes());
        let (subject, bytes) = (self.address.subject(node), payload.len());
        let Err(error) = self.client.publish(subject, payload).await else {
            return;
        };
        if error.kind() == PublishErrorKind::MaxPayloadExceeded {
            self.metrics.lost(Lost::TooBig, 1);
            self.queue.owe(node);
        }
        if is_due(&mut self.said) {
            tracing::warn!(%error, node, bytes, "a note did not go out; see NATS's max_payload");
        }
    }
}

/// Whether something that may happen often is to be said now.
fn is_due(said: &mut Option<Instant>) -> bool {
    let is_due = said.is_none_or(|said| said.elapsed() >= QUIET);
    if is_due {
        *said = Some(Instant::now());
    }
    is_due
}

struct Keeper {
    client: Client,
    address: Address,
    metrics: Arc<Metrics>,
    notes: mpsc::Sender<Note>,
    queue: Arc<Queue>,
    is_up: Arc<AtomicBool>,
    /// What the client says of its connection.
    is_connected: bool,
    node: Option<NodeId>,
    subscriber: Option<Subscriber>,
    /// The last echo that was sent, when, and the first one of this connection.
    echo: u64,
    sent: Instant,
    valid_from: u64,
    /// Who waits for which echo, or one after it.
    waiting: Vec<(u64, oneshot::Sender<()>)>,
    /// Notes to this node were lost, or may have been.
    has_missed: bool,
    /// Since when the bus is away.
    outage: Option<Instant>,
    said: Option<Instant>,
}

impl Keeper {
    async fn run(mut self, mut signals: mpsc::UnboundedReceiver<Signal>) {
        loop {
            let turn = {
                let signal = pin!(signals.recv());
                let message = pin!(next_message(&mut self.subscriber));
                match timeout(ECHO_EVERY, select(signal, message)).await {
                    Ok(Either::Left((signal, _))) => Some(Either::Left(signal)),
                    Ok(Either::Right((message, _))) => Some(Either::Right(message)),
                    Err(_) => None,
                }
            };
            match turn {
                Some(Either::Left(Some(signal))) => self.on_signal(signal).await,
                Some(Either::Left(None)) => return,
                Some(Either::Right(Some(message))) => self.on_message(message.payload).await,
                Some(Either::Right(None)) => self.subscriber = None,
                None => {}
            }
            let is_up = self.is_up.load(Ordering::Relaxed);
            let needs_echo = !is_up || self.has_missed || !self.waiting.is_empty();
            if needs_echo && self.sent.elapsed() >= ECHO_EVERY {
                self.send_echo().await;
            }
        }
    }

    async fn on_signal(&mut self, signal: Signal) {
        match signal {
            Signal::Attend(node, heard) => {
                self.node = Some(node);
                // Dropped, a subscription ends.
                self.subscriber = None;
                self.waiting.push((self.echo + 1, heard));
                self.send_echo().await;
            }
            Signal::Echo(done) => {
                self.waiting.push((self.echo + 1, done));
                self.send_echo().await;
            }
            // The first one tells nothing new.
            Signal::Event(Event::Connected) if !self.is_connected => {
                self.is_connected = true;
                self.valid_from = self.echo + 1;
                self.send_echo().await;
            }
            Signal::Event(Event::Disconnected | Event::Closed) => {
                self.is_connected = false;
                self.set_up(false);
                self.has_missed = true;
                self.queue.doubt();
                if self.outage.is_none() {
                    self.outage = Some(Instant::now());
                    self.said = None;
                    tracing::warn!(bus = %self.address, "the bus is away: other nodes are not told");
                }
            }
            Signal::Event(Event::SlowConsumer(_)) => {
                self.has_missed = true;
                // What is read before the next echo was sent before the loss.
                self.valid_from = self.echo + 1;
                if is_due(&mut self.said) {
                    tracing::warn!("more notes arrive than this node can read: some are dropped");
                }
            }
            Signal::Event(event @ (Event::ServerError(_) | Event::ClientError(_))) => {
                // While it is away, attempts fail one after the other.
                if self.is_connected && is_due(&mut self.said) {
                    tracing::warn!(%event, "the bus complains");
                } else {
                    tracing::debug!(%event, "the bus");
                }
            }
            Signal::Event(_) => {}
        }
    }

    /// Sends an echo to this node's own subject, which it listens to from here on.
    async fn send_echo(&mut self) {
        let Some(node) = self.node else {
            return;
        };
        self.sent = Instant::now();
        let subject = self.address.subject(node);
        if self.subscriber.is_none() {
            match self.client.subscribe(subject.clone()).await {
                Ok(subscriber) => self.subscriber = Some(subscriber),
                Err(error) => tracing::warn!(%error, "cannot listen to the bus"),
            }
        }
        // What is sent while the connection is away only takes up room.
        if self.is_connected {
            self.echo += 1;
            let text = [ECHO, self.echo.to_string().as_bytes()].concat();
            let _ = self.client.publish(subject, text.into()).await;
        }
    }

    async fn on_message(&mut self, payload: Bytes) {
        if let Some(number) = payload.strip_prefix(ECHO) {
            let number = std::str::from_utf8(number)
                .ok()
                .and_then(|n| n.parse().ok());
            self.on_echo(number.unwrap_or(0)).await;
        } else if let Some(note) = Note::from_bytes(&payload) {
            // Fails when nobody reads any more, as the server is stopping.
            let _ = self.notes.send(note).await;
        } else {
            self.metrics.lost(Lost::Unknown, 1);
        }
    }

    async fn on_echo(&mut self, number: u64) {
        let (heard, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|(wanted, _)| *wanted <= number);
        self.waiting = waiting;
        if self.is_connected && number >= self.valid_from {
            if !self.is_up.load(Ordering::Relaxed) {
                self.set_up(true);
                self.on_return();
            }
            if std::mem::take(&mut self.has_missed) {
                let _ = self.notes.send(Note::Missed).await;
            }
        }
        for (_, heard) in heard {
            let _ = heard.send(());
        }
    }

    fn on_return(&mut self) {
        if let Some(since) = self.outage.take() {
            self.metrics.bus_reconnects.inc();
            let away_s = since.elapsed().as_secs();
            tracing::info!(away_s, "the bus is back");
            // Wakes the sender, who tells others what they missed.
            self.queue.put(Item::Mark(oneshot::channel().0));
        }
    }

    fn set_up(&self, is_up: bool) {
        self.is_up.store(is_up, Ordering::Relaxed);
        self.metrics.bus_connected.set(i64::from(is_up));
    }
}

/// While nothing is subscribed to, nothing comes.
async fn next_message(subscriber: &mut Option<Subscriber>) -> Option<Message> {
    match subscriber {
        Some(subscriber) => subscriber.next().await,
        None => pending().await,
    }
}
