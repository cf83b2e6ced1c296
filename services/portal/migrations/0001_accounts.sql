-- Who signs in, for which community, and from where they are signed in now.

-- `id` stands in the audit and names nobody; `name` is what somebody signs in with and is called, found by `name_key`.
CREATE TABLE accounts (
    id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL UNIQUE,
    phone text COLLATE "C" UNIQUE,
    password text NOT NULL,
    language text NOT NULL,
    opened_at timestamptz NOT NULL
);

CREATE TABLE memberships (
    account text COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    community text COLLATE "C" NOT NULL,
    role text NOT NULL CHECK (role IN ('coordinator', 'helper', 'observer')),
    since timestamptz NOT NULL,
    PRIMARY KEY (account, community)
);
CREATE INDEX memberships_of_community ON memberships (community);

-- A session ends with its membership. Only the digest of what the phone holds is kept.
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    digest bytea NOT NULL UNIQUE,
    account text COLLATE "C" NOT NULL,
    community text COLLATE "C" NOT NULL,
    forms bytea NOT NULL,
    device text NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    FOREIGN KEY (account, community) REFERENCES memberships (account, community) ON DELETE CASCADE
);
CREATE INDEX sessions_of_account ON sessions (account);
CREATE INDEX sessions_by_end ON sessions (ends_at);

-- Tries to sign in that have not succeeded, by the digest of a name or of an address.
CREATE TABLE tries (
    about bytea NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX tries_about ON tries (about, at);

ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON memberships USING (node.may_see(community));
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON sessions USING (node.may_see(community));
