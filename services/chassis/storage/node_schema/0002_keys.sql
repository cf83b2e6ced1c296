-- Who signs for the communities of this node, and by which keys their partners are known.

-- The private part is wrapped by a key of the node, which is not in the database.
CREATE TABLE signing_keys (
    community text COLLATE "C" NOT NULL,
    keyid text NOT NULL,
    public_key text NOT NULL,
    wrapped text NOT NULL,
    used_from timestamptz NOT NULL,
    used_until timestamptz,
    PRIMARY KEY (community, keyid)
);

-- `pinned` once a person's act has made it the partner's key; until then it judges the further words of a proposal.
-- `root` is the key that the first of a chain of replaced keys was: whoever had that one speaks. `successor` is the one
-- key that this one has named to come after it: keys form a chain, never a fork.
CREATE TABLE partner_keys (
    community text COLLATE "C" NOT NULL,
    partner text COLLATE "C" NOT NULL,
    keyid text NOT NULL,
    public_key text NOT NULL,
    pinned boolean NOT NULL,
    root text NOT NULL,
    used_from timestamptz NOT NULL,
    used_until timestamptz,
    successor text,
    PRIMARY KEY (community, partner, keyid)
);

-- The keys of a partner as a community knows them now, for whoever reads a message of it.
CREATE FUNCTION known_keys(reader text, source text) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(jsonb_build_object(
        'keyid', keyid, 'public_key', public_key, 'pinned', pinned, 'root', root,
        'over', coalesce(used_until <= clock_timestamp() + node.clock_offset(), false)))
    FROM node.partner_keys WHERE community = reader AND partner = source
$$;
