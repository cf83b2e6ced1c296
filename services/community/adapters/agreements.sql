-- name: agency
-- An agency of this node.
SELECT * FROM agencies WHERE id = $1

-- name: agencies
-- All agencies of this node, by name.
SELECT * FROM agencies ORDER BY name, id

-- name: save_agency
-- A new agency, or another name of one.
INSERT INTO agencies (id, name, since) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET name = excluded.name

-- name: agreement
-- What is between an agency and a community; whoever changes it holds the lock on the community's row.
SELECT * FROM agreements WHERE agency = $1 AND community = $2

-- name: agreements
-- Of this community, of this agency, or of both; with the names of the agencies.
SELECT g.*, a.name AS agency_name FROM agreements g JOIN agencies a ON a.id = g.agency
WHERE ($1::text IS NULL OR g.community = $1) AND ($2::text IS NULL OR g.agency = $2)
ORDER BY a.name, g.agency, g.community

-- name: agreements_after
-- The next page of all agreements.
SELECT * FROM agreements WHERE (agency, community) > ($1, $2) ORDER BY agency, community LIMIT $3

-- name: save_agreement
-- Write an agreement, new or changed.
INSERT INTO agreements (agency, community, phase, terms, proposed_by, in_force, since)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (agency, community) DO UPDATE
SET phase = excluded.phase, terms = excluded.terms, proposed_by = excluded.proposed_by,
    in_force = excluded.in_force, since = excluded.since
