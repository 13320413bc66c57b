//! What a line looks like: `time level process:thread module text`.

use std::fmt::{self, Write as _};

use super::{Level, time};

/// Bytes of a line up to which text is taken; what is longer is cut off there.
const MAX_LINE: usize = 8 * 1024;

/// A line with its line break.
pub(super) fn line(now_ms: u64, level: Level, module: &str, text: fmt::Arguments<'_>) -> String {
    let mut line = String::with_capacity(192);
    time::write_time(&mut line, now_ms);
    let _ = write!(line, " {} {}:", level.name(), std::process::id());
    match std::thread::current().name() {
        // It is the app that names its threads.
        Some(name) => line.extend(name.chars().map(|c| if is_word(c) { c } else { '_' })),
        None => line.push_str("app"),
    }
    let _ = write!(line, " {module} ");
    // It fails only when there is too much of it.
    if write!(Escaped(&mut line), "{text}").is_err() {
        line.push('…');
    }
    line.push('\n');
    line
}

fn is_word(c: char) -> bool {
    !c.is_whitespace() && !c.is_control()
}

/// Keeps a text on one line, so that no text can pretend to be a line of its own.
struct Escaped<'a>(&'a mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let is_plain = |byte: u8| (b' '..=b'~').contains(&byte);
        if text.bytes().all(is_plain) && self.0.len() + text.len() <= MAX_LINE {
            self.0.push_str(text);
            return Ok(());
        }
        for c in text.chars() {
            if self.0.len() >= MAX_LINE {
                return Err(fmt::Error);
            }
            match c {
                '\n' | '\u{2028}' | '\u{2029}' | '\u{85}' => self.0.push_str("\\n"),
                '\r' => self.0.push_str("\\r"),
                c if c.is_control() && c != '\t' => write!(self.0, "\\x{:02x}", u32::from(c))?,
                c => self.0.push(c),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_cannot_forge_lines() {
        let text = line(
            0,
            Level::Info,
            "m",
            format_args!("a{}b\rc\u{0}d\u{2028}é", "\n"),
        );
        assert!(text.ends_with(" m a\\nb\\rc\\x00d\\né\n"), "{text}");
        let start = format!("1970-01-01T00:00:00.000Z INFO  {}:", std::process::id());
        assert!(text.starts_with(&start), "{text}");
    }

    #[test]
    fn a_thread_cannot_forge_lines_by_its_name() {
        let named = std::thread::Builder::new().name("a b\nc\u{1b}".into());
        let thread = named.spawn(|| line(0, Level::Info, "m", format_args!("t")));
        let text = thread.unwrap().join().unwrap();
        assert!(text.ends_with(":a_b_c_ m t\n"), "{text}");
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_off() {
        for text in ["x".repeat(MAX_LINE), "é\n".repeat(MAX_LINE)] {
            let line = line(0, Level::Info, "m", format_args!("{text}"));
            assert!(line.ends_with("…\n"));
            assert!((MAX_LINE..MAX_LINE + 8).contains(&line.len()));
        }
    }
}
