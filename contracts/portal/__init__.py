"""What the booking service is asked, and what it announces inside the node."""
