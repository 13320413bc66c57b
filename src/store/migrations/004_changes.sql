-- Version 4. What became of a message after it was sent, as JSON; empty when nothing did.
ALTER TABLE message ADD COLUMN change TEXT NOT NULL DEFAULT '';

-- Changes of the conversation's messages up to rev are here; is_stale: later ones, and what another
-- device has erased, may have been missed.
ALTER TABLE conversation ADD COLUMN rev      INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN is_stale INTEGER NOT NULL DEFAULT 0;
