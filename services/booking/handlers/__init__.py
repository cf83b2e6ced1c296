"""Booking's use cases, one function each: a message, command or question, one transaction, nothing else."""
