//! One text file a day, kept for seven days.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::time;

/// How many days back files are kept.
const KEPT_DAYS: u64 = 7;

/// The files of one folder.
pub(super) struct Files {
    folder: PathBuf,
    day: u64,
    file: Option<File>,
    /// It failed before; said once.
    failed: bool,
}

impl Files {
    /// Removes what is too old; the file itself is made with the first line.
    pub(super) fn open(folder: &Path, now_ms: u64) -> Self {
        let day = time::day_of(now_ms);
        remove_older(folder, &time::compact(day.saturating_sub(KEPT_DAYS)));
        Self {
            folder: folder.to_owned(),
            day,
            file: None,
            failed: false,
        }
    }

    /// Appends a line. The first failure is returned, the others are swallowed; every line tries
    /// again, since disks are cleaned up and mounts come back.
    pub(super) fn write(&mut self, now_ms: u64, line: &str) -> io::Result<()> {
        let result = self.try_write(time::day_of(now_ms), line);
        match result {
            Ok(()) => self.failed = false,
            Err(_) => self.file = None,
        }
        let again = std::mem::replace(&mut self.failed, result.is_err());
        if again { Ok(()) } else { result }
    }

    fn try_write(&mut self, day: u64, line: &str) -> io::Result<()> {
        if day != self.day {
            self.file = None;
            self.day = day;
            remove_older(&self.folder, &time::compact(day.saturating_sub(KEPT_DAYS)));
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(create(&self.folder, day)?),
        };
        // One write a line, so that lines of several processes do not mix.
        let mut bytes = Vec::with_capacity(line.len() + 1);
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
        file.write_all(&bytes)
    }
}

fn create(folder: &Path, day: u64) -> io::Result<File> {
    crate::sys::create_private_dir(folder)?;
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(folder.join(format!("tim-{}.log", time::compact(day))))
}

/// Removes our files of days before `first`, written as `20261121`; failures do no harm.
fn remove_older(folder: &Path, first: &str) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let day = name
            .to_str()
            .and_then(|n| n.strip_prefix("tim-")?.strip_suffix(".log"));
        let ours = day.filter(|d| d.len() == 8 && d.bytes().all(|b| b.is_ascii_digit()));
        if ours.is_some_and(|day| day < first) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_a_day_and_a_week_of_them() {
        let folder = std::env::temp_dir().join(format!("tim-log-test-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for name in [
            "tim-20261113.log",
            "tim-20261114.log",
            "tim-99.log",
            "other.log",
        ] {
            fs::write(folder.join(name), "").unwrap();
        }
        let day = 86_400_000;
        let now = 20_778 * day;
        let mut files = Files::open(&folder, now);
        files.write(now, "one").unwrap();
        files.write(now + 1, "two").unwrap();
        files.write(now + day, "three").unwrap();
        let mut names: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(
            names,
            [
                "other.log",
                "tim-20261121.log",
                "tim-20261122.log",
                "tim-99.log"
            ]
        );
        let text = fs::read_to_string(folder.join("tim-20261121.log")).unwrap();
        assert_eq!(text, "one\ntwo\n");
        fs::remove_dir_all(folder).unwrap();
    }
}
