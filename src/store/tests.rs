use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::Connection;
use tim_core::store::suite_row;

use super::*;

/// A store in a folder of its own, which goes with it.
pub(super) struct Scratch {
    store: SqliteStore,
    pub root: PathBuf,
}

impl Scratch {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "tim-store-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let root = std::env::temp_dir().join(name);
        Self {
            store: SqliteStore::new(root.clone()),
            root,
        }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.root.join("1").join(name)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.root.join("1")).unwrap();
        let mut names: Vec<String> = entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.store.close();
        let _ = fs::remove_dir_all(&self.root);
    }
}

impl std::ops::Deref for Scratch {
    type Target = SqliteStore;
    fn deref(&self) -> &SqliteStore {
        &self.store
    }
}

impl std::ops::DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut SqliteStore {
        &mut self.store
    }
}

tim_core::store_suite!(Scratch::new);

#[test]
fn files_are_private_and_one_holder_has_them() {
    let mut first = Scratch::new();
    first.open(1, "Alice").unwrap();
    first.set_meta("k", "v").unwrap();
    first.commit().unwrap();
    #[cfg(unix)]
    for name in ["+alice.db", "+alice.db-wal", "+alice.lock"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(first.file(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let mut second = SqliteStore::new(first.root.clone());
    assert_eq!(second.open(1, "Alice"), Err(StoreError::InUse));
    assert!(!second.is_open());
    second.open(1, "alice").unwrap();
    assert_eq!(second.meta("k").unwrap(), None);
    first.close();
    second.open(1, "Alice").unwrap();
    assert_eq!(second.meta("k").unwrap().as_deref(), Some("v"));
}

#[test]
fn an_open_file_is_locked_for_other_programs_too() {
    let mut store = Scratch::new();
    store.open(1, "alice").unwrap();
    let other = Connection::open(store.file("alice.db")).unwrap();
    let look = || other.query_row("SELECT COUNT(*) FROM meta", [], |row| row.get::<_, u32>(0));
    let refused = look().unwrap_err().sqlite_error_code();
    assert_eq!(refused, Some(rusqlite::ErrorCode::DatabaseBusy));
    store.close();
    look().unwrap();
}

#[test]
fn what_was_not_committed_is_not_there_after_a_crash() {
    let mut store = Scratch::new();
    store.open(1, "alice").unwrap();
    store.set_meta("a", "1").unwrap();
    store.commit().unwrap();
    store.set_meta("b", "2").unwrap();
    // What another process would find now.
    let copy = Scratch::new();
    fs::create_dir_all(copy.root.join("1")).unwrap();
    for name in ["alice.db", "alice.db-wal"] {
        fs::copy(store.file(name), copy.file(name)).unwrap();
    }
    let mut copy = copy;
    assert_eq!(copy.open(1, "alice").unwrap(), Opened::default());
    assert_eq!(copy.meta("a").unwrap().as_deref(), Some("1"));
    assert_eq!(copy.meta("b").unwrap(), None);
}

#[test]
fn a_file_of_version_1_keeps_its_messages_and_its_outbox() {
    let mut store = Scratch::new();
    fs::create_dir_all(store.root.join("1")).unwrap();
    let old = Connection::open(store.file("alice.db")).unwrap();
    old.execute_batch(include_str!("migrations/001_init.sql"))
        .unwrap();
    old.execute_batch(
        "INSERT INTO meta VALUES ('cursor', '7');
         INSERT INTO conv VALUES (1, 1, 'bob');
         INSERT INTO conversation VALUES (1, 2, 'w2', 3, 1, 0, 0, 0, 0, 5);
         INSERT INTO message VALUES
            (1, 1, 2, 0, 'm2', 'bob', 9, 2, 2, 0, '', '{\"message_elem_array\":[]}'),
            (2, 1, 1, 0, 'm1', 'bob', 8, 1, 2, 0, '', '{\"message_elem_array\":[]}'),
            (3, 1, 2, 40, 'w1', 'alice', 0, 0, 1, 0, '', '{\"message_elem_array\":[]}'),
            (4, 1, 2, 41, 'w2', 'alice', 0, 0, 1, 0, '', '{\"message_elem_array\":[]}');
         INSERT INTO outbox (msg_id) VALUES ('w1'), ('w2');
         PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(old);
    assert_eq!(store.open(1, "alice").unwrap(), Opened::default());
    assert_eq!(store.meta("cursor").unwrap().as_deref(), Some("7"));
    assert_eq!(store.outbox_extent().unwrap(), (2, 41));
    let ids =
        |rows: Vec<MessageRow>| -> Vec<String> { rows.into_iter().map(|row| row.msg_id).collect() };
    assert_eq!(ids(store.outbox(0, 9).unwrap()), ["w1", "w2"]);
    let page = store.page(&ConvId::c2c("bob"), Place::START, true, 9);
    assert_eq!(ids(page.unwrap()), ["m1", "m2", "w1", "w2"]);
    assert_eq!(store.total_unread().unwrap(), 2);
}

#[test]
fn a_failed_write_loses_the_turn_and_the_commit_says_so() {
    let mut store = Scratch::new();
    store.open(1, "alice").unwrap();
    store.set_meta("kept", "1").unwrap();
    store.commit().unwrap();

    store.insert_message(&suite_row("bob", "m1", 1, 0)).unwrap();
    let broken = store
        .session()
        .unwrap()
        .write(|db| db.execute("INSERT INTO nowhere VALUES (1)", []));
    assert!(matches!(broken, Err(StoreError::Failed(_))));
    assert!(store.set_meta("later", "1").is_err());
    assert!(matches!(store.commit(), Err(StoreError::Failed(_))));
    assert_eq!(store.commit(), Ok(()));
    assert_eq!(store.message("m1").unwrap(), None);
    assert_eq!(store.meta("kept").unwrap().as_deref(), Some("1"));

    // The number that the conversation had is gone with the turn, and is not remembered.
    assert!(store.insert_message(&suite_row("eve", "m2", 1, 0)).unwrap());
    assert!(store.insert_message(&suite_row("bob", "m3", 1, 0)).unwrap());
    store.commit().unwrap();
    assert_eq!(
        store.message("m3").unwrap().unwrap().conv,
        ConvId::c2c("bob")
    );

    // Giving a turn up keeps what was there before.
    store.set_meta("half", "1").unwrap();
    store.discard();
    assert!(!store.is_open());
    assert_eq!(store.commit(), Ok(()));
    store.open(1, "alice").unwrap();
    assert_eq!(store.meta("half").unwrap(), None);
    assert_eq!(store.meta("kept").unwrap().as_deref(), Some("1"));

    // Closing in between does not hide the loss.
    let _ = store
        .session()
        .unwrap()
        .write(|db| db.execute("INSERT INTO nowhere VALUES (1)", []));
    store.close();
    assert!(matches!(store.commit(), Err(StoreError::Failed(_))));
    assert_eq!(store.commit(), Ok(()));
}

#[test]
fn a_newer_file_is_left_untouched() {
    let mut store = Scratch::new();
    store.open(1, "alice").unwrap();
    store.close();
    let path = store.file("alice.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.pragma_update(None, "user_version", 999).unwrap();
    drop(db);
    let before = (fs::read(&path).unwrap(), store.names());
    assert_eq!(store.open(1, "alice"), Err(StoreError::TooNew));
    assert!(!store.is_open());
    assert_eq!((fs::read(&path).unwrap(), store.names()), before);
}

/// Opens a store over a file with this content: the file must be found aside, the store new.
fn opens_anew(content: &[u8]) {
    let mut store = Scratch::new();
    fs::create_dir_all(store.root.join("1")).unwrap();
    let path = store.file("alice.db");
    fs::write(&path, content).unwrap();
    let opened = store.open(1, "alice").unwrap();
    let aside = opened.reset.expect("the file was damaged");
    assert!(aside.starts_with("alice.db.damaged-"), "{aside}");
    assert_eq!(fs::read(store.file(&aside)).unwrap(), content);
    store.set_meta("a", "1").unwrap();
    store.commit().unwrap();
    assert_eq!(store.open(1, "alice").unwrap(), Opened::default());
    assert_eq!(store.meta("a").unwrap().as_deref(), Some("1"));
}

fn bytes_of_a_store() -> Vec<u8> {
    let mut store = Scratch::new();
    store.open(1, "alice").unwrap();
    for seq in 1..200 {
        let row = suite_row("bob", &format!("m{seq}"), seq, 0);
        store.insert_message(&row).unwrap();
    }
    store.close();
    fs::read(store.file("alice.db")).unwrap()
}

#[test]
fn damaged_files_go_aside() {
    opens_anew(&b"this is no database, whatever its name says; long enough to have a header"[..]);
    opens_anew(&[0xff; 8192]);
    let good = bytes_of_a_store();
    opens_anew(&good[..good.len() / 2]);
    let mut zeroed_schema = good.clone();
    zeroed_schema[100..4096].fill(0);
    opens_anew(&zeroed_schema);
    let other = Path::new(&std::env::temp_dir()).join(format!("tim-other-{}", std::process::id()));
    let db = rusqlite::Connection::open(&other).unwrap();
    db.execute_batch("CREATE TABLE message (text TEXT)")
        .unwrap();
    drop(db);
    opens_anew(&fs::read(&other).unwrap());
    fs::remove_file(other).unwrap();
}

#[test]
fn an_empty_file_is_a_new_store() {
    let mut store = Scratch::new();
    fs::create_dir_all(store.root.join("1")).unwrap();
    fs::write(store.file("alice.db"), b"").unwrap();
    assert_eq!(store.open(1, "alice").unwrap(), Opened::default());
}

#[test]
fn damage_met_later_moves_the_file_when_it_is_closed() {
    let mut bytes = bytes_of_a_store();
    // The schema stays readable; the pages of the tables do not.
    let half = bytes.len() / 2;
    bytes[half..].fill(0xee);
    let mut store = Scratch::new();
    fs::create_dir_all(store.root.join("1")).unwrap();
    fs::write(store.file("alice.db"), &bytes).unwrap();
    assert_eq!(store.open(1, "alice").unwrap(), Opened::default());
    let found = store.page(&ConvId::c2c("bob"), Place::END, false, 1000);
    assert!(matches!(found, Err(StoreError::Failed(_))), "{found:?}");
    store.close();
    let opened = store.open(1, "alice").unwrap();
    assert!(opened.reset.is_some());
    assert_eq!(
        store
            .page(&ConvId::c2c("bob"), Place::END, false, 9)
            .unwrap(),
        []
    );
    let aside = store.names();
    assert!(
        aside.iter().any(|n| n.starts_with("alice.db.damaged-")),
        "{aside:?}"
    );
}

#[test]
fn folders_that_cannot_be_are_told() {
    let root = std::env::temp_dir().join(format!("tim-plain-{}", std::process::id()));
    fs::write(&root, b"a file").unwrap();
    let mut store = SqliteStore::new(root.clone());
    assert!(matches!(store.open(1, "alice"), Err(StoreError::Failed(_))));
    fs::remove_file(root).unwrap();
}

#[test]
fn use_of_a_closed_store_is_an_error() {
    let mut store = Scratch::new();
    assert!(matches!(store.meta("a"), Err(StoreError::Failed(_))));
    assert!(matches!(
        store.set_meta("a", "b"),
        Err(StoreError::Failed(_))
    ));
    assert_eq!(store.commit(), Ok(()));
}
