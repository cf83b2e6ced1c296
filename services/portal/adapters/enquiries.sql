-- name: lock_enquiries
-- Whoever asks a community is counted alone.
SELECT pg_advisory_xact_lock(hashtextextended('enquiries ' || $1, 0))

-- name: add_enquiry_try
-- Note that somebody asks.
INSERT INTO enquiry_tries (about, at) VALUES ($1, $2)

-- name: enquiry_tries
-- When somebody asked, as far as it counts still.
SELECT at FROM enquiry_tries WHERE about = $1 AND at > $2 ORDER BY at

-- name: add_enquiry
-- Keep what was asked; sent twice, it is kept once.
INSERT INTO enquiries (id, community, about, language, wrapped, asked_at)
VALUES ($1::text::uuid, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO NOTHING

-- name: enquiries
-- What waits for an answer, the oldest first.
SELECT id::text AS id, about, language, asked_at FROM enquiries WHERE community = $1 ORDER BY asked_at, id

-- name: count_enquiries
-- How many wait for an answer.
SELECT count(*) FROM enquiries WHERE community = $1

-- name: enquiry
-- One of them, with what is wrapped.
SELECT id::text AS id, about, language, asked_at, wrapped FROM enquiries
WHERE community = $1 AND id = $2::text::uuid

-- name: erase_enquiry
-- It is answered, and nobody needs to be told of it any more.
WITH settled AS (
    UPDATE tellings SET standing = 'over'
    WHERE community = $1 AND referral_id = $2::text::uuid AND what = 'question' AND standing = 'waits'
)
DELETE FROM enquiries WHERE community = $1 AND id = $2::text::uuid

-- name: sweep_enquiries
-- Erase what is older, and tries that count no longer.
WITH old AS (DELETE FROM enquiries WHERE asked_at <= $1 RETURNING community),
    tries AS (DELETE FROM enquiry_tries WHERE at <= $2)
SELECT community, count(*) AS count FROM old GROUP BY community ORDER BY community

-- name: wrapped_enquiries
-- Those that an older key of the node has wrapped.
SELECT id::text AS id, community, wrapped FROM enquiries WHERE split_part(wrapped, '.', 1) <> $1
ORDER BY id LIMIT $2 FOR UPDATE

-- name: rewrap_enquiry
-- The same, wrapped by the newest.
UPDATE enquiries SET wrapped = $2 WHERE id = $1::text::uuid
