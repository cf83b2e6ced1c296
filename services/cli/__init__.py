"""The command line of a node: verbs, what they show, what they read."""
