-- name: keep_standing
-- How a hold stands; of two the later counts, and a price and a pass that are known stay.
INSERT INTO standings AS s
    (hold_id, agency, community, state, expires_at, placed_at, changed_at, confirmed_at, redeemed_at, cancelled, quote,
    pass_token)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (hold_id) DO UPDATE SET
    state = CASE WHEN s.changed_at > excluded.changed_at THEN s.state ELSE excluded.state END,
    expires_at = CASE WHEN s.changed_at > excluded.changed_at THEN s.expires_at ELSE excluded.expires_at END,
    confirmed_at = CASE WHEN s.changed_at > excluded.changed_at THEN s.confirmed_at ELSE excluded.confirmed_at END,
    redeemed_at = CASE WHEN s.changed_at > excluded.changed_at THEN s.redeemed_at ELSE excluded.redeemed_at END,
    cancelled = CASE WHEN s.changed_at > excluded.changed_at THEN s.cancelled ELSE excluded.cancelled END,
    changed_at = greatest(s.changed_at, excluded.changed_at),
    quote = coalesce(excluded.quote, s.quote),
    pass_token = coalesce(excluded.pass_token, s.pass_token)

-- name: ask
-- Write down what an agency asks for, unless it has asked for something under this uuid.
INSERT INTO bookings (agency, uuid, digest, hold_id, community, product, option, day, start, units, expires_at,
    test, percent, reseller_reference, supplier_reference, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT DO NOTHING

-- name: one_trial_at_a_time
-- Those of one agency are counted one after the other.
SELECT pg_advisory_xact_lock(hashtextextended('trials ' || $1, 0))

-- name: tried_out
-- How many holds an agency tries out: at a community, and at all. None is held for longer than from $3 on.
SELECT count(*) FILTER (WHERE b.community = $2) AS there, count(*) AS everywhere
FROM bookings b JOIN standings s USING (hold_id)
WHERE b.agency = $1 AND b.test AND b.asked_at > $3 AND s.state = 'ON_HOLD' AND s.expires_at > $4

-- name: forget_bookings
-- Delete a page of what is over: tried out, held and never booked, asked for and never answered, or long ago; and how
-- holds stand that no booking has any more. A request without an answer is found in the month after its time.
WITH over AS (
    (SELECT agency, uuid FROM bookings WHERE test AND asked_at < $1 LIMIT $4)
    UNION
    (SELECT b.agency, b.uuid FROM standings s JOIN bookings b USING (hold_id)
        WHERE s.confirmed_at IS NULL AND s.placed_at < $2 AND s.state NOT IN ('CONFIRMED', 'REDEEMED')
            AND (s.expires_at IS NULL OR s.expires_at < $2 OR s.state NOT IN ('ON_HOLD', 'PENDING')) LIMIT $4)
    UNION
    (SELECT agency, uuid FROM bookings b WHERE asked_at BETWEEN $5 AND $2 AND change IS NULL
        AND NOT EXISTS (SELECT FROM standings s WHERE s.hold_id = b.hold_id) LIMIT $4)
    UNION
    (SELECT agency, uuid FROM bookings WHERE asked_at < $3 LIMIT $4)
), gone AS (
    DELETE FROM bookings b USING over o WHERE b.agency = o.agency AND b.uuid = o.uuid RETURNING b.hold_id
), left_over AS (
    SELECT hold_id FROM standings s WHERE s.confirmed_at IS NULL AND s.placed_at < $2
        AND NOT EXISTS (SELECT FROM bookings b WHERE b.hold_id = s.hold_id) LIMIT $4
), forgotten AS (
    DELETE FROM standings s WHERE s.hold_id IN (SELECT hold_id FROM gone UNION SELECT hold_id FROM left_over)
    RETURNING 1
), aged AS (
    DELETE FROM standings s WHERE s.hold_id IN (SELECT hold_id FROM standings o WHERE o.placed_at < $3
        AND NOT EXISTS (SELECT FROM bookings b WHERE b.hold_id = o.hold_id) LIMIT $4) RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM forgotten) + (SELECT count(*) FROM aged)

-- name: forget_request
-- Booking has refused it, so its uuid is free again; one that stands meanwhile stays.
DELETE FROM bookings b WHERE agency = $1 AND uuid = $2 AND hold_id = $3
AND NOT EXISTS (SELECT FROM standings s WHERE s.hold_id = b.hold_id)

-- name: booking
-- What an agency asked for under a uuid, with how it stands.
SELECT b.*, to_jsonb(s) AS standing FROM bookings b LEFT JOIN standings s USING (hold_id)
WHERE b.agency = $1 AND b.uuid = $2

-- name: bookings
-- An agency's bookings, newest first, by what they are looked for by.
SELECT b.*, to_jsonb(s) AS standing FROM bookings b JOIN standings s USING (hold_id)
WHERE b.agency = $1 AND ($2::text IS NULL OR b.community = $2)
AND ($3::text IS NULL OR b.reseller_reference = $3)
AND ($4::text IS NULL OR b.supplier_reference = $4)
AND ($5::date IS NULL OR b.day >= $5) AND ($6::date IS NULL OR b.day <= $6)
AND ($7::text IS NULL OR b.product = $7) AND ($8::text IS NULL OR b.option = $8)
ORDER BY b.asked_at DESC, b.uuid LIMIT $9

-- name: intend
-- Write down a change before booking is asked for it; nothing when another is under way.
UPDATE bookings SET change = $4 WHERE agency = $1 AND uuid = $2 AND revision = $3 AND (change IS NULL OR change = $4)

-- name: leave_be
-- Booking has refused the change.
UPDATE bookings SET change = NULL WHERE agency = $1 AND uuid = $2 AND revision = $3

-- name: become
-- The change is done: the booking has another hold, start and guests from now on.
UPDATE bookings SET change = NULL, revision = revision + 1, hold_id = $4, product = $5, option = $6, day = $7,
    start = $8, units = $9, percent = $10
WHERE agency = $1 AND uuid = $2 AND revision = $3

-- name: adopt
-- A change of which the outcome was open is done: booking says that the new hold has taken the place of the old one.
UPDATE bookings SET change = NULL, revision = revision + 1, hold_id = $2, product = change ->> 'product',
    option = change ->> 'option', day = (change ->> 'day')::date, start = (change ->> 'start')::time,
    units = change -> 'units', percent = change ->> 'percent'
WHERE hold_id = $1 AND change ->> 'hold_id' = ($2::uuid)::text

-- name: note
-- What changes without booking: the agency's own references.
UPDATE bookings SET reseller_reference = coalesce($3, reseller_reference), units = $4 WHERE agency = $1 AND uuid = $2

-- name: first_answer
-- Take a key that makes a request safe to repeat; one whose first answer never came is taken again after a while, by the
-- same request. That is known by any of its marks, one for each key of the node, of which the newest is written down.
INSERT INTO repeats AS r (agency, key, digest, at) VALUES ($1, $2, $3, $4)
ON CONFLICT (agency, key) DO UPDATE SET at = excluded.at
WHERE r.status IS NULL AND r.digest = ANY ($6::bytea[]) AND r.at <= $5
RETURNING true

-- name: answered_before
-- The request that has this key, and its answer if there is one.
SELECT digest, status, body FROM repeats WHERE agency = $1 AND key = $2

-- name: keep_answer
-- What the request with this key was answered with; the first answer stays, and another request is not answered by it.
UPDATE repeats SET status = $3, body = $4 WHERE agency = $1 AND key = $2 AND status IS NULL AND digest = ANY ($5::bytea[])

-- name: free_key
-- Nothing was done: the key is free for any request, if the try that took it then has it still.
DELETE FROM repeats WHERE agency = $1 AND key = $2 AND at = $3 AND status IS NULL

-- name: leave_key
-- It may have been done: the same request may take the key at once, and no other, if this try has it still.
UPDATE repeats SET at = $4 WHERE agency = $1 AND key = $2 AND at = $3 AND status IS NULL

-- name: forget_answers
-- Delete what may not be repeated any more.
DELETE FROM repeats WHERE at < $1
