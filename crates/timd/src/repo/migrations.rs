//! Numbered migrations, forward only. A database newer than the program is left alone.
//!
//! The steps are written as SQLite wants them. For PostgreSQL two words differ: an `INTEGER` has 64
//! bits, and tables have no row ids to do without.

use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use sqlx::{AssertSqlSafe, Executor, PgConnection};

use super::{RepoError, Result};

/// The steps; step n makes version n. A published step never changes.
const STEPS: &[&str] = &[
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
];

/// Brings a database to the version of this program.
pub fn run(conn: &mut Connection) -> Result<()> {
    migrate(conn).map_err(|e| RepoError::Failed(e.to_string()))?;
    is_known(version(conn)?)
}

/// The version that this program brings a database to.
pub fn newest() -> i64 {
    STEPS.len() as i64
}

fn is_known(version: i64) -> Result<()> {
    let known = newest();
    if version > known {
        return Err(RepoError::Failed(format!(
            "the database has version {version}, this timd knows {known}: start the newer timd"
        )));
    }
    Ok(())
}

/// The step that makes the next version out of this one.
fn step(version: i64) -> Option<&'static str> {
    STEPS.get(version.max(0) as usize).copied()
}

fn version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn migrate(conn: &mut Connection) -> rusqlite::Result<()> {
    while step(version(conn)?).is_some() {
        // Another process may have begun with the same: look again once the lock is ours.
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version = version(&tx)?;
        if let Some(step) = step(version) {
            tx.execute_batch(step)?;
            tx.pragma_update(None, "user_version", version + 1)?;
        }
        tx.commit()?;
    }
    Ok(())
}

const CREATE: &str = "CREATE TABLE IF NOT EXISTS schema_version
    (id BIGINT PRIMARY KEY, version BIGINT NOT NULL)";
const FIRST: &str = "INSERT INTO schema_version (id, version) VALUES (1, 0) ON CONFLICT DO NOTHING";
/// A step over much data may take its time.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 0";
const LOCK: &str = "SELECT version FROM schema_version WHERE id = 1 FOR UPDATE";
const SET: &str = "UPDATE schema_version SET version = $1 WHERE id = 1";

/// So often, since another process may do the same at the same moment.
const TRIES: u32 = 20;

/// Brings a PostgreSQL database to the version of this program.
pub async fn run_on_postgres(conn: &mut PgConnection) -> Result<()> {
    let mut tries = 1;
    let version = loop {
        match migrate_postgres(conn).await {
            Ok(version) => break version,
            Err(error) if tries < TRIES && is_passing(&error) => tries += 1,
            Err(error) => return Err(RepoError::Failed(format!("migration: {error}"))),
        }
        let _ = conn.execute("ROLLBACK").await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    is_known(version)
}

/// Two sessions that create the same table: the catalogue refuses one of them, `IF NOT EXISTS` or
/// not. Engines that run no DDL within transactions ask to begin again.
fn is_passing(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|e| e.code());
    matches!(
        code.as_deref(),
        Some("23505" | "42P07" | "42710" | "40001" | "40P01" | "XX000")
    )
}

async fn migrate_postgres(conn: &mut PgConnection) -> std::result::Result<i64, sqlx::Error> {
    conn.execute(CREATE).await?;
    conn.execute(FIRST).await?;
    loop {
        conn.execute(BEGIN).await?;
        // Whoever comes second waits here, and then sees what the first one did.
        let version: i64 = sqlx::query_scalar(LOCK).fetch_one(&mut *conn).await?;
        let Some(step) = step(version) else {
            conn.execute("ROLLBACK").await?;
            return Ok(version);
        };
        let step = step
            .replace("INTEGER", "BIGINT")
            .replace(" WITHOUT ROWID", "");
        sqlx::raw_sql(AssertSqlSafe(step))
            .execute(&mut *conn)
            .await?;
        sqlx::query(SET)
            .bind(version + 1)
            .execute(&mut *conn)
            .await?;
        conn.execute("COMMIT").await?;
    }
}
