-- Version 1. Numbers are 64-bit; sequences, times and ordinals are never negative.

-- Small facts by name: cursors, the device, marks of the sync.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Short numbers for conversations, so that messages need not repeat (kind, target). A row here
-- says only that the conversation was named once; its state is in `conversation`.
CREATE TABLE conv (
    id     INTEGER PRIMARY KEY,
    kind   INTEGER NOT NULL,
    target TEXT NOT NULL,
    UNIQUE (kind, target)
);

CREATE TABLE conversation (
    conv           INTEGER PRIMARY KEY REFERENCES conv (id),
    head_seq       INTEGER NOT NULL,
    last_msg_id    TEXT NOT NULL,
    peer_ord       INTEGER NOT NULL,
    read_ord       INTEGER NOT NULL,
    read_seq       INTEGER NOT NULL,
    read_dirty     INTEGER NOT NULL,
    peer_read_seq  INTEGER NOT NULL,
    peer_read_time INTEGER NOT NULL,
    active_ms      INTEGER NOT NULL
);
-- What the total of unread messages is counted from, without reading the other conversations.
CREATE INDEX conversation_unread ON conversation (peer_ord, read_ord) WHERE peer_ord > read_ord;
CREATE INDEX conversation_dirty ON conversation (conv) WHERE read_dirty;

-- Rows are appended in the order of arrival; the place is an index, so a message that moves to its
-- final place rewrites an index entry and not its content.
CREATE TABLE message (
    id         INTEGER PRIMARY KEY,
    conv       INTEGER NOT NULL REFERENCES conv (id),
    seq        INTEGER NOT NULL,
    sub        INTEGER NOT NULL,
    msg_id     TEXT NOT NULL UNIQUE,
    sender     TEXT NOT NULL,
    time       INTEGER NOT NULL,
    ord        INTEGER NOT NULL,
    status     INTEGER NOT NULL,
    custom_int INTEGER NOT NULL,
    custom_str TEXT NOT NULL,
    content    TEXT NOT NULL
);
CREATE INDEX message_place ON message (conv, seq, sub);

-- Ranges of sequences that this device lacks, both ends included.
CREATE TABLE gap (
    conv     INTEGER NOT NULL REFERENCES conv (id),
    from_seq INTEGER NOT NULL,
    to_seq   INTEGER NOT NULL,
    PRIMARY KEY (conv, from_seq, to_seq)
) WITHOUT ROWID;

-- AUTOINCREMENT: a position is never used twice, since readers remember how far they got.
CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    msg_id   TEXT NOT NULL UNIQUE
);
