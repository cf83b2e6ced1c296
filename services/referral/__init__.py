"""The record of a handoff, one on each side; moves by its own acts, border messages and booking facts."""
