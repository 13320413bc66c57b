//! Several addresses of one name: which is tried when (RFC 8305), and what is remembered of them.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use protocol::{Error, codes};

/// An address that has not answered by then gets company; it stays in the race.
const COMPANY_AFTER: Duration = Duration::from_millis(250);

/// Attempts to connect to addresses of one name: the first that stands wins.
#[derive(Default)]
pub(super) struct Race {
    waiting: VecDeque<SocketAddr>,
    running: Vec<(SocketAddr, TcpStream)>,
    /// When the next one starts although the others may still answer.
    next_at: Option<Duration>,
    /// What the addresses that are out have said.
    told: Option<Error>,
}

/// How far it came.
pub(super) enum Raced {
    NotYet,
    /// The others are closed; they wait for the case that this one disappoints.
    Won(SocketAddr, TcpStream),
    /// All are out.
    Lost(Error),
}

impl Race {
    pub(super) fn new(addresses: VecDeque<SocketAddr>) -> Self {
        Self {
            waiting: addresses,
            next_at: Some(Duration::ZERO),
            ..Self::default()
        }
    }

    /// When it wants to be advanced even if nothing happens.
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.next_at
    }

    /// An address that won is of no use after all. False: there is no other.
    pub(super) fn disqualify(&mut self, error: Error) -> bool {
        self.out(error);
        !self.waiting.is_empty()
    }

    /// What the addresses have said that are out.
    pub(super) fn verdict(&mut self) -> Error {
        let error = self.told.take();
        error.unwrap_or_else(|| Error::of(codes::SDK_NET_NET_UNREACH))
    }

    /// Goes on as far as it can without waiting. `fault` puts an error of the system into words.
    pub(super) fn advance(
        &mut self,
        now: Duration,
        token: Token,
        registry: &Registry,
        fault: fn(&io::Error) -> Error,
    ) -> Raced {
        let mut index = 0;
        while let Some((address, tcp)) = self.running.get(index) {
            match is_connected(tcp) {
                Ok(false) => index += 1,
                Ok(true) => {
                    let address = *address;
                    let (_, tcp) = self.running.remove(index);
                    for (loser, _) in self.running.drain(..).rev() {
                        self.waiting.push_front(loser);
                    }
                    self.next_at = None;
                    return Raced::Won(address, tcp);
                }
                Err(error) => {
                    let (address, _) = self.running.remove(index);
                    self.out_at(address, fault(&error));
                    // The next one need not wait for an answer that has come.
                    self.next_at = Some(now);
                }
            }
        }
        let is_due = |at: Option<Duration>| at.is_none_or(|at| at <= now);
        while self.running.is_empty() || is_due(self.next_at) {
            let Some(address) = self.waiting.pop_front() else {
                break;
            };
            match start(address, token, registry) {
                Ok(tcp) => {
                    self.running.push((address, tcp));
                    self.next_at = Some(now + COMPANY_AFTER);
                }
                Err(error) => self.out_at(address, fault(&error)),
            }
        }
        if self.waiting.is_empty() {
            self.next_at = None;
        }
        if self.running.is_empty() {
            return Raced::Lost(self.verdict());
        }
        Raced::NotYet
    }

    fn out_at(&mut self, address: SocketAddr, error: Error) {
        let text = format!("{} [{address}]", error.desc);
        self.out(Error::new(error.code, text));
    }

    /// The attempt ends as the address did with which another attempt may go better. That the
    /// network does not lead to some of them says least: there may be no IPv6 here at all.
    fn out(&mut self, error: Error) {
        let rank = |error: &Error| match error.code {
            codes::SDK_NET_NET_UNREACH => 0,
            codes::SDK_NET_CONN_REFUSE => 1,
            _ => 2,
        };
        if self
            .told
            .as_ref()
            .is_none_or(|told| rank(&error) > rank(told))
        {
            self.told = Some(error);
        }
    }
}

fn start(address: SocketAddr, token: Token, registry: &Registry) -> io::Result<TcpStream> {
    let mut tcp = TcpStream::connect(address)?;
    // Both at once and for good: readiness comes in edges, so a socket that could be written to all
    // the time wakes nobody, and no call is spent on changing it.
    let both = Interest::READABLE | Interest::WRITABLE;
    registry.register(&mut tcp, token, both)?;
    Ok(tcp)
}

/// Whether the connection stands; not yet is false.
fn is_connected(tcp: &TcpStream) -> io::Result<bool> {
    if let Some(error) = tcp.take_error()? {
        return Err(error);
    }
    match tcp.peer_addr() {
        Ok(_) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::NotConnected => Ok(false),
        #[cfg(unix)]
        Err(e) if e.raw_os_error() == Some(libc::EINPROGRESS) => Ok(false),
        Err(e) => Err(e),
    }
}

/// What an instance has learnt of the addresses of one server URL; forgotten with the instance.
#[derive(Debug, Default)]
pub(super) struct Experience {
    /// The one that the last connection was made with.
    worked: Option<SocketAddr>,
    /// Those that took a connection since then and made nothing of it.
    failed: Vec<SocketAddr>,
}

impl Experience {
    pub(super) fn worked(&mut self, address: SocketAddr) {
        self.worked = Some(address);
        self.failed.clear();
    }

    pub(super) fn failed(&mut self, address: SocketAddr) {
        self.worked.take_if(|worked| *worked == address);
        if !self.failed.contains(&address) {
            self.failed.push(address);
        }
    }

    /// The order of the race: what worked, then the others with IPv6 and IPv4 in turn, beginning
    /// with the family that the resolver put first, then what failed.
    pub(super) fn order(&self, found: &[SocketAddr]) -> VecDeque<SocketAddr> {
        let of = |wanted: bool| move |a: &&SocketAddr| a.is_ipv6() == wanted;
        let first = found.first().is_some_and(SocketAddr::is_ipv6);
        let mut one = found.iter().filter(of(first));
        let mut other = found.iter().filter(of(!first));
        let mut order: Vec<SocketAddr> = Vec::new();
        loop {
            let pair = [one.next(), other.next()];
            if pair == [None, None] {
                break;
            }
            for address in pair.into_iter().flatten() {
                if !order.contains(address) {
                    order.push(*address);
                }
            }
        }
        // The sort is stable.
        order.sort_by_key(
            |address| match self.failed.iter().position(|f| f == address) {
                _ if self.worked == Some(*address) => 0,
                None => 1,
                Some(place) => 2 + place,
            },
        );
        order.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn families_take_turns_and_experience_counts() {
        let found = addresses(&[
            "[2001:db8::1]:1",
            "[2001:db8::2]:1",
            "192.0.2.1:1",
            "192.0.2.1:1",
            "192.0.2.2:1",
            "192.0.2.3:1",
        ]);
        let mut experience = Experience::default();
        let in_turn = addresses(&[
            "[2001:db8::1]:1",
            "192.0.2.1:1",
            "[2001:db8::2]:1",
            "192.0.2.2:1",
            "192.0.2.3:1",
        ]);
        assert_eq!(experience.order(&found), in_turn);
        experience.worked(found[4]);
        assert_eq!(experience.order(&found)[0], found[4]);
        experience.failed(found[4]);
        experience.failed(found[0]);
        let order = experience.order(&found);
        assert_eq!(order[0], found[2]);
        assert_eq!(Vec::from(order)[3..], [found[4], found[0]]);
        experience.worked(found[5]);
        assert_eq!(experience.order(&found)[1], found[0], "forgiven");
        // As for `localhost`: the resolver's order decides which family begins.
        let local = addresses(&["127.0.0.1:1", "[::1]:1"]);
        assert_eq!(experience.order(&local), local);
        assert!(experience.order(&[]).is_empty());
    }

    #[test]
    fn the_attempt_ends_as_the_most_hopeful_address_did() {
        let unreachable = || Error::of(codes::SDK_NET_NET_UNREACH);
        let refused = || Error::of(codes::SDK_NET_CONN_REFUSE);
        let reset = || Error::of(codes::SDK_NET_RESET_BY_PEER);
        for (errors, code) in [
            (vec![unreachable(), refused()], codes::SDK_NET_CONN_REFUSE),
            (vec![refused(), unreachable()], codes::SDK_NET_CONN_REFUSE),
            (vec![refused(), reset()], codes::SDK_NET_RESET_BY_PEER),
            (vec![reset(), refused()], codes::SDK_NET_RESET_BY_PEER),
            (vec![], codes::SDK_NET_NET_UNREACH),
        ] {
            let mut race = Race::default();
            for error in errors {
                assert!(!race.disqualify(error));
            }
            assert_eq!(race.verdict().code, code);
        }
    }
}
