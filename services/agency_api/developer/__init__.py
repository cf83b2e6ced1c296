"""What the developer of an agency's software reads: one page in three languages, and its commands."""
