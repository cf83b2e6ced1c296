-- What the whole node shares: its clock, and who may see a community's rows.
CREATE TABLE clock (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    "offset" interval NOT NULL
);
INSERT INTO clock ("offset") VALUES (interval '0');

-- The node's clock is the machine's plus this; zero unless tests, demo or rig have moved it.
CREATE FUNCTION clock_offset() RETURNS interval LANGUAGE sql STABLE AS 'SELECT "offset" FROM node.clock';

-- True when the transaction acts for this community, or for the node itself. Unset: nobody, so nothing is seen.
CREATE FUNCTION may_see(community text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
AS $$SELECT current_setting('handoff.acting', true) IN (community, '*')$$;
