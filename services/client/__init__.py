"""What edges share: the client of a node, sealing, and phrases for people."""
