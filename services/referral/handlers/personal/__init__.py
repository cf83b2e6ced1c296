"""Use cases of the personal part."""
