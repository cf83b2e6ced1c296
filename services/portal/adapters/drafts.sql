-- name: start_draft
-- Keep a new draft, and let go of the oldest of somebody who has very many.
WITH old AS (
    DELETE FROM drafts WHERE id IN (
        SELECT id FROM drafts WHERE account = $2 AND community = $3 AND content IS NOT NULL
        ORDER BY kept_at DESC OFFSET $6 - 1
    )
)
INSERT INTO drafts (id, account, community, content, kept_at) VALUES ($1::text::uuid, $2, $3, $4::text::jsonb, $5)
ON CONFLICT (id) DO NOTHING

-- name: keep_draft
-- What a draft says now, unless it was offered meanwhile.
UPDATE drafts SET content = $4::text::jsonb, kept_at = $5
WHERE id = $1::text::uuid AND account = $2 AND community = $3 AND content IS NOT NULL
RETURNING id

-- name: draft
-- One draft of one's own.
SELECT id::text AS id, content::text AS content, offered_as::text AS offered_as, kept_at
FROM drafts WHERE id = $1::text::uuid AND account = $2 AND community = $3

-- name: drafts
-- Everything that somebody has begun for a community, newest first.
SELECT id::text AS id, content::text AS content, offered_as::text AS offered_as, kept_at
FROM drafts WHERE account = $1 AND community = $2 AND content IS NOT NULL ORDER BY kept_at DESC, id

-- name: draft_offered
-- It became a handoff.
UPDATE drafts SET content = NULL, offered_as = $4::text::uuid, kept_at = $5
WHERE id = $1::text::uuid AND account = $2 AND community = $3

-- name: discard_draft
-- Somebody does not want it any more.
DELETE FROM drafts WHERE id = $1::text::uuid AND account = $2 AND community = $3 AND content IS NOT NULL

-- name: sweep_drafts
-- Remove drafts that nobody has touched since.
WITH old AS (DELETE FROM drafts WHERE kept_at <= $1 RETURNING 1) SELECT count(*) FROM old
