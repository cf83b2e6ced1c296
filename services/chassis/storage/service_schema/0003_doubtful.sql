-- What is set aside and comes from nobody knows whom is bounded: one row for each message however often it comes
-- (`mark`, `copies`), and not more than so many that name the same two communities (`claimed`).
ALTER TABLE parked
    ADD COLUMN copies integer NOT NULL DEFAULT 1,
    ADD COLUMN mark bytea,
    ADD COLUMN claimed text;
CREATE UNIQUE INDEX parked_once ON parked (mark) WHERE settled_at IS NULL;
CREATE INDEX parked_claimed ON parked (claimed) WHERE settled_at IS NULL AND claimed IS NOT NULL;
