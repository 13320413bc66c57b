//! Groups that the user is in.

use protocol::group::GroupState;
use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Row, params};
use tim_core::store::Result;

use super::session::Session;

impl Session {
    pub(super) fn group(&mut self, group_id: &str) -> Result<Option<GroupState>> {
        self.read(|db| {
            db.prepare_cached("SELECT body FROM chat_group WHERE group_id = ?1")?
                .query_row([group_id], read_row)
                .optional()
        })
    }

    pub(super) fn put_group(&mut self, state: &GroupState) -> Result<()> {
        let body = tim_core::command::json(state);
        self.write(|db| {
            db.prepare_cached("INSERT OR REPLACE INTO chat_group (group_id, body) VALUES (?1, ?2)")?
                .execute(params![state.info.group_id, body])
        })?;
        Ok(())
    }

    pub(super) fn delete_group(&mut self, group_id: &str) -> Result<()> {
        self.write(|db| {
            db.prepare_cached("DELETE FROM chat_group WHERE group_id = ?1")?
                .execute([group_id])
        })?;
        Ok(())
    }

    pub(super) fn has_groups(&mut self) -> Result<bool> {
        self.read(|db| {
            db.prepare_cached("SELECT EXISTS (SELECT 1 FROM chat_group)")?
                .query_row([], |row| row.get(0))
        })
    }
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<GroupState> {
    let body: String = row.get(0)?;
    // Read seldom: with less code for the type.
    protocol::reader::read_text(&body).map_err(|_| {
        let text = "what is known of a group cannot be read";
        rusqlite::Error::FromSqlConversionFailure(0, Type::Text, text.into())
    })
}
