//! One open database and its transaction.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use protocol::conversation::ConvId;
use rusqlite::{Connection, ErrorCode, OptionalExtension};
use tim_core::store::{Opened, Result, StoreError};

use super::file;
use crate::sys::FileLock;

/// An open database. Writes begin a transaction of their own accord.
pub(super) struct Session {
    db: Connection,
    path: PathBuf,
    /// Set while a transaction is open.
    has_begun: bool,
    /// A write of this transaction failed: it must not be committed.
    failed: Option<StoreError>,
    /// The file is broken: no write succeeds any more, and closing moves it aside.
    is_damaged: bool,
    /// Numbers of the conversations met so far.
    pub(super) conv_numbers: HashMap<ConvId, i64>,
    /// Profiles written since the opening.
    pub(super) profiles_put: u32,
    pub(super) index: super::search::Index,
    /// Last, so that it is released after the database was closed.
    _lock: FileLock,
}

impl Session {
    pub(super) fn open(root: &Path, app_id: u64, user_id: &str) -> Result<(Self, Opened)> {
        let file::OpenFile {
            db,
            path,
            lock,
            reset,
        } = file::open(root, app_id, user_id)?;
        let session = Self {
            db,
            path,
            has_begun: false,
            failed: None,
            is_damaged: false,
            conv_numbers: HashMap::new(),
            profiles_put: 0,
            index: Default::default(),
            _lock: lock,
        };
        Ok((session, Opened { reset }))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Ends the transaction: all of it is durable, or none of it.
    pub(super) fn commit(&mut self) -> Result<()> {
        let failed = self.failed.take();
        if !std::mem::take(&mut self.has_begun) {
            return failed.map_or(Ok(()), Err);
        }
        let result = match failed {
            Some(error) => Err(error),
            None => run(&self.db, "COMMIT").map_err(|e| self.explain(e)),
        };
        if result.is_err() {
            // Numbers that were given out in this transaction do not exist any more.
            self.conv_numbers.clear();
            self.index.recount();
            if !self.db.is_autocommit() {
                // It can only fail when SQLite has rolled back already.
                let _ = run(&self.db, "ROLLBACK");
            }
        }
        result
    }

    /// Makes the transaction one that cannot be committed.
    pub(super) fn fail(&mut self, error: StoreError) {
        self.failed = Some(error);
    }

    /// Closes the file. A damaged one is moved aside: its path and its new name are returned.
    pub(super) fn close(self) -> Option<(PathBuf, String)> {
        let Self {
            db,
            path,
            is_damaged,
            _lock,
            ..
        } = self;
        drop(db);
        let name = is_damaged.then(|| file::move_aside(&path).ok()).flatten();
        name.map(|name| (path, name))
    }

    /// Runs a query.
    pub(super) fn read<T>(
        &mut self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        query(&self.db).map_err(|e| self.explain(e))
    }

    /// Runs a statement that writes, in the transaction of this turn. After a failure the turn is
    /// lost as a whole, since SQLite may have rolled back what came before.
    pub(super) fn write<T>(
        &mut self,
        statement: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let begun = if self.has_begun {
            Ok(())
        } else {
            run(&self.db, "BEGIN IMMEDIATE")
        };
        self.has_begun |= begun.is_ok();
        begun.and_then(|()| statement(&self.db)).map_err(|e| {
            let error = self.explain(e);
            self.failed = Some(error.clone());
            error
        })
    }

    pub(super) fn meta(&mut self, key: &str) -> Result<Option<String>> {
        self.read(|db| {
            db.prepare_cached("SELECT value FROM meta WHERE key = ?1")?
                .query_row([key], |row| row.get(0))
                .optional()
        })
    }

    pub(super) fn set_meta(&mut self, key: &str, value: &str) -> Result<()> {
        self.write(|db| {
            db.prepare_cached(
                "INSERT INTO meta (key, value) VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET value = ?2",
            )?
            .execute([key, value])
        })?;
        Ok(())
    }

    fn explain(&mut self, error: rusqlite::Error) -> StoreError {
        self.is_damaged |= is_damage(&error);
        explain(&error)
    }
}

/// What the core is told about an error of SQLite.
pub(super) fn explain(error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::InUse,
        _ => StoreError::Failed(error.to_string()),
    }
}

/// Whether the file itself is broken: by SQLite's judgement, or because a row holds what this
/// library never writes.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::Utf8Error(..) => true,
        _ => matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        ),
    }
}

fn run(db: &Connection, sql: &str) -> rusqlite::Result<()> {
    db.prepare_cached(sql)?.execute([]).map(drop)
}
