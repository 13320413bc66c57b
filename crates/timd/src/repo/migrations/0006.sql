-- How one member wants a conversation shown. settings: place in the member's stream of the last
-- change, an event of kind 7; pinned: 0, or when, in milliseconds since 1970; marks: 64 bits; hidden:
-- 0, or one more than the head when the conversation was last deleted, and hidden_ord the countable
-- messages of the other then.
ALTER TABLE member_conv ADD COLUMN settings    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member_conv ADD COLUMN pinned      INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member_conv ADD COLUMN marks       INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member_conv ADD COLUMN custom_data TEXT    NOT NULL DEFAULT '';
ALTER TABLE member_conv ADD COLUMN hidden      INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member_conv ADD COLUMN hidden_ord  INTEGER NOT NULL DEFAULT 0;

-- A user's groups of conversations. id: the place in the user's stream at which it was created. A
-- change of any of them is an event of kind 8.
CREATE TABLE conv_group (
    account_id INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;

-- n gives the order of adding.
CREATE TABLE conv_group_member (
    account_id INTEGER NOT NULL,
    conv_id    INTEGER NOT NULL,
    group_id   INTEGER NOT NULL,
    n          INTEGER NOT NULL,
    PRIMARY KEY (account_id, conv_id, group_id)
) WITHOUT ROWID;
CREATE INDEX conv_group_member_by_group ON conv_group_member (account_id, group_id, n);
