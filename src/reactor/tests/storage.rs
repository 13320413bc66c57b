//! Turns whose transaction fails.

use protocol::codes;
use tim_core::Command;
use tim_core::store::Store;

use super::*;
use crate::store::SqliteStore;

/// Logs alice in over a database in which this SQL was run; what her login comes to, with what
/// was told before it.
fn login_over(name: &str, sql: &str) -> (Vec<Told>, Result<Reply, Error>) {
    let root = std::env::temp_dir().join(format!("tim-turn-{name}-{}", std::process::id()));
    let mut store = SqliteStore::new(root.clone());
    store.open(1, "alice").unwrap();
    store.close();
    let db = rusqlite::Connection::open(root.join("1/alice.db")).unwrap();
    db.execute_batch(sql).unwrap();
    drop(db);

    let (ear, heard) = Ear::new();
    let mut settings = config("ws://localhost:9", TlsSettings::default());
    settings.storage = Storage::Disk(root.clone());
    let instance = start(settings, ear).unwrap();
    let user_sig = protocol::usersig::mint("key", 1, "alice", 1_700_000_000, 1 << 33, None);
    let user_id = "alice".into();
    instance.submit(ReqId(1), Command::Login { user_id, user_sig });
    let mut before = Vec::new();
    let result = loop {
        match heard.recv_timeout(LONG).expect("a completion") {
            Told::Complete(ReqId(1), result) => break result,
            told => before.push(told),
        }
    };
    let failed_commits = instance.stats().failed_commits;
    instance.stop();
    // The file is free, and nothing of the turn is in it.
    let mut store = SqliteStore::new(root.clone());
    store.open(1, "alice").unwrap();
    if result
        .as_ref()
        .is_err_and(|e| e.code == codes::DATABASE_OPERATE_FAILED)
    {
        assert!(failed_commits > 0);
        assert_eq!(store.meta("device_id").unwrap(), None);
    }
    store.close();
    std::fs::remove_dir_all(root).unwrap();
    (before, result)
}

fn last_state(told: &[Told]) -> Option<LoginStatus> {
    told.iter().rev().find_map(|told| match told {
        Told::LoginState(status) => Some(*status),
        _ => None,
    })
}

#[test]
fn without_a_server_the_login_fails_with_the_networks_code() {
    let (before, result) = login_over("none", "");
    assert_eq!(result.unwrap_err().code, codes::SDK_NET_CONN_REFUSE);
    assert_eq!(last_state(&before), Some(LoginStatus::LoggedOut));
}

#[test]
fn a_write_that_fails_fails_the_calls_of_its_turn() {
    let (before, result) = login_over(
        "write",
        "CREATE TRIGGER t BEFORE INSERT ON meta BEGIN SELECT RAISE(ABORT, 'test'); END",
    );
    assert_eq!(result.unwrap_err().code, codes::DATABASE_OPERATE_FAILED);
    assert_eq!(last_state(&before), Some(LoginStatus::LoggedOut));
}

#[test]
fn a_commit_that_fails_fails_the_calls_of_its_turn() {
    let (before, result) = login_over(
        "commit",
        "CREATE TABLE late (id REFERENCES conv (id) DEFERRABLE INITIALLY DEFERRED);
         CREATE TRIGGER t AFTER INSERT ON meta BEGIN INSERT INTO late VALUES (-1); END",
    );
    assert_eq!(result.unwrap_err().code, codes::DATABASE_OPERATE_FAILED);
    assert_eq!(last_state(&before), Some(LoginStatus::LoggedOut));
}

#[test]
fn a_search_waits_until_the_messages_from_before_are_indexed() {
    const MESSAGES: u64 = 5_000;
    let root = std::env::temp_dir().join(format!("tim-turn-search-{}", std::process::id()));
    let mut store = SqliteStore::new(root.clone());
    store.open(1, "alice").unwrap();
    for seq in 1..=MESSAGES {
        let row = tim_core::store::suite_row("bob", &format!("m{seq}"), seq, 0);
        store.insert_message(&row).unwrap();
    }
    store.close();
    drop(store);

    let (ear, heard) = Ear::new();
    let mut settings = config("ws://localhost:9", TlsSettings::default());
    settings.storage = Storage::Disk(root.clone());
    let instance = start(settings, ear).unwrap();
    let user_sig = protocol::usersig::mint("key", 1, "alice", 1_700_000_000, 1 << 33, None);
    let user_id = "alice".into();
    instance.submit(ReqId(1), Command::Login { user_id, user_sig });
    let param = protocol::message::MessageSearchParam {
        keywords: vec!["text".into()],
        ..Default::default()
    };
    instance.submit(ReqId(2), Command::SearchMessages(Box::new(param)));
    let result = loop {
        match heard.recv_timeout(LONG).expect("a completion") {
            Told::Complete(ReqId(2), result) => break result,
            _ => continue,
        }
    };
    let Ok(Reply::Found(found)) = result else {
        panic!("{result:?}");
    };
    assert_eq!(found.total, 1);
    assert_eq!(found.items[0].count, MESSAGES);
    instance.stop();
    std::fs::remove_dir_all(root).unwrap();
}
