//! The lives of nodes: started, stopped, crashed, cut off, and the time that passes for them.

use super::*;

impl World {
    pub(in crate::schedule) fn start(&mut self, machine: usize) {
        tell!(self, "{} node {machine} starts", self.now);
        let hour = Duration::from_secs(3600);
        let config = LogicConfig {
            id_seed: self.random.number(),
            logins_per_second: 0,
            login_timeout: hour,
            idle_timeout: hour,
            node_name: machine.to_string(),
            ..LogicConfig::default()
        };
        let repo = self.store.way();
        let is_cut = repo.0.is_cut.clone();
        let wire = Wire {
            node: machine,
            wires: self.wires.clone(),
        };
        let server = Harness::with_bus(repo, wire, config);
        ready(server.logic().start()).expect("the database is there");
        let node = &mut self.nodes[machine];
        node.server = Some(Arc::new(server));
        node.is_cut = is_cut;
        node.is_stopping = false;
        node.is_asleep = false;
        node.is_beating = false;
        node.keeps_house = false;
        self.tick_one(machine);
    }

    pub(in crate::schedule) fn up(&self) -> Vec<usize> {
        let all = 0..self.nodes.len();
        all.filter(|n| self.nodes[*n].server.is_some()).collect()
    }

    /// Where connections are taken.
    pub(in crate::schedule) fn open(&self) -> Vec<usize> {
        let mut up = self.up();
        up.retain(|n| !self.nodes[*n].is_stopping);
        up
    }

    /// The node is gone, with all that it was doing.
    pub(in crate::schedule) fn crash(&mut self, machine: usize) {
        tell!(self, "{} node {machine} is gone", self.now);
        self.tasks.retain(|(at, ..)| *at != machine);
        self.nodes[machine].server = None;
        let mut lost = Vec::new();
        for (session, conn) in &mut self.conns {
            if conn.node == machine && std::mem::replace(&mut conn.is_open, false) {
                conn.is_running = false;
                lost.push(*session);
            }
        }
        for session in lost {
            // Of what was on its way to the client a part arrives.
            let keep = self.random.below(4);
            let conn = self.conns.get_mut(&session).expect("listed above");
            conn.down.truncate(keep);
            conn.down.push_back(Down::End);
        }
    }

    /// The node stops as its operator stops it.
    pub(in crate::schedule) fn stop(&mut self, machine: usize) {
        tell!(self, "{} node {machine} stops", self.now);
        let Some(server) = self.nodes[machine].server.clone() else {
            return;
        };
        self.nodes[machine].is_stopping = true;
        self.let_out(in_order(server.shutdown(Duration::from_secs(1))));
        self.resign_if_empty(machine);
    }

    pub(super) fn resign_if_empty(&mut self, machine: usize) {
        let mut here = self.conns.values().filter(|c| c.node == machine);
        let is_busy = here.any(|c| c.is_open)
            || self.tasks.iter().any(|(at, _, task)| {
                *at == machine && matches!(task, Task::Gone(_) | Task::Resign(_))
            });
        if let Some(server) = self.nodes[machine].server.clone()
            && self.nodes[machine].is_stopping
            && !is_busy
        {
            // Its beats end first, as in the real server.
            self.nodes[machine].is_beating = true;
            self.tasks.retain(|(at, _, task)| {
                *at != machine || !matches!(task, Task::Beat(_) | Task::House(_))
            });
            let now = BEGIN_MS + self.now;
            let resign = Box::pin(async move { server.logic().resign(now).await });
            self.spawn(machine, Task::Resign(resign));
        }
    }

    pub(in crate::schedule) fn cut(&mut self, machine: usize) {
        let node = &mut self.nodes[machine];
        if !node.is_cut.swap(true, Ordering::Relaxed) {
            node.cut_since = self.now;
            tell!(self, "{} node {machine} has no database", self.now);
        }
    }

    pub(in crate::schedule) fn mend(&mut self, machine: usize) {
        if self.nodes[machine].is_cut.swap(false, Ordering::Relaxed) {
            tell!(self, "{} node {machine} has the database again", self.now);
        }
    }

    /// The bus is back at a node: it and those concerned know that notes were lost.
    pub(in crate::schedule) fn hear_again(&mut self, machine: usize) {
        let node = &mut self.nodes[machine];
        if !std::mem::replace(&mut node.is_deaf, false) {
            return;
        }
        tell!(self, "{} node {machine} hears again", self.now);
        let lost_to = std::mem::take(&mut self.nodes[machine].lost_to) | 1 << machine;
        for to in 0..self.nodes.len() {
            if lost_to >> to & 1 == 1 {
                let link = machine * self.nodes.len() + to;
                self.links[link].push_back(Note::Missed);
            }
        }
    }

    pub(super) fn spawn(&mut self, machine: usize, task: Task) {
        let is_slow = self.random.chance(100);
        self.tasks.push((machine, is_slow, task));
    }

    pub(in crate::schedule) fn beat(&mut self, machine: usize) {
        if let Some(server) = self.nodes[machine].server.clone()
            && !self.nodes[machine].is_asleep
            && !std::mem::replace(&mut self.nodes[machine].is_beating, true)
        {
            let uptime = self.now;
            let beat = Box::pin(async move { server.logic().beat(uptime).await });
            self.spawn(machine, Task::Beat(beat));
        }
    }

    /// Time passes on all nodes.
    pub(in crate::schedule) fn pass(&mut self, ms: u64) {
        self.now += ms;
        tell!(self, "{} now", self.now);
        for machine in self.up() {
            self.tick_one(machine);
        }
    }

    pub(super) fn tick_one(&mut self, machine: usize) {
        let Some(server) = self.nodes[machine].server.clone() else {
            return;
        };
        if self.nodes[machine].is_asleep {
            return;
        }
        server.logic().watch_lease(self.now);
        self.let_out(in_order(server.tick(BEGIN_MS + self.now)));
        let node = &self.nodes[machine];
        let is_cut = node.is_cut.load(Ordering::Relaxed);
        if is_cut && self.now >= node.cut_since + LEASE_MS {
            let mut here = self.conns.values().filter(|c| c.node == machine);
            if here.any(|c| c.is_open && !c.is_ending) {
                self.fail(format!("node {machine} holds on to users beyond its lease"));
            }
        }
    }

    // Connections.
}
