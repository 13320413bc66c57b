//! Frames over an open connection, seen from the connection itself.

use std::net::SocketAddr;
use std::time::Instant;

use mio::{Events, Poll, Token};
use protocol::{codes, limits};
use tim_core::{Epoch, Why};
use tungstenite::Message;
use tungstenite::protocol::CloseFrame;

use super::*;
use crate::reactor::link::{Farewell, Happened, Link};
use crate::reactor::race::Experience;
use crate::reactor::resolver::Resolver;
use crate::reactor::stats::Counters;

/// A connection without an instance around it.
pub(super) struct Bench {
    poll: Poll,
    pub(super) link: Option<Link>,
    start: Instant,
    counters: Arc<Counters>,
    frames: Vec<String>,
    is_open: bool,
    /// Polls that returned because of an event.
    wake_ups: usize,
    has_more: bool,
}

impl Bench {
    fn new(url: &str, tls: &TlsSettings) -> Self {
        let hop = ServerUrl::parse(url).map(|url| (url.host, url.port));
        let known = Resolver::known(&hop.unwrap()).unwrap();
        Self::at(known, url, tls)
    }

    /// The name of the URL has these addresses.
    pub(super) fn at(addresses: Vec<SocketAddr>, url: &str, tls: &TlsSettings) -> Self {
        let poll = Poll::new().unwrap();
        let url = ServerUrl::parse(url).unwrap();
        let trust = tls::Trust::read(tls).unwrap();
        let config = url
            .is_tls
            .then(|| tls::ClientConfigs::default().get(&trust).unwrap());
        let counters = Arc::new(Counters::default());
        let route = Arc::new(Route::default());
        let mut link = Link::new(
            Epoch(1),
            Token(1),
            (0, url),
            route,
            config,
            counters.clone(),
        );
        link.on_resolved(Ok(addresses), &Experience::default())
            .unwrap();
        Self {
            poll,
            link: Some(link),
            start: Instant::now(),
            counters,
            frames: Vec::new(),
            is_open: false,
            wake_ups: 0,
            has_more: false,
        }
    }

    /// Runs until `enough`, or the connection ends.
    pub(super) fn run(&mut self, mut enough: impl FnMut(&mut Self) -> bool) -> Result<(), Why> {
        let mut events = Events::with_capacity(8);
        let deadline = Instant::now() + LONG;
        while !enough(self) {
            assert!(Instant::now() < deadline, "nothing happens any more");
            let wait = if self.has_more {
                Duration::ZERO
            } else {
                Duration::from_millis(50)
            };
            self.poll.poll(&mut events, Some(wait)).unwrap();
            let link = self.link.as_mut().expect("not closed");
            for event in &events {
                self.wake_ups += 1;
                link.on_event(event);
            }
            let (frames, is_open) = (&mut self.frames, &mut self.is_open);
            let now = self.start.elapsed();
            self.has_more = link.drive(now, self.poll.registry(), 16, &mut |what| match what {
                Happened::Connected => *is_open = true,
                Happened::Frame(text) => frames.push(text.to_string()),
            })?;
        }
        Ok(())
    }

    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    pub(super) fn open(&mut self) {
        self.run(|bench| bench.is_open).unwrap();
    }

    fn send(&mut self, text: impl Into<String>) -> Result<(), Why> {
        self.link.as_mut().expect("not closed").send(text.into())
    }

    fn flush(&mut self) -> Result<(), Why> {
        self.link.as_mut().expect("not closed").flush()
    }

    fn close(&mut self) -> Option<Farewell> {
        self.link
            .take()
            .expect("not closed")
            .close(self.start.elapsed())
    }
}

fn echo<S: Read + Write>(stream: S) {
    let Some(mut socket) = accept_websocket(stream) else {
        return;
    };
    while let Ok(message) = socket.read() {
        if message.is_text() && socket.send(message).is_err() {
            return;
        }
    }
}

#[test]
fn frames_of_all_sizes_come_back_over_tls() {
    let authority = Authority::new();
    let (server, _) = authority.server(&["localhost"], 2100);
    let port = listen(move |stream| echo(accept_tls(stream, &server)));
    let mut bench = Bench::new(&format!("wss://localhost:{port}"), &authority.trust());
    bench.open();
    let sizes = [
        0,
        1,
        125,
        126,
        4096,
        16 * 1024,
        65535,
        65536,
        300_000,
        limits::FRAME_BYTES,
    ];
    for size in sizes {
        bench.send("x".repeat(size)).unwrap();
    }
    bench.flush().unwrap();
    bench
        .run(|bench| bench.frames.len() == sizes.len())
        .unwrap();
    let received: Vec<usize> = bench.frames.iter().map(String::len).collect();
    assert_eq!(received, sizes);
}

#[test]
fn the_frames_of_a_turn_leave_in_one_record_and_come_in_order() {
    let port = listen(echo);
    let mut bench = Bench::new(&format!("ws://localhost:{port}"), &TlsSettings::default());
    bench.open();
    let before = bench.counters.snapshot(0).bytes_out;
    for number in 0..1000 {
        bench.send(number.to_string()).unwrap();
    }
    assert_eq!(
        bench.counters.snapshot(0).bytes_out,
        before,
        "nothing leaves before the flush"
    );
    bench.flush().unwrap();
    bench.run(|bench| bench.frames.len() == 1000).unwrap();
    assert!(
        bench
            .frames
            .iter()
            .enumerate()
            .all(|(n, text)| *text == n.to_string())
    );
    let stats = bench.counters.snapshot(0);
    assert_eq!((stats.frames_in, stats.frames_out), (1000, 1000));
}

#[test]
fn an_idle_connection_wakes_nobody() {
    let authority = Authority::new();
    let (server, _) = authority.server(&["localhost"], 2100);
    let port = listen(move |stream| echo(accept_tls(stream, &server)));
    let mut bench = Bench::new(&format!("wss://localhost:{port}"), &authority.trust());
    bench.open();
    bench.send("x").unwrap();
    bench.flush().unwrap();
    bench.run(|bench| bench.frames.len() == 1).unwrap();
    bench.wake_ups = 0;
    let until = Instant::now() + Duration::from_millis(300);
    bench.run(|_| Instant::now() > until).unwrap();
    // On Windows every read that found nothing is followed by one.
    let most = usize::from(cfg!(windows));
    assert!(bench.wake_ups <= most, "{}", bench.wake_ups);
}

#[test]
fn a_server_that_stops_reading_is_given_up_and_does_not_block() {
    let port = listen(|stream| {
        let _socket = accept_websocket(stream);
        std::thread::sleep(LONG);
    });
    let mut bench = Bench::new(&format!("ws://localhost:{port}"), &TlsSettings::default());
    bench.open();
    let start = Instant::now();
    let text = "x".repeat(100_000);
    let error = loop {
        if let Err(why) = bench.send(text.clone()).and_then(|()| bench.flush()) {
            break why.error;
        }
    };
    assert_eq!(error.code, codes::SDK_NET_DISCONNECT);
    assert!(error.desc.contains("slowly"), "{error}");
    assert!(
        bench.counters.snapshot(0).frames_out > 80,
        "the bound is not that low"
    );
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn what_a_slow_server_did_not_take_follows_when_it_reads_again() {
    let authority = Authority::new();
    let (server, _) = authority.server(&["localhost"], 2100);
    let port = listen(move |stream| {
        let mut socket = accept_websocket(accept_tls(stream, &server)).unwrap();
        std::thread::sleep(Duration::from_millis(300));
        let mut bytes = 0;
        while bytes < 6_000_000 {
            bytes += socket.read().unwrap().len();
        }
        socket.send(Message::text("all")).unwrap();
        drain(socket.get_mut());
    });
    let mut bench = Bench::new(&format!("wss://localhost:{port}"), &authority.trust());
    bench.open();
    for _ in 0..60 {
        bench.send("y".repeat(100_000)).unwrap();
        bench.flush().unwrap();
    }
    bench.run(|bench| bench.frames.len() == 1).unwrap();
    assert_eq!(bench.frames, ["all"]);
}

#[test]
fn frames_that_arrive_with_the_handshake_and_the_end_are_not_lost() {
    for with_tls in [false, true] {
        let authority = Authority::new();
        let (server, _) = authority.server(&["localhost"], 2100);
        let port = listen(move |stream| {
            stream.set_nodelay(true).unwrap();
            let talk = |socket: Option<WebSocket<&mut dyn ReadWrite>>| {
                let mut socket = socket.unwrap();
                for number in 0..50 {
                    socket.write(Message::text(number.to_string())).unwrap();
                }
                socket.write(Message::Ping(vec![1].into())).unwrap();
                let frame = CloseFrame {
                    code: 1001.into(),
                    reason: "retry_after_ms=40".into(),
                };
                let _ = socket.close(Some(frame));
            };
            if with_tls {
                let mut stream = accept_tls(stream, &server);
                talk(accept_websocket(&mut stream as &mut dyn ReadWrite));
                drain(stream);
            } else {
                let mut stream = stream;
                talk(accept_websocket(&mut stream as &mut dyn ReadWrite));
                drain(stream);
            }
        });
        let scheme = if with_tls { "wss" } else { "ws" };
        let mut bench = Bench::new(&format!("{scheme}://localhost:{port}"), &authority.trust());
        let why = bench.run(|_| false).unwrap_err();
        assert_eq!(bench.frames.len(), 50);
        assert_eq!(why.error.code, codes::SERVER_SHUTDOWN);
        assert_eq!((why.close_code, why.retry_after_ms), (Some(1001), Some(40)));
    }
}

trait ReadWrite: Read + Write {}
impl<T: Read + Write> ReadWrite for T {}

/// What ends a connection to a server that does this after the handshake.
fn end_of(act: impl Fn(&mut WebSocket<TcpStream>) + Send + Sync + 'static) -> Error {
    let port = listen(move |stream| {
        let mut socket = accept_websocket(stream).unwrap();
        act(&mut socket);
    });
    let mut bench = Bench::new(&format!("ws://localhost:{port}"), &TlsSettings::default());
    bench.run(|_| false).unwrap_err().error
}

#[test]
fn a_server_that_breaks_the_protocol_is_left() {
    let binary = end_of(|socket| {
        socket.send(Message::binary(vec![1, 2])).unwrap();
        while socket.read().is_ok() {}
    });
    assert_eq!(binary.code, codes::PROTOCOL);
    let huge = end_of(|socket| {
        // The head of a text frame of 100 MB.
        let mut head = vec![0x81, 127];
        head.extend_from_slice(&100_000_000u64.to_be_bytes());
        socket.get_mut().write_all(&head).unwrap();
        drain(socket.get_mut());
    });
    assert_eq!(huge.code, codes::PROTOCOL);
    let noise = end_of(|socket| {
        socket.get_mut().write_all(&[0xff; 64]).unwrap();
        drain(socket.get_mut());
    });
    assert_eq!(noise.code, codes::PROTOCOL);
    let not_utf8 = end_of(|socket| {
        socket.get_mut().write_all(&[0x81, 2, 0xc3, 0x28]).unwrap();
        drain(socket.get_mut());
    });
    assert_eq!(not_utf8.code, codes::PROTOCOL);
    let gone = end_of(|_| {});
    assert_eq!(gone.code, codes::SDK_NET_DISCONNECT, "{gone}");
}

#[test]
fn frames_byte_by_byte_are_put_together() {
    let port = listen(|stream| {
        stream.set_nodelay(true).unwrap();
        let mut socket = accept_websocket(stream).unwrap();
        let mut frame = vec![0x81, 5];
        frame.extend_from_slice(b"hello");
        for byte in frame {
            socket.get_mut().write_all(&[byte]).unwrap();
            std::thread::sleep(Duration::from_millis(2));
        }
        drain(socket.get_mut());
    });
    let mut bench = Bench::new(&format!("ws://localhost:{port}"), &TlsSettings::default());
    bench.run(|bench| !bench.frames.is_empty()).unwrap();
    assert_eq!(bench.frames, ["hello"]);
}

#[test]
fn a_closed_connection_delivers_what_was_sent_before() {
    let (seen, sees) = unbounded();
    let authority = Authority::new();
    let (server, _) = authority.server(&["localhost"], 2100);
    let port = listen(move |stream| {
        let mut socket = accept_websocket(accept_tls(stream, &server)).unwrap();
        // Something that the client will not read before it closes.
        socket.send(Message::text("unread")).unwrap();
        std::thread::sleep(Duration::from_millis(50));
        while let Ok(message) = socket.read() {
            let _ = seen.send(message);
        }
    });
    let mut bench = Bench::new(&format!("wss://localhost:{port}"), &authority.trust());
    bench.open();
    bench.send("last words").unwrap();
    let mut farewell = bench.close();
    let deadline = Instant::now() + LONG;
    let mut events = Events::with_capacity(8);
    while let Some(mut going) = farewell.take() {
        assert!(Instant::now() < deadline);
        bench
            .poll
            .poll(&mut events, Some(Duration::from_millis(5)))
            .unwrap();
        events.iter().for_each(|event| going.on_event(event));
        farewell = (!going.drive(bench.start.elapsed())).then_some(going);
    }
    assert_eq!(
        sees.recv_timeout(LONG).unwrap(),
        Message::text("last words")
    );
    assert!(sees.recv_timeout(LONG).unwrap().is_close());
}

#[test]
fn the_second_connection_resumes_the_first_ones_session() {
    let authority = Authority::new();
    let (server, _) = authority.server(&["localhost"], 2100);
    let (seen, sees) = unbounded();
    let port = listen(move |stream| {
        let mut socket = accept_websocket(accept_tls(stream, &server)).unwrap();
        let _ = seen.send(socket.get_ref().conn.handshake_kind());
        socket.send(Message::text("hello")).unwrap();
        while socket.read().is_ok() {}
    });
    let mut configs = tls::ClientConfigs::default();
    let trust = tls::Trust::read(&authority.trust()).unwrap();
    let config = configs.get(&trust).unwrap();
    for _ in 0..2 {
        let mut bench = Bench::new(&format!("wss://localhost:{port}"), &authority.trust());
        let url = ServerUrl::parse(&format!("wss://localhost:{port}")).unwrap();
        let shared = configs.get(&trust).unwrap();
        assert!(Arc::ptr_eq(&shared, &config));
        let counters = bench.counters.clone();
        let route = Arc::new(Route::default());
        let mut link = Link::new(Epoch(1), Token(2), (0, url), route, Some(shared), counters);
        let known = Resolver::known(&link.next_hop()).unwrap();
        link.on_resolved(Ok(known), &Experience::default()).unwrap();
        bench.link = Some(link);
        bench.run(|bench| !bench.frames.is_empty()).unwrap();
    }
    let kinds: Vec<_> = sees.try_iter().flatten().collect();
    assert_eq!(kinds[0], rustls::HandshakeKind::Full);
    assert_eq!(kinds[1], rustls::HandshakeKind::Resumed);
}
