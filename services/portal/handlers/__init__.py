"""Use cases on the portal's own tables."""
