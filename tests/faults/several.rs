//! Several nodes on one PostgreSQL and one NATS, each with a proxy on either way.

use std::cell::Cell;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use timd::testing::nats::NatsServer;
use timd::testing::postgres::Cluster;

use crate::crowd::Crowd;
use crate::proxy::Proxy;
use crate::server::ServerProcess;

/// Longer than anything takes; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a node has to be without the database for, to let its users go.
pub const LEASE: Duration = Duration::from_secs(2);

pub struct Several {
    /// Stopped before what they stand on.
    pub nodes: Vec<Node>,
    pub nats: NatsServer,
    pub postgres: Cluster,
    /// Its URL, without a proxy.
    pub database: String,
}

pub struct Node {
    pub server: ServerProcess,
    /// Its ways.
    pub database: Proxy,
    pub bus: Proxy,
}

impl Several {
    pub fn start(count: usize) -> Self {
        let none: &[(&str, &str)] = &[];
        Self::start_in(&vec![none; count])
    }

    /// A node in each of these environments.
    pub fn start_in(environments: &[&[(&str, &str)]]) -> Self {
        let postgres = Cluster::start().unwrap();
        let nats = NatsServer::start().unwrap();
        let database = postgres.database();
        let mut several = Self {
            nodes: Vec::new(),
            nats,
            postgres,
            database,
        };
        for environment in environments {
            let node = several.node(environment);
            several.nodes.push(node);
        }
        several
    }

    fn node(&self, environment: &[(&str, &str)]) -> Node {
        let database = Proxy::to(self.postgres.addr());
        let bus = Proxy::to(self.nats.host().parse().unwrap());
        let name = self.database.rsplit('/').next().unwrap();
        let settings = [
            format!(
                "database=postgres://timd:secret@127.0.0.1:{}/{name}",
                database.port()
            ),
            format!("bus=nats://127.0.0.1:{}", bus.port()),
            format!("node_lease={}ms", LEASE.as_millis()),
            "heartbeat=1s".to_owned(),
            "database_timeout=1s".to_owned(),
        ];
        Node {
            server: ServerProcess::node(&settings, environment),
            database,
            bus,
        }
    }

    /// People who are logged in, the first on the first node, the next on the next; each knows all.
    pub fn crowd(&self, count: usize) -> Crowd {
        let begun = Cell::new(0);
        let mut crowd = Crowd::new(count, |config| {
            let mut urls = self.urls();
            // Pairs are in a row: each has one half here and one there.
            urls.rotate_left(begun.get() % self.nodes.len());
            begun.set(begun.get() + 1);
            config.app_id = self.nodes[0].server.app_id();
            config.urls = urls;
            config.request_timeout = Duration::from_secs(3);
        });
        crowd.login(|user| self.nodes[0].server.sig(user));
        crowd
    }

    pub fn urls(&self) -> Vec<String> {
        let addrs = self.nodes.iter().map(|node| node.server.addr());
        addrs.map(|addr| format!("ws://{addr}")).collect()
    }

    /// All of them serve, and hear of each other.
    pub fn are_well(&self) {
        for node in &self.nodes {
            node.until_ready("ready\n");
        }
    }
}

impl Node {
    /// Until `/readyz` says so; the whole text.
    pub fn until_ready(&self, text: &str) {
        until(text, || {
            self.get("/readyz").is_some_and(|(_, body)| body == text)
        });
    }

    /// Until `/readyz` begins so.
    pub fn until_it_says(&self, text: &str) {
        until(text, || self.says(text));
    }

    pub fn says(&self, text: &str) -> bool {
        self.get("/readyz")
            .is_some_and(|(_, body)| body.starts_with(text))
    }

    /// A number of `/metrics`.
    pub fn metric(&self, name: &str) -> i64 {
        let (_, text) = self.get("/metrics").expect("metrics");
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim().parse().unwrap()
    }

    /// Until so many are logged in here.
    pub fn until_it_has(&self, sessions: usize) {
        until(&format!("{sessions} sessions"), || {
            self.metric("timd_sessions ") == sessions as i64
        });
    }

    /// Head and body of what it answers.
    pub fn get(&self, path: &str) -> Option<(String, String)> {
        get(self.server.addr(), path)
    }
}

fn get(addr: SocketAddr, path: &str) -> Option<(String, String)> {
    let mut stream = TcpStream::connect(addr).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.to_owned(), body.to_owned()))
}

pub fn until(what: &str, mut probe: impl FnMut() -> bool) {
    let start = Instant::now();
    while !probe() {
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        sleep(Duration::from_millis(20));
    }
}
