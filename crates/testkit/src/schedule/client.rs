//! A client without rules of its own to speak of: what it sends again, and what it was told.

use std::collections::{BTreeMap, VecDeque};

use protocol::frame::{self, Incoming};
use protocol::message::{EV_NEW, SendRes};
use protocol::session::{EV_HEAD, EV_KICKED, EV_SHUTDOWN, Head, LoginRes};
use protocol::user::{EV_STATUS, UserStatus};
use protocol::{codes, session::features};
use serde::Deserialize;
use timd::logic::SessionId;

use super::USERS;

/// What a request was, whose answer is awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Login,
    Logout,
    /// The number of the message.
    Send(u32),
    /// Whom the user watches from here on, a bit each.
    Subscribe(u32),
    Heartbeat,
    Other,
}

/// What an answer or event means to the driver.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Nothing,
    /// It is in: what had no answer is to be sent again.
    In,
    /// It lost its place, says an event or the refusal of a login.
    Displaced,
    /// The connection is of no use any more.
    Over,
    Error(String),
}

/// After all commits.
pub(super) const UNKNOWN: u64 = u64::MAX;

pub(super) struct Client {
    pub number: usize,
    pub user: usize,
    pub platform: i32,
    /// Its person wants to be online.
    pub wants: bool,
    pub is_in: bool,
    /// It was in since its person asked for it: it returns by itself.
    pub was_in: bool,
    pub place: u64,
    /// It was told of all that it lost by this commit.
    pub told_until: u64,
    pub conn: Option<SessionId>,
    pub asked: VecDeque<(u64, Asked)>,
    last_id: u64,
    /// Messages so far, and those without an answer: number and receiver.
    pub sent: u32,
    pub unanswered: Vec<(u32, usize)>,
    /// Acknowledged: number to place in the conversation.
    pub acked: BTreeMap<u32, (usize, u64)>,
    /// Given up by a logout.
    pub abandoned: Vec<u32>,
    /// Events of the user's stream: what each was, as this device was told.
    pub events: BTreeMap<u64, String>,
    /// What came until then it fetches; the stream stood there at last.
    pub since: u64,
    pub head: u64,
    /// The last event on this connection.
    last_push: u64,
    /// Whether a push may come late by now.
    pub is_order_off: bool,
    /// What it was told last of each user.
    pub statuses: [Option<UserStatus>; USERS.len()],
    /// The last commit before it connected, before it was in, and before everything was quiet.
    pub connected: u64,
    pub entered: u64,
    pub quiet: u64,
    /// The last commit before it knew that it watches a user.
    pub watches: [u64; USERS.len()],
}

impl Client {
    pub fn new(number: usize, user: usize, platform: i32) -> Self {
        Self {
            number,
            user,
            platform,
            wants: false,
            is_in: false,
            was_in: false,
            place: 0,
            told_until: 0,
            conn: None,
            asked: VecDeque::new(),
            last_id: 0,
            sent: 0,
            unanswered: Vec::new(),
            acked: BTreeMap::new(),
            abandoned: Vec::new(),
            events: BTreeMap::new(),
            since: 0,
            head: 0,
            last_push: 0,
            is_order_off: false,
            statuses: Default::default(),
            connected: 0,
            entered: 0,
            quiet: UNKNOWN,
            watches: [0; USERS.len()],
        }
    }

    /// A request as a frame.
    pub fn ask(&mut self, asked: Asked, op: &str, body: &str) -> String {
        self.last_id += 1;
        let id = self.last_id;
        self.asked.push_back((id, asked));
        format!(r#"{{"id":{id},"op":"{op}","body":{body}}}"#)
    }

    pub fn login(&mut self, app_id: u64, ticket: &str) -> String {
        let (user, platform, place) = (USERS[self.user], self.platform, self.place);
        let (device, resume) = (self.number, self.was_in);
        let features = features::READ_RECEIPTS | features::ANSWER_IS_EVENT;
        self.last_push = 0;
        let body = format!(
            r#"{{"app_id":{app_id},"user_id":"{user}","user_sig":"{ticket}","device_id":"{device}","platform":{platform},"features":{features},"resume":{resume},"place":{place}}}"#
        );
        self.ask(Asked::Login, "session.login", &body)
    }

    /// A message's name tells the device and counts.
    pub fn message(&mut self, number: u32, to: usize) -> String {
        let (device, to) = (self.number, USERS[to]);
        let body = format!(
            r#"{{"conv":{{"conv_type":1,"conv_id":"{to}"}},"msg_id":"{device}-{number}","content":{{"message_elem_array":[{{"elem_type":0,"text_elem_content":"x"}}]}}}}"#
        );
        self.ask(Asked::Send(number), "message.send", &body)
    }

    /// The connection is gone.
    pub fn lost(&mut self) {
        self.conn = None;
        self.is_in = false;
        self.asked.clear();
        self.quiet = UNKNOWN;
        self.watches = [0; USERS.len()];
    }

    /// Its person leaves.
    pub fn leaves(&mut self) {
        (self.wants, self.was_in, self.place) = (false, false, 0);
        let unanswered = std::mem::take(&mut self.unanswered);
        self.abandoned.extend(unanswered.iter().map(|(n, _)| *n));
    }

    pub fn hear(&mut self, frame: &[u8], commits: u64) -> Heard {
        match frame::read_server_frame(frame) {
            Some(Incoming::Answer { id, result }) => {
                let Some((expected, asked)) = self.asked.pop_front() else {
                    return Heard::Error("an answer to nothing".into());
                };
                if expected != id {
                    return Heard::Error("answers are out of order".into());
                }
                match result {
                    Ok(body) => self.answered(asked, body, commits),
                    Err(error) if error.code == codes::LOGIN_KICKED_OFF_BY_OTHER => {
                        Heard::Displaced
                    }
                    // Trouble of the database; a session that was not to be comes to an end too.
                    Err(_) if matches!(asked, Asked::Login | Asked::Send(_)) => Heard::Over,
                    Err(_) => Heard::Nothing,
                }
            }
            Some(Incoming::Event { name, seq, body }) => {
                // The end of a session may come before its beginning was told.
                let is_end = [EV_KICKED, EV_SHUTDOWN].contains(&&*name);
                if matches!(self.asked.front(), Some((_, Asked::Login))) && !is_end {
                    return Heard::Error(format!("{name} before the answer to the login"));
                }
                match seq {
                    Some(seq) => self.told(seq, &name, body),
                    None => self.passing(&name, body),
                }
            }
            None => Heard::Error("no frame of this protocol".into()),
        }
    }

    fn answered(&mut self, asked: Asked, body: &str, commits: u64) -> Heard {
        match asked {
            Asked::Login => {
                let res: LoginRes = read(body);
                (self.is_in, self.was_in) = (true, true);
                self.place = res.place;
                self.since = res.event_seq;
                self.head = self.head.max(res.event_seq);
                self.entered = commits;
                Heard::In
            }
            Asked::Logout => Heard::Over,
            Asked::Send(number) => {
                let res: SendRes = read(body);
                let Some(at) = self.unanswered.iter().position(|(n, _)| *n == number) else {
                    return Heard::Nothing;
                };
                let (_, to) = self.unanswered.remove(at);
                self.acked.insert(number, (to, res.seq));
                if res.event > 0 {
                    let name = format!("{}-{number}", self.number);
                    return self.learn(res.event, name);
                }
                Heard::Nothing
            }
            Asked::Subscribe(users) => {
                for (target, watches) in self.watches.iter_mut().enumerate() {
                    if users >> target & 1 == 1 {
                        *watches = commits;
                    }
                }
                Heard::Nothing
            }
            Asked::Heartbeat => {
                let head: Head = read(body);
                self.head = self.head.max(head.event_seq);
                Heard::Nothing
            }
            Asked::Other => Heard::Nothing,
        }
    }

    fn told(&mut self, seq: u64, name: &str, body: &str) -> Heard {
        // What a head told of it fetches, and passes over when it comes after all.
        let is_news = seq > self.since;
        if is_news && seq <= self.last_push && !self.is_order_off {
            let last = self.last_push;
            return Heard::Error(format!("event {seq} is told after event {last}"));
        }
        self.last_push = self.last_push.max(seq);
        let what = match name {
            EV_NEW => read::<Named>(body).msg_id,
            other => other.to_owned(),
        };
        self.learn(seq, what)
    }

    fn learn(&mut self, seq: u64, what: String) -> Heard {
        self.head = self.head.max(seq);
        match self.events.insert(seq, what) {
            Some(before) if before != self.events[&seq] => {
                let now = &self.events[&seq];
                Heard::Error(format!("event {seq} was {before} and is {now}"))
            }
            _ => Heard::Nothing,
        }
    }

    fn passing(&mut self, name: &str, body: &str) -> Heard {
        match name {
            EV_KICKED => return Heard::Displaced,
            EV_HEAD => {
                let head: Head = read(body);
                self.head = self.head.max(head.event_seq);
                self.since = self.since.max(head.event_seq);
            }
            EV_STATUS => {
                for status in read::<Vec<UserStatus>>(body) {
                    let user = USERS.iter().position(|user| *user == status.user_id);
                    self.statuses[user.expect("one of them")] = Some(status);
                }
            }
            _ => {}
        }
        Heard::Nothing
    }
}

#[derive(Deserialize)]
struct Named {
    msg_id: String,
}

fn read<'a, T: Deserialize<'a>>(body: &'a str) -> T {
    serde_json::from_str(body).expect("a server writes what a client can read")
}
