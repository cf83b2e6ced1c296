-- Which handoff changes another one.
CREATE INDEX records_replacing ON records (community, (body ->> 'replaces')) WHERE body ->> 'replaces' IS NOT NULL;
