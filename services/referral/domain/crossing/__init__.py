"""What the border asks of a party."""
