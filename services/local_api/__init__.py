"""The local API: HTTP on loopback, a token in a 0600 file, straight to calls. Holds no rules."""
