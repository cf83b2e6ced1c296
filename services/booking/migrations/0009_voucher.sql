-- By what the guests of agencies' bookings are received: a pass once it is confirmed, and the end of the id of the first
-- hold, which stays when another takes its place. Nothing in them is personal.
CREATE TABLE vouchers (
    hold_id uuid PRIMARY KEY,
    community text NOT NULL,
    reference text NOT NULL,
    pass_token text,
    issued_at timestamptz,
    -- When it was first shown and taken for good, by the clock of whoever read it.
    used_at timestamptz
);
CREATE INDEX vouchers_by_reference ON vouchers (community, reference);

-- When references were tried at a community that were of no booking: the last few, oldest first.
CREATE TABLE wrong_codes (
    community text PRIMARY KEY,
    tried timestamptz[] NOT NULL DEFAULT '{}'
);

-- What was confirmed before has no pass, and is found by its reference.
INSERT INTO vouchers (hold_id, community, reference)
SELECT hold_id, community, right(hold_id::text, 6) FROM holds
WHERE agency IS NOT NULL AND state IN ('CONFIRMED', 'REDEEMED');

ALTER TABLE vouchers ENABLE ROW LEVEL SECURITY;
ALTER TABLE wrong_codes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON vouchers USING (node.may_see(community));
CREATE POLICY own ON wrong_codes USING (node.may_see(community));
