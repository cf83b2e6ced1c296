-- What of a pool each agency has taken, as booking states it, and the agreements that keep places: what is kept for others
-- is not shown as free. Levels stated before have none until booking states them again.
ALTER TABLE pools ADD COLUMN shares jsonb NOT NULL DEFAULT '{}';
CREATE INDEX agreements_keeping_places ON agreements (community) WHERE terms -> 'allotments' -> 0 IS NOT NULL;
