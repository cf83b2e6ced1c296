"""What the agency API is asked by operators of the system."""
