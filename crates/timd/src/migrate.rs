//! `timd migrate`: one machine's database becomes that of many.
//!
//! Rows go from SQLite to PostgreSQL in batches, each a transaction that also says how far the move
//! has come, so that a move that was broken off goes on where it was. At the end all rows are read
//! back and compared. Until then no server starts on the target.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use futures_util::TryStreamExt;
use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Error, Executor, PgConnection, Row};

use crate::repo::migrations;
use crate::setup::Database;

mod check;
mod source;

use check::{Pieces, Sum};
pub use source::has_left;
use source::{Batch, Source, Table};

/// Options of `timd migrate`.
#[derive(Args)]
pub struct Migrate {
    /// The SQLite database to move, as sqlite:///path [default: timd.db in the data directory].
    #[arg(long)]
    from: Option<String>,
    /// The PostgreSQL database to move to, an empty one: postgres://user:password@host/database.
    /// Better given as TIMD_DATABASE: others can see the command line.
    #[arg(long, env = "TIMD_DATABASE", hide_env_values = true)]
    to: String,
    /// The data directory of the server that used the database.
    #[arg(long, env = "TIMD_DATA", default_value = "timd-data")]
    data: PathBuf,
}

const ONE_WAY: &str = "from SQLite to PostgreSQL is the only way: write --from sqlite:///path --to \
                       postgres://user:password@host/database";
const ANEW: &str = "begin again with an empty database (dropdb and createdb, or another name)";

/// How far a move has come. In the target from its beginning on, and for good.
const CREATE: &str = "CREATE TABLE IF NOT EXISTS moving (
    name       TEXT PRIMARY KEY,
    total      BIGINT NOT NULL,
    checksum   TEXT NOT NULL,
    copied     BIGINT NOT NULL,
    is_checked BIGINT NOT NULL)";
const BEGUN: &str = "SELECT name, total, checksum, copied, is_checked FROM moving";
const PLAN: &str =
    "INSERT INTO moving (name, total, checksum, copied, is_checked) VALUES ($1, $2, $3, 0, 0)";
const ADVANCE: &str = "UPDATE moving SET copied = $1 WHERE name = $2 AND copied = $3";
const FINISH: &str = "UPDATE moving SET is_checked = 1";
const UNCHECKED: &str = "SELECT COUNT(*) FROM moving WHERE is_checked = 0";
const VERSION: &str = "SELECT version FROM schema_version WHERE id = 1";
/// Whoever is alive there, or has not been found dead.
const NODE: &str = "SELECT name FROM node WHERE beat >= 0 LIMIT 1";
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ";

/// Refuses a database to which another one is being moved. It has been reached before.
pub async fn refuse_unfinished(url: &str) -> Result<(), String> {
    let mut conn = connect(url).await?;
    let unchecked: Result<i64, Error> = sqlx::query_scalar(UNCHECKED).fetch_one(&mut conn).await;
    match unchecked {
        Ok(0) => Ok(()),
        Ok(_) => Err(
            "database: a move to it has not come to its end: run the same `timd migrate` again, \
             which goes on where it was"
                .into(),
        ),
        Err(error) if is_code(&error, NO_TABLE) => Ok(()),
        Err(error) => Err(format!("database: {error}")),
    }
}

const NO_TABLE: &str = "42P01";

fn is_code(error: &Error, wanted: &str) -> bool {
    let code = error.as_database_error().and_then(|e| e.code());
    code.as_deref() == Some(wanted)
}

async fn connect(url: &str) -> Result<PgConnection, String> {
    let options: PgConnectOptions = url
        .parse()
        .map_err(|e| format!("database: the URL is not good: {e}"))?;
    let options = options.application_name("timd migrate");
    let connected = options.disable_statement_logging().connect().await;
    connected.map_err(|e| format!("cannot reach the PostgreSQL database: {e}"))
}

/// Moves the database, and gives what to print.
pub fn run(args: &Migrate) -> Result<String, String> {
    let Database::Sqlite(path) =
        Database::parse(args.from.as_deref(), &args.data).map_err(|_| ONE_WAY.to_owned())?
    else {
        return Err(ONE_WAY.into());
    };
    let Database::Postgres(url) =
        Database::parse(Some(&args.to), &args.data).map_err(|_| ONE_WAY.to_owned())?
    else {
        return Err(ONE_WAY.into());
    };
    let source = Source::open(&path)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| format!("cannot start the runtime: {e}"))?;
    runtime.block_on(async {
        let conn = connect(&url).await?;
        carry(&source, &mut Target { conn }).await
    })
}

/// A table on its way.
struct Step<'t> {
    table: &'t Table,
    sum: Sum,
    copied: u64,
}

async fn carry(source: &Source, target: &mut Target) -> Result<String, String> {
    let begin = Instant::now();
    let mut steps = Vec::new();
    eprintln!("reading {}", source.path().display());
    for table in &source.tables {
        let sum = source.sum(table).await?;
        steps.push(Step {
            table,
            sum,
            copied: 0,
        });
    }
    let total: u64 = steps.iter().map(|step| step.sum.rows).sum();
    if target.begin(&mut steps).await? {
        source.leave()?;
        let note = "this database was moved there before, to its end: nothing to do";
        return Ok(report(&steps, note));
    }
    let before: u64 = steps.iter().map(|step| step.copied).sum();
    if before > 0 {
        eprintln!("going on: {before} of {total} rows are there already");
    }
    let mut progress = Progress::new("copied", before, total);
    for step in &steps {
        let (table, mut copied) = (step.table, step.copied);
        let copy = async |batch: &Batch| {
            target.copy(table, batch, copied).await?;
            copied += batch.rows;
            progress.add(batch.rows, &table.name);
            Ok(())
        };
        source.each_batch(table, step.copied, copy).await?;
    }
    progress.end();
    target.check(&steps, total).await?;
    source.leave()?;
    let seconds = begin.elapsed().as_secs_f64();
    let note = format!(
        "moved {} rows in {seconds:.1} s; all {total} are there, each compared\n\
         now start the server on it: timd serve --database … (or TIMD_DATABASE); put {} away, as \
         a backup: no server starts on it any more",
        total - before,
        source.path().display()
    );
    Ok(report(&steps, &note))
}

fn report(steps: &[Step<'_>], note: &str) -> String {
    let mut lines = vec![format!("{:<14} {:>12}  checksum", "table", "rows")];
    lines.extend(steps.iter().map(|step| {
        let (name, rows) = (&step.table.name, step.sum.rows);
        format!("{name:<14} {rows:>12}  {}", step.sum.checksum())
    }));
    lines.push(note.to_owned());
    lines.join("\n")
}

/// What the target knows of a table.
struct Begun {
    name: String,
    total: u64,
    checksum: String,
    copied: u64,
    is_checked: bool,
}

impl Begun {
    fn read(row: &PgRow) -> Result<Self, Error> {
        Ok(Self {
            name: row.try_get(0)?,
            total: row.try_get::<i64, _>(1)?.cast_unsigned(),
            checksum: row.try_get(2)?,
            copied: row.try_get::<i64, _>(3)?.cast_unsigned(),
            is_checked: row.try_get::<i64, _>(4)? != 0,
        })
    }

    fn is_of(&self, step: &Step<'_>) -> bool {
        self.name == step.table.name
            && (self.total, &self.checksum) == (step.sum.rows, &step.sum.checksum())
    }
}

struct Target {
    conn: PgConnection,
}

impl Target {
    async fn run(&mut self, statement: &'static str) -> Result<(), String> {
        let done = self.conn.execute(statement).await;
        done.map(drop).map_err(|e| failed(&e))
    }

    /// Makes the target ready, and finds out how far the move has come. True: to its end.
    async fn begin(&mut self, steps: &mut [Step<'_>]) -> Result<bool, String> {
        let begun = match sqlx::query(BEGUN).fetch_all(&mut self.conn).await {
            Ok(begun) => begun,
            Err(error) if is_code(&error, NO_TABLE) => Vec::new(),
            Err(error) => return Err(failed(&error)),
        };
        let mut is_done = !begun.is_empty();
        let mut known = 0;
        for row in &begun {
            let begun = Begun::read(row).map_err(|e| failed(&e))?;
            is_done &= begun.is_checked;
            if let Some(step) = steps.iter_mut().find(|step| begun.is_of(step)) {
                step.copied = begun.copied;
                known += 1;
            }
        }
        let is_known = known == steps.len() && known == begun.len();
        if is_done && is_known {
            return Ok(true);
        }
        if is_done {
            return Err(
                "the target is in use: another database was moved there, or this one before it \
                 changed; name another target"
                    .into(),
            );
        }
        if !begun.is_empty() && !is_known {
            return Err(format!(
                "a move to the target was begun from another database, or this one has changed \
                 since, as it does when a server runs on it: {ANEW}"
            ));
        }
        self.prepare().await?;
        if begun.is_empty() {
            self.plan(steps).await?;
        }
        Ok(false)
    }

    async fn prepare(&mut self) -> Result<(), String> {
        // All rows of a table are read back in one statement.
        self.run("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
            .await?;
        let encoding: String = sqlx::query_scalar("SHOW server_encoding")
            .fetch_one(&mut self.conn)
            .await
            .map_err(|e| failed(&e))?;
        if !encoding.eq_ignore_ascii_case("UTF8") {
            return Err(format!(
                "the target keeps text as {encoding}, which cannot hold all there is: make it with \
                 createdb --encoding UTF8 --template template0"
            ));
        }
        migrations::run_on_postgres(&mut self.conn)
            .await
            .map_err(|e| e.to_string())?;
        let version: i64 = sqlx::query_scalar(VERSION)
            .fetch_one(&mut self.conn)
            .await
            .map_err(|e| failed(&e))?;
        // Its steps have run there already, and would not see what comes now.
        if version != migrations::newest() {
            return Err(format!(
                "the target has version {version}, this timd knows {}: move with the newer timd, \
                 and {ANEW}",
                migrations::newest()
            ));
        }
        self.is_unserved().await?;
        self.run(CREATE).await
    }

    async fn is_unserved(&mut self) -> Result<(), String> {
        let node: Option<String> = sqlx::query_scalar(NODE)
            .fetch_optional(&mut self.conn)
            .await
            .map_err(|e| failed(&e))?;
        let Some(node) = node else { return Ok(()) };
        Err(format!(
            "a timd ({node}) serves the target, or has died there: stop it, and {ANEW}"
        ))
    }

    /// Writes down what is to come. There must be nothing yet.
    async fn plan(&mut self, steps: &[Step<'_>]) -> Result<(), String> {
        self.run("BEGIN").await?;
        for step in steps {
            let name = &step.table.name;
            let look = format!("SELECT 1 FROM {name} LIMIT 1");
            let found = sqlx::query(AssertSqlSafe(look))
                .fetch_optional(&mut self.conn)
                .await
                .map_err(|e| match is_code(&e, NO_TABLE) {
                    true => format!(
                        "the source has a table {name}, which is none of timd's: take it out, and \
                         begin again"
                    ),
                    false => failed(&e),
                })?;
            if found.is_some() {
                return Err(format!(
                    "the target holds data that did not come from here (table {name}), if only \
                     because a server was started on it: {ANEW}"
                ));
            }
            sqlx::query(PLAN)
                .bind(name)
                .bind(step.sum.rows.cast_signed())
                .bind(step.sum.checksum())
                .execute(&mut self.conn)
                .await
                .map_err(|e| failed(&e))?;
        }
        self.run("COMMIT").await
    }

    /// Adds rows, and says that they are there, in one transaction.
    async fn copy(&mut self, table: &Table, batch: &Batch, copied: u64) -> Result<(), String> {
        self.run("BEGIN").await?;
        self.is_unserved().await?;
        let advanced = sqlx::query(ADVANCE)
            .bind((copied + batch.rows).cast_signed())
            .bind(&table.name)
            .bind(copied.cast_signed())
            .execute(&mut self.conn)
            .await
            .map_err(|e| failed(&e))?;
        if advanced.rows_affected() != 1 {
            return Err("another `timd migrate` works on the target: let it end".into());
        }
        let (name, columns) = (&table.name, table.columns());
        let statement = format!("COPY {name} ({columns}) FROM STDIN");
        let copy = async {
            let mut copy = self.conn.copy_in_raw(&statement).await?;
            copy.send(&batch.text[..]).await?;
            copy.finish().await
        };
        copy.await
            .map_err(|e| format!("table {name}: {}", failed(&e)))?;
        self.run("COMMIT").await
    }

    /// Reads all rows back. From here on the target is whole.
    async fn check(&mut self, steps: &[Step<'_>], total: u64) -> Result<(), String> {
        self.run(SNAPSHOT).await?;
        self.is_unserved().await?;
        let mut progress = Progress::new("compared", 0, total);
        for step in steps {
            let (name, columns) = (&step.table.name, step.table.columns());
            let statement = format!("COPY (SELECT {columns} FROM {name}) TO STDOUT");
            let mut found = Pieces::default();
            let read = async {
                let mut pieces = self.conn.copy_out_raw(&statement).await?;
                while let Some(piece) = pieces.try_next().await? {
                    let before = found.sum.rows;
                    found.add(&piece);
                    progress.add(found.sum.rows - before, name);
                }
                Ok(())
            };
            read.await
                .map_err(|e| format!("table {name}: {}", failed(&e)))?;
            if found.sum != step.sum {
                return Err(format!(
                    "table {name} differs: {} rows with checksum {} were to come, {} with {} are \
                     there; somebody else has written there: {ANEW}",
                    step.sum.rows,
                    step.sum.checksum(),
                    found.sum.rows,
                    found.sum.checksum()
                ));
            }
        }
        progress.end();
        self.run(FINISH).await?;
        self.run("COMMIT").await?;
        // Statistics would come by themselves, but late for the first logins.
        for step in steps {
            let analyze = format!("ANALYZE {}", step.table.name);
            if let Err(error) = self.conn.execute(AssertSqlSafe(analyze)).await {
                tracing::debug!(%error, "no statistics");
            }
        }
        Ok(())
    }
}

const AGAIN: &str = "; once that is mended run the same command again, which goes on where it was";

/// What went wrong, and whether to go on.
fn failed(error: &Error) -> String {
    match error {
        Error::Database(answer) => {
            let code = answer.code().unwrap_or_default();
            // It is stopping, starting, full, or in the way of itself.
            let is_passing = ["40", "53", "57"]
                .iter()
                .any(|class| code.starts_with(class));
            let then = if is_passing { AGAIN } else { "" };
            format!("the target refuses: {} ({code}){then}", answer.message())
        }
        other => format!("the target is lost: {other}{AGAIN}"),
    }
}

/// A line that tells how far it is: now and then, and on a terminal over the one before.
struct Progress {
    what: &'static str,
    done: u64,
    total: u64,
    is_terminal: bool,
    said: Instant,
}

impl Progress {
    fn new(what: &'static str, done: u64, total: u64) -> Self {
        Self {
            what,
            done,
            total,
            is_terminal: std::io::stderr().is_terminal(),
            said: Instant::now(),
        }
    }

    fn add(&mut self, rows: u64, table: &str) {
        self.done += rows;
        let pause = Duration::from_millis(if self.is_terminal { 200 } else { 5_000 });
        if self.said.elapsed() >= pause {
            self.said = Instant::now();
            self.say(table);
        }
    }

    fn say(&self, table: &str) {
        let percent = self.done * 100 / self.total.max(1);
        let (what, done, total) = (self.what, self.done, self.total);
        let end = if self.is_terminal { "\x1b[K\r" } else { "\n" };
        let line = format!("{what} {done} of {total} rows, {percent} % ({table}){end}");
        let _ = std::io::stderr().write_all(line.as_bytes());
    }

    fn end(&mut self) {
        let (what, done, total) = (self.what, self.done, self.total);
        let clear = if self.is_terminal { "\x1b[K" } else { "" };
        eprintln!("{clear}{what} {done} of {total} rows");
    }
}
