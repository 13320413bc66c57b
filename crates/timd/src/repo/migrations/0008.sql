-- Groups. id: that of the group's conversation. kind: a number of TIMGroupType. owner: 0 when there is
-- none. body: what is said of the group, as JSON. head_seq, last_seq, rev: as in conv. ord: countable
-- messages of all. info_seq: changes of kind, owner and body. moved: when one of these rose, in
-- milliseconds since 1970. ended: when it was dissolved, 0 while it lives.
CREATE TABLE chat_group (
    id         INTEGER PRIMARY KEY,
    app_id     INTEGER NOT NULL,
    group_id   TEXT    NOT NULL,
    kind       INTEGER NOT NULL,
    owner      INTEGER NOT NULL,
    body       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    members    INTEGER NOT NULL,
    head_seq   INTEGER NOT NULL DEFAULT 0,
    last_seq   INTEGER NOT NULL DEFAULT 0,
    ord        INTEGER NOT NULL DEFAULT 0,
    rev        INTEGER NOT NULL DEFAULT 0,
    info_seq   INTEGER NOT NULL DEFAULT 0,
    moved      INTEGER NOT NULL,
    ended      INTEGER NOT NULL DEFAULT 0
);
-- For ever: devices that were away have messages of the group that had the name.
CREATE UNIQUE INDEX chat_group_by_name ON chat_group (app_id, group_id);

-- since_seq: the messages after this one are there for the member. own_ord: the member's countable
-- messages; own_seq: the newest message of the member. read_ord: countable messages of others up to
-- read_seq. Coming and going is an event of kind 10 in the member's stream.
CREATE TABLE group_member (
    conv_id    INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    role       INTEGER NOT NULL,
    joined_at  INTEGER NOT NULL,
    since_seq  INTEGER NOT NULL,
    read_seq   INTEGER NOT NULL,
    read_ord   INTEGER NOT NULL,
    own_ord    INTEGER NOT NULL DEFAULT 0,
    own_seq    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (conv_id, account_id)
) WITHOUT ROWID;
CREATE INDEX group_member_by_account ON group_member (account_id, conv_id);

-- In a group ord counts the countable messages of all, and own those of the sender, this one included.
ALTER TABLE message ADD COLUMN own INTEGER NOT NULL DEFAULT 0;
