"""Referral's use cases, one function each: a command, message or question, one transaction, nothing else."""
