-- Agencies hand over for communities that have agreed to it: for whom one has, and under which id it knows it.
ALTER TABLE records ADD COLUMN agency text, ADD COLUMN agency_ref uuid;
CREATE UNIQUE INDEX records_of_agencies ON records (agency, agency_ref) WHERE agency IS NOT NULL;
-- Newest first, and how many have not ended.
CREATE INDEX records_handed_over ON records (agency, referral_id) WHERE agency IS NOT NULL;
CREATE INDEX records_handed_over_open ON records (agency, community, state) WHERE agency IS NOT NULL;

-- Which agency did what its community did, for that community; known to nobody else.
ALTER TABLE story ADD COLUMN agency text;

-- Under what which agency works with a community of this node, as it was last stated.
CREATE TABLE agreements (
    agency text NOT NULL,
    community text NOT NULL,
    state text NOT NULL CHECK (state IN ('proposed', 'agreed', 'ended')),
    terms jsonb,
    since timestamptz NOT NULL,
    PRIMARY KEY (agency, community)
);
ALTER TABLE agreements ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON agreements USING (node.may_see(community));
