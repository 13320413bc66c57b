use std::fs;

use super::*;
use crate::testing::TempDir;

#[derive(Default)]
struct Lines(Mutex<Vec<(Level, String)>>);

impl Sink for Lines {
    fn line(&self, level: Level, line: String) {
        self.0.lock().push((level, line));
    }
}

impl Lines {
    fn texts(&self) -> Vec<String> {
        let lines = self.0.lock();
        let text = |line: &str| line.split_once(" test ").map(|(_, text)| text.to_owned());
        lines.iter().filter_map(|(_, line)| text(line)).collect()
    }
}

fn logger() -> (Logger, Arc<Lines>) {
    let (logger, lines) = (Logger::default(), Arc::new(Lines::default()));
    logger.set_sink(Some(lines.clone()));
    (logger, lines)
}

/// What stands in today's file; the day may have turned since it was written.
fn written(folder: &TempDir) -> String {
    let entries = fs::read_dir(folder.path()).unwrap().flatten();
    let plain = entries.filter(|entry| entry.path().extension().is_some_and(|e| e == "log"));
    plain
        .map(|entry| fs::read_to_string(entry.path()).unwrap())
        .collect()
}

const LEVELS: [Level; 7] = [
    Level::Test,
    Level::Verbose,
    Level::Debug,
    Level::Info,
    Level::Warn,
    Level::Error,
    Level::Assert,
];

#[test]
fn each_threshold_lets_through_itself_and_worse_for_file_and_callback_apart() {
    for file in 0..=7 {
        for callback in 0..=7 {
            let folder = TempDir::new().unwrap();
            let (logger, lines) = logger();
            logger.set_levels(file, callback);
            logger.open(Some(Folder::new(folder.path())));
            for level in LEVELS {
                let passes = |threshold| threshold != OFF && level as i32 >= threshold;
                assert_eq!(logger.wants(level), passes(file) || passes(callback));
                logger.write(level, "test", format_args!("{}", level as i32));
            }
            logger.close();
            let wanted = |threshold: i32| match threshold {
                OFF => Vec::new(),
                least => (least..=7).map(|level| level.to_string()).collect(),
            };
            assert_eq!(lines.texts(), wanted(callback), "callback {callback}");
            let written = written(&folder);
            let texts = written
                .lines()
                .map(|line| line.rsplit(' ').next().unwrap().to_owned());
            assert_eq!(texts.collect::<Vec<_>>(), wanted(file), "file {file}");
        }
    }
}

#[test]
fn levels_have_the_numbers_of_the_interface() {
    let numbers = LEVELS.map(|level| level as i32);
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(
        LEVELS.map(|l| Level::from_number(l as i32)),
        LEVELS.map(Some)
    );
    assert_eq!((Level::from_number(0), Level::from_number(8)), (None, None));
}

#[test]
fn lines_before_the_start_and_after_the_stop_wait_for_the_files() {
    let folder = TempDir::new().unwrap();
    let (logger, lines) = logger();
    logger.write(Level::Info, "test", format_args!("early"));
    logger.open(Some(Folder::new(folder.path())));
    logger.write(Level::Info, "test", format_args!("in time"));
    logger.close();
    logger.write(Level::Info, "test", format_args!("late"));
    assert!(!written(&folder).contains("late"));
    assert_eq!(lines.texts(), ["early", "in time", "late"]);
    logger.open(Some(Folder::new(folder.path())));
    let written = written(&folder);
    let texts = written.lines().map(|l| l.split_once(" test ").unwrap().1);
    assert_eq!(texts.collect::<Vec<_>>(), ["early", "in time", "late"]);
    assert_eq!(logger.lost(), 0);
}

#[test]
fn no_more_waits_than_the_bound() {
    let (logger, _) = logger();
    let text = "x".repeat(1000);
    for _ in 0..100 {
        logger.write(Level::Info, "test", format_args!("{text}"));
    }
    let folder = TempDir::new().unwrap();
    logger.open(Some(Folder::new(folder.path())));
    let written = written(&folder);
    assert!((MAX_WAITING - 1100..=MAX_WAITING).contains(&written.len()));
    assert_eq!(written.lines().count() as u64 + logger.lost(), 100);
}

#[test]
fn without_files_nothing_is_made_for_them() {
    let (logger, _) = logger();
    logger.set_levels(Level::Info as i32, OFF);
    logger.open(None);
    assert!(!logger.wants(Level::Error));
    logger.set_console(true);
    assert!(logger.wants(Level::Error));
}

#[test]
fn a_folder_that_cannot_be_written_is_told_once_and_used_when_it_can() {
    let folder = TempDir::new().unwrap();
    let place = folder.path().join("log");
    // A file where the folder should be.
    fs::write(&place, "").unwrap();
    let (logger, lines) = logger();
    logger.set_levels(Level::Info as i32, Level::Warn as i32);
    logger.open(Some(Folder::new(&place)));
    for text in ["one", "two", "three"] {
        logger.write(Level::Info, "test", format_args!("{text}"));
    }
    assert_eq!((logger.lines(), logger.lost()), (3, 3));
    let trouble = logger.trouble().unwrap();
    assert!(
        trouble.starts_with(&place.display().to_string()),
        "{trouble}"
    );
    {
        let told = lines.0.lock();
        // One for the files, and one for the compressing of those of earlier days.
        let about_files = |line: &&(Level, String)| line.1.contains("log files cannot be written");
        assert_eq!(told.iter().filter(about_files).count(), 1, "{told:?}");
    }
    fs::remove_file(&place).unwrap();
    logger.write(Level::Info, "test", format_args!("four"));
    assert_eq!((logger.trouble(), logger.lost()), (None, 3));
    let told = lines.0.lock();
    let again = "log files can be written again; lines lost: 3 (";
    // Not always the last one: the compressing may end at any time.
    let (level, again) = told.iter().find(|(_, line)| line.contains(again)).unwrap();
    assert_eq!(*level, Level::Warn);
    let name = fs::read_dir(&place).unwrap().flatten();
    let name = name
        .map(|e| e.path())
        .find(|p| p.extension().is_some_and(|e| e == "log"));
    let written = fs::read_to_string(name.unwrap()).unwrap();
    let texts: Vec<_> = written.lines().collect();
    assert!(
        texts[0] == again && texts.last().unwrap().ends_with("four"),
        "{written}"
    );
}
