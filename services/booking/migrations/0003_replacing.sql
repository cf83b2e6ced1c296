-- A booking that is to be changed and the hold that is to take its place. Where both want the same places they are taken
-- once, by the booking; `credit` says how many of them the hold takes over when the booking ends.
ALTER TABLE holds ADD COLUMN replaces uuid;
CREATE INDEX holds_replacing ON holds (replaces) WHERE replaces IS NOT NULL;
ALTER TABLE takings
    ADD COLUMN credit integer NOT NULL DEFAULT 0 CHECK (credit >= 0),
    DROP CONSTRAINT takings_places_check,
    ADD CONSTRAINT takings_want_something CHECK (places >= 0 AND places + credit > 0);
