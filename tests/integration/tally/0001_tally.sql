-- What was counted, in order; a key counted twice stands here twice.
CREATE TABLE counted (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL,
    trace text
);

-- Two rows to be locked in any order.
CREATE TABLE rows (
    id integer PRIMARY KEY,
    n integer NOT NULL
);
INSERT INTO rows VALUES (1, 0), (2, 0);
