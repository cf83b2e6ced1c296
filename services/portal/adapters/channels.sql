-- name: channels_of
-- The channels of an account, oldest first.
SELECT id::text AS id, account, kind, address, receiver, label, confirmed, public, shared, secret
FROM channels WHERE account = $1 ORDER BY added_at, id

-- name: channel_of
-- One channel of an account.
SELECT id::text AS id, account, kind, address, receiver, label, confirmed, public, shared, secret
FROM channels WHERE account = $1 AND id = $2::text::uuid

-- name: add_channel
-- Add a channel, unless the account has it, or has as many as it may. A browser that subscribes anew has new keys.
INSERT INTO channels (id, account, kind, address, receiver, label, public, shared, secret, confirmed, added_at)
SELECT $1::text::uuid, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
WHERE (SELECT count(*) FROM channels WHERE account = $2) < $12
ON CONFLICT (account, kind, address) DO UPDATE SET public = excluded.public, shared = excluded.shared
    WHERE channels.kind = 'push'
RETURNING id::text

-- name: drop_from_others
-- One browser has one subscription: whoever uses it now is told there, and nobody else.
DELETE FROM channels WHERE kind = 'push' AND address = $1 AND account <> $2

-- name: set_code
-- The digest of the code that was sent there, and until when it counts.
UPDATE channels SET code = $3, code_ends_at = $4, code_tries = 0 WHERE account = $1 AND id = $2::text::uuid

-- name: try_code
-- Count a try before it is judged; the digest when the code counts still.
UPDATE channels SET code_tries = code_tries + 1
WHERE account = $1 AND id = $2::text::uuid AND NOT confirmed AND code_ends_at > $3 AND code_tries < $4
RETURNING code

-- name: confirm_channel
-- The person has what was sent there.
UPDATE channels SET confirmed = true, code = NULL WHERE account = $1 AND id = $2::text::uuid

-- name: remove_channel
-- Forget a channel; what waited for it is not sent.
WITH left_over AS (
    UPDATE tellings SET standing = 'gone' WHERE channel = $2::text::uuid AND account = $1 AND standing = 'waits'
)
DELETE FROM channels WHERE account = $1 AND id = $2::text::uuid

-- name: forget_unconfirmed
-- Addresses that nobody has confirmed.
DELETE FROM channels WHERE NOT confirmed AND added_at < $1

-- name: quiet_hours
-- When somebody wants peace.
SELECT starts, ends FROM quiet_hours WHERE account = $1

-- name: keep_quiet_hours
-- As they chose.
INSERT INTO quiet_hours (account, starts, ends) VALUES ($1, $2, $3)
ON CONFLICT (account) DO UPDATE SET starts = $2, ends = $3

-- name: add_push_key
-- The first one stays.
INSERT INTO push_key (public, wrapped) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- name: push_key
-- The node's key for push services.
SELECT public, wrapped FROM push_key

-- name: wrapped_for_telling
-- What an older key of the node has wrapped, locked, with what it is wrapped as.
SELECT about, wrapped FROM (
    SELECT 'push key v1' AS about, wrapped FROM push_key WHERE split_part(wrapped, '.', 1) <> $1 FOR UPDATE
) AS pushed
UNION ALL
SELECT about, wrapped FROM (
    SELECT 'webhook v1|' || id AS about, secret AS wrapped FROM channels
    WHERE secret <> '' AND split_part(secret, '.', 1) <> $1 ORDER BY id LIMIT $2 FOR UPDATE
) AS hooks

-- name: rewrap_push_key
-- The same key in a new wrapping.
UPDATE push_key SET wrapped = $1

-- name: rewrap_webhook
-- The same secret in a new wrapping.
UPDATE channels SET secret = $2 WHERE 'webhook v1|' || id = $1
