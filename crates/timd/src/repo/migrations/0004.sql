-- Versions: of how a user stands, and of whom the user watches.
ALTER TABLE account ADD COLUMN standing INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN watching INTEGER NOT NULL DEFAULT 0;

-- On which node a device is online, 0 for none, and by which of that node's logins.
ALTER TABLE place ADD COLUMN node INTEGER NOT NULL DEFAULT 0;
ALTER TABLE place ADD COLUMN seat INTEGER NOT NULL DEFAULT 0;
CREATE INDEX place_by_node ON place (node, account_id) WHERE node <> 0;

CREATE INDEX watch_by_target ON watch (target, topic);

-- The lives of nodes. beat counts up while a node lives; -1 once others have found it dead.
CREATE TABLE node (
    number INTEGER PRIMARY KEY,
    name   TEXT    NOT NULL,
    beat   INTEGER NOT NULL
);
