//! Numbered migrations, forward only, and which versions of timd may work on what they leave.
//!
//! The steps are written as SQLite wants them. For PostgreSQL two words differ: an `INTEGER` has 64
//! bits, and tables have no row ids to do without.
//!
//! **Two versions side by side.** A step that only adds what an older timd does not see (a table, an
//! index, a column with a default) leaves the floor where it is: older ones go on, and may be started.
//! One that takes away or changes what an older one needs raises the floor, and comes in a later
//! version than the steps that made the old form superfluous. Whoever knows less than the floor is
//! refused, and a node that runs drains as soon as it learns of it.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use sqlx::{AssertSqlSafe, Executor, PgConnection};

use super::{RepoError, Result};

/// From one version to the next. A published step never changes.
struct Step {
    sql: &'static str,
    /// The oldest version whose timd works on what this step leaves. It never sinks.
    floor: i64,
}

const fn step(sql: &'static str, floor: i64) -> Step {
    Step { sql, floor }
}

/// Step n makes version n.
const STEPS: &[Step] = &[
    step(include_str!("migrations/0001.sql"), 1),
    step(include_str!("migrations/0002.sql"), 2),
    step(include_str!("migrations/0003.sql"), 3),
    step(include_str!("migrations/0004.sql"), 4),
    // An older timd cannot tell the events that this one writes.
    step(include_str!("migrations/0005.sql"), 5),
    step(include_str!("migrations/0006.sql"), 6),
    // Nor count what its receiver does not want, and tell what is set now.
    step(include_str!("migrations/0007.sql"), 7),
    // Nor tell who came into a group.
    step(include_str!("migrations/0008.sql"), 8),
];

/// The version of the database that this program makes and knows.
pub const SCHEMA: u64 = STEPS.len() as u64;

/// The version that this program brings a database to.
pub fn newest() -> i64 {
    STEPS.len() as i64
}

/// Whether this program may work on a database of this version and floor; a floor that was never
/// said is the version.
pub fn may_work_on(version: i64, floor: Option<i64>) -> bool {
    let found = Found { version, floor };
    found.suits(STEPS).is_ok()
}

/// Brings a database to the version of this program.
pub fn run(conn: &mut Connection) -> Result<()> {
    run_steps(conn, STEPS)
}

/// Refuses a newer database, wherever its floor is: for whoever has to know all that is in it.
pub fn knows_all(conn: &Connection) -> Result<()> {
    let found = found(conn).map_err(|e| RepoError::Failed(e.to_string()))?;
    let strict = Found {
        floor: None,
        ..found
    };
    strict.suits(STEPS)
}

fn run_steps(conn: &mut Connection, steps: &[Step]) -> Result<()> {
    let found = migrate(conn, steps).map_err(|e| RepoError::Failed(e.to_string()))?;
    found.suits(steps)
}

/// What a database says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Found {
    version: i64,
    /// None: it was never said, so nobody older may work on it.
    floor: Option<i64>,
}

impl Found {
    /// What is to be done next by a program that knows these steps: the step, if any, and the floor
    /// then. `None`: nothing.
    fn next<'s>(&self, steps: &'s [Step]) -> Option<(Option<&'s Step>, i64)> {
        let version = usize::try_from(self.version).unwrap_or(0);
        let now = version.checked_sub(1).and_then(|last| steps.get(last));
        let floor = self
            .floor
            .unwrap_or_else(|| now.map_or(0, |step| step.floor));
        if let Some(next) = steps.get(version) {
            return Some((Some(next), floor.max(next.floor)));
        }
        // Of this version, from the time before floors were written down.
        (self.floor.is_none() && version == steps.len()).then_some((None, floor))
    }

    /// Whether a program that knows these steps may work on it.
    fn suits(&self, steps: &[Step]) -> Result<()> {
        let (version, known) = (self.version, steps.len() as i64);
        let floor = self.floor.unwrap_or(version);
        if version > known && floor > known {
            return Err(RepoError::Failed(format!(
                "the database has version {version} and wants a timd that knows {floor} or more, \
                 this one knows {known}: start the newer timd"
            )));
        }
        if version > known {
            tracing::warn!(
                version,
                known,
                "a newer timd has worked on this database: this one may, too, until all are updated"
            );
        }
        Ok(())
    }
}

fn found(conn: &Connection) -> rusqlite::Result<Found> {
    let version = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let is_table = "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'schema_floor'";
    let floor = match conn.query_row(is_table, [], |row| row.get(0))? {
        0 => None,
        _ => conn.query_row(FLOOR, [], |row| row.get(0)).optional()?,
    };
    Ok(Found { version, floor })
}

fn migrate(conn: &mut Connection, steps: &[Step]) -> rusqlite::Result<Found> {
    while found(conn)?.next(steps).is_some() {
        // Another process may have begun with the same: look again once the lock is ours.
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found = found(&tx)?;
        if let Some((step, floor)) = found.next(steps) {
            if let Some(step) = step {
                tx.execute_batch(step.sql)?;
                tx.pragma_update(None, "user_version", found.version + 1)?;
            }
            tx.execute_batch(CREATE_FLOOR)?;
            tx.execute(SET_FLOOR, [floor])?;
        }
        tx.commit()?;
    }
    found(conn)
}

const CREATE_FLOOR: &str = "CREATE TABLE IF NOT EXISTS schema_floor
    (id BIGINT PRIMARY KEY, floor BIGINT NOT NULL)";
/// The floor of a database, whichever engine it is on.
pub const FLOOR: &str = "SELECT floor FROM schema_floor WHERE id = 1";
const SET_FLOOR: &str = "INSERT INTO schema_floor (id, floor) VALUES (1, $1)
    ON CONFLICT (id) DO UPDATE SET floor = excluded.floor";

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
    let found = loop {
        match migrate_postgres(conn).await {
            Ok(found) => break found,
            Err(error) if tries < TRIES && is_passing(&error) => tries += 1,
            Err(error) => return Err(RepoError::Failed(format!("migration: {error}"))),
        }
        let _ = conn.execute("ROLLBACK").await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    found.suits(STEPS)
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

async fn migrate_postgres(conn: &mut PgConnection) -> std::result::Result<Found, sqlx::Error> {
    conn.execute(CREATE).await?;
    conn.execute(FIRST).await?;
    conn.execute(CREATE_FLOOR).await?;
    loop {
        conn.execute(BEGIN).await?;
        // Whoever comes second waits here, and then sees what the first one did.
        let version: i64 = sqlx::query_scalar(LOCK).fetch_one(&mut *conn).await?;
        let floor = sqlx::query_scalar(FLOOR);
        let floor: Option<i64> = floor.fetch_optional(&mut *conn).await?;
        let found = Found { version, floor };
        let Some((step, floor)) = found.next(STEPS) else {
            conn.execute("ROLLBACK").await?;
            return Ok(found);
        };
        if let Some(step) = step {
            let sql = step
                .sql
                .replace("INTEGER", "BIGINT")
                .replace(" WITHOUT ROWID", "");
            let sql = sqlx::raw_sql(AssertSqlSafe(sql));
            sql.execute(&mut *conn).await?;
            let set = sqlx::query(SET).bind(version + 1);
            set.execute(&mut *conn).await?;
        }
        let set_floor = sqlx::query(SET_FLOOR).bind(floor);
        set_floor.execute(&mut *conn).await?;
        conn.execute("COMMIT").await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Step = step("CREATE TABLE a (x INTEGER)", 1);
    const OLD: &[Step] = &[FIRST, step("CREATE TABLE b (x INTEGER)", 1)];
    /// Adds only.
    const NEW: &[Step] = &[
        FIRST,
        step("CREATE TABLE b (x INTEGER)", 1),
        step("ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 0", 1),
    ];
    /// Takes away what version 2 needs.
    const NEWEST: &[Step] = &[
        FIRST,
        step("CREATE TABLE b (x INTEGER)", 1),
        step("ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 0", 1),
        step("DROP TABLE b", 3),
        step("CREATE TABLE c (x INTEGER)", 1),
    ];

    fn after(steps: &[Step], conn: &mut Connection) -> Found {
        run_steps(conn, steps).unwrap();
        found(conn).unwrap()
    }

    #[test]
    fn an_older_timd_works_on_what_was_only_added_to() {
        let mut conn = Connection::open_in_memory().unwrap();
        assert_eq!(after(OLD, &mut conn).version, 2);
        let new = Found {
            version: 3,
            floor: Some(1),
        };
        assert_eq!(after(NEW, &mut conn), new);
        // And leaves it as it is.
        assert_eq!(after(OLD, &mut conn), new);
        conn.execute_batch("INSERT INTO a (x) VALUES (1)").unwrap();
    }

    #[test]
    fn an_older_timd_is_refused_below_the_floor() {
        let mut conn = Connection::open_in_memory().unwrap();
        let newest = Found {
            version: 5,
            floor: Some(3),
        };
        assert_eq!(after(NEWEST, &mut conn), newest);
        let error = run_steps(&mut conn, OLD).unwrap_err().to_string();
        assert!(error.contains("start the newer timd"), "{error}");
        assert_eq!(after(NEW, &mut conn), newest);
    }

    #[test]
    fn the_real_floors_never_sink_and_never_shut_out_their_own_version() {
        let mut before = 0;
        for (index, step) in STEPS.iter().enumerate() {
            assert!(step.floor >= before && step.floor <= index as i64 + 1);
            before = step.floor;
        }
    }

    #[test]
    fn without_a_floor_only_those_who_know_the_version_work_on_it() {
        let mut conn = Connection::open_in_memory().unwrap();
        for step in OLD {
            conn.execute_batch(step.sql).unwrap();
        }
        conn.pragma_update(None, "user_version", 2).unwrap();
        assert!(run_steps(&mut conn, &[FIRST]).is_err());
        assert_eq!(after(OLD, &mut conn).floor, Some(1));
        run_steps(&mut conn, &[FIRST]).unwrap();
    }
}
