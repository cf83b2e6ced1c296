-- How often what is shown of a community has changed: what was read before, and is kept in memory, counts as long as this
-- number is the same. It changes in the transaction of the change, whoever makes it.
CREATE TABLE states (
    community text COLLATE "C" PRIMARY KEY,
    number bigint NOT NULL
) WITH (fillfactor = 50);

CREATE FUNCTION count_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO states AS s (community, number) SELECT DISTINCT community, 1 FROM changed ORDER BY community
    ON CONFLICT (community) DO UPDATE SET number = s.number + 1;
    RETURN NULL;
END $$;

DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['agreements', 'hosts', 'pools', 'rules'] LOOP
        EXECUTE format('CREATE TRIGGER count_added AFTER INSERT ON %I REFERENCING NEW TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION count_change()', kept);
        EXECUTE format('CREATE TRIGGER count_changed AFTER UPDATE ON %I REFERENCING NEW TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION count_change()', kept);
        EXECUTE format('CREATE TRIGGER count_gone AFTER DELETE ON %I REFERENCING OLD TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION count_change()', kept);
    END LOOP;
END $$;
