//! PostgreSQL: the suite, and what only happens where many transactions run beside each other.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join;
use sqlx::{Connection, Executor, PgConnection};
use timd::policy::Together;
use timd::repo::{Enter, Entered, Postgres, RepoError, Seat};
use timd::testing::postgres::{Cluster, shared};

use super::*;

/// Longer than anything takes; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

fn run<T>(test: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(test)
}

async fn open(url: &str) -> Postgres {
    counted(url, &Arc::default()).await
}

async fn counted(url: &str, metrics: &Arc<Metrics>) -> Postgres {
    let repo = Postgres::open(url, 8, PATIENCE, metrics.clone()).await;
    repo.unwrap()
}

/// Two nodes over one new database.
async fn nodes(cluster: &Cluster) -> [Postgres; 2] {
    let url = cluster.database();
    [open(&url).await, open(&url).await]
}

macro_rules! parts {
    ($cluster:ident [$($part:ident)*]) => {{
        $(
            eprintln!("{}", stringify!($part));
            let repo = open(&$cluster.database()).await;
            // On the heap: together they are more than a stack holds.
            Box::pin(super::suite::$part(repo)).await;
        )*
    }};
}

#[test]
fn postgres_passes_the_suite() {
    let cluster = shared();
    run(async { whole_suite!(parts { cluster }) });
}

#[test]
fn what_lies_twice_as_far_back_as_a_stream_reaches_is_removed() {
    let cluster = shared();
    run(async {
        let url = cluster.database();
        let repo = open(&url).await;
        let alice = user(&repo, APP, "alice").await;
        let fill = format!(
            "UPDATE account SET event_seq = 45055;
             INSERT INTO event (account_id, seq, kind, conv_id, ref_seq, extra)
             SELECT {}, n, 2, 0, 0, 0 FROM generate_series(1, 45055) AS n",
            alice.id
        );
        cluster.run(&fill, &url).unwrap();
        send(&repo, &alice, "alice", "45056").await;
        let mut conn = PgConnection::connect(&url).await.unwrap();
        let oldest: i64 = sqlx::query_scalar("SELECT MIN(seq) FROM event")
            .fetch_one(&mut conn)
            .await
            .unwrap();
        assert_eq!(oldest, 45056 - 40_000 + 1);
        let page = repo.difference(alice.id, 25_056, 1, MUCH).await.unwrap();
        assert!(!page.too_old);
        let page = repo.difference(alice.id, 25_055, 1, MUCH).await.unwrap();
        assert!(page.too_old);
    });
}

/// Every message that was acknowledged is there once, and nothing has a hole.
async fn check(repo: &Postgres, users: &[Account], acknowledged: &HashSet<(i64, String)>) {
    let mut found = HashSet::new();
    for user in users {
        let page = repo.difference(user.id, 0, 20_000, MUCH).await.unwrap();
        let places: Vec<u64> = page.events.iter().map(|e| e.seq).collect();
        let whole: Vec<u64> = (1..=page.head).collect();
        assert_eq!(places, whole, "the stream of {}", user.user_id);
        let mut seqs: HashMap<&str, Vec<u64>> = HashMap::new();
        for event in &page.events {
            let EventKind::Message(message) = &event.what else {
                panic!("{event:?}")
            };
            seqs.entry(event.conv_id()).or_default().push(message.seq);
            if message.mine {
                let name = (user.id, message.msg_id.clone());
                assert!(found.insert(name), "{} twice", message.msg_id);
            }
        }
        // Each conversation is in the stream in its own order.
        for (peer, seqs) in seqs {
            let whole: Vec<u64> = (1..=seqs.len() as u64).collect();
            assert_eq!(seqs, whole, "{} with {peer}", user.user_id);
        }
    }
    let lost: Vec<_> = acknowledged.difference(&found).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn messages_sent_crosswise_on_two_nodes() {
    let cluster = shared();
    run(async {
        let metrics = Arc::default();
        let url = cluster.database();
        let nodes = [counted(&url, &metrics).await, counted(&url, &metrics).await];
        let names = ["alice", "bob", "carol", "dave"];
        let mut users = Vec::new();
        for name in names {
            users.push(user(&nodes[0], APP, name).await);
        }
        let mut sends = Vec::new();
        let mut acknowledged = HashSet::new();
        for n in 0..480 {
            let from = &users[n % 4];
            // To everybody in turn, oneself among them.
            let to = names[n / 4 % 4];
            let msg_id = format!("m{n}");
            acknowledged.insert((from.id, msg_id.clone()));
            // Every tenth on both nodes at once.
            for (node, repo) in nodes.iter().enumerate() {
                if n % 10 == 0 || n % 2 == node {
                    sends.push(repo.send_message(message(from, to, &msg_id)));
                }
            }
        }
        let (mut new, mut repeats) = (0, 0);
        for sent in join_all(sends).await {
            match sent.unwrap() {
                Sent::New { .. } => new += 1,
                Sent::Repeat { .. } => repeats += 1,
                Sent::NoReceiver => panic!("they have all registered"),
            }
        }
        assert_eq!((new, repeats), (480, 48));
        check(&nodes[0], &users, &acknowledged).await;
        // Locks in order: nobody was ever in a ring of those who wait.
        assert_eq!(metrics.retries.get(), 0);
    });
}

#[test]
fn marks_and_messages_at_the_same_time() {
    let cluster = shared();
    run(async {
        let [one, other] = nodes(&cluster).await;
        let alice = user(&one, APP, "alice").await;
        let bob = user(&one, APP, "bob").await;
        let work = (1..=100).map(async |n| {
            let (a, b) = (format!("a{n}"), format!("b{n}"));
            let sends = join(
                send(&one, &alice, "bob", &a),
                send(&other, &bob, "alice", &b),
            );
            let marks = join(
                one.mark_read(read(&bob, "alice", n)),
                other.mark_read(read(&alice, "bob", n)),
            );
            let (_, (bobs, alices)) = join(sends, marks).await;
            bobs.unwrap();
            alices.unwrap();
        });
        let is_over = AtomicBool::new(false);
        let reader = async {
            while !is_over.load(Ordering::Relaxed) {
                let page = other.difference(alice.id, 0, 20_000, MUCH).await.unwrap();
                let last = page.events.last().map_or(0, |event| event.seq);
                assert_eq!(last, page.head, "a read sees one moment");
            }
        };
        let work = async {
            join_all(work).await;
            is_over.store(true, Ordering::Relaxed);
        };
        join(work, reader).await;
        one.mark_read(read(&bob, "alice", u64::MAX)).await.unwrap();
        for user in [&alice, &bob] {
            let page = one.difference(user.id, 0, 20_000, MUCH).await.unwrap();
            let places: Vec<u64> = page.events.iter().map(|e| e.seq).collect();
            let whole: Vec<u64> = (1..=page.head).collect();
            assert_eq!(places, whole);
        }
        let page = one.snapshot(bob.id, 0, 9, MUCH).await.unwrap();
        let view = &page.conversations[0];
        assert_eq!((view.head_seq, view.read_seq), (200, 200));
        assert_eq!((view.peer_ord, view.read_ord), (100, 100));
    });
}

#[test]
fn first_messages_and_first_logins_at_the_same_instant() {
    let cluster = shared();
    run(async {
        let [one, other] = nodes(&cluster).await;
        for round in 0..20 {
            let names = [format!("a{round}"), format!("b{round}")];
            // The same two users register on both nodes, under ids that each has made.
            let mut ids = [Vec::new(), Vec::new()];
            let register =
                |repo, n: usize, id: i64| Postgres::register(repo, id, APP, names[n].clone(), 1);
            let base = 1 + round * 4;
            let registered = join_all([
                register(&one, 0, base),
                register(&other, 0, base + 1),
                register(&one, 1, base + 2),
                register(&other, 1, base + 3),
            ]);
            for (n, account) in registered.await.into_iter().enumerate() {
                ids[n / 2].push(account.unwrap());
            }
            for both in &ids {
                assert_eq!(both[0].id, both[1].id);
            }
            let (a, b) = (&ids[0][0], &ids[1][0]);
            let (to_b, to_a) = join(
                one.send_message(message(a, &names[1], "first")),
                other.send_message(message(b, &names[0], "first too")),
            )
            .await;
            let mut seqs: Vec<u64> = [to_b, to_a]
                .into_iter()
                .map(|sent| match sent.unwrap() {
                    Sent::New { seq, .. } => seq,
                    other => panic!("{other:?}"),
                })
                .collect();
            seqs.sort_unstable();
            assert_eq!(seqs, [1, 2]);
        }
    });
}

fn enter(account: &Account, device: &str, node: i64) -> Enter {
    Enter {
        account: account.id,
        policy: Policy {
            together: Together::Single,
            ..Policy::default()
        },
        device_id: device.into(),
        platform: 1,
        resume: false,
        place: 0,
        seat: Seat { node, number: 1 },
        presence: 2,
        day: 5,
    }
}

#[test]
fn of_two_logins_at_the_same_instant_one_has_the_place() {
    let cluster = shared();
    run(async {
        let [one, other] = nodes(&cluster).await;
        one.join(1, "one".into()).await.unwrap();
        other.join(2, "other".into()).await.unwrap();
        for round in 0..20 {
            let account = user(&one, APP, &format!("u{round}")).await;
            let (first, second) = join(
                one.enter(enter(&account, "a", 1)),
                other.enter(enter(&account, "b", 2)),
            )
            .await;
            let mut numbers = Vec::new();
            for entered in [first, second] {
                let Entered::In { number, change, .. } = entered.unwrap() else {
                    panic!("a login takes a place")
                };
                numbers.push(number);
                // Who comes second is told whom to close.
                assert_eq!(change.before.places.held.len() as u64, number - 1);
            }
            let standing = one.standing(account.id).await.unwrap();
            let [place] = &standing.places.held[..] else {
                panic!("{standing:?}")
            };
            assert_eq!((place.number, standing.version), (2, 2));
            numbers.sort_unstable();
            assert_eq!(numbers, [1, 2]);
        }
    });
}

/// Until so many connections wait for a lock. Not within a transaction, which looks once.
async fn waiting(conn: &mut PgConnection, number: i64) {
    let count = "SELECT COUNT(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let until = std::time::Instant::now() + PATIENCE;
    loop {
        assert!(std::time::Instant::now() < until, "{number} never wait");
        let found: i64 = sqlx::query_scalar(count)
            .fetch_one(&mut *conn)
            .await
            .unwrap();
        if found == number {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn a_node_lives_on_beside_its_logins_and_is_found_dead_after_them() {
    let cluster = shared();
    run(async {
        let url = cluster.database();
        let repo = open(&url).await;
        let account = user(&repo, APP, "alice").await;
        repo.join(7, "seven".into()).await.unwrap();
        // What holds up a login after it has looked at its node.
        let mut other = PgConnection::connect(&url).await.unwrap();
        let mut observer = PgConnection::connect(&url).await.unwrap();
        let same_row = format!(
            "BEGIN; INSERT INTO place (account_id, device_id, platform, number)
             VALUES ({}, 'a', 1, 1)",
            account.id
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(same_row))
            .execute(&mut other)
            .await
            .unwrap();
        let steps = async {
            waiting(&mut observer, 1).await;
            assert!(repo.beat(7).await.unwrap().is_some());
            let release = async {
                waiting(&mut observer, 2).await;
                other.execute("ROLLBACK").await.unwrap();
            };
            join(repo.fence(7, 1), release).await.0
        };
        let (entered, fenced) = join(repo.enter(enter(&account, "a", 7)), steps).await;
        assert!(matches!(entered, Ok(Entered::In { .. })), "{entered:?}");
        assert!(fenced.unwrap());
        // Whoever sweeps from here on sees that login, and no other one follows.
        let swept = repo.sweep(7, 9).await.unwrap();
        assert_eq!(swept.len(), 1);
        let late = repo.enter(enter(&account, "a", 7)).await;
        assert_eq!(late, Err(RepoError::Busy));
    });
}

#[test]
fn what_is_acknowledged_survives_a_crash_of_the_database() {
    // Its own, since others are not to feel it.
    let cluster = Cluster::start().unwrap();
    run(async {
        let url = cluster.database();
        let metrics = Arc::new(Metrics::default());
        // Somebody who waits no longer than a client would.
        let patience = Duration::from_millis(300);
        let repo = Postgres::open(&url, 8, patience, metrics).await.unwrap();
        let users = [
            user(&repo, APP, "alice").await,
            user(&repo, APP, "bob").await,
        ];
        let (is_over, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
        let sender = async |me: usize, task: usize| {
            let (mut acknowledged, mut refused) = (Vec::new(), 0);
            for n in 0.. {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                let msg_id = format!("{task}-{n}");
                // As an outbox does: the same again until it has an answer.
                loop {
                    let to = ["bob", "alice"][me];
                    match repo.send_message(message(&users[me], to, &msg_id)).await {
                        Ok(_) => break,
                        Err(error) => assert_eq!(error, RepoError::Busy),
                    }
                    refused += 1;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                answered.fetch_add(1, Ordering::Relaxed);
                acknowledged.push((users[me].id, msg_id));
            }
            (acknowledged, refused)
        };
        let more = async |than: usize| {
            while answered.load(Ordering::Relaxed) < than + 40 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let trouble = async {
            for is_crash in [true, false] {
                more(answered.load(Ordering::Relaxed)).await;
                tokio::task::block_in_place(|| {
                    if is_crash {
                        cluster.crash()
                    } else {
                        cluster.stop()
                    }
                });
                tokio::time::sleep(Duration::from_millis(500)).await;
                tokio::task::block_in_place(|| cluster.resume()).unwrap();
            }
            more(answered.load(Ordering::Relaxed)).await;
            is_over.store(true, Ordering::Relaxed);
        };
        let senders = join_all((0..6).map(|task| sender(task % 2, task)));
        let (told, ()) = join(senders, trouble).await;
        let refused: usize = told.iter().map(|(_, refused)| refused).sum();
        assert!(refused > 0, "nobody noticed");
        let acknowledged = told.into_iter().flat_map(|(sent, _)| sent).collect();
        check(&repo, &users, &acknowledged).await;
    });
}

#[test]
fn two_processes_may_migrate_a_new_postgres_database_at_once() {
    let cluster = shared();
    run(async {
        let url = cluster.database();
        let repos = join_all((0..4).map(|_| open(&url))).await;
        for repo in repos {
            assert!(repo.apps().await.unwrap().is_empty());
        }
    });
}

#[test]
fn of_a_newer_postgres_database_the_floor_decides() {
    let cluster = shared();
    run(async {
        let url = cluster.database();
        let is_refused = async || {
            let newer = Postgres::open(&url, 1, PATIENCE, Arc::default()).await;
            let error = newer.err().unwrap().to_string();
            assert!(error.contains("newer timd"), "{error}");
        };
        let change = |statements: &str| cluster.run(statements, &url).unwrap();
        // As it was before there were floors.
        open(&url).await;
        change("DROP TABLE schema_floor");
        change("UPDATE schema_version SET version = 1000");
        is_refused().await;
        change(&format!("UPDATE schema_version SET version = {SCHEMA}"));
        assert_eq!(open(&url).await.schema_floor().await, Ok(SCHEMA));
        // A newer one has only added to it.
        change(
            "UPDATE schema_version SET version = 1000;
             ALTER TABLE app ADD COLUMN newer BIGINT NOT NULL DEFAULT 0",
        );
        let repo = open(&url).await;
        assert!(repo.create_app(app(1, "k")).await.unwrap());
        change(&format!("UPDATE schema_floor SET floor = {}", SCHEMA + 1));
        is_refused().await;
        assert_eq!(repo.schema_floor().await, Ok(SCHEMA + 1));
    });
}

#[test]
fn what_lost_its_connection_is_done_on_another_one() {
    let cluster = shared();
    run(async {
        let url = cluster.database();
        let metrics = Arc::default();
        let repo = counted(&url, &metrics).await;
        let alice = user(&repo, APP, "alice").await;
        let mut other = PgConnection::connect(&url).await.unwrap();
        let mut observer = PgConnection::connect(&url).await.unwrap();
        let lock = format!(
            "BEGIN; SELECT 1 FROM account WHERE id = {} FOR UPDATE",
            alice.id
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(lock))
            .execute(&mut other)
            .await
            .unwrap();
        let blocked = "SELECT pid FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> $1";
        let is_over = AtomicBool::new(false);
        let trouble = async {
            let mut last = 0;
            for n in 0..3 {
                last = loop {
                    let pid: Option<i32> = sqlx::query_scalar(blocked)
                        .bind(last)
                        .fetch_optional(&mut observer)
                        .await
                        .unwrap();
                    if let Some(pid) = pid {
                        break pid;
                    }
                    let given_up = is_over.load(Ordering::Relaxed);
                    assert!(!given_up, "after {n} connections");
                    tokio::time::sleep(Duration::from_millis(5)).await;
                };
                // As the server does when it is told to restart.
                if n < 2 {
                    let end = sqlx::query("SELECT pg_terminate_backend($1)").bind(last);
                    end.execute(&mut observer).await.unwrap();
                }
            }
            other.execute("ROLLBACK").await.unwrap();
        };
        let set = async {
            let set = repo.set_custom_status(alice.id, "here".into()).await;
            is_over.store(true, Ordering::Relaxed);
            set
        };
        let (set, ()) = join(set, trouble).await;
        set.unwrap();
        assert_eq!(metrics.retries.get(), 2);
    });
}

#[test]
fn errors_tell_what_is_wrong_and_no_password() {
    let cluster = shared();
    run(async {
        let url = cluster.database();
        let no_database = format!("{url}_not_there");
        let nobody = {
            let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let port = taken.local_addr().unwrap().port();
            format!("postgres://timd:secret@127.0.0.1:{port}/timd")
        };
        let no_port = "postgres://timd:secret@127.0.0.1:secret/timd".to_owned();
        for (url, says) in [
            (no_database, "does not exist"),
            (nobody, "does it run"),
            (no_port, "URL"),
        ] {
            let patience = Duration::from_millis(300);
            let opened = Postgres::open(&url, 1, patience, Arc::default()).await;
            let error = opened.err().unwrap().to_string();
            assert!(error.contains(says), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
        // What the database cannot store is an error, and the connection stays good.
        let repo = open(&url).await;
        let alice = user(&repo, APP, "alice").await;
        let status = repo.set_custom_status(alice.id, "a\0b".into()).await;
        assert_eq!(status.unwrap().after.custom_status, "", "nobody is online");
        repo.join(1, "a\0b".into()).await.unwrap_err();
        repo.heads(alice.id).await.unwrap();
    });
}

/// As docs/hosting.md says, and what `timd capacity` rests on.
#[test]
fn a_message_takes_five_journeys_and_its_routes_one() {
    let settings = ["shared_preload_libraries=pg_stat_statements"];
    let cluster = Cluster::start_with(&settings).unwrap();
    run(async {
        let url = cluster.database();
        let repo = open(&url).await;
        cluster
            .run("CREATE EXTENSION pg_stat_statements", &url)
            .unwrap();
        let alice = user(&repo, APP, "alice").await;
        let bob = user(&repo, APP, "bob").await;
        send(&repo, &alice, "bob", "first").await;
        let calls = || {
            let ask = "SELECT SUM(calls)::float8 FROM pg_stat_statements
                WHERE query NOT LIKE '%pg_stat_statements%'";
            cluster.number(ask, &url).unwrap()
        };
        let before = calls();
        for n in 0..10 {
            send(&repo, &alice, "bob", &n.to_string()).await;
        }
        assert_eq!(calls() - before, 50.0);
        repo.routes(vec![alice.id, bob.id]).await.unwrap();
        assert_eq!(calls() - before, 51.0);
    });
}

/// After a restart of the database all that were idle are dead: the first one to find it out is enough.
#[test]
fn of_dead_connections_one_is_tried() {
    let cluster = shared();
    run(async {
        let url = cluster.database();
        let metrics = Arc::<Metrics>::default();
        let repo = counted(&url, &metrics).await;
        let alice = user(&repo, APP, "alice").await;
        let mut other = PgConnection::connect(&url).await.unwrap();
        // All connections there can be: each waits for the same row.
        let lock = format!(
            "BEGIN; SELECT 1 FROM account WHERE id = {} FOR UPDATE",
            alice.id
        );
        let lock = sqlx::raw_sql(sqlx::AssertSqlSafe(lock));
        lock.execute(&mut other).await.unwrap();
        let mut observer = PgConnection::connect(&url).await.unwrap();
        let waiting = "SELECT COUNT(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let release = async {
            let begun = std::time::Instant::now();
            loop {
                let count = sqlx::query_scalar::<_, i64>(waiting);
                let count = count.fetch_one(&mut observer).await;
                if count.unwrap() == 8 {
                    break;
                }
                assert!(begun.elapsed() < PATIENCE);
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            other.execute("ROLLBACK").await.unwrap();
        };
        let each = (0..8).map(|n| repo.set_custom_status(alice.id, n.to_string()));
        let (all, ()) = join(futures_util::future::join_all(each), release).await;
        assert!(all.iter().all(Result::is_ok), "{all:?}");
        let end = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'timd'";
        let ended = sqlx::query_scalar::<_, i64>(end);
        assert_eq!(ended.fetch_one(&mut observer).await.unwrap(), 8);
        let left = "SELECT COUNT(*) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'timd'";
        let begun = std::time::Instant::now();
        loop {
            let left = sqlx::query_scalar::<_, i64>(left);
            if left.fetch_one(&mut observer).await.unwrap() == 0 {
                break;
            }
            assert!(begun.elapsed() < PATIENCE);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let before = metrics.retries.get();
        repo.set_custom_status(alice.id, "back".into())
            .await
            .unwrap();
        assert_eq!(metrics.retries.get() - before, 1);
    });
}
