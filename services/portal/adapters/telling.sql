-- name: listening
-- The communities of which somebody who may answer has a channel.
SELECT DISTINCT community FROM memberships JOIN channels USING (account)
WHERE confirmed AND role = ANY ($1::text[]) ORDER BY community

-- name: listeners
-- The channels of those who may answer for some communities, and when they want peace.
SELECT channels.id::text AS channel, account, channels.kind, community, starts, ends
FROM memberships JOIN channels USING (account) LEFT JOIN quiet_hours USING (account)
WHERE confirmed AND role = ANY ($2::text[]) AND community = ANY ($1::text[])

-- name: known_tellings
-- What the channels of some communities have been told, or will be.
SELECT DISTINCT channel::text, community, referral_id::text, state, round FROM tellings
WHERE community = ANY ($1::text[]) AND channel IS NOT NULL AND referral_id IS NOT NULL AND until > $2

-- name: add_tellings
-- New lines; what is there stays as it is.
INSERT INTO tellings (id, channel, account, community, kind, what, referral_id, state, round, side, partner, until,
    made_at, due_at)
SELECT id::uuid, channel::uuid, account, community, kind, what, referral_id::uuid, state, round, side, partner, until,
    $14, due_at
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::int[],
    $10::text[], $11::text[], $12::timestamptz[], $13::timestamptz[]) AS new (id, channel, account, community, kind,
    what, referral_id, state, round, side, partner, until, due_at)
WHERE EXISTS (SELECT FROM channels WHERE channels.id = new.channel::uuid)
ON CONFLICT DO NOTHING

-- name: told_of_questions
-- The channels of a community that were told lately of a question that still waits, or will be.
SELECT DISTINCT channel::text FROM tellings JOIN enquiries ON enquiries.id = tellings.referral_id
WHERE tellings.community = $1 AND what = 'question' AND made_at > $2 AND standing IN ('waits', 'sent')
    AND channel IS NOT NULL

-- name: end_settled
-- Lines of some communities about handoffs that no longer wait. One that was made after the question is left for the next.
UPDATE tellings SET standing = 'over'
WHERE standing = 'waits' AND what <> 'question' AND community = ANY ($1::text[]) AND made_at < $2 AND NOT EXISTS (
    SELECT FROM unnest($3::text[], $4::text[], $5::text[], $6::int[]) AS found (community, referral_id, state, round)
    WHERE found.community = tellings.community AND found.referral_id::uuid = tellings.referral_id
        AND found.state = tellings.state AND found.round = tellings.round)

-- name: note_looked
-- What waits was asked for at this moment.
INSERT INTO looked (at) VALUES ($1) ON CONFLICT (singleton) DO UPDATE SET at = greatest(looked.at, $1)

-- name: end_expired
-- What nobody needs any more.
UPDATE tellings SET standing = 'expired' WHERE standing = 'waits' AND until <= $1

-- name: claim
-- Take what is due: of each receiver only so many at once, past those of whom so many are being sent here already. What
-- another process has claimed is left to it until its claim ends.
WITH due AS (
    SELECT tellings.id, row_number() OVER (PARTITION BY receiver ORDER BY due_at, tellings.id) AS place
    FROM tellings JOIN channels ON channels.id = tellings.channel
    WHERE standing = 'waits' AND due_at <= $1 AND (claimed_until IS NULL OR claimed_until <= $1)
        AND NOT receiver = ANY ($4::text[])
        AND EXISTS (SELECT FROM memberships WHERE memberships.account = tellings.account
            AND memberships.community = tellings.community AND role = ANY ($6::text[]))
        AND EXISTS (SELECT FROM looked WHERE at > $1 - $7::interval)
), locked AS (
    SELECT tellings.id FROM tellings JOIN due USING (id)
    WHERE place <= $5 AND standing = 'waits' AND (claimed_until IS NULL OR claimed_until <= $1)
    ORDER BY due_at, tellings.id LIMIT $3 FOR UPDATE OF tellings SKIP LOCKED
)
UPDATE tellings SET claimed_until = $2, tries = tries + 1, tried_at = $1
FROM locked, channels, accounts LEFT JOIN quiet_hours ON quiet_hours.account = accounts.id
WHERE tellings.id = locked.id AND channels.id = tellings.channel AND accounts.id = tellings.account
RETURNING tellings.id::text AS id, tellings.channel::text AS channel, tellings.account, community, tellings.kind, what,
    referral_id::text AS referral_id, state, round, side, partner, until, due_at, tries,
    address, receiver, label, public, shared, secret, language, starts, ends

-- name: mark
-- What came of a try, if the claim is still ours.
UPDATE tellings SET standing = $3, due_at = $4, problem = $5, claimed_until = NULL
WHERE id = $1::text::uuid AND tries = $2 AND standing = 'waits'

-- name: drop_channel
-- The receiver says that it is no more.
DELETE FROM channels WHERE id = $1::text::uuid

-- name: trials_alone
-- One trial of an account after another: they are counted.
SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE

-- name: trials
-- How often an account has sent something to itself since then.
SELECT count(*) FROM tellings WHERE account = $1 AND made_at > $2 AND referral_id IS NULL

-- name: begin_trial
-- Somebody tries a channel, or is sent a code. Until it is known what came of it, nothing did.
INSERT INTO tellings (id, channel, account, community, kind, what, until, made_at, due_at, tries, standing, problem,
    tried_at)
VALUES ($1::text::uuid, $2::text::uuid, $3, $4, $5, $6, $7, $7, $7, 1, 'refused', 'timeout', $7)

-- name: end_trial
-- What came of it.
UPDATE tellings SET standing = $2, problem = $3 WHERE id = $1::text::uuid

-- name: last_tellings
-- What an account was told, or was tried to, newest first.
SELECT kind, what, community, referral_id::text AS referral_id, partner, standing, problem, tries, tried_at AS at, due_at
FROM tellings WHERE account = $1 AND tries > 0 ORDER BY tried_at DESC, id DESC LIMIT $2

-- name: forget_tellings
-- Lines of long ago.
DELETE FROM tellings WHERE made_at < $1 AND standing <> 'waits'
