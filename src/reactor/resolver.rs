//! Names to addresses, without waiting.
//!
//! The system's resolver blocks, now and then for minutes. Each lookup has a thread of its own
//! that holds the name and a way to report; whoever stops does not wait for it.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::Weak;

use super::hub::{Inbox, Message};
use crate::sys;

/// Lookups that run at a time; more wait. One that hangs keeps its place until the system's
/// resolver gives up.
const LOOKUPS: usize = 8;

/// Host and port.
pub(super) type Name = (String, u16);
/// What a lookup came to.
pub(super) type Found = Result<Vec<SocketAddr>, String>;

/// Who asked: an instance and its connection.
pub(super) type Asker = (u64, usize);

pub(super) struct Resolver {
    inbox: Weak<Inbox>,
    askers: HashMap<Name, Vec<Asker>>,
    running: usize,
    waiting: VecDeque<Name>,
}

impl Resolver {
    pub(super) fn new(inbox: Weak<Inbox>) -> Self {
        Self {
            inbox,
            askers: HashMap::new(),
            running: 0,
            waiting: VecDeque::new(),
        }
    }

    /// The addresses that need no lookup: `localhost` and addresses.
    pub(super) fn known((host, port): &Name) -> Option<Vec<SocketAddr>> {
        let ips = match host.parse() {
            Ok(ip) => vec![ip],
            Err(_) if host == "localhost" => {
                vec![
                    Ipv4Addr::LOCALHOST.into(),
                    IpAddr::from(Ipv6Addr::LOCALHOST),
                ]
            }
            Err(_) => return None,
        };
        Some(
            ips.into_iter()
                .map(|ip| SocketAddr::new(ip, *port))
                .collect(),
        )
    }

    /// Asks for a name; the answer comes as [`Message::Resolved`]. A lookup of the same name that
    /// is under way is joined.
    pub(super) fn ask(&mut self, name: Name, asker: Asker) {
        let askers = self.askers.entry(name.clone()).or_default();
        askers.push(asker);
        if askers.len() == 1 {
            self.waiting.push_back(name);
            self.start_more();
        }
    }

    /// A lookup has ended. Returns who waited for it.
    pub(super) fn finish(&mut self, name: &Name) -> Vec<Asker> {
        self.running -= 1;
        self.start_more();
        self.askers.remove(name).unwrap_or_default()
    }

    fn start_more(&mut self) {
        while self.running < LOOKUPS {
            let Some(name) = self.waiting.pop_front() else {
                return;
            };
            self.running += 1;
            let inbox = self.inbox.clone();
            let (thread_name, thread_inbox) = (name.clone(), inbox.clone());
            let spawned = std::thread::Builder::new()
                .name("tim-dns".into())
                .spawn(move || {
                    sys::block_sigpipe();
                    let found = look_up(&thread_name);
                    report(&thread_inbox, thread_name, found);
                });
            if let Err(e) = spawned {
                report(&inbox, name, Err(format!("no thread for the lookup: {e}")));
            }
        }
    }
}

fn report(inbox: &Weak<Inbox>, name: Name, found: Found) {
    if let Some(inbox) = inbox.upgrade() {
        inbox.push(Message::Resolved(name, found));
    }
}

fn look_up((host, port): &Name) -> Found {
    loop {
        match (host.as_str(), *port).to_socket_addrs() {
            Ok(addresses) => return Ok(addresses.collect()),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e.to_string()),
        }
    }
}
