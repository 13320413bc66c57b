//! What the server remembers: one trait of domain-sized operations, each of them one transaction.
//!
//! The methods are async without naming a runtime: tokio polls them in the server, any executor in
//! tests. An operation that wrote something completes only when that is durable.

use std::fmt;
use std::future::Future;

use protocol::Error;
use protocol::conversation::ConvId;
use protocol::conversation::settings::Settings;
use protocol::group::GroupState;
use protocol::receive::ReceiveAll;
use protocol::user::profile::{ProfileUpdate, UserProfile};

use crate::policy::Policy;

mod change;
mod conversation;
mod group;
pub mod migrations;
mod operations;
pub mod postgres;
mod sql;
pub mod sqlite;
mod standing;
pub mod volatile;

pub use change::*;
pub use conversation::*;
pub use group::*;
pub use migrations::SCHEMA;
pub use postgres::Postgres;
pub use sqlite::{InlineSqlite, Sqlite};
pub use standing::*;

/// An account, across all apps: a random positive number.
pub type AccountId = i64;
/// A conversation: a random positive number.
pub type ConvRef = i64;

/// Why an operation did not happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RepoError {
    /// Too much work is queued; trying again later helps.
    Busy,
    /// The database failed. The text is for the log, not for clients.
    Failed(String),
}

impl fmt::Display for RepoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RepoError::Busy => f.write_str("too much work is queued"),
            RepoError::Failed(text) => write!(f, "database: {text}"),
        }
    }
}

impl std::error::Error for RepoError {}

/// What an operation gives.
pub type Result<T> = std::result::Result<T, RepoError>;

/// An app: a world of users of its own. Its key must not reach a log: no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct App {
    /// The number that clients name.
    pub id: u64,
    /// The secret that signs login tickets, as text.
    pub key: String,
    /// For the operator.
    pub name: String,
    /// Seconds since 1970.
    pub created_at: u64,
    /// Which devices of a user may be online together.
    pub policy: Policy,
}

/// A registered user of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// Its name within the app.
    pub user_id: String,
    /// Head of the user's stream.
    pub event_seq: u64,
    /// The text that the user set; empty when none.
    pub custom_status: String,
    /// What the user counts as while no session is open: offline or unlogined.
    pub presence: i32,
    /// When the user was last online, in days (UTC) since 1970.
    pub active_day: u64,
    /// Tickets issued before this second are not good any more.
    pub not_before: u64,
}

/// What a login has to look at, read in one go.
pub struct LoginView {
    /// The app, if there is one.
    pub app: Option<App>,
    /// The account, if it has registered.
    pub account: Option<Account>,
    /// Whom the user watches.
    pub watching: Watching,
    /// The places of the user's devices.
    pub places: Places,
}

/// Users of an app who were last online on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActiveUsers {
    /// The app.
    pub app_id: u64,
    /// Days (UTC) since 1970.
    pub day: u64,
    /// How many.
    pub users: u64,
}

/// What one user can watch of another; the numbers are those of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Online, offline, custom status.
    Status = 1,
    /// The profile.
    Profile = 2,
}

impl Topic {
    /// The other way round.
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::Status, Self::Profile]
            .into_iter()
            .find(|topic| *topic as u8 == number)
    }
}

/// User IDs of those whom a user watches, the oldest subscription first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watched {
    /// Their status.
    pub statuses: Vec<String>,
    /// Their profiles.
    pub profiles: Vec<String>,
}

impl Watched {
    /// Each of them.
    pub fn each(&self) -> impl Iterator<Item = (Topic, &String)> {
        let statuses = self.statuses.iter().map(|user| (Topic::Status, user));
        let profiles = self.profiles.iter().map(|user| (Topic::Profile, user));
        statuses.chain(profiles)
    }
}

/// Profiles of users.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfilePage {
    /// In the order asked for, without those who never registered.
    pub profiles: Vec<UserProfile>,
    /// So many of the users asked for were looked at.
    pub answered: u32,
}

/// What became of a change of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetProfile {
    /// It changed.
    Changed {
        /// As it is now.
        profile: Box<UserProfile>,
        /// Place in the user's stream.
        event: u64,
    },
    /// It was so already.
    Same,
    /// The profile would break a limit.
    Refused(Error),
}

/// One message from one user to another.
#[derive(Debug, Clone)]
pub struct SendMessage {
    /// The id of the conversation, should it have to be created.
    pub new_conv: ConvRef,
    /// The app of both.
    pub app_id: u64,
    /// Who sends.
    pub sender: AccountId,
    /// User ID of the receiver.
    pub receiver: String,
    /// Made by the sender's client.
    pub msg_id: String,
    /// Seconds since 1970.
    pub time: u64,
    /// The content as JSON.
    pub content: String,
    /// Whether it counts as unread.
    pub countable: bool,
    /// Whether it may become the conversation's last message.
    pub may_be_last: bool,
}

/// What became of a [`SendMessage`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// Stored.
    New {
        /// Place in the conversation.
        seq: u64,
        /// Countable messages of the sender, this one included.
        ord: u64,
        /// The receiver.
        receiver: AccountId,
        /// Place in the sender's stream.
        sender_event: u64,
        /// Place in the receiver's stream; the same when a user writes to oneself.
        receiver_event: u64,
    },
    /// The sender's client had sent it before: the first result.
    Repeat {
        /// Place in the conversation.
        seq: u64,
        /// When it was accepted, seconds.
        time: u64,
    },
    /// Nobody of that name has registered.
    NoReceiver,
}

/// A message as stored, seen by one member of its conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMessage {
    /// Place in the conversation.
    pub seq: u64,
    /// True when the one who looks has sent it.
    pub mine: bool,
    /// In a group: user ID of who has sent it. Empty in a conversation of two, where `mine` says it.
    pub sender: String,
    /// Made by the sender's client.
    pub msg_id: String,
    /// Seconds since 1970.
    pub time: u64,
    /// Countable messages of its sender, this one included.
    pub ord: u64,
    /// The change of its conversation by which it last changed; 0: none.
    pub rev: u64,
    /// Who took it back, as JSON; empty: nobody did.
    pub revoked: String,
    /// The content as JSON.
    pub content: String,
}

/// A question for history.
#[derive(Debug, Clone)]
pub struct HistoryQuery {
    /// The app.
    pub app_id: u64,
    /// Who asks.
    pub account: AccountId,
    /// Which conversation.
    pub conv: ConvId,
    /// Oldest wanted.
    pub from: u64,
    /// Newest wanted.
    pub to: u64,
    /// At most so many.
    pub limit: u32,
    /// The oldest of the range instead of the newest.
    pub forward: bool,
    /// At most so many bytes of content, but one message at least.
    pub max_bytes: usize,
}

/// A page of history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryPage {
    /// By rising seq.
    pub messages: Vec<StoredMessage>,
    /// The page was cut because of its size: the range holds more.
    pub more: bool,
}

/// A member has read a conversation.
#[derive(Debug, Clone)]
pub struct MarkRead {
    /// The app.
    pub app_id: u64,
    /// Who has read.
    pub reader: AccountId,
    /// Which conversation.
    pub conv: ConvId,
    /// Up to this message; beyond the head means all.
    pub seq: u64,
    /// Seconds since 1970.
    pub time: u64,
}

/// What became of a [`MarkRead`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// Read up to here.
    pub read_seq: u64,
    /// Countable messages of others up to there.
    pub read_ord: u64,
    /// Where it went, when something moved.
    pub moved: Option<ReadEvents>,
}

/// The events of a [`MarkRead`] that moved something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadEvents {
    /// In the reader's stream.
    pub reader_event: u64,
    /// The peer and the place in the peer's stream; none when a user reads oneself.
    pub peer: Option<(AccountId, u64)>,
}

/// A page of a user's stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Head of the stream.
    pub head: u64,
    /// The stream does not reach back to the cursor, or the cursor is from another life.
    pub too_old: bool,
    /// In order, without holes.
    pub events: Vec<StoredEvent>,
}

/// One event of a user's stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place.
    pub seq: u64,
    /// Of which conversation; `None` when of none.
    pub conv: Option<ConvId>,
    /// What happened.
    pub what: EventKind,
}

impl StoredEvent {
    /// The name that the user has for the conversation; empty when there is none.
    pub fn conv_id(&self) -> &str {
        self.conv.as_ref().map_or("", |conv| &conv.id)
    }
}

/// What an event tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// A message, sent or received.
    Message(StoredMessage),
    /// A message that has changed, as it stands.
    Changed(StoredMessage),
    /// The user has erased messages.
    Erased {
        /// The first one.
        from: u64,
        /// The last one.
        to: u64,
    },
    /// The user has read.
    Read {
        /// Up to here.
        read_seq: u64,
        /// Countable messages of the peer up to there.
        read_ord: u64,
    },
    /// The peer has read.
    Receipt {
        /// Up to here.
        peer_read_seq: u64,
        /// When, seconds.
        time: u64,
    },
    /// The user's own profile changed, possibly more than once: this is how it stands.
    Profile(Box<UserProfile>),
    /// What the user has set on a conversation changed: this is how it stands.
    Settings(Settings),
    /// The user's conversation groups changed.
    Groups,
    /// The user's receive option for all changed: this is how it stands.
    ReceiveAll(ReceiveAll),
    /// The user came into a group or went: this is how it stands. None: the user is not in it.
    Membership(Option<Box<ConvView>>),
}

/// A page of a user's conversations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SnapshotPage {
    /// Head of the stream, read in the same transaction.
    pub event_seq: u64,
    /// By rising id.
    pub conversations: Vec<ConvView>,
    /// The user has conversation groups.
    pub has_groups: bool,
    /// The user's receive option for all, if one was ever set; on the first page.
    pub receive_all: Option<ReceiveAll>,
    /// Where the next page starts.
    pub next: Option<ConvRef>,
}

/// A conversation as one member sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConvView {
    /// Which one.
    pub conv: ConvId,
    /// Newest message.
    pub head_seq: u64,
    /// Countable messages of others.
    pub peer_ord: u64,
    /// Of these, read.
    pub read_ord: u64,
    /// Read up to here.
    pub read_seq: u64,
    /// The peer has read up to here.
    pub peer_read_seq: u64,
    /// When the peer said so.
    pub peer_read_time: u64,
    /// How often messages of it have changed.
    pub rev: u64,
    /// What the member has set on it.
    pub settings: Settings,
    /// The last message that may be shown as such.
    pub last: Option<StoredMessage>,
    /// The group, where it is one.
    pub group: Option<Box<GroupState>>,
}

/// The server's memory. See the module.
pub trait Repo: Send + Sync + 'static {
    /// All apps, by id.
    fn apps(&self) -> impl Future<Output = Result<Vec<App>>> + Send;
    /// False: there is an app of that id.
    fn create_app(&self, app: App) -> impl Future<Output = Result<bool>> + Send;
    /// False: there is no such app.
    fn rotate_key(&self, app_id: u64, key: String) -> impl Future<Output = Result<bool>> + Send;
    /// False: there is no such app.
    fn set_policy(&self, app_id: u64, policy: Policy) -> impl Future<Output = Result<bool>> + Send;
    /// The oldest version of the database whose timd may work on it.
    fn schema_floor(&self) -> impl Future<Output = Result<u64>> + Send;
    /// How many users of each app were last online on which day.
    fn active_users(&self) -> impl Future<Output = Result<Vec<ActiveUsers>>> + Send;

    /// What a login looks at.
    fn login_view(
        &self,
        app_id: u64,
        user_id: String,
    ) -> impl Future<Output = Result<LoginView>> + Send;
    /// Registers the user on first login; two at once get the same account.
    fn register(
        &self,
        new_id: AccountId,
        app_id: u64,
        user_id: String,
        now: u64,
    ) -> impl Future<Output = Result<Account>> + Send;
    /// A device comes online: it finds its place among the user's devices, or takes one, as the
    /// policy says.
    fn enter(&self, enter: Enter) -> impl Future<Output = Result<Entered>> + Send;
    /// A device goes. The last one takes the custom status with it. `None`: it was not online over
    /// that connection.
    fn leave(&self, leave: Leave) -> impl Future<Output = Result<Option<Change>>> + Send;
    /// How a user stands.
    fn standing(&self, account: AccountId) -> impl Future<Output = Result<Standing>> + Send;
    /// Tickets issued before `not_before` are not good any more. False: no such account.
    fn refuse_tickets_before(
        &self,
        app_id: u64,
        user_id: String,
        not_before: u64,
    ) -> impl Future<Output = Result<bool>> + Send;
    /// How far the user has come.
    fn heads(&self, account: AccountId) -> impl Future<Output = Result<Heads>> + Send;
    /// The user's stream after a cursor: at most `limit` events and about `max_bytes`.
    fn difference(
        &self,
        account: AccountId,
        after: u64,
        limit: u32,
        max_bytes: usize,
    ) -> impl Future<Output = Result<Difference>> + Send;

    /// Stores a message with its events in both streams.
    fn send_message(&self, message: SendMessage) -> impl Future<Output = Result<Sent>> + Send;
    /// A page of a conversation.
    fn history(&self, query: HistoryQuery) -> impl Future<Output = Result<HistoryPage>> + Send;
    /// Changes a message, with events in the streams of both.
    fn change_message(&self, change: ChangeMessage)
    -> impl Future<Output = Result<Changed>> + Send;
    /// Erases messages for one member, with events in that member's stream. `None`: nobody of the peer's name has registered.
    fn erase(&self, erase: Erase) -> impl Future<Output = Result<Option<Erasure>>> + Send;
    /// What changed in a conversation, and what one member erased there.
    fn changes(&self, query: ChangesQuery) -> impl Future<Output = Result<ChangesPage>> + Send;
    /// Marks a conversation read. `None`: nobody of the peer's name has registered.
    fn mark_read(&self, mark: MarkRead) -> impl Future<Output = Result<Option<Marked>>> + Send;

    /// A page of the user's conversations after one of them.
    fn snapshot(
        &self,
        account: AccountId,
        after: ConvRef,
        limit: u32,
        max_bytes: usize,
    ) -> impl Future<Output = Result<SnapshotPage>> + Send;

    /// Changes what a user has set on conversations, with an event for each that is different then.
    fn set_convs(&self, set: SetConvs) -> impl Future<Output = Result<ConvsSet>> + Send;
    /// Changes a conversation group, with an event when that makes a difference.
    fn change_group(
        &self,
        change: ChangeGroup,
    ) -> impl Future<Output = Result<GroupChanged>> + Send;
    /// A page of the user's conversation groups after one of them.
    fn groups(
        &self,
        account: AccountId,
        after: u64,
    ) -> impl Future<Output = Result<GroupPage>> + Send;

    /// Creates a group, with an event in the stream of each of its members.
    fn create_group(&self, new: NewGroup) -> impl Future<Output = Result<GroupDone>> + Send;
    /// Somebody comes into a group, brings others in, leaves or dissolves it; with an event in the
    /// stream of who comes or goes.
    fn act_on_group(&self, act: GroupAct) -> impl Future<Output = Result<GroupDone>> + Send;
    /// Stores a message of a group.
    fn send_to_group(
        &self,
        message: GroupMessage,
    ) -> impl Future<Output = Result<GroupSent>> + Send;
    /// A page of the user's groups after one of them.
    fn joined_groups(
        &self,
        account: AccountId,
        after: ConvRef,
    ) -> impl Future<Output = Result<JoinedPage>> + Send;
    /// A page of a group's members.
    fn members(&self, query: MembersQuery) -> impl Future<Output = Result<MemberPage>> + Send;
    /// A group's conversation as a member has it. `None`: the user is not in it.
    fn group_view(
        &self,
        app_id: u64,
        account: AccountId,
        group_id: String,
    ) -> impl Future<Output = Result<Option<ConvView>>> + Send;
    /// The conversation of a group that the user is in.
    fn group_conv(
        &self,
        app_id: u64,
        account: AccountId,
        group_id: String,
    ) -> impl Future<Output = Result<Option<ConvRef>>> + Send;
    /// A page of the heads of the user's groups that moved since then, after one of them.
    fn group_heads(
        &self,
        account: AccountId,
        after: ConvRef,
        since_ms: u64,
    ) -> impl Future<Output = Result<HeadPage>> + Send;
    /// Members of a group who are online, and where, of those for whom this message is there.
    fn audience(
        &self,
        conv: ConvRef,
        seq: u64,
    ) -> impl Future<Output = Result<Vec<(AccountId, NodeId)>>> + Send;

    /// The accounts of these users, in their order; `None` for who has not registered.
    fn accounts(
        &self,
        app_id: u64,
        users: Vec<String>,
    ) -> impl Future<Output = Result<Vec<Option<Account>>>> + Send;
    /// These users as others see them, in their order; `None` for who has not registered.
    fn seen(
        &self,
        app_id: u64,
        users: Vec<String>,
    ) -> impl Future<Output = Result<Vec<Option<Seen>>>> + Send;
    /// Sets the custom status of a user who is online; of another one nothing changes.
    fn set_custom_status(
        &self,
        account: AccountId,
        text: String,
    ) -> impl Future<Output = Result<Change>> + Send;
    /// Profiles of users: at most about `max_bytes` of them, but one at least.
    fn profiles(
        &self,
        app_id: u64,
        users: Vec<String>,
        max_bytes: usize,
    ) -> impl Future<Output = Result<ProfilePage>> + Send;
    /// Changes the user's profile, with an event in the user's stream when that makes a difference.
    fn set_profile(
        &self,
        account: AccountId,
        update: ProfileUpdate,
    ) -> impl Future<Output = Result<SetProfile>> + Send;
    /// The user's receive option for all; `None`: never set.
    fn receive_all(
        &self,
        account: AccountId,
    ) -> impl Future<Output = Result<Option<ReceiveAll>>> + Send;
    /// Sets it. Gives the place of the event in the user's stream; `None`: it was so already.
    fn set_receive_all(
        &self,
        account: AccountId,
        all: ReceiveAll,
    ) -> impl Future<Output = Result<Option<u64>>> + Send;
    /// Whom a user watches.
    fn watching(&self, account: AccountId) -> impl Future<Output = Result<Watching>> + Send;
    /// Adds subscriptions, dropping the oldest of the topic beyond `max`. Gives all that are left.
    fn subscribe(
        &self,
        account: AccountId,
        topic: Topic,
        users: Vec<String>,
        max: usize,
    ) -> impl Future<Output = Result<Watching>> + Send;
    /// Ends subscriptions, all of the topic when none is named. Gives all that are left.
    fn unsubscribe(
        &self,
        account: AccountId,
        topic: Topic,
        users: Vec<String>,
    ) -> impl Future<Output = Result<Watching>> + Send;

    /// Whether nodes in other processes may work on the same database. If not, what is written takes
    /// effect in the order of asking; if so, nothing is promised of what is asked side by side.
    fn is_shared(&self) -> bool;
    /// A node begins its life. Where no other can be, whatever was left of others goes.
    fn join(&self, node: NodeId, name: String) -> impl Future<Output = Result<()>> + Send;
    /// The node lives. Gives all nodes, this one among them; `None` when others have found it dead.
    fn beat(&self, node: NodeId) -> impl Future<Output = Result<Option<Vec<NodeLife>>>> + Send;
    /// Finds a node dead that has not moved since that beat. False: it has.
    fn fence(&self, node: NodeId, beat: u64) -> impl Future<Output = Result<bool>> + Send;
    /// Takes devices of at most `limit` users away from a node that was found dead.
    fn sweep(&self, node: NodeId, limit: u32) -> impl Future<Output = Result<Vec<Swept>>> + Send;
    /// A node is no more, and nobody is online there.
    fn remove_node(&self, node: NodeId) -> impl Future<Output = Result<()>> + Send;
    /// On which nodes users are online.
    fn routes(
        &self,
        accounts: Vec<AccountId>,
    ) -> impl Future<Output = Result<Vec<(AccountId, NodeId)>>> + Send;
    /// The users who are online on a node, and how far they have come.
    fn heads_on(
        &self,
        node: NodeId,
    ) -> impl Future<Output = Result<Vec<(AccountId, Heads)>>> + Send;
    /// On which nodes users are online who watch a user.
    fn watching_nodes(
        &self,
        app_id: u64,
        topic: Topic,
        user_id: String,
    ) -> impl Future<Output = Result<Vec<NodeId>>> + Send;
}
