"""Rules of accounts: who may sign in, how often they may try. Pure, given the time."""
