-- Bookings and standings are deleted in time: these find what is over without reading what is not. The first one also
-- counts what an agency tries out at a time.
CREATE INDEX bookings_of_trials ON bookings (agency, asked_at) WHERE test;
CREATE INDEX bookings_by_age ON bookings USING brin (asked_at);
CREATE INDEX standings_never_confirmed ON standings (placed_at) WHERE confirmed_at IS NULL;
CREATE INDEX standings_by_age ON standings USING brin (placed_at);
