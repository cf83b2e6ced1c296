-- name: owing
-- Readers that something is due to be asked of: none of it is being asked, or the question has been lost meanwhile.
SELECT reader FROM owed
WHERE NOT EXISTS (SELECT FROM outbox WHERE lane = 'internal' AND published_at IS NULL AND type = $1)
GROUP BY reader
HAVING min(due_at) <= clock_timestamp()
    AND coalesce(max(asked_at), '-infinity') < clock_timestamp() - interval '20 s'
ORDER BY reader

-- name: ask_about
-- The streams of which one reader is to say how far it is, those that are due longest first.
UPDATE owed o SET asked_at = clock_timestamp(), due_at = clock_timestamp() + interval '20 s'
FROM (
    SELECT stream FROM owed WHERE reader = $1 AND due_at <= clock_timestamp() ORDER BY due_at LIMIT $2
    FOR UPDATE SKIP LOCKED
) due
WHERE o.reader = $1 AND o.stream = due.stream RETURNING o.stream, o.seq

-- name: owed_to
-- What one reader is owed, what has been due longest first.
SELECT stream, seq FROM owed WHERE reader = $1 ORDER BY due_at, stream LIMIT $2

-- name: owed_since
-- For how many seconds a reader that is so far on these streams has lacked something of what it is owed.
SELECT extract(epoch FROM clock_timestamp() - min(b.created_at))::float8
FROM unnest($2::text[], $3::bigint[]) AS t (stream, seq)
JOIN owed o ON o.reader = $1 AND o.stream = t.stream
JOIN outbox b ON b.stream = t.stream AND b.seq > t.seq AND b.seq <= o.seq

-- name: applied
-- How far this service is on streams, and whether it lacks something below the number that was said: what waits here or
-- is parked has arrived. Before a partner's key is pinned its words stand in a stream of that key.
WITH stated AS (
    SELECT stream, seq, stream ~ '[|][a-z_]+[.][a-z_]+[.]v[0-9]+$' AS latest, ARRAY(
        SELECT stream UNION ALL
        SELECT stream || '#' || k.root FROM node.partner_keys k
        WHERE k.partner = split_part(stream, '>', 1) AND k.community = split_part(split_part(stream, '|', 1), '>', 2)
    ) AS names
    FROM unnest($1::text[], $2::bigint[]) AS t (stream, seq)
), parked_here AS MATERIALIZED (
    SELECT stream, seq FROM parked WHERE settled_at IS NULL AND stream IS NOT NULL
), standing AS (
    SELECT t.*, coalesce((SELECT max(s.seq) FROM streams_in s WHERE s.stream = ANY (t.names)), 0) AS reached FROM stated t
)
SELECT stream, reached AS seq, reached < seq AND (
    SELECT count(DISTINCT here.seq) FROM (
        SELECT w.seq FROM waiting w WHERE w.stream = ANY (names) UNION ALL
        SELECT a.seq FROM parked_here a WHERE a.stream = ANY (names)
    ) here
    WHERE here.seq > reached AND here.seq <= standing.seq AND (NOT latest OR here.seq = standing.seq)
) < CASE WHEN latest THEN 1 ELSE standing.seq - reached END AS lacks
FROM standing

-- name: arrived
-- A reader has said how far it is: what has arrived is owed no more, the rest is asked about again, ever less often as
-- long as it gets no further.
WITH stated AS (
    SELECT * FROM unnest($2::text[], $3::bigint[], $4::boolean[]) AS t (stream, seq, lacks)
), held AS (
    SELECT o.stream FROM owed o JOIN stated USING (stream) WHERE o.reader = $1 ORDER BY o.stream
    FOR UPDATE OF o SKIP LOCKED
), gone AS (
    DELETE FROM owed o USING stated t, held h
    WHERE o.reader = $1 AND o.stream = t.stream AND h.stream = t.stream AND o.seq <= t.seq
)
UPDATE owed o SET asked_at = NULL, seen = t.seq, tries = CASE WHEN t.seq > o.seen THEN 1 ELSE o.tries + 1 END,
    due_at = clock_timestamp()
        + least(interval '15 min', interval '10 s' * power(2, CASE WHEN t.seq > o.seen THEN 0 ELSE least(o.tries, 8) END)),
    lacking_since = CASE
        WHEN NOT t.lacks THEN NULL WHEN t.seq > o.seen THEN clock_timestamp() ELSE coalesce(o.lacking_since, clock_timestamp())
    END
FROM stated t, held h WHERE o.reader = $1 AND o.stream = t.stream AND h.stream = t.stream AND o.seq > t.seq

-- name: publish_again
-- What a reader lacks, as far as it is still kept and did not leave only just now; of a statement only the newest.
UPDATE outbox b SET published_at = NULL, available_at = clock_timestamp(), last_fate = 'unseen'
FROM unnest($1::text[], $2::bigint[]) AS t (stream, seq)
WHERE b.stream = t.stream AND b.seq > t.seq AND b.published_at < clock_timestamp() - interval '5 seconds'
    AND (right(b.stream, length(b.type) + 1) <> '|' || b.type
        OR b.seq = (SELECT s.seq FROM streams_out s WHERE s.stream = b.stream))

-- name: lacking
-- What a reader has lacked for a minute, and what has waited here as long for a number that is not here either.
SELECT 'what is said arrives within a minute' AS rule, stream AS subject,
    format('%s lacks what follows number %s, up to %s', reader, seen, seq) AS found
FROM owed WHERE lacking_since < clock_timestamp() - interval '1 minute'
UNION ALL
SELECT 'what waits has the one before it on its way', stream, format('number %s waits for %s', min(w.seq), max(s.seq) + 1)
FROM waiting w JOIN streams_in s USING (stream)
WHERE w.seq > s.seq AND NOT EXISTS (
    SELECT FROM parked p WHERE p.settled_at IS NULL AND p.stream = w.stream AND p.seq = s.seq + 1)
GROUP BY stream HAVING min(w.received_at) < clock_timestamp() - interval '1 minute' AND min(w.seq) > max(s.seq) + 1
ORDER BY 1, 2 LIMIT 1000

-- name: said
-- Streams of this service behind a name.
SELECT stream FROM streams_out WHERE stream > $1 ORDER BY stream LIMIT $2

-- name: owe_again
-- What of these streams is still kept is owed to its readers once more, and they are asked now. Tells on how many
-- streams, and which communities of this node are concerned.
WITH kept AS (
    SELECT b.stream, b.seq, b.type, b.lane, b.envelope FROM outbox b WHERE b.stream = ANY ($1::text[])
), owing AS (
    INSERT INTO owed AS o (reader, stream, seq, due_at)
    SELECT r.reader, k.stream, max(k.seq), clock_timestamp()
    FROM kept k JOIN unnest($2::text[], $3::text[]) AS r (type, reader) ON r.type = k.type
    WHERE k.lane = 'internal' OR EXISTS (SELECT FROM node.signing_keys s WHERE s.community = k.envelope ->> 'to')
    GROUP BY r.reader, k.stream ORDER BY k.stream, r.reader
    ON CONFLICT (reader, stream) DO UPDATE
        SET seq = greatest(o.seq, excluded.seq), due_at = excluded.due_at, asked_at = NULL, tries = 0
    RETURNING stream
)
SELECT (SELECT count(DISTINCT stream) FROM owing) AS streams, ARRAY(
    SELECT DISTINCT s.community FROM kept k JOIN node.signing_keys s ON s.community IN (
        k.envelope ->> 'source', k.envelope ->> 'to', k.envelope -> 'data' ->> 'community',
        split_part(k.envelope ->> 'subject', '/', 1))
) AS communities
