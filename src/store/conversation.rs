//! Conversations and the short numbers that stand for them.

use protocol::conversation::ConvId;
use rusqlite::{OptionalExtension, Row, params};
use tim_core::store::{ConvRow, Result};

use super::{Session, number, unsigned};

/// Columns of [`read_row`], from `conversation` joined with `conv`.
const COLUMNS: &str = "SELECT c.kind, c.target, s.head_seq, s.last_msg_id, s.peer_ord, s.read_ord,
    s.read_seq, s.read_dirty, s.peer_read_seq, s.peer_read_time, s.active_ms
    FROM conversation s JOIN conv c ON c.id = s.conv";

impl Session {
    /// The number of a conversation; none when it was never named.
    pub(super) fn conv_number(&mut self, conv: &ConvId) -> Result<Option<i64>> {
        if let Some(&id) = self.conv_numbers.get(conv) {
            return Ok(Some(id));
        }
        let found = self.read(|db| {
            db.prepare_cached("SELECT id FROM conv WHERE kind = ?1 AND target = ?2")?
                .query_row(params![conv.kind, conv.id], |row| row.get(0))
                .optional()
        })?;
        if let Some(id) = found {
            self.conv_numbers.insert(conv.clone(), id);
        }
        Ok(found)
    }

    /// The number of a conversation, a new one when it was never named.
    pub(super) fn conv_number_or_new(&mut self, conv: &ConvId) -> Result<i64> {
        if let Some(id) = self.conv_number(conv)? {
            return Ok(id);
        }
        let id = self.write(|db| {
            db.prepare_cached("INSERT INTO conv (kind, target) VALUES (?1, ?2)")?
                .insert(params![conv.kind, conv.id])
        })?;
        self.conv_numbers.insert(conv.clone(), id);
        Ok(id)
    }

    pub(super) fn conversation(&mut self, conv: &ConvId) -> Result<Option<ConvRow>> {
        let Some(id) = self.conv_number(conv)? else {
            return Ok(None);
        };
        self.read(|db| {
            db.prepare_cached(&format!("{COLUMNS} WHERE s.conv = ?1"))?
                .query_row([id], read_row)
                .optional()
        })
    }

    pub(super) fn conversations(&mut self) -> Result<Vec<ConvRow>> {
        self.list_conversations("ORDER BY s.active_ms DESC, c.kind, c.target")
    }

    pub(super) fn dirty_conversations(&mut self) -> Result<Vec<ConvRow>> {
        self.list_conversations("WHERE s.read_dirty ORDER BY s.conv")
    }

    fn list_conversations(&mut self, tail: &str) -> Result<Vec<ConvRow>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(&format!("{COLUMNS} {tail}"))?;
            statement.query_map([], read_row)?.collect()
        })
    }

    pub(super) fn put_conversation(&mut self, row: &ConvRow) -> Result<()> {
        let id = self.conv_number_or_new(&row.conv)?;
        self.write(|db| {
            db.prepare_cached(
                "INSERT INTO conversation (conv, head_seq, last_msg_id, peer_ord, read_ord,
                     read_seq, read_dirty, peer_read_seq, peer_read_time, active_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                 ON CONFLICT (conv) DO UPDATE SET head_seq = ?2, last_msg_id = ?3, peer_ord = ?4,
                     read_ord = ?5, read_seq = ?6, read_dirty = ?7, peer_read_seq = ?8,
                     peer_read_time = ?9, active_ms = ?10",
            )?
            .execute(params![
                id,
                number(row.head_seq),
                row.last_msg_id,
                number(row.peer_ord),
                number(row.read_ord),
                number(row.read_seq),
                row.read_dirty,
                number(row.peer_read_seq),
                number(row.peer_read_time),
                number(row.active_ms),
            ])
        })?;
        Ok(())
    }

    pub(super) fn total_unread(&mut self) -> Result<u64> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT COALESCE(SUM(peer_ord - read_ord), 0) FROM conversation
                 WHERE peer_ord > read_ord",
            )?
            .query_row([], |row| Ok(unsigned(row.get(0)?)))
        })
    }
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<ConvRow> {
    Ok(ConvRow {
        conv: ConvId {
            kind: row.get(0)?,
            id: row.get(1)?,
        },
        head_seq: unsigned(row.get(2)?),
        last_msg_id: row.get(3)?,
        peer_ord: unsigned(row.get(4)?),
        read_ord: unsigned(row.get(5)?),
        read_seq: unsigned(row.get(6)?),
        read_dirty: row.get(7)?,
        peer_read_seq: unsigned(row.get(8)?),
        peer_read_time: unsigned(row.get(9)?),
        active_ms: unsigned(row.get(10)?),
    })
}
