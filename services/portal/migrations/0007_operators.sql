-- Accounts of operators of the system: they act for no community, and their sessions open no page of one.

CREATE TABLE operators (
    account text COLLATE "C" PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    since timestamptz NOT NULL
);
ALTER TABLE operators ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON operators USING (node.may_see('*'));

-- A session is a member's, for one community, or an operator's, for none; it ends with what it is by.
ALTER TABLE sessions
    ALTER COLUMN community DROP NOT NULL,
    ADD COLUMN operator text COLLATE "C" REFERENCES operators (account) ON DELETE CASCADE,
    ADD CONSTRAINT sessions_are_of_one_kind CHECK ((community IS NULL) = (operator IS NOT NULL)),
    ADD CONSTRAINT sessions_of_the_operator CHECK (operator = account);
