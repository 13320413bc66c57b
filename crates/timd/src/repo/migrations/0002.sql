-- What users say about themselves: the JSON that clients get. Who never wrote one has no row.
-- A change is an event of kind 4 in the user's own stream.
CREATE TABLE profile (
    account_id INTEGER PRIMARY KEY,
    body       TEXT NOT NULL
);

-- By name, since one may wait for somebody who has not registered yet. n gives the order.
-- topic 1: status; 2: profile.
CREATE TABLE watch (
    account_id INTEGER NOT NULL,
    topic      INTEGER NOT NULL,
    target     TEXT    NOT NULL,
    n          INTEGER NOT NULL,
    PRIMARY KEY (account_id, topic, target)
) WITHOUT ROWID;
INSERT INTO watch (account_id, topic, target, n) SELECT account_id, 1, target, n FROM subscription;
DROP TABLE subscription;
