//! The one error that travels: a code of [`crate::codes`] and a text for the developer.

use std::borrow::Cow;
use std::fmt;

use crate::codes;

/// A refusal: its code and what to do about it. The text holds no secret and no message text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// A number of [`codes::TABLE`].
    pub code: i32,
    /// What happened, for the developer.
    pub desc: Cow<'static, str>,
}

impl Error {
    /// An error with its own text.
    pub fn new(code: i32, desc: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            desc: desc.into(),
        }
    }

    /// An error with the text of the table.
    pub fn of(code: i32) -> Self {
        Self::new(code, codes::text(code).unwrap_or("unknown code"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = codes::name(self.code).unwrap_or("unknown code");
        write!(f, "{} ({name}): {}", self.code, self.desc)
    }
}

impl std::error::Error for Error {}
