-- Offers that somebody has begun and not sent yet: taken up again on any phone of theirs. Nothing personal is in them.

-- `content` goes when it is offered; `offered_as` stays for a while, so that a form sent twice finds its handoff.
CREATE TABLE drafts (
    id uuid PRIMARY KEY,
    account text COLLATE "C" NOT NULL,
    community text COLLATE "C" NOT NULL,
    content jsonb,
    offered_as uuid,
    kept_at timestamptz NOT NULL,
    CHECK ((content IS NULL) <> (offered_as IS NULL)),
    FOREIGN KEY (account, community) REFERENCES memberships (account, community) ON DELETE CASCADE
);
CREATE INDEX drafts_of_account ON drafts (account, community);
CREATE INDEX drafts_by_age ON drafts (kept_at);

ALTER TABLE drafts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON drafts USING (node.may_see(community));
