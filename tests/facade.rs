//! The safe facade: clients side by side, both callback modes, bounds, and the ways to stop.
#![allow(clippy::unwrap_used)]

mod support;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use protocol::codes;
use protocol::conversation::ConvId;
use protocol::message::LocalCustom;
use protocol::user::profile::{ProfileUpdate, UserProfile};
use support::{LONG, at, completion, login, offline, ok, submit, text};
use tim::log::Logger;
use tim::sdk::{CallbackMode, Client, Listeners};
use tim_core::{Command, LoginStatus, Reply};
use timd::testing::TempDir;

fn poll_for<T>(client: &Client, receiver: &mpsc::Receiver<T>) -> T {
    let end = Instant::now() + LONG;
    while Instant::now() < end {
        client.poll(0, Some(Duration::from_millis(20))).unwrap();
        if let Ok(value) = receiver.try_recv() {
            return value;
        }
    }
    panic!("polled in vain");
}

/// A profile from one user's device to the other one's, with storage on disk and without.
#[test]
fn a_profile_reaches_those_who_subscribed_and_is_remembered() {
    let server = timd::testing::start().unwrap();
    let folder = TempDir::new().unwrap();
    let mut config = at(&server, CallbackMode::Thread);
    let alice = Client::start(config.clone()).unwrap();
    config.data_dir = Some(folder.path().into());
    let bob = Client::start(config.clone()).unwrap();
    let (told, profiles) = mpsc::channel();
    bob.listeners()
        .on_user_info(move |changed| told.send(changed.to_vec()).unwrap());
    let (told, own) = mpsc::channel();
    alice
        .listeners()
        .on_self_info(move |profile| told.send(profile.clone()).unwrap());
    ok(login(&alice, &server, "alice"));
    ok(login(&bob, &server, "bob"));
    ok(submit(
        &bob,
        Command::SubscribeUserInfo(vec!["alice".into()]),
    ));
    let update = ProfileUpdate {
        nick_name: Some("Al 👋".into()),
        ..ProfileUpdate::default()
    };
    ok(submit(&alice, Command::SetProfile(Box::new(update))));
    let wanted = UserProfile {
        nick_name: "Al 👋".into(),
        ..UserProfile::new("alice")
    };
    assert_eq!(own.recv_timeout(LONG).unwrap(), wanted);
    let changed = profiles.recv_timeout(LONG).unwrap();
    assert_eq!(changed, std::slice::from_ref(&wanted));

    // Remembered by a later run of the program: the server cannot be asked any more.
    bob.stop();
    let bob = Client::start(config).unwrap();
    ok(login(&bob, &server, "bob"));
    drop(server);
    let query = Command::GetProfiles {
        users: vec!["alice".into()],
        force: false,
    };
    assert_eq!(ok(submit(&bob, query)), Reply::Profiles(vec![wanted]));
    alice.stop();
    bob.stop();
}

#[test]
fn two_clients_in_one_process_talk_each_in_its_mode() {
    let server = timd::testing::start().unwrap();
    let alice = Client::start(at(&server, CallbackMode::Thread)).unwrap();
    let bob = Client::start(at(&server, CallbackMode::Poll)).unwrap();
    let (told, messages) = mpsc::channel();
    bob.listeners().on_new_messages(move |batch| {
        for message in batch {
            told.send((message.sender.clone(), message.msg_id.clone()))
                .unwrap();
        }
    });
    let outcome = login(&bob, &server, "bob");
    assert_eq!(bob.login_status(), LoginStatus::LoggingIn);
    poll_for(&bob, &outcome).unwrap();
    assert_eq!(
        (bob.login_status(), bob.login_user()),
        (LoginStatus::LoggedIn, "bob".into())
    );
    login(&alice, &server, "alice")
        .recv_timeout(LONG)
        .unwrap()
        .unwrap();

    let (completion, sent) = completion();
    let conv = ConvId::c2c("bob");
    let id = alice
        .send(conv, text("hello"), LocalCustom::default(), completion)
        .unwrap();
    assert!(id.starts_with("alice-"), "{id}");
    assert!(matches!(sent.recv_timeout(LONG).unwrap(), Ok(Reply::Message(m)) if m.msg_id == id));
    assert_eq!(poll_for(&bob, &messages), ("alice".into(), id));
    alice.stop();
    bob.stop();
    assert_eq!(bob.login_status(), LoginStatus::LoggedOut);
}

#[test]
fn a_full_queue_refuses_and_takes_calls_again() {
    let mut config = offline(CallbackMode::Poll);
    config.max_pending = 10;
    let client = Client::start(config).unwrap();
    for _ in 0..10 {
        client.submit(Command::Logout, Box::new(|_| ())).unwrap();
    }
    let refused = client.submit(Command::Logout, Box::new(|_| panic!("must not run")));
    assert_eq!(refused.unwrap_err().code, codes::QUEUE_FULL);
    let end = Instant::now() + LONG;
    while client.stats().calls_open > 0 && Instant::now() < end {
        client.poll(0, Some(Duration::from_millis(20))).unwrap();
    }
    client.submit(Command::Logout, Box::new(|_| ())).unwrap();
}

#[test]
fn every_call_is_completed_when_the_client_stops_in_a_callback() {
    for mode in [CallbackMode::Thread, CallbackMode::Poll] {
        let client = Arc::new(Client::start(offline(mode)).unwrap());
        let completed = Arc::new(AtomicU32::new(0));
        let weak = Arc::downgrade(&client);
        let stop = Box::new(move |_| weak.upgrade().unwrap().stop());
        client.submit(Command::Logout, stop).unwrap();
        let mut accepted = 0;
        for _ in 0..100 {
            let completed = completed.clone();
            let one_more = Box::new(move |_| {
                completed.fetch_add(1, Ordering::SeqCst);
            });
            // Those that come after the stop are refused.
            accepted += u32::from(client.submit(Command::GetConversations, one_more).is_ok());
        }
        if mode == CallbackMode::Poll {
            assert_eq!(accepted, 100);
            client.poll(0, Some(LONG)).unwrap();
            while client.stats().calls_open > 0 {
                client.poll(0, Some(Duration::from_millis(20))).unwrap();
            }
        }
        client.stop();
        assert_eq!(completed.load(Ordering::SeqCst), accepted);
        assert_eq!(client.stats().calls_open, 0);
        let late = client.submit(Command::Logout, Box::new(|_| ()));
        assert_eq!(late.unwrap_err().code, codes::SDK_NOT_INITIALIZED);
    }
}

#[test]
fn a_panic_in_a_callback_stays_there() {
    let client = Client::start(offline(CallbackMode::Thread)).unwrap();
    client
        .submit(Command::Logout, Box::new(|_| panic!("on purpose")))
        .unwrap();
    submit(&client, Command::Logout)
        .recv_timeout(LONG)
        .unwrap()
        .unwrap();
    assert_eq!(client.stats().panics, 1);
}

#[test]
fn poll_says_no() {
    let threaded = Client::start(offline(CallbackMode::Thread)).unwrap();
    assert_eq!(
        threaded.poll(0, None).unwrap_err().code,
        codes::NOT_SUPPORTED
    );
    assert_eq!(threaded.poll_descriptor(), -1);

    let client = Arc::new(Client::start(offline(CallbackMode::Poll)).unwrap());
    let (told, code) = mpsc::channel();
    let inside = Arc::downgrade(&client);
    let poll_inside = Box::new(move |_| {
        let result = inside.upgrade().unwrap().poll(0, None);
        told.send(result.unwrap_err().code).unwrap();
    });
    client.submit(Command::Logout, poll_inside).unwrap();
    assert_eq!(poll_for(&client, &code), codes::IN_CALLBACK);

    let (entered, is_in) = mpsc::channel();
    let (go, gone) = mpsc::channel::<()>();
    let hold = Box::new(move |_| {
        entered.send(()).unwrap();
        gone.recv().unwrap();
    });
    client.submit(Command::Logout, hold).unwrap();
    let other = client.clone();
    let thread = std::thread::spawn(move || {
        let (completion, outcome) = completion();
        other.submit(Command::Logout, completion).unwrap();
        poll_for(&other, &outcome).unwrap();
    });
    is_in.recv_timeout(LONG).unwrap();
    assert_eq!(client.poll(0, None).unwrap_err().code, codes::BUSY);
    go.send(()).unwrap();
    thread.join().unwrap();
}

#[test]
fn two_logs_share_a_file_and_hold_no_secret_of_who_sends_and_who_receives() {
    let (server, folder) = (timd::testing::start().unwrap(), TempDir::new().unwrap());
    let (told, lines) = mpsc::channel();
    let start = |user: &str| {
        let mut config = at(&server, CallbackMode::Thread);
        config.log_dir = Some(folder.path().join("log"));
        let (listeners, logger) = (Arc::new(Listeners::default()), Arc::new(Logger::default()));
        logger.set_levels(1, 1);
        let told = told.clone();
        listeners.log.set(Some(Arc::new(move |_, line| {
            drop(told.send(line.to_owned()))
        })));
        let client = Client::start_with(config, listeners, logger).unwrap();
        tim::sdk::write_log(client.logger(), 4, &format!("I am {user}"), "", "", 0).unwrap();
        let user_sig = server.usersig(user, 60);
        let login = Command::Login {
            user_id: user.into(),
            user_sig: user_sig.clone(),
        };
        let outcome = submit(&client, login).recv_timeout(LONG).unwrap();
        assert_eq!(outcome, Ok(Reply::Empty));
        (client, user_sig)
    };
    let (alice, of_alice) = start("alice");
    let (bob, of_bob) = start("bob");
    let (arrived, messages) = mpsc::channel();
    bob.listeners()
        .on_new_messages(move |batch| drop(arrived.send(batch.to_vec())));
    let mut content = text("nobody's business");
    content.cloud_custom = "nor this".into();
    let (completion, sent) = completion();
    let conv = ConvId::c2c("bob");
    alice
        .send(conv, content, LocalCustom::default(), completion)
        .unwrap();
    assert!(sent.recv_timeout(LONG).unwrap().is_ok());
    messages.recv_timeout(LONG).unwrap();
    alice.stop();
    bob.stop();
    let files = std::fs::read_dir(folder.path().join("log")).unwrap();
    let files = files.map(|entry| entry.unwrap().path());
    let logs = files.filter(|path| path.extension().is_some_and(|e| e == "log"));
    let written: String = logs
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let told: Vec<String> = lines.try_iter().collect();
    for all in [written, told.join("\n")] {
        for wanted in [" app I am alice", " app I am bob", " core logged in"] {
            assert!(all.contains(wanted), "{all}");
        }
        for secret in [&of_alice, &of_bob, "nobody's business", "nor this"] {
            assert!(!all.contains(&secret[..secret.len().min(40)]), "{all}");
        }
    }
}
