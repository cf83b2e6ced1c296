"""A pass that is shown."""
