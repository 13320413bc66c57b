//! One suite that every repo has to pass.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use std::sync::Arc;

use futures_executor::block_on;
use futures_util::future::join_all;
use protocol::conversation::ConvId;
use protocol::user::profile::{CustomField, ProfileUpdate, UserProfile};
use timd::metrics::Metrics;
use timd::policy::Policy;
use timd::repo::volatile::Volatile;
use timd::repo::{
    Account, App, EventKind, HistoryQuery, InlineSqlite, MarkRead, Repo, SCHEMA, SendMessage, Sent,
    SetProfile, Sqlite, Topic, Watched,
};
use timd::testing::TempDir;

const APP: u64 = 1;
const MUCH: usize = 1 << 20;

fn app(id: u64, key: &str) -> App {
    App {
        id,
        key: key.into(),
        name: "test".into(),
        created_at: 7,
        policy: Default::default(),
    }
}

async fn user(repo: &impl Repo, app_id: u64, name: &str) -> Account {
    // Any number that differs from the others.
    let id = name
        .bytes()
        .fold(app_id as i64, |id, b| id * 131 + i64::from(b));
    repo.register(id, app_id, name.into(), 1).await.unwrap()
}

fn message(sender: &Account, receiver: &str, msg_id: &str) -> SendMessage {
    let new_conv = msg_id.bytes().fold(sender.id, |id, b| {
        (id.wrapping_mul(1_000_003) ^ i64::from(b)) & i64::MAX
    });
    SendMessage {
        new_conv,
        app_id: APP,
        sender: sender.id,
        receiver: receiver.into(),
        msg_id: msg_id.into(),
        time: 100,
        content: format!("{{\"n\":\"{msg_id}\"}}"),
        countable: true,
        may_be_last: true,
    }
}

async fn send(repo: &impl Repo, sender: &Account, receiver: &str, msg_id: &str) -> Sent {
    let message = message(sender, receiver, msg_id);
    repo.send_message(message).await.unwrap()
}

fn read(reader: &Account, peer: &str, seq: u64) -> MarkRead {
    MarkRead {
        app_id: APP,
        reader: reader.id,
        conv: ConvId::c2c(peer),
        seq,
        time: 200,
    }
}

fn query(account: &Account, peer: &str, from: u64, to: u64) -> HistoryQuery {
    HistoryQuery {
        app_id: APP,
        account: account.id,
        conv: ConvId::c2c(peer),
        from,
        to,
        limit: 100,
        forward: true,
        max_bytes: MUCH,
    }
}

async fn seqs(repo: &impl Repo, query: HistoryQuery) -> (Vec<u64>, bool) {
    let page = repo.history(query).await.unwrap();
    (page.messages.iter().map(|m| m.seq).collect(), page.more)
}

mod change;
mod conversation;
mod group;
mod message;
mod receive;
mod session;
mod standing;
mod user;

/// What every repo has to do.
mod suite {
    pub use super::change::*;
    pub use super::conversation::*;
    pub use super::group::*;
    pub use super::message::*;
    pub use super::receive::*;
    pub use super::session::*;
    pub use super::standing::*;
    pub use super::user::*;
}

macro_rules! repo_suite {
    ($engine:ident, $make:expr, $([$($test:ident)*])+) => {
        mod $engine {
            $($(
                #[test]
                fn $test() {
                    let (repo, _guard) = $make;
                    super::block_on(super::suite::$test(repo));
                }
            )*)+
        }
    };
    ($engine:ident, $make:expr) => {
        whole_suite!(repo_suite { $engine, $make, [long_streams full_conv_groups] });
    };
}

/// All of it, but for `long_streams`, which is long where each message is a commit.
macro_rules! whole_suite {
    ($run:ident { $($with:tt)* }) => {
        $run! { $($with)* [
            apps_and_accounts sending sending_at_the_same_time history reading difference
            changing erasing snapshots conv_settings conv_deletion conv_limits conv_groups
            receive_opts receive_opts_stay unwanted unwanted_at_first receive_all
            groups group_messages group_reads group_limits
            policies subscriptions profiles standing places active_users routes nodes
        ] }
    };
}

mod postgres;

fn on_disk() -> (Sqlite, TempDir) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("db");
    let repo = Sqlite::open(&path, 2, Arc::new(Metrics::default())).unwrap();
    (repo, dir)
}

repo_suite!(
    inline_sqlite,
    (super::InlineSqlite::in_memory().unwrap(), ())
);
repo_suite!(sqlite, super::on_disk());
// What it does not forget.
repo_suite!(
    volatile,
    (
        super::Volatile::new(super::InlineSqlite::in_memory().unwrap()),
        ()
    ),
    [apps_and_accounts policies subscriptions standing places active_users routes nodes]
);

#[test]
fn what_is_committed_is_there_after_reopening() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("db");
    let open = || Sqlite::open(&path, 1, Arc::new(Metrics::default())).unwrap();
    let repo = open();
    let alice = block_on(user(&repo, APP, "alice"));
    block_on(send(&repo, &alice, "alice", "1"));
    repo.close();
    // Closing folds the log into the file.
    assert!(!dir.path().join("db-wal").exists());
    let repo = open();
    let again = Sent::Repeat { seq: 1, time: 100 };
    assert_eq!(block_on(send(&repo, &alice, "alice", "1")), again);
}

#[test]
fn a_database_of_the_first_version_is_brought_up_to_this_one() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("db");
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch(include_str!("../../src/repo/migrations/0001.sql"))
        .unwrap();
    conn.pragma_update(None, "user_version", 1).unwrap();
    conn.execute_batch(
        "INSERT INTO app VALUES (1, 'k', 'old', 7);
         INSERT INTO account (id, app_id, user_id, created_at) VALUES (5, 1, 'alice', 7);
         INSERT INTO subscription VALUES (5, 'bob', 1);",
    )
    .unwrap();
    drop(conn);
    let repo = Sqlite::open(&path, 1, Arc::new(Metrics::default())).unwrap();
    let view = block_on(repo.login_view(1, "alice".into())).unwrap();
    assert_eq!(view.app.unwrap().policy, Policy::default());
    assert_eq!(view.watching.watched.statuses, ["bob"]);
    assert_eq!((view.places.given, view.places.held), (0, vec![]));
    assert_eq!(view.account.unwrap().active_day, 0);
    assert!(block_on(repo.active_users()).unwrap().is_empty());
}

#[test]
fn two_processes_may_open_a_new_database_at_once() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("db");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| Sqlite::open(&path, 1, Arc::new(Metrics::default())).unwrap());
        }
    });
    let repo = Sqlite::open(&path, 1, Arc::new(Metrics::default())).unwrap();
    assert!(block_on(repo.apps()).unwrap().is_empty());
}

#[test]
fn of_a_newer_database_the_floor_decides() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("db");
    let open = || Sqlite::open(&path, 1, Arc::new(Metrics::default()));
    let change = |statements: &str| {
        let conn = rusqlite::Connection::open(&path).unwrap();
        conn.execute_batch(statements).unwrap();
    };
    let is_refused = || {
        let error = open().err().unwrap().to_string();
        assert!(error.contains("newer timd"), "{error}");
    };
    change("PRAGMA user_version = 1000");
    is_refused();
    change("PRAGMA user_version = 0");
    assert_eq!(block_on(open().unwrap().schema_floor()), Ok(SCHEMA));
    change("PRAGMA user_version = 1000; ALTER TABLE app ADD COLUMN newer INTEGER");
    let repo = open().unwrap();
    assert!(block_on(repo.create_app(app(1, "k"))).unwrap());
    drop(repo);
    change(&format!("UPDATE schema_floor SET floor = {}", SCHEMA + 1));
    is_refused();
}

#[test]
fn a_database_without_a_floor_gets_one() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("db");
    let open = || Sqlite::open(&path, 1, Arc::new(Metrics::default())).unwrap();
    drop(open());
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch("DROP TABLE schema_floor").unwrap();
    drop(conn);
    assert_eq!(block_on(open().schema_floor()), Ok(SCHEMA));
}

#[test]
fn subscriptions_of_the_first_version_are_kept() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("db");
    let conn = rusqlite::Connection::open(&path).unwrap();
    let first = include_str!("../../src/repo/migrations/0001.sql");
    conn.execute_batch(first).unwrap();
    conn.execute_batch(
        "INSERT INTO app VALUES (1, 'k', '', 0);
         INSERT INTO account (id, app_id, user_id, created_at) VALUES (5, 1, 'alice', 0);
         INSERT INTO subscription VALUES (5, 'bob', 2), (5, 'carol', 1);
         PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(conn);
    let repo = Sqlite::open(&path, 1, Arc::new(Metrics::default())).unwrap();
    let view = block_on(repo.login_view(1, "alice".into())).unwrap();
    assert_eq!(view.watching.watched.statuses, ["carol", "bob"]);
    assert!(view.watching.watched.profiles.is_empty());
}

#[test]
fn many_operations_share_a_commit_and_a_failed_one_does_not_spoil_it() {
    let dir = TempDir::new().unwrap();
    let metrics = Arc::new(Metrics::default());
    let repo = Sqlite::open(&dir.path().join("db"), 1, metrics.clone()).unwrap();
    let alice = block_on(user(&repo, APP, "alice"));
    let before = metrics.commit.count();
    let mut sends = Vec::new();
    for n in 0..1000 {
        let mut message = message(&alice, "alice", &n.to_string());
        if n % 100 == 50 {
            // An account that is not there: its event cannot be numbered.
            message.sender = 424_242;
        }
        sends.push(repo.send_message(message));
    }
    let results = block_on(join_all(sends));
    let failed = results.iter().filter(|r| r.is_err()).count();
    assert_eq!(failed, 10);
    let commits = metrics.commit.count() - before;
    assert!(commits < 500, "{commits} commits for 1000 messages");
    let page = block_on(repo.snapshot(alice.id, 0, 10, MUCH)).unwrap();
    assert_eq!((page.event_seq, page.conversations.len()), (990, 1));
    assert_eq!(page.conversations[0].head_seq, 990);
}
