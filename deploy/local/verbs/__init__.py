"""Verbs for the node on this machine."""
