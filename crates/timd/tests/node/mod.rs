//! A node without sockets, a clock that the test sets, everything in this thread.
#![allow(dead_code, clippy::unwrap_used, clippy::disallowed_methods)]

use std::net::IpAddr;

use futures_executor::block_on;
use protocol::usersig;
use serde_json::{Value, json};
use timd::logic::{Harness, LogicConfig, Output, SessionId};
use timd::metrics::Metrics;
use timd::policy::Policy;
use timd::repo::{App, InlineSqlite, Repo};

pub const APP: u64 = 1_400_000_001;
pub const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
pub const START: u64 = 1_700_000_000_000;

pub struct World {
    pub node: Harness<InlineSqlite>,
    pub now: u64,
    next_id: u64,
    pub outputs: Vec<Output>,
}

pub fn world() -> World {
    with(LogicConfig::default())
}

pub fn with(config: LogicConfig) -> World {
    let repo = InlineSqlite::in_memory().unwrap();
    let app = App {
        id: APP,
        key: KEY.into(),
        name: String::new(),
        created_at: 0,
        policy: Policy::default(),
    };
    assert!(block_on(repo.create_app(app)).unwrap());
    let node = Harness::new(repo, config);
    block_on(node.logic().start()).unwrap();
    World {
        node,
        now: START,
        next_id: 1,
        outputs: Vec::new(),
    }
}

impl World {
    pub fn connect(&mut self, session: SessionId) {
        let peer: IpAddr = [192, 0, 2, session as u8].into();
        self.node.connect(session, self.now, peer);
    }

    pub fn ask(&mut self, session: SessionId, op: &str, body: Value) -> Value {
        let id = self.next_id;
        self.next_id += 1;
        let frame = json!({"id": id, "op": op, "body": body}).to_string();
        let outputs = block_on(self.node.request(session, self.now, frame.as_bytes()));
        self.outputs.extend(outputs);
        let answer = self.frames(session, |frame| frame["id"] == id);
        assert_eq!(answer.len(), 1, "{op}");
        answer[0].clone()
    }

    pub fn ok(&mut self, session: SessionId, op: &str, body: Value) -> Value {
        let answer = self.ask(session, op, body);
        assert_eq!(answer["code"], 0, "{op}: {answer}");
        answer["body"].clone()
    }

    /// Takes those frames to a session that fit.
    pub fn frames(&mut self, session: SessionId, fits: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut found = Vec::new();
        self.outputs.retain(|output| {
            let Output::Send(to, frame) = output else {
                return true;
            };
            let frame: Value = serde_json::from_slice(frame).unwrap();
            let take = *to == session && fits(&frame);
            if take {
                found.push(frame);
            }
            !take
        });
        found
    }

    pub fn events(&mut self, session: SessionId, name: &str) -> Vec<Value> {
        self.frames(session, |frame| frame["ev"] == name)
    }

    pub fn closed(&mut self, session: SessionId) -> Option<u16> {
        self.close_of(session).map(|(code, _)| code)
    }

    /// Code and reason.
    pub fn close_of(&mut self, session: SessionId) -> Option<(u16, String)> {
        let closes = |output: &Output| match output {
            Output::Close(which, code, reason) if *which == session => {
                Some((*code, reason.clone()))
            }
            _ => None,
        };
        let close = self.outputs.iter().find_map(closes);
        self.outputs.retain(|output| closes(output).is_none());
        close
    }

    pub fn metrics(&self) -> &Metrics {
        self.node.metrics()
    }

    pub fn login(&self, user: &str, extra: Value) -> Value {
        let sig = usersig::mint(KEY, APP, user, self.now / 1000, 3600, None);
        let mut body = json!({
            "app_id": APP, "user_id": user, "user_sig": sig, "device_id": user, "platform": 0,
        });
        for (key, value) in extra.as_object().unwrap() {
            body[key] = value.clone();
        }
        body
    }

    pub fn join(&mut self, session: SessionId, user: &str, extra: Value) -> Value {
        self.connect(session);
        let body = self.login(user, extra);
        self.ok(session, "session.login", body)
    }

    pub fn gone(&mut self, session: SessionId) {
        let outputs = block_on(self.node.disconnected(session, self.now));
        self.outputs.extend(outputs);
    }

    pub fn pass(&mut self, seconds: u64) {
        self.now += seconds * 1000;
        self.outputs.extend(self.node.tick(self.now));
    }

    pub fn status(&mut self, session: SessionId, user: &str) -> (i64, String, Value) {
        let found = self.ok(session, "user.get_status", json!({"users": [user]}));
        let status = &found["statuses"][0];
        let custom = status["user_status_custom_status"].as_str().unwrap();
        (
            status["user_status_status_type"].as_i64().unwrap(),
            custom.to_owned(),
            status["user_status_online_devices"].clone(),
        )
    }

    /// Sets the app's policy, as `timd app set` does while the server runs.
    pub fn policy(&mut self, together: &str, instances: u32, web_instances: u32) {
        let policy = Policy {
            together: together.parse().unwrap(),
            instances,
            web_instances,
        };
        let repo = self.node.logic().repo();
        assert!(block_on(repo.set_policy(APP, policy)).unwrap());
    }

    /// The node stops and another one starts with what the first one stored.
    pub fn restart(self, config: LogicConfig) -> Self {
        let node = Harness::new(self.node.into_repo(), config);
        block_on(node.logic().start()).unwrap();
        Self {
            node,
            outputs: Vec::new(),
            ..self
        }
    }
}
