"""HTTP listeners and probes, and calls to services over the bus."""
