-- The agencies of this node, and what each has agreed with communities. Terms are the contract's JSON.

CREATE TABLE agencies (
    id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    since timestamptz NOT NULL
);

-- One row for an agency and a community. `terms` are those that wait for a word, else those in force, else the last.
CREATE TABLE agreements (
    agency text COLLATE "C" NOT NULL REFERENCES agencies (id),
    community text COLLATE "C" NOT NULL REFERENCES communities (id),
    phase text NOT NULL CHECK (phase IN (
        'nothing', 'by_agency', 'by_community', 'agreed', 'new_by_agency', 'new_by_community')),
    terms jsonb NOT NULL,
    proposed_by text NOT NULL CHECK (proposed_by IN ('agency', 'community')),
    in_force jsonb,
    since timestamptz NOT NULL,
    PRIMARY KEY (agency, community),
    CONSTRAINT in_force_while_agreed CHECK (
        (in_force IS NOT NULL) = (phase IN ('agreed', 'new_by_agency', 'new_by_community')))
);
CREATE INDEX agreements_of_community ON agreements (community, agency);

-- A community sees its own. An agency acts for none: what it may see is chosen by the query, with the agency's id.
ALTER TABLE agreements ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON agreements USING (node.may_see(community));
