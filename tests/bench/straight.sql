CREATE TABLE IF NOT EXISTS bench_pools (pool text, day date, capacity int, taken int,
    PRIMARY KEY (pool, day), CHECK (taken <= capacity));
CREATE TABLE IF NOT EXISTS bench_holds (hold uuid, pool text, day date, n int, PRIMARY KEY (hold, pool, day));
INSERT INTO bench_pools SELECT p, $2, 1000000, 0 FROM unnest($1::text[]) p ON CONFLICT DO NOTHING;
UPDATE bench_pools b SET taken = b.taken + $3 FROM
    (SELECT pool FROM bench_pools WHERE pool = ANY ($1::text[]) AND day = $2 ORDER BY pool FOR UPDATE) l
WHERE b.pool = l.pool AND b.day = $2 AND b.taken + $3 <= b.capacity;
INSERT INTO bench_holds SELECT $1, p, $3, $4 FROM unnest($2::text[]) p
