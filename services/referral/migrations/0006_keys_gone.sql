-- Whatever destroys a key here, or puts another in its place, lets the record keys be renewed. Wrapping a key anew
-- writes `wrapped` alone, and destroys nothing.
CREATE TRIGGER gone AFTER DELETE OR UPDATE OF held_from ON personal_keys
    FOR EACH ROW EXECUTE FUNCTION node.key_gone();
CREATE TRIGGER gone AFTER DELETE ON one_time_keys
    FOR EACH ROW EXECUTE FUNCTION node.key_gone();

-- What was destroyed before there were record keys: they begin with a renewal.
INSERT INTO node.keys_gone DEFAULT VALUES;
