//! What becomes of the files of earlier days: they are compressed, and removed when they are too
//! old. A thread does it that ends when it is through, at the start and once a day.
//!
//! A crash in the middle loses nothing: a file goes away only when its compressed form is on disk
//! under its own name, and what was left half done is done again. One process at a time does it.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use flate2::write::GzEncoder;
use flate2::{Compression, Crc};

use super::files::Folder;
use super::time;
use crate::sys::{FileLock, create_private_file};

/// A day counts as over so long after its end, since a line may be on its way into its file.
const GRACE_MS: u64 = 60_000;
/// Held by the process that is at work.
const LOCK: &str = ".tim-log.lock";
/// What is read at once.
const CHUNK: usize = 64 * 1024;

/// When it is to be done again: when the day of `now_ms` is over, or the one before it.
pub(super) fn next(now_ms: u64) -> u64 {
    time::start_of(time::day_of(now_ms.saturating_sub(GRACE_MS)) + 1) + GRACE_MS
}

/// The helper thread. It is stopped and waited for when this is dropped.
pub(super) struct Tidying {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<(), String>>>,
}

impl Tidying {
    /// Starts it; none when there is no thread to be had, which does no harm before tomorrow.
    pub(super) fn start(folder: &Folder, now_ms: u64) -> Option<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let (folder, stopped) = (folder.clone(), stop.clone());
        let thread = std::thread::Builder::new()
            .name("tim-log".into())
            .spawn(move || tidy(&folder, now_ms, &stopped))
            .ok()?;
        Some(Self {
            stop,
            thread: Some(thread),
        })
    }

    pub(super) fn is_over(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits for its end; the error is a line for the log.
    pub(super) fn join(mut self) -> Result<(), String> {
        let result = self.thread.take().map(JoinHandle::join);
        // A panic has been printed by the thread.
        result.and_then(Result::ok).unwrap_or(Ok(()))
    }
}

impl Drop for Tidying {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// The files that are ours; no other is ever touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// `tim-20261121.log`
    Plain,
    /// `tim-20261121.log.gz`; a day has more than one when its file came back after it had been
    /// compressed, by a clock that was put back: `tim-20261121-2.log.gz`.
    Packed(u32),
    /// `tim-20261121.log.gz.tmp`: the one above as it is being made.
    Half,
}

impl Name {
    pub(super) fn of(self, day: u64) -> String {
        self.in_full(&time::compact(day))
    }

    fn in_full(self, day: &str) -> String {
        match self {
            Name::Plain => format!("tim-{day}.log"),
            Name::Packed(1) => format!("tim-{day}.log.gz"),
            Name::Packed(number) => format!("tim-{day}-{number}.log.gz"),
            Name::Half => format!("tim-{day}.log.gz.tmp"),
        }
    }

    /// The kind and the day, written as `20261121`.
    fn parse(name: &str) -> Option<(Self, &str)> {
        let (day, rest) = name.strip_prefix("tim-")?.split_at_checked(8)?;
        if !day.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let kind = match rest {
            ".log" => Name::Plain,
            ".log.gz" => Name::Packed(1),
            ".log.gz.tmp" => Name::Half,
            rest => {
                let number = rest.strip_prefix('-')?.strip_suffix(".log.gz")?;
                Name::Packed(number.parse().ok().filter(|number| *number > 1)?)
            }
        };
        // Not another spelling, such as one with leading zeros.
        (kind.in_full(day) == name).then_some((kind, day))
    }
}

fn tidy(folder: &Folder, now_ms: u64, stop: &AtomicBool) -> Result<(), String> {
    let path = &folder.path;
    let today = time::day_of(now_ms.saturating_sub(GRACE_MS));
    let first = time::compact(today.saturating_sub(folder.kept_days.into()));
    let today = time::compact(today);
    let work = || -> io::Result<Vec<String>> {
        let Some(_lock) = FileLock::take(&path.join(LOCK))? else {
            return Ok(Vec::new());
        };
        let mut failed = Vec::new();
        for name in list(path)? {
            let Some((kind, day)) = Name::parse(&name) else {
                continue;
            };
            let result = match kind {
                _ if stop.load(Ordering::Relaxed) => break,
                // Nobody is at work on it: the lock is ours.
                Name::Half => fs::remove_file(path.join(&name)),
                _ if *day < *first => fs::remove_file(path.join(&name)),
                Name::Plain if *day < *today => compress(path, day, stop),
                Name::Plain | Name::Packed(_) => Ok(()),
            };
            if let Err(error) = result
                && !is_missing(&error)
            {
                failed.push(format!("{name}: {error}"));
            }
        }
        Ok(failed)
    };
    let failed = match work() {
        Ok(failed) => failed,
        Err(error) if is_missing(&error) => Vec::new(),
        Err(error) => vec![format!("{}: {error}", path.display())],
    };
    match failed.first() {
        None => Ok(()),
        Some(first) => Err(format!(
            "earlier log files could not be compressed or removed: {first}"
        )),
    }
}

/// What somebody else has removed needs no tidying.
fn is_missing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

/// The plain files of a folder: those half made first, for their place is wanted, then by age.
fn list(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            names.extend(entry.file_name().into_string().ok());
        }
    }
    names.sort_by_key(|name| (!name.ends_with(".tmp"), name.clone()));
    Ok(names)
}

/// Puts the compressed form into the place of a day's file.
fn compress(folder: &Path, day: &str, stop: &AtomicBool) -> io::Result<()> {
    let plain = folder.join(Name::Plain.in_full(day));
    let mut number = 1;
    let packed = loop {
        let packed = folder.join(Name::Packed(number).in_full(day));
        if !packed.exists() {
            break packed;
        }
        if holds(&packed, &plain, stop).unwrap_or(false) {
            // A crash came between the last two steps.
            return fs::remove_file(&plain);
        }
        number += 1;
    };
    let half = folder.join(Name::Half.in_full(day));
    let written = write_packed(&plain, &half, stop);
    match written {
        Ok(true) => {
            fs::rename(&half, &packed)?;
            fs::remove_file(&plain)
        }
        unfinished => {
            let removed = fs::remove_file(&half);
            unfinished.and(removed)
        }
    }
}

/// False when it was stopped.
fn write_packed(plain: &Path, half: &Path, stop: &AtomicBool) -> io::Result<bool> {
    let mut plain = File::open(plain)?;
    let mut encoder = GzEncoder::new(create_private_file(half)?, Compression::fast());
    let mut chunk = Vec::with_capacity(CHUNK);
    while !stop.load(Ordering::Relaxed) {
        if read_chunk(&mut plain, &mut chunk)? == 0 {
            // On disk before the only other copy goes.
            encoder.finish()?.sync_all()?;
            return Ok(true);
        }
        encoder.write_all(&chunk)?;
    }
    Ok(false)
}

/// Whether a compressed file is that of the plain one: it ends with the sum and size of what is in
/// it.
fn holds(packed: &Path, plain: &Path, stop: &AtomicBool) -> io::Result<bool> {
    let (mut packed, mut plain) = (File::open(packed)?, File::open(plain)?);
    let mut end = [0; 8];
    packed.seek(SeekFrom::End(-8))?;
    packed.read_exact(&mut end)?;
    let (mut chunk, mut crc) = (Vec::with_capacity(CHUNK), Crc::new());
    while !stop.load(Ordering::Relaxed) && read_chunk(&mut plain, &mut chunk)? > 0 {
        crc.update(&chunk);
    }
    let sums = [crc.sum().to_le_bytes(), crc.amount().to_le_bytes()];
    Ok(end == sums.concat()[..])
}

/// Reads until the chunk is full or nothing is left; tells how much it was.
fn read_chunk(from: &mut impl Read, chunk: &mut Vec<u8>) -> io::Result<usize> {
    chunk.clear();
    from.take(CHUNK as u64).read_to_end(chunk)
}

#[cfg(test)]
mod tests;
