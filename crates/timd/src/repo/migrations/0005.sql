-- What changes after it was sent. conv.rev counts the changes of its messages; message.rev is the
-- one by which a message last changed, 0 for none; revoked says who took it back, as JSON. A change is
-- an event of kind 5 in the streams of both: message ref_seq, rev extra.
-- shown: may be the conversation's last message.
ALTER TABLE conv    ADD COLUMN rev     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN rev     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN revoked TEXT    NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN shown   INTEGER NOT NULL DEFAULT 1;
CREATE INDEX message_by_rev ON message (conv_id, rev) WHERE rev > 0;

-- Messages that are gone for one member: ranges that neither overlap nor touch each other. Erasing is
-- an event of kind 6 in that member's stream: from ref_seq to extra.
CREATE TABLE erased (
    account_id INTEGER NOT NULL,
    conv_id    INTEGER NOT NULL,
    from_seq   INTEGER NOT NULL,
    to_seq     INTEGER NOT NULL,
    PRIMARY KEY (account_id, conv_id, from_seq)
) WITHOUT ROWID;
