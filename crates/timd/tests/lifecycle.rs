//! Starting, stopping, coming back; the command line.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use protocol::usersig;
use serde_json::json;
use support::{Client, message};
use timd::testing::{TempDir, start, start_with};

#[test]
fn tickets_are_checked_over_the_wire() {
    let server = start_with(|config| config.login_failures = 7).unwrap();
    let (app, key) = (server.app_id(), server.key().to_owned());
    let now = timd::setup::now_s();
    let mint = |app, user, time, key: &str| usersig::mint(key, app, user, time, 60, None);
    let mut client = Client::connect(&server);
    let cases = [
        (json!({"user_sig": ""}), 70002),
        (json!({"user_sig": "garbage"}), 70003),
        (
            json!({"user_sig": mint(app, "alice", now - 100, &key)}),
            70001,
        ),
        (json!({"user_sig": mint(app, "bob", now, &key)}), 70013),
        (
            json!({"user_sig": mint(app + 1, "alice", now, &key)}),
            70014,
        ),
        (json!({"user_sig": mint(app, "alice", now, "other")}), 70009),
        (json!({"app_id": 1}), 70020),
    ];
    for (extra, code) in cases {
        let body = Client::login_body(&server, "alice", &extra);
        assert_eq!(client.ask("session.login", body)["code"], code);
    }
    client.log_in(&server, "alice", json!({}));
}

#[test]
fn kicked_by_another_device() {
    let server = start().unwrap();
    let mut first = Client::login(&server, "alice");
    let mut second = Client::connect(&server);
    second.log_in(&server, "alice", json!({"device_id": "another"}));
    assert_eq!(first.event("session.kicked")["body"]["platform"], 0);
    assert_eq!(first.ended().unwrap().0, 4001);
    second.ok("session.heartbeat", json!({}));
}

#[test]
fn status_over_the_wire() {
    let server = start().unwrap();
    let mut alice = Client::login(&server, "alice");
    alice.ok("user.subscribe_status", json!({"users": ["bob"]}));
    let mut bob = Client::login(&server, "bob");
    let status = |event: &serde_json::Value| event["body"][0]["user_status_status_type"].clone();
    assert_eq!(status(&alice.event("user.status")), 1);
    bob.ok("user.set_status", json!({"custom_status": "busy"}));
    let event = alice.event("user.status");
    assert_eq!(event["body"][0]["user_status_custom_status"], "busy");
    // Cut off without a word.
    drop(bob);
    assert_eq!(status(&alice.event("user.status")), 2);
    let mut bob = Client::login(&server, "bob");
    assert_eq!(status(&alice.event("user.status")), 1);
    bob.ok("session.logout", json!({}));
    assert_eq!(status(&alice.event("user.status")), 3);
}

#[test]
fn what_follows_a_login_after_a_logout_finds_it_done() {
    let server = start().unwrap();
    let mut client = Client::login(&server, "alice");
    for user in ["bob", "carol", "dave"] {
        client.start("session.heartbeat", json!({}));
        client.start("session.logout", json!({}));
        let refused = client.start("session.heartbeat", json!({}));
        let login = Client::login_body(&server, user, &json!({}));
        let login = client.start("session.login", login);
        let beat = client.start("session.heartbeat", json!({}));
        assert_eq!(client.answer(refused)["code"], -10008);
        assert_eq!(client.answer(login)["code"], 0);
        assert_eq!(client.answer(beat)["code"], 0);
    }
}

#[test]
fn a_stop_is_announced_and_a_restart_keeps_everything() {
    let mut server = start().unwrap();
    let mut alice = Client::login(&server, "alice");
    let mut bob = Client::login(&server, "bob");
    bob.ok("user.set_status", json!({"custom_status": "here"}));
    // Sent, not answered yet: what the server has read it finishes.
    let ids: Vec<u64> = (0..100)
        .map(|n| alice.start("message.send", message("bob", &format!("{n}"), "x")))
        .collect();
    assert_eq!(alice.answer(ids[0])["code"], 0);
    let stopping = std::thread::spawn(move || {
        server.restart().unwrap();
        server
    });
    let event = alice.event("session.shutdown");
    assert_eq!(event["body"]["retry_after_ms"], 1000);
    let (code, reason) = alice.ended().unwrap();
    assert_eq!((code, &*reason), (1001, "retry_after_ms=1000"));
    drop((alice, bob));
    let server = stopping.join().unwrap();
    let mut alice = Client::login(&server, "alice");
    let mut bob = Client::login(&server, "bob");
    // As a client does: again from the front, with the same ids.
    for n in 0..100 {
        assert_eq!(alice.send_text("bob", &format!("{n}"), "x")["seq"], n + 1);
    }
    let page = bob.ok(
        "message.history",
        json!({"conv": support::c2c("alice"), "from": 1, "to": 1000, "limit": 100}),
    );
    assert_eq!(page["messages"].as_array().unwrap().len(), 100);
    let found = alice.ok("user.get_status", json!({"users": ["bob"]}));
    assert_eq!(found["statuses"][0]["user_status_custom_status"], "");
}

#[test]
fn a_reconnect_finds_the_same_session_state() {
    let server = start().unwrap();
    let mut alice = Client::login(&server, "alice");
    Client::login(&server, "bob");
    alice.send_text("bob", "1", "while away");
    let mut bob = Client::connect(&server);
    let state = bob.log_in(&server, "bob", json!({"resume": true}));
    assert_eq!(state["event_seq"], 1);
    let missed = bob.ok("session.difference", json!({"after": 0, "limit": 10}));
    assert_eq!(missed["events"][0]["body"]["msg_id"], "1");
}

#[test]
fn storage_off_passes_messages_on() {
    let server = start_with(|config| config.storage = timd::config::Switch::Off).unwrap();
    let mut alice = Client::login(&server, "alice");
    let mut bob = Client::login(&server, "bob");
    for n in 1..=20 {
        assert_eq!(alice.send_text("bob", "same", "x")["seq"], n);
        assert_eq!(bob.event("message.new")["seq"], n);
    }
    assert_eq!(bob.ok("session.heartbeat", json!({}))["event_seq"], 20);
}

#[test]
fn plaintext_only_on_loopback() {
    let server = start_with(|config| config.plaintext = true).unwrap();
    assert!(server.url().starts_with("ws://"));
    let error = start_with(|config| {
        config.plaintext = true;
        config.listen = ([0, 0, 0, 0], 0).into();
    });
    assert!(error.err().unwrap().contains("plaintext_anywhere"));
}

/// The program itself, ended on drop.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn timd(args: &[&str], data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_timd"));
    command.args(args).arg("--data").arg(data);
    command
}

fn printed(args: &[&str], data: &Path) -> String {
    let output = timd(args, data).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {errors}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn refused(args: &[&str], data: &Path) -> String {
    let output = timd(args, data).output().unwrap();
    assert!(!output.status.success(), "{args:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn the_command_line() {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    assert!(refused(&["usersig", "--user", "alice"], &data).contains("timd serve"));
    let mut serve = timd(&["serve", "--listen", "127.0.0.1:0"], &data);
    serve.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut program = Program(serve.spawn().unwrap());
    let stdout = BufReader::new(program.0.stdout.take().unwrap());
    let lines: Vec<String> = stdout
        .lines()
        .map(Result::unwrap)
        .take_while(|line| !line.starts_with("READY"))
        .collect();
    let ticket_line = lines.iter().find(|line| line.contains("usersig")).unwrap();
    assert!(ticket_line.contains(&*data.display().to_string()));
    assert!(refused(&["serve", "--listen", "127.0.0.1:0"], &data).contains("another timd"));

    let ticket = printed(&["usersig", "--user", "alice", "--expire", "7d"], &data);
    let ticket = usersig::read(&ticket).unwrap();
    assert_eq!((&*ticket.user_id, ticket.app_id), ("alice", 1_400_000_001));
    assert_eq!(ticket.expire, 7 * 86_400);
    let created = printed(&["app", "create", "--name", "second"], &data);
    assert!(created.starts_with("id  1400000002\nkey "), "{created}");
    let list = printed(&["app", "list"], &data);
    assert!(
        list.lines().count() == 2 && list.ends_with("second"),
        "{list}"
    );
    // The running server goes by it from the next login on.
    let app = "1400000002";
    let set = printed(&["app", "set", "--app", app, "--policy", "single"], &data);
    assert_eq!(set, "single 1 1");
    let set = printed(
        &["app", "set", "--app", app, "--web-instances", "10"],
        &data,
    );
    assert_eq!(set, "single 1 10");
    let list = printed(&["app", "list"], &data);
    assert!(list.ends_with(" single 1 10 second"), "{list}");
    assert!(refused(&["app", "set", "--app", app, "--instances", "4"], &data).contains("1..=3"));
    assert!(refused(&["app", "set", "--app", app, "--policy", "two"], &data).contains("triple"));
    assert!(refused(&["app", "set", "--app", "5"], &data).contains("app list"));
    let all = printed(
        &["app", "create", "--policy", "all", "--instances", "3"],
        &data,
    );
    assert!(all.starts_with("id  1400000003\n"), "{all}");
    let rotated = printed(&["app", "rotate-key", "--app", "1400000002"], &data);
    assert_ne!(created.lines().last(), Some(&*rotated));
    assert!(refused(&["usersig", "--user", "a", "--app", "5"], &data).contains("app list"));

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&data), 0o700);
        for file in ["ca.key", "timd.db"] {
            assert_eq!(mode(&data.join(file)), 0o600, "{file}");
        }
        let pid = program.0.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(killed.success());
        assert!(program.0.wait().unwrap().success());
    }
}

/// A key given out twice would be no key.
#[test]
fn each_server_has_its_own_key_and_authority() {
    let (one, two) = (start().unwrap(), start().unwrap());
    assert_ne!(one.key(), two.key());
    assert_ne!(one.ca_pem(), two.ca_pem());
    assert_eq!(one.key().len(), 64);
}
