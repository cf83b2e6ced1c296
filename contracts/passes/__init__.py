"""The pass that a party carries, as it is written and read."""
