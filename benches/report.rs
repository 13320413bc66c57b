//! The table and its JSON.

use std::fmt::Write as _;
use std::time::Duration;

/// What a figure is held to.
#[derive(Clone, Copy)]
pub enum Goal {
    /// At most so many times the floor.
    Times { must: f64, aim: f64 },
    /// At least this part of the floor.
    Part { must: f64, aim: f64 },
    /// At most this value.
    AtMost { must: f64, aim: f64 },
    /// At least this value.
    AtLeast { must: f64, aim: f64 },
    /// Only told.
    None,
}

struct Row {
    name: String,
    unit: &'static str,
    value: f64,
    floor: Option<f64>,
    goal: Goal,
}

/// Collects rows as they are measured.
pub struct Report {
    words: Vec<String>,
    rows: Vec<Row>,
}

impl Report {
    pub fn new(words: Vec<String>) -> Self {
        Self {
            words,
            rows: Vec::new(),
        }
    }

    /// Whether the measurement of this name is wanted.
    pub fn wants(&self, name: &str) -> bool {
        let wanted = self.words.is_empty() || self.words.iter().any(|word| name.contains(word));
        if wanted {
            eprintln!("measuring: {name}");
        }
        wanted
    }

    pub fn add(
        &mut self,
        name: &str,
        unit: &'static str,
        value: f64,
        floor: Option<f64>,
        goal: Goal,
    ) {
        self.rows.push(Row {
            name: name.into(),
            unit,
            value,
            floor,
            goal,
        });
    }

    /// Prints the table, writes `target/bench.json`.
    pub fn finish(self) {
        println!(
            "{:<58} {:>12} {:>12} {:>8} {:>10} {:>10}  verdict",
            "what", "measured", "floor", "ratio", "must", "aim"
        );
        let mut json = Vec::new();
        for row in &self.rows {
            let ratio = row.floor.map(|floor| row.value / floor);
            let (must, aim, verdict) = row.judge();
            println!(
                "{:<58} {:>12} {:>12} {:>8} {:>10} {:>10}  {verdict}",
                format!("{} [{}]", row.name, row.unit),
                number(row.value),
                row.floor.map_or("-".into(), number),
                ratio.map_or("-".into(), |ratio| format!("{ratio:.2}")),
                must,
                aim,
            );
            json.push(serde_json::json!({
                "name": row.name, "unit": row.unit, "value": row.value, "floor": row.floor,
                "ratio": ratio, "must": must, "aim": aim, "verdict": verdict,
            }));
        }
        let mut text = String::new();
        writeln!(
            text,
            "{}",
            serde_json::to_string_pretty(&json).expect("plain values")
        )
        .expect("writing to a string");
        let folder = crate::setup::target_dir();
        std::fs::create_dir_all(&folder).expect("a target folder");
        std::fs::write(folder.join("bench.json"), text).expect("writing the results");
    }
}

impl Row {
    fn judge(&self) -> (String, String, &'static str) {
        let ratio = self.floor.map_or(f64::NAN, |floor| self.value / floor);
        let verdict = |is_must: bool, is_aim: bool| match (is_must, is_aim) {
            (_, true) => "aim",
            (true, false) => "must",
            (false, false) => "MISSED",
        };
        match self.goal {
            Goal::Times { must, aim } => (
                format!("{must} x"),
                format!("{aim} x"),
                verdict(ratio <= must, ratio <= aim),
            ),
            Goal::Part { must, aim } => (
                format!("{must} x"),
                format!("{aim} x"),
                verdict(ratio >= must, ratio >= aim),
            ),
            Goal::AtMost { must, aim } => (
                number(must),
                number(aim),
                verdict(self.value <= must, self.value <= aim),
            ),
            Goal::AtLeast { must, aim } => (
                number(must),
                number(aim),
                verdict(self.value >= must, self.value >= aim),
            ),
            Goal::None => ("-".into(), "-".into(), "-"),
        }
    }
}

fn number(value: f64) -> String {
    if value >= 1000.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.3}")
    }
}

/// The middle of the measured times, in microseconds.
pub fn median_us(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}
