-- name: crossing_rows
-- The rows that hold: of each the one checked last.
SELECT DISTINCT ON (kind, id) kind, body FROM crossing_rows ORDER BY kind, id, checked_on DESC

-- name: crossing_history
-- Versions of what has one id, of each kind so many, newest first.
SELECT kind, body FROM (
    SELECT kind, body, checked_on, row_number() OVER (PARTITION BY kind ORDER BY checked_on DESC) AS n
    FROM crossing_rows WHERE id = $1 AND ($2::date IS NULL OR checked_on < $2)
) v WHERE n <= $3 ORDER BY kind, checked_on DESC

-- name: kept_versions
-- The newest version of each row, and those that have the same day as one that is given.
(SELECT DISTINCT ON (kind, id) kind, body FROM crossing_rows ORDER BY kind, id, checked_on DESC)
UNION
SELECT kind, body FROM crossing_rows
WHERE (kind, id, checked_on) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::date[]))

-- name: crossings_alone
-- Let nobody else keep rows before the commit: two editors would both be the newest.
SELECT pg_advisory_xact_lock(hashtext('crossing_rows'))

-- name: keep_crossing_row
-- A new row, or a later version of one.
INSERT INTO crossing_rows (kind, id, checked_on, body, kept_at) VALUES ($1, $2, $3, $4, $5)

-- name: seen_offering
-- What a community of this node offers, or what it has shared with one of them.
SELECT offering FROM hosts WHERE community = $1
UNION ALL SELECT offering FROM catalogues WHERE partner = $1 AND community = $2 LIMIT 1

-- name: own_record
-- One side's record as it stands: a plan changes nothing.
SELECT body FROM records WHERE referral_id = $1 AND community = $2

-- name: to_be_planned
-- Records of parties about to travel whose reminders are not planned, or were for another arrival or from older rows.
SELECT r.body FROM records r LEFT JOIN reminder_plans p USING (referral_id, community)
WHERE r.state IN ('confirmed', 'departed') AND (p.referral_id IS NULL
    OR p.arrival <> (r.body -> 'arrival' ->> 'day')::date OR p.rows <> (SELECT count(*) FROM crossing_rows))
ORDER BY r.referral_id LIMIT $1 FOR UPDATE OF r SKIP LOCKED

-- name: plan_reminders
-- From what this record's reminders are planned.
INSERT INTO reminder_plans (referral_id, community, arrival, rows)
SELECT $1, $2, $3, count(*) FROM crossing_rows
ON CONFLICT (referral_id, community) DO UPDATE SET arrival = excluded.arrival, rows = excluded.rows

-- name: drop_reminders
-- Planned anew: what has not been said is no longer so.
DELETE FROM reminders WHERE referral_id = $1 AND community = $2 AND said_at IS NULL

-- name: add_reminder
-- Said once for an arrival; another arrival has reminders of its own.
INSERT INTO reminders (referral_id, community, code, what, arrival, due) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING

-- name: drop_idle_reminders
-- The day of these has come, and their handoff no longer needs them: it ended, or the party is further on.
DELETE FROM reminders m USING records r
WHERE m.said_at IS NULL AND m.due <= $1 AND (r.referral_id, r.community) = (m.referral_id, m.community)
    AND r.state <> 'confirmed' AND NOT (m.code = 'lodging_report' AND r.state IN ('departed', 'arrived'))

-- name: say_reminders
-- The day of these has come; each is said once.
UPDATE reminders m SET said_at = $2
FROM (
    SELECT d.referral_id, d.community, d.code, d.what, d.arrival FROM reminders d JOIN records r USING (referral_id, community)
    WHERE d.said_at IS NULL AND d.due <= $1
        AND (r.state = 'confirmed' OR (d.code = 'lodging_report' AND r.state IN ('departed', 'arrived')))
    ORDER BY d.due LIMIT $3 FOR UPDATE OF d SKIP LOCKED
) today
WHERE (m.referral_id, m.community, m.code, m.what, m.arrival)
    = (today.referral_id, today.community, today.code, today.what, today.arrival)
RETURNING m.referral_id, m.community, m.code, m.what, m.due

-- name: reminders
-- The acting community's reminders: coming, or said since a day; those of handoffs that are over only if they were said.
SELECT m.referral_id, r.partner, m.due, m.code, m.what, m.arrival AS arrival_day, r.body ->> 'crossing' AS crossing,
    m.said_at IS NOT NULL AS said
FROM reminders m JOIN records r USING (referral_id, community)
WHERE m.community = $1 AND (m.said_at IS NULL OR m.due > $2) AND (m.said_at IS NOT NULL OR r.state = 'confirmed'
    OR (m.code = 'lodging_report' AND r.state IN ('departed', 'arrived')))
ORDER BY m.due, m.referral_id, m.code, m.what LIMIT $3

-- name: forget_reminders
-- Handoffs that ended long ago need neither their reminders nor what those were planned from.
WITH done AS (
    DELETE FROM reminder_plans p
    USING (
        SELECT o.referral_id, o.community FROM reminder_plans o JOIN records r USING (referral_id, community)
        WHERE o.arrival <= $1 AND r.state NOT IN ('confirmed', 'departed')
        ORDER BY o.arrival LIMIT $2 FOR UPDATE OF o SKIP LOCKED
    ) old
    WHERE (p.referral_id, p.community) = (old.referral_id, old.community)
    RETURNING p.referral_id, p.community
), gone AS (
    DELETE FROM reminders m USING done WHERE (m.referral_id, m.community) = (done.referral_id, done.community)
)
SELECT count(*) FROM done
