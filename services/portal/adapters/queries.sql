-- name: machine_now
-- The machine's time, which the node's clock does not move.
SELECT clock_timestamp()

-- name: open_account
-- Add an account unless its name or number is somebody's already.
INSERT INTO accounts (id, name, name_key, phone, password, language, opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT DO NOTHING

-- name: account_named
-- Who signs in with this name or this number.
SELECT id, name, password, language, totp IS NOT NULL AS second FROM accounts WHERE name_key = $1 OR phone = $2
ORDER BY name_key = $1 DESC LIMIT 1

-- name: join
-- Make an account a member, or change what it does.
INSERT INTO memberships (account, community, role, since) VALUES ($1, $2, $3, $4)
ON CONFLICT (account, community) DO UPDATE SET role = excluded.role

-- name: memberships
-- For which communities an account acts.
SELECT account, community, role FROM memberships WHERE account = $1 ORDER BY since, community

-- name: members
-- Who acts for a community.
SELECT accounts.id AS account, name, role, since
FROM memberships JOIN accounts ON accounts.id = memberships.account
WHERE community = $1 ORDER BY name, accounts.id

-- name: account
-- One account.
SELECT id, name, password, language, totp IS NOT NULL AS second FROM accounts WHERE id = $1

-- name: own_account
-- What somebody sees of their own account.
SELECT id, name, phone, password, language, totp IS NOT NULL AS second FROM accounts WHERE id = $1

-- name: rename
-- Another name or number to sign in with; nothing when somebody else signs in with it.
UPDATE accounts SET name = $2, name_key = $3, phone = $4 WHERE id = $1
AND NOT EXISTS (SELECT 1 FROM accounts WHERE id <> $1 AND (name_key = $3 OR phone = $4))
RETURNING id

-- name: change_password
-- Another password.
UPDATE accounts SET password = $2 WHERE id = $1

-- name: lock_tries
-- Until this transaction ends nobody else counts tries of the same name or address.
SELECT pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 0))

-- name: tries
-- Tries that count still.
SELECT at FROM tries WHERE about = $1 AND at > $2 ORDER BY at

-- name: add_try
-- Note a try.
INSERT INTO tries (about, at) VALUES ($1, $2)

-- name: forget_tries
-- Whoever succeeded starts anew.
DELETE FROM tries WHERE about = $1

-- name: forget_try
-- Whoever succeeded was no wrong try from where they are; what others tried there counts on.
DELETE FROM tries WHERE about = $1 AND at = $2

-- name: start_session
-- Keep a session.
INSERT INTO sessions (id, digest, account, community, operator, forms, device, started_at, seen_at, ends_at)
VALUES ($1, $2, $3, $4, CASE WHEN $4::text IS NULL THEN $3 END, $5, $6, $7, $7, $8)

-- name: session_of
-- The live session of a phone with its account's name, language and role as they are now; an operator's has no role, and
-- without a second step it is over when the first password is. Its use is noted once a minute.
WITH noted AS (
    UPDATE sessions SET seen_at = clock_timestamp(),
        ends_at = least(clock_timestamp() + $2::interval, started_at + $3::interval)
    WHERE digest = $1 AND ends_at > clock_timestamp() AND seen_at < clock_timestamp() - interval '1 minute'
)
SELECT sessions.id::text AS id, sessions.account, accounts.name, sessions.community, memberships.role,
    accounts.language, accounts.totp IS NOT NULL AS second, sessions.forms, sessions.ends_at
FROM sessions JOIN accounts ON accounts.id = sessions.account
LEFT JOIN memberships ON memberships.account = sessions.account AND memberships.community = sessions.community
LEFT JOIN operators ON operators.account = sessions.operator
WHERE sessions.digest = $1 AND sessions.ends_at > clock_timestamp()
AND (memberships.account IS NOT NULL OR (operators.account IS NOT NULL
    AND (accounts.totp IS NOT NULL OR clock_timestamp() < operators.since + $4::interval)))

-- name: end_session
-- Sign a phone out.
DELETE FROM sessions WHERE id = $1::text::uuid

-- name: sessions_of
-- Where an account is signed in now.
SELECT id::text AS id, community, device, started_at, seen_at FROM sessions
WHERE account = $1 AND ends_at > $2 ORDER BY seen_at DESC, id

-- name: end_session_of
-- Sign one phone of an account out.
DELETE FROM sessions WHERE id = $1::text::uuid AND account = $2

-- name: end_sessions
-- Sign an account out everywhere, or everywhere but on one phone.
DELETE FROM sessions WHERE account = $1 AND id IS DISTINCT FROM $2::text::uuid

-- name: speak
-- Keep the language that somebody reads.
UPDATE accounts SET language = $2 WHERE id = $1

-- name: sweep
-- Remove sessions that are over, and tries that count no longer.
WITH over AS (DELETE FROM sessions WHERE ends_at <= $1 RETURNING 1),
    old AS (DELETE FROM tries WHERE at <= $2 RETURNING 1)
SELECT (SELECT count(*) FROM over) + (SELECT count(*) FROM old)
