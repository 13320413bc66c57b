//! `timd drain`: ends a running server as SIGTERM does, and waits until it has ended.
//!
//! A server writes its process id into its data directory, adds a word once it is told to stop, and
//! removes the file when it has ended in good order.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;

use crate::config::parse_duration;
use crate::setup::{self, LOCK};

/// The file with the process id.
const PID_FILE: &str = "timd.pid";
/// What follows the process id of a server that is about to end.
const STOPPING: &str = "stopping";
/// The server is looked at so often.
const POLL: Duration = Duration::from_millis(50);
/// The exit code when the server has not ended in time.
const GOES_ON: u8 = 3;

/// Options of `timd drain`.
#[derive(Args)]
pub struct Drain {
    /// The data directory of the server that shall end.
    #[arg(long, env = "TIMD_DATA", default_value = "timd-data")]
    data: PathBuf,
    /// How long to wait until it has ended: 30s, 5m. It goes on ending after that.
    #[arg(long, default_value = "5m")]
    timeout: String,
}

/// The process id in a data directory, removed on drop.
pub struct PidFile(PathBuf);

impl PidFile {
    /// Writes that of this process. The directory has to be taken.
    pub fn write(data: &Path) -> std::io::Result<Self> {
        let file = Self(data.join(PID_FILE));
        writeln!(setup::private().open(&file.0)?, "{}", std::process::id())?;
        Ok(file)
    }

    /// Says that the server in this directory, of this process, has been told to stop.
    pub fn note_stop(data: &Path) -> std::io::Result<()> {
        // Added, so that nobody finds the file empty; not made, when the server has ended by itself.
        let mut file = File::options().append(true).open(data.join(PID_FILE))?;
        writeln!(file, "{STOPPING}")
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A server by its data directory.
#[derive(PartialEq, Eq)]
struct Running {
    pid: i32,
    is_stopping: bool,
}

fn running(data: &Path) -> Option<Running> {
    let text = fs::read_to_string(data.join(PID_FILE)).ok()?;
    let mut words = text.split_whitespace();
    let pid = words.next()?.parse().ok().filter(|pid| *pid > 0)?;
    // What a crash left behind: nobody holds the lock.
    let lock = File::open(data.join(LOCK)).ok()?;
    lock.try_lock_shared().is_err().then(|| Running {
        pid,
        is_stopping: words.next() == Some(STOPPING),
    })
}

/// Lets the server drain, and waits: 0 when it has ended, 3 when it still runs after the timeout.
pub fn run(args: &Drain) -> Result<ExitCode, String> {
    let limit = parse_duration(&args.timeout)?;
    let data = args.data.display();
    let server = running(&args.data).ok_or_else(|| {
        format!("no timd is running on {data}: name the data directory of the one that is, --data")
    })?;
    // A second signal would end it at once.
    if !server.is_stopping {
        terminate(server.pid)?;
    }
    let begin = Instant::now();
    while running(&args.data).is_some_and(|now| now.pid == server.pid) {
        if begin.elapsed() >= limit {
            eprintln!("timd: the server on {data} is still ending: its log says what it waits for");
            return Ok(ExitCode::from(GOES_ON));
        }
        std::thread::sleep(POLL);
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(unix)]
fn terminate(pid: i32) -> Result<(), String> {
    use rustix::process::{Pid, Signal, kill_process};
    let process = Pid::from_raw(pid).ok_or("the process id is not good")?;
    kill_process(process, Signal::TERM)
        .map_err(|e| format!("cannot tell process {pid} to end: {e}; do so as its owner"))
}

#[cfg(not(unix))]
fn terminate(_pid: i32) -> Result<(), String> {
    Err("there are no signals on this system: stop the server as you started it".into())
}
