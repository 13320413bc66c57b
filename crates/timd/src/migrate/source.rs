//! The database that is moved: a file of SQLite, which nobody else uses meanwhile, as lines of
//! PostgreSQL's `COPY`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, Row};

use super::check::Sum;
use crate::repo::migrations;
use crate::setup;

/// A `timd app` may be at work on the file for a moment.
const PATIENCE: Duration = Duration::from_secs(2);

/// So much is handed on at once.
const BATCH_ROWS: u64 = 20_000;
const BATCH_BYTES: usize = 4 << 20;

/// Tables that stay behind: nobody is online after a move, so there are no nodes; the target says itself
/// who may work on it; and what is [left](Source::leave) after an earlier one.
const LEFT: [&str; 3] = ["node", "schema_floor", "moved"];
const LEAVE: &str = "CREATE TABLE IF NOT EXISTS moved (at INTEGER NOT NULL)";
const HAS_LEFT: &str = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'moved'";
/// What a server on SQLite clears when it starts, since nobody is online then either.
const CLEARED: [(&str, &str, &str); 3] = [
    ("place", "node", "0"),
    ("place", "seat", "0"),
    ("account", "custom_status", "''"),
];

/// A database that is ours alone until this is dropped.
pub struct Source {
    path: PathBuf,
    conn: Connection,
    /// All that come along.
    pub tables: Vec<Table>,
    _lock: Option<File>,
}

/// A table, as both databases have it.
pub struct Table {
    /// Its name.
    pub name: String,
    columns: Vec<Column>,
}

struct Column {
    name: String,
    is_int: bool,
    /// Place in the primary key, from 1 on.
    key: u32,
}

impl Source {
    /// Takes the file, and brings it to this version. Refuses when a server has it.
    pub fn open(path: &Path) -> Result<Self, String> {
        if !path.is_file() {
            return Err(format!(
                "there is no database {}: name the right one with --from sqlite:///path, or its \
                 directory with --data",
                path.display()
            ));
        }
        let busy = || {
            format!(
                "a timd is running on {} or in its directory: stop it first, since what it stores \
                 meanwhile would stay behind",
                path.display()
            )
        };
        let say = |e: rusqlite::Error| match e.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => busy(),
            _ => format!("{}: {e}", path.display()),
        };
        let lock = path.with_file_name(setup::LOCK);
        let lock = match lock.exists() {
            true => Some(setup::lock(&lock)?.ok_or_else(busy)?),
            false => None,
        };
        let mut conn =
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(say)?;
        // Also keeps out those who have the file without that directory.
        conn.busy_timeout(PATIENCE)
            .and_then(|()| {
                conn.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT")
            })
            .map_err(say)?;
        migrations::run(&mut conn)
            .and_then(|()| migrations::knows_all(&conn))
            .map_err(|e| format!("{}: {e}", path.display()))?;
        let tables = tables(&conn).map_err(say)?;
        Ok(Self {
            path: path.to_owned(),
            conn,
            tables,
            _lock: lock,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// From here on no server starts on it: what it stored would be missing elsewhere.
    pub fn leave(&self) -> Result<(), String> {
        let left = self.conn.execute_batch(LEAVE);
        left.map_err(|e| format!("{}: {e}", self.path.display()))
    }

    /// Reads a whole table, which also finds what PostgreSQL could not hold.
    pub async fn sum(&self, table: &Table) -> Result<Sum, String> {
        let mut sum = Sum::default();
        let add = async |batch: &Batch| {
            for line in batch.lines() {
                sum.add(line);
            }
            Ok(())
        };
        self.each_batch(table, 0, add).await?;
        Ok(sum)
    }

    /// Reads a table in the order of its key, but for so many rows at the front.
    pub async fn each_batch(
        &self,
        table: &Table,
        skip: u64,
        mut take: impl AsyncFnMut(&Batch) -> Result<(), String>,
    ) -> Result<(), String> {
        let say = |e: rusqlite::Error| format!("{}: {e}", self.path.display());
        let mut statement = self.conn.prepare(&table.select()).map_err(say)?;
        let mut rows = statement.query([skip.cast_signed()]).map_err(say)?;
        let mut batch = Batch::default();
        while let Some(row) = rows.next().map_err(say)? {
            table
                .write(row, &mut batch.text)
                .map_err(|e| format!("{}: {e}", self.path.display()))?;
            batch.rows += 1;
            if batch.rows >= BATCH_ROWS || batch.text.len() >= BATCH_BYTES {
                take(&batch).await?;
                batch.clear();
            }
        }
        if batch.rows > 0 {
            take(&batch).await?;
        }
        Ok(())
    }
}

/// Whether all that is in a file has been moved.
pub fn has_left(conn: &Connection) -> rusqlite::Result<bool> {
    conn.prepare(HAS_LEFT)?.exists([])
}

/// Rows of one table, each a line.
#[derive(Default)]
pub struct Batch {
    /// How many.
    pub rows: u64,
    /// As `COPY` takes them.
    pub text: Vec<u8>,
}

impl Batch {
    fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.text.split_inclusive(|byte| *byte == b'\n')
    }

    fn clear(&mut self) {
        self.rows = 0;
        self.text.clear();
    }
}

fn tables(conn: &Connection) -> rusqlite::Result<Vec<Table>> {
    let mut names = conn.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
         ORDER BY name",
    )?;
    let names = names.query_map([], |row| row.get(0))?;
    let names: Vec<String> = names.collect::<Result<_, _>>()?;
    let moved = names.into_iter().filter(|name| !LEFT.contains(&&**name));
    moved.map(|name| table(conn, name)).collect()
}

fn table(conn: &Connection, name: String) -> rusqlite::Result<Table> {
    let mut columns = conn.prepare("SELECT name, type, pk FROM pragma_table_info($1)")?;
    let columns = columns.query_map([&name], |row| {
        Ok(Column {
            name: row.get(0)?,
            is_int: row.get::<_, String>(1)? == "INTEGER",
            key: row.get(2)?,
        })
    })?;
    let columns = columns.collect::<Result<_, _>>()?;
    Ok(Table { name, columns })
}

impl Table {
    /// The names of the columns, in their order.
    pub fn columns(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|c| &*c.name).collect();
        names.join(", ")
    }

    fn select(&self) -> String {
        let read = self.columns.iter().map(|column| {
            let name = &*column.name;
            let is_it = |(table, column, _): &&(&str, &str, &'static str)| {
                *table == self.name && *column == name
            };
            CLEARED.iter().find(is_it).map_or(name, |cleared| cleared.2)
        });
        let (read, mut key): (Vec<&str>, Vec<&str>) = (read.collect(), self.key());
        if key.is_empty() {
            key.push("rowid");
        }
        format!(
            "SELECT {} FROM {} ORDER BY {} LIMIT -1 OFFSET $1",
            read.join(", "),
            self.name,
            key.join(", ")
        )
    }

    fn key(&self) -> Vec<&str> {
        let mut key: Vec<&Column> = self.columns.iter().filter(|c| c.key > 0).collect();
        key.sort_unstable_by_key(|column| column.key);
        key.iter().map(|column| &*column.name).collect()
    }

    /// Adds a row as a line of `COPY`'s text form, exactly as PostgreSQL itself writes it.
    fn write(&self, row: &Row<'_>, line: &mut Vec<u8>) -> Result<(), String> {
        for (n, column) in self.columns.iter().enumerate() {
            if n > 0 {
                line.push(b'\t');
            }
            let value = row.get_ref(n).map_err(|e| e.to_string())?;
            let bad = match value {
                ValueRef::Null => {
                    line.extend_from_slice(b"\\N");
                    None
                }
                ValueRef::Integer(number) if column.is_int => {
                    line.extend_from_slice(number.to_string().as_bytes());
                    None
                }
                ValueRef::Text(text) if !column.is_int => {
                    escape(text, line);
                    match std::str::from_utf8(text) {
                        Ok(_) if text.contains(&0) => Some("has a NUL"),
                        Ok(_) => None,
                        Err(_) => Some("is not UTF-8"),
                    }
                }
                _ => Some("is of another type than its column"),
            };
            if let Some(bad) = bad {
                let (table, column) = (&self.name, &column.name);
                let key = self.key_of(row).join(" AND ");
                return Err(format!(
                    "table {table}, {key}: {column} {bad}, which PostgreSQL does not hold: mend it \
                     (sqlite3: UPDATE {table} SET {column} = … WHERE {key}) and begin again"
                ));
            }
        }
        line.push(b'\n');
        Ok(())
    }

    /// What tells an operator which row it is.
    fn key_of(&self, row: &Row<'_>) -> Vec<String> {
        let parts = self.columns.iter().enumerate().filter(|(_, c)| c.key > 0);
        parts
            .map(|(n, column)| match row.get_ref(n) {
                Ok(ValueRef::Integer(number)) => format!("{} = {number}", column.name),
                Ok(ValueRef::Text(text)) => {
                    let text = String::from_utf8_lossy(text).replace('\'', "''");
                    format!("{} = '{}'", column.name, text.escape_debug())
                }
                _ => format!("{} = ?", column.name),
            })
            .collect()
    }
}

fn escape(text: &[u8], line: &mut Vec<u8>) {
    for byte in text {
        let short = match byte {
            b'\\' => b'\\',
            0x08 => b'b',
            0x0c => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x0b => b'v',
            other => {
                line.push(*other);
                continue;
            }
        };
        line.extend_from_slice(&[b'\\', short]);
    }
}
