//! Messages and the holes between them.

use protocol::conversation::ConvId;
use protocol::message::msg_status;
use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Row, params};
use tim_core::store::{MessageRow, Place, Result};

use super::{Session, number, unsigned};

/// Columns of [`read_row`], from `message m` joined with `conv c`.
macro_rules! message_columns {
    () => {
        "SELECT c.kind, c.target, m.msg_id, m.sender, m.seq, m.sub, m.time, m.ord, m.status,
            m.custom_int, m.custom_str, m.content, m.change"
    };
}

/// How far back [`Session::peer_ord_at`] looks. Ordinals rise with the sequence, so the newest
/// accepted message decides; the rest is a margin for rows whose ordinal is not known.
const ORD_WINDOW: i64 = 64;

impl Session {
    pub(super) fn insert_message(&mut self, row: &MessageRow) -> Result<bool> {
        let conv = self.conv_number_or_new(&row.conv)?;
        let content = tim_core::command::json(&row.content);
        let added = self.write(|db| {
            db.prepare_cached(
                "INSERT INTO message (conv, seq, sub, msg_id, sender, time, ord, status,
                     custom_int, custom_str, content, change)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
                 ON CONFLICT (msg_id) DO NOTHING
                 ON CONFLICT (conv, seq, sub) DO UPDATE SET msg_id = excluded.msg_id,
                     sender = excluded.sender, time = excluded.time, ord = excluded.ord,
                     status = excluded.status, custom_int = excluded.custom_int,
                     custom_str = excluded.custom_str, content = excluded.content,
                     change = excluded.change",
            )?
            .execute(params![
                conv,
                number(row.place.seq),
                number(row.place.sub),
                row.msg_id,
                row.sender,
                number(row.time),
                number(row.ord),
                row.status,
                row.custom_int,
                row.custom_str,
                content,
                change_text(row),
            ])
        })?;
        self.add_due(added);
        Ok(added > 0)
    }

    pub(super) fn message(&mut self, msg_id: &str) -> Result<Option<MessageRow>> {
        self.read(|db| {
            db.prepare_cached(concat!(
                message_columns!(),
                " FROM message m JOIN conv c ON c.id = m.conv WHERE m.msg_id = ?1"
            ))?
            .query_row([msg_id], read_row)
            .optional()
        })
    }

    pub(super) fn message_at(&mut self, conv: &ConvId, seq: u64) -> Result<Option<MessageRow>> {
        let Some(conv) = self.conv_number(conv)? else {
            return Ok(None);
        };
        self.read(|db| {
            db.prepare_cached(concat!(
                message_columns!(),
                " FROM message m JOIN conv c ON c.id = m.conv
                 WHERE m.conv = ?1 AND m.seq = ?2 AND m.sub = 0"
            ))?
            .query_row(params![conv, number(seq)], read_row)
            .optional()
        })
    }

    pub(super) fn set_message_sent(
        &mut self,
        msg_id: &str,
        seq: u64,
        time: u64,
        ord: u64,
    ) -> Result<()> {
        // The ordinal may have come already, with the message's echo in the stream.
        self.write(|db| {
            db.prepare_cached(
                "UPDATE OR REPLACE message SET seq = ?2, sub = 0, time = ?3, ord = MAX(ord, ?4), status = ?5
                 WHERE msg_id = ?1",
            )?
            .execute(params![
                msg_id,
                number(seq),
                number(time),
                number(ord),
                msg_status::SENT
            ])
        })?;
        self.add_due(2);
        Ok(())
    }

    pub(super) fn set_message_status(&mut self, msg_id: &str, status: i32) -> Result<()> {
        self.write(|db| {
            db.prepare_cached("UPDATE message SET status = ?2 WHERE msg_id = ?1")?
                .execute(params![msg_id, status])
        })?;
        Ok(())
    }

    pub(super) fn set_message_custom(&mut self, msg_id: &str, int: u32, str: &str) -> Result<()> {
        self.write(|db| {
            db.prepare_cached(
                "UPDATE message SET custom_int = ?2, custom_str = ?3 WHERE msg_id = ?1",
            )?
            .execute(params![msg_id, int, str])
        })?;
        Ok(())
    }

    pub(super) fn change_message(&mut self, row: &MessageRow) -> Result<()> {
        let content = tim_core::command::json(&row.content);
        self.write(|db| {
            db.prepare_cached(
                "UPDATE message SET content = ?2, status = ?3, change = ?4 WHERE msg_id = ?1",
            )?
            .execute(params![row.msg_id, content, row.status, change_text(row)])
        })?;
        self.add_due(1);
        Ok(())
    }

    pub(super) fn delete_message(&mut self, msg_id: &str) -> Result<()> {
        self.write(|db| {
            db.prepare_cached("DELETE FROM message WHERE msg_id = ?1")?
                .execute([msg_id])
        })?;
        self.add_due(1);
        Ok(())
    }

    pub(super) fn delete_range(
        &mut self,
        conv: &ConvId,
        from: u64,
        to: u64,
        is_all: bool,
    ) -> Result<()> {
        let Some(conv) = self.conv_number(conv)? else {
            return Ok(());
        };
        let sql = match is_all {
            true => {
                "DELETE FROM message
                 WHERE conv = ?1 AND seq >= ?2 AND seq <= ?3 AND (sub = 0 OR status <> 1)"
            }
            false => "DELETE FROM message WHERE conv = ?1 AND seq >= ?2 AND seq <= ?3 AND sub = 0",
        };
        let removed = self.write(|db| {
            db.prepare_cached(sql)?
                .execute(params![conv, number(from), number(to)])
        })?;
        self.add_due(removed);
        Ok(())
    }

    pub(super) fn page(
        &mut self,
        conv: &ConvId,
        from: Place,
        forward: bool,
        limit: usize,
    ) -> Result<Vec<MessageRow>> {
        let Some(conv) = self.conv_number(conv)? else {
            return Ok(Vec::new());
        };
        let sql = if forward {
            concat!(
                message_columns!(),
                " FROM message m JOIN conv c ON c.id = m.conv
                 WHERE m.conv = ?1 AND (m.seq, m.sub) > (?2, ?3)
                 ORDER BY m.seq, m.sub LIMIT ?4"
            )
        } else {
            concat!(
                message_columns!(),
                " FROM message m JOIN conv c ON c.id = m.conv
                 WHERE m.conv = ?1 AND (m.seq, m.sub) < (?2, ?3)
                 ORDER BY m.seq DESC, m.sub DESC LIMIT ?4"
            )
        };
        self.read(|db| {
            let mut statement = db.prepare_cached(sql)?;
            let values = params![
                conv,
                number(from.seq),
                number(from.sub),
                number(limit as u64)
            ];
            statement.query_map(values, read_row)?.collect()
        })
    }

    pub(super) fn peer_ord_at(&mut self, conv: &ConvId, user: &str, seq: u64) -> Result<u64> {
        let Some(conv) = self.conv_number(conv)? else {
            return Ok(0);
        };
        self.read(|db| {
            db.prepare_cached(
                "SELECT COALESCE(MAX(ord), 0) FROM (
                     SELECT ord FROM message
                     WHERE conv = ?1 AND seq <= ?3 AND sub = 0 AND sender <> ?2
                     ORDER BY seq DESC, sub DESC LIMIT ?4)",
            )?
            .query_row(params![conv, user, number(seq), ORD_WINDOW], |row| {
                Ok(unsigned(row.get(0)?))
            })
        })
    }

    pub(super) fn gaps(&mut self, conv: &ConvId) -> Result<Vec<(u64, u64)>> {
        let Some(conv) = self.conv_number(conv)? else {
            return Ok(Vec::new());
        };
        self.gaps_touching(conv, 0, i64::MAX)
    }

    pub(super) fn add_gap(&mut self, conv: &ConvId, from: u64, to: u64) -> Result<()> {
        let conv = self.conv_number_or_new(conv)?;
        self.insert_gap(conv, from, to)
    }

    pub(super) fn close_gap(&mut self, conv: &ConvId, from: u64, to: u64) -> Result<()> {
        let Some(conv) = self.conv_number(conv)? else {
            return Ok(());
        };
        for (start, end) in self.gaps_touching(conv, number(from), number(to))? {
            self.write(|db| {
                db.prepare_cached(
                    "DELETE FROM gap WHERE conv = ?1 AND from_seq = ?2 AND to_seq = ?3",
                )?
                .execute(params![conv, number(start), number(end)])
            })?;
            if start < from {
                self.insert_gap(conv, start, from - 1)?;
            }
            if end > to {
                self.insert_gap(conv, to + 1, end)?;
            }
        }
        Ok(())
    }

    fn gaps_touching(&mut self, conv: i64, from: i64, to: i64) -> Result<Vec<(u64, u64)>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT from_seq, to_seq FROM gap
                 WHERE conv = ?1 AND from_seq <= ?3 AND to_seq >= ?2 ORDER BY from_seq, to_seq",
            )?;
            let range = |row: &Row<'_>| Ok((unsigned(row.get(0)?), unsigned(row.get(1)?)));
            statement.query_map([conv, from, to], range)?.collect()
        })
    }

    fn insert_gap(&mut self, conv: i64, from: u64, to: u64) -> Result<()> {
        self.write(|db| {
            db.prepare_cached(
                "INSERT INTO gap (conv, from_seq, to_seq) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![conv, number(from), number(to)])
        })?;
        Ok(())
    }

    pub(super) fn outbox(&mut self, after: u64, limit: usize) -> Result<Vec<MessageRow>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(concat!(
                message_columns!(),
                " FROM message m JOIN conv c ON c.id = m.conv
                 WHERE m.status = 1 AND m.sub > ?1 ORDER BY m.sub LIMIT ?2"
            ))?;
            let values = params![number(after), number(limit as u64)];
            statement.query_map(values, read_row)?.collect()
        })
    }

    pub(super) fn outbox_extent(&mut self) -> Result<(usize, u64)> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT COUNT(*), COALESCE(MAX(sub), 0) FROM message WHERE status = 1",
            )?
            .query_row([], |row| {
                Ok((unsigned(row.get(0)?) as usize, unsigned(row.get(1)?)))
            })
        })
    }
}

/// The outbox's index and statements say it as a number.
const _: () = assert!(msg_status::SENDING == 1);

fn change_text(row: &MessageRow) -> String {
    let change = row.change.as_ref();
    change.map_or(String::new(), tim_core::command::json)
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
    let content = row.get_ref(11)?.as_str()?;
    let content = serde_json::from_str(content)
        .map_err(|e| rusqlite::Error::FromSqlConversionFailure(11, Type::Text, Box::new(e)))?;
    let change = match row.get_ref(12)?.as_str()? {
        "" => None,
        change => serde_json::from_str(change)
            .map_err(|e| rusqlite::Error::FromSqlConversionFailure(12, Type::Text, Box::new(e)))?,
    };
    Ok(MessageRow {
        conv: ConvId {
            kind: row.get(0)?,
            id: row.get(1)?,
        },
        msg_id: row.get(2)?,
        sender: row.get(3)?,
        place: Place {
            seq: unsigned(row.get(4)?),
            sub: unsigned(row.get(5)?),
        },
        time: unsigned(row.get(6)?),
        ord: unsigned(row.get(7)?),
        status: row.get(8)?,
        custom_int: row.get(9)?,
        custom_str: row.get(10)?,
        change,
        content,
    })
}
