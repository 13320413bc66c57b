-- Which devices of a user may be online together: single, dual, triple, multi or all.
ALTER TABLE app ADD COLUMN policy        TEXT    NOT NULL DEFAULT 'multi';
ALTER TABLE app ADD COLUMN instances     INTEGER NOT NULL DEFAULT 1;
ALTER TABLE app ADD COLUMN web_instances INTEGER NOT NULL DEFAULT 1;

-- places: how many were given so far. active_day: when the user was last online, in days (UTC)
-- since 1970.
ALTER TABLE account ADD COLUMN places     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN active_day INTEGER NOT NULL DEFAULT 0;

-- The devices of a user that are logged in, connected or not. A device that loses its place to
-- another one has no row any more; one that has logged out keeps it until the next one is given.
CREATE TABLE place (
    account_id INTEGER NOT NULL,
    device_id  TEXT    NOT NULL,
    platform   INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    has_left   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, device_id)
) WITHOUT ROWID;
