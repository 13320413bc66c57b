//! SQLite: one writer thread that puts many operations into one commit, and a few readers; or,
//! for tests, everything at once in the caller.

use std::future::{self, Future};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use futures_channel::oneshot;
use parking_lot::Mutex;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, params_from_iter};

use super::operations::operations;
use super::sql::{
    self, Batch, Row, Sql, Value, change, conversation, group, group_message, message, session,
    settings, standing, user,
};
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

/// The statements of one operation on a connection. Each has happened when its future is there.
struct Direct<'c>(&'c Connection);

impl<'c> Direct<'c> {
    fn prepare(&self, text: &'static str, params: &[Value<'_>]) -> Result<CachedStatement<'c>> {
        debug_assert!(sql::parameters_appear_in_order(text), "{text}");
        // The writer is alone.
        let unlocked = sql::LOCKS.iter().find_map(|lock| text.strip_suffix(lock));
        let text = unlocked.unwrap_or(text);
        let is_list = |value: &Value<'_>| matches!(value, Value::Ints(_) | Value::Texts(_));
        if !params.iter().any(is_list) {
            return Ok(self.0.prepare_cached(text)?);
        }
        // Lists are JSON here.
        let (before, after) = text.split_once("= ANY(").unwrap_or((text, ""));
        let (list, rest) = after.split_once(')').unwrap_or_default();
        let text = format!("{before}IN (SELECT value FROM json_each({list})){rest}");
        Ok(self.0.prepare_cached(&text)?)
    }

    fn execute_now(&self, text: &'static str, params: &[Value<'_>]) -> Result<u64> {
        let changed = self
            .prepare(text, params)?
            .execute(params_from_iter(params))?;
        Ok(changed as u64)
    }

    fn each_now(
        &self,
        text: &'static str,
        params: &[Value<'_>],
        mut read: impl FnMut(&dyn Row) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let mut statement = self.prepare(text, params)?;
        let mut rows = statement.query(params_from_iter(params))?;
        while let Some(row) = rows.next()? {
            if read(row)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn one_now<T>(
        &self,
        text: &'static str,
        params: &[Value<'_>],
        read: impl FnOnce(&dyn Row) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut statement = self.prepare(text, params)?;
        let mut rows = statement.query(params_from_iter(params))?;
        rows.next()?.map(|row| read(row)).transpose()
    }
}

impl Sql for Direct<'_> {
    const IS_NEAR: bool = true;

    fn execute(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
    ) -> impl Future<Output = Result<u64>> {
        future::ready(self.execute_now(sql, params))
    }

    fn one<T>(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        read: impl FnOnce(&dyn Row) -> Result<T>,
    ) -> impl Future<Output = Result<Option<T>>> {
        future::ready(self.one_now(sql, params, read))
    }

    fn each(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        read: impl FnMut(&dyn Row) -> Result<ControlFlow<()>>,
    ) -> impl Future<Output = Result<()>> {
        future::ready(self.each_now(sql, params, read))
    }

    fn run(&mut self, batch: &Batch<'_>) -> impl Future<Output = Result<()>> {
        let mut each = batch.each();
        let run = |(sql, params)| self.execute_now(sql, params).map(drop);
        future::ready(each.try_for_each(run))
    }
}

/// The result of an operation whose statements never wait.
fn now<T>(operation: impl Future<Output = Result<T>>) -> Result<T> {
    match pin!(operation).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(RepoError::Failed(
            "an operation waits for something other than its statements".into(),
        )),
    }
}

impl From<rusqlite::Error> for RepoError {
    fn from(error: rusqlite::Error) -> Self {
        RepoError::Failed(error.to_string())
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let json = |list: serde_json::Result<String>| {
            let text = list.expect("plain values always serialise");
            ToSqlOutput::Owned(text.into())
        };
        Ok(match self {
            Value::Int(n) => ToSqlOutput::Borrowed(ValueRef::Integer(*n)),
            Value::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Value::Ints(list) => json(serde_json::to_string(list)),
            Value::Texts(list) => json(serde_json::to_string(list)),
        })
    }
}

impl Row for rusqlite::Row<'_> {
    fn int(&self, at: usize) -> Result<Option<i64>> {
        let value = self.get_ref(at)?;
        Ok(value.as_i64_or_null().map_err(rusqlite::Error::from)?)
    }

    fn text(&self, at: usize) -> Result<Option<&str>> {
        let value = self.get_ref(at)?;
        Ok(value.as_str_or_null().map_err(rusqlite::Error::from)?)
    }
}

macro_rules! by {
    ($engine:expr, write, $operation:expr) => {
        $engine.write($operation)
    };
    // An `ask` is a `read` like any other.
    ($engine:expr, $read:ident, $operation:expr) => {
        $engine.read($operation)
    };
}

macro_rules! over_sqlite {
    ($sql:ident $($access:ident $name:ident($($arg:ident: $type:ty),*) -> $given:ty $body:block)*) => {
        impl<E: Engine> Repo for SqliteRepo<E> {
            $(async fn $name(&self, $($arg: $type),*) -> Result<$given> {
                let operation = move |conn: &Connection| {
                    now(async {
                        let $sql = &mut Direct(conn);
                        $body
                    })
                };
                by!(self.0, $access, operation).await
            })*

            fn is_shared(&self) -> bool {
                self.0.is_shared()
            }

            async fn join(&self, node: NodeId, name: String) -> Result<()> {
                let is_alone = !self.0.is_shared();
                let operation = move |conn: &Connection| {
                    now(standing::join(&mut Direct(conn), node, &name, is_alone))
                };
                self.0.write(operation).await
            }
        }
    };
}

operations!(over_sqlite);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_that_waits_is_an_error() {
        let waiting = future::pending::<Result<()>>();
        assert!(matches!(now(waiting), Err(RepoError::Failed(_))));
        assert_eq!(now(future::ready(Ok(7))), Ok(7));
    }
}
