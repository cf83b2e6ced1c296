-- name: audit
-- Write the audit of this transaction, each line behind the last of its community's chain.
SELECT node.audit_write($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6)

-- name: audit_list
-- A community's audit from a line on, as far as it is about one thing.
SELECT community, n, at, who, what, about, result, trace, previous, digest FROM node.audit
WHERE community = $1 AND ($2::text IS NULL OR about = $2) AND n > $3 ORDER BY n LIMIT $4

-- name: audit_chains
-- Every chain with its last line and its last checkpoint, in one snapshot; goes from name to name along the indexes.
WITH RECURSIVE chains AS (
    SELECT least((SELECT min(community) FROM node.audit), (SELECT min(community) FROM node.audit_checkpoints)) AS community
    UNION ALL
    SELECT least((SELECT min(a.community) FROM node.audit a WHERE a.community > c.community),
        (SELECT min(k.community) FROM node.audit_checkpoints k WHERE k.community > c.community))
    FROM chains c WHERE c.community IS NOT NULL
)
SELECT c.community, coalesce((SELECT max(n) FROM node.audit a WHERE a.community = c.community), 0) AS last_line,
    coalesce((SELECT max(n) FROM node.audit_checkpoints k WHERE k.community = c.community), 0) AS last_checkpoint
FROM chains c WHERE c.community IS NOT NULL

-- name: audit_page
-- The next lines of one chain behind a number, up to another.
SELECT community, n, at, who, what, about, result, trace, previous, digest
FROM node.audit WHERE community = $1 AND n > $2 AND n <= $3 ORDER BY n LIMIT $4

-- name: audit_standing
-- The digests that stand on these lines, as far as the lines are there.
SELECT a.community, a.n, a.digest FROM unnest($1::text[], $2::bigint[]) AS g (community, n) JOIN node.audit a USING (community, n)

-- name: audit_checkpoints
-- The checkpoints of one chain behind a number, up to another.
SELECT community, n, digest, at, keyid, signature FROM node.audit_checkpoints WHERE community = $1 AND n > $2 AND n <= $3 ORDER BY n

-- name: audit_checkpoints_there
-- Which of these checkpoints are in the database.
SELECT k.community, k.n FROM unnest($1::text[], $2::bigint[]) AS g (community, n)
JOIN node.audit_checkpoints k USING (community, n)

-- name: audit_checkpoint_list
-- Checkpoints in the order of their communities and lines, behind a line.
SELECT community, n, digest, at, keyid, signature FROM node.audit_checkpoints
WHERE ($1::text IS NULL OR community = $1) AND n > $2 ORDER BY community, n LIMIT $3

-- name: audit_checkpoint
-- Put a chain under a signature; another process may have been faster.
INSERT INTO node.audit_checkpoints (community, n, digest, at, keyid, signature) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING RETURNING n

-- name: audit_keys
-- Every key that has ever signed for communities, wrapped; what is public is derived from what only the node unwraps.
SELECT community, keyid, wrapped FROM node.signing_keys WHERE community = ANY ($1::text[])
