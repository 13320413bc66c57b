//! `timd doctor`: each thing that can be wrong on a machine for tests.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::Value;
use sqlx::Connection;
use timd::testing::nats::NatsServer;
use timd::testing::postgres::{Cluster, shared};
use timd::testing::{TempDir, TestServer, start_with};
use time::OffsetDateTime;

struct Seen {
    code: i32,
    checks: Vec<Value>,
}

fn command(data: &Path, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_timd"));
    command.args(["doctor", "--json"]);
    command.env("TIMD_DATA", data);
    // A free port, unless a test says otherwise.
    command.env("TIMD_LISTEN", "127.0.0.1:0");
    for (name, value) in settings {
        command.env(format!("TIMD_{}", name.to_uppercase()), value);
    }
    command
}

fn read(output: &Output) -> Seen {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let report: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{output:?}"));
    let code = output.status.code().unwrap();
    assert!(!text.contains("s3cret"), "{text}");
    assert_eq!(report["ok"], code == 0, "{text}");
    Seen {
        code,
        checks: report["checks"].as_array().unwrap().clone(),
    }
}

fn doctor(data: &Path, settings: &[(&str, &str)]) -> Seen {
    read(&command(data, settings).output().unwrap())
}

impl Seen {
    /// There is such a line, and what is not good says what to do.
    fn has(&self, level: &str, name: &str, says: &str) {
        let fits = |check: &&Value| {
            check["level"] == level
                && check["name"] == name
                && check["saw"].as_str().unwrap().contains(says)
        };
        let found = self.checks.iter().find(fits);
        let found =
            found.unwrap_or_else(|| panic!("no {level} {name} {says:?}: {:#?}", self.checks));
        assert_eq!(found.get("do").is_some(), level != "ok", "{found}");
        if level == "fail" {
            assert_eq!(self.code, 1);
        }
    }

    fn worst(&self) -> Vec<&Value> {
        let bad = self.checks.iter().filter(|check| check["level"] != "ok");
        // What the machine of the tests allows is not their matter.
        let about_us = bad.filter(|check| !check["name"].as_str().unwrap().starts_with("limits."));
        about_us.collect()
    }
}

fn serve(data: &Path, change: impl FnOnce(&mut timd::Config)) -> TestServer {
    let start = start_with(|config| {
        config.data = data.to_owned();
        change(config);
    });
    start.unwrap()
}

fn dir() -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    (dir, data)
}

/// Names and sizes of all files.
fn files(dir: &Path) -> Vec<(PathBuf, u64)> {
    let entries = fs::read_dir(dir).unwrap().map(Result::unwrap);
    let mut files: Vec<_> = entries
        .map(|entry| (entry.path(), entry.metadata().unwrap().len()))
        .collect();
    files.sort();
    files
}

#[test]
fn nothing_is_there_yet_and_nothing_is_made() {
    let (_dir, data) = dir();
    let seen = doctor(&data, &[]);
    seen.has("ok", "directory", "the first start");
    seen.has("ok", "database", "the first start");
    seen.has("ok", "certificate", "the first start");
    seen.has("ok", "port", "any free one");
    assert_eq!(seen.worst(), Vec::<&Value>::new());
    assert_eq!(seen.code, 0);
    assert!(!data.exists());
}

#[test]
fn a_server_that_runs_well() {
    let (_dir, data) = dir();
    let mut server = serve(&data, |_| {});
    let listen = server.addr().to_string();
    let key = server.key().to_owned();
    let before = files(&data);
    let seen = doctor(&data, &[("listen", &listen)]);
    assert_eq!(seen.worst(), Vec::<&Value>::new());
    seen.has(
        "ok",
        "directory.lock",
        &format!("process {}", std::process::id()),
    );
    seen.has("ok", "database", "version");
    seen.has("ok", "database.log", "write-ahead log");
    seen.has("ok", "database.integrity", "finds nothing");
    seen.has("ok", "disk.sync", "ms");
    seen.has("ok", "disk.free", "MiB");
    seen.has("ok", "certificate.shown", "days more");
    seen.has("ok", "port", "a timd answers");
    seen.has("ok", "ready", "ready");
    assert_eq!(files(&data), before);
    // The text says the same.
    let text = command(&data, &[("listen", &listen)]);
    let mut text = Command::new(text.get_program());
    text.args(["doctor", "--data"])
        .arg(&data)
        .args(["--listen", &listen]);
    let text = text.output().unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    let mut lines = text.lines();
    assert!(
        lines.next().unwrap().starts_with("ok    settings  "),
        "{text}"
    );
    assert!(
        lines.any(|line| line.starts_with("ok    ready  ")),
        "{text}"
    );
    assert!(!text.contains(&key), "{text}");
    // Another directory's, on the same port.
    let seen = doctor(&data.with_file_name("other"), &[("listen", &listen)]);
    seen.has("warn", "port", "not one of this directory");
    // The same directory, elsewhere.
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let seen = doctor(&data, &[("listen", &free.to_string())]);
    seen.has("warn", "port", "nobody listens");
    // After its end no file is left that was not there.
    server.stop();
    let before = files(&data);
    let seen = doctor(&data, &[("listen", &listen)]);
    seen.has("ok", "directory.lock", "no timd");
    seen.has("ok", "port", "is free");
    seen.has("ok", "database.integrity", "finds nothing");
    assert_eq!(files(&data), before);
}

#[test]
fn settings_that_are_wrong_or_odd() {
    let (dir, data) = dir();
    let seen = doctor(&data, &[("no_such_thing", "1")]);
    seen.has("fail", "settings", "no_such_thing");
    assert_eq!(seen.checks.len(), 1);
    doctor(&data, &[("bus", "nats://me:s3cret@localhost")]).has("fail", "settings", "SQLite");
    for (settings, says) in [
        (&[("heartbeat", "80s")][..], "idle_timeout 150s"),
        (&[("database_timeout", "30s")], "database_timeout 30s"),
        (&[("storage", "off")], "no message is kept"),
        (&[("listen", "0.0.0.0:0"), ("metrics", "all")], "/metrics"),
        (
            &[
                ("plaintext", "true"),
                ("tls_cert", "\"x\""),
                ("tls_key", "\"x\""),
            ],
            "tls_cert is not used",
        ),
        (
            &[("plaintext", "true"), ("plaintext_anywhere", "true")],
            "holds for everybody",
        ),
    ] {
        let seen = doctor(&data, settings);
        seen.has("warn", "settings", says);
    }
    doctor(&data, &[("log", "timd=loud")]).has("fail", "settings", "log: ");
    let file = dir.path().join("timd.toml");
    fs::write(&file, "database = 'postgres://me:s3cret@127.0.0.1:1/x'").unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    let with_file = [("config", file.to_str().unwrap())];
    doctor(&data, &with_file).has("warn", "settings", "others can read");
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    let seen = doctor(&data, &with_file);
    let open = |check: &Value| check["saw"].as_str().unwrap().contains("others can read");
    assert!(!seen.checks.iter().any(open), "{:?}", seen.checks);
}

#[test]
fn a_directory_that_will_not_do() {
    let (dir, data) = dir();
    fs::write(&data, "").unwrap();
    doctor(&data, &[]).has("fail", "directory", "no directory");
    doctor(&data.join("below"), &[]).has("fail", "directory", "below");
    fs::remove_file(&data).unwrap();
    drop(serve(&data, |_| {}));
    fs::set_permissions(&data, Permissions::from_mode(0o755)).unwrap();
    doctor(&data, &[]).has("warn", "directory.mode", "others may look into");
    fs::set_permissions(&data, Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(data.join("timd.db"), Permissions::from_mode(0o644)).unwrap();
    doctor(&data, &[]).has("warn", "database.mode", "others may read");
    // A directory of the system's, where not even root makes files; others have no rights there.
    doctor(Path::new("/proc/sys"), &[]).has("fail", "directory", "cannot be written");
    if std::os::unix::fs::chown(&data, Some(12_345), None).is_ok() {
        doctor(&data, &[]).has("warn", "directory.owner", "12345");
    }
    drop(dir);
}

#[test]
fn sqlite_that_is_broken_or_too_new() {
    let (_dir, data) = dir();
    drop(serve(&data, |_| {}));
    let path = data.join("timd.db");
    let good = fs::read(&path).unwrap();
    let version = |version: u32| {
        let conn = rusqlite::Connection::open(&path).unwrap();
        conn.pragma_update(None, "user_version", version).unwrap();
    };
    version(1_000);
    doctor(&data, &[]).has("ok", "database", "a newer timd has worked on it");
    let floor = |floor: u32| {
        let conn = rusqlite::Connection::open(&path).unwrap();
        let set = "UPDATE schema_floor SET floor = ?1";
        assert_eq!(conn.execute(set, [floor]).unwrap(), 1);
    };
    floor(1_000);
    doctor(&data, &[]).has("fail", "database", "version 1000");
    floor(1);
    version(3);
    doctor(&data, &[]).has("ok", "database", "brings up to date");
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch("CREATE TABLE moved (at INTEGER NOT NULL)")
        .unwrap();
    drop(conn);
    doctor(&data, &[]).has("fail", "database.move", "moved to PostgreSQL");
    fs::write(&path, "this is no database at all").unwrap();
    doctor(&data, &[]).has("fail", "database", "not a database");
    // The page of a table, overwritten.
    let mut bad = good.clone();
    bad[2048..4096].fill(0x5a);
    fs::write(&path, bad).unwrap();
    doctor(&data, &[]).has("fail", "database.integrity", "quick_check: ");
    fs::write(&path, good).unwrap();
    doctor(&data, &[]).has("ok", "database.integrity", "finds nothing");
}

/// What is in a database, but for what its server counts.
fn contents(cluster: &Cluster, url: &str, wanted: &str) {
    let check = format!(
        "DO $$ BEGIN IF {wanted} <> (SELECT COUNT(*) FROM pg_class WHERE relnamespace IN
            (SELECT oid FROM pg_namespace WHERE nspname = 'public' OR nspname LIKE 'pg_temp%'))
         THEN RAISE EXCEPTION 'not so many'; END IF; END $$"
    );
    cluster.run(&check, url).unwrap();
}

#[test]
fn postgres_step_by_step() {
    let cluster = shared();
    let (_dir, data) = dir();
    let url = cluster.database().replace("secret", "s3cret");
    let name = url.rsplit('/').next().unwrap().to_owned();
    let look = || doctor(&data, &[("database", &url)]);
    let seen = look();
    seen.has("ok", "database", "PostgreSQL at 127.0.0.1");
    seen.has("ok", "database.schema", "no tables");
    seen.has("ok", "database.mode", "takes writes");
    seen.has("ok", "database.tls", "on this machine");
    seen.has("ok", "database.round_trip", "ms");
    seen.has("ok", "database.commit", "ms");
    seen.has("ok", "database.connections", "97 allowed");
    seen.has("ok", "database.timeouts", "none");
    seen.has("ok", "clock", "ms");
    // The server of the tests does not wait for the disk.
    seen.has("warn", "database.durable", "fsync off");
    assert_eq!(seen.code, 0);
    contents(&cluster, &url, "0");
    drop(serve(&data, |config| config.database = Some(url.clone())));
    look().has("ok", "database.schema", "as this timd has it");
    fs::write(data.join("timd.db"), "").unwrap();
    look().has("warn", "directory.left", "timd.db");

    let alter = |what: &str| {
        let what = what.replace("DB", &format!("DATABASE {name}"));
        cluster.run(&what, &url).unwrap();
    };
    for (wrong, right, level, check, says) in [
        (
            "ALTER DB SET default_transaction_read_only = on",
            "BEGIN READ WRITE; ALTER DB RESET default_transaction_read_only; COMMIT",
            "fail",
            "database.mode",
            "takes no writes",
        ),
        (
            "ALTER DB SET lock_timeout = 100",
            "ALTER DB RESET lock_timeout",
            "warn",
            "database.timeouts",
            "lock_timeout 100 ms",
        ),
        (
            "ALTER DB CONNECTION LIMIT 10",
            "ALTER DB CONNECTION LIMIT -1",
            "warn",
            "database.connections",
            "10 allowed",
        ),
        (
            "ALTER DB SET synchronous_commit = off",
            "ALTER DB RESET synchronous_commit",
            "warn",
            "database.durable",
            "synchronous_commit off",
        ),
        (
            "UPDATE schema_version SET version = 1000; UPDATE schema_floor SET floor = 1000",
            "UPDATE schema_floor SET floor = 1",
            "fail",
            "database.schema",
            "version 1000",
        ),
        (
            "SELECT 1",
            "UPDATE schema_version SET version = 3",
            "ok",
            "database.schema",
            "version 1000: a newer timd",
        ),
        (
            "SELECT 1",
            "SELECT 1",
            "ok",
            "database.schema",
            "version 3 of",
        ),
        (
            "CREATE TABLE moving (is_checked BIGINT); INSERT INTO moving VALUES (0)",
            "DROP TABLE moving",
            "fail",
            "database.move",
            "timd migrate",
        ),
        (
            "CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
                'SELECT pg_catalog.clock_timestamp() - interval ''1 minute''';
             ALTER DB SET search_path = public, pg_catalog",
            "ALTER DB RESET search_path; DROP FUNCTION public.clock_timestamp()",
            "warn",
            "clock",
            "ms from the clock",
        ),
        (
            "CREATE FUNCTION pg_is_in_recovery() RETURNS bool LANGUAGE sql AS 'SELECT true';
             ALTER DB SET search_path = public, pg_catalog",
            "ALTER DB RESET search_path; DROP FUNCTION public.pg_is_in_recovery()",
            "fail",
            "database.mode",
            "standby",
        ),
    ] {
        alter(wrong);
        look().has(level, check, says);
        alter(right);
    }
    let as_role = |role: &str| {
        let url = url.replace("timd:", &format!("{role}:"));
        doctor(&data, &[("database", &url)])
    };
    alter("CREATE ROLE stranger LOGIN; CREATE ROLE reader LOGIN");
    alter("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader");
    as_role("stranger").has("fail", "database.schema", "permission denied");
    as_role("reader").has("fail", "database.schema", "may not make tables");
    alter("GRANT CREATE ON SCHEMA public TO reader");
    as_role("reader").has("fail", "database.schema", "no right to account, app");
    as_role("nobody").has("fail", "database", "nobody");
    let latin = "CREATE DATABASE doctors_latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'
        TEMPLATE template0";
    cluster.run(latin, "postgres").unwrap();
    let latin = url.replace(&name, "doctors_latin");
    doctor(&data, &[("database", &latin)]).has("fail", "database.encoding", "LATIN1");
    let absent = url.replace(&name, "not_there");
    doctor(&data, &[("database", &absent)]).has("fail", "database", "does not exist");
    let closed = "postgres://timd:s3cret@127.0.0.1:1/timd";
    doctor(&data, &[("database", closed)]).has("fail", "database", "127.0.0.1:1");
    let typo = "postgres://timd:s3cret@127.0.0.1:s3cret/timd";
    doctor(&data, &[("database", typo)]).has("fail", "database", "URL");
    let tls = format!("{url}?sslmode=verify-full");
    doctor(&data, &[("database", &tls)]).has("fail", "database", "TLS");
}

#[test]
fn postgres_with_tls() {
    let cluster = Cluster::start().unwrap();
    let (dir, data) = dir();
    let url = cluster.database();
    let ca = authority("database", -1, 400);
    let (cert, key) = leaf(&ca, &["127.0.0.1"], -1, 90);
    // Next to the data of PostgreSQL, and its own.
    let home = data_directory(&url);
    let owner = fs::metadata(&home).unwrap();
    for (name, text) in [("server.crt", &cert), ("server.key", &key)] {
        let path = home.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        std::os::unix::fs::chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
    }
    cluster.run("ALTER SYSTEM SET ssl = on", &url).unwrap();
    cluster.run("SELECT pg_reload_conf()", &url).unwrap();
    let file = dir.path().join("ca.pem");
    let look = || {
        let url = format!("{url}?sslmode=verify-full&sslrootcert={}", file.display());
        doctor(&data, &[("database", &url)])
    };
    fs::write(&file, &ca.cert).unwrap();
    let start = std::time::Instant::now();
    // A moment passes until it has read its settings again.
    while look().code != 0 {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "{:?}",
            look().checks
        );
    }
    look().has("ok", "database.tls", "is checked");
    fs::write(&file, authority("other", -1, 400).cert).unwrap();
    look().has("fail", "database", "127.0.0.1");
}

fn data_directory(url: &str) -> PathBuf {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().unwrap();
    runtime.block_on(async {
        let mut conn = sqlx::PgConnection::connect(url).await.unwrap();
        let asked = sqlx::query_scalar::<_, String>("SHOW data_directory");
        asked.fetch_one(&mut conn).await.unwrap().into()
    })
}

/// Passes bytes on, those of the answers after a while.
fn slow_way(to: SocketAddr, delay: Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, mut server) = (client.unwrap(), TcpStream::connect(to).unwrap());
            let mut asks = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || std::io::copy(&mut asks.0, &mut asks.1));
            thread::spawn(move || {
                let mut buffer = [0; 65_536];
                while let Ok(n @ 1..) = server.read(&mut buffer) {
                    thread::sleep(delay);
                    if client.write_all(&buffer[..n]).is_err() {
                        return;
                    }
                }
            });
        }
    });
    addr
}

#[test]
fn a_database_that_is_far_away() {
    let cluster = shared();
    let (_dir, data) = dir();
    let url = cluster.database();
    let port = url.rsplit(':').next().unwrap().split('/').next().unwrap();
    let way = slow_way(
        ([127, 0, 0, 1], port.parse().unwrap()).into(),
        Duration::from_millis(60),
    );
    let url = url.replace(port, &way.port().to_string());
    let seen = doctor(&data, &[("database", &url)]);
    seen.has("warn", "database.round_trip", "a message takes");
    seen.has("warn", "database.commit", "durable");
}

#[test]
fn several_nodes_with_and_without_a_bus() {
    let cluster = shared();
    let (_dir, data) = dir();
    let url = cluster.database();
    let start = |data: &Path| {
        serve(data, |config| {
            config.database = Some(url.clone());
            config.node_lease = Duration::from_secs(4);
        })
    };
    let other = data.with_file_name("other");
    let (one, two) = (start(&data), start(&other));
    // Long since dead, though nobody has said so yet: its beat stands still.
    cluster
        .run(
            "INSERT INTO node (number, name, beat) VALUES (5, 'still', 7)",
            &url,
        )
        .unwrap();
    let settings = [
        ("database", &*url),
        ("node_lease", "4s"),
        ("listen", &one.addr().to_string()),
    ];
    let seen = doctor(&data, &settings);
    seen.has("ok", "nodes", "2 renewing their leases");
    seen.has("warn", "nodes", "1 not renewing their leases: still");
    seen.has("fail", "bus", "none, and 2 nodes");
    let shown = |says: &str| {
        let seen = doctor(&data, &settings);
        seen.has("warn", "ready", says);
    };
    shown("degraded: bus: there is none");
    drop(two);
}

#[test]
fn a_server_that_lost_its_database() {
    let cluster = Cluster::start().unwrap();
    let (_dir, data) = dir();
    let url = cluster.database();
    let server = serve(&data, |config| {
        config.database = Some(url.clone());
        config.node_lease = Duration::from_secs(1);
        config.database_timeout = Duration::from_millis(500);
    });
    cluster.stop();
    let listen = server.addr().to_string();
    let settings = [("database", &*url), ("listen", &*listen)];
    let start = std::time::Instant::now();
    loop {
        let seen = doctor(&data, &settings);
        seen.has("fail", "database", "127.0.0.1");
        seen.has("ok", "port", "a timd answers");
        let ready = seen.checks.iter().find(|check| check["name"] == "ready");
        if ready.unwrap()["level"] == "fail" {
            seen.has("fail", "ready", "not ready: the database");
            break;
        }
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "{:?}",
            seen.checks
        );
    }
}

#[test]
fn the_bus() {
    let cluster = shared();
    let (dir, data) = dir();
    let url = cluster.database();
    let lines = "max_payload: 65536\nauthorization { users: [
        { user: chat, password: \"s3cret\", permissions: { publish: \"timd.prod.node.*\",
            subscribe: [\"timd.prod.node.*\", \"_INBOX.>\"] } },
        { user: mute, password: \"s3cret\", permissions: { subscribe: \"else\" } } ] }\n";
    let nats = NatsServer::start_with(lines).unwrap();
    let host = nats.host();
    let look = |bus: &str| doctor(&data, &[("database", &url), ("bus", bus)]);
    let seen = look(&format!("nats://chat:s3cret@{host}/prod"));
    seen.has("ok", "bus", "NATS 2.");
    seen.has("ok", "bus.round_trip", "ms");
    seen.has("ok", "bus.tls", "no TLS");
    seen.has("warn", "bus.max_payload", "65536");
    assert_eq!(seen.code, 0);
    look(&format!("nats://chat:s3cret@{host}/other")).has("fail", "bus", "does not come back");
    look(&format!("nats://mute:s3cret@{host}/prod")).has("fail", "bus", "does not come back");
    look(&format!("nats://nobody:s3cret@{host}/prod")).has("fail", "bus", "authorization");
    look("nats://chat:s3cret@127.0.0.1:1").has("fail", "bus", "127.0.0.1:1");
    // With TLS, and an authority that is about to end.
    let ca = authority("NATS", -30, 10);
    let leaf = leaf(&ca, &["127.0.0.1"], -30, 10);
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let lines = format!(
        "tls {{ cert_file: {:?}, key_file: {:?} }}\n",
        file("cert.pem", &leaf.0),
        file("key.pem", &leaf.1)
    );
    let nats = NatsServer::start_with(&lines).unwrap();
    let bus = format!("tls://{}", nats.host());
    let look = |ca: &str| doctor(&data, &[("database", &url), ("bus", &bus), ("bus_ca", ca)]);
    let seen = look(&file("ca.pem", &ca.cert));
    seen.has("ok", "bus.tls", "TLS");
    seen.has("ok", "bus.max_payload", "1048576");
    seen.has("warn", "certificate.expiry", "NATS expires in 10 days");
    look("/no/such.pem").has("fail", "bus", "no file");
    look(&file("empty.pem", "")).has("fail", "bus_ca", "no certificate");
    doctor(&data, &[("database", &url), ("bus", &bus)]).has("fail", "bus", "tls://127.0.0.1");
}

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    cert: String,
}

fn params(name: &str, names: &[&str], from_days: i64, to_days: i64) -> CertificateParams {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    let now = OffsetDateTime::now_utc();
    params.not_before = now + time::Duration::days(from_days);
    // Whole days are told.
    params.not_after = now + time::Duration::days(to_days) + time::Duration::HOUR;
    params
}

fn authority(name: &str, from_days: i64, to_days: i64) -> Authority {
    let mut params = params(name, &[], from_days, to_days);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let cert = params.self_signed(&key).unwrap().pem();
    Authority {
        issuer: Issuer::new(params, key),
        cert,
    }
}

/// Certificate and key.
fn leaf(ca: &Authority, names: &[&str], from_days: i64, to_days: i64) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let params = params("chat", names, from_days, to_days);
    let cert = params.signed_by(&key, &ca.issuer).unwrap();
    (cert.pem(), key.serialize_pem())
}

#[test]
fn certificates() {
    let (dir, data) = dir();
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    let settings = [
        ("tls_cert", cert.to_str().unwrap()),
        ("tls_key", key.to_str().unwrap()),
    ];
    let place = |(c, k): &(String, String)| {
        fs::write(&cert, c).unwrap();
        fs::write(&key, k).unwrap();
    };
    doctor(&data, &settings).has("fail", "certificate", "cert.pem");
    let ca = authority("root", -1, 4000);
    let good = leaf(&ca, &["chat.example", "192.0.2.7"], -1, 90);
    place(&(format!("{}{}", good.0, ca.cert), good.1.clone()));
    let seen = doctor(&data, &settings);
    seen.has(
        "ok",
        "certificate",
        "for chat.example, 192.0.2.7, chain of 2",
    );
    seen.has("ok", "certificate.expiry", "90 days");
    assert_eq!(seen.worst(), Vec::<&Value>::new());
    let own_only = |names: &[&str], from, to| place(&leaf(&ca, names, from, to));
    own_only(&["chat.example"], -90, 20);
    doctor(&data, &settings).has("warn", "certificate.expiry", "expires in 20 days");
    own_only(&["chat.example"], -90, -5);
    doctor(&data, &settings).has("fail", "certificate.expiry", "expired");
    own_only(&["chat.example"], 2, 90);
    doctor(&data, &settings).has("fail", "certificate.expiry", "only from");
    own_only(&[], -1, 90);
    doctor(&data, &settings).has("fail", "certificate", "no names");
    own_only(&["192.0.2.7"], -1, 90);
    let elsewhere = [settings[0], settings[1], ("listen", "192.0.2.8:8443")];
    let seen = doctor(&data, &elsewhere);
    seen.has("warn", "certificate", "listens on 192.0.2.8");
    seen.has("fail", "port", "no address 192.0.2.8");
    // The key of another one; a chain in the wrong order; no certificate at all.
    place(&(good.0.clone(), leaf(&ca, &["x"], -1, 90).1));
    doctor(&data, &settings).has("fail", "certificate", "cert.pem");
    let stranger = authority("stranger", -1, 4000);
    place(&(format!("{}{}", good.0, stranger.cert), good.1.clone()));
    doctor(&data, &settings).has("fail", "certificate.chain", "out of order");
    place(&("nothing".into(), good.1.clone()));
    doctor(&data, &settings).has("fail", "certificate", "cert.pem");

    // Renewed, and the server has not been told.
    place(&good);
    let server = serve(&data, |config| {
        config.tls_cert = Some(cert.clone());
        config.tls_key = Some(key.clone());
    });
    let listen = server.addr().to_string();
    let settings = [settings[0], settings[1], ("listen", &*listen)];
    doctor(&data, &settings).has("ok", "certificate.shown", "90 days");
    own_only(&["chat.example"], -1, 365);
    doctor(&data, &settings).has("warn", "certificate.shown", "another certificate");
}

#[test]
fn timds_own_authority() {
    let (_dir, data) = dir();
    drop(serve(&data, |_| {}));
    doctor(&data, &[]).has("ok", "certificate", "ca.pem");
    let seen = doctor(&data, &[("listen", "0.0.0.0:0")]);
    seen.has("warn", "certificate", "listens on 0.0.0.0");
    let other = authority("other", -1, 4000);
    fs::write(data.join("ca.pem"), &other.cert).unwrap();
    doctor(&data, &[]).has("fail", "certificate", "do not belong together");
    fs::write(data.join("ca.pem"), "").unwrap();
    doctor(&data, &[]).has("fail", "certificate", "ca.pem");
    fs::remove_file(data.join("ca.pem")).unwrap();
    doctor(&data, &[]).has("warn", "certificate", "ca.pem is missing");
    assert!(!data.join("ca.pem").exists());
}

#[test]
fn ports_and_limits() {
    let (_dir, data) = dir();
    // Somebody else's: it takes connections, and says something that is not HTTP.
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = other.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for client in other.incoming() {
            let _ = client.unwrap().write_all(b"220 mail\r\n\r\n");
        }
    });
    for plaintext in ["true", "false"] {
        let seen = doctor(&data, &[("listen", &listen), ("plaintext", plaintext)]);
        seen.has("fail", "port", "not by a timd");
    }
    let server = serve(&data, |config| config.plaintext = true);
    let listen = server.addr().to_string();
    let seen = doctor(&data, &[("listen", &listen), ("plaintext", "true")]);
    seen.has("ok", "port", "a timd answers");
    seen.has("ok", "certificate", "plaintext");
    drop(server);
    let inner = command(&data, &[("max_connections", "500")]);
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 256; exec \"$0\" doctor --json"]);
    limited.arg(inner.get_program());
    for (name, value) in inner.get_envs() {
        limited.env(name, value.unwrap());
    }
    let seen = read(&limited.output().unwrap());
    seen.has(
        "warn",
        "limits.files",
        "256 files open; max_connections 500",
    );
    let many = [("max_connections", "4000000000")];
    doctor(&data, &many).has("warn", "limits.memory", "4000000000 idle connections");
    doctor(&data, &[("max_connections", "100")]).has("ok", "limits.memory", "MiB");
}
