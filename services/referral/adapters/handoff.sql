-- name: record
-- One side's record, locked.
SELECT body FROM records WHERE referral_id = $1 AND community = $2 FOR UPDATE

-- name: change_of
-- The live record that is to take the place of another.
SELECT body FROM records
WHERE community = $2 AND body ->> 'replaces' = $1 AND state <> ALL ($3::text[]) ORDER BY referral_id LIMIT 1

-- name: changes_of
-- The live records that are to take the place of others, one for each.
SELECT DISTINCT ON (body ->> 'replaces') body ->> 'replaces' AS replaces, body FROM records
WHERE community = $1 AND body ->> 'replaces' = ANY ($2::text[]) AND state <> ALL ($3::text[])
ORDER BY body ->> 'replaces', referral_id

-- name: find
-- The acting community's referrals whose id ends so; two are enough to know that it is not one.
SELECT referral_id FROM records WHERE community = $1 AND referral_id::text LIKE '%' || $2 LIMIT 2

-- name: keep
-- Save a record and the line of the story that made it so; a border message also says what the partner has seen.
WITH line AS (
    INSERT INTO story
        (referral_id, community, n, at, act, by, state, round, crossed, message_id, took_ms, account, agency)
    SELECT $1, $2, coalesce(max(n), 0) + 1, $9, $10, $11, $5, $6, $12, $13, $14, $18, $19 FROM story
    WHERE referral_id = $1 AND community = $2
)
INSERT INTO records AS r
    (referral_id, community, partner, side, state, round, body, due_at, touched_at, partner_seen, sent, arrival_day,
    agency, agency_ref)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $15, $16, $17, $20, $21)
ON CONFLICT (referral_id, community) DO UPDATE
SET state = $5, round = $6, body = $7, due_at = $8, touched_at = $9, partner_seen = greatest(r.partner_seen, least($15, r.sent)),
    sent = r.sent + $16, arrival_day = $17
WHERE (r.partner, r.side) = ($3, $4)

-- name: view
-- A record with where its streams stand.
SELECT r.body, r.partner_seen, r.sent,
    coalesce((SELECT seq FROM streams_in WHERE stream = r.partner || '>' || r.community || '|' || r.referral_id), 0)
        AS seen
FROM records r WHERE r.referral_id = $1 AND r.community = $2

-- name: story
-- What happened, in order.
SELECT at, act, by, state, round, crossed, message_id, took_ms, account, agency FROM story
WHERE referral_id = $1 AND community = $2 ORDER BY n

-- name: list
-- The acting community's records, newest first.
SELECT body FROM records
WHERE community = $1 AND ($2::uuid IS NULL OR referral_id < $2) AND ($3::text IS NULL OR side = $3)
    AND (NOT $4 OR state <> ALL ($6::text[]))
ORDER BY referral_id DESC LIMIT $5

-- name: list_arriving
-- Those of them that arrive on some days.
SELECT body FROM records
WHERE community = $1 AND ($2::uuid IS NULL OR referral_id < $2) AND ($3::text IS NULL OR side = $3)
    AND (NOT $4 OR state <> ALL ($6::text[])) AND arrival_day BETWEEN $7 AND $8
ORDER BY referral_id DESC LIMIT $5

-- name: awaited
-- What waits for some communities to decide, as MOVES and the rules of the acts have it: not while booking owes the
-- receiver an answer, nor once the lead traveller's word has been passed on. Its index has what may wait, and nothing else.
SELECT community, referral_id::text, side, partner, state, round, body -> 'party' AS party,
    coalesce(arrival_day, (body -> 'arrival' ->> 'day')::date) AS arrival_day,
    coalesce(body ->> CASE state WHEN 'accepted' THEN 'consent_by' WHEN 'offered' THEN 'answer_by' ELSE 'held_until' END,
        body ->> 'answer_by') AS until, nullif(body -> 'attention', 'null') AS attention
FROM records
WHERE community = ANY ($1::text[]) AND ($2::uuid IS NULL OR referral_id > $2)
    AND ((side = 'receiver' AND state IN ('offered', 'held')) OR (side = 'sender' AND state IN ('countered', 'accepted')))
    AND coalesce(body ->> 'wish', '') = '' AND (state <> 'accepted' OR body -> 'released' IS DISTINCT FROM 'true')
ORDER BY referral_id FETCH FIRST $3 ROWS WITH TIES

-- name: due
-- Records for which something happens by itself now.
SELECT body FROM records WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED

-- name: partner
-- Where a partnership stands.
SELECT state, terms FROM partners WHERE community = $1 AND partner = $2

-- name: partner_alone
-- The same, held until the commit: offers of a partner are judged and counted one after another.
SELECT state, terms FROM partners WHERE community = $1 AND partner = $2 FOR NO KEY UPDATE

-- name: keep_partner
-- As the community service states it.
INSERT INTO partners (community, partner, state, terms) VALUES ($1, $2, $3, $4)
ON CONFLICT (community, partner) DO UPDATE SET state = $3, terms = $4

-- name: open_offers
-- Unanswered offers of a partner to one of our communities.
SELECT count(*) FROM records
WHERE community = $1 AND partner = $2 AND side = 'receiver' AND state IN ('offered', 'held', 'countered')

-- name: host
-- What one of our communities offers.
SELECT offering FROM hosts WHERE community = $1

-- name: keep_host
-- As the community service states it.
INSERT INTO hosts (community, offering) VALUES ($1, $2) ON CONFLICT (community) DO UPDATE SET offering = $2

-- name: keep_catalogue
-- A later picture replaces an earlier one.
INSERT INTO catalogues (community, partner, as_of, offering, search) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (community, partner) DO UPDATE SET as_of = $3, offering = $4, search = $5

-- name: catalogue
-- What a partner has shared.
SELECT as_of, offering FROM catalogues WHERE community = $1 AND partner = $2

-- name: catalogues
-- What all partners have shared, by name.
SELECT partner, as_of, offering FROM catalogues
WHERE community = $1 AND ($2::text IS NULL OR partner = $2) AND strpos(search, $3) > 0 ORDER BY partner

-- name: keep_availability
-- A later picture replaces an earlier one.
INSERT INTO availability (community, partner, as_of, days) VALUES ($1, $2, $3, $4)
ON CONFLICT (community, partner) DO UPDATE SET as_of = $3, days = $4

-- name: availability
-- The picture we have.
SELECT as_of, days FROM availability WHERE community = $1 AND partner = $2

-- name: note_seen
-- The partner has applied our messages up to here.
UPDATE records SET partner_seen = greatest(partner_seen, $3) WHERE referral_id = $1 AND community = $2
    AND partner_seen < $3

-- name: unseen
-- Records whose partner has not seen what we last sent a minute ago; asked again every 15 minutes for 30 days.
UPDATE records r SET stated_at = $1::timestamptz
FROM (
    SELECT q.referral_id, q.community,
        coalesce((SELECT seq FROM streams_in i WHERE i.stream = q.partner || '>' || q.community || '|' || q.referral_id), 0)
            AS seen
    FROM records q
    WHERE q.sent > q.partner_seen
        AND q.touched_at BETWEEN $1::timestamptz - interval '30 days' AND $1::timestamptz - interval '1 minute'
        AND (q.stated_at IS NULL OR q.stated_at < q.touched_at OR q.stated_at < $1::timestamptz - interval '15 minutes')
    ORDER BY q.touched_at LIMIT $2 FOR UPDATE OF q SKIP LOCKED
) late
WHERE r.referral_id = late.referral_id AND r.community = late.community
RETURNING r.body, r.sent, late.seen

-- name: standing
-- The last number we sent on a handoff's stream, and the last we applied of the partner's.
SELECT coalesce((SELECT seq FROM streams_out WHERE stream = $1), 0) AS sent,
    coalesce((SELECT seq FROM streams_in WHERE stream = $2), 0) AS seen

-- name: send_again
-- What the partner has not seen, unless it left only just now.
UPDATE outbox SET published_at = NULL, available_at = clock_timestamp(), last_fate = 'unseen'
WHERE stream = $1 AND seq > $2 AND published_at < clock_timestamp() - interval '10 seconds'

-- name: disagreements
-- Both records are here, each has applied all that the other sent, and still they differ.
SELECT a.referral_id FROM records a JOIN records b ON b.referral_id = a.referral_id AND b.side = 'receiver'
WHERE a.side = 'sender' AND (a.state <> b.state OR (a.state = 'countered' AND a.round <> b.round))
    AND (SELECT seq FROM streams_out WHERE stream = a.community || '>' || b.community || '|' || a.referral_id)
        IS NOT DISTINCT FROM
        (SELECT seq FROM streams_in WHERE stream = a.community || '>' || b.community || '|' || a.referral_id)
    AND (SELECT seq FROM streams_out WHERE stream = b.community || '>' || a.community || '|' || a.referral_id)
        IS NOT DISTINCT FROM
        (SELECT seq FROM streams_in WHERE stream = b.community || '>' || a.community || '|' || a.referral_id)
LIMIT 100

-- name: records_open
-- Receivers' records that have not ended, behind an id.
SELECT body FROM records
WHERE side = 'receiver' AND state <> ALL ($3::text[]) AND ($1::uuid IS NULL OR referral_id > $1)
ORDER BY referral_id LIMIT $2

-- name: records_named
-- Receivers' records by their ids, in any state.
SELECT body FROM records WHERE side = 'receiver' AND referral_id = ANY ($1::uuid[]) ORDER BY referral_id
