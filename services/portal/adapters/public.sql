-- name: public_page
-- Whether a community's page is shown.
SELECT shown FROM public_pages WHERE community = $1

-- name: public_texts
-- What it has written.
SELECT about, language, said FROM public_texts WHERE community = $1

-- name: public_photos
-- Its photos without their bytes.
SELECT id::text AS id, about, digest, alt, language, width, height FROM photos WHERE community = $1
ORDER BY added_at, id

-- name: shown_communities
-- Which communities have a page that is shown.
SELECT community FROM public_pages WHERE shown ORDER BY community

-- name: shown_texts
-- The same, with what each says of itself.
SELECT pages.community, language, said FROM public_pages AS pages
LEFT JOIN public_texts AS texts ON texts.community = pages.community AND about = '' WHERE shown ORDER BY pages.community

-- name: show_page
-- Switch a page on or off.
INSERT INTO public_pages (community, shown, changed_at) VALUES ($1, $2, $3)
ON CONFLICT (community) DO UPDATE SET shown = excluded.shown, changed_at = excluded.changed_at

-- name: drop_texts
-- Forget what was said about the community or an experience.
DELETE FROM public_texts WHERE community = $1 AND about = $2

-- name: say_text
-- Keep what is said now.
INSERT INTO public_texts (community, about, language, said) VALUES ($1, $2, $3, $4)

-- name: lock_photos
-- Whoever adds a photo counts alone.
SELECT pg_advisory_xact_lock(hashtextextended('photos ' || $1, 0))

-- name: add_photo
-- Keep a photo; the same one once.
INSERT INTO photos (id, community, about, digest, alt, language, width, height, body, added_at)
VALUES ($1::text::uuid, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (community, about, digest) DO UPDATE SET alt = excluded.alt, language = excluded.language

-- name: remove_photo
-- Delete a photo.
DELETE FROM photos WHERE community = $1 AND id = $2::text::uuid

-- name: own_photo
-- A photo's bytes, for the community whose it is.
SELECT body FROM photos WHERE community = $1 AND digest = $2 LIMIT 1

-- name: shown_photo
-- A photo's bytes, as long as a community shows it.
SELECT body FROM photos JOIN public_pages ON public_pages.community = photos.community AND shown
WHERE digest = $1 LIMIT 1
