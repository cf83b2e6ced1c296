-- name: machine_now
-- The machine's time, which the node's clock does not move.
SELECT clock_timestamp()

-- name: has_agency
-- Whether there is such an agency; keys are given to it one after the other.
SELECT true FROM agencies WHERE agency = $1 FOR UPDATE

-- name: add_key
-- A key, unless its prefix is taken.
INSERT INTO keys (prefix, agency, digest, scopes, made_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING

-- name: live_keys
-- How many of an agency's keys open.
SELECT count(*) FROM keys WHERE agency = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)

-- name: revoke_key
-- A key that opens nothing from now on; when it was revoked before, that time stays.
UPDATE keys SET revoked_at = coalesce(revoked_at, $2) WHERE prefix = $1
RETURNING prefix, agency, scopes, made_at, expires_at, revoked_at, last_used

-- name: keys
-- An agency's keys, or those of all, newest first.
SELECT prefix, agency, scopes, made_at, expires_at, revoked_at, last_used
FROM keys WHERE $1::text IS NULL OR agency = $1 ORDER BY made_at DESC, prefix

-- name: last_use
-- When any key of an agency was last used, if an agreement is in force between it and a community.
SELECT a.agency, max(k.last_used) AS last_used FROM agreements a LEFT JOIN keys k USING (agency)
WHERE a.agency = $1 AND a.community = $2 AND a.terms IS NOT NULL GROUP BY a.agency

-- name: key
-- One key with its digest.
SELECT prefix, agency, digest, scopes, expires_at, revoked_at, last_used FROM keys WHERE prefix = $1

-- name: note_use
-- When a key was last used.
UPDATE keys SET last_used = $2 WHERE prefix = $1
