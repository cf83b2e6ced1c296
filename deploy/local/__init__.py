"""The embedded node: its data folder and its own PostgreSQL."""
