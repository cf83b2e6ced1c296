"""The rules of a handoff: pure, synchronous, given the time and new ids."""
