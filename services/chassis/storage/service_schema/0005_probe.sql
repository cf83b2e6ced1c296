-- One row that is written to see whether the database has room: a full disk still answers questions.
CREATE TABLE probe (
    singleton boolean PRIMARY KEY CHECK (singleton),
    filler bytea NOT NULL
) WITH (autovacuum_vacuum_threshold = 1, toast.autovacuum_vacuum_threshold = 1);
