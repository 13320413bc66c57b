//! NATS, with a real server.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use timd::bus::{Address, Bus, Incoming, NatsBus, Note};
use timd::metrics::{Lost, Metrics};
use timd::testing::{TempDir, nats::NatsServer};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use super::run;
use super::suite::{self, Inbox, PATIENCE, World, missed, next_seq, push};

impl Inbox for Incoming {
    async fn next(&mut self) -> Note {
        Incoming::next(self).await.unwrap()
    }
}

impl World for NatsServer {
    type Bus = NatsBus;
    type Inbox = Incoming;

    async fn join(&self) -> (NatsBus, Incoming) {
        let node = Node::new(&self.url()).await;
        (node.bus, node.inbox)
    }
}

struct Node {
    bus: NatsBus,
    inbox: Incoming,
    metrics: Arc<Metrics>,
}

impl Node {
    async fn try_new(url: &str, ca: Option<&Path>) -> Result<Self, String> {
        let metrics = Arc::new(Metrics::default());
        let address = Address::parse(url)?;
        let (bus, inbox) = NatsBus::connect(address, "test", ca, metrics.clone()).await?;
        Ok(Self {
            bus,
            inbox,
            metrics,
        })
    }

    async fn new(url: &str) -> Self {
        Self::try_new(url, None).await.unwrap()
    }

    async fn at(url: &str, node: i64) -> Self {
        let new = Self::new(url).await;
        new.bus.attend(node).await.unwrap();
        new
    }

    async fn is_up(&self, wanted: bool) {
        until("the state of the bus", || self.bus.is_up() == wanted).await;
        assert_eq!(self.metrics.bus_connected.get(), i64::from(wanted));
    }
}

/// Between one node and the server, so that it can be cut off alone.
struct Proxy {
    addr: SocketAddr,
    task: JoinHandle<()>,
}

impl Proxy {
    async fn start(server: &str) -> Self {
        let mut proxy = Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 0)),
            task: tokio::spawn(async {}),
        };
        proxy.mend(server).await;
        proxy
    }

    fn url(&self) -> String {
        format!("nats://{}", self.addr)
    }

    async fn mend(&mut self, server: &str) {
        let socket = TcpListener::bind(self.addr).await.unwrap();
        self.addr = socket.local_addr().unwrap();
        let server = server.to_owned();
        self.task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut here, _)) = socket.accept().await {
                let mut there = TcpStream::connect(&server).await.unwrap();
                connections.spawn(async move {
                    let _ = copy_bidirectional(&mut here, &mut there).await;
                });
            }
        });
    }

    /// Nobody is let in, and the connections end.
    async fn cut(&mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }
}

async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "{what}");
        sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn passes_the_suite() {
    let server = NatsServer::start().unwrap();
    run(suite::passes(&server));
}

#[test]
fn two_installations_share_a_server() {
    let server = NatsServer::start().unwrap();
    run(async {
        let (one, two) = (server.url() + "/one", server.url() + "/two");
        let alice = Node::new(&one).await;
        let mut first = Node::at(&one, 1).await;
        let mut second = Node::at(&two, 1).await;
        alice.bus.publish(1, &push(1, 1, 0));
        assert_eq!(next_seq(&mut first.inbox).await, 1);
        second.bus.publish(1, &push(1, 2, 0));
        assert_eq!(next_seq(&mut second.inbox).await, 2);
    });
}

#[test]
fn an_outage_stops_nobody_and_ends() {
    let mut server = NatsServer::start().unwrap();
    run(async {
        let alice = Node::at(&server.url(), 1).await;
        let mut bob = Node::at(&server.url(), 2).await;
        assert!(alice.bus.is_up() && bob.bus.is_up());
        server.stop();
        alice.is_up(false).await;
        bob.is_up(false).await;
        // More than can wait: the rest is counted, and nothing blocks.
        for seq in 0..40_000 {
            alice.bus.publish(2, &push(1, seq, 0));
        }
        assert!(alice.metrics.lost_so_far(Lost::Full) > 20_000);
        alice.bus.settle().await;
        // A node that joins again meanwhile listens when the bus is back.
        bob.bus.attend(3).await.unwrap();
        server.restart().unwrap();
        alice.is_up(true).await;
        bob.is_up(true).await;
        assert_eq!(bob.metrics.bus_reconnects.get(), 1);
        bob.bus.publish(3, &push(1, 1, 0));
        assert_eq!(next_seq(&mut bob.inbox).await, 1);
        // What waited goes first, to where nobody listens any more.
        alice.bus.publish(3, &push(1, 2, 0));
        assert_eq!(next_seq(&mut bob.inbox).await, 2);
        // And once more.
        server.restart().unwrap();
        until("second outage", || alice.metrics.bus_reconnects.get() == 2).await;
        until("second outage", || bob.metrics.bus_reconnects.get() == 2).await;
        alice.bus.publish(3, &push(1, 3, 0));
        assert_eq!(next_seq(&mut bob.inbox).await, 3);
    });
}

#[test]
fn who_missed_something_learns_of_it() {
    let mut server = NatsServer::start_with("max_payload: 65536\n").unwrap();
    run(async {
        let mut alice = Node::at(&server.url(), 1).await;
        let mut bob = Node::at(&server.url(), 2).await;
        // One that did not go out.
        alice.bus.publish(2, &push(1, 1, 70_000));
        missed(&mut bob.inbox).await;
        // Whoever was cut off may have missed something.
        server.restart().unwrap();
        missed(&mut bob.inbox).await;
        missed(&mut alice.inbox).await;
        // Whoever was written to lately may have, and who waited in vain has, though his own
        // connection was there.
        alice.bus.publish(2, &push(1, 2, 0));
        assert_eq!(next_seq(&mut bob.inbox).await, 2);
        bob.is_up(true).await;
        alice.is_up(true).await;
        let mut proxy = Proxy::start(&server.host()).await;
        let carol = Node::at(&proxy.url(), 3).await;
        carol.bus.publish(2, &push(1, 3, 0));
        assert_eq!(next_seq(&mut bob.inbox).await, 3);
        proxy.cut().await;
        carol.is_up(false).await;
        proxy.mend(&server.host()).await;
        missed(&mut bob.inbox).await;
        assert_eq!(bob.metrics.bus_reconnects.get(), 1);
    });
}

#[test]
fn what_waits_during_an_outage_goes_out_in_order() {
    let mut server = NatsServer::start().unwrap();
    run(async {
        let mut alice = Node::at(&server.url(), 1).await;
        server.stop();
        alice.is_up(false).await;
        // To herself, since another node may come back later than she does.
        for seq in 0..5000 {
            alice.bus.publish(1, &push(1, seq, 0));
        }
        server.restart().unwrap();
        for seq in 0..5000 {
            assert_eq!(next_seq(&mut alice.inbox).await, seq);
        }
        assert_eq!(alice.metrics.lost_so_far(Lost::Full), 0);
    });
}

#[test]
fn what_was_published_has_gone_when_a_node_ends() {
    let server = NatsServer::start().unwrap();
    run(async {
        let mut bob = Node::at(&server.url(), 2).await;
        let alice = Node::at(&server.url(), 1).await;
        for seq in 0..5000 {
            alice.bus.publish(2, &push(1, seq, 100));
        }
        alice.bus.settle().await;
        drop(alice);
        for seq in 0..5000 {
            assert_eq!(next_seq(&mut bob.inbox).await, seq);
        }
    });
}

#[test]
fn too_big_for_the_server() {
    let server = NatsServer::start_with("max_payload: 65536\n").unwrap();
    run(async {
        let alice = Node::at(&server.url(), 1).await;
        let mut bob = Node::at(&server.url(), 2).await;
        alice.bus.publish(2, &push(1, 1, 60_000));
        alice.bus.publish(2, &push(1, 2, 70_000));
        alice.bus.publish(2, &push(1, 3, 0));
        assert_eq!(next_seq(&mut bob.inbox).await, 1);
        assert_eq!(next_seq(&mut bob.inbox).await, 3);
        assert_eq!(alice.metrics.lost_so_far(Lost::TooBig), 1);
        assert!(alice.bus.is_up());
    });
}

#[test]
fn what_is_no_note_is_counted() {
    let server = NatsServer::start().unwrap();
    run(async {
        let mut bob = Node::at(&server.url(), 2).await;
        let client = async_nats::connect(server.url()).await.unwrap();
        for text in [
            "",
            "x",
            "echo",
            "echo x",
            "{\"note\":\"of a newer version\"}\n",
        ] {
            client
                .publish("timd.timd.node.2", text.into())
                .await
                .unwrap();
        }
        let note = push(1, 5, 0).to_bytes();
        client
            .publish("timd.timd.node.2", note.into())
            .await
            .unwrap();
        assert_eq!(next_seq(&mut bob.inbox).await, 5);
        assert_eq!(bob.metrics.lost_so_far(Lost::Unknown), 4);
    });
}

#[test]
fn a_flood_is_cut_and_the_node_goes_on() {
    let server = NatsServer::start().unwrap();
    run(async {
        let alice = Node::at(&server.url(), 1).await;
        let mut bob = Node::at(&server.url(), 2).await;
        // Nobody reads at bob's.
        let mut seq = 0;
        let start = Instant::now();
        while bob.metrics.lost_so_far(Lost::Slow) == 0 {
            assert!(start.elapsed() < PATIENCE, "{seq} notes and no loss");
            for _ in 0..1000 {
                seq += 1;
                alice.bus.publish(2, &push(1, seq, 0));
            }
            alice.bus.settle().await;
        }
        // Reading again, the node gets what there is, in its order, and then what is new; it learns
        // that it is not all.
        let mut last = 0;
        while last != u64::MAX {
            if last > 0 {
                alice.bus.publish(2, &push(1, u64::MAX, 0));
            }
            for _ in 0..1000 {
                let seq = next_seq(&mut bob.inbox).await;
                assert!(seq > last || seq == u64::MAX);
                last = seq;
                if last == u64::MAX {
                    break;
                }
            }
        }
        missed(&mut bob.inbox).await;
    });
}

#[test]
fn who_cannot_get_in_is_told_what_to_do() {
    let lines = "authorization { users: [
        { user: chat, password: \"p@ss\" },
        { user: mute, password: \"s3cret\", permissions: { subscribe: \"else\" } },
    ] }\n";
    let server = NatsServer::start_with(lines).unwrap();
    run(async {
        let host = server.host();
        let fails = async |url: String| match Node::try_new(&url, None).await {
            Ok(node) => node.bus.attend(1).await.unwrap_err(),
            Err(error) => error,
        };
        for user in ["", "chat:s3cret@", "s3cret@", "nobody:s3cret@"] {
            let error = fails(format!("nats://{user}{host}")).await;
            assert!(error.contains("authorization violation"), "{error}");
            assert!(
                error.contains(&host) && !error.contains("s3cret"),
                "{error}"
            );
        }
        let error = fails(format!("nats://mute:s3cret@{host}/x")).await;
        assert!(error.contains("subscribe to timd.x.node.*"), "{error}");
        Node::at(&format!("nats://chat:p%40ss@{host}"), 1).await;
        // The second of two servers is there.
        Node::at(&format!("nats://chat:p%40ss@127.0.0.1:1,{host}"), 1).await;
        let error = fails("nats://chat:s3cret@127.0.0.1:1".into()).await;
        assert!(error.contains("is a NATS server running there"), "{error}");
        assert!(!error.contains("s3cret"), "{error}");
    });
    let server = NatsServer::start_with("authorization { token: \"s3cret\" }\n").unwrap();
    run(async {
        Node::at(&format!("nats://s3cret@{}", server.host()), 1).await;
    });
}

#[test]
fn tls_with_an_authority_of_its_own() {
    let dir = TempDir::new().unwrap();
    let file = |name: &str| dir.path().join(name);
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".into()]).unwrap();
    std::fs::write(file("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(file("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let lines = format!(
        "tls {{ cert_file: {:?}, key_file: {:?} }}\n",
        file("cert.pem"),
        file("key.pem")
    );
    let server = NatsServer::start_with(&lines).unwrap();
    run(async {
        let url = format!("tls://{}", server.host());
        let ca = file("cert.pem");
        let node = Node::try_new(&url, Some(&ca)).await.unwrap();
        node.bus.attend(1).await.unwrap();
        assert!(node.bus.is_up());
        let error = Node::try_new(&url, None).await.err().unwrap();
        assert!(
            error.contains("TLS") || error.contains("certificate"),
            "{error}"
        );
        let error = Node::try_new(&url, Some(&file("none.pem"))).await;
        assert!(error.err().unwrap().starts_with("bus_ca: "));
    });
}
