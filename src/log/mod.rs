//! The library's own log: lines for a file a day, for the app's callback, and, when asked for,
//! for the console.
//!
//! A line is `time level process:thread module text`. It never holds a ticket, a secret or the text of a
//! message. A log that cannot be written never stops the library: it says so once and goes on.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::{Mutex, RwLock};

mod files;
mod line;
mod tidy;
mod time;

#[cfg(test)]
mod tests;

pub use files::{DAY_BYTES, Folder, KEPT_DAYS};
use files::{Files, Told};

/// Severities; the numbers are those of `tim_log_level` in C.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum Level {
    /// Lines of the app for its tests; libtim writes none.
    Test = 1,
    /// Every small step.
    Verbose = 2,
    /// What helps to find faults.
    Debug = 3,
    /// The normal course of things.
    Info = 4,
    /// What is odd but was coped with.
    Warn = 5,
    /// What failed.
    Error = 6,
    /// What must never happen; for lines of the app, libtim writes none.
    Assert = 7,
}

impl Level {
    /// The level of a number of `tim_log_level`; none for 0, which is no level of a line.
    pub fn from_number(number: i32) -> Option<Self> {
        use Level::{Assert, Debug, Error, Info, Test, Verbose, Warn};
        let levels = [Test, Verbose, Debug, Info, Warn, Error, Assert];
        levels.into_iter().find(|level| *level as i32 == number)
    }

    fn name(self) -> &'static str {
        match self {
            Level::Test => "TEST ",
            Level::Verbose => "VERB ",
            Level::Debug => "DEBUG",
            Level::Info => "INFO ",
            Level::Warn => "WARN ",
            Level::Error => "ERROR",
            Level::Assert => "ASSERT",
        }
    }

    fn passes(self, threshold: i32) -> bool {
        threshold != OFF && self as i32 >= threshold
    }
}

impl From<tim_core::LogLevel> for Level {
    fn from(level: tim_core::LogLevel) -> Self {
        match level {
            tim_core::LogLevel::Debug => Level::Debug,
            tim_core::LogLevel::Info => Level::Info,
            tim_core::LogLevel::Warn => Level::Warn,
            tim_core::LogLevel::Error => Level::Error,
        }
    }
}

/// The threshold that lets nothing through.
pub const OFF: i32 = 0;
/// The threshold for file and callback until the app sets another.
pub const DEFAULT_LEVEL: i32 = Level::Debug as i32;

/// Takes the lines that are meant for the app.
pub trait Sink: Send + Sync {
    /// One line, without a line break at its end. Must not block.
    fn line(&self, level: Level, line: String);
}

/// Bytes of lines that wait for the files to be opened.
const MAX_WAITING: usize = 64 * 1024;

/// The log of one instance. Thresholds may change at any time.
pub struct Logger {
    file_level: AtomicI32,
    callback_level: AtomicI32,
    console: AtomicBool,
    /// Whether lines for the file have anywhere to go; as in `files`.
    has_files: AtomicBool,
    files: Mutex<Target>,
    sink: RwLock<Option<Arc<dyn Sink>>>,
    lines: AtomicU64,
    lost: AtomicU64,
}

/// Where lines for the file go.
enum Target {
    /// The folder is not known yet, or no longer: they wait.
    Waiting(String),
    /// Into it.
    Files(Box<Files>),
    /// There shall be none.
    Nowhere,
}

impl Default for Logger {
    fn default() -> Self {
        Self {
            file_level: AtomicI32::new(DEFAULT_LEVEL),
            callback_level: AtomicI32::new(DEFAULT_LEVEL),
            console: AtomicBool::new(false),
            has_files: AtomicBool::new(true),
            files: Mutex::new(Target::Waiting(String::new())),
            sink: RwLock::new(None),
            lines: AtomicU64::new(0),
            lost: AtomicU64::new(0),
        }
    }
}

impl Logger {
    /// Thresholds for the file and for the callback: 0 to 7.
    pub fn set_levels(&self, file: i32, callback: i32) {
        self.file_level.store(file, Ordering::Relaxed);
        self.callback_level.store(callback, Ordering::Relaxed);
    }

    /// Whether what goes to the file is printed to stderr too; also without files.
    pub fn set_console(&self, on: bool) {
        self.console.store(on, Ordering::Relaxed);
    }

    /// Where the lines for the app go; `None` drops them. Returns where they went before.
    pub fn set_sink(&self, sink: Option<Arc<dyn Sink>>) -> Option<Arc<dyn Sink>> {
        std::mem::replace(&mut *self.sink.write(), sink)
    }

    /// Starts writing files in a folder, with the lines that waited for it; `None` writes none.
    pub fn open(&self, folder: Option<Folder>) {
        let now = now_ms();
        self.has_files.store(folder.is_some(), Ordering::Relaxed);
        let next = folder.map_or(Target::Nowhere, |folder| {
            Target::Files(Box::new(Files::open(folder, now)))
        });
        let mut told = Told::new();
        let mut files = self.files.lock();
        let before = std::mem::replace(&mut *files, next);
        if let (Target::Waiting(lines), Target::Files(files)) = (&before, &mut *files)
            && !lines.is_empty()
        {
            let count = lines.lines().count() as u64;
            if !files.write(now, Level::Assert, lines, &mut told) {
                self.lost.fetch_add(count, Ordering::Relaxed);
            }
        }
        drop(files);
        // Its helper is waited for without the lock.
        drop(before);
        self.tell(told);
    }

    /// Stops writing files. Lines wait for the next [`Logger::open`], up to a bound.
    pub fn close(&self) {
        self.has_files.store(true, Ordering::Relaxed);
        let before = std::mem::replace(&mut *self.files.lock(), Target::Waiting(String::new()));
        drop(before);
    }

    /// Whether a line of this level goes anywhere; asked before an expensive text is made.
    pub fn wants(&self, level: Level) -> bool {
        self.is_for_file(level) || self.is_for_callback(level)
    }

    fn is_for_file(&self, level: Level) -> bool {
        level.passes(self.file_level.load(Ordering::Relaxed))
            && (self.has_files.load(Ordering::Relaxed) || self.console.load(Ordering::Relaxed))
    }

    fn is_for_callback(&self, level: Level) -> bool {
        level.passes(self.callback_level.load(Ordering::Relaxed))
    }

    /// How many lines were written.
    pub fn lines(&self) -> u64 {
        self.lines.load(Ordering::Relaxed)
    }

    /// How many lines the files lack, because they could not be written or had grown too large.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Why the files cannot be written just now.
    pub fn trouble(&self) -> Option<String> {
        match &*self.files.lock() {
            Target::Files(files) => files.trouble().map(str::to_owned),
            Target::Waiting(_) | Target::Nowhere => None,
        }
    }

    /// Writes a line.
    pub fn write(&self, level: Level, module: &str, text: fmt::Arguments<'_>) {
        if !self.wants(level) {
            return;
        }
        self.lines.fetch_add(1, Ordering::Relaxed);
        let now = now_ms();
        let line = line::line(now, level, module, text);
        let mut told = Told::new();
        if self.is_for_file(level) {
            if self.console.load(Ordering::Relaxed) {
                print(&line);
            }
            if !self.write_to_file(now, level, &line, &mut told) {
                self.lost.fetch_add(1, Ordering::Relaxed);
            }
        }
        if self.is_for_callback(level) {
            self.tell_line(level, line);
        }
        self.tell(told);
    }

    /// False when it was lost.
    fn write_to_file(&self, now_ms: u64, level: Level, line: &str, told: &mut Told) -> bool {
        match &mut *self.files.lock() {
            Target::Files(files) => files.write(now_ms, level, line, told),
            Target::Waiting(lines) if lines.len() + line.len() > MAX_WAITING => false,
            Target::Waiting(lines) => {
                lines.push_str(line);
                true
            }
            Target::Nowhere => true,
        }
    }

    /// Hands out lines about the log itself.
    fn tell(&self, told: Told) {
        for (level, line) in told {
            if self.console.load(Ordering::Relaxed) && self.is_for_file(level) {
                print(&line);
            }
            if self.is_for_callback(level) {
                self.tell_line(level, line);
            }
        }
    }

    fn tell_line(&self, level: Level, mut line: String) {
        let sink = self.sink.read().clone();
        if let Some(sink) = sink {
            line.truncate(line.trim_end_matches('\n').len());
            sink.line(level, line);
        }
    }
}

/// To stderr, in one write.
fn print(line: &str) {
    use std::io::Write;
    // A closed stderr is no reason to stop.
    let _ = std::io::stderr().write_all(line.as_bytes());
}

fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
