"""The rules of communities: what may be offered, and how two of them become partners. No IO, no clock, no ids."""
