"""What operators of the system compare between services, and what they ask for when it differs."""
