"""What the lead traveller allows to be known, and everything that may be asked about it."""
