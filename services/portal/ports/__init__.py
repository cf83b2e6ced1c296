"""What use cases ask of their transaction, as Protocols, in the parts that the tables have."""
