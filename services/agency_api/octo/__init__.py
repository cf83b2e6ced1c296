"""OCTO's operations and objects: what an agency's system speaks, and nothing of our own."""
