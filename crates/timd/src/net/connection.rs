//! One connection after its handshake: frames in, outcomes and pushes out, in one task.
//!
//! Requests are started as they arrive and finish in their order; everything that is ready in a
//! turn is written first and flushed once.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use protocol::frame::close;
use protocol::limits;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Sleep, sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error as WsError, Message, Utf8Bytes};

use super::node::Node;
use super::outbox::{Due, Outbox, Wanted};
use crate::logic::{Forecast, Link, Outcome, SessionId};
use crate::metrics::Metrics;

/// Small, since most connections are idle most of the time.
const READ_BUFFER: usize = 4 * 1024;
/// Frames of a turn are collected up to here before they are written.
const WRITE_BUFFER: usize = 16 * 1024;
/// Frames that one turn reads before other connections get theirs.
const TURN: usize = 128;

/// What the settings say about one connection.
#[derive(Clone)]
pub(super) struct Rules {
    pub max_in_flight: usize,
    pub write_queue_bytes: usize,
    pub requests_per_second: u32,
    pub request_burst: u32,
    pub close_timeout: Duration,
}

/// Lets requests through at a rate: the moment at which the bucket would be full again.
struct Bucket {
    step: Duration,
    depth: Duration,
    full_at: Instant,
}

impl Bucket {
    fn new(rules: &Rules) -> Option<Self> {
        let step = Duration::from_secs(1).checked_div(rules.requests_per_second)?;
        Some(Self {
            step,
            depth: step * rules.request_burst,
            full_at: Instant::now(),
        })
    }

    /// Takes one; gives how long to wait before the next.
    fn take(&mut self) -> Option<Duration> {
        let now = Instant::now();
        self.full_at = self.full_at.max(now) + self.step;
        (self.full_at - now)
            .checked_sub(self.depth)
            .filter(|wait| !wait.is_zero())
    }
}

/// A request that was started.
struct Slot {
    /// Bytes that its answer and echo may have.
    expected: usize,
    /// Nobody but the caller waits for it.
    reads_only: bool,
    state: State,
}

enum State {
    Running(BoxFuture<'static, Outcome>),
    Done(Outcome),
}

/// Why a connection ends.
enum End {
    /// The peer went, or the link broke.
    Gone,
    /// The peer said goodbye.
    Goodbye,
    /// The server closes.
    Close(u16, String),
}

pub(super) struct Connection<S> {
    ws: WebSocketStream<S>,
    node: Arc<dyn Node>,
    session: SessionId,
    outbox: Arc<Outbox>,
    metrics: Arc<Metrics>,
    max_in_flight: usize,
    running: VecDeque<Slot>,
    /// Sum of what the running ones expect.
    expected: usize,
    sending: VecDeque<Due>,
    bucket: Option<Bucket>,
    pause: Option<Pin<Box<Sleep>>>,
    close_timeout: Duration,
    /// Runs from when a close is wanted: the peer has until then to read what was sent before.
    closing: Option<Pin<Box<Sleep>>>,
    pipelines: bool,
    unflushed: bool,
    /// Other connections were given something to write, and have not had their turn yet.
    has_told: bool,
    /// The last turn ended for their sake.
    gave_way: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<S> {
    pub async fn new(
        stream: S,
        read: Bytes,
        session: SessionId,
        node: Arc<dyn Node>,
        outbox: Arc<Outbox>,
        metrics: Arc<Metrics>,
        rules: &Rules,
    ) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(WRITE_BUFFER)
            .max_message_size(Some(limits::FRAME_BYTES))
            .max_frame_size(Some(limits::FRAME_BYTES));
        let (role, read) = (Role::Server, read.to_vec());
        Self {
            ws: WebSocketStream::from_partially_read(stream, read, role, Some(config)).await,
            node,
            session,
            outbox,
            metrics,
            max_in_flight: rules.max_in_flight,
            running: VecDeque::new(),
            expected: 0,
            sending: VecDeque::new(),
            bucket: Bucket::new(rules),
            pause: None,
            close_timeout: rules.close_timeout,
            closing: None,
            pipelines: false,
            unflushed: false,
            has_told: false,
            gave_way: false,
        }
    }

    /// Serves the connection until it ends.
    pub async fn run(mut self: Box<Self>) {
        let end = poll_fn(|cx| self.poll_turn(cx)).await;
        self.outbox.close(close::GOING_AWAY, "over");
        let Self {
            mut ws,
            node,
            session,
            running,
            metrics,
            close_timeout: limit,
            ..
        } = *self;
        // Whatever has begun is finished: others wait for its pushes.
        let mut leave = Box::pin(async move {
            for slot in running {
                let outcome = match slot.state {
                    State::Running(future) => future.await,
                    State::Done(outcome) => outcome,
                };
                node.apply(session, outcome);
            }
            node.disconnected(session).await;
        });
        // The peer need not wait for a database that hangs: it has to know that it is online no more.
        let has_left = timeout(limit, &mut leave).await.is_ok();
        match end {
            End::Gone => {}
            End::Goodbye => {
                let _ = timeout(limit, ws.close(None)).await;
                let _ = timeout(limit, ws.get_mut().shutdown()).await;
            }
            End::Close(code, reason) => {
                metrics.closed.inc();
                tracing::debug!(session, code, reason, "closing");
                Box::pin(say_goodbye(ws, code, reason, limit)).await;
            }
        }
        if !has_left {
            leave.await;
        }
    }

    fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        self.outbox.register(cx.waker());
        let end = self.work(cx);
        if self.unflushed {
            match Pin::new(&mut self.ws).poll_flush(cx) {
                Poll::Ready(Ok(())) => self.unflushed = false,
                Poll::Ready(Err(_)) if end.is_pending() => return Poll::Ready(End::Gone),
                _ => {}
            }
        }
        end
    }

    fn work(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        for _ in 0..TURN {
            let finished = self.finish(cx);
            if std::mem::take(&mut self.has_told) && !std::mem::replace(&mut self.gave_way, true) {
                // Those whom it concerns write first.
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            self.gave_way = false;
            let held = self.holds_back();
            match self.write(cx) {
                Ok(Wanted::Open) if held && !self.holds_back() => continue,
                Ok(Wanted::Open) => {}
                Ok(Wanted::Cut(code, reason)) => return Poll::Ready(End::Close(code, reason)),
                Ok(Wanted::Close(code, reason)) => {
                    if self.running.is_empty() && self.sending.is_empty() {
                        return Poll::Ready(End::Close(code, reason));
                    }
                    let limit = self.close_timeout;
                    let closing = &mut self.closing;
                    let timer = closing.get_or_insert_with(|| Box::pin(sleep(limit)));
                    return timer.as_mut().poll(cx).map(|()| End::Close(code, reason));
                }
                Err(()) => return Poll::Ready(End::Gone),
            }
            if !self.may_read(cx) {
                if finished {
                    continue;
                }
                return Poll::Pending;
            }
            match Pin::new(&mut self.ws).poll_next(cx) {
                Poll::Ready(Some(Ok(message))) => {
                    if let Some(end) = self.receive(message, cx) {
                        return Poll::Ready(end);
                    }
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(end_of(&error)),
                Poll::Ready(None) => return Poll::Ready(End::Gone),
                Poll::Pending if finished => {}
                Poll::Pending => return Poll::Pending,
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Whether answers have to wait until the peer has read those before. What others wait for
    /// does not.
    fn holds_back(&self) -> bool {
        !self.running.is_empty()
            && self.running.iter().all(|slot| slot.reads_only)
            && !self.outbox.takes_answers()
    }

    /// Lets out what is finished, in the order of the requests.
    fn finish(&mut self, cx: &mut Context<'_>) -> bool {
        let mut any = false;
        while !self.holds_back()
            && let Some(front) = self.running.front_mut()
        {
            if let State::Running(future) = &mut front.state {
                match future.as_mut().poll(cx) {
                    Poll::Ready(outcome) => front.state = State::Done(outcome),
                    Poll::Pending => break,
                }
            }
            if let Some(Slot {
                expected,
                state: State::Done(outcome),
                ..
            }) = self.running.pop_front()
            {
                self.expected -= expected;
                self.has_told |= self.node.apply(self.session, outcome);
                self.pipelines = self.pipelines || self.node.may_pipeline(self.session);
                any = true;
            }
        }
        any
    }

    /// Hands frames to the socket as long as it takes them.
    fn write(&mut self, cx: &mut Context<'_>) -> Result<Wanted, ()> {
        loop {
            let (mut bytes, now) = (0, Instant::now());
            let mut blocked = false;
            while !self.sending.is_empty() {
                match Pin::new(&mut self.ws).poll_ready(cx) {
                    Poll::Ready(Ok(())) => {}
                    Poll::Ready(Err(_)) => return Err(()),
                    Poll::Pending => {
                        blocked = true;
                        break;
                    }
                }
                let Some((since, frame)) = self.sending.pop_front() else {
                    break;
                };
                bytes += frame.len();
                let text = Utf8Bytes::try_from(frame).map_err(|_| ())?;
                let sent = Pin::new(&mut self.ws).start_send(Message::Text(text));
                sent.map_err(|_| ())?;
                self.unflushed = true;
                let waited = now.saturating_duration_since(since);
                self.metrics.delivery.observe(waited);
            }
            if bytes > 0 {
                self.outbox.sent(bytes);
            }
            if blocked {
                return Ok(self.outbox.wanted());
            }
            if self.sending.capacity() > 1024 {
                self.sending = VecDeque::new();
            }
            let wanted = self.outbox.take(&mut self.sending);
            if self.sending.is_empty() || matches!(wanted, Wanted::Cut(..)) {
                return Ok(wanted);
            }
        }
    }

    fn may_read(&mut self, cx: &mut Context<'_>) -> bool {
        if let Some(pause) = &mut self.pause {
            match pause.as_mut().poll(cx) {
                Poll::Ready(()) => self.pause = None,
                Poll::Pending => return false,
            }
        }
        // One by one, as a rule: what follows a login has to find it done.
        let limit = if self.pipelines {
            self.max_in_flight
        } else {
            1
        };
        self.running.len() < limit && self.outbox.has_room(self.expected)
    }

    fn receive(&mut self, message: Message, cx: &mut Context<'_>) -> Option<End> {
        if let Some(wait) = self.bucket.as_mut().and_then(Bucket::take) {
            self.pause = Some(Box::pin(sleep(wait)));
        }
        match message {
            Message::Text(text) => {
                let forecast = Forecast::of(text.as_bytes());
                let expected = forecast.bytes;
                let mut future = self.node.clone().handle(self.session, text.into());
                // Polled at once, so that it gets in line: the writes of a connection reach the
                // repo in their order.
                let state = match future.as_mut().poll(cx) {
                    Poll::Ready(outcome) => State::Done(outcome),
                    Poll::Pending => State::Running(future),
                };
                if forecast.logout {
                    self.pipelines = self.node.may_pipeline(self.session);
                }
                self.expected += expected;
                self.running.push_back(Slot {
                    expected,
                    reads_only: forecast.reads_only,
                    state,
                });
                None
            }
            Message::Ping(_) | Message::Pong(_) => {
                self.node.heard(self.session);
                self.unflushed = true;
                None
            }
            Message::Close(_) => Some(End::Goodbye),
            Message::Binary(_) | Message::Frame(_) => {
                let reason = "frames are text".to_owned();
                Some(End::Close(close::PROTOCOL, reason))
            }
        }
    }
}

/// How an error of the WebSocket ends the connection.
fn end_of(error: &WsError) -> End {
    match error {
        WsError::Capacity(_) => {
            let reason = format!("a frame has at most {} bytes", limits::FRAME_BYTES);
            End::Close(close::TOO_BIG, reason)
        }
        WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => End::Gone,
        WsError::Protocol(_) | WsError::Utf8(_) => {
            End::Close(close::PROTOCOL, "no WebSocket frame of text".into())
        }
        _ => End::Gone,
    }
}

/// Tells the peer why, and gives it a moment to read that.
async fn say_goodbye<S>(mut ws: WebSocketStream<S>, code: u16, reason: String, limit: Duration)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let frame = CloseFrame {
        code: code.into(),
        reason: reason.into(),
    };
    if !matches!(
        timeout(limit, ws.send(Message::Close(Some(frame)))).await,
        Ok(Ok(()))
    ) {
        return;
    }
    let _ = timeout(limit, async {
        let answered = loop {
            match ws.next().await {
                Some(Ok(Message::Close(_)) | Err(WsError::ConnectionClosed)) => break true,
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break false,
            }
        };
        if !answered {
            // What it sends no longer makes sense. But closing with bytes unread would reset the
            // connection, and the peer would not see why.
            let mut rest = vec![0; READ_BUFFER];
            while matches!(ws.get_mut().read(&mut rest).await, Ok(n) if n > 0) {}
        }
        let _ = ws.get_mut().shutdown().await;
    })
    .await;
}
