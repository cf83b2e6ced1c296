-- name: claim_contact
-- Whose hold it is, settled by who comes first; what is there stays, also where it cannot be seen.
INSERT INTO contacts (hold_id, community, agency, touched_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING

-- name: contact_of
-- How it stands with the contact of one hold; locked.
SELECT hold_id, community, agency, ended, earlier, basis, fields, delete_by, held_from, held_until
FROM contacts WHERE hold_id = $1 FOR UPDATE

-- name: end_contact
-- The booking is over, whether anything was ever kept for it or not: what comes late is not kept.
INSERT INTO contacts (hold_id, community, agency, ended, touched_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (hold_id) DO UPDATE SET ended = coalesce(contacts.ended, excluded.ended), touched_at = excluded.touched_at
RETURNING hold_id, community, agency, ended, earlier, basis, fields, delete_by, held_from, held_until

-- name: contact_key
-- What a contact is sealed to on its way in: the public half, and the private one as it is wrapped.
SELECT key_id, public_key, wrapped FROM contact_keys WHERE hold_id = $1 AND kind = 'contact-one-time'

-- name: keep_contact_key
-- A key for one contact, in the place of one that does not open.
INSERT INTO contact_keys (hold_id, community, kind, key_id, public_key, wrapped, held_from)
VALUES ($1, $2, 'contact-one-time', $3, $4, $5, $6)
ON CONFLICT (hold_id, kind) DO UPDATE SET key_id = excluded.key_id, public_key = excluded.public_key,
    wrapped = excluded.wrapped, held_from = excluded.held_from

-- name: use_contact_key
-- Take the private half out: what was sealed to it opens once.
DELETE FROM contact_keys WHERE hold_id = $1 AND kind = 'contact-one-time' AND key_id = $2 RETURNING wrapped

-- name: keep_contact
-- The contact under a key of its own, in the place of an earlier one.
WITH gone AS (
    DELETE FROM contact_fields WHERE hold_id = $1 AND field <> ALL ($3::text[])
), locked AS (
    INSERT INTO contact_fields (hold_id, community, field, nonce, ciphertext)
    SELECT $1, $2, f.* FROM unnest($3::text[], $4::bytea[], $5::bytea[]) AS f
    ON CONFLICT (hold_id, field) DO UPDATE SET nonce = excluded.nonce, ciphertext = excluded.ciphertext
), key AS (
    INSERT INTO contact_keys (hold_id, community, kind, key_id, wrapped, held_from) VALUES ($1, $2, 'contact', $6, $7, $8)
    ON CONFLICT (hold_id, kind) DO UPDATE
        SET key_id = excluded.key_id, wrapped = excluded.wrapped, held_from = excluded.held_from
), answered AS (
    DELETE FROM answers WHERE result ->> 'hold_id' = ($1::uuid)::text AND result ->> 'sealed' IS NOT NULL
)
UPDATE contacts SET basis = $9, fields = $3, delete_by = $10, earlier = $11, held_from = $8, held_until = NULL,
    held_since = CASE WHEN held_until IS NULL THEN coalesce(held_since, $8) ELSE $8 END, touched_at = $8
WHERE hold_id = $1

-- name: contact_fields
-- What is held of one booking, a field a row, each with the key.
SELECT k.wrapped, f.field, f.nonce, f.ciphertext FROM contact_keys k JOIN contact_fields f USING (hold_id)
WHERE k.hold_id = $1 AND k.kind = 'contact'

-- name: contact_due
-- Until when it is kept at the latest.
UPDATE contacts SET delete_by = $2, touched_at = $3 WHERE hold_id = $1

-- name: left_contact
-- What has gone over to another hold: nothing of it stays here, and the ledger has no line of it.
WITH k AS (
    DELETE FROM contact_keys WHERE hold_id = $1
), f AS (
    DELETE FROM contact_fields WHERE hold_id = $1
), answered AS (
    DELETE FROM answers WHERE result ->> 'hold_id' = ($1::uuid)::text AND result ->> 'sealed' IS NOT NULL
)
UPDATE contacts SET held_until = $2, touched_at = $2 WHERE hold_id = $1

-- name: destroy_contacts
-- Keys, fields, one-time keys and kept answers go, and the ledger says so: of a contact that has come over from an
-- earlier hold, for that one too, since a backup may have it there.
WITH gone AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[])
        AS g (hold_id, community, receipt, why, ended)
), k AS (
    DELETE FROM contact_keys p USING gone g WHERE p.hold_id = g.hold_id
), f AS (
    DELETE FROM contact_fields p USING gone g WHERE p.hold_id = g.hold_id
), answered AS (
    DELETE FROM answers a USING gone g WHERE a.result ->> 'hold_id' = g.hold_id::text AND a.result ->> 'sealed' IS NOT NULL
), c AS (
    UPDATE contacts p SET held_until = coalesce(p.held_until, $6), touched_at = $6 FROM gone g WHERE p.hold_id = g.hold_id
)
INSERT INTO erasures (receipt, referral_id, community, at, why, "of", ended)
SELECT receipt, hold_id, community, $6, why, 'contact', ended FROM gone

-- name: drop_contact_key
-- What the next contact of a hold would be sealed to.
DELETE FROM contact_keys WHERE hold_id = $1 AND kind = 'contact-one-time'

-- name: outlived_contacts
-- Held beyond the day until which they may be.
SELECT hold_id, community, agency, ended, earlier, basis, fields, delete_by, held_from, held_until FROM contacts
WHERE held_from IS NOT NULL AND held_until IS NULL AND delete_by < $1
ORDER BY delete_by LIMIT $2 FOR UPDATE SKIP LOCKED

-- name: contacts_brought_back
-- Contacts that are held although they had been erased after they came.
SELECT hold_id, community, agency, ended, earlier, basis, fields, delete_by, held_from, held_until FROM contacts c
WHERE held_until IS NULL AND EXISTS (
    SELECT FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS g (hold_id, community, at)
    WHERE (g.hold_id, g.community) = (c.hold_id, c.community) AND c.held_from <= g.at)
FOR UPDATE

-- name: idle_contact_keys
-- What nothing was sealed to in time.
DELETE FROM contact_keys WHERE kind = 'contact-one-time' AND held_from < $1::timestamptz - make_interval(days => $2)

-- name: forget_contacts
-- Holds for which nothing is kept any more, and after a breach nobody may ask: those that held nothing go sooner.
WITH old AS (
    DELETE FROM contacts WHERE hold_id IN (
        SELECT hold_id FROM contacts
        WHERE (held_since IS NULL AND touched_at < $1::timestamptz - make_interval(days => $2))
            OR held_until < $1::timestamptz - make_interval(days => $3)
        LIMIT $4)
    RETURNING 1
)
SELECT count(*) FROM old

-- name: affected_contacts
-- Whose contact was held at any time between two moments, newest first; all communities' for an operator.
SELECT hold_id, community, agency, basis, fields, held_since AS held_from, held_until AS erased_at FROM contacts
WHERE held_since <= $2 AND (held_until IS NULL OR held_until >= $1) AND ($3 = '*' OR community = $3)
ORDER BY held_since DESC, hold_id LIMIT $4
