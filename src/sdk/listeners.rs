//! Who is told of what. The listeners outlive the clients that they are given to.

use std::cell::{Cell, OnceCell};
use std::ffi::{CStr, CString};
use std::sync::Arc;

use protocol::Error;
use protocol::conversation::ConvInfo;
use protocol::message::{Message, MessageReceipt};
use protocol::user::UserStatus;
use protocol::user::profile::UserProfile;
use tim_core::{ConvGroupEvent, Event, NetworkStatus};

use crate::dispatch::Slots;
use crate::log::Level;

/// An event on its way to its listeners; its JSON is made once, when the first asks for it.
pub struct Told {
    event: Event,
    json: OnceCell<CString>,
}

impl Told {
    pub(super) fn new(event: Event) -> Self {
        Self {
            event,
            json: OnceCell::new(),
        }
    }

    /// What happened.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// Its data as JSON; empty when it has none.
    pub fn json(&self) -> &CStr {
        self.json.get_or_init(|| {
            use tim_core::command::json;
            let json = match &self.event {
                Event::UserStatus(statuses) => json(statuses),
                Event::SelfInfo(profile) => json(profile),
                Event::UserInfo(profiles) => json(profiles),
                Event::ReceiveAll(all) => json(all),
                Event::NewMessages(messages) => json(messages),
                Event::Receipts(receipts) => json(receipts),
                Event::Revoked(revoked) => json(revoked),
                Event::Modified(messages) => json(messages),
                Event::Conversations(_, conversations) if !conversations.is_empty() => {
                    json(conversations)
                }
                Event::UnreadByFilter(filter, _) => json(filter),
                Event::ConvGroup(
                    ConvGroupEvent::Created(_, conversations)
                    | ConvGroupEvent::Added(_, conversations)
                    | ConvGroupEvent::Removed(_, conversations, _),
                ) => json(conversations),
                _ => String::new(),
            };
            // JSON has no NUL: it is escaped there.
            CString::new(json).unwrap_or_default()
        })
    }
}

/// Listens to events of one kind.
pub type Listener = dyn Fn(&Told) + Send + Sync;
/// Listens to notices of internal operations: key and data.
pub type ExperimentalListener = dyn Fn(&str, &str) + Send + Sync;
/// Listens to the log.
pub type LogListener = dyn Fn(Level, &str) + Send + Sync;

/// One slot for each kind of event.
#[derive(Default)]
pub struct Listeners {
    /// [`Event::Network`]
    pub network: Slots<Listener>,
    /// [`Event::KickedOffline`]
    pub kicked_offline: Slots<Listener>,
    /// [`Event::UserSigExpired`]
    pub user_sig_expired: Slots<Listener>,
    /// [`Event::UserStatus`]
    pub user_status: Slots<Listener>,
    /// [`Event::NewMessages`]
    pub new_messages: Slots<Listener>,
    /// [`Event::Revoked`]
    pub revoked: Slots<Listener>,
    /// [`Event::Modified`]
    pub modified: Slots<Listener>,
    /// [`Event::Receipts`]
    pub receipts: Slots<Listener>,
    /// [`Event::Conversations`]
    pub conversations: Slots<Listener>,
    /// [`Event::TotalUnread`]
    pub total_unread: Slots<Listener>,
    /// [`Event::UnreadByFilter`]
    pub unread_by_filter: Slots<Listener>,
    /// [`ConvGroupEvent::Created`]
    pub conv_group_created: Slots<Listener>,
    /// [`ConvGroupEvent::Deleted`]
    pub conv_group_deleted: Slots<Listener>,
    /// [`ConvGroupEvent::Renamed`]
    pub conv_group_renamed: Slots<Listener>,
    /// [`ConvGroupEvent::Added`]
    pub conv_group_added: Slots<Listener>,
    /// [`ConvGroupEvent::Removed`]
    pub conv_group_removed: Slots<Listener>,
    /// [`Event::SelfInfo`]
    pub self_info: Slots<Listener>,
    /// [`Event::UserInfo`]
    pub user_info: Slots<Listener>,
    /// [`Event::ReceiveAll`]
    pub receive_all: Slots<Listener>,
    /// Notices of internal operations; told of nothing, since none that is offered has any.
    pub experimental: Slots<ExperimentalListener>,
    /// Lines of the log.
    pub log: Slots<LogListener>,
    /// Poll mode: jobs wait. Called on any thread; must only wake a loop.
    pub wakeup: Arc<Slots<dyn Fn() + Send + Sync>>,
}

thread_local!(static IS_LOGGING: Cell<bool> = const { Cell::new(false) });

/// Ends the telling of a line, also when the listener panics; it may be inside another's.
struct Logging(bool);

impl Drop for Logging {
    fn drop(&mut self) {
        IS_LOGGING.set(self.0);
    }
}

impl Listeners {
    /// Whether this thread is inside a log listener. Lines that it causes by what it calls are
    /// for the files only: told to it, each would cause the next.
    pub(crate) fn is_logging() -> bool {
        IS_LOGGING.get()
    }

    /// Tells of a line of the log.
    pub(crate) fn tell_log(&self, level: Level, line: &str) {
        Self::untold(|| self.log.for_each(|listener| listener(level, line)));
    }

    /// Runs `run`, whose lines are for the files only.
    pub(super) fn untold(run: impl FnOnce()) {
        let _logging = Logging(IS_LOGGING.replace(true));
        run();
    }

    pub(super) fn tell(&self, told: &Told) {
        self.slot(told.event()).for_each(|listener| listener(told));
    }

    fn slot(&self, event: &Event) -> &Slots<Listener> {
        match event {
            Event::Network(_) => &self.network,
            Event::KickedOffline => &self.kicked_offline,
            Event::UserSigExpired => &self.user_sig_expired,
            Event::UserStatus(_) => &self.user_status,
            Event::SelfInfo(_) => &self.self_info,
            Event::UserInfo(_) => &self.user_info,
            Event::ReceiveAll(_) => &self.receive_all,
            Event::NewMessages(_) => &self.new_messages,
            Event::Receipts(_) => &self.receipts,
            Event::Revoked(_) => &self.revoked,
            Event::Modified(_) => &self.modified,
            Event::Conversations(..) => &self.conversations,
            Event::TotalUnread(_) => &self.total_unread,
            Event::UnreadByFilter(..) => &self.unread_by_filter,
            Event::ConvGroup(event) => match event {
                ConvGroupEvent::Created(..) => &self.conv_group_created,
                ConvGroupEvent::Deleted(_) => &self.conv_group_deleted,
                ConvGroupEvent::Renamed(..) => &self.conv_group_renamed,
                ConvGroupEvent::Added(..) => &self.conv_group_added,
                ConvGroupEvent::Removed(..) => &self.conv_group_removed,
            },
        }
    }

    /// The C type of the callbacks that are told of an event.
    pub(super) fn callback_of(event: &Event) -> &'static str {
        match event {
            Event::Network(_) => Self::NETWORK,
            Event::KickedOffline => "tim_kicked_offline_callback",
            Event::UserSigExpired => "tim_user_sig_expired_callback",
            Event::UserStatus(_) => "tim_user_status_changed_callback",
            Event::SelfInfo(_) => "tim_self_info_updated_callback",
            Event::UserInfo(_) => "tim_user_info_changed_callback",
            Event::ReceiveAll(_) => "tim_msg_all_message_receive_option_callback",
            Event::NewMessages(_) => "tim_recv_new_msg_callback",
            Event::Revoked(_) => "tim_msg_revoke_callback",
            Event::Modified(_) => "tim_msg_update_callback",
            Event::Receipts(_) => "tim_msg_readed_receipt_callback",
            Event::Conversations(..) => "tim_conv_event_callback",
            Event::TotalUnread(_) => "tim_conv_total_unread_message_count_changed_callback",
            Event::UnreadByFilter(..) => {
                "tim_conv_total_unread_message_count_changed_by_filter_callback"
            }
            Event::ConvGroup(event) => match event {
                ConvGroupEvent::Created(..) => "tim_conv_conversation_group_created_callback",
                ConvGroupEvent::Deleted(_) => "tim_conv_conversation_group_deleted_callback",
                ConvGroupEvent::Renamed(..) => "tim_conv_conversation_group_name_changed_callback",
                ConvGroupEvent::Added(..) => "tim_conv_conversations_added_to_group_callback",
                ConvGroupEvent::Removed(..) => "tim_conv_conversations_deleted_from_group_callback",
            },
        }
    }

    pub(super) const NETWORK: &str = "tim_network_status_listener_callback";
    pub(super) const LOG: &str = "tim_log_callback";

    /// The link to the server changed.
    pub fn on_network(&self, f: impl Fn(&NetworkStatus) + Send + Sync + 'static) {
        self.network.set(Some(Arc::new(move |told| {
            if let Event::Network(status) = told.event() {
                f(status);
            }
        })));
    }

    /// Another login of the same user took this one's place.
    pub fn on_kicked_offline(&self, f: impl Fn() + Send + Sync + 'static) {
        self.kicked_offline.set(Some(Arc::new(move |_| f())));
    }

    /// The ticket ran out while online.
    pub fn on_user_sig_expired(&self, f: impl Fn() + Send + Sync + 'static) {
        self.user_sig_expired.set(Some(Arc::new(move |_| f())));
    }

    /// Users came, went, or changed their custom status.
    pub fn on_user_status(&self, f: impl Fn(&[UserStatus]) + Send + Sync + 'static) {
        self.user_status.set(Some(Arc::new(move |told| {
            if let Event::UserStatus(statuses) = told.event() {
                f(statuses);
            }
        })));
    }

    /// One's own profile changed, here or on another device: as it is now.
    pub fn on_self_info(&self, f: impl Fn(&UserProfile) + Send + Sync + 'static) {
        self.self_info.set(Some(Arc::new(move |told| {
            if let Event::SelfInfo(profile) = told.event() {
                f(profile);
            }
        })));
    }

    /// Profiles of subscribed users changed: as they are now.
    pub fn on_user_info(&self, f: impl Fn(&[UserProfile]) + Send + Sync + 'static) {
        self.user_info.set(Some(Arc::new(move |told| {
            if let Event::UserInfo(profiles) = told.event() {
                f(profiles);
            }
        })));
    }

    /// Messages that are new to this device.
    pub fn on_new_messages(&self, f: impl Fn(&[Message]) + Send + Sync + 'static) {
        self.new_messages.set(Some(Arc::new(move |told| {
            if let Event::NewMessages(messages) = told.event() {
                f(messages);
            }
        })));
    }

    /// Peers have read.
    pub fn on_receipts(&self, f: impl Fn(&[MessageReceipt]) + Send + Sync + 'static) {
        self.receipts.set(Some(Arc::new(move |told| {
            if let Event::Receipts(receipts) = told.event() {
                f(receipts);
            }
        })));
    }

    /// Conversations changed; the number is one of [`protocol::conversation::conv_event`].
    pub fn on_conversations(&self, f: impl Fn(i32, &[ConvInfo]) + Send + Sync + 'static) {
        self.conversations.set(Some(Arc::new(move |told| {
            if let Event::Conversations(kind, conversations) = told.event() {
                f(*kind, conversations);
            }
        })));
    }

    /// The total of unread messages changed.
    pub fn on_total_unread(&self, f: impl Fn(u64) + Send + Sync + 'static) {
        self.total_unread.set(Some(Arc::new(move |told| {
            if let Event::TotalUnread(count) = told.event() {
                f(*count);
            }
        })));
    }
}

/// Code and text of a network status.
pub(crate) fn network_error(status: &NetworkStatus) -> Option<&Error> {
    match status {
        NetworkStatus::Disconnected(error) | NetworkStatus::ConnectFailed(error) => Some(error),
        NetworkStatus::Connected | NetworkStatus::Connecting => None,
    }
}
