-- Version 8. Groups that the user is in: the JSON of the state that the server told last.
CREATE TABLE chat_group (
    group_id TEXT PRIMARY KEY,
    body     TEXT NOT NULL
) WITHOUT ROWID;
