-- The edge of this machine was called `door`: what it has asked already must be known under its new name, or a command
-- that is repeated with its id would be done twice. Ids are random, so the new name has not used one of these.
UPDATE answers SET caller = 'local_api' WHERE caller = 'door';
