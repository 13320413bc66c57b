use std::fs;
use std::time::{Duration, Instant};

use super::*;
use crate::testing::TempDir;

const DAY: u64 = 86_400_000;
/// The first moment of 2026-11-21.
const NOW: u64 = 20_778 * DAY;
const TODAY: &str = "tim-20261121.log";

struct Case {
    folder: TempDir,
    files: Files,
    told: Told,
}

impl Case {
    fn new(change: impl FnOnce(&mut Folder)) -> Self {
        let folder = TempDir::new().unwrap();
        let mut settings = Folder::new(folder.path());
        change(&mut settings);
        let files = Files::open(settings, NOW);
        Self {
            folder,
            files,
            told: Told::new(),
        }
    }

    fn write(&mut self, now_ms: u64, level: Level, text: &str) -> bool {
        let line = format!("{text}\n");
        self.files.write(now_ms, level, &line, &mut self.told)
    }

    /// Waits for the helper.
    fn settle(&mut self) {
        if let Some(tidying) = self.files.tidying.take() {
            tidying.join().unwrap();
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn told(&self, text: &str) -> usize {
        self.told.iter().filter(|(_, l)| l.contains(text)).count()
    }
}

#[test]
fn a_file_a_day_for_its_owner_only() {
    let mut case = Case::new(|_| ());
    for (now, text) in [(NOW, "one"), (NOW + DAY - 1, "two"), (NOW + DAY, "three")] {
        assert!(case.write(now, Level::Info, text));
    }
    assert_eq!(case.read(TODAY), "one\ntwo\n");
    assert_eq!(case.read("tim-20261122.log"), "three\n");
    assert!(case.told.is_empty(), "{:?}", case.told);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(case.path(TODAY)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn lines_of_two_processes_stand_in_one_file_whole() {
    let mut a = Case::new(|_| ());
    let mut b = Files::open(Folder::new(a.folder.path()), NOW);
    for n in 0..100 {
        assert!(a.write(NOW + n, Level::Info, "of a"));
        assert!(b.write(NOW + n, Level::Info, "of b\n", &mut Told::new()));
    }
    assert_eq!(a.read(TODAY), "of a\nof b\n".repeat(100));
}

#[test]
fn beyond_its_size_lines_below_warn_are_left_out_then_all_until_the_next_day() {
    let mut case = Case::new(|folder| folder.day_bytes = 1000);
    let text = "x".repeat(99);
    let mut kept = 0;
    for n in 0..20 {
        kept += u32::from(case.write(NOW + n, Level::Info, &text));
    }
    assert_eq!(kept, 10);
    assert_eq!(
        case.told("has 1000 bytes: lines below warn are left out"),
        1
    );
    let mut kept = 0;
    for n in 0..20 {
        kept += u32::from(case.write(NOW + n, Level::Error, &text));
    }
    assert!((8..=10).contains(&kept), "{kept}");
    assert_eq!(case.told("has 2000 bytes: all lines are left out"), 1);
    assert_eq!(case.told.len(), 2, "{:?}", case.told);
    let written = case.read(TODAY);
    assert_eq!(
        written.matches("are left out until midnight UTC\n").count(),
        2
    );
    assert!(written.len() < 2300, "{}", written.len());
    assert_eq!(case.files.trouble(), None);
    // Anew on the next day.
    let mut kept = 0;
    for n in 0..20 {
        kept += u32::from(case.write(NOW + DAY + n, Level::Info, &text));
    }
    assert_eq!(kept, 10);
    assert_eq!(
        case.told("has 1000 bytes: lines below warn are left out"),
        2
    );
    // A process that starts on that day finds it full, and says so again.
    let mut later = Files::open(case.files.folder.clone(), NOW);
    assert!(!later.write(NOW, Level::Error, "no\n", &mut case.told));
    assert_eq!(case.told("has 2000 bytes: all lines are left out"), 2);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_once_and_written_again_when_there_is_room() {
    let mut case = Case::new(|_| ());
    std::os::unix::fs::symlink("/dev/full", case.path(TODAY)).unwrap();
    for text in ["one", "two"] {
        assert!(!case.write(NOW, Level::Info, text));
    }
    assert_eq!(case.told("cannot be written, going on without: "), 1);
    assert_eq!(case.told.len(), 1);
    assert!(case.files.trouble().unwrap().contains("No space left"));
    fs::remove_file(case.path(TODAY)).unwrap();
    assert!(case.write(NOW, Level::Info, "three"));
    assert!(case.write(NOW, Level::Info, "four"));
    assert_eq!(case.told("can be written again; lines lost: 2 ("), 1);
    assert_eq!(case.files.trouble(), None);
    let written = case.read(TODAY);
    assert!(written.ends_with("No space left on device (os error 28))\nthree\nfour\n"));
    // And again, once.
    fs::remove_file(case.path(TODAY)).unwrap();
    std::os::unix::fs::symlink("/dev/full", case.path(TODAY)).unwrap();
    assert!(!case.write(NOW, Level::Info, "five"));
    assert!(!case.write(NOW, Level::Info, "six"));
    assert_eq!(case.told("cannot be written, going on without: "), 2);
}

/// Not every Windows deletes a folder with an open file in it, and Wine does not tell that a file is gone.
#[cfg(unix)]
#[test]
fn a_folder_that_is_deleted_is_made_again_and_loses_no_line() {
    let mut case = Case::new(|folder| folder.path.push("log"));
    case.settle();
    assert!(case.write(NOW, Level::Info, "one"));
    for text in ["two", "three"] {
        fs::remove_dir_all(case.path("log")).unwrap();
        assert!(case.write(NOW, Level::Info, text));
        assert_eq!(case.read(&format!("log/{TODAY}")), format!("{text}\n"));
    }
    assert!(case.told.is_empty(), "{:?}", case.told);
}

#[test]
fn a_line_that_was_left_half_written_does_not_swallow_the_next() {
    let mut case = Case::new(|_| ());
    fs::write(case.path(TODAY), "whole\nhal").unwrap();
    assert!(case.write(NOW, Level::Info, "next"));
    assert_eq!(case.read(TODAY), "whole\nhal\nnext\n");
}

#[test]
fn files_of_earlier_days_are_seen_to_at_the_start_and_a_minute_after_midnight() {
    let mut case = Case::new(|_| ());
    case.settle();
    fs::write(case.path("tim-20261101.log"), "left by others").unwrap();
    assert!(case.write(NOW + 1, Level::Info, "one"));
    assert!(case.write(NOW + DAY + 59_999, Level::Info, "two"));
    // The first was for the start of the program, a moment after midnight.
    case.settle();
    assert!(case.path(TODAY).exists());
    assert!(case.write(NOW + DAY + 60_000, Level::Info, "three"));
    case.settle();
    assert!(!case.path(TODAY).exists() && case.path("tim-20261121.log.gz").exists());
    assert!(!case.path("tim-20261101.log").exists());
    assert_eq!(case.read("tim-20261122.log"), "two\nthree\n");
    assert!(case.told.is_empty(), "{:?}", case.told);
}

/// A folder with a day's file in it that the helper cannot compress.
fn in_the_helpers_way() -> TempDir {
    let case = TempDir::new().unwrap();
    fs::write(case.path().join("tim-20261120.log"), "text\n").unwrap();
    // In the way of the file that is to be made.
    fs::create_dir(case.path().join("tim-20261120.log.gz.tmp")).unwrap();
    case
}

#[test]
fn what_the_helper_could_not_do_is_told_with_a_later_line() {
    let case = in_the_helpers_way();
    let mut files = Files::open(Folder::new(case.path()), NOW + DAY / 2);
    let mut told = Told::new();
    let end = Instant::now() + Duration::from_secs(60);
    while told.is_empty() {
        assert!(Instant::now() < end, "nothing is told");
        assert!(files.write(NOW + DAY / 2, Level::Info, "line\n", &mut told));
        std::thread::yield_now();
    }
    let (level, line) = &told[0];
    let text = "earlier log files could not be compressed or removed: tim-20261120.log: ";
    assert!(*level == Level::Warn && line.contains(text), "{line}");
    assert_eq!(
        fs::read(case.path().join("tim-20261120.log")).unwrap(),
        b"text\n"
    );
}

#[test]
fn how_many_lines_are_missing_is_told_before_what_the_helper_could_not_do() {
    let case = in_the_helpers_way();
    let mut files = Files::open(Folder::new(case.path()), NOW + DAY / 2);
    let end = Instant::now() + Duration::from_secs(60);
    while !files.tidying.as_ref().unwrap().is_over() {
        assert!(Instant::now() < end, "the helper does not end");
        std::thread::yield_now();
    }
    files.fail(NOW, io::Error::other("none"), &mut Told::new());
    let mut told = Told::new();
    assert!(files.write(NOW + DAY / 2, Level::Info, "line\n", &mut told));
    let told: Vec<_> = told.iter().map(|(_, line)| line.as_str()).collect();
    assert!(told[0].contains("lines lost: 1 (") && told[1].contains("earlier log files"));
    let written = fs::read_to_string(case.path().join(TODAY)).unwrap();
    assert_eq!(written, format!("{}line\n", told.concat()));
}
