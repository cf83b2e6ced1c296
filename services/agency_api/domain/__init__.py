"""Rules of the agency API: pure, given the time."""
