-- Version 3. Profiles as they were told, and when: milliseconds since 1970.
CREATE TABLE profile (
    user_id TEXT PRIMARY KEY,
    body    TEXT NOT NULL,
    fetched INTEGER NOT NULL
) WITHOUT ROWID;
