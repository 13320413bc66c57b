//! Several addresses of one name, several URLs: who is tried, and who is remembered.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::AtomicUsize;
use std::time::Instant;

use mio::{Events, Poll, Token};
use protocol::codes;
use tim_core::Command;

use super::data::Bench;
use super::*;
use crate::reactor::fault;
use crate::reactor::race::{Race, Raced};

const COMPANY_AFTER: Duration = Duration::from_millis(250);

/// An address that takes no connections and refuses none: its queue is full. With what fills it.
struct Hole {
    listener: TcpListener,
    address: SocketAddr,
    _filling: Vec<mio::net::TcpStream>,
}

impl Hole {
    fn new(ip: &str) -> Self {
        let listener = TcpListener::bind((ip, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        // More than the queue that the standard library asks for.
        let filling = (0..140).map(|_| mio::net::TcpStream::connect(address).unwrap());
        let hole = Self {
            address,
            _filling: filling.collect(),
            listener,
        };
        let probe = TcpStream::connect_timeout(&address, Duration::from_millis(50));
        assert!(probe.is_err(), "the queue is not full");
        hole
    }

    /// Whoever knocks again gets in.
    fn open(&self) {
        for _ in 0..130 {
            self.listener.accept().unwrap();
        }
    }
}

fn refusing(ip: &str) -> SocketAddr {
    TcpListener::bind((ip, 0)).unwrap().local_addr().unwrap()
}

/// Advances the race at a standstill of time until it is decided.
fn decide(race: &mut Race, poll: &mut Poll, now: Duration) -> Raced {
    let end = Instant::now() + LONG;
    let mut events = Events::with_capacity(8);
    loop {
        match race.advance(now, Token(1), poll.registry(), fault::of_io) {
            Raced::NotYet => assert!(Instant::now() < end, "nothing happens any more"),
            decided => return decided,
        }
        poll.poll(&mut events, Some(Duration::from_millis(20)))
            .unwrap();
    }
}

fn winner(raced: Raced) -> SocketAddr {
    match raced {
        Raced::Won(address, _) => address,
        Raced::NotYet => panic!("not decided"),
        Raced::Lost(error) => panic!("{error}"),
    }
}

#[test]
fn a_silent_address_gets_company_after_a_quarter_of_a_second() {
    let hole = Hole::new("127.0.0.2");
    let listener = TcpListener::bind("127.0.0.3:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let good = listener.local_addr().unwrap();
    let mut poll = Poll::new().unwrap();
    let mut race = Race::new(VecDeque::from([hole.address, good]));
    assert_eq!(race.deadline(), Some(Duration::ZERO));
    for now in [Duration::ZERO, COMPANY_AFTER - Duration::from_millis(1)] {
        let raced = race.advance(now, Token(1), poll.registry(), fault::of_io);
        assert!(matches!(raced, Raced::NotYet));
        assert_eq!(race.deadline(), Some(COMPANY_AFTER));
        assert!(listener.accept().is_err(), "too early");
    }
    assert_eq!(winner(decide(&mut race, &mut poll, COMPANY_AFTER)), good);
    assert_eq!(race.deadline(), None);
}

#[test]
fn a_late_answer_still_wins() {
    let (first, second) = (Hole::new("127.0.0.2"), Hole::new("127.0.0.3"));
    let mut poll = Poll::new().unwrap();
    let mut race = Race::new(VecDeque::from([first.address, second.address]));
    for now in [Duration::ZERO, COMPANY_AFTER] {
        let raced = race.advance(now, Token(1), poll.registry(), fault::of_io);
        assert!(matches!(raced, Raced::NotYet));
    }
    first.open();
    assert_eq!(
        winner(decide(&mut race, &mut poll, COMPANY_AFTER)),
        first.address
    );
}

#[test]
fn a_refusal_is_followed_by_the_next_at_once() {
    let listener = TcpListener::bind("127.0.0.3:0").unwrap();
    let good = listener.local_addr().unwrap();
    let refusing: Vec<SocketAddr> = (4..8).map(|n| refusing(&format!("127.0.0.{n}"))).collect();
    let mut poll = Poll::new().unwrap();
    let mut race = Race::new(refusing.iter().copied().chain([good]).collect());
    assert_eq!(winner(decide(&mut race, &mut poll, Duration::ZERO)), good);
    let mut race = Race::new(refusing.into());
    match decide(&mut race, &mut poll, Duration::ZERO) {
        Raced::Lost(error) => assert_eq!(error.code, codes::SDK_NET_CONN_REFUSE),
        _ => panic!("nobody listens there"),
    }
}

/// A server at this address that does everything right; without TLS.
fn serve(listener: TcpListener) -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
            std::thread::spawn(move || {
                if let Some(mut socket) = accept_websocket(stream) {
                    while socket.read().is_ok() {}
                }
            });
        }
    });
    count
}

/// Takes connections and hangs up, as what stands in front of a dead server does.
fn hang_up(listener: TcpListener) -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
            // With the request read, so that it is an end and not a reset.
            let _ = stream.read(&mut [0; 4096]);
        }
    });
    count
}

#[test]
fn an_address_that_hangs_up_is_followed_by_the_next() {
    let dead = TcpListener::bind("127.0.0.2:0").unwrap();
    let live = TcpListener::bind("127.0.0.3:0").unwrap();
    let addresses = vec![dead.local_addr().unwrap(), live.local_addr().unwrap()];
    let (dead, live) = (hang_up(dead), serve(live));
    let mut bench = Bench::at(
        addresses.clone(),
        "ws://localhost:1",
        &TlsSettings::default(),
    );
    bench.open();
    assert_eq!(bench.link.unwrap().take_peer(), Some(addresses[1]));
    assert_eq!(dead.load(Ordering::SeqCst), 1);
    assert_eq!(live.load(Ordering::SeqCst), 1);
}

#[test]
fn a_certificate_that_does_not_fit_is_not_tried_elsewhere() {
    let authority = Authority::new();
    let (wrong, _) = authority.server(&["other.example"], 2100);
    let (right, _) = authority.server(&["localhost"], 2100);
    let ports = [wrong, right]
        .map(|server| listen(move |stream| drop(accept_websocket(accept_tls(stream, &server)))));
    let addresses = ports.map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    let mut bench = Bench::at(addresses.into(), "wss://localhost:1", &authority.trust());
    let why = bench.run(|bench| bench.is_open()).unwrap_err();
    assert_eq!(why.error.code, codes::TLS_HOST_MISMATCH);
}

/// Two listeners for `localhost`, of IPv4 and IPv6, with one port; none where there is no IPv6.
fn both_families() -> Option<(TcpListener, TcpListener, u16)> {
    for _ in 0..100 {
        let Ok(six) = TcpListener::bind("[::1]:0") else {
            println!("skipped: this machine has no IPv6");
            return None;
        };
        let port = six.local_addr().unwrap().port();
        if let Ok(four) = TcpListener::bind(("127.0.0.1", port)) {
            return Some((four, six, port));
        }
    }
    panic!("no port that is free in both families");
}

#[test]
fn the_other_family_is_there_when_one_refuses() {
    let Some((four, six, port)) = both_families() else {
        return;
    };
    drop(four);
    serve(six);
    outcome(&format!("ws://localhost:{port}"), TlsSettings::default()).unwrap();
}

#[test]
fn the_address_that_worked_comes_first_the_next_time() {
    let Some((four, six, port)) = both_families() else {
        return;
    };
    let (dead, live) = (hang_up(four), serve(six));
    let (ear, heard) = Ear::new();
    let url = format!("ws://localhost:{port}");
    let instance = start(config(&url, TlsSettings::default()), ear).unwrap();
    network_outcome(&heard).unwrap();
    let first = dead.load(Ordering::SeqCst);
    assert_eq!(first, 1, "IPv4 comes first as long as nothing is known");
    let sig = protocol::usersig::mint("key", 1, "alice", 4_000_000_000, 1, None);
    let login = Command::Login {
        user_id: "alice".into(),
        user_sig: sig,
    };
    instance.submit(ReqId(1), login);
    network_outcome(&heard).unwrap();
    assert_eq!(live.load(Ordering::SeqCst), 2);
    assert_eq!(
        dead.load(Ordering::SeqCst),
        1,
        "the other one was not asked"
    );
    instance.stop();
}
