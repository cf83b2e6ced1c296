"""Whether places can be taken: one rule for the service that grants them and for whoever shows them. Pure."""
