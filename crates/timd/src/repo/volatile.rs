//! Storing switched off: messages pass through, numbered in memory. For measuring.

use std::collections::HashMap;
use std::future::Future;

use parking_lot::Mutex;
use protocol::conversation::conv_type;

use super::*;

#[derive(Default)]
struct Counters {
    users: HashMap<(u64, String), AccountId>,
    events: HashMap<AccountId, u64>,
    /// Head, ordinals of a and b.
    convs: HashMap<(AccountId, AccountId), (u64, [u64; 2])>,
}

/// A repo that forgets messages, and remembers the rest in another one. Nothing is found in
/// history, a difference is always too old, and a repeat is not recognised.
pub struct Volatile<R> {
    inner: R,
    counters: Mutex<Counters>,
}

impl<R> Volatile<R> {
    /// Over a repo that keeps apps and accounts.
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            counters: Mutex::default(),
        }
    }
}

impl<R: Repo> Volatile<R> {
    async fn user(&self, app_id: u64, user_id: &str) -> Result<Option<AccountId>> {
        let key = (app_id, user_id.to_owned());
        if let Some(id) = self.counters.lock().users.get(&key) {
            return Ok(Some(*id));
        }
        let found = self.inner.accounts(app_id, vec![key.1.clone()]).await?;
        let id = found.into_iter().flatten().next().map(|a| a.id);
        if let Some(id) = id {
            self.counters.lock().users.insert(key, id);
        }
        Ok(id)
    }
}

impl<R> Volatile<R> {
    fn head(&self, account: AccountId) -> u64 {
        let counters = self.counters.lock();
        counters.events.get(&account).copied().unwrap_or_default()
    }
}

impl Counters {
    fn next(&mut self, account: AccountId) -> u64 {
        let seq = self.events.entry(account).or_default();
        *seq += 1;
        *seq
    }
}

impl Counters {
    /// The events of groups in the streams that are counted here.
    fn renumber(&mut self, mut done: GroupDone) -> GroupDone {
        if let GroupDone::Done(moved) = &mut done {
            for member in &mut moved.members {
                member.event = self.next(member.account);
            }
        }
        done
    }
}

fn is_group(conv: &ConvId) -> bool {
    conv.kind == conv_type::GROUP
}

impl<R: Repo> Repo for Volatile<R> {
    async fn send_message(&self, m: SendMessage) -> Result<Sent> {
        let Some(receiver) = self.user(m.app_id, &m.receiver).await? else {
            return Ok(Sent::NoReceiver);
        };
        let mut counters = self.counters.lock();
        let key = (m.sender.min(receiver), m.sender.max(receiver));
        let (head, ords) = counters.convs.entry(key).or_default();
        *head += 1;
        let ord = &mut ords[usize::from(m.sender != key.0)];
        *ord += u64::from(m.countable);
        let (seq, ord) = (*head, *ord);
        let sender_event = counters.next(m.sender);
        let receiver_event = if receiver == m.sender {
            sender_event
        } else {
            counters.next(receiver)
        };
        Ok(Sent::New {
            seq,
            ord,
            receiver,
            sender_event,
            receiver_event,
        })
    }

    async fn change_message(&self, change: ChangeMessage) -> Result<Changed> {
        if is_group(&change.conv) {
            return self.inner.change_message(change).await;
        }
        Ok(Changed::NoMessage)
    }

    async fn erase(&self, _: Erase) -> Result<Option<Erasure>> {
        Ok(Some(Erasure::default()))
    }

    async fn changes(&self, query: ChangesQuery) -> Result<ChangesPage> {
        Ok(ChangesPage {
            rev: query.after,
            ..ChangesPage::default()
        })
    }

    async fn mark_read(&self, m: MarkRead) -> Result<Option<Marked>> {
        if is_group(&m.conv) {
            return self.inner.mark_read(m).await;
        }
        let Some(peer) = self.user(m.app_id, &m.conv.id).await? else {
            return Ok(None);
        };
        let mut counters = self.counters.lock();
        let key = (m.reader.min(peer), m.reader.max(peer));
        let (head, ords) = counters.convs.get(&key).copied().unwrap_or_default();
        let moved = ReadEvents {
            reader_event: counters.next(m.reader),
            peer: (peer != m.reader).then(|| (peer, counters.next(peer))),
        };
        Ok(Some(Marked {
            read_seq: m.seq.min(head),
            read_ord: ords[usize::from(peer != key.0)],
            moved: Some(moved),
        }))
    }

    async fn set_profile(&self, account: AccountId, update: ProfileUpdate) -> Result<SetProfile> {
        let mut set = self.inner.set_profile(account, update).await?;
        if let SetProfile::Changed { event, .. } = &mut set {
            *event = self.counters.lock().next(account);
        }
        Ok(set)
    }

    async fn set_receive_all(&self, account: AccountId, all: ReceiveAll) -> Result<Option<u64>> {
        let set = self.inner.set_receive_all(account, all).await?;
        Ok(set.map(|_| self.counters.lock().next(account)))
    }

    async fn set_convs(&self, set: SetConvs) -> Result<ConvsSet> {
        let account = set.account;
        let mut done = self.inner.set_convs(set).await?;
        let mut counters = self.counters.lock();
        for set in &mut done.sets {
            if let ConvSet::Changed(settings) = set {
                settings.version = counters.next(account);
            }
        }
        if let Some(event) = &mut done.groups_event {
            *event = counters.next(account);
        }
        Ok(done)
    }

    async fn change_group(&self, change: ChangeGroup) -> Result<GroupChanged> {
        let account = change.account;
        let mut changed = self.inner.change_group(change).await?;
        if let GroupChanged::Done {
            event: Some(event), ..
        } = &mut changed
        {
            *event = self.counters.lock().next(account);
        }
        Ok(changed)
    }

    async fn groups(&self, account: AccountId, after: u64) -> Result<GroupPage> {
        let page = self.inner.groups(account, after).await?;
        let event_seq = self.head(account);
        Ok(GroupPage { event_seq, ..page })
    }

    async fn heads(&self, account: AccountId) -> Result<Heads> {
        let heads = self.inner.heads(account).await?;
        Ok(Heads {
            events: self.head(account),
            ..heads
        })
    }

    async fn enter(&self, enter: Enter) -> Result<Entered> {
        let account = enter.account;
        let mut entered = self.inner.enter(enter).await?;
        if let Entered::In { head, .. } = &mut entered {
            *head = self.head(account);
        }
        Ok(entered)
    }

    async fn difference(
        &self,
        account: AccountId,
        after: u64,
        _limit: u32,
        _max_bytes: usize,
    ) -> Result<Difference> {
        let head = self.head(account);
        Ok(Difference {
            head,
            too_old: after != head,
            events: Vec::new(),
        })
    }

    async fn history(&self, query: HistoryQuery) -> Result<HistoryPage> {
        if is_group(&query.conv) {
            return self.inner.history(query).await;
        }
        Ok(HistoryPage::default())
    }

    async fn snapshot(
        &self,
        account: AccountId,
        _after: ConvRef,
        _limit: u32,
        _max_bytes: usize,
    ) -> Result<SnapshotPage> {
        Ok(SnapshotPage {
            event_seq: self.head(account),
            ..SnapshotPage::default()
        })
    }

    async fn create_group(&self, new: NewGroup) -> Result<GroupDone> {
        let done = self.inner.create_group(new).await?;
        Ok(self.counters.lock().renumber(done))
    }
    async fn act_on_group(&self, act: GroupAct) -> Result<GroupDone> {
        let done = self.inner.act_on_group(act).await?;
        Ok(self.counters.lock().renumber(done))
    }
    fn send_to_group(
        &self,
        message: GroupMessage,
    ) -> impl Future<Output = Result<GroupSent>> + Send {
        self.inner.send_to_group(message)
    }
    fn joined_groups(
        &self,
        account: AccountId,
        after: ConvRef,
    ) -> impl Future<Output = Result<JoinedPage>> + Send {
        self.inner.joined_groups(account, after)
    }
    fn members(&self, query: MembersQuery) -> impl Future<Output = Result<MemberPage>> + Send {
        self.inner.members(query)
    }
    fn group_view(
        &self,
        app_id: u64,
        account: AccountId,
        group_id: String,
    ) -> impl Future<Output = Result<Option<ConvView>>> + Send {
        self.inner.group_view(app_id, account, group_id)
    }
    fn group_conv(
        &self,
        app_id: u64,
        account: AccountId,
        group_id: String,
    ) -> impl Future<Output = Result<Option<ConvRef>>> + Send {
        self.inner.group_conv(app_id, account, group_id)
    }
    fn group_heads(
        &self,
        account: AccountId,
        after: ConvRef,
        since_ms: u64,
    ) -> impl Future<Output = Result<HeadPage>> + Send {
        self.inner.group_heads(account, after, since_ms)
    }
    fn audience(
        &self,
        conv: ConvRef,
        seq: u64,
    ) -> impl Future<Output = Result<Vec<(AccountId, NodeId)>>> + Send {
        self.inner.audience(conv, seq)
    }
    fn apps(&self) -> impl Future<Output = Result<Vec<App>>> + Send {
        self.inner.apps()
    }
    fn create_app(&self, app: App) -> impl Future<Output = Result<bool>> + Send {
        self.inner.create_app(app)
    }
    fn rotate_key(&self, app_id: u64, key: String) -> impl Future<Output = Result<bool>> + Send {
        self.inner.rotate_key(app_id, key)
    }
    fn set_policy(&self, app_id: u64, policy: Policy) -> impl Future<Output = Result<bool>> + Send {
        self.inner.set_policy(app_id, policy)
    }
    fn schema_floor(&self) -> impl Future<Output = Result<u64>> + Send {
        self.inner.schema_floor()
    }
    fn active_users(&self) -> impl Future<Output = Result<Vec<ActiveUsers>>> + Send {
        self.inner.active_users()
    }
    fn login_view(
        &self,
        app_id: u64,
        user_id: String,
    ) -> impl Future<Output = Result<LoginView>> + Send {
        self.inner.login_view(app_id, user_id)
    }
    fn register(
        &self,
        new_id: AccountId,
        app_id: u64,
        user_id: String,
        now: u64,
    ) -> impl Future<Output = Result<Account>> + Send {
        self.inner.register(new_id, app_id, user_id, now)
    }
    fn leave(&self, leave: Leave) -> impl Future<Output = Result<Option<Change>>> + Send {
        self.inner.leave(leave)
    }
    fn standing(&self, account: AccountId) -> impl Future<Output = Result<Standing>> + Send {
        self.inner.standing(account)
    }
    fn refuse_tickets_before(
        &self,
        app_id: u64,
        user_id: String,
        not_before: u64,
    ) -> impl Future<Output = Result<bool>> + Send {
        self.inner
            .refuse_tickets_before(app_id, user_id, not_before)
    }
    fn accounts(
        &self,
        app_id: u64,
        users: Vec<String>,
    ) -> impl Future<Output = Result<Vec<Option<Account>>>> + Send {
        self.inner.accounts(app_id, users)
    }
    fn seen(
        &self,
        app_id: u64,
        users: Vec<String>,
    ) -> impl Future<Output = Result<Vec<Option<Seen>>>> + Send {
        self.inner.seen(app_id, users)
    }
    fn set_custom_status(
        &self,
        account: AccountId,
        text: String,
    ) -> impl Future<Output = Result<Change>> + Send {
        self.inner.set_custom_status(account, text)
    }
    fn profiles(
        &self,
        app_id: u64,
        users: Vec<String>,
        max_bytes: usize,
    ) -> impl Future<Output = Result<ProfilePage>> + Send {
        self.inner.profiles(app_id, users, max_bytes)
    }
    fn receive_all(
        &self,
        account: AccountId,
    ) -> impl Future<Output = Result<Option<ReceiveAll>>> + Send {
        self.inner.receive_all(account)
    }
    fn watching(&self, account: AccountId) -> impl Future<Output = Result<Watching>> + Send {
        self.inner.watching(account)
    }
    fn subscribe(
        &self,
        account: AccountId,
        topic: Topic,
        users: Vec<String>,
        max: usize,
    ) -> impl Future<Output = Result<Watching>> + Send {
        self.inner.subscribe(account, topic, users, max)
    }
    fn unsubscribe(
        &self,
        account: AccountId,
        topic: Topic,
        users: Vec<String>,
    ) -> impl Future<Output = Result<Watching>> + Send {
        self.inner.unsubscribe(account, topic, users)
    }

    fn is_shared(&self) -> bool {
        self.inner.is_shared()
    }
    fn join(&self, node: NodeId, name: String) -> impl Future<Output = Result<()>> + Send {
        self.inner.join(node, name)
    }
    fn beat(&self, node: NodeId) -> impl Future<Output = Result<Option<Vec<NodeLife>>>> + Send {
        self.inner.beat(node)
    }
    fn fence(&self, node: NodeId, beat: u64) -> impl Future<Output = Result<bool>> + Send {
        self.inner.fence(node, beat)
    }
    fn sweep(&self, node: NodeId, limit: u32) -> impl Future<Output = Result<Vec<Swept>>> + Send {
        self.inner.sweep(node, limit)
    }
    fn remove_node(&self, node: NodeId) -> impl Future<Output = Result<()>> + Send {
        self.inner.remove_node(node)
    }
    fn routes(
        &self,
        accounts: Vec<AccountId>,
    ) -> impl Future<Output = Result<Vec<(AccountId, NodeId)>>> + Send {
        self.inner.routes(accounts)
    }
    async fn heads_on(&self, node: NodeId) -> Result<Vec<(AccountId, Heads)>> {
        let mut heads = self.inner.heads_on(node).await?;
        for (account, heads) in &mut heads {
            heads.events = self.head(*account);
        }
        Ok(heads)
    }
    fn watching_nodes(
        &self,
        app_id: u64,
        topic: Topic,
        user_id: String,
    ) -> impl Future<Output = Result<Vec<NodeId>>> + Send {
        self.inner.watching_nodes(app_id, topic, user_id)
    }
}
