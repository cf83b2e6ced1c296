-- name: keep_agency
-- An agency and the name under which it trades.
INSERT INTO agencies (agency, name) VALUES ($1, $2) ON CONFLICT (agency) DO UPDATE SET name = excluded.name

-- name: keep_agreement
-- The terms in force between an agency and a community; NULL when there are none. Tells those from before.
WITH before AS (SELECT terms FROM agreements WHERE agency = $1 AND community = $2)
INSERT INTO agreements (agency, community, terms) VALUES ($1, $2, $3)
ON CONFLICT (agency, community) DO UPDATE SET terms = excluded.terms RETURNING (SELECT terms FROM before) AS terms

-- name: keep_offering
-- What a community offers.
INSERT INTO hosts (community, version, offering) VALUES ($1, $2, $3)
ON CONFLICT (community) DO UPDATE SET version = excluded.version, offering = excluded.offering

-- name: keep_levels
-- Pools as booking states them; of two the higher version counts, in whatever order they come.
INSERT INTO pools AS p (community, pool, day, capacity, taken, version, shares)
SELECT $1, * FROM unnest($2::text[], $3::date[], $4::int[], $5::int[], $6::bigint[], $7::jsonb[]) ORDER BY 2, 1
ON CONFLICT (community, day, pool) DO UPDATE
SET capacity = excluded.capacity, taken = excluded.taken, version = excluded.version, shares = excluded.shares
WHERE p.version < excluded.version

-- name: keep_rules
-- Dated exceptions; what a number says never changes.
INSERT INTO rules (community, number, day, until, line)
SELECT $1, (line ->> 'number')::bigint, (line ->> 'day')::date, (line ->> 'until')::date, line
FROM unnest($2::jsonb[]) AS line
ON CONFLICT DO NOTHING

-- name: forget_days
-- Delete what is about days long gone.
WITH old_pools AS (DELETE FROM pools WHERE day < $1 RETURNING 1),
    old_rules AS (DELETE FROM rules WHERE until < $1 RETURNING 1)
SELECT (SELECT count(*) FROM old_pools) + (SELECT count(*) FROM old_rules)

-- name: supply
-- What an agency may sell: each community with its terms; the offering only of those whose version is not known.
SELECT a.community, a.terms, h.version,
    CASE WHEN (a.community, h.version) IN (SELECT * FROM unnest($3::text[], $4::text[])) THEN NULL
        ELSE h.offering END AS offering
FROM agreements a JOIN hosts h USING (community)
WHERE a.agency = $1 AND a.terms IS NOT NULL AND ($2::text IS NULL OR a.community = $2)
ORDER BY a.community

-- name: hosts_of
-- Every community of this node, with the terms in force with an agency; the offering as above.
SELECT h.community, a.terms, h.version,
    CASE WHEN (h.community, h.version) IN (SELECT * FROM unnest($2::text[], $3::text[])) THEN NULL
        ELSE h.offering END AS offering
FROM hosts h LEFT JOIN agreements a ON a.community = h.community AND a.agency = $1
ORDER BY h.community

-- name: supplies_on
-- What an agency may sell of some communities, with the touched pools and the rules of some days, and the agreements of
-- all that keep places there: all in one statement.
SELECT a.community, a.terms, h.version,
    CASE WHEN (a.community, h.version) IN (SELECT * FROM unnest($3::text[], $4::text[])) THEN NULL
        ELSE h.offering END AS offering,
    (SELECT jsonb_agg(jsonb_build_array(pool, day, capacity, taken, shares)) FROM pools p
        WHERE p.community = a.community AND p.day BETWEEN $5 AND $6) AS pools,
    (SELECT jsonb_agg(line ORDER BY number) FROM rules r
        WHERE r.community = a.community AND r.until >= $5 AND r.day <= $6) AS rules,
    (SELECT jsonb_agg(jsonb_build_array(k.agency, k.terms)) FROM agreements k
        WHERE k.community = a.community AND k.terms -> 'allotments' -> 0 IS NOT NULL) AS keeping
FROM agreements a JOIN hosts h USING (community)
WHERE a.agency = $1 AND a.terms IS NOT NULL AND a.community = ANY ($2::text[])
ORDER BY a.community

-- name: states
-- How often what is shown of some communities has changed, and the node's time.
SELECT community, coalesce(number, 0) AS number, clock_timestamp() + node.clock_offset() AS now
FROM unnest($1::text[]) AS community LEFT JOIN states USING (community)

-- name: standing_offer
-- The same of one community, with its touched pools and its rules of some days; also where no terms are in force, for
-- what was booked before. All of it, and the number by which it is known, is of one moment.
SELECT h.community, a.terms, coalesce((SELECT number FROM states s WHERE s.community = h.community), 0) AS number,
    clock_timestamp() + node.clock_offset() AS now, h.version,
    CASE WHEN h.version = $3 THEN NULL ELSE h.offering END AS offering,
    (SELECT jsonb_agg(jsonb_build_array(pool, day, capacity, taken, shares)) FROM pools p
        WHERE p.community = h.community AND p.day BETWEEN $4 AND $5) AS pools,
    (SELECT jsonb_agg(line ORDER BY number) FROM rules r
        WHERE r.community = h.community AND r.until >= $4 AND r.day <= $5) AS rules,
    (SELECT jsonb_agg(jsonb_build_array(k.agency, k.terms)) FROM agreements k
        WHERE k.community = h.community AND k.terms -> 'allotments' -> 0 IS NOT NULL) AS keeping
FROM hosts h LEFT JOIN agreements a ON a.community = h.community AND a.agency = $1
WHERE h.community = $2
