-- Version 6. How the user wants messages of a conversation received; is_bare: there is nothing but that.
ALTER TABLE conversation ADD COLUMN recv_opt INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN is_bare  INTEGER NOT NULL DEFAULT 0;
