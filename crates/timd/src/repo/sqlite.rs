//! SQLite: one writer thread that puts many operations into one commit, and a few readers; or,
//! for tests, everything at once in the caller.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use futures_channel::oneshot;
use parking_lot::Mutex;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::sql::{conversation, message, session, standing, user};
use super::*;
use crate::metrics::Metrics;

/// At most so many operations share a commit.
const BATCH: usize = 256;
/// At most so many operations wait; further ones are refused.
const QUEUE: usize = 64 * 1024;
/// Another process (`timd app …`) may hold the database for a moment.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How operations get executed.
pub trait Engine: Send + Sync + 'static {
    /// Runs a query.
    fn read<T: Send + 'static>(
        &self,
        f: impl Fn(&Connection) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send;
    /// Runs a transaction; completes when it is durable. An error undoes it. It may be run more
    /// than once, with what it did before undone.
    fn write<T: Send + 'static>(
        &self,
        f: impl Fn(&Connection) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send;
    /// Whether several nodes share the database: in simulations only.
    fn is_shared(&self) -> bool {
        false
    }
}

/// All operations over an engine.
pub struct SqliteRepo<E>(pub E);

/// The repo of a server: a file, a writer thread, reader threads.
pub type Sqlite = SqliteRepo<Threads>;
/// The repo of tests: in memory, executed in the caller.
pub type InlineSqlite = SqliteRepo<Inline>;

impl SqliteRepo<Threads> {
    /// Opens or creates the database file.
    pub fn open(path: &Path, readers: usize, metrics: Arc<Metrics>) -> Result<Self> {
        Threads::open(path, readers, metrics).map(Self)
    }

    /// Refuses new operations, finishes what is queued, closes the file.
    pub fn close(self) {
        drop(self);
    }
}

impl SqliteRepo<Inline> {
    /// An empty database in memory.
    pub fn in_memory() -> Result<Self> {
        Inline::in_memory().map(Self)
    }
}

impl Inline {
    /// An empty database in memory.
    pub fn in_memory() -> Result<Self> {
        let mut conn = Connection::open_in_memory()?;
        configure(&conn)?;
        migrations::run(&mut conn)?;
        Ok(Self(Mutex::new(conn)))
    }
}

/// Executes in the caller.
pub struct Inline(Mutex<Connection>);

impl Engine for Inline {
    async fn read<T: Send + 'static>(
        &self,
        f: impl Fn(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        f(&self.0.lock())
    }

    async fn write<T: Send + 'static>(
        &self,
        f: impl Fn(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let mut conn = self.0.lock();
        let tx = conn.transaction()?;
        let result = f(&tx)?;
        tx.commit()?;
        Ok(result)
    }
}

fn configure(conn: &Connection) -> Result<()> {
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.set_prepared_statement_cache_capacity(64);
    conn.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;")?;
    Ok(())
}

/// Executes on threads of its own.
pub struct Threads {
    writes: Option<Sender<Box<dyn Job>>>,
    reads: Option<Sender<Box<dyn Job>>>,
    metrics: Arc<Metrics>,
    writer: Option<JoinHandle<()>>,
    readers: Vec<JoinHandle<()>>,
}

impl Threads {
    fn open(path: &Path, readers: usize, metrics: Arc<Metrics>) -> Result<Self> {
        let mut conn = tim_wal::open(path, OpenFlags::default())?;
        configure(&conn)?;
        // Of a new file. A commit writes whole pages for a few hundred bytes in each tree.
        conn.pragma_update(None, "page_size", 2048)?;
        switch_to_wal(&conn)?;
        conn.execute_batch(
            "PRAGMA synchronous = FULL;
             PRAGMA wal_autocheckpoint = 4000;
             PRAGMA journal_size_limit = 67108864;",
        )?;
        migrations::run(&mut conn)?;
        let (writes, queue) = crossbeam_channel::unbounded();
        let (reads, queries) = crossbeam_channel::unbounded();
        let spawn = |name: &str, body: Box<dyn FnOnce() + Send>| {
            std::thread::Builder::new()
                .name(name.into())
                .spawn(body)
                .map_err(|e| RepoError::Failed(format!("cannot start a thread: {e}")))
        };
        let stats = metrics.clone();
        let writer = spawn(
            "timd-writer",
            Box::new(move || write_loop(&conn, &queue, &stats)),
        )?;
        let mut threads = Vec::new();
        for _ in 0..readers.max(1) {
            let conn = open_reader(path.to_owned())?;
            let (queries, stats) = (queries.clone(), metrics.clone());
            threads.push(spawn(
                "timd-reader",
                Box::new(move || read_loop(&conn, &queries, &stats)),
            )?);
        }
        Ok(Self {
            writes: Some(writes),
            reads: Some(reads),
            metrics,
            writer: Some(writer),
            readers: threads,
        })
    }
}

/// SQLite does not wait for the lock that this takes when another process does the same.
fn switch_to_wal(conn: &Connection) -> Result<()> {
    let until = Instant::now() + BUSY_TIMEOUT;
    loop {
        let Err(error) = conn.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())) else {
            return Ok(());
        };
        if error.sqlite_error_code() != Some(ErrorCode::DatabaseBusy) || Instant::now() >= until {
            return Err(error.into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn open_reader(path: PathBuf) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    configure(&conn)?;
    Ok(conn)
}

impl Drop for Threads {
    fn drop(&mut self) {
        // With the queues gone the threads end, the writer after its last commit. It is the last
        // to close the file, since readers cannot fold the log into it.
        self.reads = None;
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        self.writes = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

/// An operation on its way through a thread: run, then released with the commit's outcome.
trait Job: Send {
    /// False: it failed, undo it.
    fn run(&mut self, conn: &Connection) -> bool;
    fn release(self: Box<Self>, commit: Result<()>);
}

struct Operation<F, T> {
    work: F,
    result: Result<T>,
    answer: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: Fn(&Connection) -> Result<T> + Send> Job for Operation<F, T> {
    fn run(&mut self, conn: &Connection) -> bool {
        self.result = catch_unwind(AssertUnwindSafe(|| (self.work)(conn)))
            .unwrap_or_else(|_| Err(RepoError::Failed("an operation panicked".into())));
        self.result.is_ok()
    }

    fn release(self: Box<Self>, commit: Result<()>) {
        let result = self.result.and_then(|t| commit.map(|()| t));
        // Nobody may be waiting, any more or at all.
        if let Err(Err(error)) = self.answer.send(result) {
            tracing::warn!(%error, "an operation failed, and nobody has heard of it");
        }
    }
}

fn gone() -> RepoError {
    RepoError::Failed("the database is closed".into())
}

async fn submit<T: Send + 'static>(
    queue: &Option<Sender<Box<dyn Job>>>,
    depth: &crate::metrics::Gauge,
    f: impl Fn(&Connection) -> Result<T> + Send + 'static,
) -> Result<T> {
    let answered = enqueue(queue, depth, f)?;
    answered.await.map_err(|_| gone())?
}

fn enqueue<T: Send + 'static>(
    queue: &Option<Sender<Box<dyn Job>>>,
    depth: &crate::metrics::Gauge,
    f: impl Fn(&Connection) -> Result<T> + Send + 'static,
) -> Result<oneshot::Receiver<Result<T>>> {
    let queue = queue.as_ref().ok_or_else(gone)?;
    if queue.len() >= QUEUE {
        return Err(RepoError::Busy);
    }
    let (answer, answered) = oneshot::channel();
    depth.add(1);
    let job = Operation {
        work: f,
        result: Err(gone()),
        answer,
    };
    queue.send(Box::new(job)).map_err(|_| gone())?;
    Ok(answered)
}

impl Engine for Threads {
    fn read<T: Send + 'static>(
        &self,
        f: impl Fn(&Connection) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send {
        submit(&self.reads, &self.metrics.read_queue, f)
    }

    fn write<T: Send + 'static>(
        &self,
        f: impl Fn(&Connection) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send {
        submit(&self.writes, &self.metrics.write_queue, f)
    }
}

fn read_loop(conn: &Connection, queue: &Receiver<Box<dyn Job>>, metrics: &Metrics) {
    for mut job in queue {
        metrics.read_queue.add(-1);
        // A query may read twice: a transaction makes both see the same moment.
        let begun = statement(conn, "BEGIN");
        job.run(conn);
        let ended = begun.and_then(|()| statement(conn, "COMMIT"));
        job.release(ended);
    }
}

fn write_loop(conn: &Connection, queue: &Receiver<Box<dyn Job>>, metrics: &Metrics) {
    let mut batch = Vec::with_capacity(BATCH);
    while let Ok(first) = queue.recv() {
        batch.push(first);
        batch.extend(queue.try_iter().take(BATCH - 1));
        metrics.write_queue.add(-(batch.len() as i64));
        metrics.commit_operations.record(batch.len() as u64);
        let start = Instant::now();
        let outcome = commit(conn, &mut batch);
        metrics.commit.observe(start.elapsed());
        if let Err(error) = &outcome {
            tracing::error!(%error, operations = batch.len(), "commit failed");
        }
        for job in batch.drain(..) {
            job.release(outcome.clone());
        }
    }
}

/// Many operations, one commit: the disk is waited for once. Hardly ever does one of them fail, so
/// they run without savepoints first, which are half as fast again, and with them after a failure.
fn commit(conn: &Connection, batch: &mut [Box<dyn Job>]) -> Result<()> {
    let all = |batch: &mut [Box<dyn Job>]| {
        statement(conn, "BEGIN IMMEDIATE")?;
        if batch.iter_mut().all(|job| job.run(conn)) {
            statement(conn, "COMMIT")?;
            return Ok(true);
        }
        statement(conn, "ROLLBACK")?;
        Ok(false)
    };
    let each = |batch: &mut [Box<dyn Job>]| {
        statement(conn, "BEGIN IMMEDIATE")?;
        for job in batch.iter_mut() {
            statement(conn, "SAVEPOINT op")?;
            if !job.run(conn) {
                statement(conn, "ROLLBACK TO op")?;
            }
            statement(conn, "RELEASE op")?;
        }
        statement(conn, "COMMIT")
    };
    let outcome = all(batch).and_then(|done| if done { Ok(()) } else { each(batch) });
    if outcome.is_err() && !conn.is_autocommit() {
        statement(conn, "ROLLBACK")?;
    }
    outcome
}

fn statement(conn: &Connection, sql: &str) -> Result<()> {
    conn.prepare_cached(sql)?.execute([])?;
    Ok(())
}

impl<E: Engine> Repo for SqliteRepo<E> {
    async fn apps(&self) -> Result<Vec<App>> {
        self.0.read(session::apps).await
    }
    async fn create_app(&self, app: App) -> Result<bool> {
        self.0.write(move |c| session::create_app(c, &app)).await
    }
    async fn rotate_key(&self, app_id: u64, key: String) -> Result<bool> {
        self.0
            .write(move |c| session::rotate_key(c, app_id, &key))
            .await
    }
    async fn set_policy(&self, app_id: u64, policy: Policy) -> Result<bool> {
        self.0
            .write(move |c| session::set_policy(c, app_id, policy))
            .await
    }
    async fn active_users(&self) -> Result<Vec<ActiveUsers>> {
        self.0.read(user::active_users).await
    }

    async fn login_view(&self, app_id: u64, user_id: String) -> Result<LoginView> {
        self.0
            .read(move |c| session::login_view(c, app_id, &user_id))
            .await
    }
    async fn register(
        &self,
        new_id: AccountId,
        app_id: u64,
        user_id: String,
        now: u64,
    ) -> Result<Account> {
        self.0
            .write(move |c| session::register(c, new_id, app_id, &user_id, now))
            .await
    }
    async fn enter(&self, enter: Enter) -> Result<Entered> {
        self.0.write(move |c| standing::enter(c, &enter)).await
    }
    async fn leave(&self, leave: Leave) -> Result<Option<Change>> {
        self.0.write(move |c| standing::leave(c, &leave)).await
    }
    async fn standing(&self, account: AccountId) -> Result<Standing> {
        self.0.read(move |c| standing::standing(c, account)).await
    }
    async fn refuse_tickets_before(
        &self,
        app_id: u64,
        user_id: String,
        not_before: u64,
    ) -> Result<bool> {
        self.0
            .write(move |c| session::refuse_tickets_before(c, app_id, &user_id, not_before))
            .await
    }
    async fn heads(&self, account: AccountId) -> Result<Heads> {
        self.0.read(move |c| session::heads(c, account)).await
    }
    async fn difference(
        &self,
        account: AccountId,
        after: u64,
        limit: u32,
        max_bytes: usize,
    ) -> Result<Difference> {
        self.0
            .read(move |c| session::difference(c, account, after, limit, max_bytes))
            .await
    }

    async fn send_message(&self, send: SendMessage) -> Result<Sent> {
        self.0.write(move |c| message::send(c, &send)).await
    }
    async fn history(&self, query: HistoryQuery) -> Result<HistoryPage> {
        self.0.read(move |c| message::history(c, &query)).await
    }
    async fn mark_read(&self, mark: MarkRead) -> Result<Option<Marked>> {
        self.0.write(move |c| message::mark_read(c, &mark)).await
    }

    async fn snapshot(
        &self,
        account: AccountId,
        after: ConvRef,
        limit: u32,
        max_bytes: usize,
    ) -> Result<SnapshotPage> {
        self.0
            .read(move |c| conversation::snapshot(c, account, after, limit, max_bytes))
            .await
    }

    async fn accounts(&self, app_id: u64, users: Vec<String>) -> Result<Vec<Option<Account>>> {
        self.0
            .read(move |c| user::accounts(c, app_id, &users))
            .await
    }
    async fn seen(&self, app_id: u64, users: Vec<String>) -> Result<Vec<Option<Seen>>> {
        self.0
            .read(move |c| standing::seen(c, app_id, &users))
            .await
    }
    async fn set_custom_status(&self, account: AccountId, text: String) -> Result<Change> {
        self.0
            .write(move |c| standing::set_custom_status(c, account, &text))
            .await
    }
    async fn profiles(
        &self,
        app_id: u64,
        users: Vec<String>,
        max_bytes: usize,
    ) -> Result<ProfilePage> {
        self.0
            .read(move |c| user::profiles(c, app_id, &users, max_bytes))
            .await
    }
    async fn set_profile(&self, account: AccountId, update: ProfileUpdate) -> Result<SetProfile> {
        self.0
            .write(move |c| user::set_profile(c, account, &update))
            .await
    }
    async fn watching(&self, account: AccountId) -> Result<Watching> {
        self.0.read(move |c| user::watching(c, account)).await
    }
    async fn subscribe(
        &self,
        account: AccountId,
        topic: Topic,
        users: Vec<String>,
        max: usize,
    ) -> Result<Watching> {
        self.0
            .write(move |c| user::subscribe(c, account, topic, &users, max))
            .await
    }
    async fn unsubscribe(
        &self,
        account: AccountId,
        topic: Topic,
        users: Vec<String>,
    ) -> Result<Watching> {
        self.0
            .write(move |c| user::unsubscribe(c, account, topic, &users))
            .await
    }

    fn is_shared(&self) -> bool {
        self.0.is_shared()
    }
    async fn join(&self, node: NodeId, name: String) -> Result<()> {
        let is_alone = !self.0.is_shared();
        self.0
            .write(move |c| standing::join(c, node, &name, is_alone))
            .await
    }
    async fn beat(&self, node: NodeId) -> Result<Option<Vec<NodeLife>>> {
        self.0.write(move |c| standing::beat(c, node)).await
    }
    async fn fence(&self, node: NodeId, beat: u64) -> Result<bool> {
        self.0.write(move |c| standing::fence(c, node, beat)).await
    }
    async fn sweep(&self, node: NodeId, limit: u32) -> Result<Vec<Swept>> {
        self.0.write(move |c| standing::sweep(c, node, limit)).await
    }
    async fn remove_node(&self, node: NodeId) -> Result<()> {
        self.0.write(move |c| standing::remove_node(c, node)).await
    }
    async fn routes(&self, accounts: Vec<AccountId>) -> Result<Vec<(AccountId, NodeId)>> {
        self.0.read(move |c| standing::routes(c, &accounts)).await
    }
    async fn watching_nodes(
        &self,
        app_id: u64,
        topic: Topic,
        user_id: String,
    ) -> Result<Vec<NodeId>> {
        self.0
            .read(move |c| standing::watching_nodes(c, app_id, topic, &user_id))
            .await
    }
}
