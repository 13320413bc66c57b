//! A database in a file.

use std::cmp::Ordering;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::{Connection, OpenFlags};

use super::{Report, directory};
use crate::repo::migrations;
use crate::{migrate, setup};

/// A log that grows beyond this is not folded into the file any more.
const LONG_LOG: u64 = 512 << 20;

pub fn look(report: &mut Report, path: &Path) {
    let shown = path.display();
    if !path.exists() {
        report.ok(
            "database",
            format!("{shown} is not there: the first start of timd makes it"),
        );
        return;
    }
    if directory::is_open_to_others(path) {
        report.warn(
            "database.mode",
            format!("others may read {shown}"),
            format!("chmod 600 {shown}*"),
        );
    }
    if let Err(error) = read(report, path) {
        report.fail(
            "database",
            format!("{shown}: {error}"),
            "look whether it is the right file and whether timd may read it; if it is damaged, \
             restore the backup",
        );
    }
}

/// By the file's header: a connection that looks only does not tell.
fn journal(path: &Path) -> &'static str {
    let mut header = [0; 20];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    match (read, header[18]) {
        (Ok(()), 2) => "write-ahead log",
        _ => "rollback journal, which the next start of timd changes",
    }
}

fn read(report: &mut Report, path: &Path) -> rusqlite::Result<()> {
    let log = path.with_file_name(format!(
        "{}-wal",
        path.file_name().unwrap_or_default().to_string_lossy()
    ));
    let log = std::fs::metadata(log).map(|meta| meta.len()).ok();
    // Without a log nobody has it open, and opening it as it is leaves no files behind.
    let immutable = if log.is_none() { "?immutable=1" } else { "" };
    let name = utf8_percent_encode(&path.to_string_lossy(), NON_ALPHANUMERIC).to_string();
    let conn = Connection::open_with_flags(
        format!("file:{name}{immutable}"),
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI,
    )?;
    let number = |what: &str| conn.query_row(what, [], |row| row.get::<_, i64>(0));
    let mib = (number("PRAGMA page_count")? * number("PRAGMA page_size")?) >> 20;
    let version = number("PRAGMA user_version")?;
    let newest = migrations::newest();
    let shown = path.display();
    if !migrations::may_work_on(version, number(migrations::FLOOR).ok()) {
        report.fail(
            "database",
            format!("{shown} has version {version}, this timd knows {newest}"),
            "start the newer timd",
        );
        return Ok(());
    }
    let update = match version.cmp(&newest) {
        Ordering::Equal => "",
        Ordering::Less => ", which the next start brings up to date",
        Ordering::Greater => ": a newer timd has worked on it, and this one may, too",
    };
    report.ok(
        "database",
        format!("SQLite, {shown}, {mib} MiB, version {version} of {newest}{update}"),
    );
    if migrate::has_left(&conn)? {
        report.fail(
            "database.move",
            "all of it was moved to PostgreSQL",
            setup::MOVED,
        );
    }
    let mode = journal(path);
    let log_mib = log.unwrap_or(0) >> 20;
    report.expect(
        log.unwrap_or(0) < LONG_LOG,
        "database.log",
        format!("{mode}; its log has {log_mib} MiB"),
        "restart timd; end programs that have kept the file open for long, such as a backup",
    );
    let check: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if check == "ok" {
        report.ok("database.integrity", "quick_check finds nothing");
    } else {
        report.fail(
            "database.integrity",
            format!("quick_check: {check}"),
            "stop timd, keep a copy of the file, and restore the backup, or what `sqlite3 timd.db \
             .recover` saves; then look at the disk",
        );
    }
    Ok(())
}
