-- name: standing_capacities
-- Touched pools from a day on, and the lines that count then or later, of some communities in their order.
SELECT h.community,
    coalesce((SELECT jsonb_agg(jsonb_build_object('pool', p.pool, 'day', p.day, 'capacity', p.capacity,
            'taken', p.taken, 'version', p.version, 'shares', p.shares) ORDER BY p.day, p.pool)
        FROM pools p WHERE p.community = h.community AND p.day >= $2), '[]') AS levels,
    coalesce((SELECT jsonb_agg(jsonb_build_object('number', e.number, 'day', e.day, 'until', e.until, 'kind', e.kind,
            'experience_id', e.experience_id, 'start', e.start, 'pool', e.pool, 'capacity', e.capacity) ORDER BY e.number)
        FROM exceptions e WHERE e.community = h.community AND e.until >= $2), '[]') AS lines
FROM hosts h WHERE h.community > $1 ORDER BY h.community LIMIT $3
