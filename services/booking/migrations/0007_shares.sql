-- What of a pool each agency has taken, changed in the statement that changes `taken`: places that an agreement keeps for
-- an agency are kept until it has taken them.
ALTER TABLE pools ADD COLUMN shares jsonb NOT NULL DEFAULT '{}';
CREATE INDEX agreements_keeping_places ON agreements (community)
    WHERE state = 'agreed' AND terms -> 'allotments' -> 0 IS NOT NULL;

-- The shares once an agency has so many more, or less than before; of nobody's they stay as they are.
CREATE FUNCTION with_share(shares jsonb, agency text, more integer) RETURNS jsonb LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN agency IS NULL OR more = 0 THEN shares
    WHEN coalesce((shares ->> agency)::integer, 0) + more = 0 THEN shares - agency
    ELSE jsonb_set(shares, ARRAY[agency], to_jsonb(coalesce((shares ->> agency)::integer, 0) + more))
END;

-- The shares once several agencies have less, each so many.
CREATE FUNCTION without_shares(shares jsonb, less jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE
RETURN (
    SELECT coalesce(jsonb_object_agg(key, places), '{}')
    FROM (SELECT key, value::integer - coalesce((less ->> key)::integer, 0) AS places FROM jsonb_each_text(shares)) AS left_over
    WHERE places <> 0
);

-- What of places kept by agency is not in the shares yet.
CREATE FUNCTION untaken(kept jsonb, shares jsonb) RETURNS integer LANGUAGE sql IMMUTABLE
RETURN (
    SELECT coalesce(sum(greatest(0, value::integer - coalesce((shares ->> key)::integer, 0))), 0)::integer
    FROM jsonb_each_text(kept)
);

-- What is taken already; its level is another by that.
UPDATE pools p SET shares = s.shares, version = p.version + 1
FROM (
    SELECT community, pool, day, jsonb_object_agg(agency, places) AS shares
    FROM (
        SELECT t.community, t.pool, t.day, h.agency, sum(t.places) AS places FROM takings t JOIN holds h USING (hold_id)
        WHERE h.agency IS NOT NULL AND t.places > 0 GROUP BY t.community, t.pool, t.day, h.agency
    ) AS each_agency
    GROUP BY community, pool, day
) AS s
WHERE p.community = s.community AND p.pool = s.pool AND p.day = s.day;
