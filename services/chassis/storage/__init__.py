"""PostgreSQL: the pool, named queries, migrations, which failure means what, and files that only grow."""
