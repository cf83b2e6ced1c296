-- name: lock_community
-- Its row stays locked until the commit. A statement of its own: whoever has waited here reads what was committed since.
SELECT true FROM communities WHERE id = $1 FOR UPDATE

-- name: offering
-- A community's profile and experiences.
SELECT c.profile,
    (SELECT coalesce(jsonb_agg(e.body ORDER BY e.place), '[]') FROM experiences e WHERE e.community = c.id) AS experiences
FROM communities c WHERE c.id = $1

-- name: offerings_after
-- The next page of whole offerings, in order of id.
SELECT c.profile,
    (SELECT coalesce(jsonb_agg(e.body ORDER BY e.place), '[]') FROM experiences e WHERE e.community = c.id) AS experiences
FROM communities c WHERE c.id > $1
ORDER BY c.id LIMIT $2

-- name: save_community
-- Put this profile in the place of what was published before.
INSERT INTO communities (id, search, profile, published_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE
SET search = excluded.search, profile = excluded.profile, published_at = excluded.published_at

-- name: drop_experiences
-- Take back everything a community offered, before its new list is written.
DELETE FROM experiences WHERE community = $1

-- name: save_experiences
-- Write a community's whole list, in the order in which it was published.
INSERT INTO experiences (id, community, place, kind, search, body)
SELECT id, $1, place, kind, search, body
FROM unnest($2::text[], $3::text[], $4::text[], $5::jsonb[]) WITH ORDINALITY AS e (id, kind, search, body, place)

-- name: find_communities
-- Profiles whose search text contains the key, of these ids when given; the empty key finds all.
SELECT profile FROM communities
WHERE (strpos(search, $1) > 0 OR $1 = '') AND ($3::text[] IS NULL OR id = ANY ($3)) ORDER BY id LIMIT $2

-- name: find_experiences
-- Experiences whose own or whose community's search text contains the key, of these communities and this kind when given,
-- behind that one.
SELECT e.body FROM experiences e JOIN communities c ON c.id = e.community
WHERE (strpos(e.search, $1) > 0 OR strpos(c.search, $1) > 0 OR $1 = '')
    AND ($2::text[] IS NULL OR e.community = ANY ($2)) AND ($3::text IS NULL OR e.kind = $3)
    AND ($5::text IS NULL OR (e.community, e.place) >
        (split_part($5, '.', 1), coalesce((SELECT place FROM experiences WHERE id = $5), -1)))
ORDER BY e.community, e.place LIMIT $4

-- name: agreed_partners
-- With whom these communities have an agreed partnership that nobody has suspended.
SELECT community, array_agg(partner ORDER BY partner) AS partners FROM partnerships
WHERE community = ANY ($1::text[]) AND state = 'agreed'
GROUP BY community

-- name: partnership
-- One community's own record of a partnership; whoever changes it holds the lock on the community's row.
SELECT * FROM partnerships WHERE community = $1 AND partner = $2

-- name: partnerships
-- All records of one community.
SELECT * FROM partnerships WHERE community = $1 ORDER BY partner

-- name: partnerships_after
-- The next page of all records.
SELECT * FROM partnerships WHERE (community, partner) > ($1, $2) ORDER BY community, partner LIMIT $3

-- name: strangers_waiting
-- How many others wait for a community's word, whom it has never agreed with.
SELECT count(*) FROM partnerships p
WHERE p.community = $1 AND p.partner <> $2 AND p.state = 'proposed'
    AND p.ours ->> 'word' = 'none' AND p.theirs ->> 'word' = 'proposed' AND NOT EXISTS (
        SELECT FROM node.partner_keys k WHERE k.community = $1 AND k.partner = p.partner AND k.pinned)

-- name: save_partnership
-- Write a record, new or changed; its id never changes.
INSERT INTO partnerships (community, partner, id, state, ours, theirs, behind, terms, since, partner_key)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (community, partner) DO UPDATE
SET state = excluded.state, ours = excluded.ours, theirs = excluded.theirs, behind = excluded.behind,
    terms = excluded.terms, since = excluded.since, partner_key = excluded.partner_key

-- name: own_keys
-- Every key that has ever signed for a community, oldest first.
SELECT community, keyid, public_key, used_from, used_until FROM node.signing_keys
WHERE community = $1 ORDER BY used_from, keyid

-- name: add_key
-- A key of a community of this node; its private part is wrapped.
INSERT INTO node.signing_keys (community, keyid, public_key, wrapped, used_from) VALUES ($1, $2, $3, $4, $5)

-- name: end_key
-- A key counts until then, if not less long.
UPDATE node.signing_keys SET used_until = least(used_until, $3) WHERE community = $1 AND keyid = $2

-- name: partner_keys
-- The keys by which a community knows its partners.
SELECT partner AS community, keyid, public_key, used_from, used_until, pinned, root, successor
FROM node.partner_keys WHERE community = $1 ORDER BY partner, used_from, keyid

-- name: heard_of_key
-- A proposal came with this key.
INSERT INTO node.partner_keys (community, partner, keyid, public_key, pinned, root, used_from)
VALUES ($1, $2, $3, $4, false, $5, $6) ON CONFLICT DO NOTHING

-- name: pin_key
-- From now on the partner is known by the keys of this root, and no longer by any that somebody else came with.
WITH others AS (
    DELETE FROM node.partner_keys WHERE community = $1 AND partner = $2 AND root <> $3
)
UPDATE node.partner_keys SET pinned = true WHERE community = $1 AND partner = $2 AND root = $3

-- name: replace_partner_key
-- The partner signs with another key from then on; it is known by it because the one before says so.
WITH replaced AS (
    UPDATE node.partner_keys SET successor = $4 WHERE community = $1 AND partner = $2 AND keyid = $3
    RETURNING community, partner, pinned, root
)
INSERT INTO node.partner_keys (community, partner, keyid, public_key, pinned, root, used_from)
SELECT community, partner, $4, $5, pinned, root, $6 FROM replaced

-- name: forget_keys
-- Of a partner's keys that are not pinned, these and the newest others stay, eight in all; those of the proposal first.
DELETE FROM node.partner_keys WHERE community = $1 AND partner = $2 AND NOT pinned AND keyid IN (
    SELECT k.keyid FROM node.partner_keys k LEFT JOIN partnerships p USING (community, partner)
    WHERE k.community = $1 AND k.partner = $2 AND NOT k.pinned AND k.keyid <> ALL ($3::text[])
    ORDER BY k.root IS NOT DISTINCT FROM p.partner_key DESC, k.used_from DESC OFFSET 8 - cardinality($3::text[]))

-- name: end_partner_key
-- A partner's key counts until then, if not less long.
UPDATE node.partner_keys SET used_until = least(used_until, $4) WHERE community = $1 AND partner = $2 AND keyid = $3

-- name: end_other_keys
-- Of the keys of one root only this one counts on.
UPDATE node.partner_keys SET used_until = least(used_until, $5)
WHERE community = $1 AND partner = $2 AND root = $3 AND keyid <> $4

-- name: wrapped_keys
-- Signing keys that an older key of the node has wrapped, locked, with what they are wrapped as.
SELECT 'signing key v1|' || community || '|' || keyid AS about, wrapped FROM node.signing_keys
WHERE split_part(wrapped, '.', 1) <> $1 ORDER BY 1 LIMIT $2 FOR UPDATE

-- name: rewrap_key
-- The same key in a new wrapping.
UPDATE node.signing_keys SET wrapped = $2 WHERE 'signing key v1|' || community || '|' || keyid = $1
