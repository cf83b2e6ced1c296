"""The record of a handoff: its states, its acts, its transitions by messages, its deadlines."""
