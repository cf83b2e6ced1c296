"""What every service answers to the operators of the system: what is set aside, what waits, what time it is."""
