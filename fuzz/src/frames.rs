//! Frames of the wire. One input is a conversation: each line is a frame.
//!
//! The client's side reads each as a server's frame; a real node, with its database in memory, gets
//! each as a request of one of two sessions. What is behind an answer is the core's part: `core`.

use std::cell::OnceCell;
use std::net::{IpAddr, Ipv4Addr};

use futures_executor::block_on;
use protocol::frame::{self, Incoming};
use protocol::usersig;
use serde_json::json;
use timd::logic::{Harness, LogicConfig, Output, SessionId};
use timd::policy::Policy;
use timd::repo::{App, Repo, sqlite::InlineSqlite};

const APP: u64 = 1_400_000_001;
const KEY: &str = "a key of the fuzzer";
const NOW_MS: u64 = 1_700_000_000_000;
const PEER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Logged in, and not.
const ALICE: SessionId = 1;
const STRANGER: SessionId = 2;

/// Lines that are looked at; a real connection has a limit of requests too.
const LINES: usize = 32;

pub fn run(data: &[u8]) {
    let node = OnceCell::new();
    let mut ends = Vec::new();
    for (index, line) in data.split(|byte| *byte == b'\n').take(LINES).enumerate() {
        read_as_client(line);
        // A frame that is none never gets past the reading, so that no node is needed to see it.
        if frame::read_request(line).is_none() {
            continue;
        }
        let node = node.get_or_init(node_with_alice);
        let session = if line.len().is_multiple_of(2) {
            ALICE
        } else {
            STRANGER
        };
        if !ends.contains(&session) {
            ask(node, session, NOW_MS + index as u64, line, &mut ends);
        }
    }
    if let Some(node) = node.get() {
        for session in [ALICE, STRANGER] {
            check(
                &block_on(node.disconnected(session, NOW_MS + 1_000)),
                &mut ends,
            );
        }
    }
}

/// What is read and written again says the same.
fn read_as_client(line: &[u8]) {
    match frame::read_server_frame(line) {
        Some(Incoming::Answer { id, result }) => {
            let written = match &result {
                Ok(body) => frame::write_answer(id, &raw(body)),
                Err(error) => frame::write_refusal(id, error),
            };
            let Some(Incoming::Answer {
                id: again,
                result: and,
            }) = frame::read_server_frame(written.as_bytes())
            else {
                panic!("not an answer any more: {written}");
            };
            assert_eq!((id, result), (again, and));
        }
        Some(Incoming::Event { name, seq, body }) => {
            let written = frame::write_event(&name, seq, &raw(body));
            let Some(Incoming::Event {
                name: name2,
                seq: seq2,
                body: body2,
            }) = frame::read_server_frame(written.as_bytes())
            else {
                panic!("not an event any more: {written}");
            };
            assert_eq!((name, seq, body), (name2, seq2, body2));
        }
        None => {}
    }
}

fn raw(body: &str) -> &serde_json::value::RawValue {
    serde_json::from_str(body).expect("a body is JSON")
}

type Node = Harness<InlineSqlite>;

fn node_with_alice() -> Node {
    let repo = InlineSqlite::in_memory().expect("a database in memory");
    let app = App {
        id: APP,
        key: KEY.into(),
        name: "fuzz".into(),
        created_at: 0,
        policy: Policy::default(),
    };
    assert!(block_on(repo.create_app(app)).expect("an empty database"));
    let node = Node::new(repo, LogicConfig::default());
    block_on(node.logic().start()).expect("a node starts");
    for session in [ALICE, STRANGER] {
        node.connect(session, NOW_MS, PEER);
    }
    let sig = usersig::mint(KEY, APP, "alice", NOW_MS / 1000, 86_400, None);
    let login = json!({"app_id": APP, "user_id": "alice", "user_sig": sig, "device_id": "a",
        "features": 3});
    let login = frame::write_request(1, "session.login", &login);
    let outputs = block_on(node.request(ALICE, NOW_MS, login.as_bytes()));
    let [Output::Send(ALICE, answer)] = &outputs[..] else {
        panic!("{outputs:?}");
    };
    let answer = frame::read_server_frame(answer);
    assert!(matches!(
        answer,
        Some(Incoming::Answer { result: Ok(_), .. })
    ));
    node
}

/// A request is answered once, or the connection ends.
fn ask(node: &Node, session: SessionId, now_ms: u64, line: &[u8], ends: &mut Vec<SessionId>) {
    let outputs = block_on(node.request(session, now_ms, line));
    let answers = check(&outputs, ends);
    let to_it = answers.iter().filter(|to| **to == session).count();
    assert!(to_it <= 1, "answered twice: {outputs:?}");
    assert!(
        to_it == 1 || ends.contains(&session),
        "not answered: {outputs:?}"
    );
}

/// All that a server sends can be read by a client. Who got an answer.
fn check(outputs: &[Output], ends: &mut Vec<SessionId>) -> Vec<SessionId> {
    let mut answered = Vec::new();
    for output in outputs {
        match output {
            Output::Send(session, text) => match frame::read_server_frame(text) {
                Some(Incoming::Answer { .. }) => answered.push(*session),
                Some(Incoming::Event { .. }) => {}
                None => panic!("no client can read {text:?}"),
            },
            Output::Close(session, ..) => ends.push(*session),
        }
    }
    answered
}
