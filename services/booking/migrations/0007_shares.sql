-- What of a pool each agency has taken, changed in the statement that changes `taken`: places that an agreement keeps for
-- an agency are kept until it has taken them.
ALTER TABLE pools ADD COLUMN shares jsonb NOT NULL DEFAULT '{}';
CREATE INDEX agreements_keeping_places ON agreements (community)
    WHERE state = 'agreed' AND terms -> 'allotments' -> 0 IS NOT NULL;

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
