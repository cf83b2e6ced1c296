-- The agency API: keys, what is read of the other services' facts, and what agencies have asked. Forward only.

-- A key is `prefix.secret`; only the SHA-256 of its secret is kept. Times are the machine's.
CREATE TABLE keys (
    prefix text COLLATE "C" PRIMARY KEY,
    agency text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    scopes text[] NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used timestamptz
);
CREATE INDEX keys_of_agency ON keys (agency);

-- Read models: rebuilt from what community and booking state.
CREATE TABLE agencies (
    agency text COLLATE "C" PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE agreements (
    agency text COLLATE "C" NOT NULL,
    community text COLLATE "C" NOT NULL,
    -- Of the terms in force; NULL when none are.
    terms jsonb,
    PRIMARY KEY (agency, community)
);

CREATE TABLE hosts (
    community text COLLATE "C" PRIMARY KEY,
    version text NOT NULL,
    offering jsonb NOT NULL
);

CREATE TABLE pools (
    community text COLLATE "C" NOT NULL,
    pool text COLLATE "C" NOT NULL,
    day date NOT NULL,
    capacity integer NOT NULL,
    taken integer NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (community, day, pool)
) WITH (fillfactor = 70);

CREATE TABLE rules (
    community text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    day date NOT NULL,
    until date NOT NULL,
    line jsonb NOT NULL,
    PRIMARY KEY (community, number)
);
CREATE INDEX rules_by_day ON rules (community, until);

-- How holds of agencies stand, by booking's answers and facts; of two, the later counts. A test booking's row is made
-- here alone.
CREATE TABLE standings (
    hold_id uuid PRIMARY KEY,
    agency text COLLATE "C" NOT NULL,
    community text COLLATE "C" NOT NULL,
    state text NOT NULL
        CHECK (state IN ('ON_HOLD', 'PENDING', 'CONFIRMED', 'REDEEMED', 'EXPIRED', 'CANCELLED', 'REJECTED')),
    expires_at timestamptz,
    placed_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    redeemed_at timestamptz,
    cancelled jsonb,
    quote jsonb
) WITH (fillfactor = 80);

-- What agencies asked for, by their own uuid. A row is written before booking is asked, so that the same request can be
-- repeated word for word after a crash; `digest` is of the request. `change` is a change of which the outcome is open.
CREATE TABLE bookings (
    agency text COLLATE "C" NOT NULL,
    uuid uuid NOT NULL,
    digest bytea NOT NULL,
    hold_id uuid NOT NULL UNIQUE,
    revision integer NOT NULL DEFAULT 0,
    community text COLLATE "C" NOT NULL,
    product text COLLATE "C" NOT NULL,
    option text COLLATE "C" NOT NULL,
    -- Of the community's own clock.
    day date NOT NULL,
    start time NOT NULL,
    units jsonb NOT NULL,
    expires_at timestamptz NOT NULL,
    test boolean NOT NULL,
    -- What the agency keeps of the price, in percent, as agreed when it asked.
    percent text NOT NULL,
    reseller_reference text,
    supplier_reference text NOT NULL,
    asked_at timestamptz NOT NULL,
    change jsonb,
    PRIMARY KEY (agency, uuid)
) WITH (fillfactor = 80);
CREATE INDEX bookings_by_reseller ON bookings (agency, reseller_reference) WHERE reseller_reference IS NOT NULL;
CREATE INDEX bookings_by_supplier ON bookings (agency, supplier_reference);
CREATE INDEX bookings_by_day ON bookings (agency, day);

-- What a request with an Idempotency-Key was answered with; no contact and no note is kept, they are in the request.
CREATE TABLE repeats (
    agency text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    at timestamptz NOT NULL,
    status integer,
    body jsonb,
    PRIMARY KEY (agency, key)
);
CREATE INDEX repeats_by_time ON repeats (at);
