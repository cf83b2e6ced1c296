"""Writes what is published from the contracts, and judges what a change would break."""
