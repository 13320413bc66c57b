//! `cargo xtask header|symbols|vendor|bindings|docs [--check]`: what is generated and checked in.
//!
//! Without `--check` the file is written; with it, it is compared, and a difference is an error.
#![warn(missing_docs)]
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

mod bindings;
mod docs;
mod header;
mod objects;
mod parse;
mod symbols;
mod vendor;

/// What went wrong, for whoever ran the command.
type Result<T> = std::result::Result<T, String>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let check = args.iter().any(|a| a == "--check");
    let tasks: Vec<&str> = args
        .iter()
        .map(String::as_str)
        .filter(|a| *a != "--check")
        .collect();
    let result = match tasks[..] {
        ["header"] => header::run(check),
        ["symbols"] => symbols::run(check),
        ["bindings"] => bindings::run(check),
        ["docs"] => docs::run(check),
        ["vendor"] => vendor::run(check),
        // In this order: the others read the header.
        ["all"] | [] => header::run(check)
            .and_then(|()| symbols::run(check))
            .and_then(|()| vendor::run(check))
            .and_then(|()| bindings::run(check))
            .and_then(|()| docs::run(check)),
        _ => Err("usage: cargo xtask [all|header|symbols|vendor|bindings|docs] [--check]".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A path in the workspace.
fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(relative)
}

fn read(relative: &str) -> Result<String> {
    std::fs::read_to_string(path(relative)).map_err(|e| format!("{relative}: {e}"))
}

/// Writes a generated file, or compares it.
fn emit(relative: &str, text: &str, check: bool, task: &str) -> Result<()> {
    let path = path(relative);
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    if old == text {
        return Ok(());
    }
    if check {
        let line = old
            .lines()
            .zip(text.lines())
            .take_while(|(a, b)| a == b)
            .count()
            + 1;
        return Err(format!(
            "{relative} is out of date from line {line}: run cargo xtask {task}"
        ));
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    std::fs::write(&path, text).map_err(|e| format!("{relative}: {e}"))
}
