"""What operations share: who asks and how much, what goes wrong or is repeated, asking booking, telling agencies."""
