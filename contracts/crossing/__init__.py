"""Border crossings, their rules, and the plan of a crossing."""
