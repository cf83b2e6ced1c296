"""A process with its services: entrypoints, operators' verbs, start and end."""
