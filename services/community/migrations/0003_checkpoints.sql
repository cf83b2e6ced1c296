-- Of all services this one puts the chains of the audit under signatures.
GRANT INSERT ON node.audit_checkpoints TO handoff_community;
