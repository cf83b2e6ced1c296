-- This service makes the keys of the communities it hosts, and pins those of their partners; the others only use them.
GRANT INSERT, UPDATE ON node.signing_keys TO handoff_community;
GRANT INSERT, UPDATE, DELETE ON node.partner_keys TO handoff_community;
