-- How people are told what waits for them, and the outbox of it. Addresses are personal data of members and stand here alone.

-- `receiver` is the host, for there is a limit of what is sent to one at once. `public` and `shared` are a browser's,
-- `secret` is a webhook's, wrapped by the node. A channel that is not confirmed has a code, of which the digest is kept.
CREATE TABLE channels (
    id uuid PRIMARY KEY,
    account text COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('push', 'email', 'webhook')),
    address text NOT NULL,
    receiver text COLLATE "C" NOT NULL,
    label text NOT NULL,
    public bytea NOT NULL DEFAULT '',
    shared bytea NOT NULL DEFAULT '',
    secret text NOT NULL DEFAULT '',
    code bytea,
    code_ends_at timestamptz,
    code_tries integer NOT NULL DEFAULT 0,
    confirmed boolean NOT NULL,
    added_at timestamptz NOT NULL,
    UNIQUE (account, kind, address)
);

-- In which somebody is left in peace; whoever has no line here has the usual ones.
CREATE TABLE quiet_hours (
    account text COLLATE "C" PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    starts time NOT NULL,
    ends time NOT NULL
);

-- The key by which push services know this node, its private half wrapped.
CREATE TABLE push_key (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    public bytea NOT NULL,
    wrapped text NOT NULL
);

-- When what waits was last asked for: what is not known to wait still is not sent.
CREATE TABLE looked (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    at timestamptz NOT NULL
);

-- The outbox, one line for each channel, and what came of it. The line outlives its channel. `claimed_until`: some process
-- sends it now; when that has died, another one does. The index keeps what was told from being told again.
CREATE TABLE tellings (
    id uuid PRIMARY KEY,
    channel uuid REFERENCES channels (id) ON DELETE SET NULL,
    account text COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    community text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    what text NOT NULL,
    referral_id uuid,
    state text NOT NULL DEFAULT '',
    round integer NOT NULL DEFAULT 0,
    side text NOT NULL DEFAULT '',
    partner text COLLATE "C" NOT NULL DEFAULT '',
    until timestamptz NOT NULL,
    made_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    claimed_until timestamptz,
    tries integer NOT NULL DEFAULT 0,
    standing text NOT NULL DEFAULT 'waits' CHECK (standing IN ('waits', 'sent', 'over', 'expired', 'refused', 'gone')),
    problem text NOT NULL DEFAULT '',
    tried_at timestamptz
);
CREATE UNIQUE INDEX tellings_once ON tellings (channel, community, referral_id, state, round, what);
CREATE INDEX tellings_due ON tellings (due_at) WHERE standing = 'waits';
CREATE INDEX tellings_of_account ON tellings (account, made_at);
CREATE INDEX tellings_by_age ON tellings (made_at);

ALTER TABLE tellings ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tellings USING (node.may_see(community));
