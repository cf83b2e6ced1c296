-- Records of handoffs: one row for each side that this node keeps.
CREATE TABLE records (
    referral_id uuid NOT NULL,
    community text NOT NULL,
    partner text NOT NULL,
    side text NOT NULL CHECK (side IN ('sender', 'receiver')),
    state text NOT NULL,
    round integer NOT NULL,
    body jsonb NOT NULL,
    due_at timestamptz,
    -- The highest number of our stream that the partner has applied, as it told us.
    partner_seen bigint NOT NULL DEFAULT 0,
    -- How many border messages we have sent on this handoff's stream.
    sent bigint NOT NULL DEFAULT 0,
    stated_at timestamptz,
    touched_at timestamptz NOT NULL,
    PRIMARY KEY (referral_id, community)
) WITH (fillfactor = 70);
CREATE INDEX records_due ON records (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX records_of ON records (community, referral_id DESC);
CREATE INDEX records_open ON records (community, partner) WHERE state IN ('offered', 'held', 'countered');
CREATE INDEX records_unseen ON records (touched_at) WHERE sent > partner_seen;

-- What happened, in order, as this side saw it.
CREATE TABLE story (
    referral_id uuid NOT NULL,
    community text NOT NULL,
    n integer NOT NULL,
    at timestamptz NOT NULL,
    act text NOT NULL,
    by text NOT NULL,
    state text NOT NULL,
    round integer NOT NULL,
    crossed boolean NOT NULL,
    message_id uuid,
    took_ms integer,
    PRIMARY KEY (referral_id, community, n)
);

-- What our own communities offer, and who their partners are, as the community service states it.
CREATE TABLE hosts (
    community text PRIMARY KEY,
    offering jsonb NOT NULL
);
CREATE TABLE partners (
    community text NOT NULL,
    partner text NOT NULL,
    state text NOT NULL,
    terms jsonb NOT NULL,
    PRIMARY KEY (community, partner)
);

-- What partners have shared over the border with each of our communities.
CREATE TABLE catalogues (
    community text NOT NULL,
    partner text NOT NULL,
    as_of timestamptz NOT NULL,
    offering jsonb NOT NULL,
    search text NOT NULL,
    PRIMARY KEY (community, partner)
);
CREATE TABLE availability (
    community text NOT NULL,
    partner text NOT NULL,
    as_of timestamptz NOT NULL,
    days jsonb NOT NULL,
    PRIMARY KEY (community, partner)
);

ALTER TABLE records ENABLE ROW LEVEL SECURITY;
ALTER TABLE story ENABLE ROW LEVEL SECURITY;
ALTER TABLE partners ENABLE ROW LEVEL SECURITY;
ALTER TABLE catalogues ENABLE ROW LEVEL SECURITY;
ALTER TABLE availability ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON records USING (node.may_see(community));
CREATE POLICY own ON story USING (node.may_see(community));
CREATE POLICY own ON partners USING (node.may_see(community));
CREATE POLICY own ON catalogues USING (node.may_see(community));
CREATE POLICY own ON availability USING (node.may_see(community));
