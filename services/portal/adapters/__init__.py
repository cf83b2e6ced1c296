"""The portal's tables."""
