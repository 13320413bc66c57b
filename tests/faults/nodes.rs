//! Two nodes, of which one fails, or what they stand on does, while people write to each other over
//! the real library. What was confirmed is never lost or doubled, and its order holds.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use tim::log::Logger;
use tim::sdk::{Client, Config, Listeners};
use tim_core::{Command, NetworkStatus};

use crate::several::{LEASE, Several, until};
use crate::{Crowd, s};

#[test]
fn a_node_killed_under_load() {
    let mut several = Several::start(2);
    let mut crowd = several.crowd(8);
    crowd.talk(s(1), 20);
    several.nodes[0].server.kill();
    crowd.talk(s(1), 20);
    crowd.settle();
    several.nodes[1].until_it_has(8);
    several.nodes[0].server.restart();
    crowd.talk(s(1), 10);
    crowd.settle();
}

#[test]
fn nodes_drained_one_after_the_other_under_load() {
    let mut several = Several::start(2);
    let mut crowd = several.crowd(8);
    several.nodes[0].until_it_has(4);
    for leaves in [0, 1] {
        let node = &mut several.nodes[leaves];
        crowd.talk(s(1), 20);
        thread::scope(|scope| {
            scope.spawn(|| node.server.stop());
            crowd.talk(s(1), 20);
        });
        crowd.settle();
        several.nodes[1 - leaves].until_it_has(8);
        several.nodes[leaves].server.restart();
        several.are_well();
    }
}

#[test]
#[ignore = "takes a minute: make test-all"]
fn nats_gone_for_30_seconds() {
    let mut several = Several::start(2);
    several.are_well();
    let mut crowd = several.crowd(8);
    crowd.talk(s(1), 10);
    let before = crowd.connections();
    several.nats.stop();
    crowd.talk(s(15), 10);
    for node in &several.nodes {
        node.until_it_says("ready\ndegraded: bus: ");
        assert_eq!(node.metric("timd_bus_connected "), 0);
    }
    crowd.talk(s(15), 10);
    // What no other node told, heartbeats find.
    crowd.settle();
    several.nats.restart().unwrap();
    several.are_well();
    for node in &several.nodes {
        assert_eq!(node.metric("timd_bus_connected "), 1);
        assert_eq!(node.metric("timd_bus_reconnects_total "), 1);
    }
    crowd.talk(s(1), 10);
    crowd.settle();
    assert_eq!(crowd.connections(), before, "nobody had to leave");
}

#[test]
#[ignore = "takes half a minute: make test-all"]
fn postgres_restarted() {
    let several = Several::start(2);
    let mut crowd = several.crowd(8);
    for is_crash in [true, false] {
        crowd.talk(s(1), 20);
        match is_crash {
            true => several.postgres.crash(),
            false => several.postgres.stop(),
        }
        crowd.talk(s(2), 10);
        several.postgres.resume().unwrap();
        crowd.settle();
        several.are_well();
    }
}

/// No node has its database any more: each says so, and acknowledges no message.
fn nothing_is_confirmed(several: &Several, crowd: &mut Crowd) {
    crowd.talk(s(1), 10);
    for node in &several.nodes {
        node.until_it_says("not ready: the database");
    }
    let confirmed = crowd.confirmed();
    crowd.talk(s(1), 10);
    assert_eq!(crowd.confirmed(), confirmed, "confirmed by nobody");
}

#[test]
#[ignore = "takes half a minute: make test-all"]
fn postgres_that_refuses_connections() {
    let several = Several::start(2);
    let mut crowd = several.crowd(8);
    let run = |statements: &str| several.postgres.run(statements, "postgres").unwrap();
    let name = several.database.rsplit('/').next().unwrap().to_owned();
    crowd.talk(s(1), 20);
    run(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
    // One that begins at that moment is in no list yet, so that one look is not enough.
    until("connections have ended", || {
        run(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        ));
        let mut nodes = several.nodes.iter();
        nodes.all(|node| node.says("not ready: the database"))
    });
    nothing_is_confirmed(&several, &mut crowd);
    run(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"));
    several.are_well();
    crowd.settle();

    let all = several.postgres.exhaust().unwrap();
    crowd.talk(s(1), 10);
    for node in &several.nodes {
        node.until_it_says("not ready: the database");
    }
    drop(all);
    several.are_well();
    crowd.settle();
}

#[test]
#[ignore = "takes half a minute: make test-all"]
fn postgres_that_fails_over() {
    let several = Several::start(2);
    let standby = several.postgres.standby().unwrap();
    let is_sync = "DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync') THEN
            RAISE 'not yet';
        END IF;
    END $$";
    until("commits wait for the standby", || {
        several.postgres.run(is_sync, "postgres").is_ok()
    });
    // What an address does that moves with the primary.
    let lead_to = |cluster: &timd::testing::postgres::Cluster| {
        for node in &several.nodes {
            node.database.lead_to(cluster.addr());
        }
    };
    let mut crowd = several.crowd(8);
    crowd.talk(s(2), 20);
    several.postgres.crash();
    crowd.talk(s(1), 10);
    standby.run("SELECT pg_promote(true)", "postgres").unwrap();
    lead_to(&standby);
    crowd.talk(s(1), 10);
    crowd.settle();
    several.are_well();

    // The old primary comes back as what it may be, and somebody leads the nodes there.
    several.postgres.demote().unwrap();
    several.postgres.resume().unwrap();
    lead_to(&several.postgres);
    nothing_is_confirmed(&several, &mut crowd);
    lead_to(&standby);
    crowd.settle();
    several.are_well();
}

/// Silence of each kind: what is sent waits, or is lost.
#[derive(Debug, Clone, Copy)]
enum Cut {
    Waits,
    Lost,
}

impl Several {
    /// The first node reaches neither database nor bus, and is reached by its clients.
    fn cut(&self, how: Cut, does: bool) {
        let node = &self.nodes[0];
        for proxy in [&node.database, &node.bus] {
            match how {
                Cut::Waits => proxy.stall(does),
                Cut::Lost => proxy.swallow(does),
            }
        }
    }
}

fn a_node_is_cut_off(how: Cut) {
    let mut several = Several::start(2);
    let mut crowd = several.crowd(8);
    crowd.talk(s(1), 20);
    several.cut(how, true);
    crowd.talk(s(1), 10);
    several.nodes[0].until_it_says("not ready: the database");
    // Its clients go to the other one, though it still takes connections.
    several.nodes[1].until_it_has(8);
    crowd.talk(s(1), 10);
    crowd.settle();
    several.cut(how, false);
    several.are_well();
    // Whoever comes now is served there.
    several.nodes[1].server.kill();
    crowd.talk(s(1), 10);
    crowd.settle();
    several.nodes[0].until_it_has(8);
}

#[test]
#[ignore = "takes half a minute: make test-all"]
fn a_node_cut_off_from_database_and_bus() {
    a_node_is_cut_off(Cut::Waits);
}

#[test]
#[ignore = "takes half a minute: make test-all"]
fn a_node_whose_words_get_lost() {
    a_node_is_cut_off(Cut::Lost);
}

/// One device of alice.
struct Device {
    client: Client,
    kicks: Arc<AtomicUsize>,
    /// When the first connection ended.
    ended: Arc<OnceLock<Instant>>,
    _folder: timd::testing::TempDir,
}

impl Device {
    fn new(several: &Several, urls: Vec<String>) -> Self {
        let folder = timd::testing::TempDir::new().unwrap();
        let mut config = Config::new(several.nodes[0].server.app_id());
        config.urls = urls;
        config.data_dir = Some(folder.path().into());
        config.log_dir = None;
        // Only the server ends it in time.
        config.request_timeout = s(300);
        let listeners = Arc::new(Listeners::default());
        let kicks = Arc::new(AtomicUsize::new(0));
        let counted = kicks.clone();
        listeners.on_kicked_offline(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        let ended = Arc::new(OnceLock::new());
        let end = ended.clone();
        listeners.on_network(move |status| {
            if matches!(status, NetworkStatus::Disconnected(_)) {
                let _ = end.set(Instant::now());
            }
        });
        let client = Client::start_with(config, listeners, Arc::new(Logger::default())).unwrap();
        let device = Self {
            client,
            kicks,
            ended,
            _folder: folder,
        };
        let (tell, told) = mpsc::channel();
        let login = Command::Login {
            user_id: "alice".into(),
            user_sig: several.nodes[0].server.sig("alice"),
        };
        let done = Box::new(move |result: Result<_, _>| {
            let _ = tell.send(result.err());
        });
        device.client.submit(login, done).unwrap();
        assert_eq!(told.recv_timeout(s(60)).unwrap(), None);
        device
    }
}

#[test]
fn nobody_is_online_twice_for_longer_than_a_lease() {
    let several = Several::start(2);
    let urls = several.urls();
    let first = Device::new(&several, urls.clone());
    several.nodes[0].until_it_has(1);
    several.cut(Cut::Waits, true);
    // The other node cannot tell the first one.
    let second = Device::new(&several, vec![urls[1].clone()]);
    let twice = Instant::now();
    until("the first device is let go", || first.ended.get().is_some());
    let lasted = first.ended.get().unwrap().saturating_duration_since(twice);
    // Nothing else that would end it takes less than 15 seconds.
    assert!(lasted < LEASE + s(8), "{lasted:?}");
    // Where it comes back it learns what it has missed.
    until("the first device is told", || {
        first.kicks.load(Ordering::Relaxed) == 1
    });
    assert_eq!(second.kicks.load(Ordering::Relaxed), 0);
    several.nodes[1].until_it_has(1);
}

#[test]
#[ignore = "takes a minute: make test-all"]
fn servers_that_hang() {
    let several = Several::start(2);
    several.are_well();
    let mut crowd = several.crowd(8);
    crowd.talk(s(1), 10);
    several.nats.hang(true).unwrap();
    for node in &several.nodes {
        node.until_it_says("ready\ndegraded: bus: ");
    }
    crowd.talk(s(1), 10);
    crowd.settle();
    several.nats.hang(false).unwrap();
    several.are_well();
    crowd.talk(s(1), 10);
    crowd.settle();

    several.postgres.hang(true).unwrap();
    nothing_is_confirmed(&several, &mut crowd);
    several.postgres.hang(false).unwrap();
    several.are_well();
    crowd.settle();
}

/// What makes a process live at another time, where Debian's `libfaketime` puts it.
fn faketime() -> Option<String> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten();
    let files = folders.map(|entry| entry.path().join("faketime/libfaketimeMT.so.1"));
    let found = files.into_iter().find(|file| file.exists())?;
    found.to_str().map(str::to_owned)
}

#[test]
#[ignore = "takes half a minute: make test-all"]
fn clocks_two_minutes_apart() {
    let Some(library) = faketime() else {
        return println!("skipped: clocks_two_minutes_apart: libfaketime is not installed");
    };
    let clock = |offset: &'static str| {
        [
            ("LD_PRELOAD", &*library),
            ("FAKETIME", offset),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("DONT_FAKE_MONOTONIC", "1"),
        ]
    };
    let several = Several::start_in(&[&clock("-60s"), &clock("+60s")]);
    let hour = |node: usize| {
        let (head, _) = several.nodes[node].get("/healthz").unwrap();
        let date = head.lines().find_map(|line| line.strip_prefix("date: "));
        let time = date.unwrap().split(' ').nth(4).unwrap().to_owned();
        let mut parts = time.split(':').map(|part| part.parse::<i64>().unwrap());
        let mut next = || parts.next().unwrap();
        next() * 3600 + next() * 60 + next()
    };
    let apart = (hour(1) - hour(0)).rem_euclid(86_400);
    assert!((110..=130).contains(&apart), "{apart} s apart");
    several.are_well();
    let mut crowd = several.crowd(8);
    let before = crowd.connections();
    crowd.talk(s(5), 20);
    crowd.settle();
    assert_eq!(crowd.connections(), before, "nobody had to leave");
    several.are_well();
    // And from one clock to the other.
    several.cut(Cut::Waits, true);
    several.nodes[1].until_it_has(8);
    crowd.talk(Duration::from_secs(1), 20);
    crowd.settle();
}
