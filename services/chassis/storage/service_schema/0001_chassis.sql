-- What every service stands on: messages out, messages in, answers given. One copy in each service's schema.

-- The last number given out on each stream this service speaks.
CREATE TABLE streams_out (
    stream text PRIMARY KEY,
    seq bigint NOT NULL
);

-- Messages to be published, written in the transaction of their cause, claimed by state, kept 14 days.
CREATE TABLE outbox (
    id uuid PRIMARY KEY,
    lane text NOT NULL CHECK (lane IN ('internal', 'border')),
    stream text NOT NULL,
    seq bigint NOT NULL,
    type text NOT NULL,
    routing_key text NOT NULL,
    envelope jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    available_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts integer NOT NULL DEFAULT 0,
    last_fate text,
    published_at timestamptz,
    UNIQUE (stream, seq, id)
) WITH (fillfactor = 80);
CREATE INDEX outbox_unpublished ON outbox (lane, id) WHERE published_at IS NULL;
CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;

CREATE FUNCTION wake_relay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('outbox', TG_TABLE_SCHEMA || '.' || lane) FROM (SELECT DISTINCT lane FROM fresh) lanes;
    RETURN NULL;
END $$;
CREATE TRIGGER wake_relay AFTER INSERT ON outbox REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION wake_relay();

-- The last number applied of each stream this service listens to.
CREATE TABLE streams_in (
    stream text PRIMARY KEY,
    seq bigint NOT NULL
) WITH (fillfactor = 70);

-- Every message ever applied, set aside or kept waiting, kept 28 days: twice as long as any outbox.
CREATE TABLE inbox (
    message_id uuid PRIMARY KEY,
    digest bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX inbox_received ON inbox (received_at);

-- Too early: applied with their predecessor.
CREATE TABLE waiting (
    stream text NOT NULL,
    seq bigint NOT NULL,
    body bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (stream, seq)
);

-- Set aside for a person after a failure; what follows in the stream waits behind it.
CREATE TABLE parked (
    id uuid PRIMARY KEY,
    queue text NOT NULL,
    message_id text,
    type text,
    stream text,
    seq bigint,
    body bytea NOT NULL,
    headers jsonb NOT NULL,
    error text NOT NULL,
    trace text,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    replays integer NOT NULL DEFAULT 0,
    settled_at timestamptz,
    settled text CHECK (settled IN ('replayed', 'discarded'))
);
CREATE INDEX parked_open ON parked (parked_at) WHERE settled_at IS NULL;

-- What each command was answered with, under (caller, command id).
CREATE TABLE answers (
    caller text NOT NULL,
    command_id uuid NOT NULL,
    digest bytea NOT NULL,
    result jsonb,
    answered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (caller, command_id)
);
CREATE INDEX answers_answered ON answers (answered_at);
