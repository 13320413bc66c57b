//! Lines of the app in the library's log.

use std::fmt;

use protocol::{Error, codes};

use crate::log::{Level, Logger};

/// Writes a line of the app into a log, as one of the module `app`; it goes where the library's
/// own lines of that level go: to the files, the log listener and the console.
///
/// It needs no client: before the start and after the stop of one the logger takes lines too.
/// Line breaks and control characters are escaped, so that one call is one line. Where the line
/// was written stands behind the text, as ` [file:line function]`; what is empty or 0 is left out.
///
/// `level` is a number of `tim_log_level`, 1 (test) to 7 (assert); another one is
/// [`INVALID_PARAMETERS`](codes::INVALID_PARAMETERS), which is the only error. Any thread, also
/// inside a listener; the log listener is not told of lines that it writes itself.
pub fn write_log(
    logger: &Logger,
    level: i32,
    text: &str,
    file: &str,
    function: &str,
    line: u32,
) -> Result<(), Error> {
    let level = Level::from_number(level).ok_or_else(|| {
        let text = format!("the level is {level}; expected 1 (test) to 7 (assert)");
        Error::new(codes::INVALID_PARAMETERS, text)
    })?;
    let place = Place {
        file,
        function,
        line,
    };
    logger.write(level, "app", format_args!("{text}{place}"));
    Ok(())
}

/// Where in the app's source a line was written.
struct Place<'a> {
    file: &'a str,
    function: &'a str,
    line: u32,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            function,
            line,
        } = self;
        match (file.is_empty(), *line, function.is_empty()) {
            (true, _, true) => Ok(()),
            (true, _, false) => write!(f, " [{function}]"),
            (false, 0, true) => write!(f, " [{file}]"),
            (false, 0, false) => write!(f, " [{file} {function}]"),
            (false, line, true) => write!(f, " [{file}:{line}]"),
            (false, line, false) => write!(f, " [{file}:{line} {function}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parking_lot::Mutex;

    use super::*;
    use crate::log::{OFF, Sink};

    #[derive(Default)]
    struct Lines(Mutex<Vec<(Level, String)>>);

    impl Sink for Lines {
        fn line(&self, level: Level, line: String) {
            self.0.lock().push((level, line));
        }
    }

    #[test]
    fn a_line_of_the_app_is_one_line_with_its_place_at_its_level() {
        let (logger, lines) = (Logger::default(), Arc::new(Lines::default()));
        logger.set_sink(Some(lines.clone()));
        logger.set_levels(OFF, Level::Warn as i32);
        write_log(&logger, 4, "too low", "a.c", "f", 1).unwrap();
        write_log(&logger, 5, "one\ntwo", "a.c", "main", 7).unwrap();
        write_log(&logger, 7, "bare", "", "", 0).unwrap();
        logger.set_levels(OFF, Level::Test as i32);
        write_log(&logger, 1, "all", "", "f\r", 9).unwrap();
        for wrong in [i32::MIN, -1, 0, 8] {
            let error = write_log(&logger, wrong, "x", "", "", 0).unwrap_err();
            assert_eq!(error.code, codes::INVALID_PARAMETERS);
        }
        let lines = lines.0.lock();
        let tails = [
            (Level::Warn, " app one\\ntwo [a.c:7 main]"),
            (Level::Assert, " app bare"),
            (Level::Test, " app all [f\\r]"),
        ];
        assert_eq!(lines.len(), tails.len(), "{lines:?}");
        for ((level, line), (wanted, tail)) in lines.iter().zip(tails) {
            assert!(*level == wanted && line.ends_with(tail), "{line}");
        }
    }
}
