-- What has been said and is not known to have arrived: per reader and stream the last number said. A row goes when the
-- reader says that it has applied that number, so the table holds what is on its way and nothing else.
CREATE TABLE owed (
    reader text NOT NULL,
    stream text NOT NULL,
    seq bigint NOT NULL,
    -- The last number that the reader has said it applied, and how often it said so since without getting further.
    seen bigint NOT NULL DEFAULT 0,
    tries integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    asked_at timestamptz,
    -- Since when the reader lacks something: it has neither applied it nor set it aside, nor does it wait there.
    lacking_since timestamptz,
    PRIMARY KEY (reader, stream)
) WITH (fillfactor = 70);
