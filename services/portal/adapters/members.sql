-- name: membership_locked
-- Everybody who acts for a community, locked: what one coordinator changes, another does not change at the same time.
SELECT account, role FROM memberships WHERE community = $1 ORDER BY account FOR UPDATE

-- name: change_role
-- Give a member another role.
UPDATE memberships SET role = $3 WHERE account = $1 AND community = $2

-- name: end_membership
-- Somebody acts for a community no longer; their sessions for it end with it.
DELETE FROM memberships WHERE account = $1 AND community = $2

-- name: acts_elsewhere
-- Whether an account acts for another community too.
SELECT acts_elsewhere($1, $2)

-- name: add_invitation
-- Keep an invitation by the digest of its code.
INSERT INTO invitations (id, community, role, digest, made_by, ends_at) VALUES ($1, $2, $3, $4, $5, $6)

-- name: invitations
-- Invitations that somebody may still use.
SELECT id::text AS id, role, ends_at FROM invitations
WHERE community = $1 AND used_at IS NULL AND ends_at > $2 ORDER BY ends_at, id

-- name: withdraw_invitation
-- Nobody may use it any more.
DELETE FROM invitations WHERE id = $1::text::uuid AND community = $2 AND used_at IS NULL

-- name: invitation_of
-- An invitation that may still be used, by its code.
SELECT id::text AS id, community, role FROM invitations WHERE digest = $1 AND used_at IS NULL AND ends_at > $2

-- name: use_invitation
-- Take an invitation, once.
UPDATE invitations SET used_at = $2 WHERE digest = $1 AND used_at IS NULL AND ends_at > $2
RETURNING id::text AS id, community, role

-- name: add_recovery
-- Help for somebody who cannot sign in; with a digest it is confirmed already.
INSERT INTO recoveries (id, account, community, asked_by, confirmed_by, digest, ends_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: recoveries
-- Help that was asked for and not given yet.
SELECT recoveries.id::text AS id, account, name, asked_by, confirmed_by IS NOT NULL AS confirmed, ends_at
FROM recoveries JOIN accounts ON accounts.id = recoveries.account
WHERE community = $1 AND used_at IS NULL AND ends_at > $2 ORDER BY ends_at, recoveries.id

-- name: recovery_locked
-- One of them, for whoever confirms it.
SELECT recoveries.id::text AS id, account, name, asked_by, confirmed_by IS NOT NULL AS confirmed, ends_at
FROM recoveries JOIN accounts ON accounts.id = recoveries.account
WHERE recoveries.id = $1::text::uuid AND community = $2 AND used_at IS NULL AND ends_at > $3 FOR UPDATE OF recoveries

-- name: confirm_recovery
-- A second person confirms it, and it has a code.
UPDATE recoveries SET confirmed_by = $2, digest = $3 WHERE id = $1::text::uuid AND confirmed_by IS NULL

-- name: stop_recoveries
-- Whoever can sign in needs no help: what is open ends.
DELETE FROM recoveries WHERE account = $1 AND used_at IS NULL

-- name: recoveries_of_account
-- Whether somebody else has asked for a new password of this account.
SELECT count(*) FROM recoveries WHERE account = $1 AND used_at IS NULL AND ends_at > $2

-- name: use_recovery
-- Take the code of a recovery, once.
UPDATE recoveries SET used_at = $2 WHERE digest = $1 AND used_at IS NULL AND ends_at > $2
RETURNING account, community, confirmed_by

-- name: sweep_members
-- Remove invitations and recoveries that are over.
WITH invited AS (DELETE FROM invitations WHERE ends_at <= $1 RETURNING 1),
    helped AS (DELETE FROM recoveries WHERE ends_at <= $1 RETURNING 1)
SELECT (SELECT count(*) FROM invited) + (SELECT count(*) FROM helped)
