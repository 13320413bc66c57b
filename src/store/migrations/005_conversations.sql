-- Version 5. What the user has set on a conversation, on this device or another, its draft, and its
-- place in the list: see `ConvRow::rank`.
ALTER TABLE conversation ADD COLUMN is_hidden        INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN settings_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN is_pinned        INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN marks            INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN custom_data      TEXT    NOT NULL DEFAULT '';
ALTER TABLE conversation ADD COLUMN hidden_seq       INTEGER;
ALTER TABLE conversation ADD COLUMN hidden_ord       INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN groups           TEXT    NOT NULL DEFAULT '';
ALTER TABLE conversation ADD COLUMN draft            TEXT;
ALTER TABLE conversation ADD COLUMN draft_ms         INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN rank             INTEGER NOT NULL DEFAULT 0;
UPDATE conversation SET rank = (active_ms << 20) | (conv & 1048575);
CREATE INDEX conversation_rank ON conversation (rank) WHERE NOT is_hidden;
CREATE INDEX conversation_grouped ON conversation (conv) WHERE groups <> '';
