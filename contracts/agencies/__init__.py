"""Travel agencies that send guests, and what each has agreed with a community."""
