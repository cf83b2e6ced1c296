"""What the visits of a month come to between two partners."""
