//! The network: connections that delay, are cut at any frame, and end at each side in its own time.

use std::collections::VecDeque;

use protocol::{Error, codes, frame};
use tim_core::{Epoch, Input, Why};
use timd::bus::Note;
use timd::logic::SessionId;

use crate::server::Work;
use crate::world::World;

/// How bad the network and the machines are, in thousandths a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults {
    /// A connection is cut at a frame.
    pub cut: u32,
    /// A connection attempt fails.
    pub refuse: u32,
    /// A device's process dies, between turns or within one.
    pub die: u32,
    /// A node of the server restarts.
    pub restart: u32,
    /// A node loses its way to the database for some seconds.
    pub lose_database: u32,
    /// A note between two nodes is lost.
    pub lose_note: u32,
    /// Longest delay of a frame.
    pub delay_ms: u64,
}

impl Faults {
    /// A good network.
    pub const NONE: Faults = Faults {
        cut: 0,
        refuse: 0,
        die: 0,
        restart: 0,
        lose_database: 0,
        lose_note: 0,
        delay_ms: 20,
    };
    /// A train in a tunnel.
    pub const BAD: Faults = Faults {
        cut: 30,
        refuse: 200,
        die: 4,
        restart: 2,
        lose_database: 2,
        lose_note: 50,
        delay_ms: 900,
    };
}

/// A connection between a device and the server. Both ends may see its end at different times.
pub(crate) struct Conn {
    pub device: usize,
    /// Where the server is that it leads to.
    pub machine: usize,
    pub epoch: Epoch,
    /// The device still has it.
    pub is_client_open: bool,
    /// The server still has it.
    pub is_server_open: bool,
    /// The wire is broken: nothing that is sent from now on arrives.
    pub is_cut: bool,
    /// Frames keep their order: nothing arrives before what was sent earlier.
    pub last_to_server: u64,
    pub last_to_client: u64,
    pub work: VecDeque<Work>,
    /// Frames that wait until the login before them is done.
    pub held: VecDeque<Vec<u8>>,
    /// Whose login the server has seen on it.
    pub user: String,
}

pub(crate) enum Happening {
    Connected(SessionId),
    ConnectFailed {
        device: usize,
        life: u32,
        epoch: Epoch,
    },
    ToServer(SessionId, Vec<u8>),
    ToClient(SessionId, Vec<u8>),
    EndAtServer(SessionId),
    /// A note arrives at a life of a machine.
    Note(usize, u32, Note),
    /// With the server's close code and reason, when they arrived.
    EndAtClient(SessionId, Option<(u16, String)>),
}

impl World {
    pub(crate) fn session_of(&self, device: usize, epoch: Epoch) -> Option<SessionId> {
        let mut conns = self.conns.iter();
        let found = conns
            .find(|(_, conn)| conn.device == device && conn.epoch == epoch && conn.is_client_open);
        found.map(|(id, _)| *id)
    }

    pub(crate) fn delay(&mut self) -> u64 {
        let most = self.faults.delay_ms.max(1);
        // Mostly quick, sometimes slow.
        let bound = if self.random.chance(800) {
            most.div_ceil(10)
        } else {
            most
        };
        self.random.number() % bound + 1
    }

    pub(crate) fn connect(&mut self, device: usize, epoch: Epoch) {
        let at = self.now_ms + self.delay();
        let by_chance = self.random.below(self.machines.len());
        let machine = self.homes.get(&device).copied().unwrap_or(by_chance);
        if self.now_ms < self.machines[machine].down_until || self.random.chance(self.faults.refuse)
        {
            let life = self.devices[device].life;
            self.later(
                at,
                Happening::ConnectFailed {
                    device,
                    life,
                    epoch,
                },
            );
            return;
        }
        self.last_session += 1;
        let conn = Conn {
            device,
            machine,
            epoch,
            is_client_open: true,
            is_server_open: false,
            is_cut: false,
            last_to_server: at,
            last_to_client: at,
            work: VecDeque::new(),
            held: VecDeque::new(),
            user: String::new(),
        };
        self.conns.insert(self.last_session, conn);
        self.later(at, Happening::Connected(self.last_session));
    }

    pub(crate) fn send_to_server(&mut self, session: SessionId, frame: Vec<u8>) {
        let at = self.now_ms + self.delay();
        let conn = self.conns.get_mut(&session);
        let Some(conn) = conn.filter(|conn| !conn.is_cut) else {
            return;
        };
        conn.last_to_server = at.max(conn.last_to_server);
        let at = conn.last_to_server;
        self.later(at, Happening::ToServer(session, frame));
        if self.random.chance(self.faults.cut) {
            self.cut(session);
        }
    }

    pub(crate) fn send_to_client(&mut self, session: SessionId, frame: Vec<u8>) {
        let at = self.now_ms + self.delay();
        let conn = self.conns.get_mut(&session);
        let Some(conn) = conn.filter(|conn| !conn.is_cut) else {
            return;
        };
        conn.last_to_client = at.max(conn.last_to_client);
        let at = conn.last_to_client;
        self.later(at, Happening::ToClient(session, frame));
        if self.random.chance(self.faults.cut) {
            self.cut(session);
        }
    }

    /// The wire breaks. Of what is under way a part still arrives, maybe long after the device
    /// has a new connection; each end notices in its own time.
    fn cut(&mut self, session: SessionId) {
        let (keep_up, keep_down) = (self.random.below(4), self.random.below(4));
        let (mut up, mut down) = (0, 0);
        self.agenda.retain(|_, happening| match happening {
            Happening::ToServer(id, _) if *id == session => {
                up += 1;
                up <= keep_up
            }
            Happening::ToClient(id, _) if *id == session => {
                down += 1;
                down <= keep_down
            }
            _ => true,
        });
        let Some(conn) = self.conns.get_mut(&session) else {
            return;
        };
        conn.is_cut = true;
        let (server, client) = (conn.last_to_server, conn.last_to_client);
        let at_server = server.max(self.now_ms) + self.random.number() % 5_000;
        let at_client = client.max(self.now_ms) + self.random.number() % 2_000;
        self.later(at_server, Happening::EndAtServer(session));
        self.later(at_client, Happening::EndAtClient(session, None));
    }

    pub(crate) fn close_client_end(&mut self, session: SessionId) {
        let at = self.now_ms + self.delay();
        let Some(conn) = self.conns.get_mut(&session) else {
            return;
        };
        conn.is_client_open = false;
        let at = conn.last_to_server.max(at);
        self.later(at, Happening::EndAtServer(session));
    }

    pub(crate) fn happen(&mut self, happening: Happening) {
        if self.is_traced {
            self.trace(&happening);
        }
        match happening {
            Happening::Connected(session) => {
                let Some(conn) = self.conns.get_mut(&session) else {
                    return;
                };
                if !conn.is_client_open {
                    return;
                }
                conn.is_server_open = true;
                let (device, epoch, machine) = (conn.device, conn.epoch, conn.machine);
                let now = self.time_at(machine);
                let peer = self.devices[device].address;
                self.server_of(session).connect(session, now, peer);
                self.turn(device, Input::Connected(epoch));
            }
            Happening::ConnectFailed {
                device,
                life,
                epoch,
            } => {
                if self.devices[device].life == life {
                    let why = Why::new(Error::of(codes::SDK_NET_NET_UNREACH));
                    self.turn(device, Input::Disconnected(epoch, why));
                }
            }
            Happening::ToServer(session, frame) => {
                if self
                    .conns
                    .get(&session)
                    .is_some_and(|conn| conn.is_server_open)
                {
                    self.start_work(session, frame);
                }
            }
            Happening::ToClient(session, frame) => {
                let Some(conn) = self.conns.get(&session) else {
                    return;
                };
                if conn.is_client_open {
                    let (device, epoch) = (conn.device, conn.epoch);
                    if let Some(ms) = shutdown(&frame) {
                        self.devices[device].on_retry_after(ms);
                    }
                    self.turn(device, Input::Frame(epoch, &frame));
                }
            }
            Happening::EndAtServer(session) => self.end_at_server(session),
            Happening::Note(machine, life, note) => self.receive(machine, life, note),
            Happening::EndAtClient(session, close) => {
                let Some(conn) = self.conns.get_mut(&session) else {
                    return;
                };
                if !std::mem::replace(&mut conn.is_client_open, false) {
                    return;
                }
                let (device, epoch) = (conn.device, conn.epoch);
                let why = why(close);
                if let Some(ms) = why.retry_after_ms {
                    self.devices[device].on_retry_after(ms);
                }
                self.turn(device, Input::Disconnected(epoch, why));
            }
        }
        self.forget_ended();
    }

    /// Connections that both ends have given up.
    fn forget_ended(&mut self) {
        self.conns
            .retain(|_, conn| conn.is_client_open || conn.is_server_open || !conn.work.is_empty());
    }

    /// The wire of a device breaks, if it has one.
    pub(crate) fn cut_device(&mut self, device: usize) {
        let mut conns = self.conns.iter();
        let found = conns.find(|(_, conn)| conn.device == device && conn.is_client_open);
        if let Some(session) = found.map(|(id, _)| *id) {
            self.cut(session);
        }
    }

    fn trace(&self, happening: &Happening) {
        let (session, what, frame) = match happening {
            Happening::Connected(id) => (*id, "connected", &[][..]),
            Happening::ConnectFailed { device, .. } => {
                eprintln!("{:>7} device {device} cannot connect", self.now_ms);
                return;
            }
            Happening::ToServer(id, frame) => (*id, ">", &frame[..]),
            Happening::ToClient(id, frame) => (*id, "<", &frame[..]),
            Happening::EndAtServer(id) => (*id, "ends at the server", &[][..]),
            Happening::EndAtClient(id, _) => (*id, "ends at the device", &[][..]),
            Happening::Note(machine, _, note) => {
                eprintln!("{:>7} machine {machine} gets {note:?}", self.now_ms);
                return;
            }
        };
        let Some(conn) = self.conns.get(&session) else {
            return;
        };
        let frame = String::from_utf8_lossy(frame);
        let (at, device, user) = (self.now_ms, conn.device, &conn.user);
        let ends = (conn.is_client_open, conn.is_server_open);
        eprintln!("{at:>7} device {device} {user} #{session} {ends:?} {what} {frame}");
    }
}

/// How long to stay away, when the server says so before it stops.
fn shutdown(frame: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(frame).ok()?;
    let head = r#"{"ev":"session.shutdown","body":{"retry_after_ms":"#;
    let number = text.strip_prefix(head)?;
    number.trim_end_matches('}').parse().ok()
}

/// The end of a connection as the network layer of the library tells it.
fn why(close: Option<(u16, String)>) -> Why {
    let Some((code, reason)) = close else {
        return Why::new(Error::of(codes::SDK_NET_DISCONNECT));
    };
    let error = Error::of(match code {
        frame::close::GOING_AWAY => codes::SERVER_SHUTDOWN,
        frame::close::BUSY => codes::SERVER_BUSY,
        frame::close::PROTOCOL => codes::PROTOCOL,
        _ => codes::SDK_NET_DISCONNECT,
    });
    let retry_after = reason.strip_prefix("retry_after_ms=");
    Why {
        error,
        close_code: Some(code),
        retry_after_ms: retry_after.and_then(|ms| ms.parse().ok()),
    }
}
