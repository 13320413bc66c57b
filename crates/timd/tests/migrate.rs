//! `timd migrate`: what a server on SQLite knew, one on PostgreSQL knows.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod support;

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, Executor, PgConnection};
use support::{Client, PATIENCE, c2c, get};
use timd::repo::SCHEMA;
use timd::testing::postgres::shared;
use timd::testing::{TempDir, TestServer, start_with};
use tokio::runtime::Runtime;

/// `timd migrate` from a data directory to a database.
fn command(data: &Path, url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_timd"));
    command.args(["migrate", "--data"]).arg(data);
    command.env("TIMD_DATABASE", url);
    command
}

fn migrate(data: &Path, url: &str) -> Output {
    command(data, url).output().unwrap()
}

/// What it printed; it has to succeed.
fn moves(data: &Path, url: &str) -> String {
    let output = migrate(data, url);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Why it refuses.
fn refuses(output: &Output, says: &str) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{output:?}");
    assert!(error.contains(says), "{says:?} is not in {error:?}");
    assert!(!error.contains("secret"), "{error}");
}

fn serve(data: &Path, database: Option<&str>) -> Result<TestServer, String> {
    start_with(|config| {
        config.data = data.to_owned();
        config.database = database.map(str::to_owned);
    })
}

/// A database of a user with so many messages to somebody else, never served.
fn source(data: &Path, messages: u32) -> Connection {
    drop(serve(data, None).unwrap());
    let conn = Connection::open(data.join("timd.db")).unwrap();
    conn.execute_batch(&format!(
        r"BEGIN;
        INSERT INTO account (id, app_id, user_id, created_at) VALUES
            (11, 1400000001, 'alice', 1), (12, 1400000001, 'bob', 1);
        INSERT INTO conv (id, app_id, a, b, head_seq) VALUES (5, 1400000001, 11, 12, {messages});
        INSERT INTO message (conv_id, seq, sender, msg_id, time, ord, content)
            WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {messages})
            SELECT 5, n, 11, 'm' || n, n, n,
                'tab ' || char(9) || ' line ' || char(10, 13) || ' \N \\. ' || char(8, 11, 12, 1)
                || ' ü ' || n FROM n;
        INSERT INTO place (account_id, device_id, platform, number, node, seat)
            VALUES (11, 'desk', 1, 1, 99, 7);
        INSERT INTO node (number, name, beat) VALUES (99, 'it', 3);
        UPDATE account SET custom_status = 'busy' WHERE id = 11;
        COMMIT"
    ))
    .unwrap();
    conn
}

struct Postgres {
    runtime: Runtime,
    conn: PgConnection,
}

impl Postgres {
    fn connect(url: &str) -> Self {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        let conn = runtime.block_on(PgConnection::connect(url)).unwrap();
        Self { runtime, conn }
    }

    fn run(&mut self, statements: &str) {
        let query = sqlx::raw_sql(AssertSqlSafe(statements.to_owned()));
        self.runtime.block_on(self.conn.execute(query)).unwrap();
    }

    fn texts(&mut self, query: &str) -> Vec<String> {
        let query = sqlx::query_scalar(AssertSqlSafe(query.to_owned()));
        self.runtime
            .block_on(query.fetch_all(&mut self.conn))
            .unwrap()
    }

    fn until(&mut self, query: &str) {
        let start = Instant::now();
        while self.texts(query).is_empty() {
            assert!(start.elapsed() < PATIENCE * 3, "{query}");
            sleep(Duration::from_millis(10));
        }
    }
}

/// All that a user sees.
fn view(client: &mut Client, peer: &str) -> Value {
    let range = json!({"conv": c2c(peer), "from": 1, "to": 1000, "limit": 100});
    json!([
        client.ok("conversation.snapshot", json!({"limit": 100})),
        client.ok("session.difference", json!({"after": 0, "limit": 500})),
        client.ok("message.history", range),
        client.ok("user.get_profiles", json!({"users": ["alice", "bob"]})),
    ])
}

#[test]
fn clients_go_on_where_they_were() {
    let cluster = shared();
    let url = cluster.database();
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    let server = serve(&data, None).unwrap();
    let on = |server: &TestServer, user: &str, extra: Value| {
        let mut client = Client::connect(server);
        let login = client.log_in(server, user, extra);
        (client, login)
    };
    let desk = json!({"device_id": "desk", "platform": 1});
    let (mut alice, alices) = on(&server, "alice", desk.clone());
    let (mut bob, bobs) = on(&server, "bob", desk.clone());
    bob.ok("user.subscribe_status", json!({"users": ["alice"]}));
    bob.ok("user.subscribe_profiles", json!({"users": ["alice"]}));
    alice.ok(
        "user.set_profile",
        json!({"user_profile_item_nick_name": "Alice \u{1f600}"}),
    );
    let unwanted = json!({"convs": [c2c("bob")], "recv_opt": 2});
    alice.ok("conversation.set", unwanted);
    let quiet = json!({"msg_all_recv_msg_duration": 60, "msg_all_recv_msg_opt_level": 2});
    alice.ok("user.set_receive_all", quiet);
    alice.ok("user.set_status", json!({"custom_status": "busy"}));
    for n in 1..=30 {
        alice.send_text("bob", &format!("a{n}"), "line\n\ttab \\ \u{0} end");
    }
    bob.ok("message.read", json!({"conv": c2c("alice"), "seq": 10}));
    bob.send_text("alice", "b1", "yes");
    // So far bob has followed. A device of alice loses its place while it is away.
    let cursor = bob.ok("session.heartbeat", json!({}))["event_seq"].clone();
    drop(bob);
    let (tablet, _) = on(
        &server,
        "alice",
        json!({"device_id": "tablet", "platform": 2}),
    );
    drop(tablet);
    let (mut phone, _) = on(
        &server,
        "alice",
        json!({"device_id": "phone", "platform": 2}),
    );
    for n in 31..=40 {
        alice.send_text("bob", &format!("a{n}"), "unheard");
    }
    let alice_saw = view(&mut phone, "bob");
    let (key, app) = (server.key().to_owned(), server.app_id());
    let refused = migrate(&data, &url);
    refuses(&refused, "stop it first");
    drop(server);

    let report = moves(&data, &url);
    assert!(
        report.contains("\nmessage                  41  "),
        "{report}"
    );
    // Nobody goes on with the old state by mistake.
    let error = serve(&data, None).err().unwrap();
    assert!(error.contains("moved to PostgreSQL"), "{error}");
    let server = serve(&data, Some(&url)).unwrap();
    assert_eq!((server.key(), server.app_id()), (&*key, app));
    // Nobody is online before he comes back, and each device has its place.
    let back = |place: &Value| {
        let mut extra = desk.clone();
        extra["resume"] = json!(true);
        extra["place"] = place.clone();
        extra
    };
    let (mut bob, login) = on(&server, "bob", back(&bobs["place"]));
    assert_eq!(login["place"], bobs["place"]);
    let status = bob.ok("user.get_status", json!({"users": ["alice"]}));
    assert_ne!(status["statuses"][0]["user_status_status_type"], 1);
    assert_eq!(status["statuses"][0]["user_status_custom_status"], "");
    let (mut alice, login) = on(&server, "alice", back(&alices["place"]));
    assert_eq!(login["place"], alices["place"]);
    assert_eq!(
        bob.event("user.status")["body"][0]["user_status_status_type"],
        1
    );
    let mut tablet = Client::connect(&server);
    let extra = json!({"device_id": "tablet", "platform": 2, "resume": true, "place": 2});
    let late = tablet.ask(
        "session.login",
        Client::login_body(&server, "alice", &extra),
    );
    assert_eq!(late["code"], 6208, "{late}");
    // What bob missed, he finds after his old cursor; all else is as it was.
    let missed = bob.ok("session.difference", json!({"after": cursor, "limit": 100}));
    let ids = missed["events"].as_array().unwrap().iter();
    let ids: Vec<&str> = ids.map(|e| e["body"]["msg_id"].as_str().unwrap()).collect();
    let wanted: Vec<String> = (31..=40).map(|n| format!("a{n}")).collect();
    assert_eq!(ids, wanted);
    assert_eq!(view(&mut alice, "bob"), alice_saw);
    // A repeat is one, and numbers go on.
    assert_eq!(alice.send_text("bob", "a40", "unheard")["seq"], 41);
    let sent = alice.send_text("bob", "a41", "new");
    assert_eq!(sent["seq"], 42);
    assert_eq!(bob.event("message.new")["body"]["msg_id"], "a41");
    bob.ok("message.read", json!({"conv": c2c("alice"), "seq": 42}));
    assert_eq!(alice.event("message.receipt")["body"]["peer_read_seq"], 42);
    // Watches too came along.
    alice.ok(
        "user.set_profile",
        json!({"user_profile_item_nick_name": "Al"}),
    );
    let told = bob.event("user.profiles");
    assert_eq!(told["body"][0]["user_profile_nick_name"], "Al");
    assert_eq!(get(&server, "/readyz").1, "ready\n");

    // Once more is harmless, whatever has been stored there since.
    refuses(&migrate(&data, &url), "stop it first");
    drop(server);
    let again = moves(&data, &url);
    assert!(again.contains("nothing to do"), "{again}");
    let server = serve(&data, Some(&url)).unwrap();
    let (mut alice, _) = on(&server, "alice", desk);
    assert_eq!(alice.send_text("bob", "a42", "new")["seq"], 43);
}

const SLEEPS: &str = "SELECT 'sleeps' FROM pg_stat_activity WHERE datname = current_database()
    AND application_name = 'timd migrate' AND wait_event = 'PgSleep'";
const END: &str = "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'timd migrate'";

/// Kills it in the middle of a transaction, which then does not happen.
fn kill(mut child: Child, postgres: &mut Postgres) {
    child.kill().unwrap();
    child.wait().unwrap();
    postgres.texts(END);
    // It may be dying still, with its locks.
    postgres.until(
        "SELECT 'gone' WHERE NOT EXISTS (SELECT 1 FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'timd migrate')",
    );
}

#[test]
fn a_move_that_is_killed_anywhere_goes_on() {
    const MESSAGES: u32 = 70_000;
    let cluster = shared();
    let url = cluster.database();
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    let conn = source(&data, MESSAGES);
    let column = |text: &str| -> Vec<String> {
        let mut rows = conn.prepare(text).unwrap();
        let rows = rows.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let all = "SELECT conv_id || '|' || seq || '|' || sender || '|' || msg_id || '|' || time || '|'
        || ord || '|' || content FROM message ORDER BY conv_id, seq";
    let messages = column(all);
    assert_eq!(messages.len(), MESSAGES as usize);
    drop(conn);

    let mut postgres = Postgres::connect(&url);
    let start = || {
        let mut command = command(&data, &url);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    };
    // Before anything is written down: it waits for a table that the test has made and locked.
    postgres.run("CREATE TABLE schema_version (id BIGINT PRIMARY KEY, version BIGINT NOT NULL)");
    postgres.run("BEGIN; LOCK TABLE schema_version");
    let mut observer = Postgres::connect(&url);
    let child = start();
    observer.until(
        "SELECT 'waits' FROM pg_stat_activity WHERE datname = current_database()
         AND application_name = 'timd migrate' AND wait_event_type = 'Lock'",
    );
    kill(child, &mut observer);
    postgres.run("ROLLBACK");

    // Then within each kind of transaction: it stops where the test says, and is killed there.
    postgres.run(
        "CREATE TABLE moving (name TEXT PRIMARY KEY, total BIGINT NOT NULL, checksum TEXT NOT NULL,
            copied BIGINT NOT NULL, is_checked BIGINT NOT NULL);
         CREATE FUNCTION stop_here() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN PERFORM pg_sleep(600); RETURN NEW; END'",
    );
    let points = [
        ("INSERT", "NEW.name = 'message'", 0),
        ("UPDATE", "NEW.name = 'account' AND NEW.copied > 0", 0),
        ("UPDATE", "NEW.name = 'message' AND NEW.copied > 0", 0),
        (
            "UPDATE",
            "NEW.name = 'message' AND NEW.copied > 20000",
            20_000,
        ),
        (
            "UPDATE",
            "NEW.name = 'message' AND NEW.copied > 60000",
            60_000,
        ),
        ("UPDATE", "NEW.name = 'place'", MESSAGES),
        ("UPDATE", "NEW.is_checked = 1", MESSAGES),
    ];
    for (verb, here, copied) in points {
        postgres.run(&format!(
            "CREATE TRIGGER stop AFTER {verb} ON moving FOR EACH ROW WHEN ({here})
             EXECUTE FUNCTION stop_here()"
        ));
        let child = start();
        postgres.until(SLEEPS);
        kill(child, &mut postgres);
        postgres.run("DROP TRIGGER stop ON moving");
        let found = postgres.texts("SELECT COUNT(*)::text FROM message");
        assert_eq!(found, [copied.to_string()], "{here}");
        if verb == "UPDATE" {
            let error = serve(&data, Some(&url)).err().unwrap();
            assert!(error.contains("timd migrate"), "{error}");
            let mut apps = Command::new(env!("CARGO_BIN_EXE_timd"));
            let apps = apps.args(["app", "list", "--database", &url]).output();
            refuses(&apps.unwrap(), "timd migrate");
        }
    }
    // Or the database goes away.
    postgres.run(
        "CREATE TRIGGER stop AFTER UPDATE ON moving FOR EACH ROW EXECUTE FUNCTION stop_here()",
    );
    let mut command = command(&data, &url);
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    postgres.until(SLEEPS);
    postgres.texts(END);
    refuses(
        &child.unwrap().wait_with_output().unwrap(),
        "run the same command again",
    );
    postgres.run("DROP TRIGGER stop ON moving");
    let report = moves(&data, &url);
    assert!(report.contains("moved 0 rows"), "{report}");
    assert!(postgres.texts(all) == messages, "another text");
    // Nobody is online, and nothing else is left behind.
    let mut one =
        |query: &str, wanted: &str| assert_eq!(postgres.texts(query), [wanted], "{query}");
    one("SELECT COUNT(*)::text FROM node", "0");
    one(
        "SELECT node || ' ' || seat || ' ' || number FROM place",
        "0 0 1",
    );
    one("SELECT custom_status FROM account WHERE id = 11", "");
    one("SELECT COUNT(*)::text FROM app", "1");
    drop(serve(&data, Some(&url)).unwrap());
}

#[test]
fn targets_that_will_not_do() {
    let cluster = shared();
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    let conn = source(&data, 3);
    drop(conn);
    // A server has begun something of its own there, and runs, or has gone.
    let url = cluster.database();
    let other = dir.path().join("other");
    let server = serve(&other, Some(&url)).unwrap();
    refuses(&migrate(&data, &url), "serves the target");
    drop(server);
    cluster.run("DELETE FROM node", &url).unwrap();
    refuses(&migrate(&data, &url), "did not come from here (table app)");
    // It is not harmed.
    drop(serve(&other, Some(&url)).unwrap());

    // Another database has been moved there, or this one has changed since.
    let url = cluster.database();
    let twin = dir.path().join("twin");
    drop(source(&twin, 4));
    moves(&twin, &url);
    refuses(&migrate(&data, &url), "name another target");
    let url = cluster.database();
    moves(&data, &url);
    cluster
        .run("UPDATE moving SET is_checked = 0", &url)
        .unwrap();
    moves(&data, &url);
    cluster
        .run("UPDATE moving SET is_checked = 0", &url)
        .unwrap();
    let change = |text: &str| {
        let conn = Connection::open(data.join("timd.db")).unwrap();
        conn.execute(text, params![]).unwrap();
    };
    change("UPDATE account SET event_seq = 1 WHERE id = 12");
    refuses(&migrate(&data, &url), "begin again with an empty database");
    change("UPDATE account SET event_seq = 0 WHERE id = 12");
    // Somebody wrote into the target meanwhile: one byte is enough.
    cluster
        .run("UPDATE message SET content = 'X' WHERE seq = 2", &url)
        .unwrap();
    refuses(&migrate(&data, &url), "table message differs");
    assert!(serve(&data, Some(&url)).is_err());

    // A server is started on the target in the middle: it has to be of a version that does not
    // look, so its traces are made here.
    let url = cluster.database();
    let mut postgres = Postgres::connect(&url);
    drop(serve(&other, Some(&url)).unwrap());
    postgres.run("DELETE FROM app; DELETE FROM node");
    postgres.run("INSERT INTO node (number, name, beat) VALUES (1, 'there', 0)");
    refuses(&migrate(&data, &url), "a timd (there) serves the target");

    // A newer timd has made its tables, of which this one does not know all.
    postgres.run("DELETE FROM node; UPDATE schema_version SET version = 1000");
    refuses(&migrate(&data, &url), "move with the newer timd");

    // No such thing.
    let words = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_timd"));
        command
            .env_remove("TIMD_DATABASE")
            .arg("migrate")
            .args(args);
        command.output().unwrap()
    };
    let one_way = "the only way";
    refuses(&words(&["--to", "sqlite:///tmp/x.db"]), one_way);
    refuses(
        &words(&["--from", &url, "--to", "sqlite:///tmp/x.db"]),
        one_way,
    );
    refuses(&words(&["--from", &url, "--to", &url]), one_way);
    refuses(
        &words(&["--from", "sqlite:///tmp/no/such.db", "--to", &url]),
        "there is no database",
    );
    refuses(
        &migrate(&data, &format!("{url}_not_there")),
        "does not exist",
    );
    let latin =
        "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0";
    cluster.run(latin, "postgres").unwrap();
    let latin = format!("{}/latin", url.rsplit_once('/').unwrap().0);
    refuses(&migrate(&data, &latin), "--encoding UTF8");
}

#[test]
fn sources_that_will_not_do() {
    let cluster = shared();
    let url = cluster.database();
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    let conn = source(&data, 3);
    // Somebody has the file, if not the directory.
    refuses(&migrate(&data, &url), "stop it first");
    let path = data.join("timd.db");
    drop(conn);
    for (bad, good, says) in [
        (
            "UPDATE message SET content = 'a' || char(0) || 'b' WHERE seq = 2",
            "UPDATE message SET content = 'ab' WHERE seq = 2",
            "table message, conv_id = 5 AND seq = 2: content has a NUL",
        ),
        (
            "UPDATE account SET user_id = CAST(x'61ff62' AS TEXT) WHERE id = 12",
            "UPDATE account SET user_id = 'bob' WHERE id = 12",
            "table account, id = 12: user_id is not UTF-8",
        ),
        (
            "UPDATE conv SET head_seq = 'many' WHERE id = 5",
            "UPDATE conv SET head_seq = 3 WHERE id = 5",
            "head_seq is of another type",
        ),
        (
            "CREATE TABLE notes (x TEXT)",
            "DROP TABLE notes",
            "none of timd's",
        ),
        (
            "PRAGMA user_version = 1000",
            &*format!("PRAGMA user_version = {SCHEMA}"),
            "newer timd",
        ),
    ] {
        let change = |text: &str| {
            Connection::open(&path)
                .unwrap()
                .execute_batch(text)
                .unwrap()
        };
        change(bad);
        refuses(&migrate(&data, &url), says);
        change(good);
    }
    // Nothing of that has begun a move.
    moves(&data, &url);
}
