//! What has to hold once all is well again.
//!
//! - Database, nodes and devices agree on who is online: everybody who wants to be and was not told
//!   that the place is lost. Each device that lost its place was told, once.
//! - Each acknowledged message exists once, at the place that the answer named; places have no
//!   holes; a device's messages are in the order of sending.
//! - What a device was told of its user's stream is what is stored there. A device that stayed was
//!   told of all of it, by pushes alone where nothing broke, otherwise by heads.
//! - Who watches a user knows what was last changed; in the end of everybody who is online.
//! - Once everybody is gone nothing is left over for anybody.

use std::sync::atomic::Ordering;

use timd::logic::{BEAT_MS, Census, LEASE_MS};

use super::USERS;
use super::client::{Asked, UNKNOWN};
use super::world::{World, tell};

impl World {
    pub fn heal(&mut self) -> Result<(), String> {
        tell!(self, "{} all heals", self.now);
        // In so long a time a node may have been taken for dead that had no turn to beat.
        let mut has_died = self.now >= LEASE_MS;
        for machine in 0..self.nodes.len() {
            let was_cut = self.nodes[machine].is_cut.load(Ordering::Relaxed);
            self.mend(machine);
            self.hear_again(machine);
            has_died |= was_cut || self.nodes[machine].server.is_none();
        }
        self.drain();
        for machine in 0..self.nodes.len() {
            if self.nodes[machine].server.is_none() {
                has_died = true;
                self.start(machine);
            }
        }
        self.drain();
        self.check()?;
        if !self.is_lossy && !self.is_deaf_lossy {
            self.check_told(true)?;
            self.check_watchers()?;
        }
        // Debts are paid; who is gone is found dead, and cleared away by a second look. Nobody loses
        // the lease meanwhile.
        let (beats, every) = if self.is_lossy || has_died {
            (7, LEASE_MS - 1_000)
        } else {
            (2, BEAT_MS)
        };
        for _ in 0..beats {
            self.pass(every);
            for machine in self.up() {
                self.beat(machine);
            }
            self.drain();
        }
        self.check()?;
        if !self.is_lossy {
            self.check_told(false)?;
        }
        self.gather()?;
        self.check_online()?;
        self.check_messages()?;
        self.check_streams()?;
        self.last_word()?;
        self.scatter()
    }

    /// Everybody who wants to be online comes back.
    fn gather(&mut self) -> Result<(), String> {
        for _ in 0..12 {
            for client in 0..self.clients.len() {
                if self.clients[client].wants && self.clients[client].conn.is_none() {
                    self.connect_somewhere(client);
                }
            }
            self.drain();
            self.check()?;
            for client in 0..self.clients.len() {
                if self.clients[client].is_in {
                    self.ask(client, Asked::Heartbeat, "session.heartbeat", "{}");
                }
            }
            self.drain();
            self.check()?;
            if self.clients.iter().all(|c| c.wants == c.is_in) {
                return Ok(());
            }
        }
        Err("somebody does not come back".into())
    }

    /// Database, nodes and devices agree.
    fn check_online(&mut self) -> Result<(), String> {
        let book = self.store.book();
        for client in &self.clients {
            let number = client.number;
            let row = book.now.rows.iter().find(|r| r.device == number);
            let is_online = row.is_some_and(|r| r.node != 0);
            if is_online != client.is_in {
                return Err(format!(
                    "device {number} is in: {}; in the database: {row:?}",
                    client.is_in
                ));
            }
        }
        for machine in 0..self.nodes.len() {
            let Some(server) = &self.nodes[machine].server else {
                continue;
            };
            for (user, name) in USERS.iter().enumerate() {
                let Some(account) = book.now.account(user) else {
                    continue;
                };
                let mut there: Vec<String> =
                    server.devices(account).into_iter().map(|d| d.0).collect();
                there.sort_unstable();
                let here = self.clients.iter().filter(|c| {
                    let conn = c.conn.and_then(|session| self.conns.get(&session));
                    c.user == user && c.is_in && conn.is_some_and(|conn| conn.node == machine)
                });
                let here: Vec<String> = here.map(|c| c.number.to_string()).collect();
                if there != here {
                    return Err(format!(
                        "node {machine} has {there:?} of {name}, and connected are {here:?}"
                    ));
                }
            }
        }
        Ok(())
    }

    fn check_messages(&mut self) -> Result<(), String> {
        let stored = self.store.look(|conn| {
            let sql = "SELECT m.msg_id, m.seq, m.conv_id, c.head_seq, c.a, c.b FROM message m
                JOIN conv c ON c.id = m.conv_id ORDER BY m.conv_id, m.seq";
            let mut statement = conn.prepare_cached(sql)?;
            let rows = statement.query_map([], |row| {
                let name: String = row.get(0)?;
                let (device, number) = name.split_once('-').expect("named by us");
                let name = (device.parse::<usize>(), number.parse::<u32>());
                let (seq, conv, head): (u32, i64, u32) = (row.get(1)?, row.get(2)?, row.get(3)?);
                let (seq, head) = (u64::from(seq), u64::from(head));
                let pair: (i64, i64) = (row.get(4)?, row.get(5)?);
                Ok((
                    name.0.expect("a number"),
                    name.1.expect("a number"),
                    seq,
                    conv,
                    head,
                    pair,
                ))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        });
        let stored = stored.expect("the database is there");
        let mut before = (0, 0);
        let mut last_of = [(0_i64, 0_u32); super::DEVICES];
        for (at, &(device, number, seq, conv, head, _)) in stored.iter().enumerate() {
            let expected = if before.0 == conv { before.1 + 1 } else { 1 };
            let is_last = stored.get(at + 1).is_none_or(|next| next.3 != conv);
            if seq != expected || is_last && seq != head {
                return Err(format!("a conversation has a hole before {seq} of {head}"));
            }
            before = (conv, seq);
            if self.clients[device].abandoned.contains(&number) {
                continue;
            }
            let last = &mut last_of[device];
            if last.0 == conv && last.1 >= number {
                return Err(format!(
                    "device {device}: message {number} after {}",
                    last.1
                ));
            }
            *last = (conv, number);
        }
        for client in &self.clients {
            if client.is_in && !client.unanswered.is_empty() {
                return Err(format!(
                    "device {}: messages without an answer",
                    client.number
                ));
            }
            for (number, (_, seq)) in &client.acked {
                let is_it = |m: &&(usize, u32, u64, i64, u64, (i64, i64))| {
                    (m.0, m.1) == (client.number, *number)
                };
                let found: Vec<u64> = stored.iter().filter(is_it).map(|m| m.2).collect();
                if found != [*seq] {
                    return Err(format!(
                        "device {}: message {number} was acknowledged as {seq}, stored is {found:?}",
                        client.number
                    ));
                }
            }
        }
        Ok(())
    }

    /// What is stored of a user's stream: what each event is, in order.
    fn stream(&self, user: usize) -> Result<Vec<String>, String> {
        let Some(account) = self.store.book().now.account(user) else {
            return Ok(Vec::new());
        };
        let stored = self.store.look(|conn| {
            let sql = "SELECT e.seq, e.kind, m.msg_id FROM event e
                LEFT JOIN message m ON e.kind = 1 AND m.conv_id = e.conv_id AND m.seq = e.ref_seq
                WHERE e.account_id = $1 ORDER BY e.seq";
            let mut statement = conn.prepare_cached(sql)?;
            let rows = statement.query_map([account], |row| {
                let (seq, kind): (u32, u8) = (row.get(0)?, row.get(1)?);
                let name: Option<String> = row.get(2)?;
                let other = [
                    "",
                    "",
                    "message.read",
                    "message.receipt",
                    "user.own_profile",
                ];
                let what = name.unwrap_or_else(|| other[usize::from(kind)].to_owned());
                Ok((u64::from(seq), what))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        });
        let stored = stored.expect("the database is there");
        if stored
            .iter()
            .zip(1..)
            .any(|((seq, _), expected)| *seq != expected)
        {
            return Err(format!("the stream of {} has a hole", USERS[user]));
        }
        Ok(stored.into_iter().map(|(_, what)| what).collect())
    }

    fn check_streams(&self) -> Result<(), String> {
        for client in &self.clients {
            let stream = self.stream(client.user)?;
            for (seq, what) in &client.events {
                let stored = stream.get(*seq as usize - 1);
                if stored != Some(what) {
                    let number = client.number;
                    return Err(format!(
                        "device {number}: event {seq} is {stored:?}, told {what}"
                    ));
                }
            }
            if client.is_in && client.head != stream.len() as u64 {
                return Err(format!(
                    "device {} knows of {} events of {}",
                    client.number,
                    client.head,
                    stream.len()
                ));
            }
        }
        Ok(())
    }

    /// Who stayed was told without having asked: of each event, or how many there are.
    fn check_told(&self, of_each: bool) -> Result<(), String> {
        for client in &self.clients {
            let is_there = client
                .conn
                .is_some_and(|session| self.is_open_at_node(session));
            if !client.is_in || !is_there {
                continue;
            }
            let head = self.stream(client.user)?.len() as u64;
            let missing = (client.since + 1..=head).find(|seq| !client.events.contains_key(seq));
            if client.head != head || of_each && missing.is_some() {
                return Err(format!(
                    "device {} stayed from {} on and was told {} of {head}, not of {missing:?}",
                    client.number, client.since, client.head
                ));
            }
        }
        Ok(())
    }

    /// Who watches a user knows how the user stands, if there was something to tell.
    fn check_watchers(&mut self) -> Result<(), String> {
        let watches = self.store.look(|conn| {
            let sql = "SELECT account_id, target FROM watch WHERE topic = 1";
            let mut statement = conn.prepare_cached(sql)?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<rusqlite::Result<Vec<(i64, String)>>>()
        });
        let watches = watches.expect("the database is there");
        let book = self.store.book();
        for client in self.clients.iter().filter(|c| c.is_in) {
            let account = book.now.account(client.user);
            for (_, name) in watches
                .iter()
                .filter(|(watcher, _)| Some(*watcher) == account)
            {
                let target = USERS.iter().position(|user| user == name);
                let target = target.expect("one of them");
                let last = book.subscribed[client.user];
                // A subscription of another device at the moment of a login is known to the
                // latter's node with the next heartbeat only.
                let is_late = last > client.connected && last <= client.quiet;
                let since = if client.watches[target] >= last {
                    client.watches[target]
                } else if is_late || self.quiet[client.user] < last {
                    UNKNOWN
                } else if last > client.connected {
                    self.quiet[client.user].max(client.entered)
                } else {
                    client.entered
                };
                let is_due = since < book.changed[target];
                let truth = book.now.status(target);
                if is_due && client.statuses[target] != truth {
                    return Err(format!(
                        "device {} was told {:?} of {name}, who is {truth:?}",
                        client.number, client.statuses[target]
                    ));
                }
                self.met.news += u64::from(is_due);
            }
        }
        Ok(())
    }

    /// Each user who is online says something, and all who watch hear it.
    fn last_word(&mut self) -> Result<(), String> {
        let mut said = [false; USERS.len()];
        for client in 0..self.clients.len() {
            let user = self.clients[client].user;
            if self.clients[client].is_in && !std::mem::replace(&mut said[user], true) {
                let body = r#"{"custom_status":"the last word"}"#;
                self.ask(client, Asked::Other, "user.set_status", body);
                let body = r#"{"custom_status":"bye"}"#;
                self.ask(client, Asked::Other, "user.set_status", body);
            }
        }
        // What somebody watches who is not online needs not to have changed.
        let before = self.store.book().commits;
        self.quiet = [before; USERS.len()];
        for client in &mut self.clients {
            (client.connected, client.entered, client.quiet) = (before, before, before);
            client.watches = [0; USERS.len()];
        }
        self.drain();
        self.check()?;
        self.check_watchers()
    }

    /// Everybody goes, one way or another.
    fn scatter(&mut self) -> Result<(), String> {
        for client in 0..self.clients.len() {
            if self.clients[client].is_in && self.random.chance(500) {
                self.clients[client].leaves();
                self.ask(client, Asked::Logout, "session.logout", "{}");
            } else {
                self.leave(client, true);
            }
        }
        self.drain();
        for client in 0..self.clients.len() {
            self.leave(client, true);
        }
        self.drain();
        for _ in 0..2 {
            self.pass(BEAT_MS);
            for machine in self.up() {
                self.beat(machine);
            }
            self.drain();
        }
        self.check()?;
        for (machine, node) in self.nodes.iter().enumerate() {
            let others = self.nodes.len() - 1;
            let census = node.server.as_ref().map(|server| server.census());
            let empty = Census {
                nodes: others,
                // For a minute.
                counted: census.map_or(0, |census| census.counted),
                ..Census::default()
            };
            if census != Some(empty) {
                return Err(format!("node {machine} is not empty: {census:?}"));
            }
        }
        let book = self.store.book();
        if let Some(row) = book.now.rows.iter().find(|row| row.node != 0) {
            return Err(format!("everybody is gone, and there is {row:?}"));
        }
        let nodes: u32 = self.store.look(|conn| {
            let count = conn.query_row("SELECT COUNT(*) FROM node", [], |row| row.get(0));
            count.expect("the database is there")
        });
        if nodes as usize != self.nodes.len() {
            return Err(format!(
                "{nodes} nodes are remembered of {}",
                self.nodes.len()
            ));
        }
        Ok(())
    }
}
