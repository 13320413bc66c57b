//! A core with a store in memory, a clock that the test moves, and the server played by hand.
#![allow(dead_code)]

use std::time::Duration;

use protocol::conversation::{ConvId, ConvInfo};
use protocol::message::{Content, Elem, GetMsgListParam, LocalCustom, Message, TextElem};
use protocol::{Error, codes, frame, usersig};
use serde_json::{Value, json};
use tim_core::store::{MemoryStore, Store};
use tim_core::{
    Command, Config, Core, Epoch, Event, Input, LoginStatus, NetworkStatus, Now, Output, Reply,
    ReqId, Why,
};

pub const APP: u64 = 1400000001;
pub const KEY: &str = "0123456789abcdef";
const START_S: u64 = 1_700_000_000;

pub struct Rig {
    pub core: Core,
    pub store: MemoryStore,
    pub mono: Duration,
    pub last_req: u64,
    pub outputs: Vec<Output>,
}

impl Rig {
    /// Started, and the probe of the network is over.
    pub fn new() -> Self {
        let mut rig = Self::unstarted(Config::new(APP, 1));
        rig.input(Input::Start);
        let epoch = rig.connecting();
        rig.input(Input::Connected(epoch));
        assert!(
            rig.outputs.contains(&Output::Close(epoch)),
            "a probe closes quietly"
        );
        rig.outputs.clear();
        rig
    }

    pub fn unstarted(config: Config) -> Self {
        Self {
            core: Core::new(config),
            store: MemoryStore::default(),
            mono: Duration::ZERO,
            last_req: 0,
            outputs: Vec::new(),
        }
    }

    pub fn now(&self) -> Now {
        let unix_ms = START_S * 1000 + u64::try_from(self.mono.as_millis()).unwrap();
        Now {
            mono: self.mono,
            unix_ms,
        }
    }

    pub fn input(&mut self, input: Input<'_>) {
        let now = self.now();
        self.core.handle(now, &mut self.store, input);
        self.core.settle(now, &mut self.store);
        while let Some(output) = self.core.poll_output() {
            self.outputs.push(output);
        }
    }

    pub fn command(&mut self, command: Command) -> ReqId {
        self.last_req += 1;
        self.input(Input::Command(ReqId(self.last_req), command));
        ReqId(self.last_req)
    }

    pub fn login(&mut self, user: &str) -> ReqId {
        let user_sig = ticket(user);
        self.command(Command::Login {
            user_id: user.into(),
            user_sig,
        })
    }

    /// Moves the clock to each timer of the core in turn.
    pub fn advance(&mut self, by: Duration) {
        let end = self.mono + by;
        while let Some(at) = self.core.next_timeout().filter(|at| *at <= end) {
            assert!(at >= self.mono || at == Duration::ZERO || at <= end);
            self.mono = self.mono.max(at);
            self.input(Input::Timeout);
        }
        self.mono = end;
    }

    /// The number of the newest connection attempt.
    pub fn connecting(&self) -> Epoch {
        let attempts = self.outputs.iter().rev();
        let mut epochs = attempts.filter_map(|output| match output {
            Output::Connect(epoch, _) => Some(*epoch),
            _ => None,
        });
        epochs.next().expect("a connection attempt")
    }

    pub fn is_connecting(&self) -> bool {
        self.outputs
            .iter()
            .any(|output| matches!(output, Output::Connect(..)))
    }

    /// Takes the requests sent since the last time: (id, operation, body).
    pub fn sent(&mut self) -> Vec<(u64, String, Value)> {
        let mut sent = Vec::new();
        self.outputs.retain(|output| {
            let Output::Send(_, text) = output else {
                return true;
            };
            let request = frame::read_request(text.as_bytes()).unwrap();
            let body = request
                .body
                .map_or(Value::Null, |b| serde_json::from_str(b.get()).unwrap());
            sent.push((request.id, request.op.into_owned(), body));
            false
        });
        sent
    }

    /// The one request that must have been sent.
    pub fn sent_one(&mut self, op: &str) -> (u64, Value) {
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1, "{sent:?}");
        let (id, name, body) = sent.remove(0);
        assert_eq!(name, op);
        (id, body)
    }

    pub fn answer(&mut self, epoch: Epoch, id: u64, body: &Value) {
        self.input(Input::Frame(
            epoch,
            frame::write_answer(id, body).as_bytes(),
        ));
    }

    pub fn refuse(&mut self, epoch: Epoch, id: u64, code: i32) {
        let text = frame::write_refusal(id, &Error::of(code));
        self.input(Input::Frame(epoch, text.as_bytes()));
    }

    pub fn event(&mut self, epoch: Epoch, seq: Option<u64>, name: &str, body: &Value) {
        self.input(Input::Frame(
            epoch,
            frame::write_event(name, seq, body).as_bytes(),
        ));
    }

    pub fn lost(&mut self, epoch: Epoch, code: i32) {
        self.input(Input::Disconnected(epoch, Why::new(Error::of(code))));
    }

    /// The link breaks, and stands again a second later.
    pub fn returned(&mut self, epoch: Epoch) -> Epoch {
        self.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
        self.advance(Duration::from_secs(1));
        let epoch = self.connecting();
        self.input(Input::Connected(epoch));
        epoch
    }

    /// The same with the login; the stream's head is `head`.
    pub fn reconnect(&mut self, epoch: Epoch, head: u64) -> Epoch {
        let epoch = self.returned(epoch);
        self.accept_login(epoch, head);
        epoch
    }

    /// Answers the login that has been sent; the stream's head is `head`.
    pub fn accept_login(&mut self, epoch: Epoch, head: u64) {
        let (id, _) = self.sent_one("session.login");
        let now = self.now().unix_ms;
        self.answer(
            epoch,
            id,
            &json!({"server_time_ms": now, "event_seq": head, "heartbeat_s": 60}),
        );
    }

    /// Logs a user in on a fresh device whose stream is empty.
    pub fn logged_in(&mut self, user: &str) -> Epoch {
        let req = self.login(user);
        let epoch = self.connecting();
        self.input(Input::Connected(epoch));
        self.accept_login(epoch, 0);
        assert_eq!(self.completion(req), Some(Ok(Reply::Empty)));
        let (id, _) = self.sent_one("conversation.snapshot");
        self.answer(epoch, id, &json!({"conversations": [], "event_seq": 0}));
        self.outputs.clear();
        epoch
    }

    /// Answers the message that has been sent; gives its id.
    pub fn accept(&mut self, epoch: Epoch, seq: u64) -> String {
        let (id, body) = self.sent_one("message.send");
        let sent = json!({"seq": seq, "time": 1_700_000_001u64});
        self.answer(epoch, id, &sent);
        body["msg_id"].as_str().unwrap().into()
    }

    /// Ids of the new messages that the app was told of.
    pub fn told(&self) -> Vec<String> {
        let mut ids = Vec::new();
        for event in self.events() {
            if let Event::NewMessages(messages) = event {
                ids.extend(messages.iter().map(|message| message.msg_id.clone()));
            }
        }
        ids
    }

    /// Up to where the stream is stored, whether it has been told or not.
    pub fn known(&mut self) -> String {
        let cursor = self.store.meta("cursor").ok().flatten().expect("a cursor");
        cursor.split(' ').next_back().expect("a number").into()
    }

    /// The newest mark that the app has yet to come to.
    pub fn mark(&self) -> u64 {
        let marks = self.outputs.iter().rev().filter_map(|output| match output {
            Output::Mark(mark) => Some(*mark),
            _ => None,
        });
        marks.into_iter().next().expect("a mark")
    }

    /// The process has died: another one starts with its store.
    pub fn died(self) -> Self {
        let mut rig = Self::unstarted(Config::new(APP, 2));
        (rig.store, rig.mono) = (self.store, self.mono);
        rig.store.close();
        rig
    }

    /// Logs in to a stream with this head.
    pub fn log_in_at(&mut self, user: &str, head: u64) -> Epoch {
        self.login(user);
        let epoch = self.connecting();
        self.input(Input::Connected(epoch));
        self.accept_login(epoch, head);
        epoch
    }

    /// The conversation with `peer`, as the app sees it.
    pub fn conversation(&mut self, peer: &str) -> ConvInfo {
        let req = self.command(Command::GetConversationInfo(vec![ConvId::c2c(peer)]));
        match self.completion(req) {
            Some(Ok(Reply::Conversations(mut convs))) => convs.remove(0),
            other => panic!("{other:?}"),
        }
    }

    /// A page of the messages with bob that needs no server.
    pub fn history(&mut self, param: GetMsgListParam) -> Vec<Message> {
        let req = self.command(Command::GetMessages(ConvId::c2c("bob"), param));
        match self.completion(req) {
            Some(Ok(Reply::Messages(messages))) => messages,
            other => panic!("{other:?}"),
        }
    }

    /// How a call was completed, taken out; more than one completion is a failure.
    pub fn completion(&mut self, req: ReqId) -> Option<Result<Reply, Error>> {
        let mut found = Vec::new();
        self.outputs.retain(|output| match output {
            Output::Complete(id, result) if *id == req => {
                found.push(result.clone());
                false
            }
            _ => true,
        });
        assert!(found.len() <= 1, "completed twice: {found:?}");
        found.pop()
    }

    pub fn code(&mut self, req: ReqId) -> Option<i32> {
        self.completion(req)
            .map(|result| result.map_or_else(|error| error.code, |_| 0))
    }

    pub fn events(&self) -> Vec<&Event> {
        let events = self.outputs.iter().filter_map(|output| match output {
            Output::Notify(event) => Some(event),
            _ => None,
        });
        events.collect()
    }

    pub fn network(&self) -> Vec<(i32, i32)> {
        let statuses = self.events().into_iter().filter_map(|event| match event {
            Event::Network(status) => Some(match status {
                NetworkStatus::ConnectFailed(e) | NetworkStatus::Disconnected(e) => {
                    (status.number(), e.code)
                }
                _ => (status.number(), 0),
            }),
            _ => None,
        });
        statuses.collect()
    }

    pub fn login_state(&self) -> Option<LoginStatus> {
        let states = self.outputs.iter().rev().filter_map(|output| match output {
            Output::LoginState { status, .. } => Some(*status),
            _ => None,
        });
        states.into_iter().next()
    }

    pub fn send(&mut self, to: &str, id: &str) -> ReqId {
        self.command(Command::Send {
            conv: ConvId::c2c(to),
            msg_id: id.into(),
            content: text(id),
            local: LocalCustom::default(),
        })
    }

    pub fn store(&mut self) -> &mut dyn Store {
        &mut self.store
    }
}

pub fn ticket(user: &str) -> String {
    usersig::mint(KEY, APP, user, START_S, 3600, None)
}

pub fn text(text: &str) -> Content {
    Content {
        elems: vec![Elem::Text(TextElem {
            content: text.into(),
        })],
        client_time: START_S,
        rand: 1,
        ..Content::default()
    }
}

/// A `message.new` body.
pub fn new_message(peer: &str, sender: &str, id: &str, seq: u64, ord: u64) -> Value {
    json!({"conv": {"conv_type": 1, "conv_id": peer}, "sender": sender, "msg_id": id, "seq": seq,
           "time": START_S, "ord": ord, "content": text(id)})
}

pub fn seqs(messages: &[Message]) -> Vec<u64> {
    messages.iter().map(|message| message.seq).collect()
}
