-- name: audit
-- Write the audit of this transaction, each line behind the last of its community's chain.
SELECT node.audit_write($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6)
