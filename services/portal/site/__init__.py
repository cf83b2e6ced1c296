"""What every page stands on: sessions, forms, rendering, security."""
