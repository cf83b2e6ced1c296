"""What a lead traveller decided, and what follows for the personal part."""
