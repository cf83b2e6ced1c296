-- What this node's communities offer, and with whom they are partners. Bodies are the contracts' JSON.

-- `search` holds the search keys of all names, aliases and the id, one per line, so that no match spans two of them.
CREATE TABLE communities (
    id text COLLATE "C" PRIMARY KEY,
    search text NOT NULL,
    profile jsonb NOT NULL,
    published_at timestamptz NOT NULL
);

CREATE TABLE experiences (
    id text COLLATE "C" PRIMARY KEY,
    community text COLLATE "C" NOT NULL REFERENCES communities (id) ON DELETE CASCADE,
    place integer NOT NULL,
    kind text NOT NULL,
    search text NOT NULL,
    body jsonb NOT NULL,
    UNIQUE (community, place)
);

-- Each community's own record of each partnership. `state` is derived from the two stances by the rules and kept for
-- searching; `behind` counts our endings that the partner has not answered yet.
CREATE TABLE partnerships (
    community text COLLATE "C" NOT NULL REFERENCES communities (id),
    partner text COLLATE "C" NOT NULL,
    id uuid NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN ('proposed', 'agreed', 'suspended', 'ended')),
    ours jsonb NOT NULL,
    theirs jsonb NOT NULL,
    behind integer NOT NULL CHECK (behind >= 0),
    terms jsonb NOT NULL,
    since timestamptz NOT NULL,
    partner_key text,
    PRIMARY KEY (community, partner),
    CONSTRAINT partner_is_another CHECK (community <> partner)
);

ALTER TABLE partnerships ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON partnerships USING (node.may_see(community));
