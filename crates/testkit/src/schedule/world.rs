//! Nodes, connections, notes, and what can go on next.

mod nodes;

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::task::noop_waker_ref;
use parking_lot::Mutex;
use protocol::message::EV_NEW;
use protocol::user::EV_STATUS;
use timd::bus::{Bus, Note};
use timd::logic::{Frame, Harness, LEASE_MS, LogicConfig, Outcome, Output, SessionId};
use timd::repo::NodeId;

use super::client::{Asked, Client, Heard};
use super::engine::{Database, Store};
use super::{BEGIN_MS, Met, USERS};
use crate::Random;
use crate::server::ready;

type Server = Harness<Database, Wire>;

/// The end of the bus at one node.
pub struct Wire {
    node: usize,
    wires: Arc<Mutex<Wires>>,
}

#[derive(Default)]
struct Wires {
    sent: Vec<(usize, NodeId, Note)>,
    /// The node that each machine is.
    nodes: BTreeMap<NodeId, usize>,
}

impl Bus for Wire {
    fn is_shared(&self) -> bool {
        true
    }

    fn publish(&self, to: NodeId, note: &Note) {
        // As it goes over a real one.
        let note = Note::from_bytes(&note.to_bytes().into()).expect("a note of this version");
        self.wires.lock().sent.push((self.node, to, note));
    }

    async fn attend(&self, node: NodeId) -> Result<(), String> {
        let mut wires = self.wires.lock();
        wires.nodes.retain(|_, machine| *machine != self.node);
        wires.nodes.insert(node, self.node);
        Ok(())
    }
}

/// A machine, and the node that runs there.
pub(super) struct Node {
    pub server: Option<Arc<Server>>,
    pub is_cut: Arc<AtomicBool>,
    /// Since when it is without the database.
    pub cut_since: u64,
    /// No note leaves or arrives; to which others some were lost.
    pub is_deaf: bool,
    pub lost_to: u32,
    pub is_stopping: bool,
    /// The machine stands still, and everything on it.
    pub is_asleep: bool,
    is_beating: bool,
    keeps_house: bool,
}

pub(super) struct Conn {
    pub client: usize,
    pub node: usize,
    up: VecDeque<String>,
    down: VecDeque<Down>,
    is_running: bool,
    /// The node still has it.
    is_open: bool,
    /// The node hears nothing more on it.
    is_ending: bool,
    /// The wire is broken, or the client has closed it: the node will see.
    pub is_cut: bool,
    is_closed_by_client: bool,
}

enum Down {
    Frame(Frame),
    Close,
    /// The end of the wire.
    End,
}

enum Task {
    Request(SessionId, bool, Pin<Box<dyn Future<Output = Outcome>>>),
    Gone(Pin<Box<dyn Future<Output = ()>>>),
    Beat(Pin<Box<dyn Future<Output = ()>>>),
    House(Pin<Box<dyn Future<Output = ()>>>),
    Resign(Pin<Box<dyn Future<Output = ()>>>),
}

/// What can go on.
#[derive(Debug, Clone, Copy)]
enum Choice {
    Task(usize),
    Note(usize),
    Up(SessionId),
    Down(SessionId),
    End(SessionId),
}

/// One schedule.
pub(super) struct World {
    pub random: Random,
    pub app_id: u64,
    pub store: Arc<Store>,
    tickets: Vec<String>,
    pub nodes: Vec<Node>,
    wires: Arc<Mutex<Wires>>,
    /// Notes from each machine to each, in their order.
    links: Vec<VecDeque<Note>>,
    /// Tasks with their machine, some of them slow.
    tasks: Vec<(usize, bool, Task)>,
    pub conns: BTreeMap<SessionId, Conn>,
    last_session: SessionId,
    pub clients: Vec<Client>,
    pub now: u64,
    /// Something broke, so that events may have got lost on their way until a heartbeat; or, with
    /// the nodes' knowledge, until they have looked.
    pub is_lossy: bool,
    pub is_deaf_lossy: bool,
    /// The last commit before everything was quiet after a user's last subscription.
    pub quiet: [u64; USERS.len()],
    choices: Vec<Choice>,
    pub is_traced: bool,
    pub trace: Vec<String>,
    pub broken: Option<String>,
    pub met: Met,
}

macro_rules! tell {
    ($world:expr, $($text:tt)*) => {
        if $world.is_traced {
            let line = format!($($text)*);
            $world.trace.push(line);
        }
    };
}
pub(super) use tell;

impl World {
    pub fn new(
        seed: u64,
        app_id: u64,
        store: Arc<Store>,
        tickets: &[String],
        is_traced: bool,
    ) -> Self {
        let mut random = Random::new(seed);
        let count = 2 + random.below(2);
        let mut world = Self {
            random,
            app_id,
            store,
            tickets: tickets.to_vec(),
            nodes: Vec::new(),
            wires: Arc::default(),
            links: (0..count * count).map(|_| VecDeque::new()).collect(),
            tasks: Vec::new(),
            conns: BTreeMap::new(),
            last_session: 0,
            clients: Vec::new(),
            now: 0,
            is_lossy: false,
            is_deaf_lossy: false,
            quiet: Default::default(),
            choices: Vec::new(),
            is_traced,
            trace: Vec::new(),
            broken: None,
            met: Met {
                schedules: 1,
                ..Met::default()
            },
        };
        for machine in 0..count {
            world.nodes.push(Node {
                server: None,
                is_cut: Arc::default(),
                cut_since: 0,
                is_deaf: false,
                lost_to: 0,
                is_stopping: false,
                is_asleep: false,
                is_beating: false,
                keeps_house: false,
            });
            world.start(machine);
        }
        world
    }

    /// Breaks the schedule off.
    pub fn fail(&mut self, what: String) {
        tell!(self, "BROKEN {what}");
        self.broken.get_or_insert(what);
    }

    pub fn check(&mut self) -> Result<(), String> {
        let stored = self.store.book().broken.take();
        match stored.or_else(|| self.broken.take()) {
            Some(what) => Err(what),
            None => Ok(()),
        }
    }

    // Nodes.

    pub fn connect(&mut self, client: usize, machine: usize) {
        let Some(server) = self.nodes[machine].server.clone() else {
            return;
        };
        self.last_session += 1;
        let session = self.last_session;
        tell!(
            self,
            "{} device {client} connects to node {machine}: #{session}",
            self.now
        );
        let conn = Conn {
            client,
            node: machine,
            up: VecDeque::new(),
            down: VecDeque::new(),
            is_running: false,
            is_open: true,
            is_ending: false,
            is_cut: false,
            is_closed_by_client: false,
        };
        self.conns.insert(session, conn);
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        server.connect(session, BEGIN_MS + self.now, peer);
        let outputs = server.take();
        self.let_out(outputs);
        let user = self.clients[client].user;
        let ticket = self.tickets[user].clone();
        self.clients[client].conn = Some(session);
        self.clients[client].connected = self.store.book().commits;
        let login = self.clients[client].login(self.app_id, &ticket);
        self.send(client, login);
    }

    pub fn send(&mut self, client: usize, frame: String) {
        let Some(session) = self.clients[client].conn else {
            return;
        };
        tell!(
            self,
            "{} #{session} device {client} > {}",
            self.now,
            shorten(&frame)
        );
        let conn = self.conns.get_mut(&session).expect("a client's connection");
        conn.up.push_back(frame);
    }

    /// The client's side of a connection ends.
    pub fn leave(&mut self, client: usize, is_cut: bool) {
        let Some(session) = self.clients[client].conn else {
            return;
        };
        tell!(
            self,
            "{} #{session} device {client} is off (cut: {is_cut})",
            self.now
        );
        self.clients[client].lost();
        let keep = self.random.below(4);
        let conn = self.conns.get_mut(&session).expect("a client's connection");
        conn.is_cut |= is_cut;
        conn.is_closed_by_client = true;
        conn.down.clear();
        if is_cut {
            conn.up.truncate(keep);
        }
    }

    fn end_at_node(&mut self, session: SessionId) {
        let Some(conn) = self.conns.get_mut(&session).filter(|c| c.is_open) else {
            return;
        };
        conn.is_ending = true;
        conn.up.clear();
        if conn.is_running {
            return;
        }
        conn.is_open = false;
        let machine = conn.node;
        if let Some(server) = self.nodes[machine].server.clone() {
            let now = BEGIN_MS + self.now;
            let logic = async move { server.logic().disconnected(session, now).await };
            self.spawn(machine, Task::Gone(Box::pin(logic)));
        }
    }

    fn let_out(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Send(session, frame) => {
                    if let Some(conn) = self.conns.get_mut(&session).filter(|c| c.is_open)
                        && !conn.is_closed_by_client
                    {
                        conn.down.push_back(Down::Frame(frame));
                    }
                }
                Output::Close(session, ..) => {
                    if let Some(conn) = self.conns.get_mut(&session).filter(|c| c.is_open) {
                        if !conn.is_closed_by_client {
                            conn.down.push_back(Down::Close);
                        }
                        self.end_at_node(session);
                    }
                }
            }
        }
        self.carry();
    }

    /// What was handed to the bus gets on its way.
    fn carry(&mut self) {
        let mut wires = self.wires.lock();
        for (from, to, note) in std::mem::take(&mut wires.sent) {
            let Some(&to) = wires.nodes.get(&to) else {
                continue;
            };
            if self.nodes[from].is_deaf || self.nodes[to].is_deaf {
                let (deaf, other) = if self.nodes[from].is_deaf {
                    (from, to)
                } else {
                    (to, from)
                };
                self.nodes[deaf].lost_to |= 1 << other;
                self.nodes[from].lost_to |= 1 << to;
                self.is_deaf_lossy = true;
                continue;
            }
            self.links[from * self.nodes.len() + to].push_back(note);
        }
    }

    /// A note is lost, and nobody knows.
    pub fn lose_a_note(&mut self) {
        let full: Vec<usize> = (0..self.links.len())
            .filter(|link| !self.links[*link].is_empty())
            .collect();
        if !full.is_empty() {
            let link = *self.random.pick(&full);
            let note = self.links[link].pop_front();
            tell!(self, "{} lost: {note:?}", self.now);
            self.is_lossy = true;
        }
    }

    // What goes on.

    /// Goes on with something. False: nothing is going on.
    pub fn go_on(&mut self) -> bool {
        self.choices.clear();
        let is_awake = |machine: usize| !self.nodes[machine].is_asleep;
        let tasks = 0..self.tasks.len();
        let tasks = tasks.filter(|task| is_awake(self.tasks[*task].0));
        self.choices.extend(tasks.map(Choice::Task));
        for (link, notes) in self.links.iter().enumerate() {
            if !notes.is_empty() && is_awake(link % self.nodes.len()) {
                self.choices.push(Choice::Note(link));
            }
        }
        for (session, conn) in &self.conns {
            let hears = conn.is_open && !conn.is_ending && is_awake(conn.node);
            if hears && !conn.is_running && !conn.up.is_empty() {
                self.choices.push(Choice::Up(*session));
            } else if hears && conn.is_closed_by_client {
                self.choices.push(Choice::End(*session));
            }
            if !conn.down.is_empty() && !conn.is_closed_by_client {
                self.choices.push(Choice::Down(*session));
            }
        }
        if self.choices.is_empty() {
            return false;
        }
        self.met.choices += 1;
        let mut choice = self.choices[self.random.below(self.choices.len())];
        // What is slow waits for others most of the time.
        for _ in 0..4 {
            match choice {
                Choice::Task(task) if self.tasks[task].1 => {
                    choice = self.choices[self.random.below(self.choices.len())];
                }
                _ => break,
            }
        }
        self.choose(choice);
        true
    }

    /// Goes on until nothing is going on any more.
    pub fn drain(&mut self) {
        while self.go_on() {}
        let book = self.store.book();
        for client in self.clients.iter_mut().filter(|c| c.is_in) {
            client.quiet = client.quiet.min(book.commits);
        }
        for (user, quiet) in self.quiet.iter_mut().enumerate() {
            if book.subscribed[user] > *quiet {
                *quiet = book.commits;
            }
        }
    }

    fn choose(&mut self, choice: Choice) {
        match choice {
            Choice::Task(task) => self.poll(task),
            Choice::Note(link) => {
                let note = self.links[link].pop_front().expect("listed above");
                let machine = link % self.nodes.len();
                tell!(
                    self,
                    "{} node {machine} hears {}",
                    self.now,
                    shorten(&format!("{note:?}"))
                );
                if let Some(server) = self.nodes[machine].server.clone() {
                    let outputs = server.receive(note, BEGIN_MS + self.now);
                    self.let_out(outputs);
                }
            }
            Choice::Up(session) => self.begin(session),
            Choice::End(session) => self.end_at_node(session),
            Choice::Down(session) => {
                let conn = self.conns.get_mut(&session).expect("listed above");
                let client = conn.client;
                match conn.down.pop_front() {
                    Some(Down::Frame(frame)) => self.hear(session, client, &frame),
                    Some(Down::Close | Down::End) => self.leave(client, true),
                    None => {}
                }
            }
        }
    }

    fn begin(&mut self, session: SessionId) {
        let conn = self.conns.get_mut(&session).expect("listed above");
        let frame = conn.up.pop_front().expect("listed above");
        conn.is_running = true;
        let machine = conn.node;
        let Some(server) = self.nodes[machine].server.clone() else {
            return;
        };
        assert!(!server.logic().may_pipeline(session));
        let is_send = frame.contains("message.send");
        let now = BEGIN_MS + self.now;
        let request = Box::pin(async move { server.handle(session, now, frame.as_bytes()).await });
        self.spawn(machine, Task::Request(session, is_send, request));
        // As the real server does, it is asked once at once.
        self.poll(self.tasks.len() - 1);
    }

    fn poll(&mut self, task: usize) {
        let machine = self.tasks[task].0;
        let Some(server) = self.nodes[machine].server.clone() else {
            return;
        };
        let mut done = None;
        let is_done = match &mut self.tasks[task].2 {
            Task::Request(_, _, future) => match poll(future.as_mut()) {
                Some(outcome) => {
                    done = Some(outcome);
                    true
                }
                None => false,
            },
            Task::Gone(future)
            | Task::Beat(future)
            | Task::House(future)
            | Task::Resign(future) => poll(future.as_mut()).is_some(),
        };
        if self.is_traced {
            let what = match &self.tasks[task].2 {
                Task::Request(session, ..) => format!("#{session}"),
                Task::Gone(_) => "gone".to_owned(),
                Task::Beat(_) => "beat".to_owned(),
                Task::House(_) => "house".to_owned(),
                Task::Resign(_) => "resign".to_owned(),
            };
            tell!(
                self,
                "{} node {machine} goes on with {what}, done: {is_done}",
                self.now
            );
        }
        self.let_out(in_order(server.take()));
        if !is_done {
            return;
        }
        match self.tasks.swap_remove(task).2 {
            Task::Request(session, is_send, _) => {
                let outcome = done.expect("it is done");
                let outputs = server.apply(session, outcome);
                if is_send {
                    self.check_others_first(session, &outputs);
                }
                self.let_out(outputs);
                if let Some(conn) = self.conns.get_mut(&session) {
                    conn.is_running = false;
                    if conn.is_ending {
                        self.end_at_node(session);
                    }
                }
            }
            Task::Gone(_) => self.resign_if_empty(machine),
            Task::Beat(_) => {
                self.nodes[machine].is_beating = false;
                if !std::mem::replace(&mut self.nodes[machine].keeps_house, true) {
                    let now = BEGIN_MS + self.now;
                    let house = async move { server.logic().keep_house(now).await };
                    self.spawn(machine, Task::House(Box::pin(house)));
                }
            }
            Task::House(_) => self.nodes[machine].keeps_house = false,
            Task::Resign(_) => self.crash(machine),
        }
    }

    /// Somebody waits for a message there, and here for a confirmation.
    fn check_others_first(&mut self, session: SessionId, outputs: &[Output]) {
        let user_of = |session: &SessionId| {
            let client = self.conns.get(session).map(|conn| conn.client);
            client.map(|client| self.clients[client].user)
        };
        let own = user_of(&session);
        let is_answer = |output: &Output| matches!(output, Output::Send(to, frame) if *to == session && frame.starts_with(b"{\"id\""));
        let is_theirs = |output: &Output| match output {
            Output::Send(to, frame) => {
                let is_event = frame.starts_with(b"{\"ev\"");
                let text = std::str::from_utf8(frame).unwrap_or_default();
                is_event
                    && (text.contains(EV_NEW) || text.contains(EV_STATUS))
                    && user_of(to) != own
            }
            Output::Close(..) => false,
        };
        let answer = outputs.iter().position(is_answer);
        let last = outputs.iter().rposition(is_theirs);
        if let (Some(answer), Some(last)) = (answer, last)
            && answer < last
        {
            self.fail("the sender has the answer before the receiver has the message".into());
        }
    }

    fn hear(&mut self, session: SessionId, client: usize, frame: &[u8]) {
        if self.clients[client].conn != Some(session) {
            return;
        }
        if self.is_traced {
            let text = String::from_utf8_lossy(frame).into_owned();
            tell!(
                self,
                "{} #{session} device {client} < {}",
                self.now,
                shorten(&text)
            );
        }
        let commits = self.store.book().commits;
        let heard = self.clients[client].hear(frame, commits);
        match heard {
            Heard::Nothing => {}
            Heard::In => {
                self.met.logins += 1;
                if !self.clients[client].wants {
                    self.leave(client, false);
                    return;
                }
                for (number, to) in self.clients[client].unanswered.clone() {
                    let frame = self.clients[client].message(number, to);
                    self.send(client, frame);
                }
            }
            Heard::Displaced => {
                self.met.displaced += 1;
                let at = self.store.book().displaced[client];
                let told = &mut self.clients[client].told_until;
                let was_displaced = at > std::mem::replace(told, commits);
                if self.clients[client].wants && !was_displaced {
                    self.fail(format!(
                        "device {client} is told to go, and nobody took its place"
                    ));
                }
                self.clients[client].leaves();
                self.leave(client, false);
            }
            Heard::Over => self.leave(client, false),
            Heard::Error(what) => self.fail(format!("device {client}: {what}")),
        }
    }

    pub fn ask(&mut self, client: usize, asked: Asked, op: &str, body: &str) {
        let frame = self.clients[client].ask(asked, op, body);
        self.send(client, frame);
    }

    /// Whether a connection is still known at its node.
    pub fn is_open_at_node(&self, session: SessionId) -> bool {
        self.conns.get(&session).is_some_and(|conn| conn.is_open)
    }
}

fn poll<T>(future: Pin<&mut (dyn Future<Output = T> + '_)>) -> Option<T> {
    match future.poll(&mut Context::from_waker(noop_waker_ref())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// The order of one session's outputs is a promise, that of the sessions is chance.
fn in_order(mut outputs: Vec<Output>) -> Vec<Output> {
    outputs.sort_by_key(|output| match output {
        Output::Send(session, _) | Output::Close(session, ..) => *session,
    });
    outputs
}

/// A trace has lines that can be read.
fn shorten(text: &str) -> &str {
    let end = text
        .char_indices()
        .nth(400)
        .map_or(text.len(), |(at, _)| at);
    &text[..end]
}
