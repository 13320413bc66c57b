//! The library's own log: lines for a file a day, for the app's callback, and, when asked for,
//! for the console.
//!
//! A line is `time level thread module text`. It never holds a ticket, a secret or the text of a
//! message. A log that cannot be written never stops the library: it says so once and goes on.

use std::fmt::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::{Mutex, RwLock};

mod files;
mod time;

use files::Files;

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

/// The log of one instance. Thresholds may change at any time.
pub struct Logger {
    file_level: AtomicI32,
    callback_level: AtomicI32,
    console: AtomicBool,
    files: Mutex<Option<Files>>,
    sink: RwLock<Option<Arc<dyn Sink>>>,
    lines: AtomicU64,
}

impl Default for Logger {
    fn default() -> Self {
        Self {
            file_level: AtomicI32::new(DEFAULT_LEVEL),
            callback_level: AtomicI32::new(DEFAULT_LEVEL),
            console: AtomicBool::new(false),
            files: Mutex::new(None),
            sink: RwLock::new(None),
            lines: AtomicU64::new(0),
        }
    }
}

impl Logger {
    /// Thresholds for the file and for the callback: 0 to 7.
    pub fn set_levels(&self, file: i32, callback: i32) {
        self.file_level.store(file, Ordering::Relaxed);
        self.callback_level.store(callback, Ordering::Relaxed);
    }

    /// Whether lines are printed to stderr too.
    pub fn set_console(&self, on: bool) {
        self.console.store(on, Ordering::Relaxed);
    }

    /// Where the lines for the app go; `None` drops them. Returns where they went before.
    pub fn set_sink(&self, sink: Option<Arc<dyn Sink>>) -> Option<Arc<dyn Sink>> {
        std::mem::replace(&mut *self.sink.write(), sink)
    }

    /// Starts writing files in a folder, and removes those older than seven days from it.
    pub fn open(&self, folder: &Path) {
        let files = Files::open(folder, now_ms());
        *self.files.lock() = Some(files);
    }

    /// Stops writing files.
    pub fn close(&self) {
        *self.files.lock() = None;
    }

    /// Whether a line of this level goes anywhere; asked before an expensive text is made.
    pub fn wants(&self, level: Level) -> bool {
        level.passes(self.file_level.load(Ordering::Relaxed))
            || level.passes(self.callback_level.load(Ordering::Relaxed))
    }

    /// How many lines were written.
    pub fn lines(&self) -> u64 {
        self.lines.load(Ordering::Relaxed)
    }

    /// Writes a line.
    pub fn write(&self, level: Level, module: &str, text: fmt::Arguments<'_>) {
        if !self.wants(level) {
            return;
        }
        self.lines.fetch_add(1, Ordering::Relaxed);
        let now = now_ms();
        let line = line(now, level, module, text);
        let mut trouble = None;
        if level.passes(self.file_level.load(Ordering::Relaxed)) {
            if self.console.load(Ordering::Relaxed) {
                use std::io::Write;
                // A closed stderr is no reason to stop.
                let _ = writeln!(std::io::stderr(), "{line}");
            }
            if let Some(files) = self.files.lock().as_mut() {
                trouble = files.write(now, &line).err();
            }
        }
        let Some(sink) = self.sink.read().clone() else {
            return;
        };
        if level.passes(self.callback_level.load(Ordering::Relaxed)) {
            sink.line(level, line);
        }
        if let Some(error) = trouble
            && Level::Error.passes(self.callback_level.load(Ordering::Relaxed))
        {
            let text = format_args!("log files cannot be written, going on without: {error}");
            sink.line(Level::Error, self::line(now, Level::Error, "log", text));
        }
    }
}

fn line(now_ms: u64, level: Level, module: &str, text: fmt::Arguments<'_>) -> String {
    let mut line = String::with_capacity(128);
    time::write_time(&mut line, now_ms);
    let thread = std::thread::current();
    let _ = write!(
        line,
        " {} {} {module} ",
        level.name(),
        thread.name().unwrap_or("app")
    );
    let _ = write!(Escaped(&mut line), "{text}");
    line
}

/// Keeps a text on one line, so that no text can pretend to be a line of its own.
struct Escaped<'a>(&'a mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c {
                '\n' => self.0.push_str("\\n"),
                '\r' => self.0.push_str("\\r"),
                '\u{2028}' | '\u{2029}' | '\u{85}' => self.0.push_str("\\n"),
                c if c.is_control() && c != '\t' => {
                    write!(self.0, "\\x{:02x}", u32::from(c))?;
                }
                c => self.0.push(c),
            }
        }
        Ok(())
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Lines(Mutex<Vec<(Level, String)>>);

    impl Sink for Lines {
        fn line(&self, level: Level, line: String) {
            self.0.lock().push((level, line));
        }
    }

    #[test]
    fn a_threshold_lets_through_itself_and_worse() {
        let (logger, lines) = (Logger::default(), Arc::new(Lines::default()));
        logger.set_sink(Some(lines.clone()));
        logger.set_levels(OFF, Level::Warn as i32);
        logger.write(Level::Info, "test", format_args!("no"));
        logger.write(Level::Warn, "test", format_args!("yes"));
        logger.set_levels(OFF, OFF);
        logger.write(Level::Error, "test", format_args!("no"));
        assert!(!logger.wants(Level::Error));
        let lines = lines.0.lock();
        assert_eq!(lines.len(), 1);
        assert!(lines[0].1.ends_with(" test yes"), "{}", lines[0].1);
    }

    #[test]
    fn line_breaks_cannot_forge_lines() {
        let text = line(0, Level::Info, "m", format_args!("a{}b\rc\u{0}d", "\n"));
        assert!(text.ends_with(" m a\\nb\\rc\\x00d"), "{text}");
        assert!(text.starts_with("1970-01-01T00:00:00.000Z INFO "), "{text}");
    }

    #[test]
    fn an_unwritable_folder_is_told_once() {
        let (logger, lines) = (Logger::default(), Arc::new(Lines::default()));
        logger.set_sink(Some(lines.clone()));
        logger.set_levels(Level::Info as i32, Level::Error as i32);
        logger.open(Path::new("/dev/null/logs"));
        logger.write(Level::Info, "test", format_args!("1"));
        logger.write(Level::Info, "test", format_args!("2"));
        assert_eq!(lines.0.lock().len(), 1);
    }
}
