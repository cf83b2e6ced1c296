"""What the community service is asked, and what it announces inside the node."""
