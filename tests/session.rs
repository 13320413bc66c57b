//! The session as an app lives it: the rules of init, login, ticket, kick, switch and logout, with
//! the real library and a real server. docs/lifecycle.md lists the rules and their tests.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use protocol::conversation::{ConvId, conv_event};
use protocol::message::LocalCustom;
use protocol::user::UserStatus;
use protocol::{Error, codes};
use support::{LONG, at, text};
use tim::log::Logger;
use tim::sdk::{CallbackMode, Client, Config, Listeners};
use tim_core::{Command, LoginStatus, Reply};
use timd::testing::{TempDir, TestServer};

/// A callback of the app.
#[derive(Debug, Clone, PartialEq)]
enum Told {
    Network(i32),
    Kicked,
    TicketExpired,
    Statuses(Vec<UserStatus>),
    Message(String),
    Synced,
    Done(&'static str, Result<Reply, Error>),
}

/// An app that polls, so that each callback is over before the next begins.
struct App {
    client: Client,
    told: Arc<Mutex<Vec<Told>>>,
}

impl App {
    /// Its listeners are there before init, and hear all.
    fn start(config: Config) -> Self {
        let told: Arc<Mutex<Vec<Told>>> = Arc::default();
        let tell = || {
            let told = told.clone();
            move |what: Told| told.lock().push(what)
        };
        let listeners = Arc::new(Listeners::default());
        let t = tell();
        listeners.on_network(move |status| t(Told::Network(status.number())));
        let t = tell();
        listeners.on_kicked_offline(move || t(Told::Kicked));
        let t = tell();
        listeners.on_user_sig_expired(move || t(Told::TicketExpired));
        let t = tell();
        listeners.on_user_status(move |statuses| t(Told::Statuses(statuses.to_vec())));
        let t = tell();
        listeners.on_new_messages(move |messages| {
            for message in messages {
                t(Told::Message(message.msg_id.clone()));
            }
        });
        let t = tell();
        listeners.on_conversations(move |kind, _| {
            if kind == conv_event::FINISH {
                t(Told::Synced);
            }
        });
        let client = Client::start_with(config, listeners, Arc::new(Logger::default())).unwrap();
        Self { client, told }
    }

    fn at(server: &TestServer) -> Self {
        Self::start(at(server, CallbackMode::Poll))
    }

    fn on_disk(server: &TestServer, folder: &TempDir) -> Self {
        let mut config = at(server, CallbackMode::Poll);
        config.data_dir = Some(folder.path().into());
        Self::start(config)
    }

    fn call(&self, name: &'static str, command: Command) {
        let told = self.told.clone();
        let done = move |result| told.lock().push(Told::Done(name, result));
        self.client.submit(command, Box::new(done)).unwrap();
    }

    fn log_in(&self, name: &'static str, user: &str, user_sig: String) {
        let user_id = user.into();
        self.call(name, Command::Login { user_id, user_sig });
    }

    /// Runs callbacks one by one until this one has run.
    fn until(&self, is_it: impl Fn(&Told) -> bool) -> Told {
        let end = Instant::now() + LONG;
        while Instant::now() < end {
            let last = Some(Duration::from_millis(20));
            let before = self.told.lock().len();
            self.client.poll(1, last).unwrap();
            if let Some(found) = self.told.lock()[before..].iter().find(|t| is_it(t)) {
                return found.clone();
            }
        }
        panic!("it did not come; told: {:?}", self.told.lock());
    }

    /// How the call of this name ended.
    fn outcome(&self, name: &'static str) -> Result<Reply, Error> {
        match self.until(|told| matches!(told, Told::Done(n, _) if *n == name)) {
            Told::Done(_, result) => result,
            other => panic!("{other:?}"),
        }
    }

    fn code(&self, name: &'static str) -> i32 {
        self.outcome(name).map_or_else(|error| error.code, |_| 0)
    }

    /// A login that succeeds, and this device is in step.
    fn logged_in(self, server: &TestServer, user: &str) -> Self {
        self.log_in("login", user, server.usersig(user, 3600));
        assert_eq!(self.code("login"), 0);
        self.until(|told| *told == Told::Synced);
        self
    }

    fn send(&self, to: &str) -> String {
        let told = self.told.clone();
        let done = move |result| told.lock().push(Told::Done("send", result));
        let (conv, local) = (ConvId::c2c(to), LocalCustom::default());
        let sent = self.client.send(conv, text("x"), local, Box::new(done));
        sent.unwrap()
    }

    fn state(&self) -> (LoginStatus, String) {
        (self.client.login_status(), self.client.login_user())
    }

    fn count(&self, what: &Told) -> usize {
        self.told.lock().iter().filter(|told| *told == what).count()
    }
}

fn out() -> (LoginStatus, String) {
    (LoginStatus::LoggedOut, String::new())
}

fn is_in(user: &str) -> (LoginStatus, String) {
    (LoginStatus::LoggedIn, user.into())
}

#[test]
fn init_connects_once_and_tells_how_the_network_is() {
    let mut server = timd::testing::start().unwrap();
    let app = App::at(&server);
    app.until(|told| *told == Told::Network(0));
    assert_eq!(*app.told.lock(), [Told::Network(2), Told::Network(0)]);

    let config = at(&server, CallbackMode::Poll);
    server.stop();
    let app = App::start(config);
    app.until(|told| *told == Told::Network(3));
    assert_eq!(*app.told.lock(), [Told::Network(2), Told::Network(3)]);
}

#[test]
fn only_conversations_may_be_asked_for_before_the_login_has_succeeded() {
    let server = timd::testing::start().unwrap();
    let app = App::at(&server);
    app.log_in("login", "alice", server.usersig("alice", 3600));
    assert_eq!(app.client.login_status(), LoginStatus::LoggingIn);
    app.call("conversations", Command::GetConversations);
    app.call("total", Command::GetTotalUnread);
    app.call("status", Command::GetUserStatus(vec!["bob".into()]));
    let empty = Reply::Conversations(Vec::new());
    assert_eq!(app.outcome("conversations"), Ok(empty));
    assert_eq!(app.outcome("total"), Ok(Reply::TotalUnread(0)));
    assert_eq!(app.code("status"), codes::SDK_NOT_LOGGED_IN);
    assert_eq!(app.code("login"), 0);
}

#[test]
fn the_first_login_is_the_registration() {
    let server = timd::testing::start().unwrap();
    let alice = App::at(&server).logged_in(&server, "alice");
    alice.send("bob");
    assert_eq!(alice.code("send"), codes::SVR_MSG_INVALID_ID);
    let bob = App::at(&server).logged_in(&server, "bob");
    let id = alice.send("bob");
    assert_eq!(alice.code("send"), 0);
    bob.until(|told| *told == Told::Message(id.clone()));
}

#[test]
fn who_is_logged_in_is_known_from_the_logins_callback_until_the_logout() {
    let server = timd::testing::start().unwrap();
    let app = App::at(&server);
    assert_eq!(app.state(), out());
    app.log_in("bad", "alice", server.usersig("bob", 3600));
    assert_eq!(app.code("bad"), codes::SVR_ACCOUNT_USERSIG_MISMATCH_ID);
    assert_eq!(app.state(), out());
    app.log_in("login", "alice", server.usersig("alice", 3600));
    assert_eq!(app.state(), (LoginStatus::LoggingIn, String::new()));
    assert_eq!(app.code("login"), 0);
    assert_eq!(app.state(), is_in("alice"));
    app.call("logout", Command::Logout);
    assert_eq!(app.code("logout"), 0);
    assert_eq!(app.state(), out());
}

#[test]
fn a_login_during_a_login_and_one_while_logged_in_are_harmless() {
    let server = timd::testing::start().unwrap();
    let app = App::at(&server);
    app.log_in("first", "alice", server.usersig("alice", 3600));
    app.log_in("second", "alice", server.usersig("alice", 3600));
    assert_eq!((app.code("first"), app.code("second")), (0, 0));
    app.log_in("third", "alice", server.usersig("alice", 3600));
    assert_eq!(app.state(), is_in("alice"));
    assert_eq!(app.code("third"), 0);
    assert_eq!(app.state(), is_in("alice"));
    assert_eq!(app.count(&Told::Kicked), 0);
}

#[test]
fn an_expired_ticket_is_found_here_or_by_the_server() {
    let server = timd::testing::start().unwrap();
    let app = App::at(&server);
    // Longer ago than clocks differ: found here. Less long ago: found by the server.
    let key = server.key();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.unwrap().as_secs();
    for (age, code) in [
        (400, codes::USER_SIG_EXPIRED),
        (60, codes::SVR_ACCOUNT_USERSIG_EXPIRED),
    ] {
        let sig = protocol::usersig::mint(key, server.app_id(), "alice", now - age, 1, None);
        app.log_in("login", "alice", sig);
        assert_eq!(app.code("login"), code);
        assert_eq!(app.state(), out());
    }
}

#[test]
fn a_ticket_that_expires_online_is_told_once_and_a_new_login_goes_on() {
    let server = timd::testing::start().unwrap();
    let app = App::at(&server);
    let bob = App::at(&server).logged_in(&server, "bob");
    app.log_in("login", "alice", server.usersig("alice", 1));
    assert_eq!(app.code("login"), 0);
    app.until(|told| *told == Told::TicketExpired);
    assert_eq!(app.state(), is_in("alice"), "there is time for a new one");
    let id = app.send("bob");
    app.log_in("again", "alice", server.usersig("alice", 3600));
    assert_eq!(app.code("again"), 0);
    bob.until(|told| *told == Told::Message(id.clone()));
    assert_eq!(app.count(&Told::TicketExpired), 1);
    assert_eq!(app.state(), is_in("alice"));
}

#[test]
fn without_a_new_ticket_the_session_ends_and_no_login_follows() {
    let server = timd::testing::start_with(|config| {
        config.ticket_grace = Duration::from_secs(1);
    });
    let server = server.unwrap();
    let folder = TempDir::new().unwrap();
    let app = App::on_disk(&server, &folder);
    app.log_in("login", "alice", server.usersig("alice", 1));
    assert_eq!(app.code("login"), 0);
    app.until(|told| *told == Told::TicketExpired);
    app.until(|told| *told == Told::Network(1));
    let end = Instant::now() + LONG;
    while app.state() != out() && Instant::now() < end {
        app.client.poll(1, Some(Duration::from_millis(20))).unwrap();
    }
    assert_eq!(app.state(), out());
    let attempts = app.client.stats().reactor.attempts;
    app.log_in("again", "alice", server.usersig("alice", 3600));
    assert_eq!(app.code("again"), 0);
    assert_eq!(app.client.stats().reactor.attempts, attempts + 1);
    assert_eq!(app.count(&Told::TicketExpired), 1);
}

#[test]
fn who_is_kicked_hears_it_once_and_may_take_the_place_back() {
    let server = timd::testing::start().unwrap();
    let first = App::at(&server).logged_in(&server, "alice");
    let second = App::at(&server).logged_in(&server, "alice");
    first.until(|told| *told == Told::Kicked);
    assert_eq!(first.state(), out());
    first.call("status", Command::GetUserStatus(vec!["bob".into()]));
    assert_eq!(first.code("status"), codes::SDK_NOT_LOGGED_IN);
    let first = first.logged_in(&server, "alice");
    second.until(|told| *told == Told::Kicked);
    assert_eq!((first.state(), second.state()), (is_in("alice"), out()));
    assert_eq!(first.count(&Told::Kicked), 1);
    assert_eq!(second.count(&Told::Kicked), 1);
}

#[test]
fn a_lost_connection_comes_back_without_a_login_and_brings_what_was_missed() {
    let mut server = timd::testing::start().unwrap();
    let alice = App::at(&server).logged_in(&server, "alice");
    let bob = App::at(&server).logged_in(&server, "bob");
    server.stop();
    alice.until(|told| *told == Told::Network(1));
    assert_eq!(alice.state(), is_in("alice"), "the link is not the session");
    let id = alice.send("bob");
    server.restart().unwrap();
    bob.until(|told| *told == Told::Message(id.clone()));
    assert_eq!(alice.code("send"), 0);
    let logins = |app: &App| {
        let is_login = |told: &&Told| matches!(told, Told::Done("login", _));
        app.told.lock().iter().filter(is_login).count()
    };
    assert_eq!((logins(&alice), logins(&bob)), (1, 1));
}

/// A folder as it is at this moment, as a process that was killed leaves it behind.
fn copy_of(folder: &TempDir) -> TempDir {
    fn copy(from: &Path, to: &Path) {
        for file in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
            let to = to.join(file.file_name());
            if file.file_type().unwrap().is_dir() {
                std::fs::create_dir(&to).unwrap();
                copy(&file.path(), &to);
            } else {
                std::fs::copy(file.path(), to).unwrap();
            }
        }
    }
    let to = TempDir::new().unwrap();
    copy(folder.path(), to.path());
    to
}

#[test]
fn a_message_is_told_once_and_again_only_after_a_crash_that_came_before() {
    let server = timd::testing::start().unwrap();
    let folder = TempDir::new().unwrap();
    let bob = App::at(&server).logged_in(&server, "bob");
    let app = App::on_disk(&server, &folder).logged_in(&server, "alice");
    let first = Told::Message(bob.send("alice"));
    app.until(|told| *told == first);
    // The second has been stored, and waits for the app to poll.
    let second = Told::Message(bob.send("alice"));
    let end = Instant::now() + LONG;
    while app.client.stats().jobs_waiting == 0 {
        assert!(Instant::now() < end);
        std::thread::sleep(Duration::from_millis(2));
    }
    let crashed = copy_of(&folder);
    let next = App::on_disk(&server, &crashed).logged_in(&server, "alice");
    assert_eq!((next.count(&first), next.count(&second)), (0, 1));
    drop(next);
    let next = App::on_disk(&server, &crashed).logged_in(&server, "alice");
    assert_eq!((next.count(&first), next.count(&second)), (0, 0));
    drop(next);

    // It is told before the client has stopped.
    let told = app.told.clone();
    assert!(!told.lock().contains(&second));
    drop(app);
    let count = told.lock().iter().filter(|told| **told == second).count();
    assert_eq!(count, 1);
    let next = App::on_disk(&server, &folder).logged_in(&server, "alice");
    assert_eq!((next.count(&first), next.count(&second)), (0, 0));
}

#[test]
fn after_a_logout_nothing_arrives_and_uninit_is_harmless() {
    let server = timd::testing::start().unwrap();
    let alice = App::at(&server).logged_in(&server, "alice");
    let bob = App::at(&server).logged_in(&server, "bob");
    bob.call("logout", Command::Logout);
    assert_eq!(bob.code("logout"), 0);
    let told = bob.told.lock().len();
    alice.send("bob");
    assert_eq!(alice.code("send"), 0);
    bob.call("again", Command::Logout);
    assert_eq!(bob.code("again"), 0);
    bob.client.stop();
    assert_eq!(bob.told.lock().len(), told + 1);
    assert_eq!(bob.state(), out());
}

/// From the moment of bob's login callback nothing of alice is told, however much was under way.
#[test]
fn an_account_switch_needs_no_logout_and_nothing_of_the_first_user_follows() {
    let server = timd::testing::start().unwrap();
    let folder = TempDir::new().unwrap();
    let carol = App::at(&server).logged_in(&server, "carol");
    App::at(&server).logged_in(&server, "bob");
    let app = App::on_disk(&server, &folder).logged_in(&server, "alice");
    let ids: Vec<String> = (0..50).map(|_| carol.send("alice")).collect();
    let pending = app.send("carol");
    app.log_in("switch", "bob", server.usersig("bob", 3600));
    app.until(|told| matches!(told, Told::Done("switch", _)));
    assert_eq!(app.state(), is_in("bob"));
    let at = app.told.lock().len();
    // Whatever there is of alice would come before this.
    let own = carol.send("bob");
    app.until(|told| *told == Told::Message(own.clone()));
    let later = app.told.lock()[at..].to_vec();
    assert!(
        !later
            .iter()
            .any(|told| matches!(told, Told::Message(id) if ids.contains(id))),
        "{later:?}"
    );
    assert!(
        !later
            .iter()
            .any(|told| matches!(told, Told::Done("send", _))),
        "{later:?}"
    );

    // Her own calls were completed, and what she had written is not lost.
    let done = app.told.lock()[..at]
        .iter()
        .any(|told| matches!(told, Told::Done("send", _)));
    assert!(done);
    let app = app.logged_in(&server, "alice");
    assert_eq!(app.state(), is_in("alice"));
    carol.until(|told| *told == Told::Message(pending.clone()));
    app.client.stop();
    assert!(app.told.lock().len() >= at);
}

#[test]
fn a_status_reaches_those_who_subscribed() {
    let server = timd::testing::start().unwrap();
    let alice = App::at(&server).logged_in(&server, "alice");
    alice.call(
        "subscribe",
        Command::SubscribeUserStatus(vec!["bob".into()]),
    );
    assert_eq!(alice.code("subscribe"), 0);
    let kinds = |wanted: i32, custom: &'static str| {
        move |told: &Told| match told {
            Told::Statuses(all) => all
                .last()
                .is_some_and(|s| (s.status_type, &*s.custom_status) == (wanted, custom)),
            _ => false,
        }
    };
    let bob = App::at(&server).logged_in(&server, "bob");
    alice.until(kinds(1, ""));
    bob.call("status", Command::SetSelfStatus("busy".into()));
    alice.until(kinds(1, "busy"));
    bob.call("logout", Command::Logout);
    assert_eq!(bob.code("logout"), 0);
    alice.until(kinds(3, ""));
    let bob = bob.logged_in(&server, "bob");
    alice.until(kinds(1, ""));
    // Gone without a word.
    bob.client.stop();
    alice.until(kinds(2, ""));
}
