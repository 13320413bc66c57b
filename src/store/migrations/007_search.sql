-- Version 7. An index of the words of messages, one column for each kind of element: `file` and
-- `merged` are for kinds to come, since a column cannot be added later. The words are cut by
-- tim_core::search; the text itself is in `message` alone.
CREATE VIRTUAL TABLE message_words USING fts5 (
    text, custom, location, file, merged,
    content = '', contentless_delete = 1, tokenize = 'ascii'
);

-- The row of the index that belongs to a place. Ids of one conversation are neighbours:
-- conv * 2^40, and a number. time: the server's seconds, or the sender's while there are none.
CREATE TABLE search (
    id   INTEGER PRIMARY KEY,
    conv INTEGER NOT NULL,
    seq  INTEGER NOT NULL,
    sub  INTEGER NOT NULL,
    time INTEGER NOT NULL,
    UNIQUE (conv, seq, sub)
);

-- Places whose message is another one, or none, since they were indexed. They are many in one go, since
-- a commit that writes to the index as well costs the sender of a message twice the time.
CREATE TABLE search_due (
    conv INTEGER NOT NULL,
    seq  INTEGER NOT NULL,
    sub  INTEGER NOT NULL,
    PRIMARY KEY (conv, seq, sub)
) WITHOUT ROWID;

-- Not OR IGNORE: the statement that fires a trigger has its own, which counts there as well.
CREATE TRIGGER message_added AFTER INSERT ON message BEGIN
    INSERT INTO search_due VALUES (new.conv, new.seq, new.sub) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER message_changed AFTER UPDATE OF seq, sub, time, content ON message BEGIN
    INSERT INTO search_due VALUES (old.conv, old.seq, old.sub) ON CONFLICT DO NOTHING;
    INSERT INTO search_due VALUES (new.conv, new.seq, new.sub) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER message_removed AFTER DELETE ON message BEGIN
    INSERT INTO search_due VALUES (old.conv, old.seq, old.sub) ON CONFLICT DO NOTHING;
END;

-- Messages from before this version: those behind this place are not indexed yet. No row: none.
CREATE TABLE search_backlog (
    conv INTEGER NOT NULL,
    seq  INTEGER NOT NULL,
    sub  INTEGER NOT NULL
);
INSERT INTO search_backlog SELECT 0, 0, 0 WHERE EXISTS (SELECT 1 FROM message);
