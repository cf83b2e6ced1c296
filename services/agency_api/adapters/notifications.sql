-- name: add_subscription
-- A subscription; nothing when the agency has as many as it may.
INSERT INTO subscriptions (id, agency, community, url, receiver, types, sealed, made_at, active)
SELECT $1::text::uuid, $2, $3, $4, $5, $6, $7, $8, $9
WHERE (SELECT count(*) FROM subscriptions s WHERE s.agency = $2) < $10

-- name: subscriptions
-- Those of an agency, of all base URLs or of one community's, oldest first; of all of these, or one.
SELECT id::text AS id, agency, community, url, receiver, types, sealed, made_at, active, disabled_at, problem
FROM subscriptions WHERE agency = $1 AND ($2::text IS NULL OR community = $2) AND ($3::text IS NULL OR id = $3::text::uuid)
ORDER BY made_at, id

-- name: change_subscription
-- Other than before. One that is active again has failed at nothing yet.
UPDATE subscriptions SET url = $2, receiver = $3, types = $4, sealed = $5, active = $6,
    disabled_at = CASE WHEN $6 THEN NULL ELSE disabled_at END, problem = CASE WHEN $6 THEN '' ELSE problem END,
    failing_since = CASE WHEN $6 THEN NULL ELSE failing_since END
WHERE id = $1::text::uuid

-- name: drop_subscription
-- Nobody wants it any more; its log goes with it.
DELETE FROM subscriptions WHERE id = $1::text::uuid

-- name: wrapped_subscriptions
-- What an older key of the node has wrapped, locked.
SELECT id::text AS id, sealed FROM subscriptions WHERE split_part(sealed, '.', 1) <> $1 ORDER BY id LIMIT $2 FOR UPDATE

-- name: rewrap_subscription
-- The same in a new wrapping.
UPDATE subscriptions SET sealed = $2 WHERE id = $1::text::uuid

-- name: booking_listeners
-- Who is told of a hold: its agency's subscriptions, with the uuid under which the agency knows the booking. A change that
-- is under way has a hold already.
SELECT DISTINCT s.id::text AS subscription, b.uuid::text AS uuid FROM bookings b JOIN subscriptions s USING (agency)
WHERE b.agency = $2 AND (b.hold_id = $1::text::uuid OR (b.change IS NOT NULL AND b.change ->> 'hold_id' = $1::text))
    AND s.active AND 'BOOKING_UPDATE' = ANY (s.types) AND (s.community IS NULL OR s.community = b.community)

-- name: community_listeners
-- Who is told of a community: subscriptions of agencies whose agreement with it is in force on the community's day.
SELECT s.id::text AS subscription FROM subscriptions s
JOIN agreements a ON a.agency = s.agency AND a.community = $1
JOIN hosts h ON h.community = a.community
WHERE s.active AND $2 = ANY (s.types) AND (s.community IS NULL OR s.community = $1) AND a.terms IS NOT NULL
    AND ($3::timestamptz AT TIME ZONE (h.offering #>> '{community,zone}'))::date
        BETWEEN (a.terms ->> 'valid_from')::date AND coalesce((a.terms ->> 'valid_to')::date, 'infinity')

-- name: stated_offering
-- What a community offers; without the offering where its version is known.
SELECT community, version, CASE WHEN version = $2 THEN NULL ELSE offering END AS offering FROM hosts WHERE community = $1

-- name: notify
-- Write notifications down, each for every one of some subscriptions; added to the one that waits, if it was not tried.
INSERT INTO notifications AS n
    (id, subscription, type, community, subject, month, first_day, last_day, made_at, due_at, until)
SELECT gen_random_uuid(), s::uuid, $2, $3, subject, month, first_day, last_day, $8::timestamptz, $8::timestamptz + $9::interval,
    $8::timestamptz + $10::interval
FROM unnest($1::text[]) AS s
CROSS JOIN unnest($4::text[], $5::text[], $6::date[], $7::date[]) AS new (subject, month, first_day, last_day)
ORDER BY s, subject, month
ON CONFLICT (subscription, type, subject, month) WHERE standing = 'waits' AND tries = 0
DO UPDATE SET first_day = least(n.first_day, excluded.first_day), last_day = greatest(n.last_day, excluded.last_day)

-- name: claim_notifications
-- Take what is due: of each receiver, and of each agency, only so many at once, with those that are being sent here
-- already; and of receivers that have failed the last time, however many agencies they are of. What another process has
-- claimed is left to it until its claim ends. An agreement may have ended meanwhile.
WITH due AS (
    SELECT n.id, n.due_at, s.agency, s.failing_since IS NOT NULL AS failing,
        cardinality(array_positions($4::text[], s.receiver))
        + row_number() OVER (PARTITION BY s.receiver ORDER BY n.due_at, n.id) AS place
    FROM notifications n JOIN subscriptions s ON s.id = n.subscription
    WHERE n.standing = 'waits' AND n.due_at <= $1 AND (n.claimed_until IS NULL OR n.claimed_until <= $1)
        AND s.active
        AND (n.type = 'BOOKING_UPDATE' OR EXISTS (SELECT FROM agreements a
            WHERE a.agency = s.agency AND a.community = n.community AND a.terms IS NOT NULL))
), fair AS (
    SELECT id, due_at, failing, cardinality(array_positions($6::text[], agency))
        + row_number() OVER (PARTITION BY agency ORDER BY due_at, id) AS place
    FROM due WHERE place <= $5
), sound AS (
    SELECT id, CASE WHEN failing THEN $7
        + row_number() OVER (PARTITION BY failing ORDER BY due_at, id) ELSE 0 END AS place
    FROM fair WHERE place <= $5
), locked AS (
    SELECT n.id FROM notifications n JOIN sound USING (id)
    WHERE place <= $8 AND n.standing = 'waits' AND (n.claimed_until IS NULL OR n.claimed_until <= $1)
    ORDER BY n.due_at, n.id LIMIT $3 FOR UPDATE OF n SKIP LOCKED
)
UPDATE notifications n SET claimed_until = $2, tries = tries + 1, tried_at = $1
FROM locked, subscriptions s WHERE n.id = locked.id AND s.id = n.subscription
RETURNING n.id::text AS id, n.type, n.subject, n.first_day, n.last_day, n.made_at, n.due_at, n.until, n.tries,
    n.standing, n.problem, n.tried_at, s.id::text AS subscription, s.agency, s.community, s.url, s.receiver, s.types,
    s.sealed, s.made_at AS subscribed_at, s.failing_since IS NOT NULL AS is_failing

-- name: mark_notification
-- What came of a try, if the claim is still ours.
UPDATE notifications SET standing = $3, due_at = $4, problem = $5, claimed_until = NULL
WHERE id = $1::text::uuid AND tries = $2 AND standing = 'waits'

-- name: note_failing
-- Since when nothing arrives at a receiver.
UPDATE subscriptions SET failing_since = coalesce(failing_since, $2) WHERE id = $1::text::uuid RETURNING failing_since

-- name: note_arriving
-- Something has arrived.
UPDATE subscriptions SET failing_since = NULL WHERE id = $1::text::uuid AND failing_since IS NOT NULL

-- name: end_subscription
-- It is sent nothing more, and what waits is not.
WITH ended AS (UPDATE subscriptions SET active = false, disabled_at = $2, problem = $3 WHERE id = $1::text::uuid
    AND active RETURNING id)
UPDATE notifications n SET standing = 'failed', problem = 'disabled', claimed_until = NULL
FROM ended WHERE n.subscription = ended.id AND n.standing = 'waits'

-- name: deliveries
-- What a subscription was told, or will be, newest first; of all of these, or one.
SELECT id::text AS id, type, subject, first_day, last_day, made_at, due_at, until, tries, standing, problem, tried_at
FROM notifications WHERE subscription = $1::text::uuid AND ($2::text IS NULL OR id = $2::text::uuid)
ORDER BY made_at DESC, id LIMIT $3

-- name: tell_again
-- Once more, under the same id; one that waits is told now, unless it is being told just now.
UPDATE notifications SET standing = 'waits', due_at = $2, until = $2::timestamptz + $3::interval, tries = greatest(tries, 1)
WHERE id = $1::text::uuid

-- name: forget_notifications
-- What is long ago, and what waited for nobody until its time was over.
WITH over AS (UPDATE notifications SET standing = 'failed', problem = 'over' WHERE standing = 'waits' AND until < $2)
DELETE FROM notifications WHERE made_at < $1 AND standing <> 'waits'
