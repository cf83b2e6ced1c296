-- The last day of a visit: the day of its last item, of a stay its last night. The domain has the same rule.
CREATE FUNCTION last_day_of(items jsonb) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT max((item ->> 'day')::date + coalesce((item ->> 'nights')::integer, 1) - 1) FROM jsonb_array_elements(items) item
$$;
ALTER TABLE records ADD COLUMN last_day date GENERATED ALWAYS AS (last_day_of(body -> 'items')) STORED;
CREATE INDEX records_visits ON records (community, partner, last_day)
    WHERE state IN ('confirmed', 'departed', 'arrived', 'completed');

-- What each side has confirmed, last, of a month with a partner: our community, and the partner as it told us.
CREATE TABLE statements_confirmed (
    community text NOT NULL,
    partner text NOT NULL,
    month text NOT NULL,
    digest text NOT NULL,
    totals jsonb NOT NULL,
    confirmed_at timestamptz NOT NULL,
    PRIMARY KEY (community, partner, month)
);
CREATE TABLE partner_statements_confirmed (
    community text NOT NULL,
    partner text NOT NULL,
    month text NOT NULL,
    digest text NOT NULL,
    totals jsonb NOT NULL,
    confirmed_at timestamptz NOT NULL,
    PRIMARY KEY (community, partner, month)
);

ALTER TABLE statements_confirmed ENABLE ROW LEVEL SECURITY;
ALTER TABLE partner_statements_confirmed ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON statements_confirmed USING (node.may_see(community));
CREATE POLICY own ON partner_statements_confirmed USING (node.may_see(community));
