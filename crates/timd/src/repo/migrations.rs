//! Numbered migrations, forward only. A database newer than the program is left alone.

use rusqlite::Connection;

use super::RepoError;

/// The steps; step n makes version n. A published step never changes.
const STEPS: &[&str] = &[include_str!("migrations/0001.sql")];

/// Brings a database to the version of this program.
pub fn run(conn: &mut Connection) -> Result<(), RepoError> {
    let failed = |e: rusqlite::Error| RepoError::Failed(e.to_string());
    let version: i64 = conn
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(failed)?;
    let known = STEPS.len() as i64;
    if version > known {
        return Err(RepoError::Failed(format!(
            "the database has version {version}, this timd knows {known}: start the newer timd"
        )));
    }
    for (n, step) in STEPS.iter().enumerate().skip(version.max(0) as usize) {
        let tx = conn.transaction().map_err(failed)?;
        tx.execute_batch(step).map_err(failed)?;
        tx.pragma_update(None, "user_version", n as i64 + 1)
            .map_err(failed)?;
        tx.commit().map_err(failed)?;
    }
    Ok(())
}
