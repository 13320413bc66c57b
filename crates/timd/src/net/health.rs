//! How a node is: what `/readyz` answers.

use std::fmt::Write;

/// What keeps a node from its full service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// The node holds its lease. Without it nobody can log in.
    pub is_in: bool,
    /// The database has gone beyond what this version may work on.
    pub is_outdated: bool,
    /// Notes of other nodes arrive. Without them messages are stored and acknowledged all the
    /// same, and clients find with their heartbeats what they missed.
    pub is_bus_up: bool,
    /// So many nodes share the database, and this one has no bus to tell them anything.
    pub unreachable: usize,
}

impl Health {
    /// Whether clients are welcome.
    pub(super) fn is_ready(&self) -> bool {
        self.is_in && !self.is_outdated
    }

    /// A line for whether clients are welcome, and one for each thing that is wrong.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let readiness = match (self.is_in, self.is_outdated) {
            (_, true) => "not ready: the database needs a newer timd, and this one is ending",
            (true, _) => "ready",
            (false, _) => {
                "not ready: the database has not answered for too long; look at it and at the log"
            }
        };
        let _ = writeln!(text, "{readiness}");
        if !self.is_bus_up {
            let _ = writeln!(
                text,
                "degraded: bus: it is away; look at the NATS server and at the log"
            );
        }
        if self.unreachable > 0 {
            let _ = writeln!(
                text,
                "degraded: bus: there is none, and {} more on this database: set bus, the same \
                 for all nodes",
                self.unreachable
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_has_a_line() {
        let well = Health {
            is_in: true,
            is_outdated: false,
            is_bus_up: true,
            unreachable: 0,
        };
        assert_eq!(well.text(), "ready\n");
        let bad = Health {
            is_in: false,
            is_outdated: false,
            is_bus_up: false,
            unreachable: 2,
        };
        assert!(well.is_ready() && !bad.is_ready());
        let text = bad.text();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines[0].starts_with("not ready: "), "{text}");
        assert!(lines[1].starts_with("degraded: bus: "), "{text}");
        assert!(lines[2].contains(" 2 more "), "{text}");
        let old = Health {
            is_outdated: true,
            ..well
        };
        assert!(!old.is_ready());
        assert!(old.text().starts_with("not ready: "), "{}", old.text());
    }
}
