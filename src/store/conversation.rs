//! Conversations and the short numbers that stand for them.

use std::sync::Arc;

use protocol::conversation::ConvId;
use protocol::conversation::list::Draft;
use rusqlite::{OptionalExtension, Row, params};
use tim_core::command::json;
use tim_core::store::{ConvRow, Result};

use super::{Session, number, unsigned};

/// Columns of [`read_row`], from `conversation` joined with `conv`.
const COLUMNS: &str = "SELECT c.kind, c.target, s.head_seq, s.last_msg_id, s.peer_ord, s.read_ord,
    s.read_seq, s.read_dirty, s.peer_read_seq, s.peer_read_time, s.active_ms, s.is_hidden,
    s.settings_version, s.is_pinned, s.marks, s.custom_data, s.hidden_seq, s.hidden_ord, s.groups,
    s.draft, s.draft_ms, s.rev, s.is_stale, s.recv_opt, s.is_bare, s.rank
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

    /// The conversation of a number.
    pub(super) fn conv_named(&mut self, id: i64) -> Result<ConvId> {
        self.read(|db| {
            db.prepare_cached("SELECT kind, target FROM conv WHERE id = ?1")?
                .query_row([id], |row| {
                    let (kind, id) = (row.get(0)?, row.get(1)?);
                    Ok(ConvId { kind, id })
                })
        })
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
        self.list_conversations("WHERE NOT s.is_hidden ORDER BY s.rank DESC")
    }

    pub(super) fn conversations_below(
        &mut self,
        rank: u64,
        limit: usize,
    ) -> Result<Vec<(u64, ConvRow)>> {
        let page = "WHERE NOT s.is_hidden AND s.rank < ?1 ORDER BY s.rank DESC LIMIT ?2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(|db| {
            let mut statement = db.prepare_cached(&format!("{COLUMNS} {page}"))?;
            let ranked = |row: &Row<'_>| Ok((unsigned(row.get("rank")?), read_row(row)?));
            statement
                .query_map(params![number(rank), limit], ranked)?
                .collect()
        })
    }

    pub(super) fn unread_conversations(&mut self) -> Result<Vec<ConvRow>> {
        self.list_conversations(
            "WHERE NOT s.is_hidden AND s.peer_ord > MAX(s.read_ord, s.hidden_ord)",
        )
    }

    pub(super) fn grouped_conversations(&mut self) -> Result<Vec<ConvRow>> {
        self.list_conversations("WHERE s.groups <> '' ORDER BY s.conv")
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
        let draft = row.draft.as_deref().map(json);
        let groups = match &*row.groups {
            [] => String::new(),
            groups => json(groups),
        };
        self.write(|db| {
            db.prepare_cached(
                "INSERT OR REPLACE INTO conversation (conv, head_seq, last_msg_id, peer_ord,
                     read_ord, read_seq, read_dirty, peer_read_seq, peer_read_time, active_ms,
                     is_hidden, settings_version, is_pinned, marks, custom_data, hidden_seq,
                     hidden_ord, groups, draft, draft_ms, rank, rev, is_stale, recv_opt,
                     is_bare)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
                     ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25)",
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
                row.is_hidden,
                number(row.settings_version),
                row.is_pinned,
                row.marks.cast_signed(),
                row.custom_data,
                row.hidden_seq.map(number),
                number(row.hidden_ord),
                groups,
                draft,
                number(row.draft_ms),
                number(row.rank(unsigned(id))),
                number(row.rev),
                row.is_stale,
                row.recv_opt,
                row.is_bare,
            ])
        })?;
        Ok(())
    }

    pub(super) fn seq_at_time(&mut self, conv: &ConvId, time: u64) -> Result<u64> {
        let Some(conv) = self.conv_number(conv)? else {
            return Ok(0);
        };
        let found = self.read(|db| {
            db.prepare_cached(
                "SELECT seq FROM message WHERE conv = ?1 AND sub = 0 AND time <= ?2
                 ORDER BY seq DESC LIMIT 1",
            )?
            .query_row(params![conv, number(time)], |row| row.get(0))
            .optional()
        })?;
        Ok(found.map_or(0, unsigned))
    }

    pub(super) fn total_unread(&mut self) -> Result<u64> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT COALESCE(SUM(peer_ord - MAX(read_ord, hidden_ord)), 0) FROM conversation
                 WHERE NOT is_hidden AND recv_opt = 0 AND peer_ord > MAX(read_ord, hidden_ord)",
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
        is_hidden: row.get(11)?,
        settings_version: unsigned(row.get(12)?),
        is_pinned: row.get(13)?,
        marks: row.get::<_, i64>(14)?.cast_unsigned(),
        custom_data: row.get(15)?,
        hidden_seq: row.get::<_, Option<i64>>(16)?.map(unsigned),
        hidden_ord: unsigned(row.get(17)?),
        groups: groups(&row.get::<_, String>(18)?),
        draft: draft(row.get(19)?),
        draft_ms: unsigned(row.get(20)?),
        rev: unsigned(row.get(21)?),
        is_stale: row.get(22)?,
        recv_opt: row.get(23)?,
        is_bare: row.get(24)?,
    })
}

/// As it was written; what cannot be read is none.
fn groups(text: &str) -> Vec<u64> {
    protocol::reader::read_text(text).unwrap_or_default()
}

fn draft(text: Option<String>) -> Option<Arc<Draft>> {
    let draft = protocol::reader::read_text(&text?).ok()?;
    Some(Arc::new(draft))
}
