-- Crossings, their rules and margins as dated rows: every version that was ever kept; the last check is the one that holds.
CREATE TABLE crossing_rows (
    kind text NOT NULL CHECK (kind IN ('crossings', 'rules', 'margins')),
    id text NOT NULL,
    checked_on date NOT NULL,
    body jsonb NOT NULL,
    kept_at timestamptz NOT NULL,
    PRIMARY KEY (kind, id, checked_on)
);

-- Which arrival and how many rows a record's reminders were planned from.
CREATE TABLE reminder_plans (
    referral_id uuid NOT NULL,
    community text NOT NULL,
    arrival date NOT NULL,
    rows integer NOT NULL,
    PRIMARY KEY (referral_id, community)
);

-- What one side of a handoff is to be reminded of, on its day; nothing in it is personal.
CREATE TABLE reminders (
    referral_id uuid NOT NULL,
    community text NOT NULL,
    code text NOT NULL,
    what text NOT NULL,
    arrival date NOT NULL,
    due date NOT NULL,
    said_at timestamptz,
    PRIMARY KEY (referral_id, community, code, what, arrival)
);
CREATE INDEX reminders_due ON reminders (due) WHERE said_at IS NULL;
CREATE INDEX reminders_of ON reminders (community, due);
CREATE INDEX reminder_plans_by_arrival ON reminder_plans (arrival);
CREATE INDEX records_travelling ON records (referral_id, community) WHERE state IN ('confirmed', 'departed');

ALTER TABLE reminder_plans ENABLE ROW LEVEL SECURITY;
ALTER TABLE reminders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON reminder_plans USING (node.may_see(community));
CREATE POLICY own ON reminders USING (node.may_see(community));
