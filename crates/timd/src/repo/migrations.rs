//! Numbered migrations, forward only. A database newer than the program is left alone.

use rusqlite::{Connection, TransactionBehavior};

use super::RepoError;

/// The steps; step n makes version n. A published step never changes.
const STEPS: &[&str] = &[
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
];

/// Brings a database to the version of this program.
pub fn run(conn: &mut Connection) -> Result<(), RepoError> {
    migrate(conn).map_err(|e| RepoError::Failed(e.to_string()))?;
    let (version, known) = (version(conn)?, STEPS.len() as i64);
    if version > known {
        return Err(RepoError::Failed(format!(
            "the database has version {version}, this timd knows {known}: start the newer timd"
        )));
    }
    Ok(())
}

fn version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn migrate(conn: &mut Connection) -> rusqlite::Result<()> {
    while version(conn)? < STEPS.len() as i64 {
        // Another process may have begun with the same: look again once the lock is ours.
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version = version(&tx)?;
        if let Some(step) = STEPS.get(version.max(0) as usize) {
            tx.execute_batch(step)?;
            tx.pragma_update(None, "user_version", version + 1)?;
        }
        tx.commit()?;
    }
    Ok(())
}
