//! The I/O shell against a real server: real sockets, TLS, files and threads.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use parking_lot::{RwLock, RwLockReadGuard};
use protocol::conversation::{ConvId, conv_event};
use protocol::message::{Content, Elem, GetMsgListParam, LocalCustom, Message, TextElem};
use protocol::user::status_type;
use protocol::{Error, codes};
use tim::reactor::{
    Control, Instance, InstanceConfig, Outlet, Route, ServerUrl, Storage, TlsSettings, start,
};
use tim_core::{Command, Event, LogLevel, LoginStatus, NetworkStatus, Reply, ReqId};
use timd::testing::{TempDir, TestServer};

const LONG: Duration = Duration::from_secs(30);

/// Tests that count the threads of the process run alone.
static ALONE: RwLock<()> = RwLock::new(());

enum Told {
    Complete(ReqId, Result<Reply, Error>),
    Notify(Event),
    Log(String),
}

struct Ear(Sender<Told>);

impl Outlet for Ear {
    fn complete(&self, req: ReqId, result: Result<Reply, Error>) {
        let _ = self.0.send(Told::Complete(req, result));
    }

    fn notify(&self, event: Event) {
        let _ = self.0.send(Told::Notify(event));
    }

    fn login_state(&self, _: LoginStatus, _: String, _: ReqId) {}

    fn clock_offset(&self, _: i64) {}

    fn log(&self, _: LogLevel, text: String) {
        let _ = self.0.send(Told::Log(text));
    }

    fn mark(&self, _: u64) {}
    fn turn_end(&self) {}
}

/// An instance and what it has told.
struct Device {
    instance: Instance,
    heard: Receiver<Told>,
    next: u64,
    messages: Vec<Message>,
    networks: Vec<NetworkStatus>,
    syncs: usize,
    logs: Vec<String>,
    user: String,
    _together: RwLockReadGuard<'static, ()>,
}

impl Device {
    fn new(server: &TestServer, user: &str, folder: Option<&Path>) -> Self {
        // Recursive: a test has several, and another one may wait to be alone.
        let together = ALONE.read_recursive();
        Self::within(together, server, &server.url(), user, folder)
    }

    fn within(
        together: RwLockReadGuard<'static, ()>,
        server: &TestServer,
        urls: &str,
        user: &str,
        folder: Option<&Path>,
    ) -> Self {
        let (tell, heard) = unbounded();
        let config = InstanceConfig {
            core: tim_core::Config::new(server.app_id(), random()),
            urls: ServerUrl::parse_list(urls).unwrap(),
            tls: TlsSettings {
                ca_file: server.ca_path().map(Into::into),
                pins: Vec::new(),
            },
            storage: folder.map_or(Storage::Memory, |path| Storage::Disk(path.into())),
            route: Route::default(),
        };
        Self {
            instance: start(config, Arc::new(Ear(tell))).unwrap(),
            heard,
            next: 0,
            messages: Vec::new(),
            networks: Vec::new(),
            syncs: 0,
            logs: Vec::new(),
            user: user.into(),
            _together: together,
        }
    }

    fn submit(&mut self, command: Command) -> ReqId {
        self.next += 1;
        self.instance.submit(ReqId(self.next), command);
        ReqId(self.next)
    }

    /// Takes note of one thing told; a completion is returned.
    fn listen(&mut self, wait: Duration) -> Option<(ReqId, Result<Reply, Error>)> {
        match self.heard.recv_timeout(wait).ok()? {
            Told::Complete(req, result) => return Some((req, result)),
            Told::Notify(Event::NewMessages(messages)) => self.messages.extend(messages),
            Told::Notify(Event::Network(status)) => self.networks.push(status),
            Told::Notify(Event::Conversations(conv_event::FINISH, _)) => self.syncs += 1,
            Told::Notify(_) => {}
            Told::Log(text) => self.logs.push(text),
        }
        None
    }

    fn completion(&mut self, wanted: ReqId) -> Result<Reply, Error> {
        let until = Instant::now() + LONG;
        while Instant::now() < until {
            match self.listen(Duration::from_millis(100)) {
                Some((req, result)) if req == wanted => return result,
                _ => {}
            }
        }
        let (user, networks) = (&self.user, &self.networks);
        panic!(
            "{wanted:?} of {user} is not completed; {networks:?}; {:?}",
            self.logs
        );
    }

    fn control(&mut self, control: Control) -> Result<(), Error> {
        self.instance.control(control).recv_timeout(LONG).unwrap()
    }

    fn call(&mut self, command: Command) -> Result<Reply, Error> {
        let req = self.submit(command);
        self.completion(req)
    }

    fn login(&mut self, server: &TestServer) -> Result<Reply, Error> {
        let user_sig = server.usersig(&self.user, 3600);
        let user_id = self.user.clone();
        self.call(Command::Login { user_id, user_sig })
    }

    fn send(&mut self, to: &str, text: &str) -> ReqId {
        let msg_id = format!("{}-{text}-{:x}", self.user, random());
        self.submit(Command::Send {
            conv: ConvId::c2c(to),
            msg_id,
            content: Content {
                elems: vec![Elem::Text(TextElem {
                    content: text.into(),
                })],
                client_time: 1_700_000_000,
                rand: 7,
                ..Content::default()
            },
            local: LocalCustom::default(),
        })
    }

    fn texts(&self) -> Vec<&str> {
        let elems = self
            .messages
            .iter()
            .flat_map(|message| &message.content.elems);
        elems
            .filter_map(|elem| match elem {
                Elem::Text(text) => Some(text.content.as_str()),
                _ => None,
            })
            .collect()
    }

    fn wait_for_texts(&mut self, wanted: &[&str]) {
        let until = Instant::now() + LONG;
        while self.texts().len() < wanted.len() && Instant::now() < until {
            let _ = self.listen(Duration::from_millis(100));
        }
        assert_eq!(self.texts(), wanted);
    }

    fn wait_for_sync(&mut self) {
        let until = Instant::now() + LONG;
        while self.syncs == 0 {
            assert!(Instant::now() < until, "{:?}", self.logs);
            let _ = self.listen(Duration::from_millis(100));
        }
    }

    fn wait_for_network(&mut self, is_wanted: impl Fn(&NetworkStatus) -> bool) {
        let until = Instant::now() + LONG;
        while !self.networks.iter().any(&is_wanted) {
            assert!(Instant::now() < until, "{:?}", self.networks);
            let _ = self.listen(Duration::from_millis(100));
        }
    }
}

fn random() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0)
}

fn database(folder: &TempDir, server: &TestServer, user: &str) -> PathBuf {
    folder
        .path()
        .join(server.app_id().to_string())
        .join(format!("{user}.db"))
}

#[test]
fn two_instances_in_one_process_talk() {
    let server = timd::testing::start().unwrap();
    let folder = TempDir::new().unwrap();
    let mut alice = Device::new(&server, "alice", Some(folder.path()));
    let mut bob = Device::new(&server, "bob", Some(folder.path()));
    assert_eq!(alice.login(&server), Ok(Reply::Empty));
    assert_eq!(bob.login(&server), Ok(Reply::Empty));
    let sent = alice.send("bob", "hello");
    let Ok(Reply::Message(message)) = alice.completion(sent) else {
        panic!("a message")
    };
    assert!(message.seq > 0);
    bob.wait_for_texts(&["hello"]);
    let sent = bob.send("alice", "and hello to you");
    bob.completion(sent).unwrap();
    alice.wait_for_texts(&["and hello to you"]);
    let stats = alice.instance.stats();
    assert_eq!(
        (stats.pending, stats.queue_depth, stats.failed_commits),
        (0, 0, 0)
    );
    assert!(stats.bytes_in > 0 && stats.bytes_out > 0);
}

#[test]
fn the_url_that_worked_comes_first_the_next_time() {
    let server = timd::testing::start().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.2:0").unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let urls = format!("wss://{nobody},{},wss://{nobody}", server.url());
    let together = ALONE.read_recursive();
    let mut alice = Device::within(together, &server, &urls, "alice", None);
    let failures = |networks: &[NetworkStatus]| {
        let failed = |n: &&NetworkStatus| matches!(n, NetworkStatus::ConnectFailed(_));
        networks.iter().filter(failed).count()
    };
    alice.login(&server).unwrap();
    assert!(failures(&alice.networks) >= 1, "{:?}", alice.networks);
    alice.call(Command::Logout).unwrap();
    alice.networks.clear();
    alice.login(&server).unwrap();
    assert_eq!(failures(&alice.networks), 0, "{:?}", alice.networks);
}

#[test]
fn a_burst_arrives_whole_and_in_order() {
    const COUNT: usize = 2000;
    let server = timd::testing::start().unwrap();
    let folder = TempDir::new().unwrap();
    let mut alice = Device::new(&server, "alice", Some(folder.path()));
    let mut bob = Device::new(&server, "bob", Some(folder.path()));
    alice.login(&server).unwrap();
    bob.login(&server).unwrap();
    let texts: Vec<String> = (0..COUNT).map(|n| n.to_string()).collect();
    for text in &texts {
        alice.send("bob", text);
    }
    bob.wait_for_texts(&texts.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn what_is_sent_while_the_server_is_away_arrives_once_and_in_order() {
    // A port that it comes back to.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut server = timd::testing::start_with(|config| config.listen = port).unwrap();
    let folder = TempDir::new().unwrap();
    let mut alice = Device::new(&server, "alice", Some(folder.path()));
    let mut bob = Device::new(&server, "bob", Some(folder.path()));
    alice.login(&server).unwrap();
    bob.login(&server).unwrap();
    // Before that what bob gets is no news to him but what he finds on a new device.
    bob.wait_for_sync();
    server.stop();
    alice.wait_for_network(|status| matches!(status, NetworkStatus::Disconnected(_)));
    alice.send("bob", "one");
    alice.send("bob", "two");
    let last = alice.send("bob", "three");
    server.restart().unwrap();
    alice.instance.network_hint();
    bob.instance.network_hint();
    alice.completion(last).unwrap();
    bob.wait_for_texts(&["one", "two", "three"]);
    assert!(alice.instance.stats().reconnects >= 1);
}

#[test]
fn the_outbox_survives_the_end_of_the_instance() {
    let mut server = timd::testing::start().unwrap();
    let folder = TempDir::new().unwrap();
    let mut alice = Device::new(&server, "alice", Some(folder.path()));
    alice.login(&server).unwrap();
    server.stop();
    alice.wait_for_network(|status| matches!(status, NetworkStatus::Disconnected(_)));
    let sends = [alice.send("bob", "one"), alice.send("bob", "two")];
    // Stopped with the calls still in the queue: accepted is accepted.
    alice.instance.stop();
    for req in sends {
        assert_eq!(
            alice.completion(req).unwrap_err().code,
            codes::SDK_COMM_INTERRUPT
        );
    }
    drop(alice);
    server.restart().unwrap();
    let mut bob = Device::new(&server, "bob", None);
    bob.login(&server).unwrap();
    let mut alice = Device::new(&server, "alice", Some(folder.path()));
    alice.login(&server).unwrap();
    bob.wait_for_texts(&["one", "two"]);
}

#[test]
fn one_account_has_one_holder() {
    let server = timd::testing::start().unwrap();
    let folder = TempDir::new().unwrap();
    let mut first = Device::new(&server, "alice", Some(folder.path()));
    let mut second = Device::new(&server, "alice", Some(folder.path()));
    first.login(&server).unwrap();
    assert_eq!(second.login(&server).unwrap_err().code, codes::DB_IN_USE);
    first.call(Command::Logout).unwrap();
    second.login(&server).unwrap();
}

#[test]
fn suspended_the_file_is_free_and_resumed_the_session_goes_on() {
    let server = timd::testing::start().unwrap();
    let folder = TempDir::new().unwrap();
    let mut bob = Device::new(&server, "bob", None);
    bob.login(&server).unwrap();
    bob.wait_for_sync();
    let mut alice = Device::new(&server, "alice", Some(folder.path()));
    alice.login(&server).unwrap();
    alice.wait_for_sync();
    // Accepted before, so it is sent, now or afterwards.
    let sent = alice.send("bob", "on the way");
    alice.control(Control::Suspend).unwrap();
    let listed = alice.call(Command::GetConversations);
    assert_eq!(listed.unwrap_err().code, codes::SUSPENDED);
    // The server knows that the connection has ended: it need not wait for her silence.
    let until = Instant::now() + LONG;
    loop {
        let asked = bob.call(Command::GetUserStatus(vec!["alice".into()]));
        let Ok(Reply::UserStatus(statuses)) = asked else {
            panic!("{asked:?}");
        };
        if statuses[0].status_type == status_type::OFFLINE {
            break;
        }
        assert!(Instant::now() < until, "{statuses:?}");
    }
    // Another holder comes and goes.
    let mut other = Device::new(&server, "alice", Some(folder.path()));
    other.login(&server).unwrap();
    other.call(Command::Logout).unwrap();
    let missed = bob.send("alice", "meanwhile");
    bob.completion(missed).unwrap();

    alice.control(Control::Resume).unwrap();
    alice.completion(sent).unwrap();
    alice.wait_for_texts(&["meanwhile"]);
    bob.wait_for_texts(&["on the way"]);
    assert!(alice.call(Command::GetConversations).is_ok());
}

#[test]
fn a_file_that_somebody_took_meanwhile_ends_the_session() {
    let server = timd::testing::start().unwrap();
    let folder = TempDir::new().unwrap();
    let mut alice = Device::new(&server, "alice", Some(folder.path()));
    alice.login(&server).unwrap();
    alice.control(Control::Suspend).unwrap();
    let mut other = Device::new(&server, "alice", Some(folder.path()));
    other.login(&server).unwrap();
    let error = alice.control(Control::Resume).unwrap_err();
    assert_eq!(error.code, codes::DB_IN_USE);
    let listed = alice.call(Command::GetConversations);
    assert_eq!(listed.unwrap_err().code, codes::SDK_NOT_LOGGED_IN);
    other.instance.stop();
    assert_eq!(alice.login(&server), Ok(Reply::Empty));
}

#[test]
fn stopping_while_suspended_completes_what_waits() {
    let mut server = timd::testing::start().unwrap();
    let folder = TempDir::new().unwrap();
    let mut alice = Device::new(&server, "alice", Some(folder.path()));
    alice.login(&server).unwrap();
    server.stop();
    let sent = alice.send("bob", "later");
    alice.control(Control::Suspend).unwrap();
    alice.instance.stop();
    let error = alice.completion(sent).unwrap_err();
    assert_eq!(error.code, codes::SDK_COMM_INTERRUPT);
    assert!(alice.instance.control(Control::Resume).recv().is_err());
}

#[test]
fn a_damaged_database_is_reported_and_filled_again() {
    let server = timd::testing::start().unwrap();
    let folder = TempDir::new().unwrap();
    let mut bob = Device::new(&server, "bob", None);
    bob.login(&server).unwrap();
    let mut alice = Device::new(&server, "alice", Some(folder.path()));
    alice.login(&server).unwrap();
    let sent = bob.send("alice", "keep this");
    bob.completion(sent).unwrap();
    alice.wait_for_texts(&["keep this"]);
    drop(alice);
    std::fs::write(database(&folder, &server, "alice"), vec![0x5a; 20_000]).unwrap();

    let mut alice = Device::new(&server, "alice", Some(folder.path()));
    alice.login(&server).unwrap();
    let is_reported = |text: &String| text.contains("5003") && text.contains("alice.db.damaged-");
    assert!(alice.logs.iter().any(is_reported), "{:?}", alice.logs);
    let until = Instant::now() + LONG;
    loop {
        let all: GetMsgListParam = serde_json::from_str("{}").unwrap();
        match alice.call(Command::GetMessages(ConvId::c2c("bob"), all)) {
            Ok(Reply::Messages(messages)) if messages.len() == 1 => break,
            other => assert!(Instant::now() < until, "{other:?}"),
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_last_instance_leaves_no_thread() {
    let reactors = || {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap();
        let names = tasks.filter_map(|t| std::fs::read_to_string(t.ok()?.path().join("comm")).ok());
        names.filter(|name| name.trim() == "tim-reactor").count()
    };
    let server = timd::testing::start().unwrap();
    let alone = ALONE.write();
    assert_eq!(reactors(), 0);
    let together = parking_lot::RwLockWriteGuard::downgrade(alone);
    let mut alice = Device::within(together, &server, &server.url(), "alice", None);
    alice.login(&server).unwrap();
    assert_eq!(reactors(), 1);
    drop(alice);
    let _alone = ALONE.write();
    assert_eq!(reactors(), 0);
}
