CREATE TABLE app (
    id         INTEGER PRIMARY KEY,
    secret     TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE account (
    id            INTEGER PRIMARY KEY,
    app_id        INTEGER NOT NULL,
    user_id       TEXT    NOT NULL,
    event_seq     INTEGER NOT NULL DEFAULT 0,
    custom_status TEXT    NOT NULL DEFAULT '',
    presence      INTEGER NOT NULL DEFAULT 3,
    not_before    INTEGER NOT NULL DEFAULT 0,
    created_at    INTEGER NOT NULL,
    UNIQUE (app_id, user_id)
);

-- One-to-one conversations: a < b are the members, equal when a user writes to oneself.
CREATE TABLE conv (
    id          INTEGER PRIMARY KEY,
    app_id      INTEGER NOT NULL,
    a           INTEGER NOT NULL,
    b           INTEGER NOT NULL,
    head_seq    INTEGER NOT NULL DEFAULT 0,
    last_seq    INTEGER NOT NULL DEFAULT 0,
    ord_a       INTEGER NOT NULL DEFAULT 0,
    ord_b       INTEGER NOT NULL DEFAULT 0,
    read_seq_a  INTEGER NOT NULL DEFAULT 0,
    read_ord_a  INTEGER NOT NULL DEFAULT 0,
    read_time_a INTEGER NOT NULL DEFAULT 0,
    read_seq_b  INTEGER NOT NULL DEFAULT 0,
    read_ord_b  INTEGER NOT NULL DEFAULT 0,
    read_time_b INTEGER NOT NULL DEFAULT 0,
    UNIQUE (a, b)
);

CREATE TABLE member_conv (
    account_id INTEGER NOT NULL,
    conv_id    INTEGER NOT NULL,
    PRIMARY KEY (account_id, conv_id)
) WITHOUT ROWID;

-- ord: countable messages of this sender in this conversation, this one included.
CREATE TABLE message (
    conv_id INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    sender  INTEGER NOT NULL,
    msg_id  TEXT    NOT NULL,
    time    INTEGER NOT NULL,
    ord     INTEGER NOT NULL,
    content TEXT    NOT NULL,
    PRIMARY KEY (conv_id, seq)
) WITHOUT ROWID;
CREATE UNIQUE INDEX message_by_msg_id ON message (sender, msg_id);

-- A user's stream. kind 1: message ref_seq; 2: read up to ref_seq, extra countable ones;
-- 3: the peer has read up to ref_seq at second extra.
CREATE TABLE event (
    account_id INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    kind       INTEGER NOT NULL,
    conv_id    INTEGER NOT NULL,
    ref_seq    INTEGER NOT NULL,
    extra      INTEGER NOT NULL,
    PRIMARY KEY (account_id, seq)
) WITHOUT ROWID;

-- By name, since one may wait for somebody who has not registered yet. n gives the order.
CREATE TABLE subscription (
    account_id INTEGER NOT NULL,
    target     TEXT    NOT NULL,
    n          INTEGER NOT NULL,
    PRIMARY KEY (account_id, target)
) WITHOUT ROWID;
