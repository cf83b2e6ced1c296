"""What is asked and said about the contact of an agency's booking."""
