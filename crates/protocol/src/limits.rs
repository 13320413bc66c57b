//! Every limit of the protocol, named in one place. `docs/limits.md` lists them, which is tested.
//!
//! Limits that an operator may change are settings of timd whose defaults stand here.

use std::time::Duration;

/// Bytes of one message: the texts of its elements and its cloud custom text together
/// (8001 in the client, 80002 at the server).
pub const MESSAGE_BYTES: usize = 12 * 1024;
/// Elements in one message.
pub const MESSAGE_ELEMENTS: usize = 100;
/// Bytes of one WebSocket frame, in either direction (5026 in the client).
pub const FRAME_BYTES: usize = 1024 * 1024;
/// Bytes of a user ID: letters, digits, `_` and `-`.
pub const USER_ID_BYTES: usize = 32;
/// Bytes of a login ticket as text.
pub const TICKET_BYTES: usize = 8 * 1024;
/// Bytes that a ticket may inflate to.
pub const TICKET_INFLATED_BYTES: usize = 16 * 1024;
/// Bytes of a custom status.
pub const CUSTOM_STATUS_BYTES: usize = 100;
/// Bytes of the text that an app has the login carry to its own server.
pub const USER_DATA_BYTES: usize = 64;
/// Users whose status one user can subscribe to; the oldest subscription goes first.
pub const STATUS_SUBSCRIPTIONS: usize = 200;
/// Users named in one status query.
pub const STATUS_QUERY_USERS: usize = 500;
/// Users named in one status subscription call.
pub const STATUS_SUBSCRIBE_USERS: usize = 100;
/// Bytes of a text in a profile: name, signature, picture's URL, custom value (40601).
pub const PROFILE_TEXT_BYTES: usize = 500;
/// Bytes of the location in a profile (40605).
pub const PROFILE_LOCATION_BYTES: usize = 16;
/// Custom fields of a profile (40605).
pub const PROFILE_CUSTOM_FIELDS: usize = 20;
/// Letters in the name of a custom field, after its prefix (9001).
pub const PROFILE_CUSTOM_NAME_BYTES: usize = 8;
/// Users named in one query for profiles.
pub const PROFILE_QUERY_USERS: usize = 500;
/// Users to whose profiles one user can subscribe, in one call or several; the oldest
/// subscription goes first.
pub const PROFILE_SUBSCRIPTIONS: usize = 200;
/// Messages in one answer to a history query.
pub const HISTORY_PAGE: u32 = 100;
/// Ranges of messages that one call erases, and messages that one call of an app deletes.
pub const ERASE_RANGES: usize = 50;
/// Erased ranges in one answer about what changed.
pub const ERASED_PAGE: usize = 1_000;
/// A client may take its message back for so long.
pub const REVOKE_TIME: Duration = Duration::from_secs(120);
/// Events in one page of a difference.
pub const DIFFERENCE_PAGE: u32 = 500;
/// Conversations in one page of a snapshot.
pub const SNAPSHOT_PAGE: u32 = 200;
/// Conversations named in one call that sets something on them (51006).
pub const CONVERSATIONS_A_CALL: usize = 100;
/// Conversations that a user pins (51012).
pub const PINNED_CONVERSATIONS: usize = 50;
/// Conversations that carry marks, and those that carry custom data (51008).
pub const MARKED_CONVERSATIONS: usize = 1_000;
/// Users whose receive option one call of an app sets, or asks for.
pub const RECEIVE_OPT_USERS: usize = 30;
/// Bytes of a conversation's custom data (50002).
pub const CONV_CUSTOM_BYTES: usize = 256;
/// Conversation groups of a user (51010).
pub const CONV_GROUPS: usize = 20;
/// Bytes of the name of a conversation group (51011).
pub const CONV_GROUP_NAME_BYTES: usize = 32;
/// Conversations in one conversation group; the one added first leaves for another.
pub const CONV_GROUP_SIZE: usize = 1_000;
/// Bytes of a draft as JSON. It stays on its device.
pub const DRAFT_BYTES: usize = 64 * 1024;
/// Bytes of a group's own ID (10015).
pub const GROUP_ID_BYTES: usize = 48;
/// Bytes of a group's name (10004; 8502 in the client).
pub const GROUP_NAME_BYTES: usize = 30;
/// Bytes of a group's introduction (10004; 8503 in the client).
pub const GROUP_INTRODUCTION_BYTES: usize = 240;
/// Bytes of a group's notice (10004; 8504 in the client).
pub const GROUP_NOTIFICATION_BYTES: usize = 300;
/// Bytes of the URL of a group's picture (10004; 8505 in the client).
pub const GROUP_FACE_URL_BYTES: usize = 100;
/// Users who are named as members of a new group, or invited, in one call (10005).
pub const GROUP_USERS_A_CALL: usize = 20;
/// Members of a group, unless its creator wanted fewer (10014).
pub const GROUP_MEMBERS: u32 = 2_000;
/// Groups of a user (10037).
pub const GROUPS_OF_USER: u32 = 1_000;
/// Members in one page of a group's members.
pub const GROUP_MEMBERS_PAGE: usize = 100;
/// Groups in one page of a user's groups.
pub const GROUPS_PAGE: usize = 100;
/// Heads in one page of the heads of a user's groups.
pub const GROUP_HEADS_PAGE: usize = 1_000;
/// Missed messages of a group that are fetched and told one by one; of more its state is taken.
pub const GROUP_MISSED: u64 = 1_000;
/// A user whose missed events are more than this gets a snapshot instead of a difference.
pub const DIFFERENCE_MAX_EVENTS: u64 = 20_000;

/// Counts, places and times on the wire: what every language with JSON can hold.
pub const NUMBER: u64 = (1 << 53) - 1;

/// TLS and WebSocket handshake together.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Login after the handshake.
pub const LOGIN_TIMEOUT: Duration = Duration::from_secs(10);
/// The client's deadline for the answer to one request.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// The client's deadline for a login, whatever happens on the way.
pub const LOGIN_DEADLINE: Duration = Duration::from_secs(30);
/// An idle client says so this often.
pub const HEARTBEAT: Duration = Duration::from_secs(60);
/// The server closes a connection on which it heard nothing for this long.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(150);
/// Clock difference within which the client leaves the question of expiry to the server.
pub const CLOCK_SKEW: Duration = Duration::from_secs(300);
/// How long an online session outlives its ticket.
pub const TICKET_GRACE: Duration = Duration::from_secs(300);

/// Requests that a client keeps in flight on one connection.
pub const CLIENT_IN_FLIGHT: usize = 256;
/// Messages that wait to be sent, kept on disk (5035 beyond).
pub const OUTBOX_ROWS: usize = 10_000;
/// Bytes of frames queued towards one connection; a reader slower than that is closed.
pub const WRITE_QUEUE_BYTES: usize = 1024 * 1024;
