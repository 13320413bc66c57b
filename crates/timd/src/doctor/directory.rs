//! The data directory: who may read it, who has it, how fast and how full its disk is.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use super::Report;
use crate::setup::LOCK;

/// Slower than this a disk is felt by those who chat.
const SLOW_SYNC: Duration = Duration::from_millis(20);
const LITTLE: u64 = 1 << 30;
const FULL: u64 = 64 << 20;

/// A server that has the directory.
#[derive(Default)]
pub struct Running {
    /// Somebody keeps the lock.
    pub is_locked: bool,
    /// Who, as far as the system tells.
    pub pid: Option<u32>,
}

pub fn look(report: &mut Report, data: &Path) -> Running {
    let name = "directory";
    let shown = data.display();
    let meta = match fs::metadata(data) {
        Ok(meta) if meta.is_dir() => meta,
        Ok(_) => {
            report.fail(
                name,
                format!("{shown} is no directory"),
                "name another one with data",
            );
            return Running::default();
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            absent(report, data);
            return Running::default();
        }
        Err(error) => {
            let todo = "let the user that runs timd into it";
            report.fail(name, format!("{shown}: {error}"), todo);
            return Running::default();
        }
    };
    foreign(report, data, &meta);
    match sync_time(data) {
        Ok(took) => {
            report.ok(name, format!("{shown} is there, and can be written"));
            report.expect(
                took < SLOW_SYNC,
                "disk.sync",
                format!("{} until 4 KiB are on disk", super::machine::millis(took)),
                "use a faster disk: on SQLite each commit waits for this, and clients for the commit",
            );
        }
        Err(error) => report.fail(
            name,
            format!("{shown} cannot be written: {error}"),
            "give it to the user that runs timd (chown), and mount it for writing",
        ),
    }
    modes(report, data);
    space(report, data);
    let running = running(data);
    if running.is_locked {
        let pid = running.pid.map(|pid| format!(", process {pid}"));
        let pid = pid.unwrap_or_default();
        report.ok("directory.lock", format!("a timd is running on it{pid}"));
    } else {
        report.ok("directory.lock", "no timd is running on it");
    }
    running
}

fn absent(report: &mut Report, data: &Path) {
    let absolute = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    let parent = absolute.ancestors().skip(1).find(|dir| dir.exists());
    let shown = data.display();
    match parent {
        Some(parent) if is_writable(parent) => report.ok(
            "directory",
            format!("{shown} is not there: the first start of timd makes it"),
        ),
        parent => {
            let parent = parent.unwrap_or(Path::new("/")).display();
            report.fail(
                "directory",
                format!("{shown} is not there, and cannot be made in {parent}"),
                "make it, for the user that runs timd: install -d -m 700 -o USER; or name another \
                 one with data",
            );
        }
    }
}

/// Seen with other rights than the server has, things look different.
#[cfg(unix)]
fn foreign(report: &mut Report, data: &Path, meta: &fs::Metadata) {
    use std::os::unix::fs::MetadataExt;
    let (me, owner) = (rustix::process::geteuid().as_raw(), meta.uid());
    if me != owner {
        report.warn(
            "directory.owner",
            format!(
                "{} belongs to user {owner}, and this is user {me}",
                data.display()
            ),
            format!("run timd doctor as the user that runs timd: sudo -u '#{owner}' timd doctor …"),
        );
    }
}

#[cfg(not(unix))]
fn foreign(_: &mut Report, _: &Path, _: &fs::Metadata) {}

#[cfg(unix)]
fn is_writable(path: &Path) -> bool {
    use rustix::fs::{Access, access};
    path.is_dir() && access(path, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
fn is_writable(path: &Path) -> bool {
    path.is_dir()
}

#[cfg(unix)]
pub fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
pub fn is_open_to_others(_: &Path) -> bool {
    false
}

fn modes(report: &mut Report, data: &Path) {
    let private = ["timd.db", "timd.db-wal", "timd.db-shm", "ca.key"];
    let private = private.map(|file| data.join(file));
    // Nobody gets to what is in a directory that is closed.
    let is_closed = !is_open_to_others(data);
    let open: Vec<String> = std::iter::once(data)
        .chain(private.iter().map(AsRef::as_ref))
        .filter(|path| is_open_to_others(path))
        .map(|path| path.display().to_string())
        .collect();
    if is_closed {
        report.ok("directory.mode", "only its owner can read it");
        return;
    }
    report.warn(
        "directory.mode",
        format!(
            "others may look into {}: keys and messages are in there",
            open.join(", ")
        ),
        format!("chmod 700 {}; chmod 600 for the files", data.display()),
    );
}

/// The median of a few, by a file that is removed.
fn sync_time(data: &Path) -> std::io::Result<Duration> {
    let path = data.join(format!(".timd-doctor-{}", std::process::id()));
    let mut file = File::create_new(&path)?;
    let mut times = Vec::new();
    let mut outcome = Ok(());
    for _ in 0..5 {
        let start = Instant::now();
        outcome = outcome.and_then(|()| file.write_all(&[0; 4096]).and_then(|()| file.sync_all()));
        times.push(start.elapsed());
    }
    fs::remove_file(&path)?;
    outcome.map(|()| super::machine::median(times))
}

#[cfg(unix)]
pub fn space(report: &mut Report, data: &Path) {
    let Ok(disk) = rustix::fs::statvfs(data) else {
        return;
    };
    let free = disk.f_bavail * disk.f_frsize;
    let saw = format!("{} MiB are free at {}", free >> 20, data.display());
    let todo = "make room: with the disk full no message is stored, and all are refused";
    if free < FULL {
        report.fail("disk.free", saw, todo);
    } else {
        report.expect(free >= LITTLE, "disk.free", saw, todo);
    }
}

#[cfg(not(unix))]
pub fn space(_: &mut Report, _: &Path) {}

/// Looks for a moment, and only at a file that is there.
fn running(data: &Path) -> Running {
    let Ok(file) = File::open(data.join(LOCK)) else {
        return Running::default();
    };
    if !matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)) {
        return Running::default();
    }
    Running {
        is_locked: true,
        pid: holder(&file),
    }
}

/// `/proc/locks` has lines such as `1: FLOCK  ADVISORY  WRITE 4711 fe:00:81532 0 EOF`.
#[cfg(unix)]
fn holder(file: &File) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let inode = format!(":{}", file.metadata().ok()?.ino());
    let locks = fs::read_to_string("/proc/locks").ok()?;
    let mut lines = locks.lines().map(|line| line.split_whitespace());
    let found = lines.find(|line| {
        let mut words = line.clone();
        words.nth(1) == Some("FLOCK") && words.nth(3).is_some_and(|file| file.ends_with(&inode))
    });
    found?.nth(4)?.parse().ok()
}

#[cfg(not(unix))]
fn holder(_: &File) -> Option<u32> {
    None
}
