"""The demonstration network: real places with invented, marked prices and times, and what turns them into commands."""
