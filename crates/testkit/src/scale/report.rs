//! What a day took, beside the arithmetic that says what it may take.

use std::fmt::Write;

use timd::logic::Census;

use super::{NOTES, Part, Size, WATCHED};

/// What the most popular users have more than the average of devices.
const MARGIN: f64 = 1.05;

/// One day.
#[derive(Debug)]
pub struct Report {
    pub size: Size,
    pub connections: u64,
    /// What the nodes hold, and on the heap of all, after everybody has come.
    pub arrived: Vec<Census>,
    pub bytes_arrived: usize,
    /// After everybody watches somebody.
    pub watching: Vec<Census>,
    pub bytes_watching: usize,
    /// Users on nodes, and those watched by each of these.
    pub seats: u64,
    pub watched: u64,
    /// After all that.
    pub busy: Vec<Census>,
    pub bytes_busy: usize,
    /// After everybody has gone.
    pub left: Vec<Census>,
    pub bytes_left: usize,
    /// Most notes that ever waited.
    pub waiting: usize,
    pub parts: Vec<Part>,
}

/// A figure, and what it may be.
struct Line {
    what: String,
    figure: f64,
    most: f64,
    because: String,
}

/// On how many of so many nodes something is that is on one of them each time, this node aside.
fn other_nodes(nodes: f64, times: f64) -> f64 {
    (nodes - 1.0) * (1.0 - (1.0 - 1.0 / nodes).powf(times))
}

fn sum(census: &[Census], of: fn(&Census) -> usize) -> f64 {
    census.iter().map(of).sum::<usize>() as f64
}

impl Report {
    pub(super) fn new(size: Size) -> Self {
        Self {
            size,
            connections: 0,
            arrived: Vec::new(),
            bytes_arrived: 0,
            watching: Vec::new(),
            bytes_watching: 0,
            seats: 0,
            watched: 0,
            busy: Vec::new(),
            bytes_busy: 0,
            left: Vec::new(),
            bytes_left: 0,
            waiting: 0,
            parts: Vec::new(),
        }
    }

    fn part(&self, name: &str) -> &Part {
        let found = self.parts.iter().find(|part| part.name == name);
        found.expect("a part of every day")
    }

    fn notes(&self, name: &str) -> f64 {
        let part = self.part(name);
        part.tally.all_notes() as f64 / part.count as f64
    }

    fn operations(&self, name: &str, of: &[&str]) -> f64 {
        let part = self.part(name);
        let times = of.iter().filter_map(|name| part.tally.operations.get(name));
        times.map(|(times, ..)| *times).sum::<u64>() as f64 / part.count as f64
    }

    fn lines(&self) -> Vec<Line> {
        let nodes = self.size.nodes as f64;
        let connections = self.connections as f64;
        let mut lines = Vec::new();
        let mut line = |what: &str, figure: f64, most: f64, because: &str| {
            lines.push(Line {
                what: what.to_owned(),
                figure,
                most,
                because: because.to_owned(),
            });
        };
        let per_node = connections / nodes;
        let sessions = |c: &Census| c.sessions;
        let most = self.arrived.iter().map(sessions).max().unwrap_or_default() as f64;
        // Six standard deviations of where chance puts them.
        let chance = 6.0 * per_node.sqrt();
        line(
            "connections of the fullest node",
            most,
            per_node + chance,
            "all / nodes, and chance",
        );
        let online = sum(&self.watching, |c| c.online);
        line(
            "users in registries",
            online,
            self.seats as f64,
            "each where he is connected",
        );
        let watchers = sum(&self.watching, |c| c.watchers);
        line(
            "entries of who watches",
            watchers,
            self.watched as f64,
            "users x nodes of each x watched",
        );
        let keys = sum(&self.watching, |c| c.watched);
        let users = self.size.users as f64;
        line(
            "users who are watched, on nodes",
            keys,
            watchers.min(users * nodes),
            "at most all, on each node",
        );
        let bytes = self.bytes_arrived as f64 / connections;
        line(
            "bytes a connection, of the logic",
            bytes,
            1_800.0,
            "registry alone, no sockets",
        );
        let bytes = self.bytes_watching as f64 / watchers.max(1.0);
        line(
            "bytes an entry of who watches",
            bytes,
            260.0,
            "a name twice, an account",
        );
        line(
            "most notes that waited at once",
            self.waiting as f64,
            (per_node / 2.0 + 100.0) * (nodes + 5.0),
            "half of a dead node's users, told to all who watch; here the bus carries nothing meanwhile",
        );

        // Of two users one has two devices: a device has half a chance that there is another one, and
        // two in three devices are one of two.
        let others = other_nodes(nodes, 2.0 / 3.0);
        let theirs = other_nodes(nodes, 1.5);
        // Watchers are users with 1.5 devices.
        let news = other_nodes(nodes, WATCHED as f64 * 1.5);
        line(
            "notes a message",
            self.notes("message"),
            theirs + others,
            "other nodes of both users",
        );
        line(
            "notes a read mark",
            self.notes("read mark"),
            theirs + others,
            "the same",
        );
        let one = self.notes("custom status");
        line(
            "notes a custom status",
            one,
            news + 2.0 * others,
            "other nodes of 50 x 1.5 watchers; own devices, twice",
        );
        let one = self.notes("profile");
        line(
            "notes a profile",
            one,
            others,
            "own devices; nobody watches profiles here",
        );
        let one = self.notes("connection lost, and back");
        line(
            "notes a reconnect",
            one,
            2.0 * (news + others),
            "the same for going and coming",
        );
        let one = self.notes("user of a node that died");
        line(
            "notes a user of a dead node",
            one,
            3.0 * (news + others),
            "coming at once, being found gone, coming late",
        );
        let one = self.notes("connection moved by a stop");
        line(
            "notes a connection moved",
            one,
            2.0 * (news + others),
            "going and coming",
        );
        line("notes a heartbeat", self.notes("heartbeat"), 0.0, "none");
        line(
            "notes a first login",
            self.notes("login, the first one"),
            others,
            "own devices",
        );

        let message = ["send_message", "routes"];
        line(
            "operations a message",
            self.operations("message", &message),
            2.0,
            "store it; where its users are",
        );
        let all: Vec<&str> = self
            .part("message")
            .tally
            .operations
            .keys()
            .copied()
            .collect();
        line(
            "operations a message, of any kind",
            self.operations("message", &all),
            2.1,
            "and beats",
        );
        let login = [
            "login_view",
            "enter",
            "leave",
            "watching_nodes",
            "routes",
            "register",
        ];
        let figure = self.operations("connection lost, and back", &login);
        line(
            "operations a reconnect",
            figure,
            5.0,
            "leave, look, enter; twice who watches",
        );
        let figure = self.operations("heartbeat", &["heads"]);
        line(
            "operations a heartbeat",
            figure,
            1.0,
            "how far the user has come",
        );
        for part in &self.parts {
            let (name, tally) = (part.name, &part.tally);
            let times: u64 = tally.operations.values().map(|(times, ..)| *times).sum();
            let each = times as f64 / part.count as f64;
            line(
                &format!("all operations: {name}"),
                each,
                12.0,
                "a dozen at most",
            );
        }

        let none = 0.0;
        for (what, of) in [
            ("connections left over", sessions as fn(&Census) -> usize),
            ("users left over", |c: &Census| c.online),
            ("watched users left over", |c: &Census| c.watched),
            ("events left waiting", |c: &Census| c.waiting),
            ("debts left over", |c: &Census| c.debts),
            ("active users still remembered", |c: &Census| c.counted),
        ] {
            line(what, sum(&self.left, of), none, "everybody has gone");
        }
        let others = sum(&self.left, |c| c.nodes);
        line(
            "nodes remembered",
            others,
            nodes * (nodes - 1.0),
            "each knows the others",
        );
        let left = self.bytes_left as f64 / connections;
        line(
            "bytes a connection left over",
            left,
            self.bytes_busy as f64 / connections * 0.5 + 60.0,
            "tables keep the room of the fullest moment",
        );
        lines
    }
}

/// A table of all days, and what grew more than it may.
pub fn compare(reports: &[Report]) -> (String, Vec<String>) {
    let mut out = String::new();
    let mut wrong = Vec::new();
    let head = |size: &Size| format!("{} on {}", size.users, size.nodes);
    let _ = write!(out, "{:<42}", "users on nodes");
    for report in reports {
        let _ = write!(out, "{:>23}", head(&report.size));
    }
    let _ = writeln!(out);
    let columns: Vec<Vec<Line>> = reports.iter().map(Report::lines).collect();
    for row in 0..columns[0].len() {
        let _ = write!(out, "{:<42}", columns[0][row].what);
        for (report, column) in reports.iter().zip(&columns) {
            let line = &column[row];
            let sign = if line.figure <= line.most * MARGIN + 1e-9 {
                "<="
            } else {
                "> "
            };
            if sign != "<=" {
                wrong.push(format!(
                    "{}: {} is {:.2}, and at most {:.2}: {}",
                    head(&report.size),
                    line.what,
                    line.figure,
                    line.most,
                    line.because
                ));
            }
            let _ = write!(
                out,
                "{:>23}",
                format!("{} {sign} {}", short(line.figure), short(line.most))
            );
        }
        let _ = writeln!(out, "  {}", columns[0][row].because);
    }
    // What one thing costs must not depend on how many users there are.
    for (first, other) in reports
        .iter()
        .zip(columns.iter())
        .flat_map(|(report, column)| {
            let same = reports.iter().zip(&columns);
            same.filter(|(r, _)| {
                r.size.nodes == report.size.nodes && r.size.users > report.size.users
            })
            .map(move |(r, c)| ((report, column), (r, c)))
        })
    {
        for (small, large) in first.1.iter().zip(other.1) {
            let is_each = ["notes a", "operations", "bytes a", "all operations"];
            let is_each = is_each.iter().any(|name| small.what.starts_with(name));
            if is_each && large.figure > small.figure * 1.15 + 0.1 {
                wrong.push(format!(
                    "{}: {:.2} for {}, {:.2} for {}",
                    small.what,
                    small.figure,
                    head(&first.0.size),
                    large.figure,
                    head(&other.0.size)
                ));
            }
        }
    }
    (out, wrong)
}

fn short(n: f64) -> String {
    match n {
        n if n >= 1000.0 => format!("{n:.0}"),
        n if n >= 100.0 => format!("{n:.1}"),
        n => format!("{n:.2}"),
    }
}

/// Notes by kind, bytes, operations and rows, for each part of a day.
pub fn details(report: &Report) -> String {
    let mut out = String::new();
    let Size { users, nodes } = report.size;
    let _ = writeln!(out, "{users} users on {nodes} nodes, for one of each:");
    for part in &report.parts {
        let Part {
            name,
            count,
            tally,
            time,
        } = part;
        let each = |n: u64| n as f64 / *count as f64;
        let kinds = NOTES.iter().zip(tally.notes).filter(|(_, n)| *n > 0);
        let kinds: Vec<String> = kinds
            .map(|(kind, n)| format!("{kind} {:.2}", each(n)))
            .collect();
        let note = tally.note_bytes as f64 / tally.all_notes().max(1) as f64;
        let _ = writeln!(
            out,
            "  {name}: {count}, {:.0} µs; notes {:.2} ({}) of {note:.0} bytes; frames {:.2} of {:.0} bytes",
            time.as_secs_f64() * 1e6 / *count as f64,
            each(tally.all_notes()),
            kinds.join(", "),
            each(tally.frames),
            tally.frame_bytes as f64 / tally.frames.max(1) as f64,
        );
        let operations = tally.operations.iter().map(|(name, (times, rows, time))| {
            let us = time.as_secs_f64() * 1e6 / *times as f64;
            format!(
                "{name} {:.2} ({:.1} rows, {us:.0} µs)",
                each(*times),
                *rows as f64 / *times as f64
            )
        });
        let _ = writeln!(out, "    {}", operations.collect::<Vec<_>>().join(", "));
    }
    out
}
