//! The operations of [`Repo`](super::Repo), each told once: whether it writes, and what it does with
//! an open transaction. An engine hands the name of a macro to [`operations!`] that puts begin,
//! commit and whatever else a transaction of its own takes around them.
//!
//! A `read` sees one moment, whatever it runs. An `ask` reads by one statement only, which takes no
//! transaction around it. A `write` may be run more than once, with what it did before undone.

/// Everything but `is_shared`, and `join`, which asks that.
macro_rules! operations {
    ($engine:ident) => {
        $engine! { sql
            ask apps() -> Vec<App> { session::apps(sql).await }
            write create_app(app: App) -> bool { session::create_app(sql, &app).await }
            write rotate_key(app_id: u64, key: String) -> bool {
                session::rotate_key(sql, app_id, &key).await
            }
            write set_policy(app_id: u64, policy: Policy) -> bool {
                session::set_policy(sql, app_id, policy).await
            }
            ask schema_floor() -> u64 { standing::schema_floor(sql).await }
            ask active_users() -> Vec<ActiveUsers> { user::active_users(sql).await }

            read login_view(app_id: u64, user_id: String) -> LoginView {
                session::login_view(sql, app_id, &user_id).await
            }
            write register(new_id: AccountId, app_id: u64, user_id: String, now: u64) -> Account {
                session::register(sql, new_id, app_id, &user_id, now).await
            }
            write enter(enter: Enter) -> Entered { standing::enter(sql, &enter).await }
            write leave(leave: Leave) -> Option<Change> { standing::leave(sql, &leave).await }
            read standing(account: AccountId) -> Standing {
                standing::standing(sql, account).await
            }
            write refuse_tickets_before(app_id: u64, user_id: String, not_before: u64) -> bool {
                session::refuse_tickets_before(sql, app_id, &user_id, not_before).await
            }
            ask heads(account: AccountId) -> Heads { session::heads(sql, account).await }
            read difference(account: AccountId, after: u64, limit: u32, max_bytes: usize)
                -> Difference
            {
                session::difference(sql, account, after, limit, max_bytes).await
            }

            write send_message(message: SendMessage) -> Sent { message::send(sql, &message).await }
            read history(query: HistoryQuery) -> HistoryPage { message::history(sql, &query).await }
            write change_message(change: ChangeMessage) -> Changed {
                change::change(sql, &change).await
            }
            write erase(erase: Erase) -> Option<Erasure> {
                change::erase(sql, &erase).await
            }
            read changes(query: ChangesQuery) -> ChangesPage {
                change::changes(sql, &query).await
            }
            write mark_read(mark: MarkRead) -> Option<Marked> {
                message::mark_read(sql, &mark).await
            }

            read snapshot(account: AccountId, after: ConvRef, limit: u32, max_bytes: usize)
                -> SnapshotPage
            {
                conversation::snapshot(sql, account, after, limit, max_bytes).await
            }

            write set_convs(set: SetConvs) -> ConvsSet { settings::set(sql, &set).await }
            write change_group(change: ChangeGroup) -> GroupChanged {
                settings::change_group(sql, &change).await
            }
            read groups(account: AccountId, after: u64) -> GroupPage {
                settings::groups(sql, account, after).await
            }

            write create_group(new: NewGroup) -> GroupDone { group::create(sql, &new).await }
            write act_on_group(act: GroupAct) -> GroupDone { group::act(sql, &act).await }
            write send_to_group(message: GroupMessage) -> GroupSent {
                group_message::send(sql, &message).await
            }
            read joined_groups(account: AccountId, after: ConvRef) -> JoinedPage {
                group::joined(sql, account, after).await
            }
            read members(query: MembersQuery) -> MemberPage { group::members(sql, &query).await }
            read group_view(app_id: u64, account: AccountId, group_id: String)
                -> Option<ConvView>
            {
                group::view_of(sql, app_id, account, &group_id).await
            }
            ask group_conv(app_id: u64, account: AccountId, group_id: String) -> Option<ConvRef> {
                group::conv_of(sql, app_id, account, &group_id).await
            }
            ask group_heads(account: AccountId, after: ConvRef, since_ms: u64) -> HeadPage {
                group::heads(sql, account, after, since_ms).await
            }
            ask audience(conv: ConvRef, seq: u64) -> Vec<(AccountId, NodeId)> {
                group::audience(sql, conv, seq).await
            }

            ask accounts(app_id: u64, users: Vec<String>) -> Vec<Option<Account>> {
                session::accounts(sql, app_id, &users).await
            }
            ask seen(app_id: u64, users: Vec<String>) -> Vec<Option<Seen>> {
                standing::seen(sql, app_id, &users).await
            }
            write set_custom_status(account: AccountId, text: String) -> Change {
                standing::set_custom_status(sql, account, &text).await
            }
            read profiles(app_id: u64, users: Vec<String>, max_bytes: usize) -> ProfilePage {
                user::profiles(sql, app_id, &users, max_bytes).await
            }
            write set_profile(account: AccountId, update: ProfileUpdate) -> SetProfile {
                user::set_profile(sql, account, &update).await
            }
            ask receive_all(account: AccountId) -> Option<ReceiveAll> {
                user::receive_all(sql, account).await
            }
            write set_receive_all(account: AccountId, all: ReceiveAll) -> Option<u64> {
                user::set_receive_all(sql, account, all).await
            }
            read watching(account: AccountId) -> Watching { user::watching(sql, account).await }
            write subscribe(account: AccountId, topic: Topic, users: Vec<String>, max: usize)
                -> Watching
            {
                user::subscribe(sql, account, topic, &users, max).await
            }
            write unsubscribe(account: AccountId, topic: Topic, users: Vec<String>) -> Watching {
                user::unsubscribe(sql, account, topic, &users).await
            }

            write beat(node: NodeId) -> Option<Vec<NodeLife>> { standing::beat(sql, node).await }
            write fence(node: NodeId, beat: u64) -> bool { standing::fence(sql, node, beat).await }
            write sweep(node: NodeId, limit: u32) -> Vec<Swept> {
                standing::sweep(sql, node, limit).await
            }
            write remove_node(node: NodeId) -> () { standing::remove_node(sql, node).await }
            ask routes(accounts: Vec<AccountId>) -> Vec<(AccountId, NodeId)> {
                standing::routes(sql, &accounts).await
            }
            ask heads_on(node: NodeId) -> Vec<(AccountId, Heads)> {
                standing::heads_on(sql, node).await
            }
            ask watching_nodes(app_id: u64, topic: Topic, user_id: String) -> Vec<NodeId> {
                standing::watching_nodes(sql, app_id, topic, &user_id).await
            }
        }
    };
}
pub(super) use operations;
