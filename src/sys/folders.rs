//! The folders of the user that files go to when the app names none.

use std::path::PathBuf;

/// Name of our folder in each of them.
const NAME: &str = "libtim";

/// For databases: `$XDG_DATA_HOME/libtim` or `~/.local/share/libtim`;
/// `~/Library/Application Support/libtim` on macOS, `%LOCALAPPDATA%\libtim\data` on Windows.
pub fn default_data_dir() -> PathBuf {
    if cfg!(windows) {
        local_app_data().join(NAME).join("data")
    } else if cfg!(target_vendor = "apple") {
        home().join("Library/Application Support").join(NAME)
    } else {
        xdg("XDG_DATA_HOME", ".local/share").join(NAME)
    }
}

/// For logs: `$XDG_STATE_HOME/libtim` or `~/.local/state/libtim`; `~/Library/Logs/libtim` on
/// macOS, `%LOCALAPPDATA%\libtim\log` on Windows.
pub fn default_log_dir() -> PathBuf {
    if cfg!(windows) {
        local_app_data().join(NAME).join("log")
    } else if cfg!(target_vendor = "apple") {
        home().join("Library/Logs").join(NAME)
    } else {
        xdg("XDG_STATE_HOME", ".local/state").join(NAME)
    }
}

/// The base-directory rules: a variable that is empty or not absolute does not count.
fn xdg(variable: &str, below_home: &str) -> PathBuf {
    match std::env::var_os(variable).map(PathBuf::from) {
        Some(path) if path.is_absolute() => path,
        _ => home().join(below_home),
    }
}

fn local_app_data() -> PathBuf {
    let set = std::env::var_os("LOCALAPPDATA").map(PathBuf::from);
    set.unwrap_or_else(|| home().join("AppData").join("Local"))
}

/// The home folder; a process without one (a service user) gets the folder for temporary files.
fn home() -> PathBuf {
    match std::env::home_dir() {
        Some(path) if path.is_absolute() => path,
        _ => std::env::temp_dir(),
    }
}
