-- Version 2. A message lies at its place, so that a page of history is one stretch of the tree,
-- and a commit writes no page of an index beside it but that of the ids.
CREATE TABLE placed (
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
    content    TEXT NOT NULL,
    PRIMARY KEY (conv, seq, sub)
) WITHOUT ROWID;
INSERT OR REPLACE INTO placed
    SELECT conv, seq, sub, msg_id, sender, time, ord, status, custom_int, custom_str, content
    FROM message ORDER BY id;
DROP TABLE message;
ALTER TABLE placed RENAME TO message;

-- The outbox: status 1 is what waits to be sent, in the order of sub.
CREATE INDEX message_outbox ON message (sub) WHERE status = 1;
DROP TABLE outbox;

-- The total of unread messages is counted once a login.
DROP INDEX conversation_unread;
