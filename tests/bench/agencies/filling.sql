-- name: copy
-- Rows of one table once more under other names; a version tells contents apart, so each has one of its own.
INSERT INTO a_table SELECT made.* FROM a_table AS t
CROSS JOIN unnest($3::text[], $4::text[]) AS new (agency, community)
CROSS JOIN LATERAL jsonb_populate_record(t,
    replace(replace(to_jsonb(t)::text, $1, new.agency), $2, new.community)::jsonb
    || CASE WHEN to_jsonb(t) ? 'version' THEN jsonb_build_object('version', md5(new.community)) ELSE '{}' END) AS made
WHERE its_own

-- name: pools
-- Places taken on some days, as booking would have told of them; what booking tells of later counts.
INSERT INTO agency_api.pools (community, pool, day, capacity, taken, version)
SELECT community, pool, day::date, 10000, 2 + abs(hashtext(community || pool || day)) % 4000, 0
FROM unnest($1::text[]) AS community
CROSS JOIN LATERAL unnest(ARRAY['visitors', 'guests', 'seats/' || community || '.walk-0/08:00']) AS pool
CROSS JOIN generate_series($2::date, $2::date + $3::integer, interval '1 day') AS day

-- name: agreements_known
-- Whether all services that act on them know the templates and their agreements.
SELECT cardinality($2::text[]) = ALL (ARRAY[
    (SELECT count(*) FROM booking.agreements a JOIN booking.hosts USING (community)
        WHERE a.agency = $1 AND a.state = 'agreed' AND community = ANY ($2)),
    (SELECT count(*) FROM agency_api.agreements a JOIN agency_api.hosts USING (community)
        JOIN agency_api.agencies USING (agency) WHERE agency = $1 AND a.terms IS NOT NULL AND community = ANY ($2)),
    (SELECT count(*) FROM referral.hosts WHERE community = ANY ($2))
])
