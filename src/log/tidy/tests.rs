use std::collections::BTreeMap;

use super::*;
use crate::testing::TempDir;
use flate2::read::GzDecoder;

const DAY: u64 = 86_400_000;
/// Noon of 2026-11-21.
const NOW: u64 = 20_778 * DAY + DAY / 2;

fn folder_with(files: &[(&str, &str)]) -> (TempDir, Folder) {
    let dir = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    let folder = Folder::new(dir.path());
    (dir, folder)
}

fn run(folder: &Folder) -> Result<(), String> {
    tidy(folder, NOW, &AtomicBool::new(false))
}

/// What stands in the folder, unpacked.
fn contents(dir: &TempDir) -> BTreeMap<String, String> {
    let entries = fs::read_dir(dir.path()).unwrap().flatten();
    let read = entries.filter(|e| e.path().is_file()).map(|entry| {
        let (name, mut text) = (entry.file_name().into_string().unwrap(), String::new());
        let mut file = File::open(entry.path()).unwrap();
        if name.ends_with(".gz") {
            GzDecoder::new(file).read_to_string(&mut text).unwrap();
        } else {
            file.read_to_string(&mut text).unwrap();
        }
        (name, text)
    });
    read.filter(|(name, _)| name != LOCK).collect()
}

fn assert_contents(dir: &TempDir, wanted: &[(&str, &str)]) {
    let wanted = wanted.iter().map(|(n, t)| ((*n).into(), (*t).into()));
    assert_eq!(contents(dir), wanted.collect());
}

fn pack(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn earlier_days_are_compressed_and_old_ones_removed_whatever_their_form() {
    let (dir, folder) = folder_with(&[
        ("tim-20261113.log", "too old"),
        ("tim-20261113.log.gz", "too old"),
        ("tim-20261113-2.log.gz", "too old"),
        ("tim-20261114.log", "the oldest\n"),
        ("tim-20261120.log", "yesterday\n"),
        ("tim-20261121.log", "today\n"),
        ("tim-20261122.log", "of a clock that is ahead\n"),
    ]);
    run(&folder).unwrap();
    let after = [
        ("tim-20261114.log.gz", "the oldest\n"),
        ("tim-20261120.log.gz", "yesterday\n"),
        ("tim-20261121.log", "today\n"),
        ("tim-20261122.log", "of a clock that is ahead\n"),
    ];
    assert_contents(&dir, &after);
    run(&folder).unwrap();
    assert_contents(&dir, &after);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let data = fs::metadata(dir.path().join("tim-20261120.log.gz")).unwrap();
        assert_eq!(data.permissions().mode() & 0o777, 0o600);
    }
    let none = Folder {
        kept_days: 0,
        ..folder
    };
    run(&none).unwrap();
    assert_contents(&dir, &after[2..]);
}

#[test]
fn only_what_has_one_of_our_names_is_touched() {
    let others = [
        ("other.log", ""),
        ("tim-1.log", ""),
        ("tim-20200101", ""),
        ("tim-20200101.log.1", ""),
        ("tim-20200101.log.bak", ""),
        ("tim-20200101-1.log.gz.old", ""),
        ("tim-20200101-02.log", ""),
        ("tim-2020010a.log", ""),
        ("tim-2020010é.log", ""),
        ("tim-202001010.log", ""),
        ("TIM-20200101.log", ""),
        ("my-tim-20200101.log", ""),
    ];
    let (dir, folder) = folder_with(&others);
    let packed = [
        "tim-20200101-0.log.gz",
        "tim-20200101-1.log.gz",
        "tim-20200101-02.log.gz",
    ];
    for name in packed {
        fs::write(dir.path().join(name), pack("")).unwrap();
    }
    fs::create_dir(dir.path().join("tim-20200102.log")).unwrap();
    run(&folder).unwrap();
    let names: Vec<_> = contents(&dir).into_keys().collect();
    let mut wanted: Vec<_> = others.iter().map(|(name, _)| *name).chain(packed).collect();
    wanted.sort_unstable();
    assert_eq!(names, wanted);
    assert!(dir.path().join("tim-20200102.log").exists());
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_neither_read_nor_removed() {
    let (dir, folder) = folder_with(&[("other", "text")]);
    for name in ["tim-20200101.log", "tim-20261120.log"] {
        std::os::unix::fs::symlink(dir.path().join("other"), dir.path().join(name)).unwrap();
    }
    run(&folder).unwrap();
    assert_eq!(contents(&dir).len(), 3);
}

#[test]
fn a_crash_at_any_step_loses_nothing_and_doubles_nothing() {
    const HALF: &str = "tim-20261120.log.gz.tmp";
    let (plain, packed) = ("tim-20261120.log", "tim-20261120.log.gz");
    // While it was compressed.
    let (dir, folder) = folder_with(&[(plain, "text\n"), (HALF, &"half".repeat(100))]);
    run(&folder).unwrap();
    assert_contents(&dir, &[(packed, "text\n")]);
    let size = fs::metadata(dir.path().join(packed)).unwrap().len();
    assert!(size < 100, "{size} bytes: some of the half is left");
    // Between the new name and the removal.
    let (dir, folder) = folder_with(&[(plain, "text\n")]);
    fs::write(dir.path().join(packed), pack("text\n")).unwrap();
    run(&folder).unwrap();
    assert_contents(&dir, &[(packed, "text\n")]);
    // A longer one than is read at once, of which the copy lacks the end.
    let long = "0123456789".repeat(CHUNK / 4);
    let (dir, folder) = folder_with(&[(plain, &long)]);
    fs::write(dir.path().join(packed), pack(&long[..CHUNK * 2])).unwrap();
    run(&folder).unwrap();
    assert_contents(
        &dir,
        &[
            (packed, &long[..CHUNK * 2]),
            ("tim-20261120-2.log.gz", &long),
        ],
    );
}

#[test]
fn a_day_that_comes_back_gets_a_file_beside_the_first() {
    let (dir, folder) = folder_with(&[]);
    for text in ["first\n", "second\n", "third\n", "second\n"] {
        fs::write(dir.path().join("tim-20261120.log"), text).unwrap();
        run(&folder).unwrap();
    }
    assert_contents(
        &dir,
        &[
            ("tim-20261120.log.gz", "first\n"),
            ("tim-20261120-2.log.gz", "second\n"),
            ("tim-20261120-3.log.gz", "third\n"),
        ],
    );
}

#[test]
fn a_damaged_copy_is_not_taken_for_the_file() {
    let (dir, folder) = folder_with(&[]);
    let first = dir.path().join("tim-20261120.log.gz");
    let whole = pack("text\n");
    for damaged in [&b"no gzip"[..], &[], &whole[..whole.len() - 1]] {
        fs::write(&first, damaged).unwrap();
        fs::write(dir.path().join("tim-20261120.log"), "text\n").unwrap();
        run(&folder).unwrap();
        assert_eq!(fs::read(&first).unwrap(), damaged);
        fs::remove_file(&first).unwrap();
        assert_contents(&dir, &[("tim-20261120-2.log.gz", "text\n")]);
    }
}

#[test]
fn one_process_at_a_time() {
    let files = [("tim-20261101.log", "old"), ("tim-20261120.log", "text\n")];
    let (dir, folder) = folder_with(&files);
    let lock = FileLock::take(&dir.path().join(LOCK)).unwrap().unwrap();
    run(&folder).unwrap();
    assert_contents(&dir, &files);
    drop(lock);
    run(&folder).unwrap();
    assert_contents(&dir, &[("tim-20261120.log.gz", "text\n")]);
}

#[test]
fn it_stops_when_it_is_told_to_and_leaves_all_as_it_was() {
    let files = [("tim-20261120.log", "text\n")];
    let (dir, folder) = folder_with(&files);
    compress(dir.path(), "20261120", &AtomicBool::new(true)).unwrap();
    assert_contents(&dir, &files);
    tidy(&folder, NOW, &AtomicBool::new(true)).unwrap();
    assert_contents(&dir, &files);
}

#[test]
fn a_day_is_over_a_minute_after_its_end() {
    let midnight = 20_779 * DAY;
    for (now, due) in [
        (midnight - 1, midnight + GRACE_MS),
        (midnight, midnight + GRACE_MS),
        (midnight + GRACE_MS - 1, midnight + GRACE_MS),
        (midnight + GRACE_MS, midnight + DAY + GRACE_MS),
        (0, DAY + GRACE_MS),
    ] {
        assert_eq!(next(now), due, "{now}");
    }
    let (dir, folder) = folder_with(&[("tim-20261121.log", "text\n")]);
    let never = AtomicBool::new(false);
    tidy(&folder, midnight + GRACE_MS - 1, &never).unwrap();
    assert_contents(&dir, &[("tim-20261121.log", "text\n")]);
    tidy(&folder, midnight + GRACE_MS, &never).unwrap();
    assert_contents(&dir, &[("tim-20261121.log.gz", "text\n")]);
}
