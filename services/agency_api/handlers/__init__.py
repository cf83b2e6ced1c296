"""The use cases of the agency API's own tables: one function each, one transaction each."""
