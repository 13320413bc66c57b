//! Peers that send garbage, too much, too slowly, nothing, or do not read: each costs a bounded
//! amount and is closed with a reason.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod support;

use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use serde_json::json;
use support::{Client, get, message, tcp, tls};
use timd::testing::{TestServer, start_with};
use tungstenite::{Bytes, Message};

fn quick() -> TestServer {
    start_with(|config| {
        config.handshake_timeout = Duration::from_millis(400);
        config.login_timeout = Duration::from_millis(400);
        config.idle_timeout = Duration::from_millis(600);
    })
    .unwrap()
}

/// Waits until the server has let go of everything.
fn settles(server: &TestServer) {
    let start = Instant::now();
    while server.metrics().connections.get() > 0 {
        assert!(start.elapsed() < support::PATIENCE, "a connection stays");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(server.metrics().sessions.get(), 0);
    assert_eq!(server.metrics().outgoing_bytes.get(), 0);
}

fn code(client: &mut Client) -> u16 {
    client.ended().expect("a close frame").0
}

#[test]
fn nothing_and_garbage_before_the_handshake() {
    let server = quick();
    // Nothing at all; after TLS nothing; one byte a little later than allowed.
    let mut silent = tcp(&server);
    let mut after_tls = tls(&server);
    after_tls.write_all(b"GET /v1 HTTP/1.1\r\n").unwrap();
    let mut slow = tcp(&server);
    let mut rest = Vec::new();
    assert_eq!(silent.read_to_end(&mut rest).unwrap(), 0);
    assert!(
        after_tls
            .read(&mut [0; 100])
            .is_err_and(|e| e.kind() == ErrorKind::UnexpectedEof)
    );
    let mut closed = false;
    for byte in b"\x16\x03\x01\x02\x00\x01\x00".iter().cycle().take(2000) {
        if slow.write_all(&[*byte]).is_err() {
            closed = true;
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(closed);
    // Plaintext where TLS is spoken.
    let mut plain = tcp(&server);
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let _ = plain.read_to_end(&mut rest);
    settles(&server);
    assert!(server.metrics().handshakes_failed.get() >= 4);
}

#[test]
fn http_that_is_no_upgrade() {
    let server = quick();
    assert!(get(&server, "/healthz").0.starts_with("HTTP/1.1 200"));
    assert_eq!(get(&server, "/readyz").1, "ready\n");
    assert!(get(&server, "/v1").0.starts_with("HTTP/1.1 426"));
    assert!(get(&server, "/x").0.starts_with("HTTP/1.1 404"));
    let (head, metrics) = get(&server, "/metrics");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(metrics.contains("\ntimd_connections 1\n"), "{metrics}");
    // Headers without end.
    let mut stream = tls(&server);
    let _ = stream.write_all(b"GET / HTTP/1.1\r\nX: ");
    while stream.write_all(&[b'x'; 4096]).is_ok() {}
    settles(&server);
}

#[test]
fn no_subprotocol_no_session() {
    let server = quick();
    let mut stream = tls(&server);
    stream
        .write_all(
            b"GET /v1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
              Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        )
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[test]
fn frames_that_are_none_of_the_protocol() {
    let server = quick();
    for text in ["", "garbage", "[]", "{\"id\":1}", "{\"id\":1,\"op\":2}"] {
        let mut client = Client::connect(&server);
        client.raw(text);
        assert_eq!(code(&mut client), 1002, "{text}");
    }
    let mut client = Client::connect(&server);
    client
        .ws
        .send(Message::Binary(Bytes::from_static(b"{}")))
        .unwrap();
    assert_eq!(code(&mut client), 1002);
    // Not even a frame: reserved bits, no mask.
    let mut client = Client::connect(&server);
    client.ws.get_mut().write_all(&[0xff; 64]).unwrap();
    assert_eq!(code(&mut client), 1002);
    // Broken UTF-8 in a text frame, with an empty mask.
    let mut client = Client::connect(&server);
    client
        .ws
        .get_mut()
        .write_all(&[0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28])
        .unwrap();
    assert_eq!(code(&mut client), 1002);
    settles(&server);
}

#[test]
fn a_frame_of_100_megabytes() {
    let server = quick();
    let mut client = Client::login(&server, "alice");
    // Announced, and begun.
    let stream = client.ws.get_mut();
    stream.write_all(&[0x81, 0xff]).unwrap();
    stream.write_all(&100_000_000_u64.to_be_bytes()).unwrap();
    stream.write_all(&[0; 4]).unwrap();
    let chunk = vec![b'x'; 64 * 1024];
    for _ in 0..8 {
        if stream.write_all(&chunk).is_err() {
            break;
        }
    }
    assert_eq!(code(&mut client), 1009);
    drop(client);
    // In pieces that each are small enough.
    let mut client = Client::login(&server, "alice");
    let stream = client.ws.get_mut();
    for n in 0..40 {
        let first = if n == 0 { 0x01 } else { 0x00 };
        let mut piece = vec![first, 0xff];
        piece.extend(65536_u64.to_be_bytes());
        piece.extend([0; 4]);
        piece.extend(&chunk);
        if stream.write_all(&piece).is_err() {
            break;
        }
    }
    assert_eq!(code(&mut client), 1009);
    drop(client);
    settles(&server);
}

#[test]
fn silence_after_the_handshake_and_after_login() {
    let server = quick();
    let mut never = Client::connect(&server);
    let mut idle = Client::login(&server, "alice");
    // One byte a time of a frame that never ends is silence too.
    let mut slow = Client::login(&server, "bob");
    let start = Instant::now();
    let stream = slow.ws.get_mut();
    stream
        .write_all(&[0x81, 0xfe, 0x10, 0x00, 0, 0, 0, 0])
        .unwrap();
    while start.elapsed() < Duration::from_millis(1500) {
        if stream
            .write_all(b"x")
            .and_then(|()| stream.flush())
            .is_err()
        {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(code(&mut never), 4002);
    assert_eq!(code(&mut idle), 4003);
    assert_eq!(code(&mut slow), 4003);
    settles(&server);
}

#[test]
fn pings_count_as_heard() {
    let server = quick();
    let mut client = Client::login(&server, "alice");
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(1500) {
        client.ws.send(Message::Ping(Bytes::new())).unwrap();
        assert!(matches!(client.ws.read().unwrap(), Message::Pong(_)));
        std::thread::sleep(Duration::from_millis(50));
    }
    client.ok("session.heartbeat", json!({}));
}

#[test]
fn who_does_not_read_is_closed_and_others_go_on() {
    let server = start_with(|config| {
        config.write_queue_bytes = 64 * 1024;
        config.requests_per_second = 0;
    })
    .unwrap();
    let mut alice = Client::login(&server, "alice");
    let _deaf = Client::login(&server, "deaf");
    let mut bob = Client::login(&server, "bob");
    let text = "x".repeat(10_000);
    let mut sent = 0;
    // The kernel's buffers take some; then the server's queue fills and the reader goes.
    while server.metrics().sessions.get() == 3 {
        sent += 1;
        alice.send_text("deaf", &format!("{sent}"), &text);
        alice.events.clear();
        assert!(sent < 10_000, "a deaf client is kept");
    }
    alice.send_text("bob", "after", "still here");
    assert_eq!(bob.event("message.new")["body"]["msg_id"], "after");
    // Nothing is lost: what was not delivered is in the stream.
    let mut back = Client::connect(&server);
    let state = back.log_in(&server, "deaf", json!({}));
    assert_eq!(state["event_seq"], sent);
}

/// Fills a conversation with oneself, so that each page of its history has about 128 KB.
fn fill(client: &mut Client, user: &str) {
    let text = "x".repeat(10_000);
    for n in 0..20 {
        client.send_text(user, &format!("{n}"), &text);
    }
}

fn page_of(user: &str) -> serde_json::Value {
    json!({"conv": support::c2c(user), "from": 1, "to": 100, "limit": 100})
}

#[test]
fn who_stops_reading_is_let_go_when_the_server_closes() {
    let server = start_with(|config| {
        config.idle_timeout = Duration::from_millis(600);
        config.close_timeout = Duration::from_millis(200);
    })
    .unwrap();
    let mut deaf = Client::login(&server, "deaf");
    fill(&mut deaf, "deaf");
    // More than the buffers of both sides hold.
    for _ in 0..200 {
        deaf.start("message.history", page_of("deaf"));
    }
    settles(&server);
    let mut alice = Client::login(&server, "alice");
    let found = alice.ok("user.get_status", json!({"users": ["deaf"]}));
    assert_eq!(found["statuses"][0]["user_status_status_type"], 2);
    drop(deaf);
}

#[test]
fn pages_that_were_asked_for_wait_for_a_slow_reader() {
    let server = start_with(|config| config.write_queue_bytes = 64 * 1024).unwrap();
    let mut slow = Client::login(&server, "slow");
    fill(&mut slow, "slow");
    let ids: Vec<u64> = (0..60)
        .map(|_| slow.start("message.history", page_of("slow")))
        .collect();
    for id in ids {
        std::thread::sleep(Duration::from_millis(10));
        let answer = slow.answer(id);
        let page = answer["body"]["messages"].as_array().unwrap();
        assert!(page.len() > 10, "{}", page.len());
    }
}

#[test]
fn who_sends_without_reading_is_slowed_down() {
    let server = start_with(|config| {
        config.requests_per_second = 0;
        config.write_queue_bytes = 64 * 1024;
    })
    .unwrap();
    let mut alice = Client::login(&server, "alice");
    let ids: Vec<u64> = (0..3000)
        .map(|n| alice.start("message.send", message("alice", &format!("{n}"), "hi")))
        .collect();
    for id in ids {
        assert_eq!(alice.answer(id)["code"], 0);
    }
}

#[test]
fn the_rate_of_requests_is_held() {
    let server = start_with(|config| {
        config.requests_per_second = 100;
        config.request_burst = 10;
    })
    .unwrap();
    let mut alice = Client::login(&server, "alice");
    let start = Instant::now();
    let ids: Vec<u64> = (0..50)
        .map(|_| alice.start("session.heartbeat", json!({})))
        .collect();
    for id in ids {
        assert_eq!(alice.answer(id)["code"], 0);
    }
    // 51 requests, 10 of them at once.
    let took = start.elapsed();
    assert!(took > Duration::from_millis(350), "{took:?}");
}

#[test]
fn connections_are_counted() {
    let server = start_with(|config| config.max_connections_per_address = 2).unwrap();
    let mut first = Client::login(&server, "alice");
    let second = Client::login(&server, "bob");
    let mut third = tcp(&server);
    assert!(matches!(third.read(&mut [0; 1]), Ok(0) | Err(_)));
    assert_eq!(server.metrics().turned_away.get(), 1);
    first.ok("session.heartbeat", json!({}));
    drop(second);
    while server.metrics().connections.get() > 1 {
        std::thread::yield_now();
    }
    Client::login(&server, "carol");
}
