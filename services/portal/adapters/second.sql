-- name: second_step
-- What an account shows as its second step, wrapped, and the last step that was taken.
SELECT totp, totp_wanted, totp_step FROM accounts WHERE id = $1 FOR UPDATE

-- name: want_second_step
-- A secret that its owner has not shown to have yet.
UPDATE accounts SET totp_wanted = $2 WHERE id = $1

-- name: set_second_step
-- From now on it is asked for; nothing of an earlier one counts.
UPDATE accounts SET totp = totp_wanted, totp_wanted = NULL, totp_step = $2 WHERE id = $1

-- name: drop_second_step
-- A password is enough again.
WITH spare AS (DELETE FROM spare_codes WHERE account = $1)
UPDATE accounts SET totp = NULL, totp_wanted = NULL WHERE id = $1

-- name: take_step
-- A code counts once: later ones only from here on.
UPDATE accounts SET totp_step = $2 WHERE id = $1 AND totp_step < $2

-- name: keep_spare_codes
-- These and no others.
WITH old AS (DELETE FROM spare_codes WHERE account = $1 AND digest <> ALL ($2::bytea[]))
INSERT INTO spare_codes (account, digest) SELECT $1, unnest($2::bytea[]) ON CONFLICT DO NOTHING

-- name: use_spare_code
-- Take one of them, once.
DELETE FROM spare_codes WHERE account = $1 AND digest = $2 RETURNING account

-- name: spare_codes
-- How many are left.
SELECT count(*) FROM spare_codes WHERE account = $1

-- name: begin_second_step
-- The password was right, and the second step is asked for.
INSERT INTO second_steps (digest, account, ends_at) VALUES ($1, $2, $3)

-- name: account_at_second_step
-- Whose password was right on this phone a moment ago.
SELECT accounts.id, name, password, language, totp IS NOT NULL AS second
FROM second_steps JOIN accounts ON accounts.id = account
WHERE digest = $1 AND ends_at > $2

-- name: end_second_step
-- It was taken.
DELETE FROM second_steps WHERE digest = $1

-- name: sweep_steps
-- Remove what was begun and not ended, and phones that were not seen for long.
WITH begun AS (DELETE FROM second_steps WHERE ends_at <= $1 RETURNING 1),
    phones AS (DELETE FROM known_phones WHERE seen_at <= $2 RETURNING 1)
SELECT (SELECT count(*) FROM begun) + (SELECT count(*) FROM phones)

-- name: know_phone
-- An account has signed in on this phone.
INSERT INTO known_phones (digest, account, seen_at) VALUES ($1, $2, $3)
ON CONFLICT (digest) DO UPDATE SET account = excluded.account, seen_at = excluded.seen_at

-- name: is_known_phone
-- Whether an account has signed in on this phone before.
SELECT EXISTS (SELECT 1 FROM known_phones WHERE digest = $1 AND account = $2)

-- name: forget_phones
-- After a recovery no phone is known: the one that knows may be the one that was taken.
DELETE FROM known_phones WHERE account = $1

-- name: wrapped_secrets
-- Those that an older key of the node has wrapped.
SELECT id, totp, totp_wanted FROM accounts
WHERE split_part(totp, '.', 1) <> $1 OR split_part(totp_wanted, '.', 1) <> $1
ORDER BY id LIMIT $2 FOR UPDATE

-- name: rewrap_secrets
-- The same, wrapped by the newest.
UPDATE accounts SET totp = $2, totp_wanted = $3 WHERE id = $1
