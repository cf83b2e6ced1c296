"""The record of a handoff: its states, its acts, what it hears, its deadlines."""
