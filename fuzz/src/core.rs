//! The client's core under a program of inputs: calls, frames that fit and frames that do not,
//! connections that come and go, time.
//!
//! The promises: no panic; an accepted call is completed at most once, and exactly once when the
//! instance has stopped; the login state moves as drawn; frames go to the open connection only; a
//! timer that has fired moves on; suspended, nothing is open and no timer runs; no ticket and no text in the log.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

use protocol::conversation::{ConvId, GetConvParam};
use protocol::message::{Content, Elem, LocalCustom, Origin, TextElem};
use protocol::{Error, frame, usersig};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tim_core::command::{BatchMessage, KeptMessage};
use tim_core::store::{MemoryStore, Store, StoreError};
use tim_core::{
    Command, Config, Core, Epoch, Event, Input, LoginStatus, MOVES, NetHint, Now, Output, ReqId,
    Why,
};

use super::bytes::Bytes;

const APP: u64 = 1_400_000_001;
const START_S: u64 = 1_700_000_000;
const USERS: [&str; 4] = ["alice", "bob", "carol", "not a user"];
const SECRET: &str = "s3cr3t-text";

/// Steps of a program; longer ones find nothing that shorter ones do not.
const STEPS: usize = 400;

pub fn run(data: &[u8]) {
    let mut bytes = Bytes(data);
    let mut life = Life::new(&mut bytes);
    life.input(Input::Start);
    for _ in 0..STEPS {
        if bytes.is_empty() {
            break;
        }
        life.step(&mut bytes);
        let is_open = life.store.is_open();
        assert!(life.status != LoginStatus::LoggedIn || is_open || life.is_suspended);
        assert!(!life.is_suspended || (!is_open && life.core.next_timeout().is_none()));
    }
    life.input(Input::Stop);
    assert!(
        life.waiting.is_empty(),
        "never completed: {:?}",
        life.waiting
    );
}

struct Life {
    core: Core,
    store: MemoryStore,
    mono: Duration,
    last_req: u64,
    /// Accepted and not completed.
    waiting: BTreeSet<ReqId>,
    status: LoginStatus,
    is_suspended: bool,
    /// Answers to [`Input::Suspend`] and [`Input::Resume`].
    controlled: u32,
    /// The newest mark that the app has yet to come to.
    mark: u64,
    /// The newest attempt, and whether it is open.
    epoch: Epoch,
    is_open: bool,
    /// Requests that wait for an answer: id and operation.
    asked: Vec<(u64, String)>,
}

/// One for each user; made once, since it takes longer than a program.
static TICKETS: LazyLock<[String; 4]> =
    LazyLock::new(|| USERS.map(|user| usersig::mint("key", APP, user, START_S, 86_400, None)));

impl Life {
    fn new(bytes: &mut Bytes) -> Self {
        let mut config = Config::new(APP, bytes.number());
        config.endpoints = usize::from(bytes.byte() % 3);
        Self {
            core: Core::new(config),
            store: MemoryStore::default(),
            mono: Duration::ZERO,
            last_req: 0,
            waiting: BTreeSet::new(),
            status: LoginStatus::LoggedOut,
            is_suspended: false,
            controlled: 0,
            mark: 0,
            epoch: Epoch(0),
            is_open: false,
            asked: Vec::new(),
        }
    }

    fn step(&mut self, bytes: &mut Bytes) {
        match bytes.byte() % 20 {
            0 | 1 => self.login(bytes),
            2 => self.command(Command::Logout),
            3..=5 => self.call(bytes),
            6 | 7 => {
                self.is_open |= self.epoch > Epoch(0);
                self.input(Input::Connected(self.epoch));
            }
            8 => self.disconnect(bytes),
            9..=11 => self.answer(bytes),
            12..=14 => self.event(bytes),
            15 => {
                let text = bytes.slice();
                self.input(Input::Frame(self.epoch, text));
            }
            16 => self.fire(),
            17 => {
                self.mono += Duration::from_millis(bytes.number().min(10_000_000));
                self.input(Input::Timeout);
            }
            18 => self.input(Input::Network(NetHint::Changed)),
            _ => match bytes.byte() % 8 {
                4 => self.control(true),
                5 => self.input(Input::Told(self.mark)),
                6 | 7 => self.control(false),
                // Something of a connection that is long gone.
                0 => self.input(Input::Connected(Epoch(self.epoch.0.wrapping_sub(1)))),
                1 => self.input(Input::Frame(Epoch(u32::from(bytes.byte())), b"{}")),
                2 => {
                    let error = Error::new(9508, "an old connection");
                    self.input(Input::Disconnected(Epoch(0), Why::new(error)));
                }
                _ => {
                    let error = StoreError::Failed("the disk is full".into());
                    self.input(Input::CommitFailed(error));
                }
            },
        }
    }

    /// Suspends or resumes.
    fn control(&mut self, suspends: bool) {
        let before = self.controlled;
        self.is_suspended = suspends;
        self.input(match suspends {
            true => Input::Suspend,
            false => Input::Resume,
        });
        assert_eq!(self.controlled, before + 1);
    }

    fn command(&mut self, command: Command) {
        self.last_req += 1;
        let req = ReqId(self.last_req);
        self.waiting.insert(req);
        self.input(Input::Command(req, command));
    }

    fn login(&mut self, bytes: &mut Bytes) {
        let user = usize::from(bytes.byte()) % USERS.len();
        let user_sig = match bytes.byte() % 8 {
            0 => usersig::mint("key", APP, USERS[user], START_S, bytes.number(), None),
            1 => bytes.text(),
            _ => TICKETS[user].clone(),
        };
        // Checked to be there by the interface.
        if user_sig.is_empty() {
            return;
        }
        let user_id = USERS[user].into();
        self.command(Command::Login { user_id, user_sig });
    }

    fn call(&mut self, bytes: &mut Bytes) {
        let conv = conv(bytes);
        let command = match bytes.byte() % 24 {
            0..=2 => Command::Send {
                conv,
                msg_id: format!("m-{}", bytes.byte() % 16),
                content: content(bytes),
                local: LocalCustom::default(),
            },
            3 => Command::GetMessages(conv, param(bytes, &json!({}))),
            4 => {
                let text = json!({"msg_getmsglist_param_count": bytes.byte(),
                    "msg_getmsglist_param_is_ramble": bytes.flag(),
                    "msg_getmsglist_param_is_forward": bytes.flag(),
                    "msg_getmsglist_param_last_msg_seq": bytes.number(),
                    "msg_getmsglist_param_time_begin": bytes.number(),
                    "msg_getmsglist_param_time_period": bytes.number()});
                Command::GetMessages(conv, param(bytes, &text))
            }
            5 => Command::ReportRead(conv, None),
            6 => {
                let text = json!({"message_msg_id": format!("m-{}", bytes.byte() % 16),
                    "message_seq": bytes.number()});
                Command::ReportRead(conv, Some(param(bytes, &text)))
            }
            7 => Command::GetConversations,
            8 => Command::GetConversationInfo(vec![conv]),
            9 => Command::GetTotalUnread,
            10 => match bytes.byte() % 3 {
                0 => Command::GetUserStatus(users(bytes)),
                1 => Command::SubscribeUserStatus(users(bytes)),
                _ => Command::UnsubscribeUserStatus(users(bytes)),
            },
            11 => Command::SetSelfStatus(bytes.text()),
            12 => Command::GetProfiles {
                users: users(bytes),
                force: bytes.flag(),
            },
            13 => Command::SetProfile(Box::new(param(
                bytes,
                &json!({"user_profile_item_nick_name": SECRET}),
            ))),
            14 => Command::SubscribeUserInfo(users(bytes)),
            15 => Command::OpenStorage(bytes.choose(&USERS).into()),
            16 => Command::Background,
            17 => Command::Foreground,
            18 => {
                let wanted = json!({"message_msg_id": format!("m-{}", bytes.byte() % 16)});
                let update = json!({"message_custom_int": bytes.byte(),
                    "message_custom_str": SECRET});
                Command::SetLocalCustom(param(bytes, &wanted), param(bytes, &update))
            }
            19 => Command::FindMessages(vec![format!("m-{}", bytes.byte() % 16)]),
            20 => {
                let text = json!({"message_locator_seq": bytes.number()});
                Command::FindByLocators(conv, vec![param(bytes, &text)])
            }
            22 => {
                let messages = users(bytes).into_iter().map(|user| BatchMessage {
                    user,
                    msg_id: format!("m-{}", bytes.byte() % 16),
                    rand: 1,
                });
                Command::SendBatch {
                    messages: messages.collect(),
                    content: Box::new(content(bytes)),
                    local: LocalCustom::default(),
                }
            }
            21 if bytes.flag() => Command::SaveMessage(conv, Box::new(kept(bytes))),
            21 => Command::ImportMessages(conv, vec![kept(bytes), kept(bytes)]),
            _ => Command::UnsubscribeUserInfo(users(bytes)),
        };
        self.command(command);
    }

    fn disconnect(&mut self, bytes: &mut Bytes) {
        let code = bytes.choose(&[9508, 9511, 9512, 5012, 5020, 5021, 5024, 5025, 5026]);
        let why = Why {
            error: Error::new(code, "gone"),
            close_code: bytes
                .flag()
                .then(|| bytes.choose(&[1001, 1002, 4001, 4002, 4003, 4004, 4006, 4007, 4008])),
            retry_after_ms: bytes.flag().then(|| bytes.number()),
        };
        self.lost();
        self.input(Input::Disconnected(self.epoch, why));
    }

    fn lost(&mut self) {
        self.is_open = false;
        self.asked.clear();
    }

    /// Answers one of the requests: as a server does, with an error, or with nonsense.
    fn answer(&mut self, bytes: &mut Bytes) {
        if self.asked.is_empty() {
            return;
        }
        let index = usize::from(bytes.byte()) % self.asked.len();
        let (id, op) = match bytes.byte() % 8 {
            // It stays: a second answer may come.
            0 => self.asked[index].clone(),
            _ => self.asked.remove(index),
        };
        let text = match bytes.byte() % 8 {
            0 => {
                let code = bytes.choose(&[70001, 70009, 20003, 80002, 5024, 6017, -10113, 70050]);
                frame::write_refusal(id, &Error::new(code, "refused"))
            }
            1 => frame::write_answer(id, &any(bytes, 3)),
            _ => frame::write_answer(id, &answer(&op, bytes)),
        };
        self.input(Input::Frame(self.epoch, text.as_bytes()));
    }

    fn event(&mut self, bytes: &mut Bytes) {
        let seq = (!bytes.flag()).then(|| bytes.number());
        let (name, body) = stream_event(bytes);
        let text = frame::write_event(name, seq, &body);
        self.input(Input::Frame(self.epoch, text.as_bytes()));
    }

    /// The clock moves to the core's next timer, which has to move on.
    fn fire(&mut self) {
        let Some(at) = self.core.next_timeout() else {
            return;
        };
        self.mono = self.mono.max(at);
        for _ in 0..100 {
            self.input(Input::Timeout);
            if self.core.next_timeout().is_none_or(|next| next > self.mono) {
                return;
            }
        }
        panic!("a timer that is always due: {at:?} at {:?}", self.mono);
    }

    /// A turn with one input.
    fn input(&mut self, input: Input<'_>) {
        let now = Now {
            mono: self.mono,
            unix_ms: START_S * 1000 + u64::try_from(self.mono.as_millis()).unwrap_or(0),
        };
        self.core.handle(now, &mut self.store, input);
        self.core.settle(now, &mut self.store);
        while let Some(output) = self.core.poll_output() {
            self.check(output);
        }
    }

    fn check(&mut self, output: Output) {
        match output {
            Output::Connect(epoch, _) => {
                assert!(epoch > self.epoch, "an attempt has a number of its own");
                self.epoch = epoch;
                self.lost();
            }
            Output::Close(epoch) => {
                assert_eq!(epoch, self.epoch);
                self.lost();
            }
            Output::Send(epoch, text) => {
                assert_eq!(
                    (epoch, self.is_open),
                    (self.epoch, true),
                    "sent into the void"
                );
                let request = frame::read_request(text.as_bytes()).expect("a frame of ours");
                self.asked.push((request.id, request.op.into_owned()));
            }
            Output::Complete(req, result) => {
                assert!(self.waiting.remove(&req), "{req:?} is completed twice");
                match result {
                    Ok(reply) => drop(reply.json()),
                    Err(error) => assert_ne!(error.code, 0),
                }
            }
            Output::Notify(event) => {
                if let Event::NewMessages(messages) = event {
                    assert!(!messages.is_empty());
                    serde_json::to_string(&messages).expect("messages are JSON");
                }
            }
            Output::LoginState {
                status, user_id, ..
            } => self.state(status, &user_id),
            Output::Mark(mark) => {
                assert!(mark >= self.mark);
                self.mark = mark;
            }
            Output::ClockOffset(_) => {}
            Output::Controlled(result) => {
                assert_eq!(result, Ok(()), "a store in memory");
                self.controlled += 1;
            }
            Output::Log(_, text) => {
                assert!(!text.contains("completed twice"), "{text}");
                assert!(!text.contains(SECRET), "a text in the log: {text}");
                let ticket = TICKETS.iter().find(|ticket| text.contains(*ticket));
                assert_eq!(ticket, None, "a ticket in the log");
            }
        }
    }

    fn state(&mut self, status: LoginStatus, user_id: &str) {
        let is_drawn = MOVES
            .iter()
            .any(|m| (m.from, m.to) == (self.status, status));
        assert!(is_drawn, "from {:?} to {status:?}", self.status);
        assert_eq!(
            user_id.is_empty(),
            status != LoginStatus::LoggedIn,
            "{status:?} of {user_id:?}"
        );
        self.status = status;
    }
}

/// JSON of the fuzzer's when it can be read as what is wanted, otherwise this.
fn param<T: DeserializeOwned>(bytes: &mut Bytes, otherwise: &Value) -> T {
    let own = if bytes.flag() { bytes.slice() } else { &[] };
    serde_json::from_slice(own)
        .or_else(|_| serde_json::from_value(otherwise.clone()))
        .expect("a value of the right form")
}

fn content(bytes: &mut Bytes) -> Content {
    let text = Content {
        elems: vec![Elem::Text(TextElem {
            content: SECRET.into(),
        })],
        online_only: bytes.byte().is_multiple_of(8),
        excluded_from_unread: bytes.byte().is_multiple_of(8),
        excluded_from_last: bytes.byte().is_multiple_of(8),
        client_time: bytes.number(),
        ..Content::default()
    };
    if bytes.byte().is_multiple_of(4) {
        return serde_json::from_slice(bytes.slice()).unwrap_or(text);
    }
    text
}

fn kept(bytes: &mut Bytes) -> KeptMessage {
    KeptMessage {
        msg_id: format!("m-{}", bytes.byte() % 16),
        content: content(bytes),
        local: LocalCustom::default(),
        origin: Origin {
            sender: bytes.choose(&USERS).into(),
            time: bytes.number(),
        },
    }
}

fn conv(bytes: &mut Bytes) -> ConvId {
    match bytes.byte() {
        0 => ConvId::c2c(""),
        1 => ConvId::c2c(bytes.text()),
        // From JSON, as an app names one.
        2 => {
            let param: GetConvParam = param(
                bytes,
                &json!({"get_conversation_list_param_conv_id": "x",
                    "get_conversation_list_param_conv_type": 2}),
            );
            ConvId {
                kind: param.conv_type,
                id: param.conv_id,
            }
        }
        any => ConvId::c2c(USERS[usize::from(any) % 3]),
    }
}

fn users(bytes: &mut Bytes) -> Vec<String> {
    let count = usize::from(bytes.byte() % 4);
    (0..count)
        .map(|_| bytes.choose(&USERS).to_owned())
        .collect()
}

// ---- what a server says ----

fn new_message(bytes: &mut Bytes) -> Value {
    let (conv, sender) = (conv(bytes), bytes.choose(&USERS));
    json!({"conv": conv, "sender": sender, "msg_id": format!("m-{}", bytes.byte() % 16),
        "seq": bytes.number(), "time": bytes.number(), "ord": bytes.number(),
        "content": content(bytes)})
}

fn stream_event(bytes: &mut Bytes) -> (&'static str, Value) {
    match bytes.byte() % 12 {
        0..=3 => ("message.new", new_message(bytes)),
        4 => (
            "message.read",
            json!({"conv": conv(bytes), "read_seq": bytes.number(), "read_ord": bytes.number()}),
        ),
        5 => (
            "message.receipt",
            json!({"conv": conv(bytes), "peer_read_seq": bytes.number(), "time": bytes.number()}),
        ),
        6 => ("session.ticket_expired", json!({})),
        7 => match bytes.byte() % 8 {
            0 => ("session.kicked", json!({"platform": 1})),
            _ => (
                "session.shutdown",
                json!({"retry_after_ms": bytes.number()}),
            ),
        },
        8 => (
            "user.status",
            json!([{"user_status_identifier": bytes.choose(&USERS),
                "user_status_status_type": bytes.number()}]),
        ),
        9 => ("user.own_profile", profile(bytes)),
        10 => ("user.profiles", json!([profile(bytes)])),
        _ => (bytes.choose(&["message.new", "x", ""]), any(bytes, 3)),
    }
}

fn answer(op: &str, bytes: &mut Bytes) -> Value {
    let few = |bytes: &mut Bytes| 0..bytes.byte() % 4;
    match op {
        "session.login" => json!({"server_time_ms": bytes.number(), "event_seq": bytes.number(),
            "heartbeat_s": bytes.number() as u32, "features": bytes.byte()}),
        "session.heartbeat" => {
            json!({"server_time_ms": bytes.number(), "event_seq": bytes.number()})
        }
        "session.difference" => {
            let first = bytes.number();
            let events = few(bytes).map(|index| {
                let (name, body) = stream_event(bytes);
                json!({"seq": first.saturating_add(index.into()), "ev": name, "body": body})
            });
            let events: Vec<Value> = events.collect();
            json!({"events": events, "head": bytes.number(), "too_old": bytes.byte().is_multiple_of(8)})
        }
        "message.send" => {
            json!({"seq": bytes.number(), "time": bytes.number(), "event": bytes.number()})
        }
        "message.history" => {
            let messages: Vec<Value> = few(bytes).map(|_| new_message(bytes)).collect();
            json!({"messages": messages, "more": bytes.flag()})
        }
        "message.read" => json!({"conv": conv(bytes), "read_seq": bytes.number(),
            "read_ord": bytes.number()}),
        "conversation.snapshot" => {
            let states = few(bytes).map(|_| {
                let last = bytes.flag().then(|| new_message(bytes));
                json!({"conv": conv(bytes), "head_seq": bytes.number(), "last": last,
                    "peer_ord": bytes.number(), "read_ord": bytes.number(),
                    "read_seq": bytes.number(), "peer_read_seq": bytes.number()})
            });
            let states: Vec<Value> = states.collect();
            json!({"conversations": states, "event_seq": bytes.number(),
                "next": bytes.choose(&["", "", "", "page"])})
        }
        "user.get_status" => json!({"statuses": [{"user_status_identifier": bytes.choose(&USERS),
            "user_status_status_type": bytes.byte()}]}),
        "user.get_profiles" => json!({"profiles": [profile(bytes), profile(bytes)],
            "answered": bytes.number() as u32}),
        _ => json!({}),
    }
}

fn profile(bytes: &mut Bytes) -> Value {
    json!({"user_profile_identifier": bytes.choose(&USERS), "user_profile_nick_name": SECRET,
        "user_profile_birthday": bytes.byte()})
}

/// Some JSON.
fn any(bytes: &mut Bytes, depth: u8) -> Value {
    match bytes.byte() % 8 {
        0 => Value::Null,
        1 => bytes.flag().into(),
        2 | 3 => bytes.number().into(),
        4 => bytes.text().into(),
        5 if depth > 0 => vec![any(bytes, depth - 1)].into(),
        _ if depth > 0 => {
            let key = bytes.choose(&["conv", "seq", "messages", "events", "event_seq", "body"]);
            json!({key: any(bytes, depth - 1)})
        }
        _ => Value::Null,
    }
}
