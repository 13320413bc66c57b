//! The file of the day. Every process that logs into the folder appends to it, each line with one
//! write.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::tidy::{self, Name, Tidying};
use super::{Level, line, time};
use crate::sys::is_unlinked;

/// Days back from today of which files are kept, unless the app says otherwise.
pub const KEPT_DAYS: u32 = 7;
/// Size of a day's file beyond which lines are left out, unless the app says otherwise.
pub const DAY_BYTES: u64 = 64 * 1024 * 1024;

/// A folder for log files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Where it is; made when it is missing.
    pub path: PathBuf,
    /// Days back from today of which files are kept; 0 keeps today's only.
    pub kept_days: u32,
    /// Size of a day's file from which on lines below warn are left out; from twice that on all
    /// are.
    pub day_bytes: u64,
}

impl Folder {
    /// A folder with the usual bounds.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            kept_days: KEPT_DAYS,
            day_bytes: DAY_BYTES,
        }
    }
}

/// Lines about the log itself, for the app; they stand in the file already if that is possible.
pub(super) type Told = Vec<(Level, String)>;

/// The files of one folder.
pub(super) struct Files {
    folder: Folder,
    day: u64,
    file: Option<File>,
    /// The worst level whose lines are left out, as far as that was told today.
    left_out: Option<Level>,
    failure: Option<Failure>,
    tidy_at_ms: u64,
    tidying: Option<Tidying>,
}

/// Why lines are lost now, and how many were.
struct Failure {
    cause: String,
    lost: u64,
}

impl Files {
    /// Tidies the folder up on a thread; the file itself is made with the first line.
    pub(super) fn open(folder: Folder, now_ms: u64) -> Self {
        let mut files = Self {
            folder,
            day: time::day_of(now_ms),
            file: None,
            left_out: None,
            failure: None,
            tidy_at_ms: 0,
            tidying: None,
        };
        files.tidy(now_ms);
        files
    }

    /// Appends a line, which has its line break; false when it was lost.
    ///
    /// The first failure is told, the others are silent. Every line tries again, since disks are
    /// cleaned up and mounts come back; that it works again is told too.
    pub(super) fn write(&mut self, now_ms: u64, level: Level, line: &str, told: &mut Told) -> bool {
        self.turn(now_ms);
        let result = self.recover(now_ms, told);
        // What the helper has to say comes after the line that tells of the gap.
        self.look_after_helper(now_ms, told);
        match result.and_then(|()| self.append(line, self.bound(level))) {
            Ok(true) => true,
            Ok(false) => {
                self.leave_out(now_ms, level, told);
                false
            }
            Err(error) => {
                self.file = None;
                self.fail(now_ms, error, told);
                false
            }
        }
    }

    /// Why lines are lost just now.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.failure.as_ref().map(|failure| failure.cause.as_str())
    }

    /// A new day.
    fn turn(&mut self, now_ms: u64) {
        let day = time::day_of(now_ms);
        if day != self.day {
            self.day = day;
            self.file = None;
            self.left_out = None;
        }
    }

    /// The end of its work, and its work of the next day.
    fn look_after_helper(&mut self, now_ms: u64, told: &mut Told) {
        if let Some(tidying) = self.tidying.take_if(|tidying| tidying.is_over())
            && let Err(cause) = tidying.join()
        {
            self.say(now_ms, told, format_args!("{cause}"));
        }
        if now_ms >= self.tidy_at_ms && self.tidying.is_none() {
            self.tidy(now_ms);
        }
    }

    fn tidy(&mut self, now_ms: u64) {
        self.tidy_at_ms = tidy::next(now_ms);
        self.tidying = Tidying::start(&self.folder, now_ms);
    }

    /// Size of the file up to which lines of a level are written.
    fn bound(&self, level: Level) -> u64 {
        let times = if level >= Level::Warn { 2 } else { 1 };
        self.folder.day_bytes.saturating_mul(times)
    }

    /// False when the file is too large for it.
    fn append(&mut self, line: &str, bound: u64) -> io::Result<bool> {
        let path = &self.folder.path;
        let (file, size) = match self.file.take() {
            Some(file) => match file.metadata()? {
                // Somebody has removed it.
                data if is_unlinked(&file, &data) => open(path, self.day)?,
                data => (file, data.len()),
            },
            None => open(path, self.day)?,
        };
        let file = self.file.insert(file);
        if size >= bound {
            return Ok(false);
        }
        // One write a line, so that lines of several processes do not mix.
        file.write_all(line.as_bytes())?;
        Ok(true)
    }

    /// A line about the log itself.
    fn say(&mut self, now_ms: u64, told: &mut Told, text: fmt::Arguments<'_>) {
        let line = line::line(now_ms, Level::Warn, "log", text);
        // When this fails, so does the next line of others, which tells of it.
        let _ = self.append(&line, u64::MAX);
        told.push((Level::Warn, line));
    }

    fn leave_out(&mut self, now_ms: u64, level: Level, told: &mut Told) {
        let (worst, what) = match level >= Level::Warn {
            true => (Level::Assert, "all lines"),
            false => (Level::Info, "lines below warn"),
        };
        if self.left_out < Some(worst) {
            self.left_out = Some(worst);
            let bytes = self.bound(level);
            let text = format_args!(
                "today's log file has {bytes} bytes: {what} are left out until midnight UTC"
            );
            self.say(now_ms, told, text);
        }
    }

    fn fail(&mut self, now_ms: u64, error: io::Error, told: &mut Told) {
        if let Some(failure) = &mut self.failure {
            failure.lost += 1;
            return;
        }
        let cause = format!("{}: {error}", self.folder.path.display());
        let text = format_args!("log files cannot be written, going on without: {cause}");
        let line = line::line(now_ms, Level::Error, "log", text);
        told.push((Level::Error, line));
        self.failure = Some(Failure { cause, lost: 1 });
    }

    /// Tells how many lines are missing, as the first thing that can be written again.
    fn recover(&mut self, now_ms: u64, told: &mut Told) -> io::Result<()> {
        let Some(Failure { lost, cause }) = &self.failure else {
            return Ok(());
        };
        let text = format_args!("log files can be written again; lines lost: {lost} ({cause})");
        let line = line::line(now_ms, Level::Warn, "log", text);
        self.append(&line, u64::MAX)?;
        self.failure = None;
        told.push((Level::Warn, line));
        Ok(())
    }
}

/// Opens the file of a day for appending; also tells its size.
fn open(folder: &Path, day: u64) -> io::Result<(File, u64)> {
    crate::sys::create_private_dir(folder)?;
    let mut options = OpenOptions::new();
    options.create(true).append(true).read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(folder.join(Name::Plain.of(day)))?;
    let size = file.metadata()?.len();
    if size > 0 {
        // A full disk or a power failure may have left a part of a line.
        let mut last = [b'\n'];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != [b'\n'] {
            file.write_all(b"\n")?;
        }
    }
    Ok((file, size))
}

#[cfg(test)]
mod tests;
