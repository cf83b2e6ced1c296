"""Keys and what they prove: signatures, sealing, the vault, the audit's chain, which login may send what."""
