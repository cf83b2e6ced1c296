-- name: offering
-- A community's profile and experiences; its row stays locked until the commit.
SELECT c.profile,
    (SELECT coalesce(jsonb_agg(e.body ORDER BY e.place), '[]') FROM experiences e WHERE e.community = c.id) AS experiences
FROM communities c WHERE c.id = $1
FOR UPDATE OF c

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
-- Profiles whose search text contains the key; the empty key finds all.
SELECT profile FROM communities WHERE strpos(search, $1) > 0 OR $1 = '' ORDER BY id LIMIT $2

-- name: find_experiences
-- Experiences whose own or whose community's search text contains the key, of one community and kind when given.
SELECT e.body FROM experiences e JOIN communities c ON c.id = e.community
WHERE (strpos(e.search, $1) > 0 OR strpos(c.search, $1) > 0 OR $1 = '')
    AND ($2::text IS NULL OR e.community = $2) AND ($3::text IS NULL OR e.kind = $3)
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

-- name: save_partnership
-- Write a record, new or changed; its id never changes.
INSERT INTO partnerships (community, partner, id, state, ours, theirs, behind, terms, since, partner_key, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (community, partner) DO UPDATE
SET state = excluded.state, ours = excluded.ours, theirs = excluded.theirs, behind = excluded.behind,
    terms = excluded.terms, since = excluded.since, partner_key = excluded.partner_key, reason = excluded.reason
