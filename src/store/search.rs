//! The index of the words of messages.
//!
//! Triggers note the places where messages came, changed or went; the index is brought up to them many
//! at a time: in [`Session::tidy`], between turns, when they are many, and before a search.

use std::time::Duration;

use protocol::message::{Content, elem_type, msg_status};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};
use tim_core::search::{FoundIn, Keyword, SEARCHABLE, Search, words_of};
use tim_core::store::{Place, Result, StoreError};

use super::{Session, number, unsigned};

#[cfg(test)]
mod tests;

/// Places that wait before it is worth a commit of its own.
const INDEX_BATCH: usize = 256;
/// That commit waits until nothing has been written for so long, unless this many wait: a burst of
/// messages has the time for itself.
const QUIET: Duration = Duration::from_millis(200);
const INDEX_MANY: usize = 100_000;
/// Places that a search brings into the index itself; with more it waits for [`Session::tidy`].
const BEFORE_SEARCH: usize = 2_000;
/// One step: so many places, and not many more bytes of messages than this. A few milliseconds.
const STEP: usize = 128;
const STEP_BYTES: usize = 64 * 1024;
/// The bits of an id in the index behind those of the conversation.
const ID_BITS: u32 = 40;

/// The columns of a hit, and what all searches ask.
macro_rules! hits {
    () => {
        "SELECT s.conv, s.seq, s.sub, s.time FROM message_words w CROSS JOIN search s
         WHERE message_words MATCH ?1 AND w.rowid >= ?2 AND w.rowid <= ?3 AND s.id = w.rowid
             AND s.time >= ?4 AND s.time <= ?5"
    };
}
/// What waits to be indexed.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Places that are due, or a few more; none: not counted yet.
    due: Option<usize>,
    has_backlog: bool,
    /// Places came since the last look.
    has_grown: bool,
    /// A search waits.
    is_wanted: bool,
    /// Nothing is done before.
    quiet_at: Duration,
    /// It could not be written, and is left alone until the next opening.
    failed: Option<StoreError>,
}

impl Index {
    /// What was counted is not true any more.
    pub(super) fn recount(&mut self) {
        self.due = None;
    }
}

/// The statements say it as a number: what was taken back is not found, though its author keeps it.
const _: () = assert!(msg_status::REVOKED == 6);

/// A place as the database has it.
type At = (i64, i64, i64);

impl Session {
    /// Places were noted.
    pub(super) fn add_due(&mut self, count: usize) {
        self.index.has_grown |= count > 0;
        if let Some(due) = &mut self.index.due {
            *due += count;
        }
    }

    pub(super) fn tidy(&mut self, now: Duration) -> Result<Option<Duration>> {
        if self.index.failed.is_some() {
            return Ok(None);
        }
        let tidied = self.tidy_at(now);
        if let Err(error) = &tidied {
            self.index.failed = Some(error.clone());
        }
        tidied
    }

    fn tidy_at(&mut self, now: Duration) -> Result<Option<Duration>> {
        let due = self.count_due()?;
        let index = &mut self.index;
        if std::mem::take(&mut index.has_grown) {
            index.quiet_at = now + QUIET;
        }
        if due < INDEX_BATCH && !index.has_backlog {
            index.is_wanted = false;
            return Ok(None);
        }
        if now < index.quiet_at && due < INDEX_MANY && !index.is_wanted {
            return Ok(Some(index.quiet_at));
        }
        let stepped = self.index_some();
        // Also when it failed: nothing of it may be left for the next turn.
        let committed = self.commit();
        stepped.and(committed)?;
        Ok(Some(now))
    }

    pub(super) fn search(&mut self, search: &Search) -> Result<Option<Vec<FoundIn>>> {
        if let Some(error) = &self.index.failed {
            return Err(error.clone());
        }
        let due = self.count_due()?;
        self.index.is_wanted = due > BEFORE_SEARCH || self.index.has_backlog;
        if self.index.is_wanted {
            return Ok(None);
        }
        while self.count_due()? > 0 {
            self.index_some()?;
        }
        let (first, last) = match &search.conv {
            None => (0, i64::MAX),
            Some(conv) => match self.conv_number(conv)? {
                Some(conv) => (first_id(conv), first_id(conv + 1) - 1),
                None => return Ok(Some(Vec::new())),
            },
        };
        let sql = match search.senders.is_empty() {
            true => concat!(hits!(), " ORDER BY w.rowid"),
            // Statements keep their plans: the index first, then what belongs to its rows.
            false => concat!(
                hits!(),
                " AND EXISTS (SELECT 1 FROM message m
                     WHERE m.conv = s.conv AND m.seq = s.seq AND m.sub = s.sub
                     AND m.sender IN (SELECT value FROM json_each(?6)))
                 ORDER BY w.rowid"
            ),
        };
        let senders = tim_core::command::json(&search.senders);
        let values = params![
            expression(search),
            first,
            last,
            number(search.from),
            number(search.to),
            senders
        ];
        let found = self.read(|db| {
            let mut statement = db.prepare_cached(sql)?;
            let values = &values[..statement.parameter_count()];
            let mut rows = statement.query(values)?;
            let mut found: Vec<(i64, Vec<Place>, (Place, u64))> = Vec::new();
            while let Some(row) = rows.next()? {
                let conv = row.get(0)?;
                let place = Place {
                    seq: unsigned(row.get(1)?),
                    sub: unsigned(row.get(2)?),
                };
                let hit = (place, unsigned(row.get(3)?));
                match found.last_mut().filter(|(last, ..)| *last == conv) {
                    Some((_, places, newest)) => {
                        places.push(place);
                        *newest = hit.max(*newest);
                    }
                    None => found.push((conv, vec![place], hit)),
                }
            }
            Ok(found)
        })?;
        let mut named = Vec::with_capacity(found.len());
        for (conv, mut places, (_, time)) in found {
            places.sort_unstable_by(|a, b| b.cmp(a));
            let conv = self.conv_named(conv)?;
            named.push(FoundIn { conv, places, time });
        }
        Ok(Some(named))
    }

    /// How many places are due, or as many as matter.
    fn count_due(&mut self) -> Result<usize> {
        if let Some(due) = self.index.due {
            return Ok(due);
        }
        let (due, has_backlog) = self.read(|db| {
            db.prepare_cached(
                "SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM search_due LIMIT ?1)),
                     EXISTS (SELECT 1 FROM search_backlog)",
            )?
            .query_row([number(BEFORE_SEARCH as u64 + 1)], |row| {
                Ok((unsigned(row.get(0)?) as usize, row.get(1)?))
            })
        })?;
        self.index.due = Some(due);
        self.index.has_backlog = has_backlog;
        Ok(due)
    }

    /// A step: of what is due first.
    fn index_some(&mut self) -> Result<()> {
        let due = self.index.due.take();
        let done = self.write(|db| match due {
            Some(0) => index_backlog(db).map(|()| 0),
            _ => index_due(db),
        })?;
        // It was no more than an estimate: before it says that nothing is left, it is counted again.
        self.index.due = due
            .filter(|due| done > 0 && *due > done)
            .map(|due| due - done);
        Ok(())
    }
}

fn first_id(conv: i64) -> i64 {
    conv << ID_BITS
}

/// What the index is asked. Its columns are in the order of [`SEARCHABLE`].
fn expression(search: &Search) -> String {
    let phrase = |keyword: &Keyword| {
        let end = if keyword.is_open() { "*" } else { "" };
        format!("\"{}\"{end}", keyword.words().join(" "))
    };
    let phrases: Vec<String> = search.keywords.iter().map(phrase).collect();
    let columns = SEARCHABLE.into_iter().filter(|kind| search.has_type(*kind));
    let columns: Vec<&str> = columns.map(column).collect();
    let operator = if search.is_all { " AND " } else { " OR " };
    format!("{{{}}} : ({})", columns.join(" "), phrases.join(operator))
}

fn column(kind: i32) -> &'static str {
    match kind {
        elem_type::CUSTOM => "custom",
        elem_type::LOCATION => "location",
        _ => "text",
    }
}

fn at(row: &Row<'_>) -> rusqlite::Result<At> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

/// Takes what is gone or changed out of the index, then puts in what is there now. Each in the order of
/// ids, since the index starts a new part of itself when one is smaller than the one before. Says how many
/// places there were.
fn index_due(db: &Connection) -> rusqlite::Result<usize> {
    let mut due: Vec<At> = db
        .prepare_cached("SELECT conv, seq, sub FROM search_due LIMIT ?1")?
        .query_map([number(STEP as u64)], at)?
        .collect::<rusqlite::Result<_>>()?;
    let mut messages = Vec::with_capacity(due.len());
    let mut bytes = 0;
    for (conv, seq, sub) in &due {
        let message = db
            .prepare_cached(
                "SELECT time, content FROM message
                 WHERE conv = ?1 AND seq = ?2 AND sub = ?3 AND status <> 6",
            )?
            .query_row([conv, seq, sub], |row| read(row, 0, &mut bytes))
            .optional()?;
        messages.push(message);
        if bytes > STEP_BYTES {
            break;
        }
    }
    due.truncate(messages.len());
    let mut old: Vec<i64> = Vec::new();
    for (conv, seq, sub) in &due {
        db.prepare_cached("DELETE FROM search_due WHERE conv = ?1 AND seq = ?2 AND sub = ?3")?
            .execute([conv, seq, sub])?;
        let id = db
            .prepare_cached(
                "DELETE FROM search WHERE conv = ?1 AND seq = ?2 AND sub = ?3 RETURNING id",
            )?
            .query_row([conv, seq, sub], |row| row.get::<_, i64>(0))
            .optional()?;
        old.extend(id);
    }
    old.sort_unstable();
    for id in old {
        db.prepare_cached("DELETE FROM message_words WHERE rowid = ?1")?
            .execute([id])?;
    }
    let done = due.len();
    for (place, message) in due.into_iter().zip(messages) {
        if let Some((time, content)) = message {
            add(db, place, time, &content)?;
        }
    }
    Ok(done)
}

/// Goes on through the messages from before there was an index.
fn index_backlog(db: &Connection) -> rusqlite::Result<()> {
    let Some((conv, seq, sub)) = db
        .prepare_cached("SELECT conv, seq, sub FROM search_backlog")?
        .query_row([], at)
        .optional()?
    else {
        return Ok(());
    };
    let mut statement = db.prepare_cached(
        "SELECT conv, seq, sub, time, content FROM message
         WHERE (conv, seq, sub) > (?1, ?2, ?3) AND status <> 6
         ORDER BY conv, seq, sub LIMIT ?4",
    )?;
    let mut rows = statement.query(params![conv, seq, sub, number(STEP as u64)])?;
    let (mut messages, mut bytes) = (Vec::new(), 0);
    while bytes <= STEP_BYTES
        && let Some(row) = rows.next()?
    {
        let (time, content) = read(row, 3, &mut bytes)?;
        messages.push((at(row)?, time, content));
    }
    drop(rows);
    let Some((last, ..)) = messages.last() else {
        db.prepare_cached("DELETE FROM search_backlog")?
            .execute([])?;
        return Ok(());
    };
    let (conv, seq, sub) = *last;
    db.prepare_cached("UPDATE search_backlog SET conv = ?1, seq = ?2, sub = ?3")?
        .execute([conv, seq, sub])?;
    for (place, time, content) in messages {
        add(db, place, time, &content)?;
    }
    Ok(())
}

/// The time of a message and what it says, from two columns on.
fn read(row: &Row<'_>, first: usize, bytes: &mut usize) -> rusqlite::Result<(i64, Content)> {
    let content = row.get_ref(first + 1)?.as_str()?;
    *bytes += content.len();
    let content: Content = serde_json::from_str(content).map_err(|e| {
        rusqlite::Error::FromSqlConversionFailure(first + 1, Type::Text, Box::new(e))
    })?;
    let time = match row.get(first)? {
        0 => number(content.client_time),
        time => time,
    };
    Ok((time, content))
}

/// Adds a place to the index, unless it is there or has nothing to search.
fn add(
    db: &Connection,
    (conv, seq, sub): At,
    time: i64,
    content: &Content,
) -> rusqlite::Result<()> {
    let [text, custom, location] = SEARCHABLE.map(|kind| words_of(content, kind));
    if text.is_empty() && custom.is_empty() && location.is_empty() {
        return Ok(());
    }
    let id = db
        .prepare_cached(
            "INSERT INTO search (id, conv, seq, sub, time)
             SELECT COALESCE(MAX(id), ?1) + 1, ?3, ?4, ?5, ?6 FROM search WHERE id > ?1 AND id < ?2
             ON CONFLICT (conv, seq, sub) DO NOTHING RETURNING id",
        )?
        .query_row(
            [first_id(conv), first_id(conv + 1), conv, seq, sub, time],
            |row| row.get::<_, i64>(0),
        )
        .optional()?;
    if let Some(id) = id {
        db.prepare_cached(
            "INSERT INTO message_words (rowid, text, custom, location) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![id, text, custom, location])?;
    }
    Ok(())
}
