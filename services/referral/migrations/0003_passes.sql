-- Passes that this node's communities have issued as receivers; nothing in them is personal.
CREATE TABLE passes (
    referral_id uuid NOT NULL,
    community text NOT NULL,
    short_code text NOT NULL,
    pass_token text NOT NULL,
    opens timestamptz NOT NULL,
    closes timestamptz NOT NULL,
    issued_at timestamptz NOT NULL,
    -- When it was first shown and taken for good, by the clock of whoever read it.
    used_at timestamptz,
    -- When its handoff was over: from then on another may have the code.
    released_at timestamptz,
    PRIMARY KEY (referral_id, community)
);
CREATE UNIQUE INDEX passes_open ON passes (community, short_code) WHERE released_at IS NULL;
CREATE INDEX passes_released ON passes (community, short_code, released_at) WHERE released_at IS NOT NULL;

-- When codes were tried at a community that were of no handoff: the last few, oldest first.
CREATE TABLE wrong_codes (
    community text PRIMARY KEY,
    tried timestamptz[] NOT NULL DEFAULT '{}'
);

ALTER TABLE passes ENABLE ROW LEVEL SECURITY;
ALTER TABLE wrong_codes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON passes USING (node.may_see(community));
CREATE POLICY own ON wrong_codes USING (node.may_see(community));
