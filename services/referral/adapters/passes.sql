-- name: pass_of
-- The pass of one handoff.
SELECT referral_id, short_code, pass_token, opens, closes, issued_at, used_at FROM passes
WHERE referral_id = $1 AND community = $2

-- name: pass_of_code
-- The pass that has a code: the one of an open handoff, else the last that had it, if it is not long over.
SELECT referral_id, short_code, pass_token, opens, closes, issued_at, used_at FROM passes
WHERE community = $1 AND short_code = $2 AND (released_at IS NULL OR released_at > $3)
ORDER BY released_at DESC NULLS FIRST LIMIT 1

-- name: issue_pass
-- Keep a new pass, unless its code is taken among the community's open handoffs, or the handoff has one.
INSERT INTO passes (referral_id, community, short_code, pass_token, opens, closes, issued_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING

-- name: use_pass
-- It was shown and is good; the first time counts.
UPDATE passes SET used_at = coalesce(used_at, $3) WHERE referral_id = $1 AND community = $2

-- name: release_code
-- The handoff is over: another may have its code.
UPDATE passes SET released_at = $3 WHERE referral_id = $1 AND community = $2 AND released_at IS NULL

-- name: wrong_codes
-- When wrong codes were last tried; until the commit nobody else tries one at this community.
INSERT INTO wrong_codes AS w (community) VALUES ($1)
ON CONFLICT (community) DO UPDATE SET tried = w.tried RETURNING tried

-- name: keep_wrong_codes
-- When wrong codes were last tried.
UPDATE wrong_codes SET tried = $2 WHERE community = $1
