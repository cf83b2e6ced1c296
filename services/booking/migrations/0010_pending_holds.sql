-- What waits for a community's word counts among the open holds of its agency as well.
CREATE INDEX holds_pending_of_agencies ON holds (community, agency) WHERE state = 'PENDING' AND agency IS NOT NULL;
