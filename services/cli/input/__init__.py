"""What people type, and the files they give."""
