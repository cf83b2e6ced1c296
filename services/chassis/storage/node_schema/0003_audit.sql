-- What was done with keys and with what is personal, chained per community so that no line can change unseen.
CREATE TABLE audit (
    community text COLLATE "C" NOT NULL CHECK (community ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(community) <= 64),
    n bigint NOT NULL CHECK (n >= 1),
    at timestamptz NOT NULL,
    who text NOT NULL CHECK (length(who) BETWEEN 1 AND 80),
    what text NOT NULL CHECK (what ~ '^[a-z][a-z0-9_]*$' AND length(what) <= 40),
    about text NOT NULL CHECK (length(about) <= 200),
    result text NOT NULL CHECK (result ~ '^[a-z][a-z0-9_]*$' AND length(result) <= 40),
    trace text CHECK (length(trace) <= 60),
    previous text NOT NULL,
    digest text NOT NULL,
    PRIMARY KEY (community, n)
);
CREATE INDEX audit_about ON audit (community, about, n);

-- A community's signature under its chain up to a line; a copy is kept outside of the database.
CREATE TABLE audit_checkpoints (
    community text COLLATE "C" NOT NULL,
    n bigint NOT NULL,
    digest text NOT NULL,
    at timestamptz NOT NULL,
    keyid text NOT NULL,
    signature text NOT NULL,
    PRIMARY KEY (community, n)
);

ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_community ON audit USING (node.may_see(community));
ALTER TABLE audit_checkpoints ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_community ON audit_checkpoints USING (node.may_see(community));

CREATE FUNCTION audit_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a line of % stays as it was written: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER final BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_final();
CREATE TRIGGER final BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_final();

-- One field as its length in bytes and itself, so that no two lines read the same; `-` is NULL.
CREATE FUNCTION audit_field(value text) RETURNS text LANGUAGE sql IMMUTABLE
AS $$SELECT coalesce(octet_length(convert_to(value, 'UTF8')) || ':' || value, '-') || ','$$;

-- The text of a line, as services/chassis/audit.py writes it too.
CREATE FUNCTION audit_text(
    previous text, community text, n bigint, at timestamptz, who text, what text, about text, result text, trace text
) RETURNS text LANGUAGE sql STABLE AS $$
SELECT 'handoff audit v1|' || node.audit_field(previous) || node.audit_field(community) || node.audit_field(n::text)
    || node.audit_field(to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
    || node.audit_field(who) || node.audit_field(what) || node.audit_field(about) || node.audit_field(result)
    || node.audit_field(trace)
$$;

-- The one way to write: lines of one transaction, each behind the last of its chain. The n-th of each array is a line.
-- Chains are locked until the commit, in the order of their locks, so that two writers never wait for one another.
CREATE FUNCTION audit_write(
    communities text[], whos text[], whats text[], abouts text[], results text[], trace text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    line record;
    number bigint;
    before text;
    moment timestamptz;
    written text;
BEGIN
    FOR line IN
        SELECT DISTINCT hashtextextended('handoff audit ' || g, 0) AS chain FROM unnest(communities) g ORDER BY chain
    LOOP
        PERFORM pg_advisory_xact_lock(line.chain);
    END LOOP;
    moment := clock_timestamp() + node.clock_offset();
    FOR line IN
        SELECT * FROM unnest(communities, whos, whats, abouts, results) WITH ORDINALITY
            AS g (community, who, what, about, result, place) ORDER BY place
    LOOP
        SELECT a.n, a.digest INTO number, before FROM node.audit a
            WHERE a.community = line.community ORDER BY a.n DESC LIMIT 1;
        number := coalesce(number, 0) + 1;
        before := coalesce(before, repeat('0', 64));
        written := node.audit_text(before, line.community, number, moment, line.who, line.what, line.about,
            line.result, trace);
        INSERT INTO node.audit VALUES (line.community, number, moment, line.who, line.what, line.about, line.result,
            trace, before, encode(sha256(convert_to(written, 'UTF8')), 'hex'));
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION audit_write FROM PUBLIC;
