//! What a message and a login cost on SQLite, on PostgreSQL, and on two nodes: in CPU, statements,
//! notes and bytes. On one machine throughput says little, what a message costs says more.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use tim::sdk::Client;
use tim_core::Command as Call;
use timd::testing::nats::NatsServer;
use timd::testing::postgres::Cluster;

use crate::report::{Goal, Report, median_us};
use crate::setup::{Server, call, send};

/// Pairs of users who talk at the same time, and what each says.
const PAIRS: usize = 16;
const EACH: usize = 500;
/// Messages of one pair, one at a time.
const ALONE: usize = 300;
/// Logins with their logouts.
const LOGINS: usize = 300;

pub fn costs(report: &mut Report) {
    if !report.wants("nodes, PostgreSQL") {
        return;
    }
    Setting::new("SQLite", false, false).measure(report);
    Setting::new("PostgreSQL", true, false).measure(report);
    Setting::new("two nodes", true, true).measure(report);
}

struct Database {
    cluster: Cluster,
    url: String,
}

/// One node or two, with what is behind them. What is declared first ends first.
struct Setting {
    name: &'static str,
    /// Where senders are, where receivers are.
    nodes: Vec<Server>,
    database: Option<Database>,
    nats: Option<NatsServer>,
}

impl Setting {
    fn new(name: &'static str, on_postgres: bool, are_two: bool) -> Self {
        let database = on_postgres.then(|| {
            let settings = ["fsync=on", "shared_preload_libraries=pg_stat_statements"];
            let cluster = Cluster::start_with(&settings).expect("a PostgreSQL server");
            let url = cluster.database();
            let extension = "CREATE EXTENSION pg_stat_statements";
            cluster.run(extension, &url).expect("the extension");
            Database { cluster, url }
        });
        let nats = are_two.then(|| {
            let config = "http: \"127.0.0.1:-1\"\n";
            NatsServer::start_with(config).expect("a NATS server")
        });
        let bus = nats.as_ref().map(NatsServer::url);
        let mut args = Vec::new();
        if let Some(database) = &database {
            args.extend(["--database", &database.url]);
        }
        if let Some(bus) = &bus {
            args.extend(["--bus", bus]);
        }
        let count = if are_two { 2 } else { 1 };
        let nodes = (0..count).map(|_| Server::start(&args)).collect();
        Self {
            name,
            nodes,
            database,
            nats,
        }
    }

    fn measure(&self, report: &mut Report) {
        let mut add = |what: &str, unit, value| {
            let name = format!("{}: {what}", self.name);
            report.add(&name, unit, value, None, Goal::None);
        };
        let pairs: Vec<Pair> = (0..PAIRS).map(|n| Pair::start(self, n)).collect();
        pairs.iter().for_each(|pair| pair.say(20));
        pairs.iter().for_each(|pair| pair.hear(20));
        let before = self.spent();
        let start = Instant::now();
        pairs.iter().for_each(|pair| pair.say(EACH));
        pairs.iter().for_each(|pair| pair.hear(EACH));
        let taken = start.elapsed().as_secs_f64();
        let count = (PAIRS * EACH) as f64;
        add("16 pairs at once", "messages/s", count / taken);
        for (what, unit, value) in self.spent().since(&before) {
            add(&format!("a message, {what}"), unit, value / count);
        }
        let mut times: Vec<Duration> = (0..ALONE).map(|_| pairs[0].one()).collect();
        let value = median_us(&mut times);
        add("one at a time, one way", "us", value);
        drop(pairs);

        let node = self.nodes.last().expect("a node");
        let client = node.client(None);
        let log_in = || {
            let (user_id, user_sig) = ("carol".to_owned(), node.ticket("carol"));
            call(&client, Call::Login { user_id, user_sig }).expect("a login");
        };
        let mut times = Vec::new();
        self.each(&mut add, "a login and a logout", LOGINS, || {
            let start = Instant::now();
            log_in();
            times.push(start.elapsed());
            call(&client, Call::Logout).expect("a logout");
        });
        add("login", "us", median_us(&mut times));

        log_in();
        self.each(&mut add, "a question, of one user's status", LOGINS, || {
            let users = vec!["bob0".to_owned()];
            call(&client, Call::GetUserStatus(users)).expect("an answer");
        });
        let mut turn = 0;
        self.each(&mut add, "a custom status, unwatched", LOGINS, || {
            turn += 1;
            let custom_status = format!("busy {turn}");
            call(&client, Call::SetSelfStatus(custom_status)).expect("an answer");
        });
    }

    /// Does something so many times, one after the other: what each costs.
    fn each(
        &self,
        add: &mut impl FnMut(&str, &'static str, f64),
        name: &str,
        count: usize,
        mut work: impl FnMut(),
    ) {
        (0..20).for_each(|_| work());
        let before = self.spent();
        (0..count).for_each(|_| work());
        for (what, unit, value) in self.spent().since(&before) {
            add(&format!("{name}, {what}"), unit, value / count as f64);
        }
    }

    fn spent(&self) -> Spent {
        let mut spent = Vec::new();
        for (node, name) in self
            .nodes
            .iter()
            .zip(["CPU of the node", "CPU of the other node"])
        {
            spent.push((name, "us", cpu_us(node.pid())));
        }
        if let Some(Database { cluster, url }) = &self.database {
            let keeper = cluster.keeper().expect("it runs");
            spent.push(("CPU of the database", "us", cpu_us(keeper)));
            let ask = |query: &str| cluster.number(query, url).expect("an answer");
            let calls = "SELECT SUM(calls)::float8 FROM pg_stat_statements
                WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())";
            spent.push(("statements", "", ask(calls)));
            let log = "SELECT (pg_current_wal_lsn() - '0/0')::float8";
            spent.push(("bytes of the database's log", "", ask(log)));
            let size = "SELECT pg_database_size(current_database())::float8";
            spent.push(("bytes of the database", "", ask(size)));
        }
        if let Some(nats) = &self.nats {
            spent.push((
                "CPU of the bus",
                "us",
                cpu_us(nats.keeper().expect("it runs")),
            ));
            let host = nats.monitor().expect("where it is monitored");
            let told = get(&host, "/varz");
            spent.push((
                "messages to the bus",
                "",
                told["in_msgs"].as_f64().expect("a number"),
            ));
            spent.push((
                "bytes to the bus",
                "",
                told["in_bytes"].as_f64().expect("a number"),
            ));
        }
        Spent(spent)
    }
}

/// What it is, its unit, how much of it so far.
struct Spent(Vec<(&'static str, &'static str, f64)>);

impl Spent {
    fn since(&self, before: &Spent) -> Vec<(&'static str, &'static str, f64)> {
        let both = self.0.iter().zip(&before.0);
        both.map(|((what, unit, now), (_, _, then))| (*what, *unit, now - then))
            .collect()
    }
}

/// One who sends, on the first node, and one who receives, on the last.
struct Pair {
    sender: Client,
    _receiver: Client,
    name: String,
    arrived: Receiver<Instant>,
}

impl Pair {
    fn start(setting: &Setting, n: usize) -> Self {
        let (first, last) = (&setting.nodes[0], &setting.nodes[setting.nodes.len() - 1]);
        let name = format!("bob{n}");
        let sender = first.logged_in(&format!("alice{n}"), None);
        let receiver = last.logged_in(&name, None);
        let (arrive, arrived) = mpsc::channel();
        receiver.listeners().on_new_messages(move |messages| {
            for _ in messages {
                let _ = arrive.send(Instant::now());
            }
        });
        Self {
            sender,
            _receiver: receiver,
            name,
            arrived,
        }
    }

    /// Sends so many at once.
    fn say(&self, count: usize) {
        for _ in 0..count {
            send(&self.sender, &self.name, |result| {
                result.expect("sent");
            });
        }
    }

    /// Waits until so many are there.
    fn hear(&self, count: usize) {
        for _ in 0..count {
            self.arrival();
        }
    }

    /// Sends one: from the call to the other one's callback.
    fn one(&self) -> Duration {
        let (done, sent) = mpsc::sync_channel(1);
        let start = Instant::now();
        send(&self.sender, &self.name, move |result| {
            drop(done.send(result))
        });
        let taken = self.arrival().saturating_duration_since(start);
        let patience = Duration::from_secs(10);
        sent.recv_timeout(patience)
            .expect("a completion")
            .expect("sent");
        taken
    }

    fn arrival(&self) -> Instant {
        let patience = Duration::from_secs(120);
        self.arrived.recv_timeout(patience).expect("a message")
    }
}

/// Microseconds that a process and its descendants have spent so far. What has ended does not count.
fn cpu_us(root: u32) -> f64 {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let parents: Vec<(u32, u32)> = processes
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            // pid (name) state parent …
            let parent = stat.rsplit(')').next()?.split_whitespace().nth(1)?;
            Some((pid, parent.parse().ok()?))
        })
        .collect();
    let mut family = vec![root];
    let mut at = 0;
    while at < family.len() {
        let children = parents.iter().filter(|(_, parent)| *parent == family[at]);
        let children: Vec<u32> = children.map(|(pid, _)| *pid).collect();
        family.extend(children);
        at += 1;
    }
    let nanos: f64 = family.iter().flat_map(|pid| threads_ns(*pid)).sum();
    nanos / 1000.0
}

fn threads_ns(pid: u32) -> Vec<f64> {
    let threads = fs::read_dir(format!("/proc/{pid}/task"));
    let threads = threads.into_iter().flatten().flatten();
    let spent = threads.filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse().ok()
    });
    spent.collect()
}

fn get(host: &str, path: &str) -> serde_json::Value {
    let mut stream = TcpStream::connect(host).expect("the bus listens");
    let request = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer");
    let (_, body) = text.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).expect("JSON")
}
