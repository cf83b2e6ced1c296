"""What answers look like for people."""
