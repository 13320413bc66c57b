//! Profiles that were seen.

use protocol::user::profile::UserProfile;
use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Row, params};
use tim_core::store::{KEPT_PROFILES, Result};

use super::session::Session;
use super::{number, unsigned};

/// So many writes pass between two looks at how many there are.
const TRIM_EVERY: u32 = 256;

impl Session {
    pub(super) fn profile(&mut self, user_id: &str) -> Result<Option<(UserProfile, u64)>> {
        self.read(|db| {
            db.prepare_cached("SELECT body, fetched FROM profile WHERE user_id = ?1")?
                .query_row([user_id], read_row)
                .optional()
        })
    }

    pub(super) fn put_profile(&mut self, profile: &UserProfile, fetched_ms: u64) -> Result<()> {
        let body = tim_core::command::json(profile);
        self.write(|db| {
            db.prepare_cached(
                "INSERT INTO profile (user_id, body, fetched) VALUES (?1, ?2, ?3)
                 ON CONFLICT (user_id) DO UPDATE SET body = ?2, fetched = ?3",
            )?
            .execute(params![profile.user_id, body, number(fetched_ms)])
        })?;
        self.profiles_put = self.profiles_put.wrapping_add(1);
        if self.profiles_put % TRIM_EVERY == 1 {
            self.write(|db| {
                db.prepare_cached(
                    "DELETE FROM profile WHERE fetched <=
                         (SELECT fetched FROM profile ORDER BY fetched DESC LIMIT 1 OFFSET ?1)",
                )?
                .execute([number(KEPT_PROFILES as u64)])
            })?;
        }
        Ok(())
    }
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<(UserProfile, u64)> {
    let body: String = row.get(0)?;
    // Read seldom: with less code for the type.
    let profile = protocol::reader::read_text(&body).map_err(|_| {
        let text = "a profile cannot be read";
        rusqlite::Error::FromSqlConversionFailure(0, Type::Text, text.into())
    })?;
    Ok((profile, unsigned(row.get(1)?)))
}
