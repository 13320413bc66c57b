//! PostgreSQL, and what speaks its protocol: a pool of connections, a transaction for each
//! operation, begun again when another one was in its way.
//!
//! What the server says about itself (starting, stopping, full), and what the network does, makes an
//! operation [`RepoError::Busy`]: it did not happen, or nobody knows whether it did, and clients try
//! again. What they sent is stored once, whichever it was, because a message has its name.

use std::ops::ControlFlow;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use deadpool::managed::PoolError;
use futures_util::TryStreamExt;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow};
use sqlx::{Arguments, AssertSqlSafe, ConnectOptions, Error, Executor, PgConnection, Row as _};
use tokio::time::error::Elapsed;

use self::pool::{Pool, Pooled};
use super::operations::operations;
use super::sql::{
    Batch, Row, Sql, Value, change, conversation, group, group_message, message, session, settings,
    standing, user,
};
use super::*;
use crate::metrics::{Gauge, Metrics};

mod pool;

/// At most so many operations are under way or wait for a connection; further ones are refused.
const QUEUE: usize = 64 * 1024;
/// How long an operation waits for a connection.
pub const PATIENCE: Duration = Duration::from_secs(3);
/// When the server does not do that, because it is gone itself.
const LIMIT: Duration = Duration::from_secs(15);
/// So often an operation is tried.
const TRIES: u32 = 10;
/// The longest pause between two tries.
const PAUSE_MS: u64 = 50;

/// The repo of servers that share a database.
pub struct Postgres {
    pool: Pool,
    metrics: Arc<Metrics>,
    under_way: AtomicUsize,
    is_away: AtomicBool,
}

/// Every statement sees the same moment.
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// Every statement sees what is committed by then; under a lock that is the last word.
const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// Why a try did not succeed.
struct Failure {
    error: RepoError,
    /// It surely left nothing behind, and the next one may succeed.
    may_repeat: bool,
    /// The connection is of no use any more.
    is_lost: bool,
}

/// What a try gives.
type Tried<T> = std::result::Result<T, Failure>;

impl From<Elapsed> for Failure {
    fn from(_: Elapsed) -> Self {
        Self {
            error: RepoError::Busy,
            may_repeat: false,
            is_lost: true,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let failure = |error, may_repeat, is_lost| Self {
            error,
            may_repeat,
            is_lost,
        };
        match &error {
            Error::Database(answer) => {
                let code = answer.code().unwrap_or_default();
                let failed = || RepoError::Failed(format!("{} ({code})", answer.message()));
                match &*code {
                    // Another transaction was in the way.
                    "40001" | "40P01" | "55P03" => failure(RepoError::Busy, true, false),
                    // Possibly of another one that has just inserted the same.
                    "23505" => failure(failed(), true, false),
                    // A statement took too long.
                    "57014" => failure(RepoError::Busy, false, false),
                    // A transaction was idle too long; the server is stopping, starting, full, or
                    // has become a standby.
                    "25P03" | "25006" => failure(RepoError::Busy, true, true),
                    _ if ["08", "53", "57"]
                        .iter()
                        .any(|class| code.starts_with(class)) =>
                    {
                        failure(RepoError::Busy, true, true)
                    }
                    _ => failure(failed(), false, false),
                }
            }
            Error::Io(_) | Error::Tls(_) | Error::Protocol(_) | Error::BeginFailed => {
                failure(RepoError::Busy, true, true)
            }
            other => failure(RepoError::Failed(other.to_string()), false, true),
        }
    }
}

impl From<PoolError<Error>> for Failure {
    fn from(error: PoolError<Error>) -> Self {
        match error {
            PoolError::Backend(error) => error.into(),
            // It waited long enough.
            _ => Self {
                error: RepoError::Busy,
                may_repeat: false,
                is_lost: false,
            },
        }
    }
}

impl Postgres {
    /// Connects, and brings the database to this version. Has to be called, used and dropped within
    /// one runtime. `url`: `postgres://user:password@host:port/database?sslmode=verify-full`;
    /// `patience`: how long an operation waits for one of the connections.
    pub async fn open(
        url: &str,
        connections: u32,
        patience: Duration,
        metrics: Arc<Metrics>,
    ) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|e| RepoError::Failed(format!("the URL is not good: {e}")))?
            .application_name("timd")
            .disable_statement_logging();
        let pool = pool::open(options, connections, patience)?;
        let mut conn = pool.get().await.map_err(unreachable)?;
        migrations::run_on_postgres(&mut conn).await?;
        warn_of_weak_settings(&mut conn).await;
        drop(conn);
        Ok(Self {
            pool,
            metrics,
            under_way: AtomicUsize::new(0),
            is_away: AtomicBool::new(false),
        })
    }
}

/// What the operator reads whose server does not start.
fn unreachable(error: PoolError<Error>) -> RepoError {
    RepoError::Failed(match error {
        PoolError::Timeout(_) => {
            "it cannot be reached: does it run, and are host and port right?".into()
        }
        PoolError::Backend(Error::Database(answer)) => answer.message().to_owned(),
        PoolError::Backend(error) => error.to_string(),
        other => other.to_string(),
    })
}

/// A database may be told to acknowledge what a crash can take back.
async fn warn_of_weak_settings(conn: &mut PgConnection) {
    let setting = "SELECT current_setting('synchronous_commit', true) = 'off'
        OR current_setting('fsync', true) = 'off'";
    // Other engines may not know these settings.
    let is_weak: Option<Option<bool>> = sqlx::query_scalar(setting)
        .fetch_optional(conn)
        .await
        .unwrap_or_default();
    if is_weak.flatten() == Some(true) {
        tracing::warn!(
            "the database has synchronous_commit or fsync off: a crash of it may lose messages \
             that were acknowledged"
        );
    }
}

impl Postgres {
    async fn ask(&self) -> Tried<Open> {
        self.open_one("", &self.metrics.read_queue).await
    }

    async fn read(&self) -> Tried<Open> {
        self.open_one(BEGIN_READ, &self.metrics.read_queue).await
    }

    async fn write(&self) -> Tried<Open> {
        self.open_one(BEGIN_WRITE, &self.metrics.write_queue).await
    }

    async fn open_one(&self, begin: &'static str, queue: &Gauge) -> Tried<Open> {
        let _waiting = Waiting::new(queue);
        Ok(Open {
            conn: Some(self.pool.get().await?),
            begin,
            failure: None,
            is_over: false,
        })
    }

    /// Says once that the database went away, and once that it is back.
    fn note(&self, error: Option<&RepoError>) {
        match error {
            Some(RepoError::Busy) if !self.is_away.swap(true, Ordering::Relaxed) => {
                tracing::warn!("the database does not take operations; clients are told to wait");
            }
            None if self.is_away.load(Ordering::Relaxed)
                && self.is_away.swap(false, Ordering::Relaxed) =>
            {
                tracing::info!("the database takes operations again");
            }
            _ => {}
        }
    }
}

/// Counts who waits, also when the wait is given up.
struct Waiting<'g>(&'g Gauge);

impl<'g> Waiting<'g> {
    fn new(gauge: &'g Gauge) -> Self {
        gauge.add(1);
        Self(gauge)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.add(-1);
    }
}

/// A transaction on its way.
struct Open {
    /// Until it is dropped.
    conn: Option<Pooled>,
    /// Empty for a single statement.
    begin: &'static str,
    /// Of the statement that failed: may the operation be repeated, and is the connection lost?
    failure: Option<(bool, bool)>,
    is_over: bool,
}

impl Drop for Open {
    fn drop(&mut self) {
        // Given up in the middle. Nobody shall go on in this transaction.
        if !self.is_over
            && let Some(conn) = self.conn.take()
        {
            drop(Pooled::take(conn));
        }
    }
}

impl Open {
    fn conn(&mut self) -> &mut PgConnection {
        self.conn.as_mut().expect("a connection until drop")
    }

    async fn begin(&mut self) -> Tried<()> {
        if !self.begin.is_empty() {
            let begin = self.begin;
            self.conn().execute(begin).await?;
        }
        Ok(())
    }

    /// Commits what succeeded, undoes what did not.
    async fn end<T>(&mut self, result: Result<T>) -> Tried<T> {
        let is_single = self.begin.is_empty();
        let error = match result {
            Ok(given) => {
                if !is_single {
                    self.conn().execute("COMMIT").await.map_err(|error| {
                        let mut failure = Failure::from(error);
                        // Without an answer nobody knows whether it happened.
                        failure.may_repeat &= !failure.is_lost;
                        failure
                    })?;
                }
                self.is_over = true;
                return Ok(given);
            }
            Err(error) => error,
        };
        let (may_repeat, is_lost) = self.failure.unwrap_or_default();
        self.is_over = !is_lost && (is_single || self.conn().execute("ROLLBACK").await.is_ok());
        Err(Failure {
            error,
            may_repeat,
            is_lost,
        })
    }

    fn failed(&mut self, error: Error) -> RepoError {
        let failure = Failure::from(error);
        self.failure = Some((failure.may_repeat, failure.is_lost));
        failure.error
    }
}

fn arguments(params: &[Value<'_>]) -> Result<PgArguments> {
    let mut arguments = PgArguments::default();
    for param in params {
        let added = match param {
            Value::Int(n) => arguments.add(n),
            Value::Text(text) => arguments.add(text),
            Value::Ints(list) => arguments.add(list),
            Value::Texts(list) => arguments.add(list),
        };
        added.map_err(|e| RepoError::Failed(e.to_string()))?;
    }
    Ok(arguments)
}

impl Sql for Open {
    const IS_NEAR: bool = false;

    async fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64> {
        let query = sqlx::query_with(sql, arguments(params)?);
        match query.execute(self.conn()).await {
            Ok(done) => Ok(done.rows_affected()),
            Err(error) => Err(self.failed(error)),
        }
    }

    async fn one<T>(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        read: impl FnOnce(&dyn Row) -> Result<T>,
    ) -> Result<Option<T>> {
        let query = sqlx::query_with(sql, arguments(params)?);
        match query.fetch_optional(self.conn()).await {
            Ok(row) => row.map(|row| read(&row)).transpose(),
            Err(error) => Err(self.failed(error)),
        }
    }

    async fn each(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        mut read: impl FnMut(&dyn Row) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let query = sqlx::query_with(sql, arguments(params)?);
        let mut rows = query.fetch(self.conn());
        let error = loop {
            match rows.try_next().await {
                Ok(Some(row)) if read(&row)?.is_continue() => {}
                Ok(_) => return Ok(()),
                Err(error) => break error,
            }
        };
        drop(rows);
        Err(self.failed(error))
    }

    async fn run(&mut self, batch: &Batch<'_>) -> Result<()> {
        let (text, params) = batch.as_one();
        if text.is_empty() {
            return Ok(());
        }
        // The text is made of those of the program.
        let query = sqlx::query_with(AssertSqlSafe(text), arguments(params)?);
        match query.execute(self.conn()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.failed(error)),
        }
    }
}

impl Row for PgRow {
    fn int(&self, at: usize) -> Result<Option<i64>> {
        self.try_get(at).map_err(unreadable)
    }

    fn text(&self, at: usize) -> Result<Option<&str>> {
        self.try_get(at).map_err(unreadable)
    }
}

fn unreadable(error: Error) -> RepoError {
    RepoError::Failed(error.to_string())
}

/// The tries of one operation, which counts as under way meanwhile.
struct Tries<'r> {
    repo: &'r Postgres,
    made: u32,
    begun: Instant,
}

impl<'r> Tries<'r> {
    fn new(repo: &'r Postgres) -> Result<Self> {
        let tries = Self {
            repo,
            made: 0,
            begun: Instant::now(),
        };
        if repo.under_way.fetch_add(1, Ordering::Relaxed) >= QUEUE {
            return Err(RepoError::Busy);
        }
        Ok(tries)
    }

    /// What the operation comes to, or nothing when it is to be tried again.
    async fn judge<T>(&mut self, outcome: Tried<T>) -> Option<Result<T>> {
        self.made += 1;
        let failure = match outcome {
            Ok(given) => {
                self.repo.note(None);
                self.repo.metrics.commit.observe(self.begun.elapsed());
                return Some(Ok(given));
            }
            Err(failure) => failure,
        };
        if failure.is_lost {
            // The others may have died with it, and were not asked.
            self.repo.pool.retain(|_, _| false);
        }
        if !failure.may_repeat || self.made == TRIES {
            self.repo.note(Some(&failure.error));
            return Some(Err(failure.error));
        }
        self.repo.metrics.retries.inc();
        // Of two that were in each other's way one comes first then. A dead connection has no turn.
        if !failure.is_lost {
            let most = PAUSE_MS.min(1 << self.made);
            let pause = crate::setup::random_u64().unwrap_or_default() % (most * 1000);
            tokio::time::sleep(Duration::from_micros(pause)).await;
        }
        None
    }
}

impl Drop for Tries<'_> {
    fn drop(&mut self) {
        self.repo.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Runs the statements of an operation until it is done or hopeless.
macro_rules! transaction {
    ($repo:expr, $access:ident, $sql:ident => $body:expr) => {{
        let mut tries = Tries::new($repo)?;
        loop {
            let attempt = async {
                let mut open = $repo.$access().await?;
                let work = async {
                    open.begin().await?;
                    let $sql = &mut open;
                    let result = $body;
                    open.end(result).await
                };
                tokio::time::timeout(LIMIT, work).await?
            };
            if let Some(result) = tries.judge(attempt.await).await {
                break result;
            }
        }
    }};
}

macro_rules! over_postgres {
    ($sql:ident $($access:ident $name:ident($($arg:ident: $type:ty),*) -> $given:ty $body:block)*) => {
        impl Repo for Postgres {
            $(async fn $name(&self, $($arg: $type),*) -> Result<$given> {
                transaction!(self, $access, $sql => $body)
            })*

            fn is_shared(&self) -> bool {
                true
            }

            async fn join(&self, node: NodeId, name: String) -> Result<()> {
                transaction!(self, write, sql => standing::join(sql, node, &name, false).await)
            }
        }
    };
}

operations!(over_postgres);
