//! What is indexed when. That the index is right is in the suite of stores.

use std::fs;
use std::time::Duration;

use protocol::conversation::ConvId;
use rusqlite::Connection;
use tim_core::search::{Keyword, Search};
use tim_core::store::{Store, suite_row};

use super::super::tests::Scratch;
use super::super::{LocalStore, SqliteStore};
use super::{BEFORE_SEARCH, INDEX_BATCH, QUIET, STEP};

/// How many messages have the word; none: not known yet.
fn found(store: &mut SqliteStore, word: &str) -> Option<usize> {
    let search = Search {
        keywords: vec![Keyword::new(word).unwrap()],
        is_all: false,
        types: Vec::new(),
        senders: Vec::new(),
        conv: None,
        from: 0,
        to: u64::MAX,
    };
    let found = store.search(&search).unwrap()?;
    Some(found.iter().map(|found| found.places.len()).sum())
}

fn insert(store: &mut SqliteStore, seqs: std::ops::RangeInclusive<u64>) {
    for seq in seqs {
        let row = suite_row("bob", &format!("m{seq}"), seq, 0);
        store.insert_message(&row).unwrap();
    }
}

const NOW: Duration = Duration::from_secs(100);

/// Turns in which nothing else happens. Says how many did something, and when they were over.
fn tidied(store: &mut SqliteStore) -> (usize, Duration) {
    let (mut steps, mut now) = (0, NOW);
    while let Some(next) = store.tidy(now).unwrap() {
        if next == now {
            steps += 1;
        }
        now = next;
    }
    (steps, now)
}

#[test]
fn few_messages_wait_for_a_search_and_many_are_indexed_between_turns() {
    let mut store = Scratch::new();
    store.open(1, "alice").unwrap();
    let few = INDEX_BATCH as u64 - 1;
    insert(&mut store, 1..=few);
    store.commit().unwrap();
    assert_eq!(tidied(&mut store).0, 0, "no commit for so few");
    assert_eq!(found(&mut store, "text"), Some(few as usize));
    store.commit().unwrap();

    let many = BEFORE_SEARCH as u64 + 1;
    insert(&mut store, few + 1..=few + many);
    store.commit().unwrap();
    assert_eq!(found(&mut store, "text"), None, "it would take too long");
    let (steps, end) = tidied(&mut store);
    assert!(steps >= (BEFORE_SEARCH - INDEX_BATCH) / STEP);
    assert_eq!(end, NOW, "a search waits for it");
    let all = (few + many) as usize;
    assert_eq!(found(&mut store, "text"), Some(all));
    // What is noted is not lost with the process.
    insert(&mut store, few + many + 1..=few + many + 3);
    store.open(1, "alice").unwrap();
    assert_eq!(found(&mut store, "text"), Some(all + 3));
    // Nothing is left of what is gone.
    let bob = ConvId::c2c("bob");
    store.delete_range(&bob, 0, u64::MAX, true).unwrap();
    store.commit().unwrap();
    tidied(&mut store);
    assert_eq!(found(&mut store, "text"), Some(0));
    store.close();
    let db = Connection::open(store.file("alice.db")).unwrap();
    for table in ["search", "search_due", "message_words_docsize"] {
        let rows = db.query_row(&format!("SELECT COUNT(*) FROM {table}"), [], |row| {
            row.get::<_, i64>(0)
        });
        assert_eq!(rows.unwrap(), 0, "{table}");
    }
}

#[test]
fn messages_from_before_the_index_are_found_when_they_are_indexed() {
    const OLD: u64 = 1_000;
    let mut store = Scratch::new();
    fs::create_dir_all(store.root.join("1")).unwrap();
    let old = Connection::open(store.file("alice.db")).unwrap();
    for sql in [
        include_str!("../migrations/001_init.sql"),
        include_str!("../migrations/002_places.sql"),
        include_str!("../migrations/003_profiles.sql"),
        include_str!("../migrations/004_changes.sql"),
        include_str!("../migrations/005_conversations.sql"),
        "INSERT INTO conv VALUES (1, 1, 'bob'); PRAGMA user_version = 5; BEGIN",
    ] {
        old.execute_batch(sql).unwrap();
    }
    for seq in 1..=OLD {
        let content = r#"{"message_elem_array":[{"elem_type":0,"text_elem_content":"old text"}]}"#;
        old.execute(
            "INSERT INTO message VALUES (1, ?1, 0, 'm' || ?1, 'bob', 9, 1, 2, 0, '', ?2, '')",
            rusqlite::params![seq as i64, content],
        )
        .unwrap();
    }
    old.execute_batch("COMMIT").unwrap();
    drop(old);
    store.open(1, "alice").unwrap();
    assert_eq!(found(&mut store, "text"), None);
    assert_eq!(store.tidy(NOW).unwrap(), Some(NOW));
    // On the way messages come, go and change, before that point and behind it.
    store.delete_message("m1").unwrap();
    store.delete_message("m999").unwrap();
    insert(&mut store, OLD + 1..=OLD + 5);
    for id in ["m2", "m998"] {
        let mut row = store.message(id).unwrap().unwrap();
        row.content = suite_row("bob", "new", 1, 0).content;
        store.change_message(&row).unwrap();
    }
    store.commit().unwrap();
    assert_eq!(found(&mut store, "text"), None);
    // Half way it is closed.
    assert_eq!(store.tidy(NOW).unwrap(), Some(NOW));
    store.open(1, "alice").unwrap();
    assert!(tidied(&mut store).0 >= OLD as usize / STEP - 4);
    assert_eq!(found(&mut store, "text"), Some(OLD as usize - 2 + 5));
    assert_eq!(found(&mut store, "old"), Some(OLD as usize - 4));
    assert_eq!(found(&mut store, "new"), Some(2));
    store.commit().unwrap();
    assert_eq!(store.tidy(NOW).unwrap(), None);
}

#[test]
fn a_burst_of_messages_has_its_time_for_itself() {
    let mut store = Scratch::new();
    store.open(1, "alice").unwrap();
    let mut now = NOW;
    for burst in 0..4 {
        let first = burst * INDEX_BATCH as u64 + 1;
        insert(&mut store, first..=first + INDEX_BATCH as u64 - 1);
        store.commit().unwrap();
        now += QUIET / 2;
        assert_eq!(store.tidy(now).unwrap(), Some(now + QUIET));
        let soon = now + QUIET / 2;
        assert_eq!(store.tidy(soon).unwrap(), Some(now + QUIET));
    }
    assert_eq!(store.tidy(now + QUIET).unwrap(), Some(now + QUIET));
    assert_eq!(tidied(&mut store).1, now + QUIET);
    assert_eq!(found(&mut store, "text"), Some(4 * INDEX_BATCH));
}

#[test]
fn an_index_that_cannot_be_written_costs_no_messages() {
    let mut store = Scratch::new();
    store.open(1, "alice").unwrap();
    store.close();
    let db = Connection::open(store.file("alice.db")).unwrap();
    db.execute_batch(
        "CREATE TRIGGER t BEFORE INSERT ON search BEGIN SELECT RAISE(ABORT, 'test'); END",
    )
    .unwrap();
    drop(db);
    store.open(1, "alice").unwrap();
    insert(&mut store, 1..=INDEX_BATCH as u64);
    store.commit().unwrap();
    assert_eq!(store.tidy(NOW), Ok(Some(NOW + QUIET)));
    assert!(store.tidy(NOW + QUIET).is_err());
    assert_eq!(store.tidy(NOW + QUIET), Ok(None), "once is enough");
    insert(&mut store, 1_000..=1_000);
    assert_eq!(store.commit(), Ok(()));
    assert!(store.message("m1000").unwrap().is_some());
    assert!(store.message("m1").unwrap().is_some());
}
