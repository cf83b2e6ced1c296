"""How fast a node is, beside what the machine could do at best in the same run. Prints figures, asserts nothing."""
