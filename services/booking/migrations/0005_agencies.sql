-- Agencies book. Whoever shows places to them learns of each change of a pool, in whatever order: of two levels of one
-- pool that with the higher version is the newer, so every statement that changes a row raises it.
ALTER TABLE pools ADD COLUMN version bigint NOT NULL DEFAULT 1 CHECK (version >= 1);

-- Whose hold it is, when it became what it is, and what is given back of its price: `cancellation` is the rule as it was
-- when it was confirmed.
ALTER TABLE holds
    ADD COLUMN agency text,
    ADD COLUMN confirmed_at timestamptz,
    ADD COLUMN redeemed_at timestamptz,
    ADD COLUMN cancelled_at timestamptz,
    ADD COLUMN cancelled_by text CHECK (cancelled_by IN ('agency', 'community')),
    ADD COLUMN refund_percent integer CHECK (refund_percent BETWEEN 0 AND 100),
    ADD COLUMN cancellation jsonb;

-- Under what which agency books at a community of this node, as it was last stated.
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
