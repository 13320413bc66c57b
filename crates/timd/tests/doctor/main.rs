//! `timd doctor`: each thing that can be wrong on a machine for tests.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod certificates;
mod postgres;

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

use certificates::{authority, leaf};

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
