-- Invitations, help to sign in again, a second step, phones that are known.

-- `totp` is wrapped by the node's keys, also while it is only `totp_wanted`; `totp_step` is the last that was taken.
ALTER TABLE accounts
    ADD COLUMN totp text,
    ADD COLUMN totp_wanted text,
    ADD COLUMN totp_step bigint NOT NULL DEFAULT 0;

-- Of a code that somebody was given, only its digest is kept.
CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    community text COLLATE "C" NOT NULL,
    role text NOT NULL CHECK (role IN ('coordinator', 'helper', 'observer')),
    digest bytea NOT NULL UNIQUE,
    made_by text COLLATE "C" NOT NULL,
    ends_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX invitations_of_community ON invitations (community, ends_at);

-- One coordinator asks, another confirms; then there is a code. The operator of the system does both at once.
CREATE TABLE recoveries (
    id uuid PRIMARY KEY,
    account text COLLATE "C" NOT NULL,
    community text COLLATE "C" NOT NULL,
    asked_by text COLLATE "C" NOT NULL,
    confirmed_by text COLLATE "C",
    digest bytea UNIQUE,
    ends_at timestamptz NOT NULL,
    used_at timestamptz,
    CHECK ((confirmed_by IS NULL) = (digest IS NULL)),
    FOREIGN KEY (account, community) REFERENCES memberships (account, community) ON DELETE CASCADE
);
CREATE INDEX recoveries_of_community ON recoveries (community, ends_at);

-- Codes for who has lost what shows the second step; each counts once.
CREATE TABLE spare_codes (
    account text COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    digest bytea NOT NULL,
    PRIMARY KEY (account, digest)
);

-- Between the password, which was right, and the second step.
CREATE TABLE second_steps (
    digest bytea PRIMARY KEY,
    account text COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    ends_at timestamptz NOT NULL
);

-- Phones on which an account has signed in: a stranger's wrong tries do not keep these out.
CREATE TABLE known_phones (
    digest bytea PRIMARY KEY,
    account text COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    seen_at timestamptz NOT NULL
);
CREATE INDEX known_phones_of_account ON known_phones (account);

-- An account is seen by the communities that it acts for. One that acts for none is the node's alone to see.
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON accounts USING (
    node.may_see('*') OR EXISTS (SELECT 1 FROM memberships WHERE memberships.account = accounts.id)
) WITH CHECK (true);
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON invitations USING (node.may_see(community));
ALTER TABLE recoveries ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON recoveries USING (node.may_see(community));

-- Whether an account acts for another community as well, which a community sees of nobody otherwise.
CREATE FUNCTION acts_elsewhere(whose text, here text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = portal, pg_temp
AS $$SELECT EXISTS (SELECT 1 FROM memberships WHERE account = whose AND community <> here)$$;
