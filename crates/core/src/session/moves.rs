//! The machine of the login status. docs/lifecycle.md draws it from here (`cargo xtask docs`).

use crate::LoginStatus::{self, LoggedIn, LoggedOut, LoggingIn, LoggingOut};

/// A way from one login status to another, or back to the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// What the app was told before.
    pub from: LoginStatus,
    /// What it is told now.
    pub to: LoginStatus,
    /// What brings it about.
    pub by: &'static str,
}

const fn to(from: LoginStatus, to: LoginStatus, by: &'static str) -> Move {
    Move { from, to, by }
}

/// All of them: what is told besides is a bug.
pub const MOVES: &[Move] = &[
    to(LoggedOut, LoggingIn, "login"),
    to(LoggedOut, LoggedOut, "login refused at once, logout"),
    to(LoggingIn, LoggingIn, "login of the same user"),
    to(LoggingIn, LoggedIn, "the server accepts"),
    to(
        LoggingIn,
        LoggedOut,
        "the server refuses, no answer in time, logout, login of another user",
    ),
    to(
        LoggedIn,
        LoggedIn,
        "login of the same user, login or logout refused at once",
    ),
    to(LoggedIn, LoggingIn, "login of another user"),
    to(LoggedIn, LoggingOut, "logout"),
    to(
        LoggedIn,
        LoggedOut,
        "kicked, ticket lapsed, refused on a return, database lost",
    ),
    to(LoggingOut, LoggingOut, "logout, login refused at once"),
    to(
        LoggingOut,
        LoggedOut,
        "the server answers, or 2 seconds have passed",
    ),
];

/// Whether there is such a move.
pub(crate) fn is_move(from: LoginStatus, to: LoginStatus) -> bool {
    MOVES.iter().any(|m| (m.from, m.to) == (from, to))
}
