"""The rules of a handoff: pure, synchronous, told the time and given new ids."""
