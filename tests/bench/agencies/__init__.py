"""How fast agencies' software is served: in a closed loop and at a fixed rate, on either bus, in any network."""
