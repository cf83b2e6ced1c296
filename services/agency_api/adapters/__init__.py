"""The agency API's tables on PostgreSQL."""
