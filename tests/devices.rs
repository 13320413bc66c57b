//! Whole lives of sessions, with the real library and the real server: who gives way to whom, what
//! is told of it, how tickets end.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use protocol::conversation::ConvId;
use protocol::message::{Content, Elem, LocalCustom, TextElem};
use protocol::{Error, codes};
use tim::sdk::{Client, Config};
use tim_core::{Command, LoginStatus, NetworkStatus, Reply};
use timd::metrics::{Kick, LoginOutcome};
use timd::policy::Policy;
use timd::testing::{TempDir, TestServer, start, start_with};

const LONG: Duration = Duration::from_secs(30);

#[derive(Debug, PartialEq, Eq)]
enum Told {
    Kicked,
    Expired,
    Lost,
    Message(String),
}

/// A client of alice or bob, and what it was told.
struct App {
    client: Client,
    told: mpsc::Receiver<Told>,
    user: &'static str,
}

impl App {
    fn new(server: &TestServer, user: &'static str, folder: &Path) -> Self {
        let config = Config {
            urls: vec![server.url()],
            ca_file: server.ca_path().map(Into::into),
            data_dir: Some(folder.into()),
            log_dir: None,
            ..Config::new(server.app_id())
        };
        let client = Client::start(config).unwrap();
        let (tell, told) = mpsc::channel();
        let teller = || {
            let tell = tell.clone();
            move |what| drop(tell.send(what))
        };
        let (kicked, expired, lost, message) = (teller(), teller(), teller(), teller());
        let listeners = client.listeners();
        listeners.on_kicked_offline(move || kicked(Told::Kicked));
        listeners.on_user_sig_expired(move || expired(Told::Expired));
        listeners.on_network(move |status| {
            if matches!(status, NetworkStatus::Disconnected(_)) {
                lost(Told::Lost);
            }
        });
        listeners.on_new_messages(move |messages| {
            for new in messages {
                if let Some(Elem::Text(text)) = new.content.elems.first() {
                    message(Told::Message(text.content.clone()));
                }
            }
        });
        Self { client, told, user }
    }

    fn submit(&self, command: Command) -> mpsc::Receiver<Result<Reply, Error>> {
        let (done, outcome) = mpsc::channel();
        let done = move |result| drop(done.send(result));
        self.client.submit(command, Box::new(done)).unwrap();
        outcome
    }

    fn code(&self, command: Command) -> i32 {
        code(&self.submit(command))
    }

    fn login_for(&self, server: &TestServer, seconds: u64) -> i32 {
        self.code(Command::Login {
            user_id: self.user.into(),
            user_sig: server.usersig(self.user, seconds),
        })
    }

    fn login(&self, server: &TestServer) -> i32 {
        self.login_for(server, 3600)
    }

    fn send(&self, to: &str, text: &str) -> mpsc::Receiver<Result<Reply, Error>> {
        let (done, outcome) = mpsc::channel();
        let content = Content {
            elems: vec![Elem::Text(TextElem {
                content: text.into(),
            })],
            ..Content::default()
        };
        let done = Box::new(move |result| drop(done.send(result)));
        let conv = ConvId::c2c(to);
        let sent = self
            .client
            .send(conv, content, LocalCustom::default(), done);
        sent.unwrap();
        outcome
    }

    /// Waits for something; what else is told meanwhile is given.
    fn hears(&self, wanted: &Told) -> Vec<Told> {
        let mut others = Vec::new();
        loop {
            let told = self.told.recv_timeout(LONG);
            let told = told.unwrap_or_else(|_| panic!("{wanted:?} never came: {others:?}"));
            if told == *wanted {
                return others;
            }
            others.push(told);
        }
    }

    fn works(&self) -> bool {
        self.code(Command::GetUserStatus(vec![self.user.into()])) == 0
    }

    fn status(&self) -> LoginStatus {
        self.client.login_status()
    }
}

fn code(outcome: &mpsc::Receiver<Result<Reply, Error>>) -> i32 {
    let result = outcome.recv_timeout(LONG).unwrap();
    result.map_or_else(|error| error.code, |_| 0)
}

fn folders() -> (TempDir, TempDir) {
    (TempDir::new().unwrap(), TempDir::new().unwrap())
}

#[test]
fn a_login_elsewhere_kicks_and_may_be_answered_in_kind() {
    let server = start().unwrap();
    let (one, two) = folders();
    let first = App::new(&server, "alice", one.path());
    let second = App::new(&server, "alice", two.path());
    assert_eq!(first.login(&server), 0);
    assert_eq!(second.login(&server), 0);
    first.hears(&Told::Kicked);
    assert_eq!(first.status(), LoginStatus::LoggedOut);
    assert_eq!(
        first.code(Command::GetTotalUnread),
        codes::SDK_NOT_LOGGED_IN
    );
    // It does not come back by itself, and is not warned of what it knows.
    assert!(second.works());
    assert_eq!(first.login(&server), 0);
    second.hears(&Told::Kicked);
    assert!(first.works());
    assert!(first.told.try_iter().all(|told| told == Told::Lost));
}

#[test]
fn kicked_while_away_is_told_by_the_next_login_alone() {
    let mut server = start().unwrap();
    let (one, two) = folders();
    let first = App::new(&server, "alice", one.path());
    assert_eq!(first.login(&server), 0);
    // The process ends without a logout.
    drop(first);
    let second = App::new(&server, "alice", two.path());
    assert_eq!(second.login(&server), 0);
    server.restart().unwrap();
    let first = App::new(&server, "alice", one.path());
    assert_eq!(first.login(&server), codes::LOGIN_KICKED_OFF_BY_OTHER);
    assert_eq!(first.status(), LoginStatus::LoggedOut);
    assert_eq!(first.login(&server), 0);
    second.hears(&Told::Kicked);
    assert!(first.told.try_iter().all(|told| told == Told::Lost));
}

#[test]
fn a_running_client_that_lost_its_place_is_kicked_when_it_is_back() {
    // So long the first client stays away, or until it hears that the network has changed.
    let away = LONG * 2;
    let mut server = start_with(|config| config.retry_after = away).unwrap();
    let (one, two) = folders();
    let first = App::new(&server, "alice", one.path());
    assert_eq!(first.login(&server), 0);
    server.restart().unwrap();
    first.hears(&Told::Lost);
    let second = App::new(&server, "alice", two.path());
    assert_eq!(second.login(&server), 0);
    assert_eq!(server.metrics().kicks(Kick::Away), 1);
    first.client.network_hint();
    first.hears(&Told::Kicked);
    assert!(second.works());
    assert_eq!(first.login(&server), 0);
    second.hears(&Told::Kicked);
}

#[test]
fn after_a_logout_nothing_was_lost() {
    let server = start().unwrap();
    let (one, two) = folders();
    let first = App::new(&server, "alice", one.path());
    assert_eq!(first.login(&server), 0);
    assert_eq!(first.code(Command::Logout), 0);
    let second = App::new(&server, "alice", two.path());
    assert_eq!(second.login(&server), 0);
    assert_eq!(first.login(&server), 0);
    second.hears(&Told::Kicked);
}

#[test]
fn several_instances_where_the_operator_allows_them() {
    let server = start().unwrap();
    let (one, two) = folders();
    let policy = Policy {
        instances: 2,
        ..Policy::default()
    };
    server.set_policy(policy).unwrap();
    let first = App::new(&server, "alice", one.path());
    let second = App::new(&server, "alice", two.path());
    assert_eq!((first.login(&server), second.login(&server)), (0, 0));
    assert!(first.works() && second.works());
    let third = TempDir::new().unwrap();
    let third = App::new(&server, "alice", third.path());
    assert_eq!(third.login(&server), 0);
    first.hears(&Told::Kicked);
    assert!(second.works() && third.works());
}

#[test]
fn a_ticket_runs_out_and_a_new_one_goes_on() {
    let server = start().unwrap();
    let (one, two) = folders();
    let alice = App::new(&server, "alice", one.path());
    let bob = App::new(&server, "bob", two.path());
    assert_eq!(bob.login(&server), 0);
    assert_eq!(alice.login_for(&server, 1), 0);
    alice.hears(&Told::Expired);
    // The grace time: everything works, and a new ticket changes nothing else.
    assert_eq!(alice.status(), LoginStatus::LoggedIn);
    let sent = alice.send("bob", "in between");
    assert_eq!(alice.login(&server), 0);
    assert_eq!(code(&sent), 0);
    bob.hears(&Told::Message("in between".into()));
    assert_eq!(alice.told.try_iter().collect::<Vec<_>>(), []);
}

#[test]
fn a_ticket_lapses_and_messages_wait_for_the_next_login() {
    let server = start_with(|config| config.ticket_grace = Duration::from_secs(1)).unwrap();
    let (one, two) = folders();
    let alice = App::new(&server, "alice", one.path());
    let bob = App::new(&server, "bob", two.path());
    assert_eq!(bob.login(&server), 0);
    assert_eq!(alice.login_for(&server, 1), 0);
    alice.hears(&Told::Expired);
    alice.hears(&Told::Lost);
    let until = Instant::now() + LONG;
    while alice.status() != LoginStatus::LoggedOut {
        assert!(Instant::now() < until);
        std::thread::yield_now();
    }
    assert_eq!(
        code(&alice.send("bob", "too late")),
        codes::SDK_NOT_LOGGED_IN
    );
    let logins = server.metrics().logins(LoginOutcome::Refused);
    assert_eq!(logins, 0, "no login by itself");
    assert_eq!(alice.login(&server), 0);
    assert_eq!(code(&alice.send("bob", "again")), 0);
    bob.hears(&Told::Message("again".into()));
    assert!(
        !alice.told.try_iter().any(|told| told == Told::Expired),
        "told once"
    );
}

#[test]
fn a_full_node_lets_everybody_in_after_a_while() {
    let server = start_with(|config| config.logins_per_second = 2).unwrap();
    let folder = TempDir::new().unwrap();
    let users = ["u0", "u1", "u2", "u3", "u4", "u5"];
    let apps = users.map(|user| App::new(&server, user, folder.path()));
    let logins = apps.each_ref().map(|app| {
        app.submit(Command::Login {
            user_id: app.user.into(),
            user_sig: server.usersig(app.user, 60),
        })
    });
    for login in &logins {
        assert_eq!(code(login), 0);
    }
    let deferred = server.metrics().logins(LoginOutcome::Deferred);
    assert!(deferred >= 2, "{deferred}");
}
