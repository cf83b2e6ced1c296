"""Communities, their experiences and their partnerships; owns the standing offer."""
