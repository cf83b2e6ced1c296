-- Booking: hosts (a read model of the standing offer), pools, holds, dated exceptions. Forward only.

-- What each community of this node offers, as it last stated it. Public: no row-level security.
CREATE TABLE hosts (
    community text PRIMARY KEY,
    version text NOT NULL,
    offering jsonb NOT NULL,
    -- The last day on which its availability was shared for no other reason than that it was a new one.
    shared_on date
);

-- Whom each community of this node is partner with; feeds AvailabilityShared.
CREATE TABLE partners (
    community text NOT NULL,
    partner text NOT NULL,
    state text NOT NULL CHECK (state IN ('proposed', 'agreed', 'suspended', 'ended')),
    PRIMARY KEY (community, partner)
);

-- A capacity pool on one local date; a row only once touched. Nothing is ever granted above capacity: `oversold` is
-- raised by a changed capacity alone, and sinks as places come back.
CREATE TABLE pools (
    community text NOT NULL,
    pool text NOT NULL,
    day date NOT NULL,
    capacity integer NOT NULL CHECK (capacity >= 0),
    taken integer NOT NULL DEFAULT 0,
    oversold integer NOT NULL DEFAULT 0 CHECK (oversold >= 0),
    PRIMARY KEY (community, pool, day),
    CONSTRAINT within_capacity CHECK (taken >= 0 AND taken <= capacity + oversold)
) WITH (fillfactor = 70);
CREATE INDEX pools_by_day ON pools (community, day);

-- Holds and bookings. community '' is a tombstone: a release that came before its hold, which is refused when it comes.
CREATE TABLE holds (
    hold_id uuid PRIMARY KEY,
    community text NOT NULL,
    referral_id uuid,
    partner text,
    state text NOT NULL
        CHECK (state IN ('ON_HOLD', 'PENDING', 'CONFIRMED', 'REDEEMED', 'EXPIRED', 'CANCELLED', 'REJECTED')),
    party jsonb,
    items jsonb NOT NULL,
    quote jsonb,
    answered boolean NOT NULL DEFAULT false,
    expires_at timestamptz,
    placed_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT tombstones_are_released CHECK (community <> '' OR state = 'CANCELLED'),
    CONSTRAINT holds_run_out CHECK (state <> 'ON_HOLD' OR expires_at IS NOT NULL),
    CONSTRAINT bookings_do_not CHECK (state NOT IN ('CONFIRMED', 'REDEEMED') OR expires_at IS NULL)
) WITH (fillfactor = 80);
CREATE INDEX holds_running_out ON holds (expires_at) WHERE state IN ('ON_HOLD', 'PENDING');
CREATE INDEX holds_standing ON holds (hold_id) WHERE state IN ('ON_HOLD', 'PENDING', 'CONFIRMED');
CREATE INDEX holds_by_referral ON holds (referral_id) WHERE referral_id IS NOT NULL;

-- What live holds take. A row goes with its capacity, so nothing can be given back twice. `unanswered` is the partner
-- as long as its handoff is unanswered: such takings count against the partner's share of the pool.
CREATE TABLE takings (
    hold_id uuid NOT NULL REFERENCES holds,
    community text NOT NULL,
    pool text NOT NULL,
    day date NOT NULL,
    places integer NOT NULL CHECK (places > 0),
    unanswered text,
    PRIMARY KEY (hold_id, pool, day)
);
CREATE INDEX takings_unanswered ON takings (community, pool, day, unanswered) INCLUDE (places)
    WHERE unanswered IS NOT NULL;
CREATE INDEX takings_by_pool ON takings (community, pool, day);
CREATE INDEX takings_by_day ON takings (day);

-- Dated exceptions: a history that only grows. What is in force is folded from it, in order of number.
CREATE TABLE exceptions (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    community text NOT NULL,
    day date NOT NULL,
    until date NOT NULL CHECK (until >= day),
    kind text NOT NULL CHECK (kind IN ('closed', 'stop_sell', 'capacity', 'lifted', 'offering')),
    experience_id text,
    start time,
    pool text CHECK (pool IN ('seats', 'visitors', 'guests')),
    capacity integer CHECK (capacity >= 0),
    reason text NOT NULL,
    at timestamptz NOT NULL,
    conflicts uuid[] NOT NULL
);
CREATE INDEX exceptions_by_day ON exceptions (community, until);
CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history of exceptions is only added to';
END $$;
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON exceptions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

-- Marks of communities whose availability changed since it was last shared. Only inserted and deleted, never locked
-- by writers, so that marking costs no waiting and a mark made while its community is being shared is not lost.
CREATE TABLE changes (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    community text NOT NULL
);

ALTER TABLE partners ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON partners USING (node.may_see(community));
ALTER TABLE pools ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON pools USING (node.may_see(community));
ALTER TABLE holds ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON holds USING (node.may_see(community));
ALTER TABLE takings ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON takings USING (node.may_see(community));
ALTER TABLE exceptions ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON exceptions USING (node.may_see(community));
ALTER TABLE changes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON changes USING (node.may_see(community));
