//! `timd doctor`: looks at everything that a server depends on, and says what is wrong and what to
//! do. It changes nothing, and works beside a server that runs.

use std::fmt::Display;

use clap::Args;
use serde::Serialize;

use crate::cli::Serve;
use crate::config::Config;
use crate::setup::Database;

mod bus;
mod certificates;
mod directory;
mod listener;
mod machine;
mod postgres;
mod settings;
mod sqlite;

/// Options of `timd doctor`: those of `timd serve`, whose settings it looks at.
#[derive(Args)]
pub struct Doctor {
    #[command(flatten)]
    serve: Serve,
    /// Print JSON, for scripts.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Ok,
    Warn,
    Fail,
}

#[derive(Serialize)]
struct Finding {
    level: Level,
    name: &'static str,
    saw: String,
    #[serde(rename = "do", skip_serializing_if = "Option::is_none")]
    todo: Option<String>,
}

/// What was found, in the order of looking.
#[derive(Default)]
struct Report(Vec<Finding>);

impl Report {
    fn add(&mut self, level: Level, name: &'static str, saw: impl Display, todo: Option<String>) {
        self.0.push(Finding {
            level,
            name,
            saw: one_line(saw),
            todo: todo.map(one_line),
        });
    }

    fn ok(&mut self, name: &'static str, saw: impl Display) {
        self.add(Level::Ok, name, saw, None);
    }

    fn warn(&mut self, name: &'static str, saw: impl Display, todo: impl Display) {
        self.add(Level::Warn, name, saw, Some(todo.to_string()));
    }

    fn fail(&mut self, name: &'static str, saw: impl Display, todo: impl Display) {
        self.add(Level::Fail, name, saw, Some(todo.to_string()));
    }

    /// Good, or worth a warning.
    fn expect(&mut self, is_good: bool, name: &'static str, saw: impl Display, todo: &str) {
        if is_good {
            self.ok(name, saw);
        } else {
            self.warn(name, saw, todo);
        }
    }

    fn is_good(&self) -> bool {
        self.0.iter().all(|finding| finding.level < Level::Fail)
    }

    fn text(&self) -> String {
        let width = self.0.iter().map(|finding| finding.name.len()).max();
        let width = width.unwrap_or(0);
        let mut lines = Vec::new();
        for finding in &self.0 {
            let level = match finding.level {
                Level::Ok => "ok",
                Level::Warn => "warn",
                Level::Fail => "fail",
            };
            lines.push(format!(
                "{level:<4}  {:<width$}  {}",
                finding.name, finding.saw
            ));
            if let Some(todo) = &finding.todo {
                lines.push(format!("      {:<width$}  -> {todo}", ""));
            }
        }
        lines.join("\n")
    }

    fn json(&self) -> String {
        let report = serde_json::json!({"ok": self.is_good(), "checks": self.0});
        report.to_string()
    }
}

/// Whatever a database or a library says.
fn one_line(text: impl Display) -> String {
    let text = text.to_string();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Looks at everything: what to print, and whether nothing fails.
pub fn run(args: &Doctor) -> Result<(String, bool), String> {
    let mut report = Report::default();
    match args.serve.settings() {
        Err(error) => report.fail(
            "settings",
            error,
            "correct it; docs/hosting.md lists all settings. Nothing else was looked at",
        ),
        Ok(config) => {
            settings::look(&mut report, &config, args.serve.config.as_deref());
            everything(&mut report, &config)?;
        }
    }
    let text = if args.json {
        report.json()
    } else {
        report.text()
    };
    Ok((text, report.is_good()))
}

fn everything(report: &mut Report, config: &Config) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| format!("cannot start the runtime: {e}"))?;
    let running = directory::look(report, &config.data);
    let mut nodes = None;
    match config.database()? {
        Database::Sqlite(path) => sqlite::look(report, &path),
        Database::Postgres(url) => {
            nodes = runtime.block_on(postgres::look(report, config, &url));
            let left = config.data.join("timd.db");
            if left.exists() {
                report.warn(
                    "directory.left",
                    format!(
                        "{} is there, and the database is PostgreSQL",
                        left.display()
                    ),
                    "if it is to be moved there, see timd migrate; if it was, put it away as a backup",
                );
            }
        }
    }
    runtime.block_on(bus::look(report, config, nodes.unwrap_or(0)));
    let leaf = certificates::look(report, config);
    machine::look(report, config, running.pid);
    listener::look(report, config, running.is_locked, leaf.as_deref());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_each_and_one_for_what_to_do() {
        let mut report = Report::default();
        report.ok("first", "all is\nwell");
        assert!(report.is_good());
        report.warn("the second", "so so", "look at it");
        assert!(report.is_good());
        report.fail("third", "bad", "mend it");
        assert!(!report.is_good());
        let lines = [
            "ok    first       all is well",
            "warn  the second  so so",
            "                  -> look at it",
            "fail  third       bad",
            "                  -> mend it",
        ];
        assert_eq!(report.text(), lines.join("\n"));
        let json: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
        assert_eq!(json["ok"], false);
        assert_eq!(json["checks"][2]["do"], "mend it");
        assert_eq!(json["checks"][0].get("do"), None);
    }
}
