-- name: bind
-- Say who is acting and read the node's clock, in one round trip.
SELECT set_config('handoff.acting', $1, true), clock_timestamp() + node.clock_offset() AS now

-- name: receive
-- Inbox row first; lock the stream; tell what was there, and by which keys the reader knows who speaks. From here on
-- each statement keeps its plan: planned anew for its arrays every time, some take longer to plan than to run. With $6
-- the commit does not wait for the disk.
WITH fresh AS (
    INSERT INTO inbox (message_id, digest) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1
), locked AS (
    INSERT INTO streams_in (stream, seq) VALUES ($3, 0) ON CONFLICT (stream) DO UPDATE SET seq = streams_in.seq
    RETURNING seq
)
SELECT EXISTS (SELECT FROM fresh) AS fresh, (SELECT seq FROM locked) AS seq,
    (SELECT digest FROM inbox WHERE message_id = $1) AS digest, node.known_keys($4, $5) AS keys,
    set_config('handoff.acting', '*', true), set_config('plan_cache_mode', 'force_generic_plan', true),
    CASE WHEN $6::boolean THEN set_config('synchronous_commit', 'off', true) END,
    clock_timestamp() + node.clock_offset() AS now

-- name: advance
-- The stream has been applied up to here; tell whether the next one waits.
UPDATE streams_in SET seq = $2::bigint WHERE stream = $1
RETURNING EXISTS (SELECT FROM waiting WHERE stream = $1 AND seq = $2::bigint + 1)

-- name: wait
-- Keep a message that came before its predecessor; nothing when its number is taken.
INSERT INTO waiting (stream, seq, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING true

-- name: next_waiting
-- The message that was waiting for the one just applied.
DELETE FROM waiting WHERE stream = $1 AND seq = $2 RETURNING body

-- name: forget_waiting
-- A message that is parked does not also wait.
DELETE FROM waiting WHERE stream = $1 AND seq = $2

-- name: forget_received
-- A message that is proven no more has not been received: its copy may come again.
DELETE FROM inbox WHERE message_id = $1

-- name: publish
-- Number each message on its stream and write them all; on the border with what we have seen of the partner's stream.
-- The stream of the message that caused them advances in the same breath; tell whether its next one waits.
-- Each is owed to its readers on this node until they say that they have it. A command's answer is kept beside its id.
WITH advanced AS (
    UPDATE streams_in SET seq = $9 WHERE stream = $8
), answered AS (
    UPDATE answers SET result = $13::jsonb WHERE caller = $11::text AND command_id = $12
), given AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $10::text[])
        WITH ORDINALITY AS g (id, lane, stream, reverse, type, routing_key, envelope, readers, n)
), spoken AS (
    INSERT INTO streams_out (stream, seq) SELECT stream, count(*) FROM given GROUP BY stream ORDER BY stream
    ON CONFLICT (stream) DO UPDATE SET seq = streams_out.seq + excluded.seq RETURNING stream, seq
), numbered AS (
    SELECT g.*, s.seq - (count(*) OVER (PARTITION BY g.stream)) + (row_number() OVER (PARTITION BY g.stream ORDER BY g.n))
        AS number,
        CASE WHEN g.reverse = $8 THEN $9 ELSE (SELECT i.seq FROM streams_in i WHERE i.stream = g.reverse) END AS seen
    FROM given g JOIN spoken s USING (stream)
), written AS (
    INSERT INTO outbox (id, lane, stream, seq, type, routing_key, envelope)
    SELECT id, lane, stream, number, type, routing_key,
        envelope || jsonb_build_object('seq', number)
            || CASE WHEN lane = 'border' THEN jsonb_build_object('seen', coalesce(seen, 0)) ELSE '{}' END
    FROM numbered ORDER BY n
), owing AS (
    INSERT INTO owed AS o (reader, stream, seq, due_at)
    SELECT reader, stream, max(number),
        clock_timestamp() + CASE max(lane) WHEN 'border' THEN interval '30 s' ELSE interval '10 s' END
    FROM numbered, unnest(string_to_array(readers, ',')) AS reader
    WHERE lane = 'internal' OR EXISTS (SELECT FROM node.signing_keys k WHERE k.community = envelope ->> 'to')
    GROUP BY reader, stream ORDER BY stream, reader
    ON CONFLICT (reader, stream) DO UPDATE SET seq = excluded.seq
)
SELECT EXISTS (SELECT FROM waiting WHERE stream = $8 AND seq = $9::bigint + 1)

-- name: next_batch
-- Mark what is safe, and give the oldest unpublished of a lane; a stream whose head is put off is left out whole.
WITH safe AS (
    UPDATE outbox SET published_at = clock_timestamp(), last_fate = 'confirmed' WHERE id = ANY ($3::uuid[])
)
SELECT id, stream, seq, type, routing_key, envelope FROM outbox o
WHERE lane = $1 AND published_at IS NULL AND available_at <= clock_timestamp() AND id <> ALL ($3::uuid[])
    AND NOT EXISTS (
        SELECT FROM outbox b WHERE b.lane = $1 AND b.published_at IS NULL AND b.available_at > clock_timestamp()
            AND b.stream = o.stream AND b.seq < o.seq)
ORDER BY id LIMIT $2

-- name: put_off
-- These are not: try again later, each as much later as it has failed; soon, where only the link was lost.
UPDATE outbox o SET attempts = o.attempts + 1, last_fate = f.fate,
    available_at = clock_timestamp() + least(
        CASE f.fate WHEN 'unknown' THEN interval '2 s' ELSE interval '30 s' END,
        interval '200 ms' * power(2, least(o.attempts, 8)))
FROM unnest($1::uuid[], $2::text[]) AS f (id, fate) WHERE o.id = f.id

-- name: elect
-- Become the one relay of a service and lane, for as long as this session lives.
SELECT pg_try_advisory_lock(hashtextextended($1, 0))

-- name: relay_state
-- How many messages wait to be published and since when, in seconds; the border lane may wait for a partner, or for
-- a key to sign with, and what is behind such a one in its stream waits with it. What services ask one another about
-- their streams comes and goes all the time and is nobody's news.
SELECT lane, count(*) AS waiting,
    count(*) FILTER (WHERE stream IN (
        SELECT b.stream FROM outbox b WHERE b.published_at IS NULL AND b.last_fate = 'unsigned')) AS unsigned,
    extract(epoch FROM clock_timestamp() - min(created_at))::float8 AS oldest
FROM outbox WHERE published_at IS NULL AND type NOT LIKE 'node.%' GROUP BY lane

-- name: claim_answer
-- First of all take the command's id; a second transaction with the same one waits here, then finds the answer. Plans
-- are kept, as for a message.
WITH fresh AS (
    INSERT INTO answers (caller, command_id, digest) VALUES ($2, $3, $4) ON CONFLICT DO NOTHING RETURNING 1
)
SELECT EXISTS (SELECT FROM fresh) AS fresh, set_config('handoff.acting', $1, true),
    set_config('plan_cache_mode', 'force_generic_plan', true), clock_timestamp() + node.clock_offset() AS now

-- name: answered
-- What this command was answered with before.
SELECT digest, result FROM answers WHERE caller = $1 AND command_id = $2

-- name: answer
-- Keep the answer beside the id.
UPDATE answers SET result = $3 WHERE caller = $1 AND command_id = $2

-- name: park
-- Park a message with everything a person needs to judge it.
INSERT INTO parked (id, queue, message_id, type, stream, seq, body, headers, error, trace)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: park_doubtful
-- Park an unverified message: one row however often it arrives, limited per pair of communities and in all.
WITH known AS (
    UPDATE parked SET copies = copies + 1 WHERE mark = $11 AND settled_at IS NULL RETURNING 1
), fresh AS (
    INSERT INTO parked (id, queue, message_id, type, stream, seq, body, headers, error, trace, mark, claimed)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12
    WHERE NOT EXISTS (SELECT FROM known)
        AND (SELECT count(*) FROM parked WHERE claimed = $12 AND settled_at IS NULL) < $13
        AND (SELECT count(*) FROM parked WHERE claimed IS NOT NULL AND settled_at IS NULL) < $14
    ON CONFLICT (mark) WHERE settled_at IS NULL DO UPDATE SET copies = parked.copies + 1 RETURNING 1
)
SELECT CASE WHEN EXISTS (SELECT FROM known) THEN 'again' WHEN EXISTS (SELECT FROM fresh) THEN 'new' ELSE 'no' END

-- name: parked_list
-- Parked messages, oldest first, without bodies.
SELECT id, queue, message_id, type, stream, seq, error, trace, parked_at, replays, copies, length(body) AS size
FROM parked WHERE settled_at IS NULL ORDER BY parked_at, id LIMIT $1

-- name: parked_one
-- One of them, locked, with its body.
SELECT * FROM parked WHERE id = $1 AND settled_at IS NULL FOR UPDATE

-- name: parked_show
-- One of them, to look at.
SELECT * FROM parked WHERE id = $1

-- name: settle_parked
-- A person has replayed or discarded it.
UPDATE parked SET settled_at = clock_timestamp(), settled = $2, replays = replays + ($2 = 'replayed')::int WHERE id = $1

-- name: count_replay
-- It was replayed and failed again.
UPDATE parked SET replays = replays + 1, error = $2 WHERE id = $1

-- name: forget_old
-- Published rows are kept 14 days, inbox rows 28, answers 14, what a person has settled 28.
WITH p AS (DELETE FROM parked WHERE settled_at < clock_timestamp() - interval '28 days' RETURNING 1),
    o AS (DELETE FROM outbox WHERE published_at < clock_timestamp() - interval '14 days' RETURNING 1),
    i AS (DELETE FROM inbox WHERE received_at < clock_timestamp() - interval '28 days' RETURNING 1),
    a AS (DELETE FROM answers WHERE answered_at < clock_timestamp() - interval '14 days' RETURNING 1)
SELECT (SELECT count(*) FROM p) + (SELECT count(*) FROM o) + (SELECT count(*) FROM i) + (SELECT count(*) FROM a)

-- name: forgotten
-- Streams whose next message waits although its predecessor has been applied.
SELECT w.stream FROM waiting w JOIN streams_in s ON s.stream = w.stream AND w.seq = s.seq + 1 LIMIT 200

-- name: skip
-- A discarded message counts as applied, so that what waits behind it goes on; tells where its stream stands then.
INSERT INTO streams_in (stream, seq) VALUES ($1, CASE WHEN $2::bigint = 1 THEN 1 ELSE 0 END)
ON CONFLICT (stream) DO UPDATE
    SET seq = CASE WHEN streams_in.seq = $2::bigint - 1 THEN $2::bigint ELSE streams_in.seq END
RETURNING seq

-- name: lock_stream
-- Where a stream stands, held until the end of the transaction.
SELECT seq, clock_timestamp() + node.clock_offset() AS now, set_config('handoff.acting', '*', true)
FROM streams_in WHERE stream = $1 FOR UPDATE

-- name: remember
-- A parked message counts as received: its copies change nothing.
INSERT INTO inbox (message_id, digest) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- name: probe
-- Write as much as messages do, so that a disk without room is noticed; one row, compressed by nothing.
INSERT INTO probe (singleton, filler) VALUES (true, $1)
ON CONFLICT (singleton) DO UPDATE SET filler = excluded.filler RETURNING true

-- name: standing
-- The clock and the counts that an operator of the system looks at first.
SELECT clock_timestamp() + node.clock_offset() AS now, (SELECT count(*) FROM waiting) AS waiting,
    (SELECT count(*) FROM parked WHERE settled_at IS NULL) AS parked, (SELECT count(*) FROM unproven) AS unproven

-- name: move_clock
-- From now on the node's clock shows this moment, and goes on. Within 5 s of the machine's it is the machine's, and
-- that may be set on any node; another moment only where $2 allows it. Nothing comes back where it may not.
UPDATE node.clock SET "offset" = CASE WHEN machine.near THEN interval '0' ELSE $1 - clock_timestamp() END
FROM (SELECT abs(extract(epoch FROM $1 - clock_timestamp())) < 5 AS near) AS machine
WHERE machine.near OR $2::boolean RETURNING true

-- name: lock_keys
-- What is said between these two goes on one after the other; a statement of its own, because one that waits here
-- reads with the snapshot of before it waited.
SELECT pg_advisory_xact_lock(hashtextextended('keys ' || $1 || '>' || $2, 0))

-- name: known_keys
-- By which keys a community knows a partner.
SELECT node.known_keys($1, $2)

-- name: move_stream
-- A stream goes on under another name, with what waits in it and what is parked.
WITH waits AS (UPDATE waiting SET stream = $2 WHERE stream = $1),
    parked_too AS (UPDATE parked SET stream = $2 WHERE stream = $1 AND settled_at IS NULL)
INSERT INTO streams_in (stream, seq) SELECT $2, seq FROM streams_in WHERE stream = $1
ON CONFLICT (stream) DO UPDATE SET seq = greatest(streams_in.seq, excluded.seq)

-- name: signing_keys_in_force
-- What each of these communities signs with now: the newest key whose time has come and is not over.
SELECT DISTINCT ON (community) community, keyid, wrapped FROM node.signing_keys
WHERE community = ANY ($1::text[]) AND used_from <= clock_timestamp() + node.clock_offset()
    AND (used_until IS NULL OR used_until > clock_timestamp() + node.clock_offset())
ORDER BY community, used_from DESC, keyid

-- name: signing_keys_named
-- Keys by their ids, also those that sign no more.
SELECT community, keyid, wrapped FROM node.signing_keys WHERE keyid = ANY ($1::text[])

-- name: pinned_keys
-- Every key by which a community of this node knows a partner.
SELECT community, partner, keyid, public_key FROM node.partner_keys WHERE pinned

-- name: hold_record_keys
-- Until the end of the transaction no record key is destroyed; a statement of its own, before the newest is read.
SELECT pg_advisory_xact_lock_shared(hashtextextended('record keys', 0))

-- name: record_keys_alone
-- Whether no transaction is about to keep what it wraps, and none begins to, until this connection ends.
SELECT pg_try_advisory_lock(hashtextextended('record keys', 0))

-- name: renews_record_keys
-- Whether this connection is the one that renews, until it ends.
SELECT pg_try_advisory_lock(hashtextextended('renews record keys', 0))

-- name: keys_gone
-- What went while the record keys of now were there, whether the oldest waits long enough, or the keys are a day old.
SELECT coalesce(array_agg(n), '{}') AS gone,
    coalesce(min(at) <= clock_timestamp() - make_interval(secs => $1::float8), false) OR coalesce((
        SELECT since < clock_timestamp() - interval '1 day' FROM node.keys_in_force WHERE what = 'record'), true) AS due
FROM node.keys_gone

-- name: record_keys_renewed
-- Only this key wraps from now on, and what went before it was made opens no more.
WITH over AS (DELETE FROM node.keys_gone WHERE n = ANY ($2::bigint[]))
UPDATE node.keys_in_force SET keyid = $1, since = clock_timestamp() WHERE what = 'record'

-- name: renewal_state
-- Seconds since the oldest erasure whose key could be found yet, and since the record keys were renewed.
SELECT extract(epoch FROM clock_timestamp() - (SELECT min(at) FROM node.keys_gone))::float8 AS gone,
    extract(epoch FROM clock_timestamp() - since)::float8 AS renewed
FROM node.keys_in_force WHERE what = 'record'

-- name: durably
-- This commit, and with it every one before it, is on the disk when it returns.
SET LOCAL synchronous_commit = on

-- name: one_start
-- One process at a time looks whether the keys are this database's.
SELECT pg_advisory_xact_lock(hashtextextended('keys in force', 0))

-- name: knows_keys_in_force
-- Whether the migration that this needs is applied.
SELECT to_regclass('node.keys_in_force') IS NOT NULL

-- name: keys_in_force
-- Which key of the node, or which record key, this database was last used with.
SELECT keyid, fingerprint FROM node.keys_in_force WHERE what = $1

-- name: put_in_force
-- From now on whoever uses this database holds that key.
INSERT INTO node.keys_in_force (what, keyid, fingerprint) VALUES ($1, $2, $3)
ON CONFLICT (what) DO UPDATE SET keyid = excluded.keyid, fingerprint = excluded.fingerprint

-- name: node_key_renewed
-- From now on whoever uses this database holds that key of the node.
UPDATE node.keys_in_force SET keyid = $1, fingerprint = $2 WHERE what = 'node'

-- name: some_signing_keys
-- Signing keys as they are wrapped, those used last first.
SELECT community, keyid, wrapped FROM node.signing_keys ORDER BY used_from DESC LIMIT 100

-- name: own_public_key
-- A community's key that still counts.
SELECT public_key FROM node.signing_keys
WHERE community = $1 AND keyid = $2 AND (used_until IS NULL OR used_until > clock_timestamp() + node.clock_offset())

-- name: keep_unproven
-- Keep what cannot be proven yet; not more than so many of one key, nor in all; nothing when there is no room. More
-- of a partner whose key is pinned: it may be replacing it, and goes on with the handoffs of both meanwhile.
INSERT INTO unproven (digest, community, partner, keyid, queue, body, headers)
SELECT $1, $2, $3, $4, $5, $6, $7
WHERE (SELECT count(*) FROM unproven WHERE community = $2 AND partner = $3 AND keyid = $4)
        < CASE WHEN EXISTS (SELECT FROM node.partner_keys k WHERE k.community = $2 AND k.partner = $3 AND k.pinned)
            THEN $9::bigint ELSE $8::bigint END
    AND (SELECT count(*) FROM unproven) < $10
ON CONFLICT (digest) DO UPDATE SET queue = excluded.queue RETURNING true

-- name: provable
-- What can be proven or judged by now because its key is known, and what has waited too long; oldest first.
SELECT u.digest, u.queue, u.body, u.headers,
    u.received_at < clock_timestamp() - make_interval(secs => $1::float8) AS late
FROM unproven u
WHERE u.received_at < clock_timestamp() - make_interval(secs => $1::float8)
    OR EXISTS (SELECT FROM node.partner_keys k
        WHERE k.community = u.community AND k.partner = u.partner AND k.keyid = u.keyid AND (k.pinned OR $2))
ORDER BY u.received_at LIMIT 100

-- name: forget_unproven
-- It was judged.
DELETE FROM unproven WHERE digest = $1
