//! `timd capacity`: what so many users take. Each assumption is an option, each unit cost a line of
//! [`COSTS`] with the command that measures it; the rest is multiplication, and is printed.

use std::fmt::Write;

use clap::Args;
use serde::Serialize;

/// What one of each costs.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Cost {
    /// What of.
    pub name: &'static str,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: &'static str,
    /// How it was measured; `estimate` when it was not yet.
    pub by: &'static str,
}

macro_rules! costs {
    ($($name:ident = $value:literal $unit:literal $what:literal by $by:literal;)*) => {
        #[derive(Clone, Copy)]
        #[allow(non_camel_case_types)]
        enum Of { $($name),* }

        /// All that is known of what things cost. Whoever measures again changes it here, and nowhere
        /// else; `timd capacity --costs` prints it.
        pub const COSTS: &[Cost] = &[$(Cost {
            name: $what, value: $value, unit: $unit, by: $by,
        }),*];
    };
}

costs! {
    node_login = 730.0 "µs" "node: CPU of a login, TLS handshake and leaving included"
        by "make bench BENCH=nodes";
    node_message = 120.0 "µs" "node: CPU of a message sent, its answer and its way to the bus included"
        by "make bench BENCH=nodes";
    node_request = 150.0 "µs" "node: CPU of any other request"
        by "make bench BENCH=nodes";
    node_push = 12.0 "µs" "node: CPU of an event to one connection"
        by "make bench BENCH=nodes";
    node_note = 12.0 "µs" "node: CPU of a note, sent and received"
        by "make bench BENCH=nodes";
    node_idle = 1.0 "µs/s" "node: CPU of a connection that only is there, in a second"
        by "estimate";
    connection = 16_077.0 "bytes" "node: memory of a connection that is logged in"
        by "make bench BENCH=idle";
    watch = 94.0 "bytes" "node: memory of a user who is watched, for each who watches and is online there"
        by "make simulate";
    sql_login = 920.0 "µs" "database: CPU of a login, leaving included"
        by "make bench BENCH=nodes";
    sql_message = 270.0 "µs" "database: CPU of a message"
        by "make bench BENCH=nodes";
    sql_write = 280.0 "µs" "database: CPU of any other write"
        by "make bench BENCH=nodes";
    sql_read = 120.0 "µs" "database: CPU of a read: heartbeats, where users are online"
        by "make bench BENCH=nodes";
    disk_message = 640.0 "bytes" "database: disk of a message besides its content, indexes and both events included"
        by "make bench BENCH=nodes";
    disk_read = 210.0 "bytes" "database: disk of a read mark, both events included"
        by "estimate";
    disk_user = 1_500.0 "bytes" "database: disk of a user: account, places, profile"
        by "estimate";
    disk_watch = 130.0 "bytes" "database: disk of a subscription"
        by "estimate";
    note = 270.0 "bytes" "bus: a note besides a message's content"
        by "make simulate";
    most_commits = 4_100.0 "/s" "database: commits that one PostgreSQL was seen to take"
        by "make bench BENCH=nodes";
    most_nodes = 20.0 "" "nodes that were tried together"
        by "make simulate";
}

fn cost(of: Of) -> f64 {
    COSTS[of as usize].value
}

/// Options of `timd capacity`.
#[derive(Args, Debug, Clone, Serialize)]
pub struct Capacity {
    /// Registered users; several numbers give several columns.
    #[arg(long, required = true, num_args = 1.., value_delimiter = ',')]
    pub users: Vec<u64>,
    /// Share of the users who are there on a day.
    #[arg(long, default_value_t = 0.4)]
    pub daily_share: f64,
    /// Share of the users who are online in the busiest hour.
    #[arg(long, default_value_t = 0.1)]
    pub online_share: f64,
    /// Devices online of a user who is online.
    #[arg(long, default_value_t = 1.5)]
    pub devices: f64,
    /// Logins of a user on a day, those after a lost connection included.
    #[arg(long, default_value_t = 8.0)]
    pub logins_per_user_per_day: f64,
    /// Messages that a user sends on a day.
    #[arg(long, default_value_t = 20.0)]
    pub messages_per_user_per_day: f64,
    /// Content of a message, in bytes.
    #[arg(long, default_value_t = 200.0)]
    pub message_bytes: f64,
    /// Read marks for each message.
    #[arg(long, default_value_t = 0.5)]
    pub reads_per_message: f64,
    /// Changes of custom status and profile by a user on a day.
    #[arg(long, default_value_t = 1.0)]
    pub changes_per_user_per_day: f64,
    /// Users whose status a user watches.
    #[arg(long, default_value_t = 50.0)]
    pub watched: f64,
    /// The busiest second, as a multiple of the mean.
    #[arg(long, default_value_t = 5.0)]
    pub peak_factor: f64,
    /// Cores of a node.
    #[arg(long, default_value_t = 4.0)]
    pub node_cores: f64,
    /// Connections that a node may have; see max_connections.
    #[arg(long, default_value_t = 50_000.0)]
    pub node_connections: f64,
    /// How busy the cores may be in the busiest second.
    #[arg(long, default_value_t = 0.5)]
    pub busy: f64,
    /// Nodes that may be away without the others missing them.
    #[arg(long, default_value_t = 1)]
    pub spare_nodes: u64,
    /// Seconds between two heartbeats of a client; see heartbeat.
    #[arg(long, default_value_t = 60.0)]
    pub heartbeat: f64,
    /// Print JSON.
    #[arg(long)]
    #[serde(skip)]
    pub json: bool,
    /// Print what one of each costs, and how that was measured.
    #[arg(long)]
    #[serde(skip)]
    pub costs: bool,
}

/// What so many users take; a second is the busiest one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Needs {
    /// Registered.
    pub users: u64,
    /// Online.
    pub online: f64,
    /// Their connections.
    pub connections: f64,
    /// In a second.
    pub messages: f64,
    /// In a second.
    pub logins: f64,
    /// Requests of other kinds that write, in a second.
    pub other_writes: f64,
    /// In a second.
    pub heartbeats: f64,
    /// Events to connections, in a second.
    pub pushes: f64,
    /// With those to spare.
    pub nodes: u64,
    /// Of all nodes, busy in the busiest second.
    pub node_cores: f64,
    /// Of one node.
    pub node_memory_bytes: f64,
    /// Of all databases, busy in the busiest second.
    pub database_cores: f64,
    /// In a second.
    pub database_commits: f64,
    /// In a second.
    pub database_reads: f64,
    /// After a year, if nothing is removed.
    pub disk_bytes_per_year: f64,
    /// In a second.
    pub bus_notes: f64,
    /// In a second.
    pub bus_bytes: f64,
    /// Databases that share the commits, each with nodes of its own.
    pub installations: u64,
}

/// On how many of so many nodes something is that is on one of them each time, this node aside.
fn other_nodes(nodes: f64, times: f64) -> f64 {
    (nodes - 1.0) * (1.0 - (1.0 - 1.0 / nodes).powf(times))
}

impl Capacity {
    /// What to print.
    pub fn run(&self) -> Result<String, String> {
        self.check()?;
        let needs: Vec<Needs> = self.users.iter().map(|users| self.needs(*users)).collect();
        if self.json {
            let all = serde_json::json!({"assumed": self, "costs": COSTS, "needs": needs});
            return serde_json::to_string_pretty(&all).map_err(|e| e.to_string());
        }
        Ok(self.text(&needs))
    }

    fn check(&self) -> Result<(), String> {
        let shares = [
            ("daily-share", self.daily_share),
            ("online-share", self.online_share),
            ("busy", self.busy),
        ];
        for (name, share) in shares {
            if !(share > 0.0 && share <= 1.0) {
                return Err(format!(
                    "--{name} {share}: a share is above 0, and 1 at most"
                ));
            }
        }
        let numbers = [
            ("devices", self.devices, 1.0),
            ("logins-per-user-per-day", self.logins_per_user_per_day, 0.0),
            (
                "messages-per-user-per-day",
                self.messages_per_user_per_day,
                0.0,
            ),
            ("message-bytes", self.message_bytes, 0.0),
            ("reads-per-message", self.reads_per_message, 0.0),
            (
                "changes-per-user-per-day",
                self.changes_per_user_per_day,
                0.0,
            ),
            ("watched", self.watched, 0.0),
            ("peak-factor", self.peak_factor, 1.0),
            ("node-cores", self.node_cores, 1.0),
            ("node-connections", self.node_connections, 1.0),
            ("heartbeat", self.heartbeat, 1.0),
        ];
        for (name, number, least) in numbers {
            if !(number >= least && number <= 1e9) {
                return Err(format!("--{name} {number}: write {least} to 1000000000"));
            }
        }
        if self
            .users
            .iter()
            .any(|users| !(1..=10_u64.pow(11)).contains(users))
        {
            return Err(
                "--users: write 1 to 100000000000, without separators in it: commas stand between \
                        several numbers"
                    .into(),
            );
        }
        Ok(())
    }

    /// What so many users take.
    pub fn needs(&self, users: u64) -> Needs {
        let all = users as f64;
        let daily = all * self.daily_share;
        let online = all * self.online_share;
        let connections = online * self.devices;
        let in_a_second = |a_day: f64| daily * a_day * self.peak_factor / 86_400.0;
        let messages = in_a_second(self.messages_per_user_per_day);
        let logins = in_a_second(self.logins_per_user_per_day);
        let reads = messages * self.reads_per_message;
        let changes = in_a_second(self.changes_per_user_per_day);
        let heartbeats = connections / self.heartbeat;
        // A login and the end of it are news for those who watch and are online, as is a change.
        let news = 2.0 * logins + changes;
        let watchers = self.watched * self.online_share;
        // A message goes to the receiver's devices, if he is there, and to the sender's others.
        let receivers = self.online_share * self.devices;
        let others = self.devices - 1.0;
        let pushes = messages * (receivers + others)
            + reads * (receivers + others)
            + news * watchers * self.devices;
        let other_writes = reads + changes;
        let commits = messages + 2.0 * logins + other_writes;
        let installations = (commits / cost(Of::most_commits)).ceil().max(1.0);
        let mut nodes = 1.0;
        loop {
            let needs = {
                let each = nodes / installations;
                let each = each.max(1.0);
                let notes = (messages + reads)
                    * (other_nodes(each, receivers) + other_nodes(each, others))
                    + news
                        * (other_nodes(each, watchers * self.devices) + other_nodes(each, others));
                let us = logins * cost(Of::node_login)
                    + messages * cost(Of::node_message)
                    + (other_writes + heartbeats) * cost(Of::node_request)
                    + pushes * cost(Of::node_push)
                    + notes * cost(Of::node_note)
                    + connections * cost(Of::node_idle);
                let node_cores = us / 1e6;
                let content = messages * (other_nodes(each, receivers) + other_nodes(each, others));
                let by_cores = node_cores / (self.node_cores * self.busy);
                let by_connections = connections / self.node_connections;
                let working = by_cores.max(by_connections).ceil().max(installations);
                let routes = messages + reads + news;
                let database_reads = heartbeats + logins + routes;
                let sql = logins * cost(Of::sql_login)
                    + messages * cost(Of::sql_message)
                    + other_writes * cost(Of::sql_write)
                    + (heartbeats + routes) * cost(Of::sql_read);
                let a_year = 365.0 * daily * self.messages_per_user_per_day;
                let here = connections / working;
                Needs {
                    users,
                    online,
                    connections,
                    messages,
                    logins,
                    other_writes,
                    heartbeats,
                    pushes,
                    nodes: working as u64 + self.spare_nodes * installations as u64,
                    node_cores,
                    node_memory_bytes: here
                        * (cost(Of::connection) + self.watched * cost(Of::watch)),
                    database_cores: sql / 1e6,
                    database_commits: commits,
                    database_reads,
                    disk_bytes_per_year: a_year
                        * (self.message_bytes
                            + cost(Of::disk_message)
                            + self.reads_per_message * cost(Of::disk_read))
                        + all * (cost(Of::disk_user) + self.watched * cost(Of::disk_watch)),
                    bus_notes: notes,
                    bus_bytes: notes * cost(Of::note) + content * self.message_bytes,
                    installations: installations as u64,
                }
            };
            // More nodes have more to tell each other.
            if needs.nodes as f64 <= nodes {
                return needs;
            }
            nodes = needs.nodes as f64;
        }
    }

    fn text(&self, needs: &[Needs]) -> String {
        let mut out = String::new();
        let mut row = |name: &str, from: &str, value: &dyn Fn(&Needs) -> String| {
            let _ = write!(out, "{name:<29}");
            for needs in needs {
                let _ = write!(out, "{:>14}", value(needs));
            }
            let line = if from.is_empty() {
                String::new()
            } else {
                format!("  {from}")
            };
            let _ = writeln!(out, "{line}");
        };
        let (online, devices, beat) = (self.online_share, self.devices, self.heartbeat);
        let (peak, daily, watched) = (self.peak_factor, self.daily_share, self.watched);
        let a_day = |n: f64| format!("x {daily} x {n} a day x {peak} / 86400");
        row("users", "", &|n| whole(n.users as f64));
        row("online", &format!("x {online}"), &|n| whole(n.online));
        row("connections", &format!("x {devices} devices"), &|n| {
            whole(n.connections)
        });
        row(
            "messages/s",
            &format!("users {}", a_day(self.messages_per_user_per_day)),
            &|n| rate(n.messages),
        );
        row(
            "logins/s",
            &format!("users {}", a_day(self.logins_per_user_per_day)),
            &|n| rate(n.logins),
        );
        row(
            "read marks and changes/s",
            &format!(
                "{} a message, users {}",
                self.reads_per_message,
                a_day(self.changes_per_user_per_day)
            ),
            &|n| rate(n.other_writes),
        );
        row(
            "heartbeats/s",
            &format!("one in {beat} s a connection"),
            &|n| rate(n.heartbeats),
        );
        row(
            "events to connections/s",
            &format!("{watched} watch a user, x {online} are online"),
            &|n| rate(n.pushes),
        );
        row(
            "nodes",
            &format!(
                "{} cores, {} busy, {} connections at most; {} to spare",
                self.node_cores, self.busy, self.node_connections, self.spare_nodes
            ),
            &|n| whole(n.nodes as f64),
        );
        row("  cores busy, of all", "", &|n| rate(n.node_cores));
        row("  memory of each", "connections and who is watched", &|n| {
            bytes(n.node_memory_bytes)
        });
        row("database: cores busy", "", &|n| rate(n.database_cores));
        row("  commits/s", "messages, marks, changes, 2 a login", &|n| {
            rate(n.database_commits)
        });
        row("  reads/s", "heartbeats, logins, where to tell", &|n| {
            rate(n.database_reads)
        });
        row(
            "  disk after a year",
            &format!(
                "{} bytes a message and what goes with it",
                self.message_bytes
            ),
            &|n| bytes(n.disk_bytes_per_year),
        );
        row(
            "bus: notes/s",
            "to each other node that is concerned",
            &|n| rate(n.bus_notes),
        );
        row("  bytes/s", "", &|n| bytes(n.bus_bytes));
        row("installations", "", &|n| whole(n.installations as f64));
        for needs in needs {
            for warning in warnings(needs) {
                let _ = writeln!(out, "{} users: {warning}", whole(needs.users as f64));
            }
        }
        if self.costs {
            let _ = writeln!(out);
            for cost in COSTS {
                let Cost {
                    name,
                    value,
                    unit,
                    by,
                } = cost;
                let _ = writeln!(out, "{value:>8} {unit:<6} {name} ({by})");
            }
        } else if COSTS.iter().any(|cost| cost.by == "estimate") {
            let _ = writeln!(out, "Some costs are estimates: --costs shows them.");
        }
        out.trim_end().to_owned()
    }
}

/// Where the arithmetic leaves what was measured, and what to do then.
fn warnings(needs: &Needs) -> Vec<String> {
    let mut warnings = Vec::new();
    let most = cost(Of::most_commits);
    if needs.installations > 1 {
        warnings.push(format!(
            "one PostgreSQL was seen to take {} commits/s: divide the apps among {} installations, \
             or measure with a faster one; one app alone cannot be divided",
            whole(most),
            whole(needs.installations as f64)
        ));
    }
    let each = needs.nodes.div_ceil(needs.installations);
    if each as f64 > cost(Of::most_nodes) {
        warnings.push(format!(
            "{} nodes of one installation were tried together, not {each}",
            whole(cost(Of::most_nodes))
        ));
    }
    warnings
}

/// With commas, and no fraction.
fn whole(n: f64) -> String {
    let digits = format!("{:.0}", n.ceil());
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Two digits at least.
fn rate(n: f64) -> String {
    match n {
        n if n < 1.0 => format!("{n:.2}"),
        n if n < 10.0 => format!("{n:.1}"),
        n => whole(n),
    }
}

fn bytes(n: f64) -> String {
    let units = ["B", "KB", "MB", "GB", "TB", "PB"];
    let mut n = n;
    let mut unit = 0;
    while n >= 1000.0 && unit + 1 < units.len() {
        n /= 1000.0;
        unit += 1;
    }
    format!("{} {}", rate(n), units[unit])
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        capacity: Capacity,
    }

    fn line(text: &str) -> Capacity {
        let words = std::iter::once("capacity").chain(text.split_whitespace());
        Line::try_parse_from(words).expect("options").capacity
    }

    fn figures(needs: &Needs) -> Vec<f64> {
        let value = serde_json::to_value(needs).unwrap();
        let object = value.as_object().unwrap();
        object.values().map(|v| v.as_f64().unwrap()).collect()
    }

    #[test]
    fn more_takes_more() {
        let options = [
            "--daily-share 0.5",
            "--devices 2",
            "--logins-per-user-per-day 10",
            "--messages-per-user-per-day 30",
            "--message-bytes 500",
            "--reads-per-message 1",
            "--changes-per-user-per-day 3",
            "--watched 100",
            "--peak-factor 8",
        ];
        let base = line("--users 1");
        for users in [1, 1_000, 1_000_000, 30_000_000, 100_000_000] {
            let before = base.needs(users);
            let mut more: Vec<(&str, Needs)> = options
                .iter()
                .map(|option| (*option, line(&format!("--users 1 {option}")).needs(users)))
                .collect();
            more.push(("twice the users", base.needs(users * 2)));
            for (option, after) in more {
                // Memory is that of one node, and there may be more of them.
                let total = |n: &Needs| n.node_memory_bytes * n.nodes as f64;
                assert!(total(&after) >= total(&before) * 0.9, "{users} {option}");
                let of_all = |n: &Needs| Needs {
                    node_memory_bytes: 0.0,
                    ..*n
                };
                // Among more installations each node has fewer others to tell.
                let is_divided = after.installations > before.installations;
                let part = if is_divided { 0.95 } else { 1.0 };
                let pairs = figures(&of_all(&before))
                    .into_iter()
                    .zip(figures(&of_all(&after)));
                for (at, (before, after)) in pairs.enumerate() {
                    assert!(
                        after >= before * part,
                        "{users} {option}: figure {at}, {before} {after}"
                    );
                }
            }
        }
    }

    #[test]
    fn one_user_takes_one_node_and_no_bus() {
        let needs = line("--users 1 --spare-nodes 0").needs(1);
        assert_eq!((needs.nodes, needs.installations), (1, 1));
        assert_eq!(needs.bus_notes, 0.0);
        assert!(warnings(&needs).is_empty());
    }

    #[test]
    fn beyond_what_was_measured_it_warns() {
        let needs = line("--users 1").needs(1_000_000_000);
        let text = warnings(&needs).join("\n");
        assert!(
            needs.installations > 1 && text.contains("divide the apps"),
            "{text}"
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for wrong in [
            "--users 0",
            "--users 5 --online-share 1.5",
            "--users 5 --devices 0",
            "--users 5 --heartbeat 0",
            "--users 5 --watched NaN",
        ] {
            assert!(line(wrong).run().is_err(), "{wrong}");
        }
    }

    #[test]
    fn json_has_all_of_it() {
        let text = line("--users 10 1000 --json").run().unwrap();
        let all: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(all["needs"][1]["users"], 1000);
        assert_eq!(all["assumed"]["devices"], 1.5);
        assert_eq!(all["costs"].as_array().unwrap().len(), COSTS.len());
    }

    /// What docs/hosting.md shows is what the command prints.
    #[test]
    fn the_document_has_what_the_command_prints() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/hosting.md");
        let document = std::fs::read_to_string(path).unwrap();
        let command = "$ timd capacity ";
        let mut found = 0;
        for block in document.split("```").skip(1).step_by(2) {
            // What stands behind the fence is its language.
            let Some((_, block)) = block.split_once('\n') else {
                continue;
            };
            let Some(rest) = block.strip_prefix(command) else {
                continue;
            };
            let (options, shown) = rest.split_once('\n').unwrap();
            let printed = line(options).run().unwrap();
            assert_eq!(
                shown.trim_end(),
                printed,
                "put what `timd capacity {options}` prints into docs/hosting.md"
            );
            found += 1;
        }
        assert!(found > 0, "docs/hosting.md has no table");
    }
}
