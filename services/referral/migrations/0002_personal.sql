-- The personal room: the only tables that hold anything of a lead traveller, each value under a key of its record.

-- The key of one side's personal part, wrapped by the node; when it is gone, what it has locked opens no more.
CREATE TABLE personal_keys (
    referral_id uuid NOT NULL,
    community text NOT NULL,
    wrapped text NOT NULL,
    held_from timestamptz NOT NULL,
    PRIMARY KEY (referral_id, community)
);

-- What was consented to, a field a row: AES-256-GCM under the record's key, bound to referral, community and field.
CREATE TABLE personal_fields (
    referral_id uuid NOT NULL,
    community text NOT NULL,
    field text NOT NULL,
    nonce bytea NOT NULL,
    ciphertext bytea NOT NULL,
    PRIMARY KEY (referral_id, community, field)
);

-- What a personal part is sealed to on its way into this room, once: X25519, the private half wrapped by the node.
CREATE TABLE one_time_keys (
    referral_id uuid NOT NULL,
    community text NOT NULL,
    public_key text NOT NULL,
    wrapped text NOT NULL,
    PRIMARY KEY (referral_id, community)
);

-- Receipts, kept 1825 days, with what of it this side held from when until when; no personal value.
CREATE TABLE consents (
    id uuid NOT NULL,
    referral_id uuid NOT NULL,
    community text NOT NULL,
    receipt jsonb NOT NULL,
    fields text[] NOT NULL,
    held_from timestamptz NOT NULL,
    held_until timestamptz,
    PRIMARY KEY (id, community)
);
CREATE INDEX consents_of ON consents (referral_id, community);
CREATE INDEX consents_held ON consents (held_from);
CREATE INDEX consents_over ON consents (held_until) WHERE held_until IS NOT NULL;

-- The erasure ledger: what a restored backup must not bring back. `filed_at`: when it was written beside the database.
CREATE TABLE erasures (
    receipt uuid PRIMARY KEY,
    referral_id uuid NOT NULL,
    community text NOT NULL,
    at timestamptz NOT NULL,
    why text NOT NULL,
    filed_at timestamptz
);
CREATE INDEX erasures_of ON erasures (referral_id, community);
CREATE INDEX erasures_unfiled ON erasures (receipt) WHERE filed_at IS NULL;

-- What an erasure has to find.
CREATE INDEX outbox_sealed ON outbox (stream) WHERE type = 'border.party_released.v1';
CREATE INDEX parked_sealed ON parked (stream) WHERE type = 'border.party_released.v1';
CREATE INDEX answers_sealed ON answers ((result ->> 'referral_id'))
    WHERE coalesce(result ->> 'sealed', result -> 'personal' ->> 'sealed') IS NOT NULL;

ALTER TABLE personal_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE personal_fields ENABLE ROW LEVEL SECURITY;
ALTER TABLE one_time_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE consents ENABLE ROW LEVEL SECURITY;
ALTER TABLE erasures ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON personal_keys USING (node.may_see(community));
CREATE POLICY own ON personal_fields USING (node.may_see(community));
CREATE POLICY own ON one_time_keys USING (node.may_see(community));
CREATE POLICY own ON consents USING (node.may_see(community));
CREATE POLICY own ON erasures USING (node.may_see(community));
