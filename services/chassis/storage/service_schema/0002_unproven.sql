-- Border messages whose key is not known yet: tried again when it is, set aside when it does not become known in time.
-- They count for nothing until then: no id is taken and no stream goes on.
CREATE TABLE unproven (
    digest bytea PRIMARY KEY,
    community text NOT NULL,
    partner text NOT NULL,
    keyid text NOT NULL,
    queue text NOT NULL,
    body bytea NOT NULL,
    headers jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX unproven_of_key ON unproven (community, partner, keyid);
