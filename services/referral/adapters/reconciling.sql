-- name: records_open
-- Receivers' records that have not ended, behind an id.
SELECT body FROM records
WHERE side = 'receiver' AND state <> ALL ($3::text[]) AND ($1::uuid IS NULL OR referral_id > $1)
ORDER BY referral_id LIMIT $2

-- name: records_named
-- Receivers' records by their ids, in any state.
SELECT body FROM records WHERE side = 'receiver' AND referral_id = ANY ($1::uuid[]) ORDER BY referral_id
