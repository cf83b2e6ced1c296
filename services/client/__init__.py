"""What every edge shares: the client of a node, sealing at the edge, words for people."""
