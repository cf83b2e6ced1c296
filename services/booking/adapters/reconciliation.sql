-- name: holds_running
-- Holds of handoffs that run or are booked, behind an id.
SELECT hold_id::text, nullif(community, '') AS community, referral_id::text, state FROM holds
WHERE state IN ('ON_HOLD', 'PENDING', 'CONFIRMED') AND referral_id IS NOT NULL AND ($1::uuid IS NULL OR hold_id > $1)
ORDER BY hold_id LIMIT $2

-- name: holds_named
-- Holds by their ids, in any state.
SELECT hold_id::text, nullif(community, '') AS community, referral_id::text, state FROM holds
WHERE hold_id = ANY ($1::uuid[]) ORDER BY hold_id
