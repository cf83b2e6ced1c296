-- How many holds of an agency run at a community, counted whenever it places another.
CREATE INDEX holds_open_of_agencies ON holds (community, agency) WHERE state = 'ON_HOLD' AND agency IS NOT NULL;
