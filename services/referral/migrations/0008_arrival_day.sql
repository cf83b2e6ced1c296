-- On which day a party arrives, as `Record.arrives` says it, so that a day's list is found. A counter-offer moves it by
-- as many days as it moves the first item.
ALTER TABLE records ADD COLUMN arrival_day date;
UPDATE records SET arrival_day = (body -> 'arrival' ->> 'day')::date + CASE
    WHEN state = 'countered' AND jsonb_typeof(body -> 'countered_items') = 'array' THEN
        (SELECT min((item ->> 'day')::date) FROM jsonb_array_elements(body -> 'countered_items') AS item)
        - (SELECT min((item ->> 'day')::date) FROM jsonb_array_elements(body -> 'items') AS item)
    ELSE 0
END;
CREATE INDEX records_arriving ON records (community, arrival_day);
