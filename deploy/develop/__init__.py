"""Verbs for those who work on the system."""
