"""PostgreSQL: the pool, named queries, migrations, what each failure means, and append-only files."""
