-- name: keep_voucher
-- By what the guests of an agency's booking are received; a pass that was issued stays.
INSERT INTO vouchers AS v (hold_id, community, reference, pass_token, issued_at)
VALUES ($1, $2, $3, $4, CASE WHEN $4::text IS NOT NULL THEN $5::timestamptz END)
ON CONFLICT (hold_id) DO UPDATE SET pass_token = coalesce(v.pass_token, excluded.pass_token),
    issued_at = coalesce(v.issued_at, excluded.issued_at)

-- name: use_voucher
-- It was shown and is good; the first time counts.
INSERT INTO vouchers AS v (hold_id, community, reference, used_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (hold_id) DO UPDATE SET used_at = coalesce(v.used_at, excluded.used_at)

-- name: voucher
-- By what the guests of a booking are received.
SELECT reference, pass_token, used_at FROM vouchers WHERE hold_id = $1

-- name: holds_called
-- Bookings that go by a reference, newest first: those that stand, before those that are not over for long. What was
-- replaced goes by it no more: what has taken its place does.
SELECT h.hold_id::text, h.community, h.state, h.party, h.items, h.agency, h.confirmed_at, h.redeemed_at
FROM vouchers v JOIN holds h USING (hold_id)
WHERE v.community = $1 AND v.reference = $2 AND h.confirmed_at IS NOT NULL
AND (h.state = 'CONFIRMED' OR h.changed_at > $3) AND (h.state <> 'CANCELLED' OR h.cancelled_at IS NOT NULL)
ORDER BY (h.state = 'CONFIRMED') DESC, h.changed_at DESC, h.hold_id LIMIT 10

-- name: wrong_codes
-- When wrong references were last tried; until the commit nobody else tries one at this community.
INSERT INTO wrong_codes AS w (community) VALUES ($1)
ON CONFLICT (community) DO UPDATE SET tried = w.tried RETURNING tried

-- name: keep_wrong_codes
-- When wrong references were last tried.
UPDATE wrong_codes SET tried = $2 WHERE community = $1
