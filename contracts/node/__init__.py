"""What every service answers to operators of the system: what is parked, what waits, the clock."""
