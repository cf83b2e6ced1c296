-- name: keep_agreement
-- Where an agreement stands now.
INSERT INTO agreements (agency, community, state, terms, since) VALUES ($1, $2, $3, $4::jsonb, $5)
ON CONFLICT (agency, community) DO UPDATE SET state = $3, terms = $4::jsonb, since = $5

-- name: authorities
-- The agreements of an agency that are in force, with the zones in which their days are counted.
SELECT a.community, a.terms, h.offering -> 'community' ->> 'zone' AS zone
FROM agreements a JOIN hosts h ON h.community = a.community
WHERE a.agency = $1 AND a.state = 'agreed' AND ($2::text IS NULL OR a.community = $2)

-- name: authority_alone
-- One of them, held until the commit: an agency's offers for a community are judged and counted one after another.
SELECT a.community, a.terms, h.offering -> 'community' ->> 'zone' AS zone
FROM agreements a JOIN hosts h ON h.community = a.community
WHERE a.agency = $1 AND a.state = 'agreed' AND a.community = $2 FOR NO KEY UPDATE OF a

-- name: handed_over
-- What an agency has handed over under an id of its own.
SELECT body FROM records WHERE agency = $1 AND agency_ref = $2

-- name: open_handed_over
-- How many handoffs of an agency for the acting community have not ended.
SELECT count(*) FROM records WHERE agency = $1 AND community = $2 AND state <> ALL ($3::text[])

-- name: offered_since
-- When an agency offered the nth newest handoff for the acting community since then, in any state. No id that is older
-- than `$3` is looked at: the index finds the others.
SELECT s.at FROM records r JOIN story s ON (s.referral_id, s.community, s.n) = (r.referral_id, r.community, 1)
WHERE r.agency = $1 AND r.community = $2 AND r.referral_id >= $3 AND s.at > $4
ORDER BY r.referral_id DESC OFFSET $5 LIMIT 1

-- name: list_handed_over
-- An agency's handoffs, for one community or for all, newest first.
SELECT body FROM records
WHERE agency = $1 AND ($2::text IS NULL OR community = $2) AND ($3::uuid IS NULL OR referral_id < $3)
    AND (NOT $4 OR state <> ALL ($6::text[])) AND (NOT $9 OR arrival_day BETWEEN $7 AND $8)
ORDER BY referral_id DESC LIMIT $5
