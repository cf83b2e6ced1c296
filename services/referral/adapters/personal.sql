-- name: one_time_key
-- What a part is sealed to on its way in: the public half, and the private one as it is wrapped.
SELECT public_key, wrapped FROM one_time_keys WHERE referral_id = $1 AND community = $2

-- name: keep_one_time_key
-- A key for one part.
INSERT INTO one_time_keys (referral_id, community, public_key, wrapped) VALUES ($1, $2, $3, $4)

-- name: use_one_time_key
-- Take the private half out: what was sealed to it opens once.
DELETE FROM one_time_keys WHERE referral_id = $1 AND community = $2 RETURNING wrapped

-- name: idle_one_time_keys
-- Keys whose handoff is over: nothing will be sealed to them any more.
DELETE FROM one_time_keys k USING records r
WHERE r.referral_id = k.referral_id AND r.community = k.community
    AND r.state = ANY ($1::text[])

-- name: keep_part
-- The part under its record's key, in place of an earlier one, with the receipt for it.
WITH gone AS (
    DELETE FROM personal_fields WHERE referral_id = $1 AND community = $2 AND field <> ALL ($4::text[])
), locked AS (
    INSERT INTO personal_fields (referral_id, community, field, nonce, ciphertext)
    SELECT $1, $2, f.* FROM unnest($4::text[], $5::bytea[], $6::bytea[]) AS f
    ON CONFLICT (referral_id, community, field) DO UPDATE SET nonce = excluded.nonce, ciphertext = excluded.ciphertext
), earlier AS (
    UPDATE consents SET held_until = $7 WHERE referral_id = $1 AND community = $2 AND held_until IS NULL
), proven AS (
    INSERT INTO consents (id, referral_id, community, receipt, fields, held_from) VALUES ($8, $1, $2, $9, $4, $7)
)
INSERT INTO personal_keys (referral_id, community, wrapped, held_from) VALUES ($1, $2, $3, $7)
ON CONFLICT (referral_id, community) DO UPDATE SET wrapped = excluded.wrapped, held_from = excluded.held_from

-- name: part
-- What is held of one handoff, a field a row, each with the key.
SELECT k.wrapped, f.field, f.nonce, f.ciphertext FROM personal_keys k JOIN personal_fields f USING (referral_id, community)
WHERE k.referral_id = $1 AND k.community = $2

-- name: keep_erased
-- Records whose part goes, with the line of their story and what their border stream has said.
WITH gone AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::jsonb[], $4::bigint[], $5::text[])
        AS g (referral_id, community, body, said, act)
), line AS (
    INSERT INTO story (referral_id, community, n, at, act, by, state, round, crossed)
    SELECT g.referral_id, g.community,
        (SELECT coalesce(max(s.n), 0) + 1 FROM story s WHERE (s.referral_id, s.community) = (g.referral_id, g.community)),
        $6, g.act, g.community, r.state, r.round, false
    FROM gone g JOIN records r USING (referral_id, community)
)
UPDATE records r SET body = g.body, sent = r.sent + g.said, touched_at = $6 FROM gone g
WHERE r.referral_id = g.referral_id AND r.community = g.community

-- name: waiting_parts
-- What may be a part that waits for its turn in one of these streams. A partner wrote it: nothing of it is read here.
SELECT stream, seq, body FROM waiting
WHERE stream = ANY($1::text[]) AND position('border.party_released.v1'::bytea IN body) > 0 FOR UPDATE

-- name: blank_waiting
-- Without its content; it keeps its number.
UPDATE waiting SET body = $3 WHERE stream = $1 AND seq = $2

-- name: destroy
-- Keys, fields and one-time keys go, what was sealed is taken out of our messages, and the ledger says so. A message
-- that has lost its content is another message: a copy of it must not be taken for the first. A kept answer with the
-- part in it goes: who asks again under its id is answered anew, and audited.
WITH gone AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[])
        AS g (referral_id, community, partner, receipt, why)
), k AS (
    DELETE FROM personal_keys p USING gone g WHERE (p.referral_id, p.community) = (g.referral_id, g.community)
), f AS (
    DELETE FROM personal_fields p USING gone g WHERE (p.referral_id, p.community) = (g.referral_id, g.community)
), o AS (
    DELETE FROM one_time_keys p USING gone g WHERE (p.referral_id, p.community) = (g.referral_id, g.community)
), c AS (
    UPDATE consents p SET held_until = $6 FROM gone g
    WHERE (p.referral_id, p.community) = (g.referral_id, g.community) AND p.held_until IS NULL
), sent AS (
    SELECT q.id, gen_random_uuid() AS fresh
    FROM gone g JOIN outbox q ON q.stream = g.community || '>' || g.partner || '|' || g.referral_id
    WHERE q.type = 'border.party_released.v1' AND q.envelope -> 'data' ->> 'sealed' IS NOT NULL
), blanked AS (
    UPDATE outbox q SET id = s.fresh,
        envelope = q.envelope #- '{data,sealed}' #- '{data,consent}' || jsonb_build_object('id', s.fresh)
    FROM sent s WHERE q.id = s.id
), parked_too AS (
    UPDATE parked q SET body = '{}' FROM gone g
    WHERE q.type = 'border.party_released.v1' AND (
        q.stream = g.partner || '>' || g.community || '|' || g.referral_id
        OR q.stream IS NULL AND position(convert_to(g.referral_id::text, 'UTF8') IN q.body) > 0)
), answered AS (
    DELETE FROM answers a USING gone g
    WHERE a.result ->> 'referral_id' = g.referral_id::text
        AND coalesce(a.result ->> 'sealed', a.result -> 'personal' ->> 'sealed') IS NOT NULL
), doubted AS (
    DELETE FROM unproven q USING gone g
    WHERE (q.community, q.partner) = (g.community, g.partner)
        AND position('border.party_released.v1'::bytea IN q.body) > 0
        AND position(convert_to(g.referral_id::text, 'UTF8') IN q.body) > 0
)
INSERT INTO erasures (receipt, referral_id, community, at, why) SELECT receipt, referral_id, community, $6, why FROM gone

-- name: outlived
-- Held beyond the day that was promised, or longer after its end than the community keeps it.
SELECT r.body FROM personal_keys k JOIN records r USING (referral_id, community)
    LEFT JOIN hosts h USING (community)
WHERE r.body ->> 'personal' = 'held' AND ((r.body ->> 'delete_by')::date < $2
    OR (r.body ->> 'ended_at')::timestamptz
        < $1::timestamptz - make_interval(days => coalesce((h.offering -> 'community' ->> 'retention_days')::int, 30)))
ORDER BY k.held_from LIMIT $3 FOR UPDATE OF r SKIP LOCKED

-- name: drop_receipts
-- Receipts that nobody may ask for any more, also where the record repeats them.
WITH old AS (
    DELETE FROM consents WHERE ctid IN (
        SELECT ctid FROM consents
        WHERE held_until < $1::timestamptz - make_interval(days => $2) LIMIT $3)
    RETURNING id, referral_id, community
), said AS (
    UPDATE records r SET body = r.body - 'consent' FROM old o
    WHERE (r.referral_id, r.community) = (o.referral_id, o.community) AND r.body -> 'consent' ->> 'id' = o.id::text
)
SELECT count(*) FROM old

-- name: receipts_of
-- Every receipt of one handoff that is still kept, oldest first.
SELECT receipt FROM consents WHERE referral_id = $1 AND community = $2 ORDER BY held_from, id LIMIT 100

-- name: reminded_of
-- What one side is reminded of about one handoff, by day.
SELECT due, code, nullif(what, '') AS what, said_at FROM reminders
WHERE referral_id = $1 AND community = $2 ORDER BY due, code, what LIMIT 100

-- name: erasures_of
-- What was erased of one handoff, oldest first.
SELECT referral_id, community, at, why, receipt, "of", ended FROM erasures
WHERE referral_id = $1 AND community = $2 ORDER BY receipt LIMIT 20

-- name: erasures
-- The ledger, oldest first, after a receipt.
SELECT referral_id, community, at, why, receipt, "of", ended FROM erasures
WHERE $1::uuid IS NULL OR receipt > $1 ORDER BY receipt LIMIT $2

-- name: unfiled
-- Lines of the ledger that stand in the database only.
SELECT referral_id, community, at, why, receipt, "of", ended FROM erasures
WHERE filed_at IS NULL ORDER BY receipt LIMIT $1

-- name: filed
-- They stand beside the database now.
UPDATE erasures SET filed_at = $2 WHERE receipt = ANY ($1::uuid[])

-- name: missing
-- Which of these lines the database does not know: it is older than they are.
SELECT receipt FROM unnest($1::uuid[]) AS g (receipt) WHERE NOT EXISTS (SELECT FROM erasures e WHERE e.receipt = g.receipt)

-- name: brought_back
-- Parts that are held although they had been erased after they came.
SELECT r.body FROM records r
WHERE (r.referral_id, r.community) IN (
    SELECT k.referral_id, k.community FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS g (referral_id, community, at)
        JOIN personal_keys k USING (referral_id, community) WHERE k.held_from <= g.at)
FOR UPDATE

-- name: gone_before
-- Whether what is coming had been erased here before: after it was allowed, or with the key that would open it.
SELECT EXISTS (
    SELECT FROM erasures e WHERE (e.referral_id, e.community) = ($1, $2) AND (e.at >= $3 OR NOT EXISTS (
        SELECT FROM one_time_keys k WHERE (k.referral_id, k.community) = ($1, $2))))

-- name: keep_receipt
-- The receipt for a part that had been here and is not kept again, until when the ledger says that it was.
INSERT INTO consents (id, referral_id, community, receipt, fields, held_from, held_until)
SELECT $3, $1, $2, $4, $5, $6, greatest($6, max(at)) FROM erasures WHERE referral_id = $1 AND community = $2
ON CONFLICT DO NOTHING

-- name: restore_ledger
-- Lines that the database had lost, and with them the keys that would open once more what they say is erased.
WITH given AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::uuid[], $6::text[], $7::text[])
        AS g (referral_id, community, at, why, receipt, "of", ended)
), lost AS (
    SELECT * FROM given g WHERE NOT EXISTS (SELECT FROM erasures e WHERE e.receipt = g.receipt)
), once AS (
    DELETE FROM one_time_keys k USING lost g
    WHERE (k.referral_id, k.community) = (g.referral_id, g.community) AND g."of" IS NULL
), contact AS (
    DELETE FROM contact_keys k USING lost g
    WHERE (k.hold_id, k.community, k.kind) = (g.referral_id, g.community, 'contact-one-time') AND g."of" = 'contact'
)
INSERT INTO erasures (referral_id, community, at, why, receipt, "of", ended)
SELECT referral_id, community, at, why, receipt, "of", ended FROM given ON CONFLICT DO NOTHING

-- name: affected
-- Whose part was held at any time between two moments, newest first; all communities' for an operator.
SELECT c.referral_id, c.community, r.partner, r.side, c.fields, c.held_from, c.held_until AS erased_at, c.id AS consent
FROM consents c JOIN records r USING (referral_id, community)
WHERE c.held_from <= $2 AND (c.held_until IS NULL OR c.held_until >= $1) AND ($3 = '*' OR c.community = $3)
ORDER BY c.held_from DESC, c.id LIMIT $4

-- name: wrapped_keys
-- Keys that any of these has wrapped; locked, and none left out.
SELECT referral_id, community, 'part' AS kind, wrapped FROM (
    SELECT * FROM personal_keys WHERE split_part(wrapped, '.', 1) = ANY ($1::text[]) LIMIT $2 FOR UPDATE) parts
UNION ALL
SELECT referral_id, community, 'one-time', wrapped FROM (
    SELECT * FROM one_time_keys WHERE split_part(wrapped, '.', 1) = ANY ($1::text[]) LIMIT $2 FOR UPDATE) once
UNION ALL
SELECT hold_id, community, kind, wrapped FROM (
    SELECT * FROM contact_keys WHERE split_part(wrapped, '.', 1) = ANY ($1::text[]) LIMIT $2 FOR UPDATE) contacts

-- name: stranded
-- Whether keys stand under a record key that is there and a node key that is not: once the first is destroyed, lost.
SELECT EXISTS (
    SELECT FROM (SELECT wrapped FROM personal_keys UNION ALL SELECT wrapped FROM one_time_keys
        UNION ALL SELECT wrapped FROM contact_keys) k
    WHERE split_part(split_part(wrapped, '.', 1), '~', 2) = ANY ($1::text[])
        AND split_part(split_part(wrapped, '.', 1), '~', 1) <> ALL ($2::text[]))

-- name: rewrap
-- The same keys, wrapped anew.
WITH given AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS g (referral_id, community, kind, wrapped)
), part AS (
    UPDATE personal_keys p SET wrapped = g.wrapped FROM given g
    WHERE (p.referral_id, p.community) = (g.referral_id, g.community) AND g.kind = 'part' RETURNING 1
), once AS (
    UPDATE one_time_keys p SET wrapped = g.wrapped FROM given g
    WHERE (p.referral_id, p.community) = (g.referral_id, g.community) AND g.kind = 'one-time' RETURNING 1
), contact AS (
    UPDATE contact_keys p SET wrapped = g.wrapped FROM given g
    WHERE (p.hold_id, p.kind) = (g.referral_id, g.kind) RETURNING 1
)
SELECT (SELECT count(*) FROM part) + (SELECT count(*) FROM once) + (SELECT count(*) FROM contact)
