-- name: share_rules
-- Decide under the rules as they are: offer and exceptions of these communities do not change until the commit.
SELECT pg_advisory_xact_lock_shared(hashtextextended('booking rules ' || community, 0)) FROM unnest($1::text[]) AS community

-- name: share_rules_with
-- The same for a community and an agency; tells the terms that are agreed between them. With $3 one after the other, so
-- that `place` counts the agency's holds there as they stay.
SELECT pg_advisory_xact_lock_shared(hashtextextended('booking rules ' || $1::text, 0)),
    CASE WHEN $3::boolean THEN pg_advisory_xact_lock(hashtextextended('booking holds ' || $2::text || ' ' || $1::text, 0)) END,
    (SELECT terms FROM agreements WHERE community = $1 AND agency = $2 AND state = 'agreed') AS terms

-- name: keep_agreement
-- Where an agreement stands now.
INSERT INTO agreements (agency, community, state, terms, since) VALUES ($1, $2, $3, $4::jsonb, $5)
ON CONFLICT (agency, community) DO UPDATE SET state = excluded.state, terms = excluded.terms, since = excluded.since

-- name: change_rules
-- Change the rules of a community: waits until nobody decides by the old ones, and keeps others from deciding.
SELECT pg_advisory_xact_lock(hashtextextended('booking rules ' || $1::text, 0))

-- name: situations
-- Offer (unless its version is known), exceptions and touched pools of some communities over some days, and the
-- agreements that keep places there.
SELECT h.community, h.version, CASE WHEN h.version = ANY ($2::text[]) THEN NULL ELSE h.offering END AS offering,
    (SELECT jsonb_agg(jsonb_build_object('number', e.number, 'day', e.day, 'until', e.until, 'kind', e.kind,
            'experience_id', e.experience_id, 'start', e.start, 'pool', e.pool, 'capacity', e.capacity))
        FROM exceptions e WHERE e.community = h.community AND e.until >= $3 AND e.day <= $4) AS exceptions,
    (SELECT jsonb_agg(jsonb_build_array(p.pool, p.day, p.capacity, p.taken, p.shares))
        FROM pools p WHERE p.community = h.community AND p.day BETWEEN $3 AND $4) AS pools,
    (SELECT jsonb_agg(jsonb_build_array(a.agency, a.terms)) FROM agreements a
        WHERE a.community = h.community AND a.state = 'agreed'
            AND a.terms -> 'allotments' -> 0 IS NOT NULL) AS agreements
FROM hosts h WHERE h.community = ANY ($1::text[])

-- name: take
-- Take from every pool, in sorted order, what fits beside what is kept for others than the agency $6: `kept`, by
-- agency, less what each has of the pool. What is net less than before always fits. Tells what was granted, and how
-- those pools stand now. Whoever has taken places has left what is kept, so what was never touched needs only `free`.
WITH wanted AS (
    SELECT *, CASE WHEN kept IS NULL THEN capacity
        ELSE capacity - (SELECT sum(value::integer) FROM jsonb_each_text(kept)) END AS free
    FROM unnest($2::text[], $3::date[], $4::integer[], $5::integer[], $7::jsonb[]) AS w (pool, day, capacity, net, kept)
), granted AS (
    INSERT INTO pools AS p (community, pool, day, capacity, taken, shares)
    SELECT $1, pool, day, capacity, greatest(net, 0),
        CASE WHEN $6::text IS NULL OR net <= 0 THEN '{}' ELSE jsonb_build_object($6, net) END
    FROM wanted WHERE net <= greatest(free, 0) ORDER BY pool, day
    ON CONFLICT (community, pool, day) DO UPDATE SET
        taken = p.taken + (SELECT net FROM wanted w WHERE w.pool = p.pool AND w.day = p.day),
        oversold = least(p.oversold, greatest(0, p.taken - p.capacity
            + (SELECT net FROM wanted w WHERE w.pool = p.pool AND w.day = p.day))),
        version = p.version + 1,
        shares = CASE WHEN $6 IS NULL THEN p.shares
            ELSE jsonb_strip_nulls(p.shares || jsonb_build_object($6, nullif(coalesce((p.shares ->> $6)::integer, 0)
                + (SELECT net FROM wanted w WHERE w.pool = p.pool AND w.day = p.day), 0))) END
    WHERE (SELECT net <= 0 OR p.taken + net + CASE WHEN kept IS NULL THEN 0 ELSE (
            SELECT sum(greatest(0, value::integer - coalesce((p.shares ->> key)::integer, 0)))
            FROM jsonb_each_text(kept)
        ) END <= p.capacity
        FROM wanted w WHERE w.pool = p.pool AND w.day = p.day)
    RETURNING p.pool, p.day, p.capacity, p.taken, p.version, p.shares
)
SELECT pool, day, capacity, taken, version, shares FROM granted

-- name: untake
-- Undo `take` for the pools it granted: somebody else had the last place of another one. They are locked by us, so
-- nobody has seen them meanwhile: their version is what it was, and those that it touched first are untouched again.
WITH undone AS (
    SELECT * FROM unnest($2::text[], $3::date[], $4::integer[]) AS u (pool, day, net)
), gone AS (
    DELETE FROM pools p USING undone u WHERE p.community = $1 AND p.pool = u.pool AND p.day = u.day AND p.version = 1
)
UPDATE pools p SET taken = p.taken - u.net, oversold = greatest(0, p.taken - u.net - p.capacity),
    version = p.version - 1,
    shares = CASE WHEN $5::text IS NULL THEN p.shares
        ELSE jsonb_strip_nulls(p.shares
            || jsonb_build_object($5, nullif(coalesce((p.shares ->> $5)::integer, 0) - u.net, 0))) END
FROM undone u WHERE p.community = $1 AND p.pool = u.pool AND p.day = u.day AND p.version > 1

-- name: place
-- Write the hold and its takings, unless its id is known, its partner's unanswered holds would exceed their share, or
-- its agency has $22 holds at the community already that run or wait for its word; then tells why.
-- Runs after `take`, whose row locks make the sum of the partner's takings in these pools final.
WITH wanted AS (
    SELECT * FROM unnest($13::text[], $14::date[], $15::integer[], $16::integer[], $18::integer[])
        AS w (pool, day, places, allowed, credit)
), share AS (
    SELECT NOT EXISTS (
        SELECT FROM wanted w
        WHERE w.allowed IS NOT NULL AND w.places + (SELECT coalesce(sum(t.places), 0) FROM takings t
            WHERE t.community = $2 AND t.pool = w.pool AND t.day = w.day AND t.unanswered = $4
                AND t.hold_id IS DISTINCT FROM $12::uuid) > w.allowed
    ) AS kept,
    ($22::integer IS NULL OR EXISTS (SELECT FROM holds WHERE hold_id = $1) OR (SELECT count(*) FROM holds h
        WHERE h.community = $2 AND h.agency = $19 AND h.state = 'ON_HOLD' AND h.expires_at > $11)
        + (SELECT count(*) FROM holds h
        WHERE h.community = $2 AND h.agency = $19 AND h.state = 'PENDING' AND h.expires_at > $11) < $22) AS few
), placed AS (
    INSERT INTO holds (hold_id, community, referral_id, partner, state, party, items, quote, answered, expires_at,
        placed_at, changed_at, replaces, agency, confirmed_at, cancellation)
    SELECT $1, $2, $3, $4, $5, $6::jsonb, $7::jsonb, $8::jsonb, $9, $10, $23::timestamptz, $11, $17::uuid, $19, $20::timestamptz,
        $21::jsonb
    FROM share WHERE kept AND few
    ON CONFLICT (hold_id) DO NOTHING RETURNING hold_id, community
), taken AS (
    INSERT INTO takings (hold_id, community, pool, day, places, unanswered, credit)
    SELECT p.hold_id, p.community, w.pool, w.day, w.places, $4, w.credit FROM placed p, wanted w
), marked AS (
    INSERT INTO changes (community) SELECT community FROM placed
)
SELECT EXISTS (SELECT FROM placed) AS placed,
    CASE WHEN NOT kept THEN 'no_room' WHEN NOT few THEN 'too_many' ELSE 'known' END AS why
FROM share

-- name: add_tombstone
-- A release came before its hold: leave a tombstone. Tells whether it was the first to speak of this id.
INSERT INTO holds (hold_id, community, state, items, placed_at, changed_at)
VALUES ($1, '', 'CANCELLED', '[]', $2, $2) ON CONFLICT (hold_id) DO NOTHING RETURNING true

-- name: hold_state
-- What is known of a hold id, without waiting for anybody.
SELECT state, community FROM holds WHERE hold_id = $1

-- name: lock_hold
-- One hold, held by us until the commit: whoever comes first decides what becomes of it.
SELECT hold_id::text, community, referral_id::text, partner, state, party, items, quote, answered, expires_at,
    replaces::text, agency, placed_at, changed_at, confirmed_at, redeemed_at, cancelled_at, cancelled_by, refund_percent,
    cancellation
FROM holds WHERE hold_id = $1 FOR UPDATE

-- name: replacement
-- The live hold that is to take the place of another.
SELECT hold_id::text FROM holds WHERE replaces = $1 AND state IN ('ON_HOLD', 'PENDING', 'CONFIRMED', 'REDEEMED') LIMIT 1

-- name: is_replaced
-- Whether a booking stands in the place of another.
SELECT EXISTS (SELECT FROM holds WHERE replaces = $1 AND state IN ('CONFIRMED', 'REDEEMED'))

-- name: hold_takings
-- What a hold takes from each pool.
SELECT pool, day, places FROM takings WHERE hold_id = $1

-- name: change_hold
-- A hold that goes on: its new state, end and answer, and when it became so. An answered one counts against nobody's share any more.
WITH answered AS (
    UPDATE takings SET unanswered = NULL
    WHERE hold_id = $1 AND unanswered IS NOT NULL AND ($4 OR $2 <> 'ON_HOLD')
)
UPDATE holds SET state = $2, expires_at = $3, answered = $4, changed_at = $5, confirmed_at = $6, redeemed_at = $7,
    cancellation = $8::jsonb
WHERE hold_id = $1

-- name: due_holds
-- Holds whose time has run out, the oldest first; those that somebody is deciding about are left to him.
SELECT hold_id::text, community, referral_id::text, state, expires_at, agency, placed_at FROM holds
WHERE state IN ('ON_HOLD', 'PENDING') AND expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED

-- name: end_holds
-- These take nothing from now on: takings go, their places come back pool by pool in sorted order. What a hold that is to
-- take the place of one of them wants of its places goes over to that hold, unless that one has ended meanwhile.
-- Tells how the pools stand now. Nothing reads `ended`, so it is done last: who places a hold of one of these ids has
-- pools and waits for it, and would be waited for if it were done before the pools are locked.
WITH ended AS (
    UPDATE holds SET state = $2, changed_at = $3::timestamptz,
        cancelled_at = CASE WHEN $4::text IS NOT NULL THEN $3::timestamptz END, cancelled_by = $4, refund_percent = $5
    WHERE hold_id = ANY ($1::uuid[])
), gone AS (
    DELETE FROM takings WHERE hold_id = ANY ($1::uuid[]) RETURNING hold_id, community, pool, day, places
), changes_of AS MATERIALIZED (
    SELECT hold_id, replaces FROM holds WHERE replaces = ANY ($1::uuid[]) AND hold_id <> ALL ($1::uuid[])
), taken_over AS (
    SELECT t.hold_id, t.community, t.pool, t.day, least(t.credit, g.places) AS places
    FROM changes_of c JOIN gone g ON g.hold_id = c.replaces
    JOIN takings t ON t.hold_id = c.hold_id AND t.pool = g.pool AND t.day = g.day AND t.credit > 0
), passed AS (
    UPDATE takings t SET places = t.places + o.places, credit = 0 FROM taken_over o
    WHERE t.hold_id = o.hold_id AND t.pool = o.pool AND t.day = o.day
    RETURNING t.community, t.pool, t.day, o.places
), given AS (
    SELECT community, pool, day, agency, sum(places)::integer AS places FROM (
        SELECT g.community, g.pool, g.day, h.agency, g.places FROM gone g JOIN holds h USING (hold_id)
        UNION ALL SELECT community, pool, day, NULL, -places FROM passed) AS each_hold
    GROUP BY community, pool, day, agency
), back AS (
    SELECT community, pool, day, sum(places)::integer AS places,
        jsonb_object_agg(agency, places) FILTER (WHERE agency IS NOT NULL) AS shares
    FROM given GROUP BY community, pool, day
), locked AS (
    SELECT p.community, p.pool, p.day FROM pools p JOIN back USING (community, pool, day)
    ORDER BY p.community, p.pool, p.day FOR UPDATE OF p
), marked AS (
    INSERT INTO changes (community) SELECT DISTINCT community FROM gone
)
UPDATE pools p SET taken = p.taken - b.places,
    oversold = least(p.oversold, greatest(0, p.taken - b.places - p.capacity)), version = p.version + 1,
    shares = CASE WHEN b.shares IS NULL THEN p.shares ELSE (
        SELECT coalesce(jsonb_object_agg(key, places), '{}') FROM (
            SELECT key, value::integer - coalesce((b.shares ->> key)::integer, 0) AS places
            FROM jsonb_each_text(p.shares)
        ) AS still WHERE places <> 0
    ) END
FROM locked l JOIN back b USING (community, pool, day)
WHERE p.community = l.community AND p.pool = l.pool AND p.day = l.day
RETURNING p.community, p.pool, p.day, p.capacity, p.taken, p.version, p.shares

-- name: retire_hold
-- A hold that another has replaced: `take` has already counted its places back.
WITH ended AS (UPDATE holds SET state = 'CANCELLED', changed_at = $2 WHERE hold_id = $1)
DELETE FROM takings WHERE hold_id = $1

-- name: store_host
-- What a community offers now, told apart by content; nothing happens when it says the same again.
INSERT INTO hosts AS h (community, version, offering) VALUES ($1, $2, $3)
ON CONFLICT (community) DO UPDATE SET version = excluded.version, offering = excluded.offering
WHERE h.version <> excluded.version RETURNING true

-- name: mark_new_day
-- Every community that has not been shared on this day yet.
WITH due AS (UPDATE hosts SET shared_on = $1 WHERE shared_on IS DISTINCT FROM $1 RETURNING community),
    marked AS (INSERT INTO changes (community) SELECT community FROM due RETURNING 1)
SELECT count(*) FROM marked

-- name: mark
-- The availability of these communities is to be shared again.
INSERT INTO changes (community) SELECT unnest($1::text[])

-- name: mark_all
-- The availability of every community of this node is to be shared again. Tells how many.
WITH marked AS (INSERT INTO changes (community) SELECT community FROM hosts RETURNING 1) SELECT count(*) FROM marked

-- name: lock_pools
-- Touched pools of a community over some days, locked in sorted order, before their capacity is changed.
SELECT FROM pools WHERE community = $1 AND day BETWEEN $2 AND $3 ORDER BY pool, day FOR UPDATE

-- name: resize
-- Another capacity for touched pools; what is taken above it is oversold, openly. Tells how they stand now.
UPDATE pools p SET capacity = r.capacity, oversold = greatest(0, p.taken - r.capacity), version = p.version + 1
FROM unnest($2::text[], $3::date[], $4::integer[]) AS r (pool, day, capacity)
WHERE p.community = $1 AND p.pool = r.pool AND p.day = r.day
RETURNING p.pool, p.day, p.capacity, p.taken, p.version, p.shares

-- name: holds_in
-- Live holds that draw from some pools, and over which days.
SELECT DISTINCT hold_id::text, t.pool, t.day FROM takings t
JOIN unnest($2::text[], $3::date[]) AS w (pool, day) ON w.pool = t.pool AND w.day = t.day
WHERE t.community = $1 ORDER BY 1

-- name: live_items
-- Live holds of a community that may touch some days, with their items, to tell whom a closure hits. Holds from before
-- every day counted take from the pools of their first day only, which is at most a week earlier.
SELECT h.hold_id::text, h.state, h.items FROM holds h
WHERE h.hold_id IN (SELECT hold_id FROM takings WHERE community = $1 AND day BETWEEN $2::date - 7 AND $3)
    AND h.state <> 'REDEEMED' ORDER BY 1

-- name: write_exceptions
-- Lines of the history; tells what others may know of them: their numbers, and no reasons.
INSERT INTO exceptions (community, day, until, kind, experience_id, start, pool, capacity, reason, at, conflicts, account)
SELECT $1, l.day, l.until, l.kind, l.experience_id, l.start, l.pool, l.capacity, l.reason, $2,
    ARRAY(SELECT jsonb_array_elements_text(l.conflicts)::uuid), l.account
FROM jsonb_to_recordset($3::jsonb) AS l (day date, until date, kind text, experience_id text, start time, pool text,
    capacity integer, reason text, conflicts jsonb, account text)
RETURNING number, day, until, kind, experience_id, start, pool, capacity

-- name: history
-- Lines of the history that touch some days, oldest first.
SELECT number, day, until, kind, experience_id, start, pool, capacity, reason, at, conflicts::text[] AS conflicts, account
FROM exceptions WHERE until >= $1 AND day <= $2 ORDER BY number

-- name: pool_views
-- Touched pools of some days with what holds and bookings take from them.
SELECT p.pool, p.day, p.capacity, p.taken, p.oversold,
    coalesce(sum(t.places) FILTER (WHERE h.state IN ('ON_HOLD', 'PENDING')), 0)::integer AS held,
    coalesce(sum(t.places) FILTER (WHERE h.state IN ('CONFIRMED', 'REDEEMED')), 0)::integer AS booked
FROM pools p LEFT JOIN takings t USING (community, pool, day) LEFT JOIN holds h USING (hold_id)
WHERE p.day BETWEEN $1 AND $2 GROUP BY p.community, p.pool, p.day ORDER BY p.day, p.pool

-- name: booking_summaries
-- Holds and bookings of one community with an item on some of the days, in any state, newest first. The community is
-- named, beside the policy that guards it, so that the index finds its rows. An activity lasts as long as its host says.
WITH offered AS (
    SELECT e.* FROM hosts h, jsonb_to_recordset(h.offering -> 'experiences') AS e (id text, kind text, duration_minutes integer)
    WHERE h.community = $1
)
SELECT hold_id::text, referral_id::text, partner, agency, state, party, items, placed_at, expires_at,
    (SELECT reference FROM vouchers v WHERE v.hold_id = holds.hold_id) AS reference
FROM holds
WHERE community = $1 AND community <> '' AND EXISTS (
    SELECT FROM jsonb_to_recordset(items) AS i (experience_id text, day date, start time, nights integer)
    LEFT JOIN offered o ON o.id = i.experience_id AND o.kind <> 'homestay'
    WHERE i.day <= $3 AND coalesce(
        i.day + coalesce(i.start, '00:00') + (o.duration_minutes - 1) * interval '1 minute',
        i.day + greatest(i.nights, 1) - 1)::date >= $2)
    AND ($5::text[] = '{}' OR state = ANY ($5::text[]))
ORDER BY placed_at DESC, hold_id DESC LIMIT $4

-- name: live_summaries
-- Those of them that take places on some of the days.
SELECT hold_id::text, referral_id::text, partner, agency, state, party, items, placed_at, expires_at,
    (SELECT reference FROM vouchers v WHERE v.hold_id = holds.hold_id) AS reference
FROM holds
WHERE hold_id IN (SELECT hold_id FROM takings WHERE community = $1 AND day BETWEEN $2 AND $3)
    AND ($5::text[] = '{}' OR state = ANY ($5::text[]))
ORDER BY placed_at DESC, hold_id DESC LIMIT $4

-- name: summaries_of
-- Holds and bookings by their ids.
SELECT hold_id::text, referral_id::text, partner, agency, state, party, items, placed_at, expires_at,
    (SELECT reference FROM vouchers v WHERE v.hold_id = holds.hold_id) AS reference
FROM holds
WHERE hold_id = ANY ($1::uuid[]) ORDER BY placed_at, hold_id

-- name: find_hold
-- A hold by its id or its referral's; of several of one referral the live one, then the latest.
SELECT hold_id::text, community, referral_id::text, partner, state, party, items, quote, answered, expires_at,
    replaces::text, agency, placed_at, changed_at, confirmed_at, redeemed_at, cancelled_at, cancelled_by, refund_percent,
    cancellation
FROM holds WHERE (hold_id = $1 OR referral_id = $2) AND community <> ''
ORDER BY state IN ('ON_HOLD', 'PENDING', 'CONFIRMED', 'REDEEMED') DESC, placed_at DESC LIMIT 1

-- name: state_partnership
-- Where a partnership stands now.
INSERT INTO partners (community, partner, state) VALUES ($1, $2, $3)
ON CONFLICT (community, partner) DO UPDATE SET state = excluded.state

-- name: sole_sharer
-- One replica shares at a time, so that an older picture never follows a newer one.
SELECT pg_try_advisory_xact_lock(hashtextextended('booking shares', 0))

-- name: changed_communities
-- Some communities whose availability changed, with their agreed partners; their marks are taken away.
WITH picked AS (
    SELECT DISTINCT community FROM (SELECT community FROM changes ORDER BY number LIMIT 2000) AS oldest LIMIT $1
), gone AS (
    DELETE FROM changes c USING picked s WHERE c.community = s.community
)
SELECT s.community, coalesce(array_agg(p.partner ORDER BY p.partner) FILTER (WHERE p.partner IS NOT NULL), '{}') AS partners
FROM picked s LEFT JOIN partners p ON p.community = s.community AND p.state = 'agreed'
GROUP BY s.community ORDER BY s.community

-- name: violations
-- Every broken invariant of the moment $1, from a week ago on; one statement, so one snapshot. Reads only.
WITH recent AS (
    SELECT * FROM takings WHERE day >= $1::timestamptz::date - 7
), live AS (
    SELECT hold_id, state IN ('ON_HOLD', 'PENDING', 'CONFIRMED', 'REDEEMED') AS takes, state, expires_at, community,
        agency
    FROM holds
    WHERE state IN ('ON_HOLD', 'PENDING', 'CONFIRMED') OR hold_id IN (SELECT hold_id FROM recent)
), sums AS (
    SELECT t.community, t.pool, t.day, sum(t.places) FILTER (WHERE l.takes) AS places
    FROM recent t JOIN live l USING (hold_id) GROUP BY t.community, t.pool, t.day
), agencies AS (
    SELECT community, pool, day, jsonb_object_agg(agency, places) AS shares FROM (
        SELECT t.community, t.pool, t.day, l.agency, sum(t.places) AS places FROM recent t JOIN live l USING (hold_id)
        WHERE l.takes AND l.agency IS NOT NULL GROUP BY t.community, t.pool, t.day, l.agency) AS each_agency
    GROUP BY community, pool, day
), near AS (
    SELECT * FROM pools WHERE day >= $1::timestamptz::date - 7
)
SELECT 'a pool stays within its capacity' AS rule, concat_ws(' ', community, pool, day) AS subject,
    format('taken %s, capacity %s, oversold %s', taken, capacity, oversold) AS found
FROM near WHERE taken < 0 OR taken > capacity + oversold
UNION ALL
SELECT 'taken equals the sum of live takings', concat_ws(' ', community, pool, day),
    format('taken %s, live takings %s', coalesce(p.taken, 0), coalesce(s.places, 0))
FROM near p FULL JOIN sums s USING (community, pool, day) WHERE coalesce(p.taken, 0) <> coalesce(s.places, 0)
UNION ALL
SELECT 'shares equal the sums of agencies'' live takings', concat_ws(' ', community, pool, day),
    format('shares %s, live takings %s', coalesce(p.shares, '{}'), coalesce(s.shares, '{}'))
FROM near p FULL JOIN agencies s USING (community, pool, day)
WHERE coalesce(p.shares, '{}') <> coalesce(s.shares, '{}')
UNION ALL
SELECT 'no live hold outlives its time by 5 s', hold_id::text, format('%s until %s', state, expires_at)
FROM live WHERE takes AND expires_at < $1::timestamptz - interval '5 s'
UNION ALL
SELECT 'a live hold takes something', hold_id::text, state
FROM live l WHERE takes AND NOT EXISTS (SELECT FROM takings t WHERE t.hold_id = l.hold_id)
UNION ALL
SELECT 'an ended hold takes nothing', hold_id::text, state
FROM live l WHERE NOT takes AND EXISTS (SELECT FROM recent t WHERE t.hold_id = l.hold_id)
UNION ALL
SELECT 'what is oversold has a line in the history', concat_ws(' ', community, pool, day), format('oversold %s', oversold)
FROM near p WHERE oversold > 0 AND NOT EXISTS (
    SELECT FROM exceptions e WHERE e.community = p.community AND p.day BETWEEN e.day AND e.until
        AND e.kind IN ('capacity', 'lifted', 'offering'))
UNION ALL
SELECT 'what a change shares is taken by what it replaces', t.hold_id::text,
    format('%s in %s shared, %s taken', t.credit, t.pool, coalesce(o.places, 0))
FROM recent t JOIN holds h USING (hold_id)
LEFT JOIN takings o ON o.hold_id = h.replaces AND o.pool = t.pool AND o.day = t.day
WHERE t.credit > coalesce(o.places, 0)
UNION ALL
SELECT 'only unanswered holds count against a share', hold_id::text, format('%s in %s', t.unanswered, t.pool)
FROM recent t JOIN holds h USING (hold_id)
WHERE t.unanswered IS NOT NULL AND (h.answered OR h.state IN ('PENDING', 'CONFIRMED', 'REDEEMED'))
ORDER BY 1, 2
