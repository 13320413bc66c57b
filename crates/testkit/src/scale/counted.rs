//! A database and a bus that count.

use std::any::type_name_of_val;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rusqlite::Connection;
use timd::bus::{self, Note};
use timd::repo::sqlite::{Engine, SqliteRepo};
use timd::repo::{NodeId, Result};

pub(super) type Database = SqliteRepo<Way>;

/// The kinds of notes.
pub const NOTES: [&str; 4] = ["event", "news", "standing", "watching"];

/// What happened so far.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Notes of each kind.
    pub notes: [u64; NOTES.len()],
    pub note_bytes: u64,
    pub frames: u64,
    pub frame_bytes: u64,
    /// By operation: how often, rows written, time.
    pub operations: BTreeMap<&'static str, (u64, u64, Duration)>,
}

impl Tally {
    /// What came to it since.
    pub fn since(mut self, before: &Tally) -> Tally {
        for (now, then) in self.notes.iter_mut().zip(before.notes) {
            *now -= then;
        }
        self.note_bytes -= before.note_bytes;
        self.frames -= before.frames;
        self.frame_bytes -= before.frame_bytes;
        for (name, then) in &before.operations {
            if let Some(now) = self.operations.get_mut(name) {
                *now = (now.0 - then.0, now.1 - then.1, now.2 - then.2);
            }
        }
        self.operations.retain(|_, now| now.0 > 0);
        self
    }

    pub fn all_notes(&self) -> u64 {
        self.notes.iter().sum()
    }
}

/// The database of all nodes.
pub(super) struct Books {
    conn: Mutex<Connection>,
    operations: Mutex<BTreeMap<&'static str, (u64, u64, Duration)>>,
}

impl Books {
    pub fn new() -> Self {
        Self {
            conn: Mutex::new(crate::engine::in_memory()),
            operations: Mutex::default(),
        }
    }

    pub fn way(self: &Arc<Self>) -> Database {
        SqliteRepo(Way(self.clone()))
    }

    pub fn tally(&self, wires: &Wires) -> Tally {
        let wires = wires.0.lock();
        Tally {
            notes: wires.notes,
            note_bytes: wires.bytes,
            operations: self.operations.lock().clone(),
            ..Tally::default()
        }
    }

    fn count<T>(&self, name: &'static str, f: impl FnOnce(&Connection) -> T) -> T {
        let conn = self.conn.lock();
        let (before, begun) = (conn.total_changes(), Instant::now());
        let result = f(&conn);
        let mut operations = self.operations.lock();
        let (times, rows, time) = operations.entry(name).or_default();
        *times += 1;
        *rows += conn.total_changes() - before;
        *time += begun.elapsed();
        result
    }
}

/// The operation that a transaction belongs to, by the name of the function that it was written in.
fn operation<F>(f: &F) -> &'static str {
    let function = type_name_of_val(f).split("::{{closure}}").next();
    function.and_then(|f| f.rsplit("::").next()).unwrap_or("?")
}

/// A node's way there: nothing ever waits.
pub struct Way(Arc<Books>);

impl Engine for Way {
    async fn read<T: Send + 'static>(
        &self,
        f: impl Fn(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.count(operation(&f), f)
    }

    async fn write<T: Send + 'static>(
        &self,
        f: impl Fn(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.count(operation(&f), |conn| {
            conn.prepare_cached("BEGIN")?.execute([])?;
            let result = f(conn);
            let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
            conn.prepare_cached(end)?.execute([])?;
            result
        })
    }

    fn is_shared(&self) -> bool {
        true
    }
}

#[derive(Default)]
struct Sent {
    nodes: BTreeMap<NodeId, usize>,
    queue: VecDeque<(usize, Vec<u8>)>,
    notes: [u64; NOTES.len()],
    bytes: u64,
    most: usize,
}

/// What is on its way between nodes.
#[derive(Default)]
pub(super) struct Wires(Mutex<Sent>);

impl Wires {
    pub fn next(&self) -> Option<(usize, Note)> {
        let (node, bytes) = self.0.lock().queue.pop_front()?;
        let note = Note::from_bytes(&bytes.into()).expect("a note of this version");
        Some((node, note))
    }

    pub fn forget(&self, node: usize) {
        let mut sent = self.0.lock();
        sent.nodes.retain(|_, machine| *machine != node);
        sent.queue.retain(|(to, _)| *to != node);
    }

    /// So many waited at once.
    pub fn most_waiting(&self) -> usize {
        self.0.lock().most
    }
}

/// The end of the bus at a node.
pub struct Bus {
    node: usize,
    wires: Arc<Wires>,
}

impl Bus {
    pub(super) fn new(node: usize, wires: Arc<Wires>) -> Self {
        Self { node, wires }
    }
}

impl bus::Bus for Bus {
    fn is_shared(&self) -> bool {
        true
    }

    fn publish(&self, to: NodeId, note: &Note) {
        let mut sent = self.wires.0.lock();
        let kind = match note {
            Note::Push(_) | Note::Fan { .. } => 0,
            Note::News(_) => 1,
            Note::Standing(..) => 2,
            Note::Watching(..) | Note::Missed => 3,
        };
        let bytes = note.to_bytes();
        sent.notes[kind] += 1;
        sent.bytes += bytes.len() as u64;
        if let Some(&node) = sent.nodes.get(&to) {
            sent.queue.push_back((node, bytes));
            sent.most = sent.most.max(sent.queue.len());
        }
    }

    async fn attend(&self, node: NodeId) -> std::result::Result<(), String> {
        let mut sent = self.wires.0.lock();
        sent.nodes.retain(|_, machine| *machine != self.node);
        sent.nodes.insert(node, self.node);
        Ok(())
    }
}
