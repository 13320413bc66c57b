//! This node among others: its lease, those that died, and the way to where users are online.
//!
//! A node that lives counts up its beat in the database. Each of the others watches these beats by
//! its own clock, so no two clocks are ever compared. Who does not move for a lease and a half is
//! found dead by whoever notices first, and its users are taken to be gone. A node that has not
//! reached the database for [`LogicConfig::lease`] cannot know whether that happened, so it lets its
//! users go; they come back on another node, or here once the database answers.
//!
//! A beat is one question to the database and nothing else, so that nothing holds it up. What it
//! finds to do may take long, and is done beside it by [`Logic::keep_house`].

use std::collections::HashMap;
use std::time::Duration;

use super::{Effect, Logic, LogicConfig};
use crate::bus::Bus;
use crate::repo::{AccountId, Heads, Leave, NodeId, NodeLife, Repo, RepoError};

/// A lease, in milliseconds, where the settings say nothing else.
pub const LEASE_MS: u64 = 20_000;
/// Between two beats, with that.
pub const BEAT_MS: u64 = LEASE_MS / 4;
/// After so long active users are counted anew: other nodes have had logins too.
const COUNT_MS: u64 = 3_600_000;
/// So many users of a dead node are seen to at a time.
const SWEEP: u32 = 100;

/// A device that went while the database refused to hear of it.
pub(super) struct Debt {
    app_id: u64,
    user_id: String,
    leave: Leave,
}

/// What a node knows of itself and of the others.
#[derive(Default)]
pub(super) struct Cluster {
    node: NodeId,
    /// When the last beat was sent that the database took.
    renewed_ms: Option<u64>,
    /// The lease is over, and the users were let go.
    is_out: bool,
    /// The beat of each node, and since when it is that.
    seen: HashMap<NodeId, (Option<u64>, u64)>,
    debts: Vec<Debt>,
    /// Nodes that have not moved for too long.
    dead: Vec<NodeLife>,
    /// Notes were lost on their way here.
    pub missed: bool,
    /// A newer timd has changed the database beyond what this one may work on.
    is_outdated: bool,
    /// Of several nodes one tells how many users are active.
    pub is_follower: bool,
    /// When they were to be counted last, and whether that is still to be done.
    counted_ms: u64,
    is_count_due: bool,
}

impl LogicConfig {
    /// Between two beats.
    pub fn beat(&self) -> Duration {
        self.lease / 4
    }

    /// A node whose beat was not seen to move for so long is dead. It has let its users go before.
    fn dead_ms(&self) -> u64 {
        self.lease.as_millis() as u64 * 3 / 2
    }
}

impl Cluster {
    /// Debts, and other nodes.
    pub fn census(&self) -> (usize, usize) {
        (self.debts.len(), self.seen.len())
    }

    pub fn owe(&mut self, app_id: u64, user_id: &str, leave: Leave) {
        let user_id = user_id.to_owned();
        self.debts.push(Debt {
            app_id,
            user_id,
            leave,
        });
    }

    /// The living node of the lowest number counts for all.
    fn follow(&mut self, nodes: &[NodeLife], uptime_ms: u64) {
        let alive = nodes.iter().filter(|life| life.beat.is_some());
        let is_follower = alive.map(|life| life.node).min() != Some(self.node);
        let has_followed = std::mem::replace(&mut self.is_follower, is_follower);
        if !is_follower && (has_followed || uptime_ms >= self.counted_ms + COUNT_MS) {
            (self.counted_ms, self.is_count_due) = (uptime_ms, true);
        }
    }

    /// Takes note of all beats, and of the nodes that have not moved for too long.
    fn see(&mut self, nodes: Vec<NodeLife>, uptime_ms: u64, dead_ms: u64) {
        let before = std::mem::take(&mut self.seen);
        let others = nodes.into_iter().filter(|life| life.node != self.node);
        let others: Vec<NodeLife> = others.collect();
        for life in &others {
            let known = before
                .get(&life.node)
                .filter(|(beat, _)| *beat == life.beat);
            let since = known.map_or(uptime_ms, |(_, since)| *since);
            self.seen.insert(life.node, (life.beat, since));
        }
        let is_dead = |life: &NodeLife| uptime_ms - self.seen[&life.node].1 >= dead_ms;
        self.dead = others.into_iter().filter(is_dead).collect();
    }
}

impl<R: Repo, B: Bus> Logic<R, B> {
    /// Begins a life of this node.
    pub(super) async fn join(&self) -> Result<(), String> {
        let node = self.next_id();
        self.bus.attend(node).await?;
        let name = self.config.node_name.clone();
        let joined = self.repo.join(node, name).await;
        joined.map_err(|e| e.to_string())?;
        let mut cluster = self.cluster.lock();
        cluster.node = node;
        cluster.is_out = false;
        let mut registry = self.registry.lock();
        registry.set_node(node);
        registry.reopen();
        Ok(())
    }

    /// Counts active users by what the database knows.
    pub(super) async fn count_active(&self) -> Result<(), RepoError> {
        let apps = self.repo.apps().await?;
        let active = self.repo.active_users().await?;
        let apps = apps.iter().map(|app| app.id);
        self.activity.lock().load(apps, &active);
        Ok(())
    }

    /// This node ends its life: nobody is online here any more.
    pub async fn resign(&self, now_ms: u64) {
        let node = self.cluster.lock().node;
        let swept = self.sweep(node, now_ms).await;
        let removed = match swept {
            Ok(()) => self.repo.remove_node(node).await,
            failed => failed,
        };
        if let Err(error) = removed {
            tracing::warn!(%error, "this node stays in the database until others find it dead");
        }
    }

    /// Whether this node holds its lease.
    pub fn is_in(&self) -> bool {
        !self.cluster.lock().is_out
    }

    /// Whether the database is not for this version any more, as far as this node knows.
    pub fn is_outdated(&self) -> bool {
        self.cluster.lock().is_outdated
    }

    /// Looks whether the database is still for this version.
    async fn watch_floor(&self) -> Result<(), RepoError> {
        let floor = self.repo.schema_floor().await?;
        self.cluster.lock().is_outdated = floor > self.config.schema;
        Ok(())
    }

    /// How many other nodes live, as far as this one knows.
    pub fn other_nodes(&self) -> usize {
        let cluster = self.cluster.lock();
        let beats = cluster.seen.values();
        beats.filter(|(beat, _)| beat.is_some()).count()
    }

    /// To be called a few times a second, on whatever clock never goes back: lets everybody go
    /// when the lease has run out.
    pub fn watch_lease(&self, uptime_ms: u64) {
        if !self.repo.is_shared() {
            return;
        }
        let mut cluster = self.cluster.lock();
        let renewed = *cluster.renewed_ms.get_or_insert(uptime_ms);
        if !cluster.is_out && uptime_ms >= renewed + self.config.lease.as_millis() as u64 {
            tracing::error!("the database has not answered for too long: letting all users go");
            cluster.is_out = true;
            drop(cluster);
            self.let_go();
        }
    }

    fn let_go(&self) {
        let per_second = self.config.logins_per_second;
        let retry_after = self.config.beat();
        self.registry.lock().shutdown(retry_after, per_second);
    }

    /// To be called every [`LogicConfig::beat`], on the clock of [`Logic::watch_lease`].
    pub async fn beat(&self, uptime_ms: u64) {
        if !self.repo.is_shared() {
            return;
        }
        let node = self.cluster.lock().node;
        match self.repo.beat(node).await {
            Ok(Some(nodes)) => {
                let mut cluster = self.cluster.lock();
                cluster.renewed_ms = Some(uptime_ms);
                cluster.follow(&nodes, uptime_ms);
                cluster.see(nodes, uptime_ms, self.config.dead_ms());
                if std::mem::take(&mut cluster.is_out) {
                    self.registry.lock().reopen();
                }
            }
            Ok(None) => {
                tracing::error!("other nodes found this one dead: letting all users go");
                self.cluster.lock().is_out = true;
                self.let_go();
                match self.join().await {
                    Ok(()) => self.cluster.lock().renewed_ms = Some(uptime_ms),
                    Err(error) => tracing::error!(error, "cannot join the other nodes again"),
                }
            }
            Err(error) => tracing::warn!(%error, "no beat"),
        }
    }

    /// To be called after a beat, unless the last call is still at it: what is to be done now and then,
    /// however long it takes.
    pub async fn keep_house(&self, now_ms: u64) {
        self.pay_debts(now_ms).await;
        let (is_count_due, dead) = {
            let mut cluster = self.cluster.lock();
            let is_count_due = std::mem::take(&mut cluster.is_count_due);
            (is_count_due, std::mem::take(&mut cluster.dead))
        };
        if is_count_due && let Err(error) = self.count_active().await {
            tracing::warn!(%error, "active users were not counted anew");
        }
        if let Err(error) = self.watch_floor().await {
            tracing::warn!(%error, "which version the database wants is not known");
        }
        if let Err(error) = self.catch_up(now_ms).await {
            tracing::warn!(%error, "what other nodes told in vain is not known yet");
        }
        for life in dead {
            if let Err(error) = self.bury(&life, now_ms).await {
                tracing::warn!(%error, node = life.name, "a dead node was not seen to");
            }
        }
    }

    /// After notes were lost: what they told is in the database.
    async fn catch_up(&self, now_ms: u64) -> Result<(), RepoError> {
        let node = {
            let mut cluster = self.cluster.lock();
            if !std::mem::take(&mut cluster.missed) {
                return Ok(());
            }
            cluster.node
        };
        let caught_up = self.catch_up_all(node, now_ms).await;
        if caught_up.is_err() {
            self.cluster.lock().missed = true;
        }
        caught_up
    }

    async fn catch_up_all(&self, node: NodeId, now_ms: u64) -> Result<(), RepoError> {
        let mut others = self.registry.lock().accounts();
        for (account, heads) in self.repo.heads_on(node).await? {
            others.remove(&account);
            let mut effects = Vec::new();
            self.look(account, &heads, &mut effects).await?;
            self.let_out(effects, now_ms).await;
            self.registry.lock().tell_head(account, heads.events);
        }
        // Who is not online here for the database any more, but has sessions.
        for account in others {
            let heads = self.repo.heads(account).await?;
            let mut effects = Vec::new();
            self.look(account, &heads, &mut effects).await?;
            self.let_out(effects, now_ms).await;
        }
        Ok(())
    }

    /// Looks up what the database knows better of a user.
    pub(super) async fn look(
        &self,
        account: AccountId,
        heads: &Heads,
        effects: &mut Vec<Effect>,
    ) -> Result<(), RepoError> {
        let (standing, watching) = self.registry.lock().is_behind(account, heads);
        if standing {
            let standing = self.repo.standing(account).await?;
            effects.extend(self.registry.lock().stand(account, standing));
        }
        if watching {
            let watching = self.repo.watching(account).await?;
            self.registry.lock().set_watching(account, watching);
        }
        Ok(())
    }

    /// Stores which devices went while the database refused.
    async fn pay_debts(&self, now_ms: u64) {
        let debts = std::mem::take(&mut self.cluster.lock().debts);
        let mut effects = Vec::new();
        for debt in debts {
            let Debt {
                app_id,
                user_id,
                leave,
            } = debt;
            self.depart(app_id, &user_id, leave, now_ms, &mut effects)
                .await;
        }
        self.let_out(effects, now_ms).await;
    }

    /// The users of a dead node are gone.
    async fn bury(&self, life: &NodeLife, now_ms: u64) -> Result<(), RepoError> {
        if let Some(beat) = life.beat {
            if !self.repo.fence(life.node, beat).await? {
                return Ok(());
            }
            tracing::warn!(node = life.name, "a node is dead: its users are gone");
        }
        self.sweep(life.node, now_ms).await?;
        // Logins that had begun before it was found dead may have come through since. A second look
        // finds them, after as long again; nobody enters by a dead node any more.
        if life.beat.is_none() {
            self.repo.remove_node(life.node).await?;
        }
        Ok(())
    }

    /// Nobody is online on a node any more.
    async fn sweep(&self, node: NodeId, now_ms: u64) -> Result<(), RepoError> {
        loop {
            let swept = self.repo.sweep(node, SWEEP).await?;
            if swept.is_empty() {
                return Ok(());
            }
            let mut effects = Vec::new();
            for gone in swept {
                let (app_id, user_id) = (gone.app_id, &gone.user_id);
                self.tell_change(app_id, gone.account, user_id, &gone.change, &mut effects);
            }
            self.let_out(effects, now_ms).await;
        }
    }

    /// Each of these nodes once, but not this one.
    pub(super) fn without_me(&self, mut nodes: Vec<NodeId>) -> Vec<NodeId> {
        if !self.bus.is_shared() {
            return Vec::new();
        }
        let me = self.cluster.lock().node;
        nodes.sort_unstable();
        nodes.dedup();
        nodes.retain(|node| *node != me);
        nodes
    }

    /// Finds out which other nodes have to learn of this. What was stored is read after that, so a
    /// device that comes online later finds it there.
    pub(super) async fn route(&self, effects: &mut [Effect]) {
        let me = self.cluster.lock().node;
        for effect in effects.iter_mut() {
            if let Effect::Fan(fan) = effect {
                let online = self.found(self.repo.audience(fan.conv, fan.seq).await);
                fan.place(me, online);
            }
        }
        if !self.bus.is_shared() {
            return;
        }
        let mut accounts: Vec<AccountId> = effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Push(push, _) => Some(push.to),
                _ => None,
            })
            .collect();
        accounts.sort_unstable();
        accounts.dedup();
        let mut routes = Vec::new();
        if !accounts.is_empty() {
            routes = self.found(self.repo.routes(accounts).await);
            routes.retain(|(_, node)| *node != me);
        }
        for effect in effects {
            match effect {
                Effect::Push(push, nodes) => {
                    let here = routes.iter().filter(|(account, _)| *account == push.to);
                    nodes.extend(here.map(|(_, node)| node));
                }
                Effect::News(news, nodes) => {
                    let (app_id, topic) = (news.app_id, news.topic);
                    let user_id = news.user_id.clone();
                    let found = self.repo.watching_nodes(app_id, topic, user_id).await;
                    *nodes = self.without_me(self.found(found));
                }
                _ => {}
            }
        }
    }

    /// Without the database others learn nothing; their clients' heartbeats find it out.
    fn found<T>(&self, found: Result<Vec<T>, RepoError>) -> Vec<T> {
        found.unwrap_or_else(|error| {
            self.metrics.unrouted.inc();
            tracing::warn!(%error, "other nodes were not told");
            Vec::new()
        })
    }
}

impl super::Fan {
    /// Sorts those who are online by where that is.
    fn place(&mut self, me: NodeId, online: Vec<(AccountId, NodeId)>) {
        for (account, node) in online {
            if node == me {
                self.here.push(account);
                continue;
            }
            match self.there.iter_mut().find(|(there, _)| *there == node) {
                Some((_, accounts)) => accounts.push(account),
                None => self.there.push((node, vec![account])),
            }
        }
    }
}
