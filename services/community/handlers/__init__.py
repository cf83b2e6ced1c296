"""The use cases of communities: one function each, one transaction each."""
