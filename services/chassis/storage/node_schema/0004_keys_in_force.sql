-- Which keys this database is used with: a process that does not hold them does not start. No key, only what it is
-- known by: its id, and for a key of the node a digest. `since`: when the record keys were renewed last.
CREATE TABLE keys_in_force (
    what text PRIMARY KEY CHECK (what IN ('node', 'record')),
    keyid text NOT NULL,
    fingerprint text NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Wrapped keys that were deleted or replaced: their rows lie about until the record keys are renewed.
CREATE TABLE keys_gone (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- For the tables of a service that hold keys wrapped with a record key.
CREATE FUNCTION key_gone() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO node.keys_gone DEFAULT VALUES;
    RETURN NULL;
END $$;
