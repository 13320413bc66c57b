-- Receive options. recv_opt: 0 receive, 1 not at all, 2 without notification, 3 the same but for
-- mentions; bare: 1 while nothing else was ever set there. A change is an event of kind 7.
ALTER TABLE member_conv ADD COLUMN recv_opt INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member_conv ADD COLUMN bare     INTEGER NOT NULL DEFAULT 0;

-- The one for all, with its quiet time: from start_time (seconds since 1970) on, or, when that is 0,
-- from a time of day; duration in seconds. Who never set one has no row. A change is an event of
-- kind 9.
CREATE TABLE receive_all (
    account_id   INTEGER PRIMARY KEY,
    start_hour   INTEGER NOT NULL,
    start_minute INTEGER NOT NULL,
    start_second INTEGER NOT NULL,
    start_time   INTEGER NOT NULL,
    duration     INTEGER NOT NULL,
    opt          INTEGER NOT NULL
);
